package engine

import (
	"slices"
	"strings"

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
	sch    *schemas
	config shape
	rules  map[string]*definition // data.gitsm.lib.f → what is known about it
	order  []string               // keys of rules, sorted
	known  *names

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
func (p *Policy) lint(mods []*module, compiled map[string]*ast.Module, ps *problems) {
	sch := *p.schemas // its counter is this lint's own
	f := &flow{
		sch: &sch, rules: map[string]*definition{}, inputs: map[string]*node{}, literals: map[any]*node{},
		vars: map[*ast.Rule]map[ast.Var]*shape{}, constants: map[*ast.Rule]map[ast.Var]*shape{},
		indexes: map[*ast.Rule]map[ast.Var]*shape{}, known: newNames(compiled),
	}
	f.config = f.sch.dataShape("data.config", p.src.Data["config"])
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

// keysOf is what ranges over the keys of s: the field names of its schema
// objects, which a literal can be compared with.
func (f *flow) keysOf(s shape) shape {
	out := shape{open: s.open}
	for _, n := range s.nodes {
		if !n.object || !n.closed || !n.schema {
			out.open = true
			continue
		}
		k := f.literal(keyOf{n}, nil)
		if k.enum == nil {
			k.name = "the fields of " + n.name
			k.enum = quoted(only(n).fieldNames())
		}
		out.add(only(k))
	}
	return out
}

// keyOf is the identity of the node that stands for the keys of another.
type keyOf struct{ of *node }

func quoted(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = ast.String(n).String()
	}
	return out
}

// unify learns from both sides being equal.
func (f *flow) unify(t *ast.Term, s shape) {
	switch v := t.Value.(type) {
	case ast.Var:
		if constant := onlyConstants(s); !constant {
			f.bind(t, s)
			return
		}
		f.compare(f.variable(v), s)
		f.bindIn(f.constants[f.rule], t, s)
	case *ast.Array:
		v.Foreach(func(e *ast.Term) { f.unify(e, s.elements()) })
	case ast.Object:
		v.Foreach(func(k, e *ast.Term) {
			if name, ok := k.Value.(ast.String); ok {
				f.unify(e, f.field(s, string(name), k.Location))
			}
		})
	default:
		f.compare(f.term(t), s)
	}
}

// onlyConstants says whether s is nothing but literal scalars.
func onlyConstants(s shape) bool {
	return !s.open && len(s.nodes) > 0 && !slices.ContainsFunc(s.nodes, func(n *node) bool { return n.constant == "" })
}

// term is what a term can be.
func (f *flow) term(t *ast.Term) shape {
	switch v := t.Value.(type) {
	case ast.Var:
		return f.variable(v)
	case ast.Ref:
		return f.ref(v)
	case ast.Call:
		return f.apply(v, t)
	case ast.String, ast.Number, ast.Boolean, ast.Null:
		n := f.literal(t, t.Location)
		n.constant = v.String()
		return only(n)
	case *ast.Array:
		n := f.literal(t, t.Location)
		n.elems = n.elems[:0]
		items := shape{}
		v.Foreach(func(e *ast.Term) { n.elems = append(n.elems, e); items.add(f.term(e)) })
		return f.container(t, items)
	case ast.Set:
		items := shape{}
		v.Foreach(func(e *ast.Term) { items.add(f.term(e)) })
		return f.container(t, items)
	case ast.Object:
		return f.objectLiteral(t, v)
	case *ast.ArrayComprehension:
		f.body(v.Body)
		return f.container(t, f.term(v.Term))
	case *ast.SetComprehension:
		f.body(v.Body)
		return f.container(t, f.term(v.Term))
	case *ast.ObjectComprehension:
		f.body(v.Body)
		n := f.literal(t, t.Location)
		n.object = true
		f.grow(&n.extra, f.term(v.Value))
		return only(n)
	}
	return unknown
}

func (f *flow) objectLiteral(t *ast.Term, obj ast.Object) shape {
	n := f.literal(t, t.Location)
	if !n.object {
		n.object, n.closed = true, true
		n.props, n.keys = map[string]shape{}, map[string]*ast.Location{}
	}
	obj.Foreach(func(k, e *ast.Term) {
		value := f.term(e)
		name, ok := k.Value.(ast.String)
		if !ok {
			n.closed = false
			f.grow(&n.extra, value)
			return
		}
		p := n.props[string(name)]
		f.grow(&p, value)
		n.props[string(name)], n.keys[string(name)] = p, f.at(k)
	})
	return only(n)
}

// at is where a term is written, or the expression around it.
func (f *flow) at(t *ast.Term) *ast.Location {
	if t.Location != nil && t.Location.File != "" {
		return t.Location
	}
	return f.place
}

// ref follows a reference to what it yields.
func (f *flow) ref(ref ast.Ref) shape {
	head, ok := ref[0].Value.(ast.Var)
	if !ok {
		return f.steps(f.term(ref[0]), ref[1:])
	}
	if head != ast.DefaultRootDocument.Value.(ast.Var) {
		return f.steps(f.variable(head), ref[1:])
	}
	el := elements(ref)
	if len(el) > 0 && el[0] == "config" {
		return f.steps(f.config, ref[2:])
	}
	f.checkData(ref, el)
	for i := len(el); i > 0; i-- {
		if d := f.rules[ref[:i+1].String()]; d != nil {
			return f.steps(d.value, ref[i+1:])
		}
	}
	if len(el) > 0 && strings.HasPrefix(el[0], namespace) {
		return shape{} // not learnt yet
	}
	return unknown
}

func (f *flow) steps(s shape, path ast.Ref) shape {
	for _, t := range path {
		s = f.step(s, t)
	}
	return s
}

// step indexes s by a term.
func (f *flow) step(s shape, t *ast.Term) shape {
	switch v := t.Value.(type) {
	case ast.String:
		return f.field(s, string(v), f.at(t))
	case ast.Var:
		return f.index(s, t, f.variable(v))
	case ast.Ref, ast.Call:
		return f.index(s, t, f.term(t))
	}
	return s.elements()
}

// index indexes s by a variable that can be what idx says.
func (f *flow) index(s shape, t *ast.Term, idx shape) shape {
	names := idx.strings()
	if s.schemaObject() == nil || len(names) == 0 {
		f.lookUp(s, idx)
		f.bindIn(f.indexes[f.rule], t, f.keysOf(s))
		return s.elements()
	}
	out := shape{open: idx.open}
	for _, name := range sortedKeys(names) {
		loc := names[name]
		if loc == nil || loc.File == "" {
			loc = f.place
		}
		out.add(f.field(s, name, loc))
	}
	return out
}
