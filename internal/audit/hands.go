package audit

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// contributors says who had a hand in what a landing brought, as the gate does.
func (t *trail) contributors(ctx context.Context, r *ruling, f *decision.Facts, bound []git.FileChange) error {
	commits := r.landing.Brought
	if len(commits) == 0 {
		commits = []*history.Commit{r.landing.Commit}
	}
	wrote := make([]decision.Wrote, len(commits))
	for i, c := range commits {
		var err error
		if wrote[i], err = t.wrote(ctx, c); err != nil {
			return err
		}
	}
	var work []decision.Work
	for i, covered := range decision.Covered(wrote, bound) {
		if covered {
			r.commits = append(r.commits, commits[i])
		}
		work = append(work, decision.Work{Commit: &commits[i].Commit, Bound: covered})
	}
	if err := f.Attribute(work); err != nil || !onForge(r.landing) {
		return err
	}
	if len(r.landing.Parents) == 1 && r.recorded != nil {
		f.Contributors = slices.DeleteFunc(f.Contributors, byForge)
	}
	said(r, f)
	return nil
}

// byForge reports whether a hand in a commit that a forge made of a proposal, by a
// squash or a rebase, is one that the forge wrote there: whoever merged it commits a
// rebase, and whoever merged main into the proposal, or is named by whoever merges,
// is a co-author of a squash. Who had a part in the proposal itself was recorded.
func byForge(c approval.Contributor) bool { return c.Role == "committer" || c.Role == "co-author" }

// said adds whom the forge said to have had a hand in it, as it was recorded
// when the proposal landed. Whom the commits name and nobody knows is one of
// them: the forge knows accounts where an address says nothing.
func said(r *ruling, f *decision.Facts) {
	f.Contributors = slices.DeleteFunc(f.Contributors, func(c approval.Contributor) bool { return c.Person == "" })
	if r.recorded == nil {
		f.Contributors = append(f.Contributors, approval.Contributor{Who: "somebody of whom nothing was recorded", Role: "opener"})
		return
	}
	f.Opener = ""
	for _, c := range r.recorded.Statement.Predicate.Contributors {
		bot := strings.HasPrefix(c.Account, "github-app:")
		if c.Role == "opener" && c.Person != "" {
			f.Opener = c.Person
			continue
		}
		f.Contributors = append(f.Contributors, approval.Contributor{Person: c.Person, Who: cmp.Or(c.Person, c.Account, evidence.Stranger), Role: c.Role, Commit: c.Commit, Bot: bot && c.Person == ""})
	}
}

// wrote is what a commit wrote itself.
func (t *trail) wrote(ctx context.Context, c *history.Commit) (decision.Wrote, error) {
	if len(c.Parents) < 2 {
		return decision.Wrote{Files: c.Changes}, nil
	}
	w := decision.Wrote{Merge: true, Edited: true} // in the merge, or merged by hand
	if len(c.Parents) == 2 {
		tree, err := t.Repo.MergeTree(ctx, c.Parents[0], c.Parents[1])
		if ctx.Err() != nil {
			return w, ctx.Err()
		}
		w.Edited = err != nil || tree != c.Tree
	}
	return w, nil
}
