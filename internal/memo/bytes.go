package memo

import (
	"encoding/binary"
	"errors"
)

// Reader reads what was kept as bytes for another run, which may be damaged:
// after an error it reads zeros, so that whoever reads asks for the error once,
// at the end. The texts it returns share the memory of what it reads.
type Reader struct {
	rest    string
	numbers []uint32 // to take lists from
	err     error
}

// NewReader returns a Reader of a copy of data.
func NewReader(data []byte) *Reader { return &Reader{rest: string(data)} }

var (
	errShort = errors.New("what was kept ends too early")
	errRange = errors.New("a number that was kept is out of range")
)

// Err is the first thing that went wrong.
func (r *Reader) Err() error { return r.err }

// Fail is for what only its reader sees to be wrong with what was kept.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.rest, r.err = "", err
	}
}

// Number reads what binary.AppendUvarint writes.
func (r *Reader) Number() (v uint64) {
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		b := r.rest[i]
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			r.rest = r.rest[i+1:]
			return v
		}
	}
	r.Fail(errShort)
	return 0
}

// Signed reads what binary.AppendVarint writes.
func (r *Reader) Signed() int64 {
	v := r.Number()
	return int64(v>>1) ^ -int64(v&1)
}

// Count reads how many things follow: never more than there are bytes left.
func (r *Reader) Count() int {
	n := r.Number()
	if n > uint64(len(r.rest)) {
		r.Fail(errShort)
		return 0
	}
	return int(n)
}

// List reads a count and as many numbers, each less than n.
func (r *Reader) List(n int) []uint32 {
	most := r.Count()
	if most > len(r.numbers) {
		r.numbers = make([]uint32, max(most, 1<<14))
	}
	out := r.numbers[:most:most]
	r.numbers = r.numbers[most:]
	for i := range out {
		v := r.Number()
		if v >= uint64(n) {
			r.Fail(errRange)
			return nil
		}
		out[i] = uint32(v)
	}
	return out
}

// Bytes reads so many bytes.
func (r *Reader) Bytes(n int) string {
	if n > len(r.rest) {
		r.Fail(errShort)
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

// Text reads what AppendText writes.
func (r *Reader) Text() string { return r.Bytes(r.Count()) }

// AppendText appends a text that Text reads.
func AppendText(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

// AppendList appends numbers that List reads.
func AppendList(out []byte, list []uint32) []byte {
	out = binary.AppendUvarint(out, uint64(len(list)))
	for _, n := range list {
		out = binary.AppendUvarint(out, uint64(n))
	}
	return out
}
