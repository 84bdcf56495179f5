package audit

import (
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/record"
)

// ended is the first step with which work on the change was over, nil where it
// is not.
func (d *dossier) ended() *step {
	for i := range d.steps {
		s := &d.steps[i]
		if s.after != nil && slices.Contains([]string{"review", "closed"}, s.after.State()) {
			return s
		}
	}
	return nil
}

// blind says that what main holds of the record now cannot be read, so that
// nobody can tell how far it came; nil where it can be read, or is gone.
func (d *dossier) blind() *answer {
	if len(d.steps) == 0 {
		return nil
	}
	last := d.steps[len(d.steps)-1]
	if last.after != nil || last.touch.NewBlob == "" {
		return nil
	}
	a := unverifiable([]string{last.OID, last.file(d.t.Dir)}, "what landed with %s cannot be read", short(last.OID))
	return &a
}

// carried answers for the checks on work that is over, where there is none to
// look at.
func (d *dossier) carried() (*step, *answer) {
	s := d.ended()
	no := func(format string, args ...any) (*step, *answer) {
		a := inapplicable(format, args...)
		return nil, &a
	}
	switch {
	case s == nil && d.blind() != nil:
		return nil, d.blind()
	case d.started() == nil:
		return no("work on it has not begun")
	case s == nil:
		return no("work on it is not over")
	case s.way == history.AtGenesis:
		return no("work on it was over in the genesis commit")
	}
	return s, nil
}

// implemented is IMPL-1: who carried it out and when is recorded, and what was
// carried out is what was approved.
func implemented(d *dossier) []answer {
	s, no := d.carried()
	if no != nil {
		return []answer{*no}
	}
	rests := []string{s.OID, s.place(d.t.Dir, "/implementation")}
	who := s.after.Str("implementation", "implementer")
	from, ok1 := s.after.Time("implementation", "started_at")
	to, ok2 := s.after.Time("implementation", "finished_at")
	var out []answer
	if _, known := s.Before.People.People[who]; !known {
		out = append(out, failed(rests, "%s says that it was carried out by %s, who was nobody in people/", short(s.OID), orNone(who)))
	}
	switch {
	case !ok1 || !ok2:
		out = append(out, failed(rests, "%s does not say when work began and ended", short(s.OID)))
	case to.Before(from):
		out = append(out, failed(rests, "%s says that work ended at %s, before it began at %s", short(s.OID), utc(to), utc(from)))
	}
	if s.after.Str("implementation", "outcome") == "" {
		out = append(out, failed(rests, "%s does not say how it ended", short(s.OID)))
	}
	auth, _ := d.authorising()
	if auth != nil {
		if was, is := pinned(auth.after), pinned(s.after); !slices.Equal(was, is) {
			out = append(out, failed(append(rests, auth.OID), "%s was approved, and %s carried out", joined(was), joined(is)))
		}
	}
	if len(out) > 0 {
		return out
	}
	return []answer{passed(rests, "%s carried it out from %s to %s%s", who, utc(from), utc(to), deployed(s.after))}
}

func deployed(r *record.Record) string {
	if pins := pinned(r); len(pins) > 0 {
		return ", with the artifacts that were approved: " + strings.Join(pins, ", ")
	}
	return ""
}

// verified is VER-1: somebody looked whether it worked, as was planned.
func verified(d *dossier) []answer {
	s, no := d.carried()
	if no != nil {
		return []answer{*no}
	}
	if outcome := s.after.Str("implementation", "outcome"); outcome == "backed-out" || outcome == "failed" {
		return []answer{inapplicable("it ended %s: its review says what was found (PIR-1)", outcome)}
	}
	auth, no := d.authorising()
	if no != nil {
		return []answer{*no}
	}
	if f := d.stated(auth, "how it shows that it worked", "plan", "verify"); f.verdict != Fail {
		if f.verdict == Pass {
			f.reason += ", and it ended " + orNone(s.after.Str("implementation", "outcome"))
			f.rests = append(f.rests, s.OID)
		}
		return []answer{f}
	}
	last := d.newest()
	for _, field := range [][]string{{"implementation", "notes"}, {"review", "summary"}} {
		if !record.Placeholder(last.Str(field...)) {
			return []answer{passed([]string{s.OID}, "what was found afterwards is in its %s", strings.Join(field, "."))}
		}
	}
	return []answer{failed([]string{auth.OID, s.OID}, "nothing says whether it worked: no plan.verify, no implementation.notes, no review")}
}

// documented is DOC-1: once it was over, what it had changed was on record.
func documented(d *dossier) []answer {
	s, no := d.carried()
	switch {
	case no != nil:
		return []answer{*no}
	case s.ruling == nil || s.ruling.err != nil:
		return []answer{s.ruling.unjudged()}
	case len(s.ruling.missing) > 0:
		return []answer{failed([]string{s.OID, s.place(d.t.Dir, "/services")}, "when it was over, the catalogue lacked %s", strings.Join(s.ruling.missing, ", "))}
	}
	for i := range d.steps {
		x := &d.steps[i]
		if r := x.ruling; r != nil && x.Index <= s.Index && r.beside > 0 {
			return []answer{passed([]string{x.OID}, "landing %s changed %s beside it", short(x.OID), finding.Counted(r.beside, "file"))}
		}
	}
	if links, _ := d.newest().Fields["links"].([]any); len(links) > 0 {
		return []answer{passed([]string{s.OID, s.place(d.t.Dir, "/links")}, "it links to %s, and what it touched is in the catalogue", finding.Counted(len(links), "document"))}
	}
	return []answer{inapplicable("what it touched is in the catalogue; nothing says that documents had to change")}
}
