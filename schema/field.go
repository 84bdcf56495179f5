package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Field describes one field of a kind, for flags, prompts and editors.
type Field struct {
	Name        string
	Type        string // string, integer, number, boolean, object, array; "" for alternatives
	Items       string // type of an array's items
	Description string
	Enum        []string
	Required    bool
}

// Tree is a schema as a tree of fields. The zero Tree describes none. It is
// safe for concurrent use.
type Tree struct{ root *node }

// Of returns the tree of one of gitsm's own schemas; of another name it
// describes nothing.
func Of(kind string) *Tree {
	parse, ok := trees[kind]
	if !ok {
		return &Tree{}
	}
	return parse()
}

// Properties returns the fields of a kind in canonical order: see
// Tree.Properties.
func Properties(kind string, path ...string) []string { return Of(kind).Properties(path...) }

// FieldOf returns the field at a path of names within a kind.
func FieldOf(kind string, path ...string) (Field, bool) { return Of(kind).Field(path...) }

// Properties returns the fields in canonical order, which is their order in the
// schema. With a path it returns the fields of a nested object, a list standing
// for its items: Properties("plan"), Properties("artifacts"). It returns nil
// for what is no object.
func (t *Tree) Properties(path ...string) []string {
	n := t.find(path)
	if n == nil {
		return nil
	}
	return slices.Clone(n.object().Properties.order)
}

// Field returns the field at a path of names, a list standing for its items.
func (t *Tree) Field(path ...string) (Field, bool) {
	if len(path) == 0 {
		return Field{}, false
	}
	parent, name := t.find(path[:len(path)-1]), path[len(path)-1]
	if parent == nil {
		return Field{}, false
	}
	n := parent.child(name)
	if n == nil {
		return Field{}, false
	}
	f := Field{Name: name, Type: string(n.Type), Description: n.Description, Required: slices.Contains(parent.object().Required, name)}
	for _, e := range n.Enum {
		f.Enum = append(f.Enum, strings.Trim(string(e), `"`))
	}
	if n.Items != nil {
		f.Items = string(n.Items.follow().Type)
	}
	return f, true
}

// node is what is needed of a schema, parsed.
type node struct {
	Type        typeName          `json:"type"`
	Description string            `json:"description"`
	Enum        []json.RawMessage `json:"enum"`
	Required    []string          `json:"required"`
	Properties  properties        `json:"properties"`
	Items       *node             `json:"items"`
	AnyOf       []*node           `json:"anyOf"`
	Ref         string            `json:"$ref"`

	target *node // of Ref; nil where it leads nowhere
}

// UnmarshalJSON reads a schema. Of what is none, as the schema `true` or items
// of which each has its own, nothing is known.
func (n *node) UnmarshalJSON(src []byte) error {
	type plain node
	if !bytes.HasPrefix(bytes.TrimSpace(src), []byte("{")) {
		*n = node{}
		return nil
	}
	return json.Unmarshal(src, (*plain)(n))
}

// typeName is the one type of a schema, "" where it allows several.
type typeName string

// UnmarshalJSON reads the keyword `type`.
func (t *typeName) UnmarshalJSON(src []byte) error {
	var one string
	*t = ""
	if json.Unmarshal(src, &one) == nil {
		*t = typeName(one)
	}
	return nil
}

// maxHops bounds a chain of references, which may run in a circle.
const maxHops = 16

// follow returns the schema that a chain of references ends at.
func (n *node) follow() *node {
	for range maxHops {
		if n.target == nil {
			break
		}
		n = n.target
	}
	return n
}

// properties are the fields of an object in the order they are written in,
// which a Go map would lose.
type properties struct {
	order []string
	nodes map[string]*node
}

// UnmarshalJSON reads the fields in order.
func (p *properties) UnmarshalJSON(src []byte) error {
	dec := json.NewDecoder(bytes.NewReader(src))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("properties are no object: %v", err)
	}
	p.nodes = map[string]*node{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		n := &node{}
		if err := dec.Decode(n); err != nil {
			return err
		}
		name := fmt.Sprint(key)
		p.order, p.nodes[name] = append(p.order, name), n
	}
	return nil
}

// object is the node that has the fields: of a list its items, of alternatives
// the one with fields.
func (n *node) object() *node { return n.fields(0) }

func (n *node) fields(depth int) *node {
	n = n.follow()
	if depth > maxHops {
		return n
	}
	if n.Type == "array" && n.Items != nil {
		return n.Items.fields(depth + 1)
	}
	for _, alt := range n.AnyOf {
		if o := alt.fields(depth + 1); len(o.Properties.order) > 0 {
			return o
		}
	}
	return n
}

func (n *node) child(name string) *node {
	c := n.object().Properties.nodes[name]
	if c == nil || c.target == nil {
		return c
	}
	out := *c.follow()
	if c.Description != "" {
		out.Description = c.Description // what is said of the field goes before what is said of its type
	}
	return &out
}

// trees parses each schema when it is first asked for, once.
var trees = parsers()

func parsers() map[string]func() *Tree {
	out := map[string]func() *Tree{}
	entries, err := FS.ReadDir(".")
	if err != nil {
		panic(err) // an embedded directory can be read
	}
	for _, e := range entries {
		kind, _, _ := strings.Cut(e.Name(), ".")
		out[kind] = sync.OnceValue(func() *Tree {
			src, _ := Kind(kind)
			n := &node{}
			if err := json.Unmarshal(src, n); err != nil {
				panic(err) // one of our own schemas is wrong: a test catches it
			}
			return &Tree{n}
		})
	}
	return out
}

// find returns the node at a path, nil where there is none.
func (t *Tree) find(path []string) *node {
	n := t.root
	for _, name := range path {
		if n == nil {
			return nil
		}
		n = n.child(name)
	}
	return n
}
