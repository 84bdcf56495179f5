package decision

import (
	"slices"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/git"
)

// files are changes of files named in a line of words.
func files(paths string) (out []git.FileChange) {
	for p := range strings.FieldsSeq(paths) {
		out = append(out, git.FileChange{Path: p})
	}
	return out
}

// TestCovered holds that moving a record hides nobody who wrote it, each beside a
// twin in which the same files have nothing to do with one another.
func TestCovered(t *testing.T) {
	merge := func(edited bool) Wrote { return Wrote{Merge: true, Edited: edited} }
	wrote := func(paths string) Wrote { return Wrote{Files: files(paths)} }
	for name, c := range map[string]struct {
		commits []Wrote // record is what the proposal changes in the end
		want    string  // those that wrote it, by number
	}{
		"the record, and another file that stays as it was": {[]Wrote{wrote("record"), wrote("notes"), wrote("notes")}, "0"},
		"moved to where it stays":                           {[]Wrote{wrote("draft"), wrote("draft record")}, "01"},
		"moved twice":                                       {[]Wrote{wrote("first"), wrote("first draft"), wrote("draft record")}, "012"},
		"copied, and the draft removed later":               {[]Wrote{wrote("draft"), wrote("record"), wrote("draft")}, "01"},
		"written and taken back before there was a record":  {[]Wrote{wrote("draft"), wrote("draft"), wrote("record")}, "2"},
		"moved in a merge":                                  {[]Wrote{wrote("draft"), merge(true), wrote("draft")}, "01"},
		"merged as git does":                                {[]Wrote{wrote("draft"), merge(false), wrote("draft"), wrote("record")}, "3"},
		"nothing of it":                                     {[]Wrote{wrote("notes")}, ""},
	} {
		got := ""
		for i, yes := range Covered(c.commits, files("record")) {
			if yes {
				got += string(rune('0' + i))
			}
		}
		if got != c.want {
			t.Errorf("%s: commits %q wrote what is covered, want %q", name, got, c.want)
		}
	}
	if slices.Contains(Covered([]Wrote{wrote("record")}, nil), true) {
		t.Error("a proposal that changes nothing was written by somebody")
	}
}
