package audit

import (
	"strings"

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
	return unverifiable([]string{t.h.Head().OID}, "main is on a forge, and no evidence says how its branches were protected")
}

func forgeOf(l *history.Landing) string {
	if f := l.After.Config.Forge; f != "" {
		return f
	}
	return "local"
}
