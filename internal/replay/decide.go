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

// one makes one decision, or takes it from memory. What could not be read, or
// judged by the policy of then, is among the case's own errors; a candidate
// that cannot be used ends the replay.
func (r *run) one(ctx context.Context, j *job) (authorising bool, err error) {
	key := r.key(j)
	then, known := r.memory.recall(key)
	if known && !then.Authorises {
		return false, nil
	}
	if known {
		if now, ok := r.memory.under(then, r.tried, key); ok {
			j.settle(then, now)
			return true, nil
		}
	}
	base, err := r.open(ctx, j.base)
	if err != nil {
		return false, err
	}
	defer r.Judge.Forget(base)
	c, err := r.change(ctx, base, j)
	switch {
	case err != nil:
		return false, err
	case j.Undecided != "":
		return true, nil
	case c == nil:
		r.memory.keep(key, verdict{})
		return false, nil
	}
	actor, err := actorOf(base, j.author)
	if err != nil {
		return false, err
	}
	if !known {
		if then, err = r.then(ctx, base, c, actor, j); err != nil || j.Undecided != "" {
			return j.Undecided != "", err
		}
		r.memory.keep(key, then)
	}
	if !then.Authorises {
		return false, nil
	}
	now, ok := r.memory.under(then, r.tried, key)
	if !ok {
		candidate := base.UnderPolicy(r.Candidate)
		defer r.Judge.Forget(candidate)
		o, err := r.Judge.Ask(ctx, candidate, *c, actor, j.Decided)
		if err != nil {
			return false, fmt.Errorf("the candidate: %w", err)
		}
		now = verdict{Authorises: true, Policy: o.Policy, Answer: answer(o)}
		r.memory.keep(candidateKey(key, r.tried), now)
	}
	j.settle(then, now)
	return true, nil
}

// then asks the policy that was in force. One that cannot be used leaves the
// case undecided.
func (r *run) then(ctx context.Context, base *store.Store, c *decision.Change, actor decision.Actor, j *job) (v verdict, err error) {
	o, err := r.Judge.Ask(ctx, base, *c, actor, j.Decided)
	var broken *engine.CompileError
	switch {
	case errors.As(err, &broken) || errors.Is(err, engine.ErrNoPolicy):
		j.Title, j.Undecided = c.After.Title(), fmt.Sprintf("the policy of then: %v", err)
		return v, nil
	case err != nil:
		return v, err
	case o.Verb != "new" && o.Verb != "reschedule":
		return verdict{}, nil // it was edited in what no approval covers
	}
	v.Authorises, v.Title, v.Policy, v.Answer = true, c.After.Title(), o.Policy, answer(o)
	v.Size = len(c.After.Strs("services")) + len(c.After.Strs("assets"))
	return v, nil
}

// settle compares two answers.
func (j *job) settle(then, now verdict) {
	j.Title, j.size, j.Then, j.New = then.Title, then.Size, then.Answer, now.Answer
	j.Flips = flips(j.Then, j.New)
}

func actorOf(base *store.Store, email string) (decision.Actor, error) {
	dir, err := base.Directory()
	if err != nil {
		return decision.Actor{}, err
	}
	id, ok := dir.ByEmail(email)
	if !ok {
		return decision.Actor{}, nil
	}
	return decision.Actor{ID: id, Known: true}, nil
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

// silent is the answer of nobody.
func silent() Answer { return Answer{Denies: []string{}, Approvals: []string{}} }

func answer(o *decision.Opinion) Answer {
	a := silent()
	a.Risk, a.Denies = o.Risk, append(a.Denies, slices.Compact(slices.Sorted(slices.Values(o.Denies)))...)
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
	out := []string{}
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
