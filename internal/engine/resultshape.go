package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// results are the shapes of what the asked rules give, by their names. Their
// keys are those that decode reads; a literal with another key is reported
// before it is ever evaluated.
func (s *schemas) results() map[string]shape {
	loc := s.object("_loc", "file", "line")
	message := func(name string) shape { return s.object("an element of "+name, "msg", "path", "fix", "_loc") }
	out := map[string]shape{
		"deny": message("deny"), "warn": message("warn"),
		"signals":   s.object("an element of signals", "id", "points", "msg", "mitigation", "path", "try"),
		"approvals": s.object("an element of approvals", "id", "from", "count", "msg", "retro", "shared"),
		"risk":      s.object("risk", "score", "band"),
		Needed:      s.object("an element of needed", "type", "path", "msg", "model"),
	}
	for _, name := range []string{"deny", "warn"} {
		out[name].nodes[0].props["_loc"] = loc
	}
	for _, name := range []string{"deny", "warn", "signals"} {
		out[name].nodes[0].props["path"].nodes[0].pointer = true
	}
	step := s.object("a step of try", "path", "value")
	step.nodes[0].props["path"].nodes[0].pointer = true
	try := s.node("try")
	try.list, try.items = true, step
	out["signals"].nodes[0].props["try"] = only(try)
	out[Needed].nodes[0].props["type"].nodes[0].enum = quoted(needTypes)
	out["risk"].nodes[0].props["band"].nodes[0].enum = quoted(bands)
	return out
}

// object makes a closed object of scalar fields.
func (s *schemas) object(name string, fields ...string) shape {
	n := s.node(name)
	n.object, n.closed, n.props = true, true, map[string]shape{}
	for _, f := range fields {
		n.props[f] = only(s.node(name + "." + f))
	}
	return only(n)
}

// checkResult holds what an asked rule gives against its shape.
func (f *flow) checkResult(r *ast.Rule, value shape) {
	name := strings.TrimSuffix(ruleName(r), privateSuffix)
	want, ok := f.results[name]
	if !ok || !f.module.root || f.report == nil || !slices.Contains(askedOf(f.module.kind), name) {
		return
	}
	if name != "risk" {
		value = value.elements()
		if r.Head.Key != nil && ruleName(r) != name {
			value = value.elements() // [index of the rule, element]
		}
	}
	f.conform(value, want, false)
}

// riskOf is what policy reads of a kind's risk, whatever computed it.
func (f *flow) riskOf(el []string) bool {
	return len(el) > 2 && el[0] == namespace && f.judges[el[1]] != "" && el[2] == "risk"
}

// conformPointer checks a literal JSON pointer into the record in hand.
func (f *flow) conformPointer(have shape) {
	record, _, _ := only(f.input()).field("record")
	texts := have.strings()
	for _, text := range sortedKeys(texts) {
		if strings.HasPrefix(text, "/") {
			f.follow(record, text, texts[text])
			continue
		}
		loc := texts[text]
		if loc == nil || loc.File == "" {
			loc = f.place
		}
		f.report.add("POL003", loc, fmt.Sprintf("path %q is no JSON pointer", text), "begin it with /, such as /plan/backout")
	}
}
