package replay

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// batch is how many neighbouring decisions one worker makes in a row: one's
// main is often the next one's as well.
const batch = 16

// decide asks both policies about every job, several at a time. Jobs that put
// no change into force are dropped.
func (r *run) decide(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, len(r.jobs))
	keep := make([]bool, len(r.jobs))
	var next, done atomic.Int64
	var wg sync.WaitGroup
	for range min(r.Workers, len(r.jobs)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				from := int(next.Add(batch)) - batch
				if from >= len(r.jobs) {
					return
				}
				for i := from; i < min(from+batch, len(r.jobs)); i++ {
					if keep[i], errs[i] = r.one(ctx, r.jobs[i]); errs[i] != nil {
						cancel()
						return
					}
					if n := done.Add(1); r.Progress != nil {
						r.Progress(int(n), len(r.jobs))
					}
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var kept []*job
	for i, j := range r.jobs {
		if keep[i] {
			kept = append(kept, j)
		}
	}
	r.jobs = kept
	return nil
}

// one makes one decision. What could not be read, or judged by the policy of
// then, is among the case's own errors; a candidate that cannot be used ends
// the replay.
func (r *run) one(ctx context.Context, j *job) (authorising bool, err error) {
	base, err := r.open(ctx, j.base)
	if err != nil {
		return false, err
	}
	c, err := r.change(ctx, base, j)
	if err != nil || c == nil {
		return j.Undecided != "", err
	}
	j.Title, j.size = c.After.Title(), len(c.After.Strs("services"))+len(c.After.Strs("assets"))
	dir, err := base.Directory()
	if err != nil {
		return false, err
	}
	var actor decision.Actor
	if id, ok := dir.ByEmail(j.author); ok {
		actor = decision.Actor{ID: id, Known: true}
	}
	defer r.Judge.Forget(base)
	then, err := r.Judge.Ask(ctx, base, *c, actor, j.Decided)
	var broken *engine.CompileError
	switch {
	case errors.As(err, &broken) || errors.Is(err, engine.ErrNoPolicy):
		j.Undecided = fmt.Sprintf("the policy of then: %v", err)
		return true, nil
	case err != nil:
		return false, err
	case then.Verb != "new" && then.Verb != "reschedule":
		return false, nil // it was edited in what no approval covers
	}
	candidate := base.UnderPolicy(r.Candidate)
	defer r.Judge.Forget(candidate)
	pol, err := r.Judge.Policy(ctx, candidate)
	if err != nil {
		return false, fmt.Errorf("the candidate: %w", err)
	}
	now := then
	if pol.Digest() != then.PolicyDigest {
		if now, err = r.Judge.Ask(ctx, candidate, *c, actor, j.Decided); err != nil {
			return false, fmt.Errorf("the candidate: %w", err)
		}
	}
	j.Then, j.New = answer(then), answer(now)
	j.Flips = flips(j.Then, j.New)
	return true, nil
}

// change reads what was proposed; nil where that puts no change into force.
func (r *run) change(ctx context.Context, base *store.Store, j *job) (*decision.Change, error) {
	before, _, err := at(base, j.path)
	if err != nil {
		return nil, err
	}
	k, ok := base.Kinds.ByName(kind)
	if !ok {
		return nil, nil
	}
	c := &decision.Change{Kind: k, ID: j.Record, Path: j.path, Before: before}
	var found int
	if j.content != nil {
		doc, findings := yamldoc.Parse(base.Display(j.path), j.content)
		if found = len(findings); doc != nil && found == 0 {
			c.After = record.New(k, j.Record, j.path, "", doc)
		}
	} else {
		after, err := r.open(ctx, j.after)
		if err != nil {
			return nil, err
		}
		if c.After, found, err = at(after, j.path); err != nil {
			return nil, err
		}
	}
	switch {
	case c.After == nil && found == 0:
		return nil, nil // it is not there: the branch is about something else
	case c.After == nil:
		j.Undecided = "the record cannot be read"
		return nil, nil
	case before == nil, before.State() == "scheduled" && c.After.State() == "scheduled":
		return c, nil
	}
	return nil, nil // a step of a change that was decided on before
}

// at reads a record; a file that is there and cannot be read has findings.
func at(s *store.Store, path string) (*record.Record, int, error) {
	rec, found, err := s.At(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	return rec, len(found), err
}

func answer(o *decision.Opinion) Answer {
	a := Answer{Denies: slices.Compact(slices.Sorted(slices.Values(o.Denies))), Risk: o.Risk}
	for _, q := range o.Requirements {
		refs := strings.Join(q.From, " or ")
		for range max(q.Count, 1) {
			a.from = append(a.from, refs)
		}
		a.Approvals = append(a.Approvals, fmt.Sprintf("%s: %d from %s", q.ID, q.Count, refs))
	}
	slices.Sort(a.Approvals)
	slices.Sort(a.from)
	return a
}

var bands = []string{"", "low", "medium", "high", "critical"}

// flips names what differs between two answers.
func flips(then, now Answer) []string {
	var out []string
	add := func(is bool, what string) {
		if is {
			out = append(out, what)
		}
	}
	add(!then.Denied() && now.Denied(), NewlyDenied)
	add(then.Denied() && !now.Denied(), NewlyAllowed)
	add(len(lacking(now.Approvals, then.Approvals)) > 0, ApprovalsAdded)
	add(len(lacking(then.Approvals, now.Approvals)) > 0, ApprovalsDropped)
	was, is := slices.Index(bands, then.Risk.Band), slices.Index(bands, now.Risk.Band)
	add(is > was, BandUp)
	add(is < was, BandDown)
	return out
}

// lacking returns what of list the others do not have, as often as it does.
func lacking(list, others []string) []string {
	left := slices.Clone(others)
	var out []string
	for _, s := range list {
		if i := slices.Index(left, s); i >= 0 {
			left = slices.Delete(left, i, i+1)
			continue
		}
		out = append(out, s)
	}
	return out
}
