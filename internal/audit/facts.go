package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// proposed returns what a landing's proposal changed since it forked from main,
// the paths that approvals cover, with what of each landed. What the landing
// changed besides is in it too, since nobody could have approved it, and is listed
// as foreign where that can be told.
func (t *trail) proposed(ctx context.Context, r *ruling) (changes []git.FileChange, foreign []string, err error) {
	l := r.landing
	own := r.files()
	if len(l.Parents) == 2 {
		if own, err = t.sinceFork(ctx, l); err != nil {
			return nil, nil, err
		}
		if foreign, err = t.foreign(ctx, l, own); err != nil {
			return nil, nil, err
		}
	}
	changes, err = decision.Lands(own, l.Changes, func() (fs.FS, error) { return t.Repo.FS(ctx, l.Base) })
	return changes, foreign, err
}

// files are those that the proposal of a squash or a rebase changed besides its
// record, as the gate recorded it: main does not have its commits, and what main
// had already no difference shows.
func (r *ruling) files() []git.FileChange {
	if r.recorded == nil {
		return nil
	}
	var out []git.FileChange
	for _, f := range r.recorded.Statement.Predicate.Files {
		out = append(out, git.FileChange{Path: f.Path, NewMode: f.Mode, NewBlob: f.Blob})
	}
	return out
}

// foreign lists what a merge changed that the proposal it merged did not.
func (t *trail) foreign(ctx context.Context, l *history.Landing, own []git.FileChange) ([]string, error) {
	proposed := map[string]git.FileChange{}
	for _, c := range own {
		proposed[c.Path] = c
	}
	both := false // main and the proposal changed the same file
	var out []string
	for _, now := range l.Changes {
		switch c, known := proposed[now.Path]; {
		case !known, now.OldBlob == c.OldBlob && now.NewBlob != c.NewBlob:
			out = append(out, now.Path)
		case now.OldBlob != c.OldBlob:
			both = true
		}
	}
	if both && len(out) == 0 {
		return t.byHand(ctx, l)
	}
	slices.Sort(out)
	return out, nil
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
