package audit

import (
	"fmt"
	"time"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// Period is a stretch of main: of time, from Since up to and without Until, by
// the dates of commits and statements; of commits, what main's own line has
// after After up to and with Upto; or both. A zero field leaves that end open.
type Period struct {
	Since, Until time.Time
	After, Upto  git.OID
}

// Whole reports whether the period is all there is.
func (p Period) Whole() bool { return p == Period{} }

func (p Period) holds(t time.Time) bool {
	return !t.Before(p.Since) && (p.Until.IsZero() || t.Before(p.Until))
}

func (p Period) String() string {
	from, to := "the beginning", "now"
	if !p.Since.IsZero() {
		from = utc(p.Since)
	}
	if !p.Until.IsZero() {
		to = utc(p.Until)
	}
	out := "from " + from + " to " + to
	if p.After != "" || p.Upto != "" {
		out += fmt.Sprintf(", in the commits %s..%s", short(p.After), short(p.Upto))
	}
	return out
}

// span is a period in the terms of main's line.
type span struct {
	Period
	after, upto int // indexes in the line; after is -1 where it is open
}

// OffLineError says that a commit that bounds a period is not one of main's own.
type OffLineError struct{ Commit git.OID }

func (e *OffLineError) Error() string {
	return fmt.Sprintf("commit %s is not on main's own line of first parents, so no period begins or ends with it: name a landing (git log --first-parent)", short(e.Commit))
}

// span finds the landings that bound a period.
func (t *trail) span(p Period) (span, error) {
	out := span{Period: p, after: -1, upto: len(t.h.Line) - 1}
	for _, end := range []struct {
		id git.OID
		at *int
	}{{p.After, &out.after}, {p.Upto, &out.upto}} {
		if end.id == "" {
			continue
		}
		l, ok := t.h.Landing(end.id)
		if !ok {
			return out, &OffLineError{end.id}
		}
		*end.at = l.Index
	}
	return out, nil
}

// landing reports whether a landing is in the period.
func (s span) landing(l *history.Landing) bool {
	return l.Index > s.after && l.Index <= s.upto && s.holds(l.Committer.When)
}

// statement reports whether a statement is: by its own date, and by the first
// landing that commits to it. What no landing knows yet came after all of them.
func (s span) statement(it *item) bool {
	anchored := it.anchor > s.after && it.anchor <= s.upto
	if it.anchor == history.Unanchored {
		anchored = s.Upto == ""
	}
	return anchored && s.holds(it.Statement.Predicate.Time)
}

// touches reports whether something happened to a record in the period: it
// changed on main, or a proposal of it that never landed was spoken of.
func (s span) touches(d *dossier) bool {
	if len(d.steps) > 0 {
		return len(d.within(s)) > 0
	}
	for _, it := range d.items {
		if s.statement(it) {
			return true
		}
	}
	return false
}
