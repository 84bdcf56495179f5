package audit

import (
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/history"
)

// standard is STD-1: a standard change was within a model that was in force.
func standard(d *dossier) []answer {
	s, no := d.authorising()
	switch {
	case no != nil:
		return []answer{*no}
	case s.after.Str("type") != "standard":
		return []answer{inapplicable("it is no standard change")}
	case s.ruling == nil || s.ruling.err != nil:
		return []answer{s.ruling.unjudged()}
	}
	rests := []string{s.OID, s.place(d.t.Dir, "/model")}
	id := s.after.Str("model")
	m := s.ruling.model
	switch {
	case id == "":
		return []answer{failed(rests, "landing %s names no model", short(s.OID))}
	case m == nil:
		return []answer{failed(rests, "main before landing %s had no model %s", short(s.OID), id)}
	}
	if why := s.ruling.outside; len(why) > 0 {
		return []answer{failed(append(rests, m.Doc.Name), "landing %s is outside its model %s: %s", short(s.OID), id, strings.Join(why, "; "))}
	}
	return []answer{passed(append(rests, m.Doc.Name), "landing %s is within its model %s, which was in force", short(s.OID), id)}
}

// protected is CFG-1: the branch was protected all the time. It is about the
// store, and only a forge can protect anything.
func protected(t *trail) answer {
	forges := map[string]bool{}
	for _, l := range t.h.Line {
		forges[forgeOf(l)] = true
	}
	if len(forges) == 1 && forges["local"] {
		return inapplicable("the forge is local, where nothing protects main; every commit of it was looked at instead (POP-2)")
	}
	rests := []string{t.h.Head().OID}
	for _, l := range t.h.Line {
		if !onForge(l) {
			continue
		}
		it := t.recorded(l)
		if it == nil || it.Statement.Predicate.Forge == nil {
			return unverifiable([]string{l.OID}, "no evidence says how main was protected when %s landed", short(l.OID))
		}
		if a := protectedAt(l, it); a.verdict != Pass {
			return a
		}
		rests = append(rests, it.Path)
	}
	if len(rests) == 1 {
		return unverifiable(rests, "main is on a forge, and no evidence says how its branches were protected")
	}
	return passed(rests, "whenever something landed, main's rules demanded a pull request and the gate's status, and no force-push, and nobody could go past them")
}

// protectedAt is how main was protected when something landed. Who may go past
// rules is not held by them, so that one who does not know that knows nothing.
func protectedAt(l *history.Landing, it *item) answer {
	f, rests := it.Statement.Predicate.Forge, []string{l.OID, it.Path}
	unknown := func(what string) bool {
		return slices.ContainsFunc(f.Unknown, func(u string) bool { return strings.HasPrefix(u, what) })
	}
	lacks := lacking(f.Rules)
	switch {
	case unknown("the rules"):
		return unverifiable(rests, "how main was protected when %s landed could not be read then", short(l.OID))
	case lacks != "" && unknown("branch protection"):
		return unverifiable(rests, "when %s landed, main had protection of its own that could not be read, and its rulesets did not demand %s", short(l.OID), lacks)
	case lacks != "":
		return failed(rests, "when %s landed, main's rules did not demand %s", short(l.OID), lacks)
	case len(f.Exempt) > 0:
		return failed(rests, "when %s landed, main's rules did not hold %s", short(l.OID), strings.Join(f.Exempt, ", "))
	case unknown("who may go past the rules"):
		return unverifiable(rests, "when %s landed, main's rules demanded what they should, and whoever recorded it may not read whom they did not hold; who went past them shows in POP-2", short(l.OID))
	}
	return passed(rests, "")
}

// lacking is what rules of a branch do not demand, of all that protects main.
func lacking(rules []evidence.RuleFact) string {
	has := func(ok func(evidence.RuleFact) bool) bool { return slices.ContainsFunc(rules, ok) }
	typed := func(name string) bool { return has(func(r evidence.RuleFact) bool { return r.Type == name }) }
	switch {
	case !has(func(r evidence.RuleFact) bool { return slices.Contains(r.Checks, "gitsm/gate") }):
		return "the status gitsm/gate"
	case !typed("pull_request") && !typed("merge_queue"):
		return "a pull request"
	case !typed("non_fast_forward"):
		return "that nobody pushes by force"
	}
	return ""
}

func forgeOf(l *history.Landing) string {
	if f := l.After.Config.Forge; f != "" {
		return f
	}
	return "local"
}
