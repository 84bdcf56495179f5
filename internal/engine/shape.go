package engine

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// node is one thing a value can be: an object or list of a schema, or a
// literal written in policy.
type node struct {
	id     int
	name   string // "change.plan", for messages
	schema bool   // from a JSON Schema or from data.yaml, not from a literal

	object bool
	props  map[string]shape
	keys   map[string]*ast.Location // of a literal: where the key is written
	closed bool                     // has no keys but props
	extra  shape                    // values under keys that are not known

	scalar string // what a value of data.yaml is that holds nothing: "a number"

	list  bool
	items shape
	elems []*ast.Term // of an array literal, in order

	enum     []string // JSON texts a scalar can have, nil for any
	constant string   // JSON text of a literal scalar
	loc      *ast.Location

	base, patches shape // of json.patch: what is patched, and with what

	pointer bool // a JSON pointer into the record
}

// shape is what an expression can be: any of the nodes, and, if open, also
// something that nothing is known about.
type shape struct {
	nodes []*node // by id
	open  bool
}

var unknown = shape{open: true}

func only(n *node) shape { return shape{nodes: []*node{n}} }

func (s shape) empty() bool { return len(s.nodes) == 0 && !s.open }

// add merges o into s and says whether that changed s.
func (s *shape) add(o shape) bool {
	changed := o.open && !s.open
	s.open = s.open || o.open
	for _, n := range o.nodes {
		i, found := slices.BinarySearchFunc(s.nodes, n, func(a, b *node) int { return cmp.Compare(a.id, b.id) })
		if !found {
			s.nodes = slices.Insert(slices.Clone(s.nodes), i, n)
			changed = true
		}
	}
	return changed
}

func union(list ...shape) shape {
	var out shape
	for _, s := range list {
		out.add(s)
	}
	return out
}

// elements is what indexing s by a variable yields.
func (s shape) elements() shape {
	out := shape{open: s.open}
	for _, n := range s.nodes {
		switch {
		case n.list:
			out.add(n.items)
		case n.object:
			for _, p := range n.props {
				out.add(p)
			}
			out.add(n.extra)
		}
	}
	return out
}

// strings returns the literal strings in s, with the place of each.
func (s shape) strings() map[string]*ast.Location {
	out := map[string]*ast.Location{}
	for _, n := range s.nodes {
		var text string
		if n.constant != "" && json.Unmarshal([]byte(n.constant), &text) == nil {
			out[text] = n.loc
		}
	}
	return out
}

// fieldNames lists the properties of the schema objects in s, sorted.
func (s shape) fieldNames() []string {
	var out []string
	for _, n := range s.nodes {
		if n.schema && n.object {
			for name := range n.props {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// field is what key name of s yields. known is false where the name is of no
// object in s. exact says that s has no other fields than those in props.
func (s shape) field(name string) (out shape, known, exact bool) {
	exact = !s.open
	out.open = s.open
	for _, n := range s.nodes {
		if !n.object {
			continue
		}
		if p, ok := n.props[name]; ok {
			known = true
			out.add(p)
			continue
		}
		if !n.closed {
			exact = false
			out.add(n.extra)
			out.open = out.open || n.schema
		}
	}
	return out, known, exact
}

// schemaObject is the first schema object in s, or nil.
func (s shape) schemaObject() *node {
	for _, n := range s.nodes {
		if n.schema && n.object {
			return n
		}
	}
	return nil
}

// values returns the texts a scalar in s can have, and whether these are all.
// enumerated says that a schema limits them.
func (s shape) values() (texts []string, enumerated bool) {
	if s.open {
		return nil, false
	}
	for _, n := range s.nodes {
		switch {
		case n.enum != nil:
			enumerated = true
			texts = append(texts, n.enum...)
		case n.constant != "":
			texts = append(texts, n.constant)
		default:
			return nil, false
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts), enumerated
}
