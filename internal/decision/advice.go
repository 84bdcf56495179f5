package decision

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/period"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Advice asks a snapshot's policy about single records, for check: findings
// without approvals. It is safe for concurrent use.
type Advice struct {
	// Authority says how a change was put into force, where that is known; it is
	// asked of changes that take a step which rests on it. Nil knows nothing.
	Authority func(ctx context.Context, id string) (Authority, error)

	judge *Judge
	base  *base
	pol   *engine.Policy
	head  *store.Store
	clock *period.Clock // where it stands is when advice is given
	actor Actor

	cover *cover

	speaks map[string]bool // kinds that a rule denies or warns about
	survey *survey
}

// Advise prepares advice by the policy of judging, on records of head.
func (j *Judge) Advise(ctx context.Context, judging, head *store.Store, actor Actor, now time.Time) (*Advice, error) {
	b, err := j.base(judging)
	if err != nil {
		return nil, err
	}
	pol, err := j.Policy(ctx, judging)
	if err != nil {
		return nil, err
	}
	if len(pol.Rules()) == 0 {
		return nil, fmt.Errorf("checking: %w", engine.ErrNoPolicy)
	}
	b.catalog(pol) // before several goroutines ask for it
	clock := period.At(now)
	cover, err := b.cover(pol, clock)
	if err != nil {
		return nil, err
	}
	speaks := map[string]bool{}
	for _, r := range pol.Rules() {
		if kind, ok := strings.CutPrefix(r.Package, "gitsm."); ok && (r.Name == "deny" || r.Name == "warn") {
			speaks[kind] = true
		}
	}
	return &Advice{judge: j, base: b, pol: pol, head: head, clock: clock, actor: actor, cover: cover, speaks: speaks}, nil
}

// Survey begins to show the records of the snapshot that judges, to whoever
// reads all of them anyway, so that they are not read once more for what policy
// has to know of them.
func (a *Advice) Survey() (surveyed func()) {
	a.survey = newSurvey()
	return func() { a.base.past.set(a.survey.past()) }
}

// Glimpse is shown a file before it is parsed. True says that its record need not
// be shown any more, and may be judged once all have been.
func (a *Advice) Glimpse(sp store.Spot, src []byte) bool { return a.survey.glimpse(sp, src) }

// See shows a record.
func (a *Advice) See(rec *record.Record) { a.survey.see(rec) }

// Period is when everything that was said so far holds, as far as that depends
// on the moment; ok is false where nobody can say.
func (a *Advice) Period() (span period.Span, ok bool) { return a.clock.Span() }

// Key identifies the policy.
func (a *Advice) Key() string { return a.pol.Digest() + " " + a.pol.Version() }

// Judged reports whether Judge has anything to say on a record of which no past
// is known: not on one that is over, nor on a kind that no rule denies or warns about. A
// change that no package is about is an error of its own.
func (a *Advice) Judged(rec *record.Record) bool {
	return !rec.Terminal() && (a.speaks[rec.Kind.Name] || rec.Kind.Name == "change" || rec.Kind.Name == "waiver")
}

// Judge returns what policy finds in a record, waived or not, and how many rules
// looked at it.
// A record that reached its end is history: today's policy is not held against
// it.
func (a *Advice) Judge(ctx context.Context, before, after *record.Record) ([]finding.Finding, int, error) {
	if after == nil || (before == nil && !a.Judged(after)) {
		return nil, 0, nil
	}
	own := ofWaiver(a.pol, after, a.clock)
	c := Change{Kind: after.Kind, ID: after.ID, Path: after.Path, Before: before, After: after}
	s := transitionOf(c, record.ImmaterialFields(after.Kind, a.base.immaterial(after.Kind.Name)))
	if before == nil {
		s = advised(c)
	}
	f := &Facts{Base: a.base.store, Head: a.head, ID: after.ID, Now: a.clock.Now(), Actor: a.actor, Changes: []Change{c}, clock: a.clock}
	if a.Authority != nil && Rests(&c) {
		by, err := a.Authority(ctx, after.ID)
		if err != nil {
			return nil, 0, fmt.Errorf("looking for what authorised %s: %w", after.ID, err)
		}
		f.Authority = map[string]Authority{after.ID: by}
	}
	res, err := a.ask(ctx, f, c, s)
	if errors.Is(err, engine.ErrNoPolicy) && after.Kind.Name != "change" {
		return own, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("judging %s: %w", after.ID, err)
	}
	going, err := course(f, &c, a.cover.sustained(res, after))
	if err != nil {
		return nil, 0, err
	}
	out := slices.Concat(own, messages(after, res), going)
	if Starts(&c) {
		conflicts, err := a.base.plan.conflicts(after, a.clock)
		if err != nil {
			return nil, 0, err
		}
		if by, known := f.Authority[after.ID]; known {
			if err := by.Meet(after.ID, conflicts, func(other string) (Authority, error) { return a.Authority(ctx, other) }); err != nil {
				return nil, 0, fmt.Errorf("looking for what authorised %s: %w", after.ID, err)
			}
			f.Authority[after.ID] = by
		}
		out = append(out, unmet(f, &c, conflicts)...)
	}
	return out, a.rules(after.Kind.Name), nil
}

// Waive parts findings into those that count and those that a waiver covers.
func (a *Advice) Waive(found []finding.Finding) (kept, waived []finding.Finding) {
	return a.cover.split(found, finder(a.head, nil))
}

// ask asks policy for its messages, and for the risk as well where a change is
// closed: whether it owes a review rests on that.
func (a *Advice) ask(ctx context.Context, f *Facts, c Change, s step) (*engine.Result, error) {
	if c.Before != nil && c.Before.State() != "closed" && c.After.State() == "closed" {
		a.clock.Lose() // nobody is told what all of this was compared with
		in, _, err := a.base.input(f, c, s)
		if err != nil {
			return nil, err
		}
		return a.pol.Eval(ctx, c.Kind.Name, in, a.base.catalog(a.pol))
	}
	in, err := a.base.lazyInput(f, c, s)
	if err != nil {
		return nil, err
	}
	return a.pol.Messages(ctx, c.Kind.Name, in, a.base.catalog(a.pol), a.clock)
}

// Immaterial returns the fields of a kind that approvals are not bound to.
func (a *Advice) Immaterial(k *record.Kind) []string {
	return record.ImmaterialFields(k, a.base.immaterial(k.Name))
}

func (a *Advice) rules(kind string) int {
	n := 0
	for _, r := range a.pol.Rules() {
		if r.Package == "gitsm."+kind {
			n++
		}
	}
	return n
}

// advised is the step a record without a known past is advised on: filing it
// where its state is one that new records have, else staying where it is.
func advised(c Change) step {
	state := c.After.State()
	filed := len(c.Kind.States) == 0 || slices.ContainsFunc(c.Kind.Leaving(c.After.Str("type"), ""), func(t record.Transition) bool { return t.To == state })
	if filed {
		return step{To: state, Verb: "new"}
	}
	return step{From: state, To: state, Verb: "edit"}
}
