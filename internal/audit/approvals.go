package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/history"
)

// approvals is APR-1: those whom policy asked at the time approved. Every
// landing is decided again from what existed before it; the recorded decision
// is only compared.
func approvals(d *dossier) []answer {
	var out []answer
	for _, s := range d.steps {
		switch {
		case !judged(s.way):
			out = append(out, inapplicable("%s: %s asked nobody", s.way, short(s.OID)))
		case s.ruling == nil || s.ruling.err != nil:
			out = append(out, s.ruling.unjudged())
		case s.way == history.Pushed:
			out = append(out, s.ruling.push())
		default:
			out = append(out, s.ruling.gate(d.t))
		}
	}
	if len(d.steps) == 0 {
		out = append(out, inapplicable("it never landed"))
	}
	return out
}

// push judges what came past the gate as if it had been proposed.
func (r *ruling) push() answer {
	dec := r.decision
	rests := append([]string{r.landing.OID}, r.evidence()...)
	switch {
	case len(dec.Requirements) == 0:
		return inapplicable("%s came past the gate (POP-2); policy would have asked nobody", short(r.landing.OID))
	case unmet(dec):
		return failed(rests, "%s came past the gate, without the approvals that policy asks for: %s", short(r.landing.OID), reasons(dec))
	}
	return passed(rests, "%s came past the gate (POP-2), with the approvals that policy asks for", short(r.landing.OID))
}

// gate compares what the gate recorded with what it should have found.
func (r *ruling) gate(t *trail) answer {
	l, dec := r.landing, r.decision
	rests := append([]string{l.OID}, r.evidence()...)
	if r.recorded == nil {
		return failed([]string{l.OID, l.Merge.Path}, "the evidence that landing %s commits to holds no decision about it", short(l.OID))
	}
	then := r.recorded.Statement.Predicate
	same := then.Tool.Gitsm == t.Tool && then.Tool.OPA == dec.OPA
	alike := sameRequirements(dec, then.Decision)
	switch {
	case then.Decision.Verdict != string(approval.Allow):
		return failed(rests, "landing %s went ahead although its recorded decision was %s", short(l.OID), then.Decision.Verdict)
	case !same && (!alike || !unmet(dec) && !dec.Allowed()):
		return unverifiable(rests, "landing %s was decided by gitsm %s (OPA %s) and comes out otherwise here (%s, OPA %s): check it with that version",
			short(l.OID), then.Tool.Gitsm, orNone(then.Tool.OPA), orNone(t.Tool), orNone(dec.OPA))
	case !dec.Allowed():
		return failed(rests, "landing %s was not allowed: %s", short(l.OID), reasons(dec))
	case !alike:
		return failed(rests, "landing %s recorded other requirements (%s) than policy has (%s)", short(l.OID), listFacts(then.Decision), listNodes(dec))
	}
	lets := waivedNow(dec)
	if had := waivedThen(then.Decision); had != lets {
		return failed(rests, "landing %s recorded as waived: %s, and what its waivers cover is: %s", short(l.OID), had, lets)
	}
	without := ""
	if lets != "none" {
		without = "; waived: " + lets
	}
	if len(dec.Requirements) == 0 {
		return inapplicable("policy asked for nobody's approval%s", without)
	}
	return passed(rests, "landing %s: %s%s", short(l.OID), strings.Join(r.given(), ", "), without)
}

// waivedNow words what a decision let pass under a waiver.
func waivedNow(dec *decision.Decision) string {
	var out []string
	for _, f := range dec.Waived {
		out = append(out, decision.Waived(f.Code, f.Waiver))
	}
	slices.Sort(out)
	return joined(slices.Compact(out))
}

// waivedThen words what a recorded decision says that it let pass so.
func waivedThen(then *evidence.DecisionFacts) string {
	var out []string
	for _, f := range then.Findings {
		if f.Waiver != "" {
			out = append(out, decision.Waived(f.Code, f.Waiver))
		}
	}
	slices.Sort(out)
	return joined(slices.Compact(out))
}

// evidence lists the statements a ruling rests on.
func (r *ruling) evidence() []string {
	var out []string
	if r.recorded != nil {
		out = append(out, r.recorded.Path)
	}
	for _, x := range r.relied {
		if x.item != nil {
			out = append(out, x.path)
		}
	}
	return out
}

// given words who met what, with how much it is worth.
func (r *ruling) given() []string {
	var out []string
	for _, n := range r.decision.Requirements {
		var who []string
		for _, p := range n.Approvers {
			trust := evidence.Claimed
			for _, x := range r.relied {
				if x.person == p && x.counts {
					trust = x.seal.trust
				}
			}
			who = append(who, fmt.Sprintf("%s (%s)", p, trust))
		}
		out = append(out, n.ID+" by "+strings.Join(who, " and "))
	}
	return out
}

func unmet(dec *decision.Decision) bool {
	return len(dec.Blockers) > 0 || slices.ContainsFunc(dec.Requirements, func(n approval.Node) bool { return !n.Met })
}

// reasons says in words why a decision is no pass.
func reasons(dec *decision.Decision) string {
	var out []string
	for _, f := range dec.Findings {
		if f.Severity != finding.Warning {
			out = append(out, strings.TrimSpace(f.Code+" "+f.Message))
		}
	}
	if unmet(dec) || len(out) == 0 {
		out = append(out, dec.Reasons...)
	}
	for _, n := range dec.Requirements {
		for _, i := range n.Ignored {
			if !n.Met {
				out = append(out, i.Who+" "+i.Why)
			}
		}
	}
	return strings.Join(out, "; ")
}

// sameRequirements reports whether the gate asked for what policy asks for.
func sameRequirements(dec *decision.Decision, then *evidence.DecisionFacts) bool {
	return listNodes(dec) == listFacts(then)
}

func listNodes(dec *decision.Decision) string {
	var out []string
	for _, n := range dec.Requirements {
		out = append(out, fmt.Sprintf("%s: %d of %s", n.ID, n.Need, strings.Join(n.From, ", ")))
	}
	return joined(out)
}

func listFacts(then *evidence.DecisionFacts) string {
	var out []string
	for _, n := range then.Requirements {
		from := slices.Sorted(slices.Values(n.From))
		out = append(out, fmt.Sprintf("%s: %d of %s", n.ID, n.Need, strings.Join(from, ", ")))
	}
	return joined(out)
}

func joined(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	slices.Sort(list)
	return strings.Join(list, "; ")
}

func orNone(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// content is APR-3: what landed is what was approved.
func content(d *dossier) []answer {
	var out []answer
	approved := ""
	for _, s := range d.steps {
		r := s.ruling
		switch {
		case r == nil:
			continue
		case r.err != nil:
			out = append(out, r.unjudged())
		case len(r.relied) > 0:
			f := r.bound(d)
			if out = append(out, f); f.verdict == Pass {
				approved = short(s.OID)
			}
		case s.way == history.Pushed && approved != "" && s.material():
			files, did := d.what(s)
			out = append(out, failed(append([]string{s.OID}, files...), "commit %s %s after landing %s had been approved", short(s.OID), fmt.Sprintf(did, strings.Join(bare(files), ", ")), approved))
		}
	}
	if len(out) == 0 {
		out = append(out, inapplicable("nothing was approved, so nothing is bound to an approval"))
	}
	return out
}

// material reports whether a step changed anything approvals are bound to.
func (s step) material() bool {
	if s.before == nil || s.after == nil {
		return true
	}
	return sameMaterial(s.before, s.after, s.ruling.decision.Material.Excluded) != nil
}

// bound compares each approval a landing rests on with what landed.
func (r *ruling) bound(d *dossier) answer {
	l := r.landing
	rests := append([]string{l.OID}, r.evidence()...)
	for _, x := range r.relied {
		if x.item == nil {
			return failed(rests, "landing %s counts an approval by %s, %s, that is not in the evidence", short(l.OID), x.person, orNone(x.path))
		}
		m := x.item.Statement.Predicate.Material
		landed, err := r.material(m.Excluded)
		switch extra := beyond(m.Excluded, r.decision.Material.Excluded); {
		case err != nil:
			return unverifiable(rests, "the content of landing %s cannot be digested: %v", short(l.OID), err)
		case len(extra) > 0:
			return failed(rests, "%s approved without regard to %s, which approvals cover", x.person, strings.Join(extra, ", "))
		case landed != m.SHA256:
			return failed(append(rests, r.editedAfter(x)...), "%s approved other content than landed with %s%s", x.person, short(l.OID), edits(r.editedAfter(x)))
		}
	}
	if l.Merge != nil {
		if m := d.t.ledger.byPath[l.Merge.Path].Statement.Predicate.Merge; !m.Identical || m.LandedMaterial != r.decision.Material.SHA256 {
			return failed(append(rests, l.Merge.Path), "landing %s says that content %s landed, and %s did", short(l.OID), short(m.LandedMaterial), short(r.decision.Material.SHA256))
		}
	}
	return passed(rests, "what landed with %s is what was approved", short(l.OID))
}

func edits(commits []string) string {
	if len(commits) == 0 {
		return ""
	}
	names := make([]string, len(commits))
	for i, c := range commits {
		names[i] = short(c)
	}
	return ": edited after the approval by " + strings.Join(names, ", ")
}

// editedAfter lists the commits that wrote bound content after an approval.
func (r *ruling) editedAfter(x reliance) []string {
	head := x.item.Statement.Predicate.Proposal.Head
	after := false
	var out []string
	for _, c := range r.commits {
		if after {
			out = append(out, c.OID)
		}
		after = after || c.OID == head
	}
	return out
}

// beyond lists what excluded leaves out more than allowed does.
func beyond(excluded, allowed []string) []string {
	return slices.DeleteFunc(slices.Clone(excluded), func(f string) bool { return slices.Contains(allowed, f) })
}
