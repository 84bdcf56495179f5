package audit

import (
	"fmt"
	"time"

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

// newest is the newest version that can be read.
func (d *dossier) newest() *record.Record {
	for i := len(d.steps) - 1; i >= 0; i-- {
		if d.steps[i].after != nil {
			return d.steps[i].after
		}
	}
	return nil
}
