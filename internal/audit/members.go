package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// Member is one change of the population.
type Member struct {
	Record    string    `json:"record"`
	Title     string    `json:"title"`
	Type      string    `json:"type"`
	State     string    `json:"state"` // on main; rejected, withdrawn or proposed where it never landed
	Risk      string    `json:"risk"`  // band when it was authorised, "" where nothing says
	Outcome   string    `json:"outcome"`
	Services  []string  `json:"services"`
	Weekend   bool      `json:"weekend"` // work began, or else it landed, on Saturday or Sunday in UTC
	Way       string    `json:"way"`     // how it first came to main, "" where it did not
	Time      time.Time `json:"time"`    // of its first commit on main in the period, or of what was last said of it
	Commit    git.OID   `json:"commit"`
	Landings  int       `json:"landings"` // in the period
	Approvers []string  `json:"approvers"`
}

// Population is every change that something happened to in a period, with the
// question that it answers.
type Population struct {
	Query    string    `json:"query"`
	Main     git.OID   `json:"main"`
	Evidence []git.OID `json:"evidence"`
	Tool     string    `json:"tool"`
	Members  []Member  `json:"members"`
	Genesis  int       `json:"genesis"` // changes that the genesis commit brought, and nothing happened to since: not among the members
	Notes    []string  `json:"notes"`
}

// Population lists the changes of a period: those with a commit on main in it,
// and those that were only proposed, and rejected or withdrawn in it.
func (a *Auditor) Population(ctx context.Context, p Period) (*Population, error) {
	t, ds, err := a.changes(ctx)
	if err != nil {
		return nil, err
	}
	in, err := t.span(p)
	if err != nil {
		return nil, err
	}
	return t.population(ds, in), nil
}

// population lists those of the dossiers that are changes of a period.
func (t *trail) population(ds []*dossier, in span) *Population {
	out := &Population{Main: t.h.Head().OID, Evidence: append([]git.OID{}, t.ledger.heads...), Tool: t.Tool, Notes: slices.Clone(t.notes), Members: []Member{},
		Query: fmt.Sprintf("every change with a commit on main, or a statement on the evidence branch, %s, by the dates of commits and statements", in)}
	for _, d := range ds {
		if !d.is("change") {
			continue
		}
		m, ok := d.member(in)
		switch {
		case ok:
			out.Members = append(out.Members, m)
		case len(d.steps) == 1 && d.steps[0].way == history.AtGenesis:
			out.Genesis++
		}
	}
	return out
}

// changes reads every change, with its landings judged.
func (a *Auditor) changes(ctx context.Context) (*trail, []*dossier, error) {
	t, err := a.load(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := t.attest(ctx, func(string) bool { return true }); err != nil {
		return nil, nil, err
	}
	ds := t.dossiers(func(kind, _ string) bool { return kind == "change" })
	rulings, err := t.rule(ctx, landings(ds))
	if err != nil {
		return nil, nil, err
	}
	err = each(ctx, t.workers(), len(ds), func(ctx context.Context, i int) error { return ds[i].fill(ctx, rulings) })
	return t, ds, err
}

// within lists the steps of a period. Genesis is none: nothing gated it.
func (d *dossier) within(in span) []*step {
	var out []*step
	for i := range d.steps {
		if s := &d.steps[i]; s.way != history.AtGenesis && in.landing(s.Landing) {
			out = append(out, s)
		}
	}
	return out
}

// member describes the change, if something happened to it in the period.
func (d *dossier) member(in span) (Member, bool) {
	m := Member{Record: d.id, Services: []string{}, Approvers: []string{}}
	if s, _ := d.authorising(); s != nil && s.ruling != nil && s.ruling.decision != nil {
		m.Risk = s.ruling.decision.Risk.Band
	}
	for _, s := range d.steps {
		if s.ruling != nil {
			m.Approvers = append(m.Approvers, people(s.ruling.relied)...)
		}
	}
	slices.Sort(m.Approvers)
	m.Approvers = slices.Compact(m.Approvers)
	if len(d.steps) == 0 {
		return d.proposed(m, in)
	}
	steps := d.within(in)
	if len(steps) == 0 {
		return m, false
	}
	first := steps[0]
	m.Time, m.Commit, m.Landings, m.Way = first.Committer.When.UTC(), first.OID, len(steps), string(d.steps[0].way)
	began := m.Time
	if r := d.newest(); r != nil {
		m.Title, m.Type, m.State, m.Outcome, m.Services = r.Title(), r.Str("type"), r.State(), r.Str("implementation", "outcome"), append(m.Services, r.Strs("services")...)
		if at, ok := r.Time("implementation", "started_at"); ok {
			began = at.UTC()
		}
	}
	m.Weekend = began.Weekday() == time.Saturday || began.Weekday() == time.Sunday
	return m, true
}

// proposed describes a change that never landed by what was last said of it.
func (d *dossier) proposed(m Member, in span) (Member, bool) {
	for _, it := range d.items {
		s := it.Statement.Predicate
		m.Time, m.Commit = s.Time, s.Proposal.Head
		m.State = map[evidence.Type]string{evidence.Rejection: "rejected", evidence.Withdrawal: "withdrawn"}[s.Kind]
		if m.State == "" {
			m.State = "proposed"
		}
	}
	return m, in.touches(d)
}

// Strata are the names that a sample can be stratified by.
func Strata() []string { return []string{"type", "risk", "outcome", "state", "weekend"} }

// stratum is the group a member belongs to.
func (m Member) stratum(by []string) string {
	weekend := "weekday"
	if m.Weekend {
		weekend = "weekend"
	}
	values := map[string]string{"type": m.Type, "risk": m.Risk, "outcome": m.Outcome, "state": m.State, "weekend": weekend}
	var out []string
	for _, name := range by {
		out = append(out, orNone(values[name]))
	}
	return strings.Join(out, "/")
}
