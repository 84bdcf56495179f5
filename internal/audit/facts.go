package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// proposed returns what a landing's proposal changed since it forked from
// main, the paths that approvals cover, with what of each landed. What the
// landing changed besides is in it too, since nobody could have approved it,
// and is listed as foreign.
func (t *trail) proposed(ctx context.Context, l *history.Landing) (changes []git.FileChange, foreign []string, err error) {
	if len(l.Parents) != 2 {
		return l.Changes, nil, nil
	}
	own, err := t.sinceFork(ctx, l)
	if err != nil {
		return nil, nil, err
	}
	landed := map[string]git.FileChange{}
	for _, c := range l.Changes {
		landed[c.Path] = c
	}
	both := false // main and the proposal changed the same file
	out := map[string]git.FileChange{}
	for _, c := range own {
		now, ok := landed[c.Path]
		switch {
		case ok && now.OldBlob != c.OldBlob:
			both = true
		case ok && now.NewBlob != c.NewBlob:
			foreign = append(foreign, c.Path)
		}
		if ok {
			c.NewMode, c.NewBlob = now.NewMode, now.NewBlob
		}
		out[c.Path] = c
	}
	for p, c := range landed {
		if _, known := out[p]; !known {
			out[p], foreign = c, append(foreign, p)
		}
	}
	if both && len(foreign) == 0 {
		foreign, err = t.byHand(ctx, l)
	}
	slices.Sort(foreign)
	return slices.SortedFunc(maps.Values(out), byPath), foreign, err
}

// byHand lists what of a landing is not the merge that git makes of main and
// its proposal.
func (t *trail) byHand(ctx context.Context, l *history.Landing) ([]string, error) {
	tree, err := t.Repo.MergeTree(ctx, l.Base, l.Head)
	var conflict *git.ConflictError
	switch {
	case errors.As(err, &conflict):
		return conflict.Paths, nil
	case err != nil:
		return nil, fmt.Errorf("merging %s again: %w", l.Head, err)
	case tree == l.Tree:
		return nil, nil
	}
	var out []string
	for _, c := range l.Changes {
		out = append(out, c.Path)
	}
	return out, nil
}

func byPath(a, b git.FileChange) int { return cmp.Compare(a.Path, b.Path) }

// sinceFork is the difference between where a proposal left main and its head.
// Where its commits follow one another it is put together from theirs.
func (t *trail) sinceFork(ctx context.Context, l *history.Landing) ([]git.FileChange, error) {
	if changes, ok := compose(l); ok {
		return changes, nil
	}
	fork, err := t.Repo.Fork(ctx, l.Base, l.Head)
	if err != nil {
		return nil, fmt.Errorf("relating %s to main: %w", l.Head, err)
	}
	return t.Repo.Diff(ctx, fork, l.Head)
}

// compose joins the changes of a straight line of commits into one difference.
func compose(l *history.Landing) ([]git.FileChange, bool) {
	if len(l.Brought) == 0 || l.Brought[len(l.Brought)-1].OID != l.Head {
		return nil, false
	}
	sum := map[string]git.FileChange{}
	for i, c := range l.Brought {
		if len(c.Parents) != 1 || i > 0 && c.Parents[0] != l.Brought[i-1].OID {
			return nil, false
		}
		for _, x := range c.Changes {
			if first, ok := sum[x.Path]; ok {
				x.OldMode, x.OldBlob = first.OldMode, first.OldBlob
			}
			sum[x.Path] = x
		}
	}
	out := slices.SortedFunc(maps.Values(sum), byPath)
	return slices.DeleteFunc(out, func(c git.FileChange) bool { return c.OldBlob == c.NewBlob && c.OldMode == c.NewMode }), true
}
