package proposal

import (
	"context"
	"fmt"
	"slices"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/git"
)

// people finds out who had a hand in the proposal.
func (d *Desk) people(ctx context.Context, w *World, l *Loaded, changes []git.FileChange) error {
	commits, err := d.Repo.Range(ctx, w.Main, l.Head)
	if err != nil {
		return fmt.Errorf("reading the commits of %s: %w", l.Branch, err)
	}
	bound := map[string]bool{}
	for _, c := range changes {
		bound[c.Path] = true
	}
	var work []decision.Work
	for _, c := range commits {
		touches, err := d.touches(ctx, c, bound)
		if err != nil {
			return err
		}
		work = append(work, decision.Work{Commit: c, Bound: touches})
	}
	l.work = work
	return l.Facts.Attribute(work)
}

// touches reports whether a commit wrote any bound path itself. A merge of main
// that git could have made alone did not.
func (d *Desk) touches(ctx context.Context, c *git.Commit, bound map[string]bool) (bool, error) {
	if len(c.Parents) > 1 {
		tree, err := d.Repo.MergeTree(ctx, c.Parents[0], c.Parents[1])
		if err == nil && tree == c.Tree && len(c.Parents) == 2 {
			return false, nil
		}
		return true, nil // edited in the merge, or merged by hand
	}
	parent := ""
	if len(c.Parents) == 1 {
		parent = c.Parents[0]
	}
	changes, err := d.Repo.Diff(ctx, parent, c.OID)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(changes, func(x git.FileChange) bool { return bound[x.Path] }), nil
}
