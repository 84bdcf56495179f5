package engine

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// flow follows records through the parts of policy that OPA's type checker
// does not look into: function arguments, the variables of `every`, keys given
// to builtin functions, literals compared with enumerations, and the fixtures
// of tests. It works on modules that the compiler has already flattened (every
// reference spelt out, every variable unique in its rule, nested calls taken
// apart), and passes over them until it learns nothing more; then once again,
// reporting.
type flow struct {
	sch     *schemas
	judges  map[string]string // package below gitsm → kind
	config  shape
	samples shape                  // data.fixtures, of tests alone
	results map[string]shape       // what asked rules give, by name
	rules   map[string]*definition // data.gitsm.lib.f → what is known about it
	order   []string               // keys of rules, sorted
	known   *names

	inputs   map[string]*node // kind → envelope
	literals map[any]*node    // term or rule → its node

	module    *module
	vars      map[*ast.Rule]map[ast.Var]*shape // what a variable is bound to
	constants map[*ast.Rule]map[ast.Var]*shape // literals that are its only source
	indexes   map[*ast.Rule]map[ast.Var]*shape // keys over which it ranges, where it has no source
	rule      *ast.Rule
	place     *ast.Location // of the expression in hand
	kind      string        // whose envelope input has in the expression in hand

	changed  bool
	report   *problems // nil but in the last pass
	nearOnly bool      // report only what nearly spells a field
	optional bool      // the key in hand comes with a default
}

// definition is what the rules of one name take and yield.
type definition struct {
	value shape
	args  []shape
}

// passes bound the search; shapes only grow, so it ends by itself long before.
const passes = 50

// lint reports what OPA's checker lets through. compiled are the flattened
// modules by file name.
func (p *Policy) lint(mods []*module, compiled map[string]*ast.Module, fixtures map[string]Fixture, ps *problems) {
	sch := *p.schemas // its counter is this lint's own
	f := &flow{
		sch: &sch, judges: p.src.judged(), rules: map[string]*definition{}, inputs: map[string]*node{}, literals: map[any]*node{},
		vars: map[*ast.Rule]map[ast.Var]*shape{}, constants: map[*ast.Rule]map[ast.Var]*shape{},
		indexes: map[*ast.Rule]map[ast.Var]*shape{}, known: newNames(compiled),
	}
	f.results = f.sch.results()
	f.config = f.sch.dataShape("data.config", p.src.config())
	f.samples = f.sch.fixturesShape(fixtures)
	for range passes {
		f.changed = false
		f.pass(mods, compiled)
		if !f.changed {
			break
		}
	}
	f.report = ps
	f.pass(mods, compiled)
	f.reportArguments()
}

func (f *flow) pass(mods []*module, compiled map[string]*ast.Module) {
	for _, m := range mods {
		f.module = m
		for _, r := range compiled[m.name].Rules {
			for ; r != nil; r = r.Else {
				f.define(r)
			}
		}
	}
}

// defined returns the definition of a full name, made on first use.
func (f *flow) defined(name string) *definition {
	d := f.rules[name]
	if d == nil {
		d = &definition{}
		f.rules[name] = d
		i, _ := slices.BinarySearch(f.order, name)
		f.order = slices.Insert(f.order, i, name)
	}
	return d
}

// define learns from one rule.
func (f *flow) define(r *ast.Rule) {
	f.rule, f.place, f.kind = r, r.Location, f.module.kind
	if f.vars[r] == nil {
		f.vars[r], f.constants[r], f.indexes[r] = map[ast.Var]*shape{}, map[ast.Var]*shape{}, map[ast.Var]*shape{}
	}
	name := r.Ref().GroundPrefix().String()
	d := f.defined(name)
	for len(d.args) < len(r.Head.Args) {
		d.args = append(d.args, shape{})
	}
	for i, arg := range r.Head.Args {
		f.unify(arg, d.args[i])
	}
	f.body(r.Body)
	f.place = r.Location
	var value shape
	switch {
	case r.Head.RuleKind() == ast.MultiValue:
		value = f.container(r, f.term(r.Head.Key))
	case !r.Head.Ref().IsGround():
		value = f.container(r, f.term(r.Head.Value))
	case r.Head.Value != nil:
		value = f.term(r.Head.Value)
	}
	f.grow(&d.value, value)
	f.checkResult(r, value)
}

func (f *flow) grow(s *shape, o shape) {
	if s.add(o) {
		f.changed = true
	}
}

// literal returns the node of a term or rule, made on first use.
func (f *flow) literal(key any, loc *ast.Location) *node {
	n := f.literals[key]
	if n == nil {
		f.sch.last++
		n = &node{id: f.sch.last, loc: loc}
		f.literals[key] = n
	}
	return n
}

func (f *flow) container(key any, items shape) shape {
	n := f.literal(key, f.place)
	n.list = true
	f.grow(&n.items, items)
	return only(n)
}

func (f *flow) body(body ast.Body) {
	for _, e := range body {
		f.expr(e)
	}
}

func (f *flow) expr(e *ast.Expr) {
	if e.Location != nil {
		f.place = e.Location
	}
	place := f.place
	for _, w := range e.With {
		f.with(e, w)
	}
	f.place = place
	switch t := e.Terms.(type) {
	case *ast.Term:
		f.term(t)
	case []*ast.Term:
		f.call(t)
	case *ast.Every:
		f.every(t)
	}
}

func (f *flow) every(e *ast.Every) {
	domain := f.term(e.Domain)
	f.holds(domain, nil)
	f.bind(e.Value, domain.elements())
	if e.Key != nil {
		f.bind(e.Key, f.keysOf(domain))
	}
	f.body(e.Body)
}

// bind adds to what a variable can be.
func (f *flow) bind(t *ast.Term, s shape) { f.bindIn(f.vars[f.rule], t, s) }

func (f *flow) bindIn(env map[ast.Var]*shape, t *ast.Term, s shape) {
	v, ok := t.Value.(ast.Var)
	if !ok || s.empty() {
		return
	}
	if env[v] == nil {
		env[v] = &shape{}
	}
	f.grow(env[v], s)
}

// variable is what a variable can be. Literals count only where nothing else
// binds it: `x = "a"` is an assignment then, and otherwise a comparison.
func (f *flow) variable(v ast.Var) shape {
	if v == ast.InputRootDocument.Value.(ast.Var) {
		return only(f.input())
	}
	for _, env := range []map[ast.Var]*shape{f.vars[f.rule], f.constants[f.rule], f.indexes[f.rule]} {
		if s := env[v]; s != nil {
			return *s
		}
	}
	return shape{}
}

// input is the envelope as the expression in hand sees it.
func (f *flow) input() *node {
	n := f.inputs[f.kind]
	if n == nil {
		n = f.sch.envelopeOf(f.kind)
		f.inputs[f.kind] = n
	}
	return n
}
