package decision

import (
	"slices"

	"github.com/gitsm/gitsm/internal/git"
)

// Wrote is what one commit of a proposal wrote.
type Wrote struct {
	Files []git.FileChange // of a commit with one parent, or none
	// Merge is a commit with more parents, of which only Edited counts: whether it
	// is another than git would have made alone.
	Merge, Edited bool
}

// Covered says of each of some commits, ancestors first, whether it wrote what
// approvals cover: a file that the proposal changes, or one that was changed and
// is as it was by now, from which a later commit may have taken what it put where
// approvals cover it. Whoever wrote a record has a part in it, whoever moved it.
func Covered(commits []Wrote, changes []git.FileChange) []bool {
	bound := map[string]bool{}
	for _, c := range changes {
		bound[c.Path] = true
	}
	out := make([]bool, len(commits))
	var undone []git.FileChange // written later, and maybe not among what is changed in the end
	for i, c := range slices.Backward(commits) {
		out[i] = c.Edited || !c.Merge && slices.ContainsFunc(c.Files, func(f git.FileChange) bool { return bound[f.Path] })
		if !c.Merge {
			undone = append(undone, c.Files...)
		}
		if !out[i] {
			continue
		}
		for _, f := range undone {
			bound[f.Path] = true
		}
		undone = nil
	}
	return out
}
