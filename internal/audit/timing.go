package audit

import (
	"fmt"
	"time"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/record"
)

// sameMaterial says that two versions differ in what approvals cover, nil
// where they do not.
func sameMaterial(a, b *record.Record, excluded []string) error {
	da, err := record.Material(a.Fields, excluded, nil)
	if err != nil {
		return err
	}
	db, err := record.Material(b.Fields, excluded, nil)
	if err != nil {
		return err
	}
	if da.SHA256 != db.SHA256 {
		return fmt.Errorf("%s and %s differ in what approvals cover", a.ID, b.ID)
	}
	return nil
}

// started is the step with which work on the change began, nil where it did
// not.
func (d *dossier) started() *step {
	for i := range d.steps {
		s := &d.steps[i]
		if s.after == nil || s.after.State() == "scheduled" || s.after.State() == "cancelled" {
			continue
		}
		return s
	}
	return nil
}

// authorised is the step that authorised the change as it stood before until
// (as it stands now, where that is nil): the last that changed what approvals
// cover. Nil where nothing did.
func (d *dossier) authorised(until *step) *step {
	var out *step
	for i := range d.steps {
		s := &d.steps[i]
		if until != nil && s.Index >= until.Index {
			break
		}
		if s.after == nil || s.after.State() != "scheduled" {
			continue
		}
		if s.before == nil || sameMaterial(s.before, s.after, s.excluded()) != nil {
			out = s
		}
	}
	return out
}

func (s *step) excluded() []string {
	if s.ruling != nil && s.ruling.decision != nil {
		return s.ruling.decision.Material.Excluded
	}
	return record.ImmaterialFields(s.touch.Kind, nil)
}

func (d *dossier) isEmergency() bool {
	for _, s := range d.steps {
		if s.after != nil {
			return s.after.Str("type") == "emergency"
		}
	}
	return false
}

// beforeStart is APR-2: the change was authorised before work on it began. The
// order is main's own; times can only contradict it.
func beforeStart(d *dossier) []answer {
	if d.isEmergency() {
		return []answer{inapplicable("an emergency is authorised afterwards (EMG-1)")}
	}
	start := d.started()
	if start == nil {
		return []answer{inapplicable("work on it has not begun")}
	}
	if start.way == history.AtGenesis {
		return []answer{inapplicable("it was under way in the genesis commit")}
	}
	auth := d.authorised(start)
	if auth == nil {
		return []answer{failed([]string{start.OID}, "commit %s put it to work, and nothing before that commit authorised it", short(start.OID))}
	}
	rests := []string{auth.OID, start.OID}
	switch {
	case auth.way == history.AtGenesis:
		return []answer{inapplicable("it was scheduled in the genesis commit, which nothing gates")}
	case d.t.unattested(auth.Landing):
		return []answer{auth.ruling.unjudged()}
	case auth.way != history.Gated:
		return []answer{failed(rests, "it was started by %s on the strength of commit %s, which came past the gate", short(start.OID), short(auth.OID))}
	}
	switch f := authority(d, auth); f.verdict {
	case Fail:
		return []answer{failed(append(rests, f.rests...), "it was started by %s, and its authorisation is none: %s", short(start.OID), f.reason)}
	case CannotVerify:
		return []answer{unverifiable(append(rests, f.rests...), "its authorisation cannot be verified: %s", f.reason)}
	}
	return []answer{claimsOrder(auth, start, rests)}
}

// authority judges the landing that authorised a change.
func authority(d *dossier, auth *step) answer {
	if auth.ruling == nil || auth.ruling.err != nil {
		return auth.ruling.unjudged()
	}
	return auth.ruling.gate(d.t)
}

// claimsOrder holds the time the record gives against the landing's.
func claimsOrder(auth, start *step, rests []string) answer {
	at, ok := start.after.Time("implementation", "started_at")
	switch {
	case !ok:
		return unverifiable(rests, "landing %s authorised it before %s started it; the record does not say when work began", short(auth.OID), short(start.OID))
	case at.Before(auth.Committer.When):
		return failed(rests, "work began at %s by its own record, before landing %s authorised it at %s", utc(at), short(auth.OID), utc(auth.Committer.When))
	}
	return passed(rests, "landing %s, the %s on main, authorised it before landing %s, the %s, started it", short(auth.OID), ordinal(auth.Index+1), short(start.OID), ordinal(start.Index+1))
}

// ordinal words a position.
func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		suffix = map[int]string{1: "st", 2: "nd", 3: "rd"}[n%10]
		if suffix == "" {
			suffix = "th"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// schedule is SCH-1: work began within the approved window, and in no freeze.
func schedule(d *dossier) []answer {
	start := d.started()
	switch {
	case d.isEmergency():
		return []answer{inapplicable("an emergency waits for no window")}
	case start == nil:
		return []answer{inapplicable("work on it has not begun")}
	case start.way == history.AtGenesis:
		return []answer{inapplicable("it was under way in the genesis commit")}
	}
	auth := d.authorised(start)
	if auth == nil {
		return []answer{unverifiable([]string{start.OID}, "nothing authorised it, so no window was approved (APR-2)")}
	}
	from, ok1 := auth.after.Time("window", "start")
	to, ok2 := auth.after.Time("window", "end")
	if !ok1 || !ok2 {
		return []answer{inapplicable("landing %s approved no window", short(auth.OID))}
	}
	rests := []string{auth.OID, start.OID}
	at, ok := start.after.Time("implementation", "started_at")
	switch {
	case !ok:
		return []answer{unverifiable(rests, "the record does not say when work began")}
	case at.Before(from) || !at.Before(to):
		return []answer{failed(rests, "work began at %s, outside the approved window from %s to %s", utc(at), utc(from), utc(to))}
	}
	return []answer{frozen(auth, start, at, rests)}
}

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
	return append(out, d.retro(first, who))
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

// newest is the newest version that can be read.
func (d *dossier) newest() *record.Record {
	for i := len(d.steps) - 1; i >= 0; i-- {
		if d.steps[i].after != nil {
			return d.steps[i].after
		}
	}
	return nil
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
		case given.After(due):
			late = failed(rests, "%s approved it at %s, after it was due at %s", who, utc(given), utc(due))
		default:
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
