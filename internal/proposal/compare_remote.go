package proposal

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/forge"
)

// Difference is a statement that the forge says otherwise about today.
type Difference struct {
	Path string `json:"path"`
	Why  string `json:"why"`
}

// CompareRemote holds what was recorded of a forge's word against what it says
// today: reviews that are not there, or are somebody else's or of another
// state, and pull requests that ended otherwise. A review that was dismissed
// since is said where that is not recorded.
func (d *Desk) CompareRemote(ctx context.Context) (checked int, out []Difference, err error) {
	w, err := d.Sync(ctx)
	if err != nil {
		return 0, nil, err
	}
	f, err := d.forge(ctx)
	if err != nil {
		return 0, nil, err
	}
	fsys, err := d.Repo.FS(ctx, w.Evidence)
	if err != nil {
		return 0, nil, err
	}
	byRecord, err := evidence.ReadAll(fsys)
	if err != nil {
		return 0, nil, err
	}
	var entries []*evidence.Entry
	for _, id := range slices.Sorted(maps.Keys(byRecord)) {
		entries = append(entries, byRecord[id]...)
	}
	said := map[int]*forge.Facts{}
	for _, e := range entries {
		p := e.Statement.Predicate.Forge
		if p == nil || p.Repository != f.Where() {
			continue
		}
		if said[p.Pull] == nil {
			if said[p.Pull], err = f.Facts(ctx, p.Pull, nil); err != nil {
				return checked, out, err
			}
		}
		checked++
		if why := differs(e, said[p.Pull], entries); why != "" {
			out = append(out, Difference{e.Path, why})
		}
	}
	return checked, out, nil
}

// differs says how the forge contradicts a statement, "" where it does not.
func differs(e *evidence.Entry, now *forge.Facts, all []*evidence.Entry) string {
	p := e.Statement.Predicate
	switch {
	case p.Forge.Review != 0:
		i := slices.IndexFunc(now.Reviews, func(r forge.Review) bool { return r.ID == p.Forge.Review })
		if i < 0 {
			return "the forge has no such review"
		}
		r := now.Reviews[i]
		dismissed := func(x *evidence.Entry) bool {
			q := x.Statement.Predicate
			return q.Kind == evidence.Withdrawal && q.Forge != nil && q.Forge.Review == r.ID
		}
		switch {
		case accountName(r.By) != p.Forge.Account && !r.By.Ghost():
			return "the review is by " + accountName(r.By)
		case !r.At.Equal(p.Forge.At):
			return "the review was submitted at " + r.At.Format(time.RFC3339)
		case r.State != p.Forge.State && !(r.State == forge.Dismissed && slices.ContainsFunc(all, dismissed)):
			return "the review is " + r.State
		}
	case p.Kind == evidence.Merge && now.Pull.MergeCommit != p.Merge.Commit:
		return "the pull request did not land as " + p.Merge.Commit
	case p.Kind == evidence.Withdrawal && now.Pull.Merged:
		return "the pull request landed"
	}
	return ""
}
