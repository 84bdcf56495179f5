package audit

import (
	"cmp"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/record"
)

// emergency is EMG-1: an incident called for it, and whoever authorised it on
// the spot approved it in time.
func emergency(d *dossier) []answer {
	if !d.isEmergency() {
		return []answer{inapplicable("it is no emergency")}
	}
	first := &d.steps[0]
	if first.way == history.AtGenesis {
		return []answer{inapplicable("in the genesis commit, which nothing gates")}
	}
	if first.after == nil {
		return []answer{unverifiable([]string{first.OID}, "what landed with %s cannot be read", short(first.OID))}
	}
	var out []answer
	if id := first.after.Str("incident"); !d.t.ever[dossierKey{"incident", id}] {
		out = append(out, failed([]string{first.OID}, "it names no incident that is on main (%s)", orNone(id)))
	}
	who := first.after.Str("authoriser")
	for _, h := range d.involved(first) {
		if people := first.Before.People; who != "" && people.Human(h.person) == people.Human(who) {
			by := ""
			if h.person != who {
				by = " as " + h.person
			}
			out = append(out, failed([]string{first.OID}, "%s authorised it and%s %s", who, by, h.did))
			break
		}
	}
	if who == "" {
		return append(out, failed([]string{first.OID}, "nobody authorised it"))
	}
	return append(out, d.retro(first, who), d.lookedBack(first))
}

// involved lists who had a part in an emergency besides its authoriser: by its
// record, and by what brought it to main.
func (d *dossier) involved(first *step) []part {
	var out []part
	add := func(person, did string) {
		if person != "" {
			out = append(out, part{person: person, did: did})
		}
	}
	add(first.after.Str("requester"), "requested it")
	add(d.newest().Str("implementation", "implementer"), "implemented it")
	if first.ruling != nil && first.ruling.err == nil {
		out = append(out, d.hands(first.ruling)...)
	}
	return out
}

// retro looks for the authoriser's own approval of what landed, and holds it
// against the clock.
func (d *dossier) retro(first *step, who string) answer {
	if first.ruling == nil || first.ruling.err != nil {
		return first.ruling.unjudged()
	}
	at, ok := first.after.Time("implementation", "started_at")
	if !ok {
		return unverifiable([]string{first.OID}, "the record does not say when work began, so no clock runs")
	}
	due := at.Add(first.ruling.retro)
	late := answer{}
	over := d.takenBack()
	for _, it := range d.items {
		p := it.Statement.Predicate
		if p.Kind != evidence.Approval || p.Person != who || !d.covers(it) {
			continue
		}
		rests := []string{first.OID, it.Path}
		s := d.t.keys.statement(it)
		switch given := d.givenAt(it); {
		case s.trust == evidence.Broken:
			return failed(rests, "the signature of %s's approval is bad: %s", who, s.Reason)
		case s.void != "":
			late = failed(rests, "that %s approved it does not count: it %s", who, s.void)
		case !s.trust.AtLeast(evidence.Trust(first.ruling.decision.MinimumTrust)):
			late = unverifiable(rests, "that %s approved it is only %s, and at least %s is needed: %s", who, s.trust, first.ruling.decision.MinimumTrust, s.Reason)
		case over(it) != nil:
			x := over(it)
			late = failed(append(rests, x.Path), "that %s approved it at %s counts no more: they took it back, or it was dismissed", who, utc(given))
		case given.After(due):
			late = failed(rests, "%s approved it at %s, after it was due at %s", who, utc(given), utc(due))
		default:
			if l := d.t.without(it, due); l != nil {
				late = unverifiable(append(rests, l.OID), "%s says that they approved it at %s, and landing %s of %s, after it was due at %s, knew of no such approval", who, utc(given), short(l.OID), utc(l.Committer.When), utc(due))
				continue
			}
			return passed(rests, "%s, who authorised it, approved it at %s; it was due at %s", who, utc(given), utc(due))
		}
	}
	switch {
	case late.reason != "":
		return late
	case d.t.Now.Before(due):
		return inapplicable("%s's approval is due at %s", who, utc(due))
	}
	return failed([]string{first.OID}, "%s never approved what they had authorised; it was due at %s", who, utc(due))
}

// takenBack finds what ended an approval: that its author objected to the same
// proposal since, or that what they had said of it by then was dismissed, which
// revives nothing. It finds nil where it stands.
func (d *dossier) takenBack() func(*item) *item {
	given := evidence.Given(entries(d.items))
	branch := map[string]string{} // of the review that a signed statement came in, which names none itself
	for _, it := range d.items {
		if p := it.Statement.Predicate; p.Forge != nil && p.Forge.Statement != "" {
			branch[p.Forge.Statement] = p.Proposal.Branch
		}
	}
	of := func(it *item) string { return cmp.Or(branch[it.Path], it.Statement.Predicate.Proposal.Branch) }
	return func(it *item) *item {
		i := slices.IndexFunc(d.items, func(x *item) bool {
			p := x.Statement.Predicate
			dismissed := p.Kind == evidence.Withdrawal && p.Forge != nil && p.Forge.Review != 0
			return (dismissed || p.Kind == evidence.Rejection) && p.Person == it.Statement.Predicate.Person && of(x) == of(it) &&
				!given(x.Entry).Before(given(it.Entry))
		})
		if i < 0 {
			return nil
		}
		return d.items[i]
	}
}

// covers reports whether an approval is bound to a version that landed.
func (d *dossier) covers(it *item) bool {
	m := it.Statement.Predicate.Material
	for _, s := range d.steps {
		if s.after == nil || s.ruling == nil || s.ruling.decision == nil || len(beyond(m.Excluded, s.excluded())) > 0 {
			continue
		}
		if got, err := record.Material(s.after.Fields, m.Excluded, nil); err == nil && got.SHA256 == m.SHA256 {
			return true
		}
		if got, err := s.ruling.material(m.Excluded); err == nil && got == m.SHA256 {
			return true
		}
	}
	return false
}

// givenAt is when a statement was made: by its own clock, and never before the
// commit of main that it is about.
func (d *dossier) givenAt(it *item) time.Time {
	p := it.Statement.Predicate
	if l, ok := d.t.h.Landing(p.Proposal.Head); ok && l.Committer.When.After(p.Time) {
		return l.Committer.When
	}
	return p.Time
}

// without finds a landing later than a time, by its own date, that says what
// evidence it knew, and did not know a statement; nil where there is none. What
// a forge says is as old as it says.
func (t *trail) without(it *item, when time.Time) *history.Landing {
	if it.Statement.Predicate.Forge != nil {
		return nil
	}
	for _, l := range t.h.Line {
		if it.anchor != history.Unanchored && l.Index >= it.anchor {
			return nil
		}
		if l.EvidenceHead != "" && l.Committer.When.After(when) {
			return l
		}
	}
	return nil
}

// lookedBack holds the review of an emergency against its clock. What it has to
// say, and that nothing is closed without it, is PIR-1.
func (d *dossier) lookedBack(first *step) answer {
	if first.ruling == nil || first.ruling.err != nil {
		return first.ruling.unjudged()
	}
	began, ok := first.after.Time("implementation", "started_at")
	if !ok {
		return unverifiable([]string{first.OID}, "the record does not say when work began, so no clock runs")
	}
	due := began.Add(first.ruling.review)
	for i := range d.steps {
		s := &d.steps[i]
		if s.after == nil || record.Placeholder(s.after.Str("review", "summary")) {
			continue
		}
		rests := []string{first.OID, s.OID}
		if s.Committer.When.After(due) {
			return failed(rests, "%s, of %s, brought its review, which was due at %s", short(s.OID), utc(s.Committer.When), utc(due))
		}
		return passed(rests, "%s brought its review at %s; it was due at %s", short(s.OID), utc(s.Committer.When), utc(due))
	}
	if d.t.Now.Before(due) {
		return inapplicable("its review is due at %s", utc(due))
	}
	return failed([]string{first.OID}, "nobody reviewed it; that was due at %s", utc(due))
}
