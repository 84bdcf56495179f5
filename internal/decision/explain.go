package decision

import (
	"context"
	"fmt"
	"slices"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Trace and Reason are what policy says of its own rules.
type (
	Trace  = engine.Trace
	Reason = engine.Reason
)

// Explanation is a decision with what became of every rule that was looked at,
// and what could be done about its risk.
type Explanation struct {
	*Decision
	Traces      []Trace
	Mitigations []Mitigation // in the order of the signals
}

// Mitigation is what a signal says would lower the risk. Where it says as data
// what that makes of the record, Tried is true and the rest is what policy says
// of the record so changed.
type Mitigation struct {
	Signals []string `json:"signals"` // whose mitigation it is; several where all are taken together
	Text    string   `json:"text"`
	Tried   bool     `json:"tried"`

	Risk     Risk     `json:"risk"`
	Dropped  []string `json:"dropped"` // requirements that would no longer be asked for
	Added    []string `json:"added"`
	Denies   []string `json:"denies"`   // rules that would deny it, which did not before
	Problems []string `json:"problems"` // why the record so changed could not be judged
}

// Explain decides, and explains what policy said of the proposal's own record.
func (j *Judge) Explain(ctx context.Context, f Facts) (*Explanation, error) {
	d, err := j.Decide(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &Explanation{Decision: d}
	f.Changes = inForce(f.Changes)
	c := f.Primary()
	if c == nil || c.After == nil || d.Input == nil {
		return out, nil // policy had no say: it is about no record, or one that is malformed
	}
	x := &explaining{Judge: j, facts: &f, change: c}
	if x.base, err = j.base(f.Base); err != nil {
		return nil, err
	}
	if x.policy, err = j.Policy(ctx, f.Base); err != nil {
		return nil, err
	}
	in, _, err := x.base.input(&f, *c, x.step(c))
	if err != nil {
		return nil, fmt.Errorf("explaining %s: %w", c.ID, err)
	}
	rules, res, err := x.policy.Explain(ctx, c.Kind.Name, in, x.base.catalog(x.policy))
	if err != nil {
		return nil, fmt.Errorf("explaining %s: %w", c.ID, err)
	}
	out.Traces = rules
	out.Mitigations, err = x.mitigations(ctx, res)
	return out, err
}

// explaining is one explanation.
type explaining struct {
	*Judge
	facts  *Facts
	change *Change
	base   *base
	policy *engine.Policy
}

func (x *explaining) step(c *Change) step {
	return transitionOf(*c, record.ImmaterialFields(c.Kind, x.base.immaterial(c.Kind.Name)))
}

// mitigations tries what each signal proposes, and at the end all of it
// together.
func (x *explaining) mitigations(ctx context.Context, res *engine.Result) ([]Mitigation, error) {
	var out []Mitigation
	var all []engine.Step
	var ids []string
	for _, s := range res.Signals {
		if s.Mitigation == "" {
			continue
		}
		m := Mitigation{Signals: []string{s.ID}, Text: s.Mitigation}
		if len(s.Try) > 0 {
			if err := x.try(ctx, &m, s.Try, res); err != nil {
				return nil, err
			}
			all, ids = append(all, s.Try...), append(ids, s.ID)
		}
		out = append(out, m)
	}
	if len(ids) > 1 {
		m := Mitigation{Signals: ids, Text: "all of these together"}
		if err := x.try(ctx, &m, all, res); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// try judges the record as a mitigation would make it, by the same policy and
// facts.
func (x *explaining) try(ctx context.Context, m *Mitigation, steps []engine.Step, now *engine.Result) error {
	m.Tried = true
	after, problem := patched(x.change.After, steps)
	if problem != "" {
		m.Problems = []string{problem}
		return nil
	}
	if found, err := x.Validator.Schema(x.facts.Base, after); err != nil {
		return fmt.Errorf("trying %q: %w", m.Text, err)
	} else if len(found) > 0 {
		for _, f := range found {
			m.Problems = append(m.Problems, f.Message)
		}
		return nil
	}
	c := *x.change
	c.After = after
	f := *x.facts
	f.Changes = slices.Clone(f.Changes)
	*f.Primary() = c
	in, _, err := x.base.input(&f, c, x.step(&c))
	if err != nil {
		return fmt.Errorf("trying %q: %w", m.Text, err)
	}
	res, err := x.policy.Eval(ctx, c.Kind.Name, in, x.base.catalog(x.policy))
	if err != nil {
		return fmt.Errorf("trying %q: %w", m.Text, err)
	}
	m.Risk = Risk{Score: res.Risk.Score, Band: res.Risk.Band}
	before, then := requirements(now, x.facts.Retro), requirements(res, x.facts.Retro)
	m.Dropped, m.Added = without(before, then), without(then, before)
	for _, d := range res.Deny {
		if !slices.ContainsFunc(now.Deny, func(o engine.Message) bool { return o.Rule == d.Rule }) && !slices.Contains(m.Denies, d.Rule) {
			m.Denies = append(m.Denies, d.Rule)
		}
	}
	return nil
}

// patched is a record with steps taken; problem says why they cannot be.
func patched(r *record.Record, steps []engine.Step) (after *record.Record, problem string) {
	var edits []yamldoc.Edit
	for _, s := range steps {
		edits = append(edits, yamldoc.Edit{Pointer: s.Path, Value: s.Value, Delete: s.Remove})
	}
	src, err := r.Doc.Apply(edits...)
	if err != nil {
		return nil, err.Error()
	}
	doc, found := yamldoc.Parse(r.Doc.Name, src)
	if doc == nil || len(found) > 0 {
		return nil, "the record so changed cannot be read"
	}
	return record.New(r.Kind, r.ID, r.Path, "", doc), ""
}

// without lists the ids of requirements that the others lack.
func without(list, others []approval.Requirement) []string {
	var out []string
	for _, r := range list {
		if !slices.ContainsFunc(others, func(o approval.Requirement) bool { return o.ID == r.ID }) {
			out = append(out, r.ID)
		}
	}
	slices.Sort(out)
	return out
}
