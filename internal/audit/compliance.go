package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// ControlResult is what became of one control in a period.
type ControlResult struct {
	Control       string   `json:"control"`
	Asks          string   `json:"asks"`
	Checks        []string `json:"checks"`
	Population    int      `json:"population"` // verdicts there are; a change has one for each check
	Tested        int      `json:"tested"`     // of these, the ones that applied
	Pass          int      `json:"pass"`
	Fail          int      `json:"fail"`
	Accepted      int      `json:"accepted"`
	CannotVerify  int      `json:"cannot_verify"`
	NotApplicable int      `json:"not_applicable"`
	Verdict       Verdict  `json:"verdict"`
	Deviations    []Check  `json:"deviations"` // every verdict that is neither a pass nor not-applicable
}

// Compliance is a period held against a framework. All of it is tested, not a
// sample.
type Compliance struct {
	Framework string          `json:"framework"`
	Title     string          `json:"title"`
	Period    string          `json:"period"`
	Changes   int             `json:"changes"` // the population
	Main      git.OID         `json:"main"`
	Evidence  []git.OID       `json:"evidence"`
	Tool      string          `json:"tool"`
	Controls  []ControlResult `json:"controls"`
	Notes     []string        `json:"notes"`
}

// Worst is the verdict of the whole. A period without changes fails: it shows
// nothing, and must not look like a clean one.
func (c *Compliance) Worst() Verdict {
	out := NotApplicable
	for _, r := range c.Controls {
		if r.Verdict.rank() > out.rank() {
			out = r.Verdict
		}
	}
	switch {
	case c.Changes == 0:
		return Fail
	case out == NotApplicable:
		return CannotVerify
	}
	return out
}

// Deviating lists the deviations of all controls, each once.
func (c *Compliance) Deviating() []Check {
	said := map[string]bool{}
	var out []Check
	for _, r := range c.Controls {
		for _, d := range r.Deviations {
			if key := d.Check + " " + d.Kind + " " + d.Record; !said[key] {
				said[key] = true
				out = append(out, d)
			}
		}
	}
	return out
}

// Comply holds everything that happened in a period against a framework: every
// change of it, what judges changes, and the store as such.
func (a *Auditor) Comply(ctx context.Context, f Framework, p Period) (*Compliance, error) {
	t, err := a.load(ctx)
	if err != nil {
		return nil, err
	}
	in, all, found, err := t.everything(ctx, p)
	if err != nil {
		return nil, err
	}
	return t.comply(f, found, all, in), nil
}

// everything is where a period begins and ends, every record there ever was,
// and what the checks say of them.
func (t *trail) everything(ctx context.Context, p Period) (in span, all []*dossier, found []Check, err error) {
	if in, err = t.span(p); err != nil {
		return in, nil, nil, err
	}
	if err = t.attest(ctx, func(string) bool { return true }); err != nil {
		return in, nil, nil, err
	}
	all = t.dossiers(func(string, string) bool { return true })
	found, err = t.verdicts(ctx, all, Scope{})
	return in, all, found, err
}

// comply sorts what was found in a period by the controls of a framework.
func (t *trail) comply(f Framework, found []Check, all []*dossier, in span) *Compliance {
	touched := map[dossierKey]bool{{}: true}
	c := &Compliance{Framework: f.ID, Title: f.Title, Period: in.String(), Main: t.h.Head().OID, Evidence: append([]git.OID{}, t.ledger.heads...), Tool: t.Tool, Notes: slices.Clone(t.notes)}
	for _, d := range all {
		if len(d.within(in)) > 0 {
			touched[dossierKey{d.kindName(), d.id}] = true
			if d.is("change") {
				c.Changes++
			}
		}
	}
	found = slices.DeleteFunc(slices.Clone(found), func(x Check) bool { return !touched[dossierKey{x.Kind, x.Record}] })
	sortChecks(found)
	for _, control := range f.Controls {
		c.Controls = append(c.Controls, control.result(found))
	}
	if t.Deployments == nil {
		c.incomplete()
	}
	if len(c.Evidence) == 0 {
		c.unproven()
	}
	if c.Changes == 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("population: no change landed %s; an empty period proves nothing, and fails", in))
	}
	return c
}

// incomplete lets no control pass that asks whether work was done which no
// record tells of, since nobody gave a list of what was deployed: main cannot
// tell of what never reached it.
func (c *Compliance) incomplete() {
	var without []string
	for i := range c.Controls {
		r := &c.Controls[i]
		if !slices.Contains(r.Checks, POP1) {
			continue
		}
		without = append(without, r.Control)
		if r.Verdict.rank() < CannotVerify.rank() {
			r.Verdict = CannotVerify
		}
	}
	if len(without) > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("population: no list of deployments was given (--deployments), so POP-1 was not asked: of work that no record tells of, nothing is known under %s", strings.Join(without, ", ")))
	}
}

// unproven says of a store whose evidence is not here that no control of it can
// be told to hold: who agreed to the records that its checks read is unknown.
func (c *Compliance) unproven() {
	for i := range c.Controls {
		if r := &c.Controls[i]; r.Verdict.rank() < CannotVerify.rank() {
			r.Verdict = CannotVerify
		}
	}
	c.Notes = append(c.Notes, "evidence: this clone has none, so no control passes, whatever single checks found in the records")
}

// result counts the verdicts of a control's checks.
func (c Control) result(found []Check) ControlResult {
	out := ControlResult{Control: c.ID, Asks: c.Asks, Checks: c.Checks, Verdict: NotApplicable, Deviations: []Check{}}
	for _, x := range found {
		if !slices.Contains(c.Checks, x.Check) {
			continue
		}
		out.Population++
		switch x.Verdict {
		case Pass:
			out.Pass++
		case Fail:
			out.Fail++
		case Accepted:
			out.Accepted++
		case CannotVerify:
			out.CannotVerify++
		case NotApplicable:
			out.NotApplicable++
		}
		if x.Verdict != Pass && x.Verdict != NotApplicable {
			out.Deviations = append(out.Deviations, x)
		}
		if x.Verdict.rank() > out.Verdict.rank() {
			out.Verdict = x.Verdict
		}
	}
	out.Tested = out.Population - out.NotApplicable
	return out
}
