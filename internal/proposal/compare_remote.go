package proposal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/git"
)

// Difference is a statement that the forge says otherwise about today.
type Difference struct {
	Path string `json:"path"`
	Why  string `json:"why"`
}

// CompareRemote holds what was recorded of a forge's word against what it says
// today: reviews that are not there, are somebody else's, of another state or
// commit, or carry a signed statement no more, and pull requests that ended
// otherwise, or are over. A review that was dismissed since is said where that is
// not recorded. First comes what the upstream's evidence lacks of what this clone
// had.
func (d *Desk) CompareRemote(ctx context.Context) (checked int, out []Difference, err error) {
	had, err := d.Look(ctx)
	if err != nil {
		return 0, nil, err
	}
	w, err := d.Sync(ctx)
	if err != nil {
		return 0, nil, err
	}
	if out, err = d.unkept(ctx, w, had.Evidence); err != nil {
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
		if p == nil && e.Sig != nil {
			p = reviewOf(e, entries)
		}
		if p == nil {
			continue
		}
		if said[p.Pull] == nil {
			said[p.Pull], err = f.Facts(ctx, p.Pull, nil)
			if errors.Is(err, forge.ErrNotFound) && p.Repository != f.Where() {
				said[p.Pull], err = &forge.Facts{}, nil
			}
			if err != nil {
				return checked, out, err
			}
		}
		checked++
		if why := differs(e, said[p.Pull], entries); why != "" {
			if p.Repository != f.Where() { // which is what it was called, where it says the same
				why = fmt.Sprintf("it is of %s, and of %s %s", p.Repository, f.Where(), why)
			}
			out = append(out, Difference{e.Path, why})
		}
	}
	return checked, out, nil
}

// unkept lists the statements of some evidence that the upstream's branch has not:
// it was deleted there, or set back, or they were never sent.
func (d *Desk) unkept(ctx context.Context, w *World, had git.OID) ([]Difference, error) {
	if had == "" || w.remote == "" {
		return nil, nil
	}
	refs, err := d.Repo.RemoteRefs(ctx, w.remote, evidenceRef)
	if err != nil {
		return nil, err
	}
	why := fmt.Sprintf("the upstream's %s does not have it: git push %s %[1]s", evidence.Branch, w.remote)
	there := map[string]bool{}
	if len(refs) == 0 {
		why = fmt.Sprintf("the upstream has no branch %s any more: git push %s %[1]s", evidence.Branch, w.remote)
	} else if ok, err := d.Repo.IsAncestor(ctx, had, refs[0].OID); ok || err != nil {
		return nil, err
	} else if there, err = d.statements(ctx, refs[0].OID); err != nil {
		return nil, err
	}
	ours, err := d.statements(ctx, had)
	if err != nil {
		return nil, err
	}
	var out []Difference
	for _, p := range slices.Sorted(maps.Keys(ours)) {
		if !there[p] {
			out = append(out, Difference{p, why})
		}
	}
	return out, nil
}

// statements are the paths of the statements that a commit of the evidence has.
func (d *Desk) statements(ctx context.Context, id git.OID) (map[string]bool, error) {
	fsys, err := d.Repo.FS(ctx, id)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(fsys, "evidence/*/*.json")
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out, err
}

// differs says how the forge contradicts a statement, "" where it does not.
func differs(e *evidence.Entry, now *forge.Facts, all []*evidence.Entry) string {
	p := e.Statement.Predicate
	switch {
	case p.Forge == nil && !slices.ContainsFunc(now.Reviews, func(r forge.Review) bool { return carries(r, e) }):
		return "no review carries it any more, so that one was edited"
	case p.Forge == nil:
		return ""
	case p.Forge.Review != 0:
		return reviewDiffers(e, now, all)
	case p.Kind == evidence.Withdrawal && slices.ContainsFunc(all, func(x *evidence.Entry) bool { return ends(x, p.Forge) && x.Statement.Predicate.Kind == evidence.Merge }):
		return "" // it was opened again, and landed
	}
	pull := &now.Pull
	switch p.Kind {
	case evidence.Merge, evidence.Decision:
		switch {
		case !pull.Merged:
			return "the pull request has not landed"
		case p.Merge != nil && pull.MergeCommit != p.Merge.Commit:
			return "the pull request landed as " + pull.MergeCommit
		case pull.Head.OID != p.Proposal.Head:
			return "the pull request landed commit " + pull.Head.OID
		case !pull.MergedAt.Equal(p.Forge.At):
			return "the pull request landed at " + pull.MergedAt.Format(time.RFC3339)
		case !same(pull.MergedBy, p.Forge.Account):
			return "the pull request was landed by " + accountName(pull.MergedBy)
		}
	case evidence.Withdrawal:
		switch {
		case pull.Merged:
			return "the pull request landed"
		case pull.Open:
			return "the pull request is open again"
		}
	}
	return ""
}

// same reports whether an account is the one that was recorded, as far as the
// forge still has it.
func same(who forge.Account, recorded string) bool {
	return who.Ghost() || accountName(who) == recorded
}

// reviewDiffers says how the forge contradicts what a statement repeats of a
// review: who gave it, when, about which commit, and what it says.
func reviewDiffers(e *evidence.Entry, now *forge.Facts, all []*evidence.Entry) string {
	p := e.Statement.Predicate
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
	case !same(r.By, p.Forge.Account):
		return "the review is by " + accountName(r.By)
	case !r.At.Equal(p.Forge.At) && !(p.Kind == evidence.Withdrawal && p.Forge.At.After(r.At)):
		return "the review was submitted at " + r.At.Format(time.RFC3339)
	case r.State != p.Forge.State && !(r.State == forge.Dismissed && slices.ContainsFunc(all, dismissed)):
		return "the review is " + r.State
	case r.Commit != p.Proposal.Head:
		return "the review is of commit " + r.Commit
	case !now.Pull.Open && !slices.ContainsFunc(all, func(x *evidence.Entry) bool { return ends(x, p.Forge) }):
		return fmt.Sprintf("the pull request is over, and nothing recorded says how: gitsm evidence record --pr %d", p.Forge.Pull)
	}
	return ""
}

// ends reports whether a statement says how the pull request of f ended, whatever
// the repository was called then.
func ends(x *evidence.Entry, f *evidence.ForgeFacts) bool {
	q := x.Statement.Predicate
	return q.Forge != nil && q.Forge.Review == 0 && q.Forge.Pull == f.Pull && (q.Kind == evidence.Merge || q.Kind == evidence.Withdrawal)
}

// reviewOf is the review that a statement of somebody's own came in, nil where it
// came by git.
func reviewOf(e *evidence.Entry, all []*evidence.Entry) *evidence.ForgeFacts {
	p := e.Statement.Predicate
	for _, x := range all {
		q := x.Statement.Predicate
		if q.Forge != nil && q.Forge.Review != 0 && q.Kind == p.Kind && q.Person == p.Person && q.Proposal.Branch == p.Proposal.Branch && q.Proposal.Head == p.Proposal.Head {
			return q.Forge
		}
	}
	return nil
}

// carries reports whether a review carries a statement.
func carries(r forge.Review, e *evidence.Entry) bool {
	s, err := statementIn(r.Body)
	return err == nil && s != nil && bytes.Equal(s.Raw, e.Raw)
}
