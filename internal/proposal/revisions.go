package proposal

import (
	"context"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/git"
)

// Revision is how often a file landed on main, and when last, as the commit
// claims.
type Revision struct {
	Count int
	At    time.Time
}

// mostPaths is how many paths git is asked about one by one.
const mostPaths = 500

// Revisions counts how often files of the store landed, up to a commit of main.
// A file that did not is not among them.
func (d *Desk) Revisions(ctx context.Context, main git.OID, files []string) (map[string]Revision, error) {
	out := map[string]Revision{}
	if len(files) == 0 {
		return out, nil
	}
	wanted, paths := map[string]string{}, make([]string, 0, len(files))
	for _, f := range files {
		p := path.Join(d.Dir, f)
		wanted[p] = f
		if len(files) > mostPaths {
			p = path.Dir(p)
		}
		paths = append(paths, p)
	}
	slices.Sort(paths)
	opts := git.LogOptions{From: []git.OID{main}, Paths: slices.Compact(paths), FirstParent: true}
	for e, err := range d.Repo.Log(ctx, opts) {
		if err != nil {
			return nil, fmt.Errorf("counting how often records landed: %w", err)
		}
		for _, c := range e.Changes {
			f, ok := wanted[c.Path]
			if !ok {
				continue
			}
			r := out[f]
			if r.Count++; r.Count == 1 {
				r.At = e.Committer.When
			}
			out[f] = r
		}
	}
	return out, nil
}
