package engine

import (
	"slices"
	"strconv"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/open-policy-agent/opa/v1/ast"
)

// call learns from a flattened call; its last term is where the result goes.
func (f *flow) call(terms []*ast.Term) {
	name := terms[0].Value.String()
	args := terms[1:]
	switch name {
	case "eq", "assign":
		left, right := f.term(args[0]), f.term(args[1])
		f.unify(args[0], right)
		f.unify(args[1], left)
		return
	}
	arity := f.known.arity(name)
	if arity < 0 || arity > len(args) {
		arity = len(args)
	}
	result := f.result(name, args[:arity])
	for _, out := range args[arity:] {
		f.unify(out, result)
	}
}

// apply is what a call that was not taken apart yields.
func (f *flow) apply(c ast.Call, _ *ast.Term) shape {
	return f.result(c[0].Value.String(), c[1:])
}

// result is what a function yields, and where misspellings in its arguments
// are found.
func (f *flow) result(name string, args []*ast.Term) shape {
	shapes := make([]shape, len(args))
	for i, a := range args {
		shapes[i] = f.term(a)
	}
	if !isBuiltin(name) {
		return f.userResult(name, shapes)
	}
	switch name {
	case "equal", "neq":
		f.compare(shapes[0], shapes[1])
	case "internal.member_2":
		f.holds(shapes[1], nil)
		f.member(shapes[0], shapes[1])
	case "internal.member_3":
		f.holds(shapes[2], nil)
		f.member(shapes[1], shapes[2])
	case "object.get":
		f.optional = true
		found := f.get(shapes[0], args[1], shapes[1])
		f.optional = false
		return union(found, shapes[2])
	case "object.remove", "object.filter", "json.remove", "json.filter":
		f.checkKeys(shapes[0], shapes[1])
		return shapes[0]
	case "object.subset":
		f.conform(shapes[1], shapes[0], true)
	case "json.patch":
		return f.patched(args, shapes)
	default:
		return f.collection(name, args, shapes)
	}
	return unknown
}

// collection is what the functions on collections yield.
func (f *flow) collection(name string, args []*ast.Term, shapes []shape) shape {
	switch name {
	case "object.union", "array.concat", "or":
		return union(shapes...)
	case "object.union_n", "union", "intersection", "max", "min":
		return shapes[0].elements()
	case "and", "minus", "array.slice", "array.reverse", "sort":
		return shapes[0]
	case "array.flatten":
		return union(shapes[0], shapes[0].elements())
	case "object.keys":
		return f.container(keysCall{args[0]}, f.keysOf(shapes[0]))
	}
	return unknown
}

// keysCall and patchCall are the identities of the nodes for these results.
type (
	keysCall  struct{ of *ast.Term }
	patchCall struct{ of *ast.Term }
)

func (f *flow) patched(args []*ast.Term, shapes []shape) shape {
	n := f.literal(patchCall{args[0]}, f.place)
	f.grow(&n.base, shapes[0])
	f.grow(&n.patches, shapes[1])
	return union(only(n), shapes[0])
}

func (f *flow) userResult(name string, shapes []shape) shape {
	if f.known.arity(name) < 0 {
		return unknown
	}
	d := f.defined(name)
	for len(d.args) < len(shapes) {
		d.args = append(d.args, shape{})
	}
	for i, s := range shapes {
		f.grow(&d.args[i], s)
	}
	return d.value
}

// get follows a key, or a path of keys, as object.get does.
func (f *flow) get(s shape, key *ast.Term, keyShape shape) shape {
	for _, n := range keyShape.nodes {
		if n.elems != nil {
			out := s
			for _, e := range n.elems {
				out = f.step(out, e)
			}
			return out
		}
	}
	return f.step(s, key)
}

// checkKeys checks the keys that a function takes out of an object: names, or
// paths as lists or as JSON pointers without the first slash.
func (f *flow) checkKeys(s, keys shape) {
	for _, n := range keys.nodes {
		if n.object && !n.schema {
			for _, name := range sortedKeys(n.keys) {
				f.field(s, name, n.keys[name])
			}
		}
	}
	paths := keys.elements()
	for _, n := range paths.nodes {
		if n.elems != nil {
			f.get(s, nil, only(n))
		}
	}
	for text, loc := range paths.strings() {
		f.follow(s, text, loc)
	}
}

// compare reports literals on one side that the other side can never be.
func (f *flow) compare(a, b shape) {
	f.compareWith(a, b, false)
	f.compareWith(b, a, false)
}

// member compares a value with the elements of a collection, which may serve
// other comparisons too: only what is nearly a value is reported.
func (f *flow) member(x, coll shape) {
	f.compareWith(x, coll.elements(), false)
	f.compareWith(coll.elements(), x, true)
}

// lookUp compares an index with the keys of a literal table or set.
func (f *flow) lookUp(table, idx shape) {
	f.member(idx, shape{nodes: slices.DeleteFunc(slices.Clone(table.nodes), func(n *node) bool { return !n.list || n.elems != nil })})
	for _, n := range table.nodes {
		if n.object && !n.schema {
			for _, name := range sortedKeys(n.keys) {
				key := &node{constant: ast.String(name).String(), loc: n.keys[name]}
				f.compareWith(only(key), idx, true)
			}
		}
	}
}

func (f *flow) compareWith(literals, other shape, nearOnly bool) {
	if f.report == nil {
		return
	}
	texts, enumerated := other.values()
	if !enumerated {
		return
	}
	valid := make([]string, 0, len(texts))
	for _, t := range texts {
		valid = append(valid, unquote(t))
	}
	slices.Sort(valid)
	for _, n := range literals.nodes {
		text := unquote(n.constant)
		if text == "" || slices.Contains(texts, n.constant) || n.constant[0] != texts[0][0] && (n.constant[0] == '"' || texts[0][0] == '"') {
			continue
		}
		if nearOnly && finding.NearMiss(text, valid) == "" {
			continue
		}
		loc := n.loc
		if loc == nil || loc.File == "" {
			loc = f.place
		}
		f.report.add("POL004", loc, text+" is no value of "+enumName(other), suggest(text, valid))
	}
}

func unquote(text string) string {
	if s, err := strconv.Unquote(text); err == nil {
		return s
	}
	return text
}

func enumName(s shape) string {
	for _, n := range s.nodes {
		if n.enum != nil {
			return n.name
		}
	}
	return "the other side"
}
