package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/record"
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
	if why := outside(m, s.after, s.ruling); len(why) > 0 {
		return []answer{failed(append(rests, m.Doc.Name), "landing %s is outside its model %s: %s", short(s.OID), id, strings.Join(why, "; "))}
	}
	return []answer{passed(append(rests, m.Doc.Name), "landing %s is within its model %s, which was in force", short(s.OID), id)}
}

// free are the fields that a change made from a model may always fill in, with
// those that say what it is.
var free = []string{"apiVersion", "kind", "id", "type", "state", "requester", "owner", "services", "assets", "environment", "model",
	"title", "window", "links", "artifacts", "implementation", "review", "corrections"}

// outside says in what a change is not what its model allows.
func outside(m, c *record.Record, r *ruling) []string {
	var out []string
	if m.State() != "active" || m.Str("use") != "change" {
		out = append(out, "it is no active model of changes")
	}
	if from, ok := m.Time("valid_from"); ok && r.facts.Now.Before(from) {
		out = append(out, "it may be used only from "+utc(from)+" on")
	}
	if to, ok := m.Time("expires"); ok && !r.facts.Now.Before(to) {
		out = append(out, "it expired at "+utc(to))
	}
	locked, _ := m.Fields["locked"].(map[string]any)
	defaults, _ := m.Fields["defaults"].(map[string]any)
	for _, p := range walk("", locked, within(c.Fields, locked)) {
		out = append(out, dotted(p)+" differs from what it locks")
	}
	open := slices.Concat(free, m.Strs("open"), names("", locked), names("", defaults))
	for _, name := range names("", c.Fields) {
		if !slices.ContainsFunc(open, func(o string) bool { return name == o || strings.HasPrefix(name, o+".") }) {
			out = append(out, name+" is not left open")
		}
	}
	return append(out, beyondScope(m, c, r.tiers)...)
}

// beyondScope lists what a change touches that its model is not for.
func beyondScope(m, c *record.Record, tiers map[string]int) []string {
	var model record.Model
	if err := m.Decode(&model); err != nil {
		return []string{fmt.Sprintf("its scope cannot be read: %v", err)}
	}
	scope := model.Scope
	var out []string
	for _, id := range c.Strs("services") {
		tier, known := tiers[id]
		if !scope.All && !slices.Contains(scope.Services, id) && !(known && slices.Contains(scope.Tiers, tier)) {
			out = append(out, "service "+id+" is not in its scope")
		}
	}
	for _, id := range c.Strs("assets") {
		if !scope.All && !slices.Contains(scope.Assets, id) {
			out = append(out, "asset "+id+" is not in its scope")
		}
	}
	if env := c.Str("environment"); len(scope.Environments) > 0 && !slices.Contains(scope.Environments, env) {
		out = append(out, "environment "+orNone(env)+" is not in its scope")
	}
	return out
}

// within takes from fields what template has, so that the two can be compared.
func within(fields, template map[string]any) map[string]any {
	out := map[string]any{}
	for k, t := range template {
		v, ok := fields[k]
		if sub, isMap := t.(map[string]any); isMap && ok {
			if m, isMap := v.(map[string]any); isMap {
				v = within(m, sub)
			}
		}
		if ok {
			out[k] = v
		}
	}
	return out
}

// names lists the leaves of fields as names joined by dots, sorted.
func names(prefix string, fields map[string]any) []string {
	var out []string
	for k, v := range fields {
		if m, ok := v.(map[string]any); ok {
			out = append(out, names(prefix+k+".", m)...)
			continue
		}
		out = append(out, prefix+k)
	}
	slices.Sort(out)
	return out
}

func dotted(pointer string) string {
	return strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", ".")
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
