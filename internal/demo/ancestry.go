package demo

import (
	"container/heap"
	"context"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// side says from which of two commits another can be reached.
type side uint8

const (
	left side = 1 << iota
	right
	both = left | right
)

// frontier is a queue of commits, the last written first, so that a commit
// leaves it only once everything that could reach it has.
type frontier struct {
	queue []*commit
	sides map[*commit]side
	only  int // how many of the queue are reached from the right alone
}

func (f *frontier) Len() int           { return len(f.queue) }
func (f *frontier) Less(i, j int) bool { return f.queue[i].number > f.queue[j].number }
func (f *frontier) Swap(i, j int)      { f.queue[i], f.queue[j] = f.queue[j], f.queue[i] }
func (f *frontier) Push(x any)         { f.queue = append(f.queue, x.(*commit)) }

func (f *frontier) Pop() any {
	last := f.queue[len(f.queue)-1]
	f.queue = f.queue[:len(f.queue)-1]
	return last
}

// reach notes that c is reached from s and queues it once.
func (f *frontier) reach(c *commit, s side) {
	was, queued := f.sides[c]
	is := was | s
	f.sides[c] = is
	switch {
	case is == right && !queued:
		f.only++
	case was == right && is == both:
		f.only--
	}
	if !queued {
		heap.Push(f, c)
	}
}

// compare walks back from two commits until every commit that b has and a has
// not was seen. It returns these, last first, and the last commit that both
// have.
func (r *repository) compare(a, b git.OID) (onlyB []*commit, base *commit, err error) {
	f := &frontier{sides: map[*commit]side{}}
	for _, start := range []struct {
		id git.OID
		s  side
	}{{a, left}, {b, right}} {
		c, err := r.commit(start.id)
		if err != nil {
			return nil, nil, err
		}
		f.reach(c, start.s)
	}
	for f.Len() > 0 && (f.only > 0 || base == nil) {
		c := heap.Pop(f).(*commit)
		s := f.sides[c]
		switch {
		case s == right:
			f.only--
			onlyB = append(onlyB, c)
		case s == both && base == nil:
			base = c
		}
		for _, p := range c.Parents {
			parent, err := r.commit(p)
			if err != nil {
				return nil, nil, err
			}
			f.reach(parent, s)
		}
	}
	return onlyB, base, nil
}

func (r *repository) MergeBase(_ context.Context, a, b git.OID) (git.OID, error) {
	_, base, err := r.compare(a, b)
	if err != nil || base == nil {
		return "", err
	}
	return base.OID, nil
}

// Fork is the merge base: nothing here is merged crosswise.
func (r *repository) Fork(ctx context.Context, a, b git.OID) (git.OID, error) {
	return r.MergeBase(ctx, a, b)
}

func (r *repository) IsAncestor(_ context.Context, a, b git.OID) (bool, error) {
	_, base, err := r.compare(b, a)
	return base != nil && base.OID == a, err
}

func (r *repository) Range(_ context.Context, base, head git.OID) ([]*git.Commit, error) {
	only, _, err := r.compare(base, head)
	var out []*git.Commit
	for _, c := range slices.Backward(only) {
		out = append(out, &c.Commit)
	}
	return out, err
}

func (r *repository) Unmerged(ctx context.Context, prefix string, into git.OID) ([]git.Ref, error) {
	if err := r.land(into); err != nil {
		return nil, err
	}
	refs, err := r.Refs(ctx, prefix)
	return slices.DeleteFunc(refs, func(ref git.Ref) bool { return r.landed[ref.OID] }), err
}

// land notes everything that main reaches. Main only grows, so each commit is
// visited once in all.
func (r *repository) land(main git.OID) error {
	for todo := []git.OID{main}; len(todo) > 0; {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if r.landed[id] {
			continue
		}
		c, err := r.commit(id)
		if err != nil {
			return err
		}
		r.landed[id] = true
		todo = append(todo, c.Parents...)
	}
	return nil
}

// open lists the refs that stand at the end, sorted by name.
func (r *repository) open() []git.Ref {
	var out []git.Ref
	for name, id := range r.refs {
		out = append(out, git.Ref{Name: name, OID: id})
	}
	slices.SortFunc(out, func(a, b git.Ref) int { return strings.Compare(a.Name, b.Name) })
	return out
}
