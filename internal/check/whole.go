package check

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/memo"
	"github.com/gitsm/gitsm/internal/period"
)

// Whole is a check of all of a work tree that can be said once more without
// being made: while the files that it read lie as they did, while the moment is
// in the period in which policy and the calendar say the same, and while Key is
// what it was, which stands for everything else. Where any of it is not certain
// there is no Whole.
type Whole struct {
	Report *Report
	Notes  []string // what was said beside the report
	Period period.Span

	files look
	paths []string
}

// wholeFormat begins what is kept. Change it with what it means.
const wholeFormat = "gitsm check whole 2\n"

// wholeHead is what a Whole is besides its files.
type wholeHead struct {
	Period           period.Span
	Notes            []string
	Summary          Summary
	Findings, Waived []keptFinding
}

// keptFinding is a finding with what its JSON leaves out.
type keptFinding struct {
	finding.Finding
	// Frame is nil where it is that of the finding before: there may be thousands
	// on one line of a quarter of a megabyte.
	Frame *string `json:",omitempty"`
	Mend  finding.Mend
}

func keep(found []finding.Finding) []keptFinding {
	if found == nil {
		return nil
	}
	out, frame := make([]keptFinding, len(found)), ""
	for i, f := range found {
		k := keptFinding{Finding: f, Mend: f.Mend}
		k.Finding.Frame = ""
		if f.Frame != frame {
			frame = f.Frame
			k.Frame = &found[i].Frame
		}
		out[i] = k
	}
	return out
}

func kept(list []keptFinding) []finding.Finding {
	if list == nil {
		return nil
	}
	out, frame := make([]finding.Finding, len(list)), ""
	for i, k := range list {
		if k.Frame != nil {
			frame = *k.Frame
		}
		out[i] = k.Finding
		out[i].Frame, out[i].Mend = frame, k.Mend
	}
	return out
}

// KeepWhole returns what ReadWhole reads of a check that just ended: trace is
// what it read below top, and begun when it began, before it read anything, by
// the clock of the file system. ok is false where it cannot be said once more.
func KeepWhole(key [sha256.Size]byte, rep *Report, notes []string, trace *Trace, top fs.FS, begun time.Time) (data []byte, ok bool) {
	if !rep.Lasting {
		return nil, false
	}
	head := wholeHead{Notes: notes, Summary: rep.Summary, Findings: keep(rep.Findings), Waived: keep(rep.Covered)}
	head.Period.After, head.Period.Before = rep.Period.After.UTC(), rep.Period.Before.UTC()
	paths := trace.paths()
	files := lookAt(top, paths)
	if !files.settled(begun) {
		return nil, false
	}
	for _, p := range rep.Sound {
		if _, there := slices.BinarySearch(paths, p); !there {
			return nil, false // it is in no file that was read
		}
	}
	text, err := json.Marshal(head)
	if err != nil {
		return nil, false
	}
	out := append([]byte(wholeFormat), key[:]...)
	out = append(out, files.digest[:]...)
	out = memo.AppendText(out, string(text))
	out = appendPaths(out, paths, rep.Sound)
	sum := sha256.Sum256(out)
	out = append(out, sum[:]...)
	// JSON has no words for bytes that are no text, such as a record may hold.
	same := ReadWhole(out, key)
	return out, same != nil && reflect.DeepEqual(keep(same.Report.Findings), head.Findings) && reflect.DeepEqual(keep(same.Report.Covered), head.Waived) && reflect.DeepEqual(same.Notes, notes)
}

// appendPaths writes sorted paths, each with whether it is one of some, which are
// sorted as well. Those of one directory follow each other in parts, so that it
// is not written with each.
func appendPaths(out []byte, paths, some []string) []byte {
	out = binary.AppendUvarint(out, uint64(len(paths)))
	for i := 0; i < len(paths); {
		dir, n := path.Dir(paths[i]), i
		for n < len(paths) && path.Dir(paths[n]) == dir {
			n++
		}
		out = memo.AppendText(out, dir)
		out = binary.AppendUvarint(out, uint64(n-i))
		for ; i < n; i++ {
			_, is := slices.BinarySearch(some, paths[i])
			name := "-"
			if is {
				name = "+"
			}
			out = memo.AppendText(out, name+path.Base(paths[i]))
		}
	}
	return out
}

func readPaths(r *memo.Reader) (paths, some []string) {
	n := r.Count()
	paths = make([]string, 0, n)
	for len(paths) < n && r.Err() == nil {
		dir := r.Text()
		if dir == "." {
			dir = ""
		} else {
			dir += "/"
		}
		for range r.Count() {
			name := r.Text()
			if name == "" {
				return nil, nil
			}
			paths = append(paths, dir+name[1:])
			if name[0] == '+' {
				some = append(some, paths[len(paths)-1])
			}
		}
	}
	return paths, some
}

// ReadWhole reads what KeepWhole returned; nil where it was under another key, or
// cannot be read.
func ReadWhole(data []byte, key [sha256.Size]byte) *Whole {
	const least = len(wholeFormat) + 2*sha256.Size
	body := len(data) - sha256.Size
	if body < least || !bytes.HasPrefix(data, append([]byte(wholeFormat), key[:]...)) || sha256.Sum256(data[:body]) != [sha256.Size]byte(data[body:]) {
		return nil
	}
	r := memo.NewReader(data[len(wholeFormat)+sha256.Size : body])
	w := &Whole{files: look{digest: digestFrom(r)}}
	var head wholeHead
	if json.Unmarshal([]byte(r.Text()), &head) != nil {
		return nil
	}
	var sound []string
	w.paths, sound = readPaths(r)
	if r.Err() != nil {
		return nil
	}
	w.Period, w.Notes = head.Period, head.Notes
	w.Report = &Report{Findings: kept(head.Findings), Covered: kept(head.Waived), Sound: sound, Summary: head.Summary}
	return w
}

// Stands reports whether a check at now of what is below top would come to the
// same.
func (w *Whole) Stands(top fs.FS, now time.Time) bool {
	return w.Period.Holds(now) && lookAt(top, w.paths).digest == w.files.digest
}
