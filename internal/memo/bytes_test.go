package memo_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/gitsm/gitsm/internal/memo"
)

// kept is one of everything.
func kept() []byte {
	out := binary.AppendUvarint(nil, math.MaxUint64)
	out = binary.AppendVarint(out, math.MinInt64)
	out = memo.AppendText(out, "ä text")
	out = memo.AppendList(out, []uint32{0, 9, 300})
	return append(memo.AppendText(out, ""), "raw"...)
}

func TestReader(t *testing.T) {
	r := memo.NewReader(kept())
	if n := r.Number(); n != math.MaxUint64 {
		t.Errorf("number %d", n)
	}
	if n := r.Signed(); n != math.MinInt64 {
		t.Errorf("signed %d", n)
	}
	if s := r.Text(); s != "ä text" {
		t.Errorf("text %q", s)
	}
	if l := r.List(301); !slices.Equal(l, []uint32{0, 9, 300}) {
		t.Errorf("list %v", l)
	}
	if s := r.Text() + r.Bytes(3); s != "raw" || r.Err() != nil {
		t.Errorf("%q, %v", s, r.Err())
	}
}

// TestReaderDamaged holds that what was cut short anywhere, or names what there
// is not, is an error and no more.
func TestReaderDamaged(t *testing.T) {
	read := func(data []byte, below int) error {
		r := memo.NewReader(data)
		r.Number()
		r.Signed()
		r.Text()
		r.List(below)
		r.Text()
		r.Bytes(3)
		return r.Err()
	}
	whole := kept()
	for n := range whole {
		if read(whole[:n], 301) == nil {
			t.Errorf("%d of %d bytes are read without an error", n, len(whole))
		}
	}
	if read(whole, 300) == nil {
		t.Error("a number that is out of range is read without an error")
	}
	if err := read(whole, 301); err != nil {
		t.Error(err)
	}
}
