package engine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// writtenRule is a rule as its author wrote it, before compilation rewrites it.
type writtenRule struct {
	file    string
	line    int
	name    string
	pkg     ast.Ref
	aliases map[string]ast.Ref // imports
	body    []*ast.Expr
	args    bool // a function
}

// sources are the rules of a policy by their place.
type sources struct {
	at   map[string]*writtenRule
	rule map[string][]*writtenRule // by reference: data.gitsm.change.planned
}

// sourcesOf lists the rules of modules. It is called before rules are renamed.
func sourcesOf(mods []*module) *sources {
	out := &sources{at: map[string]*writtenRule{}, rule: map[string][]*writtenRule{}}
	for _, m := range mods {
		aliases := map[string]ast.Ref{}
		for _, i := range m.parsed.Imports {
			if ref, ok := i.Path.Value.(ast.Ref); ok {
				aliases[string(i.Name())] = ref
			}
		}
		for _, r := range m.parsed.Rules {
			s := &writtenRule{file: r.Location.File, line: r.Location.Row, name: ruleName(r), pkg: m.parsed.Package.Path,
				aliases: aliases, body: r.Body, args: len(r.Head.Args) > 0}
			out.at[placeOf(r.Location)] = s
			key := s.pkg.Append(ast.StringTerm(s.name)).String()
			out.rule[key] = append(out.rule[key], s)
		}
	}
	return out
}

func placeOf(l *ast.Location) string { return fmt.Sprintf("%s:%d:%d", l.File, l.Row, l.Col) }

// global turns a name as written in a rule into what it means outside: a rule
// of the same package, something imported, input or data.
func (s *sources) global(src *writtenRule, name ast.Ref) (ast.Ref, bool) {
	head, ok := name[0].Value.(ast.Var)
	if !ok {
		return nil, false
	}
	if head.Equal(ast.InputRootDocument.Value) || head.Equal(ast.DefaultRootDocument.Value) {
		return name, true
	}
	if to, ok := src.aliases[string(head)]; ok {
		return to.Concat(name[1:]), true
	}
	full := src.pkg.Append(ast.StringTerm(string(head)))
	if len(s.rule[full.String()]) > 0 {
		return full.Concat(name[1:]), true
	}
	return nil, false
}

// named returns the definitions of the rule that a name means, functions apart.
func (s *sources) named(src *writtenRule, name ast.Ref) []*writtenRule {
	ref, ok := s.global(src, name)
	if !ok {
		return nil
	}
	for n := len(ref); n > 1; n-- {
		if defs := s.rule[ref[:n].String()]; len(defs) > 0 {
			return slices.DeleteFunc(slices.Clone(defs), func(d *writtenRule) bool { return d.args })
		}
	}
	return nil
}

// resolve turns a name into a reference that can be looked up: local variables
// in it are replaced by their values, and it ends where something is unknown.
func (s *sources) resolve(src *writtenRule, o fate, name ast.Ref) (ast.Ref, bool) {
	ref, ok := s.global(src, name)
	if !ok {
		return nil, false
	}
	for _, d := range s.named(src, name) {
		if d.args {
			return nil, false
		}
	}
	out := ast.Ref{ref[0]}
	for _, t := range ref[1:] {
		if v, isVar := t.Value.(ast.Var); isVar {
			value, known := o.locals[string(v)]
			if !known {
				break
			}
			t = value
		}
		if !t.IsGround() {
			break
		}
		out = append(out, t)
	}
	// data.catalog as a whole, or input itself, would say nothing.
	return out, len(out) > 1 && (len(out) > 2 || out[0].Equal(ast.InputRootDocument))
}

// namesIn lists the variables and references that an expression reads, in the
// order in which they are written, without what its functions are called.
func namesIn(e *ast.Expr) []ast.Ref {
	var out []ast.Ref
	add := func(r ast.Ref) {
		if !slices.ContainsFunc(out, func(o ast.Ref) bool { return o.Equal(r) }) {
			out = append(out, r)
		}
	}
	var visit *ast.GenericVisitor
	visit = ast.NewGenericVisitor(func(x any) bool {
		switch x := x.(type) {
		case *ast.Expr:
			if !x.IsCall() {
				return false
			}
			for _, t := range x.Operands() {
				visit.Walk(t)
			}
			return true
		case ast.Call:
			for _, t := range x[1:] {
				visit.Walk(t)
			}
			return true
		case ast.Ref:
			add(x)
			return true
		case ast.Var:
			if !x.IsWildcard() {
				add(ast.Ref{ast.NewTerm(x)})
			}
		}
		return false
	})
	visit.Walk(e)
	return out
}

// fate is what became of a rule.
type fate struct {
	held     bool
	failed   bool
	furthest int                  // expression of the body that failed latest, -1 for the head
	locals   map[string]*ast.Term // variables, where it held first or else failed furthest
}

// local reads a variable of the rule, or something within it.
func (o fate) local(name ast.Ref) (*ast.Term, bool) {
	head, ok := name[0].Value.(ast.Var)
	if !ok {
		return nil, false
	}
	value, ok := o.locals[string(head)]
	if !ok || len(name) == 1 {
		return value, ok
	}
	path := name[1:]
	if !path.IsGround() {
		return nil, false
	}
	found, err := value.Value.Find(path)
	if err != nil {
		return ast.VarTerm("undefined"), true
	}
	return ast.NewTerm(found), true
}

// watcher notes what becomes of rules while a query is evaluated.
type watcher struct {
	sources *sources
	fates   map[*writtenRule]fate
	entered map[uint64]*writtenRule // by id of the evaluation of the body
}

func newWatcher(s *sources) *watcher {
	return &watcher{sources: s, fates: map[*writtenRule]fate{}, entered: map[uint64]*writtenRule{}}
}

// Enabled is part of topdown.QueryTracer.
func (w *watcher) Enabled() bool { return true }

// Config asks for the values of variables.
func (w *watcher) Config() topdown.TraceConfig { return topdown.TraceConfig{PlugLocalVars: true} }

// TraceEvent is part of topdown.QueryTracer.
func (w *watcher) TraceEvent(e topdown.Event) {
	switch e.Op {
	case topdown.EnterOp:
		if r, ok := e.Node.(*ast.Rule); ok && r.Location != nil {
			if src := w.sources.at[placeOf(r.Location)]; src != nil {
				w.entered[e.QueryID] = src
			}
		}
	case topdown.ExitOp:
		if _, ok := e.Node.(*ast.Rule); ok {
			w.exit(e)
		}
	case topdown.FailOp:
		w.fail(e)
	}
}

func (w *watcher) exit(e topdown.Event) {
	src := w.entered[e.QueryID]
	if src == nil || w.fates[src].held {
		return
	}
	w.fates[src] = fate{held: true, locals: locals(e)}
}

func (w *watcher) fail(e topdown.Event) {
	src := w.entered[e.QueryID]
	expr, ok := e.Node.(*ast.Expr)
	if src == nil || !ok || expr.Location == nil {
		return
	}
	o, i := w.fates[src], src.expression(expr.Location)
	if o.held || o.failed && i <= o.furthest {
		return
	}
	w.fates[src] = fate{failed: true, furthest: i, locals: locals(e)}
}

// deciding returns the expressions that decided a rule: all of one that held,
// else the one that failed.
func (w *watcher) deciding(src *writtenRule) []int {
	o := w.fates[src]
	var out []int
	switch {
	case o.held:
		for i := range src.body {
			if !trivial(src.body[i]) {
				out = append(out, i)
			}
		}
	case o.failed:
		out = []int{o.furthest}
	}
	return out
}

// trivial tells the body `true` that a rule without a body has.
func trivial(e *ast.Expr) bool {
	t, ok := e.Terms.(*ast.Term)
	return ok && t.Equal(ast.BooleanTerm(true))
}

// expression returns the index of the expression that a place belongs to, -1
// for the head.
func (s *writtenRule) expression(at *ast.Location) int {
	found, best := -1, &ast.Location{}
	for i, e := range s.body {
		l := e.Location
		if compareLocations(l, at) <= 0 && compareLocations(l, best) >= 0 {
			found, best = i, l
		}
	}
	return found
}

func compareLocations(a, b *ast.Location) int {
	return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col))
}

// locals are the variables of an event by the names that their author knows.
func locals(e topdown.Event) map[string]*ast.Term {
	out := map[string]*ast.Term{}
	if e.Locals == nil {
		return out
	}
	e.Locals.Iter(func(k, v ast.Value) bool {
		if name, ok := k.(ast.Var); ok && v.IsGround() {
			if meta, known := e.LocalMetadata[name]; known {
				out[string(meta.Name)] = ast.NewTerm(v)
			}
		}
		return false
	})
	return out
}

func marshal(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
