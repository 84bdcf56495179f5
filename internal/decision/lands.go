package decision

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/store"
)

// Lands are the files that a proposal changed since it left main, each as main
// has it after the landing, and those that the landing changed besides: what an
// approval covers is what main gets. Where main had come to hold a file before,
// byte for byte, nothing of it lands and approvals cover it all the same, since
// whoever gave them saw it. Own is what the proposal changed, landed what main
// changed by the landing, and main says how it was before.
func Lands(own, landed []git.FileChange, main func() (fs.FS, error)) ([]git.FileChange, error) {
	changed := map[string]bool{}
	for _, c := range landed {
		changed[c.Path] = true
	}
	own = slices.DeleteFunc(slices.Clone(own), func(c git.FileChange) bool { return changed[c.Path] })
	if len(own) == 0 {
		return landed, nil
	}
	fsys, err := main()
	if err != nil {
		return nil, err
	}
	out := slices.Clone(landed)
	for _, c := range own {
		mode, blob, err := store.Version(fsys, c.Path)
		if err != nil {
			return nil, fmt.Errorf("looking for %s on main: %w", c.Path, err)
		}
		out = append(out, git.FileChange{Path: c.Path, OldMode: mode, OldBlob: blob, NewMode: mode, NewBlob: blob})
	}
	slices.SortFunc(out, func(a, b git.FileChange) int { return cmp.Compare(a.Path, b.Path) })
	return out, nil
}
