package decision

import (
	"slices"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// count evaluates the approvals and settles the verdict.
func (j *Judge) count(b *base, f *Facts, d *Decision, ask asked) error {
	p := f.Primary()
	kind := ""
	facts := approval.Facts{
		People: map[string]approval.Person{}, Teams: map[string]approval.Team{},
		Opener: f.Opener, Contributors: slices.Concat(f.Contributors, f.askers()), Reviews: f.Reviews, Judged: true,
	}
	var fields map[string]any
	var allowed []string
	if p != nil && p.After != nil {
		kind, fields = p.Kind.Name, p.After.Fields
		facts.Requester = p.After.Str("requester")
		allowed = record.ImmaterialFields(p.Kind, b.immaterial(kind))
	}
	for i := range f.Changes {
		facts.Implementers = append(facts.Implementers, implementers(&f.Changes[i])...)
	}
	for id, person := range b.dir.People {
		facts.People[id] = approval.Person{Active: person.IsActive(), Human: b.dir.Human(id)}
	}
	for id, team := range b.dir.Teams {
		facts.Teams[id] = approval.Team{Members: team.Members, Active: team.IsActive()}
	}
	if len(ask.bands) == 0 {
		ask.bands = []string{d.Risk.Band}
	}
	facts.MinimumTrust = b.strictest(ask.bands)
	d.MinimumTrust = facts.MinimumTrust
	facts.Doubts = f.doubts(b.dir, len(ask.reqs) > 0, facts.MinimumTrust)
	bound := f.Bound()
	material, err := record.Material(fields, allowed, bound)
	if err != nil {
		return err
	}
	d.Material = material
	res := approval.Evaluate(merge(ask.reqs), facts, approval.Binding{Allowed: allowed, Material: func(excluded []string) (string, error) {
		m, err := record.Material(fields, excluded, bound)
		return m.SHA256, err
	}})
	d.Verdict, d.Requirements, d.Blockers, d.Reasons = res.Verdict, res.Requirements, res.Blockers, res.Reasons
	if f.Retro {
		d.Findings, d.Waived = nil, nil // it landed; what is owed is one person's word, not the record's form
	}
	if errs, _ := finding.Count(d.Findings); errs > 0 && d.Verdict != approval.Error {
		d.Verdict = approval.Deny
	}
	return nil
}

func implementers(c *Change) []string {
	var out []string
	for _, r := range []*record.Record{c.Before, c.After} {
		if r != nil && r.Str("implementation", "implementer") != "" {
			out = append(out, r.Str("implementation", "implementer"))
		}
	}
	return out
}

// askers are the people whom any side of any record names as its requester.
// One proposal must not be approved by who asked for a part of it, nor by who
// asked for it before the proposal wrote somebody else's name there.
func (f *Facts) askers() []approval.Contributor {
	var out []approval.Contributor
	for _, c := range f.Changes {
		for _, r := range []*record.Record{c.Before, c.After} {
			for _, field := range []string{"requester", "requested_by"} {
				if r != nil && r.Str(field) != "" {
					out = append(out, approval.Contributor{Person: r.Str(field), Who: r.Str(field), Role: "requester of " + c.ID})
				}
			}
		}
	}
	return out
}

// trusts are the levels of trust, weakest first.
var trusts = []string{approval.Claimed, approval.Observed, approval.Signed}

// strictest is the most that policy data demands for any of the bands. A word
// it does not know is returned as it is, and is an error for whoever counts.
func (b *base) strictest(bands []string) string {
	out := b.minimumTrust(bands[0])
	for _, band := range bands[1:] {
		if s := b.minimumTrust(band); slices.Contains(trusts, out) && (!slices.Contains(trusts, s) || slices.Index(trusts, s) > slices.Index(trusts, out)) {
			out = s
		}
	}
	return out
}

// StrictestTrust is the most that policy demands of an approval, for any risk.
func StrictestTrust(p *store.Policy) string {
	b := &base{}
	b.data, _ = record.Value(p.Data, "config").(map[string]any)
	return b.minimumTrust("")
}

// minimumTrust is what policy data demands for a risk band. A band it forgets
// needs a signature; where there is no band, the strictest that is named holds,
// and a signature where nothing is.
func (b *base) minimumTrust(band string) string {
	table, _ := record.Value(b.data, "minimum_trust").(map[string]any)
	if s, ok := table[band].(string); ok {
		return s
	}
	strictest := ""
	for _, v := range table {
		s, _ := v.(string)
		if slices.Index(trusts, s) > slices.Index(trusts, strictest) {
			strictest = s
		}
	}
	if strictest == "" || band != "" {
		return approval.Signed
	}
	return strictest
}
