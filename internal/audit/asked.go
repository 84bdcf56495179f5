package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/record"
)

// authorising is the step whose version of the change everybody relied on: the
// one that authorised it, or the first of an emergency. Where no step can be
// judged, the answer says why.
func (d *dossier) authorising() (*step, *answer) {
	no := func(a answer) (*step, *answer) { return nil, &a }
	auth := d.authorised(d.started())
	if d.isEmergency() && len(d.steps) > 0 {
		auth = &d.steps[0]
	}
	switch {
	case len(d.steps) == 0:
		return no(inapplicable("it never landed"))
	case d.steps[0].way == history.AtGenesis && (auth == nil || auth.way == history.AtGenesis):
		return no(inapplicable("in the genesis commit, which nothing gates"))
	case auth == nil && d.blind() != nil:
		return nil, d.blind()
	case auth == nil:
		return no(d.unauthorised())
	case auth.after == nil:
		return no(unverifiable([]string{auth.OID}, "what landed with %s cannot be read", short(auth.OID)))
	}
	return auth, nil
}

// unauthorised answers for a change that nothing authorised: where work on it
// began all the same, there is no version that anybody relied on to hold it
// against.
func (d *dossier) unauthorised() answer {
	if start := d.started(); start != nil && start.way != history.AtGenesis {
		return unverifiable([]string{start.OID}, "%s has it as %s, and nothing before authorised it (APR-2)", short(start.OID), start.after.State())
	}
	return inapplicable("nothing authorised it, and work on it has not begun")
}

// place is where a field of the step's version stands, for RestsOn.
func (s *step) place(dir, pointer string) string {
	line, _ := s.after.Doc.Position(pointer)
	return at(s.file(dir), line)
}

// stated holds one field of the authorised version to being filled in. What a
// standard change leaves out its model says.
func (d *dossier) stated(s *step, what string, field ...string) answer {
	rests := []string{s.OID, s.place(d.t.Dir, "/"+strings.Join(field, "/"))}
	switch text := s.after.Str(field...); {
	case !record.Placeholder(text):
		return passed(rests, "landing %s says %s", short(s.OID), what)
	case s.after.Str("type") == "standard":
		return inapplicable("a standard change does as its model says")
	default:
		return failed(rests, "landing %s does not say %s", short(s.OID), what)
	}
}

// requested is REQ-1: somebody known asked for it, for a reason.
func requested(d *dossier) []answer {
	s, no := d.authorising()
	if no != nil {
		return []answer{*no}
	}
	who := strings.TrimPrefix(s.after.Str("requester"), "person:")
	rests := []string{s.OID, s.place(d.t.Dir, "/requester")}
	out := []answer{passed(rests, "%s requested it", who)}
	if _, known := s.Before.People.People[who]; who == "" {
		out = []answer{failed(rests, "landing %s names nobody who requested it", short(s.OID))}
	} else if _, team := s.Before.People.Teams[strings.TrimPrefix(who, "team:")]; !known && !team {
		out = []answer{failed(rests, "%s, who requested it, was nobody in people/", who)}
	}
	if d.isEmergency() && !record.Placeholder(s.after.Str("incident")) {
		return out // the incident is the reason
	}
	return append(out, d.stated(s, "why it was needed", "reason"))
}

// impact is IMP-1: what it touches is on record, so that its reach could be
// worked out.
func impact(d *dossier) []answer {
	s, no := d.authorising()
	switch {
	case no != nil:
		return []answer{*no}
	case s.ruling == nil || s.ruling.err != nil:
		return []answer{s.ruling.unjudged()}
	}
	touched := append(s.after.Strs("services"), s.after.Strs("assets")...)
	rests := []string{s.OID, s.place(d.t.Dir, "/services")}
	switch missing := s.ruling.missing; {
	case len(touched) == 0:
		return []answer{failed(rests, "landing %s names neither service nor asset", short(s.OID))}
	case len(missing) > 0:
		return []answer{failed(rests, "landing %s names what is not in the catalogue: %s", short(s.OID), strings.Join(missing, ", "))}
	}
	return []answer{passed(rests, "landing %s names %s, all in the catalogue; the reach that was weighed is %d further services and assets", short(s.OID), strings.Join(touched, ", "), s.ruling.reach)}
}

// security is IMP-2: what it does to security was written down where the risk
// called for it.
func security(d *dossier) []answer {
	s, no := d.authorising()
	if no != nil {
		return []answer{*no}
	}
	if d.isEmergency() {
		return []answer{inapplicable("an emergency is assessed afterwards, in its review (PIR-1)")}
	}
	f := d.stated(s, "what it does to security", "security_impact")
	if f.verdict != Fail {
		return []answer{f}
	}
	if s.ruling == nil || s.ruling.err != nil {
		return []answer{s.ruling.unjudged()}
	}
	if band := s.ruling.decision.Risk.Band; slices.Contains([]string{"low", "medium"}, band) {
		return []answer{inapplicable("landing %s does not say what it does to security; its risk was %s", short(s.OID), band)}
	}
	return []answer{f}
}

// tested is TST-1: it was tested, and the record says how, before work began.
func tested(d *dossier) []answer {
	s, no := d.authorising()
	switch {
	case no != nil:
		return []answer{*no}
	case d.isEmergency():
		return []answer{inapplicable("an emergency is tested afterwards, and its review says so (PIR-1)")}
	}
	rests := []string{s.OID, s.place(d.t.Dir, "/questionnaire/tested")}
	if s.after.Str("questionnaire", "tested") == "no" {
		return []answer{failed(rests, "landing %s says that it was not tested", short(s.OID))}
	}
	f := d.stated(s, "how it was tested", "plan", "test")
	if f.verdict != Pass {
		return []answer{f}
	}
	if pins := pinned(s.after); len(pins) > 0 {
		f.reason += ", and what was tested: " + strings.Join(pins, ", ")
	} else {
		f.reason += "; no artifact is named by digest, so what was tested is the record's word"
	}
	return []answer{f}
}

// pinned lists a version's artifacts as name and digest.
func pinned(r *record.Record) []string {
	list, _ := r.Fields["artifacts"].([]any)
	var out []string
	for _, x := range list {
		if m, ok := x.(map[string]any); ok {
			out = append(out, fmt.Sprintf("%s %s", record.Str(m, "name"), record.Str(m, "digest")))
		}
	}
	slices.Sort(out)
	return out
}
