package audit

import (
	"context"
	"fmt"
	"slices"

	"github.com/gitsm/gitsm/internal/git"
)

// Scope chooses what is verified. The zero Scope is everything.
type Scope struct {
	Records []string // exact ids
	Kinds   []string
	Checks  []string // codes
	Period  Period   // only what something happened to in it, and the store as such
}

func (s Scope) whole() bool { return len(s.Records)+len(s.Kinds) == 0 }

func (s Scope) wants(kind, id string) bool {
	if len(s.Records) > 0 && !slices.Contains(s.Records, id) {
		return false
	}
	return len(s.Kinds) == 0 || slices.Contains(s.Kinds, kind)
}

// check is a row of the table of checks: for whom it asks, and what it says of
// a record. An empty answer is no verdict at all.
type check struct {
	code string
	when func(*dossier) bool
	ask  func(context.Context, *dossier) ([]answer, error)
}

// checks is the table of checks on one record.
func checks() []check {
	change := func(d *dossier) bool { return d.is("change") }
	return []check{
		{POP2, (*dossier).landed, pure(population)},
		{POL1, (*dossier).ruled, pure(rules)},
		{REQ1, change, pure(requested)},
		{IMP1, change, pure(impact)},
		{IMP2, change, pure(security)},
		{RSK1, change, pure(rated)},
		{APR1, (*dossier).gated, pure(approvals)},
		{APR2, change, pure(beforeStart)},
		{APR3, (*dossier).gated, pure(content)},
		{SOD1, (*dossier).gated, segregation},
		{TMP1, func(d *dossier) bool { return d.kind != nil && d.gated() }, tamper},
		{EMG1, change, pure(emergency)},
		{PIR1, change, pure(reviewed)},
		{BCK1, change, pure(backout)},
		{SCH1, change, pure(schedule)},
		{TST1, change, pure(tested)},
		{IMPL, change, pure(implemented)},
		{VER1, change, pure(verified)},
		{DOC1, change, pure(documented)},
		{STD1, change, pure(standard)},
	}
}

// pure makes a row of a check that reads nothing but the dossier.
func pure(ask func(*dossier) []answer) func(context.Context, *dossier) ([]answer, error) {
	return func(_ context.Context, d *dossier) ([]answer, error) { return ask(d), nil }
}

func (d *dossier) landed() bool { return len(d.steps) > 0 }
func (d *dossier) ruled() bool  { return len(d.steps) > 0 && d.guarded() }

// gated reports whether approvals are asked after: of all work, and of the
// rest once any of it came by the gate or should have.
func (d *dossier) gated() bool {
	return d.work() || slices.ContainsFunc(d.steps, func(s step) bool { return judged(s.way) })
}

// Verify checks the records of a scope against history and evidence.
func (a *Auditor) Verify(ctx context.Context, scope Scope) (*Report, error) {
	t, err := a.load(ctx)
	if err != nil {
		return nil, err
	}
	in, err := t.span(scope.Period)
	if err != nil {
		return nil, err
	}
	wanted := func(string) bool { return true }
	if !scope.whole() {
		wanted = t.concerning(func(k dossierKey) bool { return scope.wants(k.kind, k.id) || k.kind == registerKind })
	}
	if err := t.attest(ctx, wanted); err != nil {
		return nil, err
	}
	ds := t.dossiers(scope.wants)
	found, err := t.verdicts(ctx, ds, scope)
	if err != nil {
		return nil, err
	}
	return t.report(found, ds, in, scope), nil
}

// verdicts are those of every check on the records of a scope, and on the store
// as such where the scope is all of it, after exceptions have settled what they
// can.
func (t *trail) verdicts(ctx context.Context, ds []*dossier, scope Scope) ([]Check, error) {
	found, err := t.examine(ctx, ds, scope)
	if err != nil {
		return nil, err
	}
	if err := t.flags(ctx); err != nil {
		return nil, err
	}
	if scope.whole() {
		more, err := t.whole(ctx, ds, scope)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, t.settle(ctx, found, ds)
}

// report counts what was found on the records of a scope.
func (t *trail) report(found []Check, ds []*dossier, in span, scope Scope) *Report {
	if !scope.Period.Whole() {
		found, ds = t.restrict(found, ds, in)
	}
	tested := count(ds, (*dossier).population)
	notes := slices.Clone(t.notes)
	switch {
	case !scope.Period.Whole():
		notes = append(notes, fmt.Sprintf("period: %s; dates are those of commits and statements, which claim them", in.Period))
		if tested == 0 {
			notes = append(notes, "population: nothing but catalogue and rules landed in the period, so no change was tested")
		}
	case tested == 0 && scope.whole():
		notes = append(notes, fmt.Sprintf("population: nothing but catalogue and rules has landed since genesis, so no change was tested; commits of main looked at: %d", len(t.h.Line)))
	}
	if len(found) == 0 {
		found = append(found, Check{Check: POP2, Verdict: CannotVerify, RestsOn: []string{}, Reason: "nothing that was asked for is in main's history: an empty population proves nothing"})
	}
	sortChecks(found)
	r := &Report{Genesis: t.h.Genesis().OID, Main: t.h.Head().OID, Evidence: append([]git.OID{}, t.ledger.heads...), Notes: notes, Checks: found}
	r.Summary = Summary{Records: count(ds, func(d *dossier) bool { return d.kind != nil }), Population: tested, Landings: len(t.h.Line), Commits: len(t.h.Commits), Statements: len(t.ledger.items)}
	r.Summary.count(found)
	return r
}

// restrict leaves the verdicts on what something happened to in a period, and
// on the store as such.
func (t *trail) restrict(found []Check, ds []*dossier, in span) ([]Check, []*dossier) {
	touched := map[dossierKey]bool{{}: true}
	some := false
	ds = slices.DeleteFunc(slices.Clone(ds), func(d *dossier) bool {
		is := in.touches(d)
		touched[dossierKey{d.kindName(), d.id}] = is || d.kind == nil
		some = some || is
		return !is
	})
	found = slices.DeleteFunc(slices.Clone(found), func(c Check) bool { return !touched[dossierKey{c.Kind, c.Record}] })
	if !some {
		found = append(found, Check{Check: POP2, Verdict: CannotVerify, RestsOn: []string{}, Reason: fmt.Sprintf("nothing happened %s: an empty population proves nothing", in.Period)})
	}
	return found, ds
}

func count(ds []*dossier, is func(*dossier) bool) int {
	n := 0
	for _, d := range ds {
		if is(d) {
			n++
		}
	}
	return n
}

// examine judges the landings of the dossiers and asks every check.
func (t *trail) examine(ctx context.Context, ds []*dossier, scope Scope) ([]Check, error) {
	rulings, err := t.rule(ctx, landings(ds))
	if err != nil {
		return nil, err
	}
	t.notes = append(t.notes, mended(t.h.Line, rulings)...)
	out := make([][]Check, len(ds))
	err = each(ctx, t.workers(), len(ds), func(ctx context.Context, i int) error {
		if err := ds[i].fill(ctx, rulings); err != nil {
			return err
		}
		var err error
		out[i], err = ds[i].examine(ctx, scope)
		return err
	})
	return slices.Concat(out...), err
}

func (d *dossier) examine(ctx context.Context, scope Scope) ([]Check, error) {
	var out []Check
	for _, c := range checks() {
		if !c.when(d) || len(scope.Checks) > 0 && !slices.Contains(scope.Checks, c.code) {
			continue
		}
		answers, err := c.ask(ctx, d)
		if err != nil {
			return nil, err
		}
		if len(answers) > 0 {
			out = append(out, fold(c.code, d.kindName(), d.id, answers))
		}
	}
	return out, nil
}
