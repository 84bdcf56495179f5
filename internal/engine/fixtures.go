package engine

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/open-policy-agent/opa/v1/ast"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// field is what key name of s yields; a name that no object in s can have is
// reported. Where s may be something unknown, or the key is asked for with a
// default from data.yaml, only what nearly spells a field is.
func (f *flow) field(s shape, name string, loc *ast.Location) shape {
	out, known, exact := s.field(name)
	object := s.schemaObject()
	if known || object == nil || f.report == nil {
		return out
	}
	fields := s.fieldNames()
	data := strings.HasPrefix(object.name, "data.")
	if data && f.optional {
		exact = false
	}
	if (!exact || f.nearOnly) && finding.NearMiss(name, fields) == "" {
		return out
	}
	if loc == nil || loc.File == "" {
		loc = f.place
	}
	code, what := "POL003", "field"
	if data {
		code, what = "POL011", "key"
	}
	f.report.add(code, loc, fmt.Sprintf("%s has no %s %q", object.name, what, name), suggest(name, fields))
	return out
}

// holds reports values of data.yaml that policy looks into and that hold
// nothing, or have no names for what they hold: what it looks for is undefined
// then, and its rule silent.
func (f *flow) holds(s shape, t *ast.Term) {
	if f.report == nil || s.open || len(s.nodes) == 0 || slices.Equal(s.nodes, f.config.nodes) { // checkData knows of the whole
		return
	}
	var name ast.String
	if t != nil {
		name, _ = t.Value.(ast.String)
	}
	for _, n := range s.nodes {
		if n.scalar == "" && (!n.list || !n.schema || name == "" || !strings.HasPrefix(n.name, "data.")) {
			return
		}
	}
	n, loc := s.nodes[0], f.place
	is, fix := n.scalar, "a mapping or a list"
	if n.list {
		is = "a list"
	}
	msg := fmt.Sprintf("%s is %s, which holds nothing", n.name, is)
	if name != "" {
		loc, fix = f.at(t), "a mapping"
		msg = fmt.Sprintf("%s is %s, and has no key %q", n.name, is, string(name))
	}
	f.report.add("POL011", loc, msg, fmt.Sprintf("make it %s in policy/data.yaml, or read it as what it is", fix))
}

// follow follows a JSON pointer, with or without its first slash.
func (f *flow) follow(s shape, pointer string, loc *ast.Location) shape {
	for _, part := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		if _, err := strconv.Atoi(part); part == "-" || err == nil {
			s = s.elements()
			continue
		}
		s = f.field(s, part, loc)
	}
	return s
}

// with checks the target of a `with`, and what is put there.
func (f *flow) with(e *ast.Expr, w *ast.With) {
	ref, ok := w.Target.Value.(ast.Ref)
	if !ok {
		return
	}
	head := ref[0]
	switch {
	case head.Equal(ast.InputRootDocument):
		old := f.kind
		f.kind = f.judged(e)
		target := f.steps(only(f.input()), ref[1:])
		f.conform(f.term(w.Value), target, false)
		f.kind = old
	case head.Equal(ast.DefaultRootDocument):
		f.ref(ref)
		f.mocked(ref, f.known.arity(ref.String()) > 0)
	default:
		f.mocked(ref, true)
	}
}

// mocked refuses the replacement of functions outside of tests.
func (f *flow) mocked(ref ast.Ref, function bool) {
	if f.report != nil && function && !f.module.test {
		f.report.add("POL005", f.place, fmt.Sprintf("with replaces the function %v", ref), "only tests may replace functions")
	}
}

// judged is the kind whose rules an expression asks, "" if that is not plain.
func (f *flow) judged(e *ast.Expr) string {
	if f.module.kind != "" {
		return f.module.kind
	}
	found := ""
	ast.WalkRefs(e.Terms, func(ref ast.Ref) bool {
		if el := elements(ref); ref[0].Equal(ast.DefaultRootDocument) && len(el) > 1 && el[0] == namespace {
			if kind, ok := f.judges[el[1]]; ok {
				found = kind
			}
		}
		return false
	})
	return found
}

// conform reports keys and values of literals that the wanted shape does not
// have: a fixture that is misspelt tests nothing.
func (f *flow) conform(have, want shape, nearOnly bool) {
	if f.report == nil {
		return
	}
	old := f.nearOnly
	f.nearOnly = nearOnly
	f.conforms(have, want, map[[2]int]bool{})
	f.nearOnly = old
}

func (f *flow) conforms(have, want shape, seen map[[2]int]bool) {
	if len(want.nodes) == 0 {
		return
	}
	f.compareWith(have, want, f.nearOnly)
	if want.nodes[0].pointer {
		f.conformPointer(have)
	}
	for _, n := range have.nodes {
		key := [2]int{n.id, want.nodes[0].id}
		if n.schema || seen[key] {
			continue
		}
		seen[key] = true
		switch {
		case n.object:
			f.conformObject(n, want, seen)
		case n.list:
			f.conforms(n.items, want.elements(), seen)
		case !n.patches.empty():
			f.conformPatches(n, want, seen)
		}
	}
}

func (f *flow) conformObject(n *node, want shape, seen map[[2]int]bool) {
	if kinds := n.props["kind"]; slices.Equal(want.nodes, f.sch.every.nodes) {
		for name := range kinds.strings() {
			if record, ok := f.sch.records[name]; ok {
				want = record
			}
		}
	}
	for _, name := range sortedKeys(n.props) {
		f.conforms(n.props[name], f.field(want, name, n.keys[name]), seen)
	}
	f.conforms(n.extra, want.elements(), seen)
}

// conformPatches checks the paths and values that json.patch puts into a
// fixture.
func (f *flow) conformPatches(n *node, want shape, seen map[[2]int]bool) {
	f.conforms(n.base, want, seen)
	for _, patch := range n.patches.elements().nodes {
		if !patch.object {
			continue
		}
		for _, pointer := range sortedKeys(patch.props["path"].strings()) {
			at := f.follow(want, pointer, patch.props["path"].strings()[pointer])
			f.conforms(patch.props["value"], at, seen)
		}
	}
}

// reportArguments compares literal arguments with the records that other calls
// of the same function give it.
func (f *flow) reportArguments() {
	for _, name := range f.order {
		for _, arg := range f.rules[name].args {
			var records shape
			for _, n := range arg.nodes {
				if n.schema {
					records.add(only(n))
				}
			}
			f.conform(arg, records, true)
		}
	}
}

// names are the packages and rules of a policy.
type names struct {
	paths   [][]string     // of rules and packages
	arities map[string]int // of functions and rules, by full name
}

func newNames(compiled map[string]*ast.Module) *names {
	out := &names{arities: map[string]int{}}
	for _, name := range sortedKeys(compiled) {
		m := compiled[name]
		out.paths = append(out.paths, elements(m.Package.Path))
		for _, r := range m.Rules {
			ref := r.Ref().GroundPrefix()
			out.paths = append(out.paths, elements(ref))
			out.arities[ref.String()] = len(r.Head.Args)
		}
	}
	return out
}

// arity is the number of arguments of a function, -1 if there is none.
func (n *names) arity(name string) int {
	if b := ast.BuiltinMap[name]; b != nil {
		return b.Decl.Arity()
	}
	if a, ok := n.arities[name]; ok {
		return a
	}
	return -1
}

// missing returns the position in path at which it leads to no package and no
// rule, with what is there instead; -1 if it leads somewhere. A path that goes
// on beyond a rule is a matter of the rule's type.
func (n *names) missing(path []string) (int, []string) {
	deepest := -1
	var siblings []string
	for _, p := range n.paths {
		i := 0
		for i < len(p) && i < len(path) && p[i] == path[i] {
			i++
		}
		if i == len(path) || i == len(p) && n.isRule(p) {
			return -1, nil
		}
		if i > deepest {
			deepest, siblings = i, nil
		}
		if i == deepest && i < len(p) {
			siblings = append(siblings, p[i])
		}
	}
	slices.Sort(siblings)
	return deepest, slices.Compact(siblings)
}

func (n *names) isRule(path []string) bool {
	_, ok := n.arities[packageRef(path...)]
	return ok
}

// checkData reports references to data that is nowhere, which OPA takes for
// data that is absent today.
func (f *flow) checkData(ref ast.Ref, el []string) {
	if f.report == nil || len(el) == 0 || el[0] == "catalog" {
		return
	}
	at, siblings := f.known.missing(el)
	if at < 0 {
		return
	}
	siblings = slices.DeleteFunc(siblings, func(s string) bool { return strings.HasSuffix(s, privateSuffix) })
	if at == 0 {
		siblings = append(siblings, "catalog", "config")
		slices.Sort(siblings)
	}
	f.report.add("POL011", f.at(ref[at+1]), fmt.Sprintf("there is no %s", packageRef(el[:at+1]...)), suggest(el[at], siblings))
}
