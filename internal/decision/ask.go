package decision

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/period"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Opinion is what policy alone says of a change to a record.
type Opinion struct {
	Verb         string   // of the step, see record.VerbOf
	Denies       []string // ids of rules that deny it and are not waived, in the order of their messages
	Risk         Risk
	Requirements []approval.Requirement // what it asks for, retro-approval included
	Policy       string                 // identity of the policy that was asked
}

// Ask judges a change to a record by the policy of base, for those who compare
// policies: nobody's approval is counted, and neither schema nor lifecycle are
// looked at.
func (j *Judge) Ask(ctx context.Context, base *store.Store, c Change, actor Actor, now time.Time) (*Opinion, error) {
	b, err := j.base(base)
	if err != nil {
		return nil, err
	}
	pol, err := j.Policy(ctx, base)
	if err != nil {
		return nil, err
	}
	c = inForce([]Change{c})[0]
	f := &Facts{Base: base, Head: base, ID: c.ID, Now: now, Actor: actor, Changes: []Change{c}}
	step := transitionOf(c, record.ImmaterialFields(c.Kind, b.immaterial(c.Kind.Name)))
	in, _, err := b.input(f, c, step)
	if err != nil {
		return nil, fmt.Errorf("judging %s: %w", c.ID, err)
	}
	res, err := pol.Eval(ctx, c.Kind.Name, in, b.catalog(pol))
	if errors.Is(err, engine.ErrNoPolicy) && c.Kind.Name != "change" {
		return &Opinion{Verb: step.Verb, Policy: pol.Identity()}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("judging %s: %w", c.ID, err)
	}
	out := &Opinion{Verb: step.Verb, Risk: Risk{Score: res.Risk.Score, Band: res.Risk.Band}, Policy: pol.Identity(),
		Requirements: append(requirements(res, false), requirements(res, true)...)}
	cover, err := b.cover(pol, period.At(now))
	if err != nil {
		return nil, err
	}
	for _, m := range cover.sustained(res, c.After).Deny {
		out.Denies = append(out.Denies, m.Rule)
	}
	return out, nil
}
