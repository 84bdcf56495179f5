package check_test

import (
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/period"
)

// lasting are rules whose word holds until a moment.
type lasting struct {
	rules
	until time.Time
}

func (l lasting) Period() (period.Span, bool) {
	return period.Span{Before: l.until}, !l.until.IsZero()
}

var until = time.Date(2026, 11, 24, 22, 0, 0, 0, time.FixedZone("", 3600))

// whole checks a disk and keeps what it said.
func (d *disk) whole(p check.Policy, begun time.Time) (rep *check.Report, data []byte, ok bool) {
	d.t.Helper()
	trace := check.NewTrace(d)
	rep = run(d.t, check.Options{Head: open(d.t, trace), Policy: p, Validator: d.schemas})
	data, ok = check.KeepWhole(sha256.Sum256([]byte("key")), rep, []string{"a note"}, trace, d.FS, begun)
	return rep, data, ok
}

// TestWholeKept: what is kept of a check is all of it, for as long as it holds, and
// nothing of it is taken from what is damaged.
func TestWholeKept(t *testing.T) {
	d := newDisk(t)
	d.write(changeFile, scene[changeFile]+"titel: x\n") // SCH001 has a frame
	rep, data, ok := d.whole(lasting{rules{key: "1", deny: "Upgrade"}, until}, later())
	if !ok {
		t.Fatal("it was not kept")
	}
	key := sha256.Sum256([]byte("key"))
	w := check.ReadWhole(data, key)
	if w == nil {
		t.Fatal("it cannot be read")
	}
	rep.Period, rep.Lasting = period.Span{}, false
	if diff := cmp.Diff(rep, w.Report); diff != "" || len(rep.Findings) == 0 || rep.Findings[0].Frame == "" || len(rep.Sound) == 0 {
		t.Errorf("another report (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a note"}, w.Notes); diff != "" {
		t.Error(diff)
	}
	if before := until.Add(-time.Second); !w.Stands(d.FS, before) || w.Stands(d.FS, until) {
		t.Errorf("it holds %v", w.Period)
	}
	if check.ReadWhole(data, sha256.Sum256([]byte("another"))) != nil {
		t.Error("it was read under another key")
	}
	for i := range data { // a bit that fell over, or an end that is missing
		broken := []byte(string(data))
		broken[i] ^= 4
		if check.ReadWhole(broken, key) != nil || check.ReadWhole(data[:i], key) != nil {
			t.Fatalf("it was read although byte %d is damaged", i)
		}
	}
}

// TestWholeUnsure: where anything is not certain nothing is kept.
func TestWholeUnsure(t *testing.T) {
	sure := lasting{rules{key: "1"}, until}
	for name, c := range map[string]struct {
		policy check.Policy
		begun  time.Time
		keep   bool
	}{
		"sure":                                     {keep: true},
		"files as young as the check":              {begun: time.Now()},
		"a policy that does not know how long":     {policy: lasting{rules{key: "1"}, time.Time{}}},
		"a policy that does not know what time is": {policy: rules{key: "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDisk(t)
			if c.policy == nil {
				c.policy = sure
			}
			if c.begun.IsZero() {
				c.begun = later()
			}
			if _, _, kept := d.whole(c.policy, c.begun); kept != c.keep {
				t.Errorf("it was kept: %v", kept)
			}
		})
	}
}

// TestWholeLink: what a link stands for lies elsewhere, and may change there.
func TestWholeLink(t *testing.T) {
	d := newDisk(t)
	if err := os.Symlink("alice.yaml", filepath.Join(d.dir, "people", "bob.yaml")); err != nil {
		t.Skip(err)
	}
	for name, want := range map[string]bool{"people/alice.yaml": true, "people/bob.yaml": false} {
		trace := check.NewTrace(d)
		if _, err := fs.ReadFile(trace, name); err != nil {
			t.Fatal(err)
		}
		if _, ok := check.KeepWhole(sha256.Sum256(nil), &check.Report{Lasting: true}, nil, trace, d.FS, later()); ok != want {
			t.Errorf("%s: what was read was kept: %v", name, ok)
		}
	}
}

// TestWholeBytes: a finding whose bytes are no text would come out as another.
func TestWholeBytes(t *testing.T) {
	d := newDisk(t)
	rep, _, _ := d.whole(lasting{rules{key: "1"}, until}, later())
	rep.Findings = []finding.Finding{{Code: "YML001", Frame: "a\xff"}}
	if _, ok := check.KeepWhole(sha256.Sum256(nil), rep, nil, check.NewTrace(d), d.FS, later()); ok {
		t.Error("it was kept")
	}
	rep.Findings[0].Frame, rep.Sound = "a", nil
	if _, ok := check.KeepWhole(sha256.Sum256(nil), rep, nil, check.NewTrace(d), d.FS, later()); !ok {
		t.Error("it was not kept without them")
	}
}

// TestWholeOneLine: thousands of findings on one line take no room for the line
// each, and each is shown with it all the same.
func TestWholeOneLine(t *testing.T) {
	d := newDisk(t)
	line := "links: [" + strings.Repeat("{a: b},", 1000) + "]"
	d.write(changeFile, "titel: x\n"+scene[changeFile]+line+"\n")
	rep, data, ok := d.whole(lasting{rules{key: "1"}, until}, later())
	if !ok {
		t.Fatal("it was not kept")
	}
	w := check.ReadWhole(data, sha256.Sum256([]byte("key")))
	if w == nil {
		t.Fatal("it cannot be read")
	}
	if diff := cmp.Diff(rep.Findings, w.Report.Findings); diff != "" {
		t.Errorf("other findings (-want +got):\n%s", diff)
	}
	if n := len(rep.Findings); n < 1000 || rep.Findings[n/2].Frame != line {
		t.Errorf("%d findings, of which one is on %q", n, rep.Findings[n/2].Frame)
	}
	if each := len(data) / len(rep.Findings); each > 2000 {
		t.Errorf("%d bytes are kept of each finding", each)
	}
}
