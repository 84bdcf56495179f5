package engine

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// keysOf is what ranges over the keys of s: the field names of its schema
// objects, which a literal can be compared with.
func (f *flow) keysOf(s shape) shape {
	out := shape{open: s.open}
	for _, n := range s.nodes {
		switch {
		case !n.object || !n.closed:
			out.open = true
		case len(n.props) > 0:
			k := f.literal(keyOf{n}, nil)
			k.name = "the fields of " + n.name
			k.enum = quoted(sortedKeys(n.props))
			out.add(only(k))
		}
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
	if len(el) > 0 && el[0] == fixtures && f.module.test {
		if at, _ := f.known.missing(el[:1]); at == 0 { // no package of that name
			return f.steps(f.samples, ref[2:])
		}
	}
	f.checkData(ref, el)
	if f.riskOf(el) {
		return f.steps(f.results["risk"], ref[4:])
	}
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
	f.holds(s, t)
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
