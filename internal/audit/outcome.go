package audit

import (
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/record"
)

// backout is BCK-1: there was a way back when the change was authorised.
func backout(d *dossier) []answer {
	auth := d.authorised(d.started())
	if d.isEmergency() {
		auth = &d.steps[0]
	}
	switch {
	case auth == nil && d.blind() != nil:
		return []answer{*d.blind()}
	case auth != nil && auth.after == nil:
		return []answer{unverifiable([]string{auth.OID}, "what landed with %s cannot be read", short(auth.OID))}
	case auth == nil:
		return []answer{d.unauthorised()}
	case auth.way == history.AtGenesis:
		return []answer{inapplicable("in the genesis commit, which nothing gates")}
	}
	line, _ := auth.after.Doc.Position("/plan/backout")
	rests := []string{auth.OID, at(auth.file(d.t.Dir), line)}
	switch {
	case !record.Placeholder(auth.after.Str("plan", "backout")):
		return []answer{passed(rests, "landing %s has a back-out plan", short(auth.OID))}
	case auth.after.Str("type") == "standard":
		return []answer{inapplicable("a standard change goes back as its model says")}
	}
	return []answer{failed(rests, "landing %s authorised it without a back-out plan", short(auth.OID))}
}

// reviewed is PIR-1: what went wrong, or could have, was closed only with a
// review.
func reviewed(d *dossier) []answer {
	var closing *step
	for i := range d.steps {
		if s := &d.steps[i]; s.after != nil && s.after.State() == "closed" {
			closing = s
			break
		}
	}
	switch {
	case closing == nil && d.blind() != nil:
		return []answer{*d.blind()}
	case closing == nil:
		return []answer{inapplicable("it is not closed")}
	case closing.way == history.AtGenesis:
		return []answer{inapplicable("it was closed in the genesis commit")}
	}
	why := ""
	for i := range d.steps { // how it ended may be written after it was closed
		if s := &d.steps[i]; why == "" && s.after != nil && s.after.State() == "closed" {
			closing, why = s, d.owesReview(s)
		}
	}
	filled := !record.Placeholder(closing.after.Str("review", "summary")) && closing.after.Str("review", "reviewer") != ""
	if outcome := closing.after.Str("implementation", "outcome"); why == "" && outcome == "" && !filled {
		line, _ := closing.after.Doc.Position("/implementation")
		return []answer{unverifiable([]string{closing.OID, at(closing.file(d.t.Dir), line)}, "%s closed it, and nothing says how it ended, so that nobody can tell whether it owed a review", short(closing.OID))}
	}
	if why == "" {
		return []answer{inapplicable("it ended %s and its risk was %s: it owed no review", orNone(closing.after.Str("implementation", "outcome")), orNone(d.band()))}
	}
	line, _ := closing.after.Doc.Position("/review")
	rests := []string{closing.OID, at(closing.file(d.t.Dir), line)}
	if !filled {
		return []answer{failed(rests, "%s closed it without a review, although %s", short(closing.OID), why)}
	}
	return []answer{passed(rests, "%s reviewed it before %s closed it; %s", closing.after.Str("review", "reviewer"), short(closing.OID), why)}
}

// owesReview says why a change could not be closed without a review.
func (d *dossier) owesReview(closing *step) string {
	var bands []string
	for _, s := range d.steps {
		if s.ruling != nil && s.ruling.decision != nil {
			bands = append(bands, s.ruling.decision.Risk.Band)
		}
	}
	return decision.OwesReview(closing.after, bands)
}

// band is the risk of the change as it was authorised, "" where nothing says.
func (d *dossier) band() string {
	if auth := d.authorised(d.started()); auth != nil && auth.ruling != nil && auth.ruling.decision != nil {
		return auth.ruling.decision.Risk.Band
	}
	return ""
}
