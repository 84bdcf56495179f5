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

// Properties returns the fields of a kind in canonical order, which is their
// order in the schema. With a path it returns the fields of a nested object,
// a list standing for its items: Properties("change", "plan"),
// Properties("change", "artifacts"). It returns nil for what is no object.
func Properties(kind string, path ...string) []string {
	n := find(kind, path)
	if n == nil {
		return nil
	}
	return slices.Clone(n.object().Properties.order)
}

// FieldOf returns the field at a path of names within a kind, a list standing
// for its items.
func FieldOf(kind string, path ...string) (Field, bool) {
	if len(path) == 0 {
		return Field{}, false
	}
	parent, name := find(kind, path[:len(path)-1]), path[len(path)-1]
	if parent == nil {
		return Field{}, false
	}
	n := parent.child(name)
	if n == nil {
		return Field{}, false
	}
	f := Field{Name: name, Type: n.Type, Description: n.Description, Required: slices.Contains(parent.object().Required, name)}
	for _, e := range n.Enum {
		f.Enum = append(f.Enum, strings.Trim(string(e), `"`))
	}
	if n.Items != nil {
		f.Items = n.Items.Type
	}
	return f, true
}

// node is what is needed of a schema, parsed.
type node struct {
	Type        string            `json:"type"`
	Description string            `json:"description"`
	Enum        []json.RawMessage `json:"enum"`
	Required    []string          `json:"required"`
	Properties  properties        `json:"properties"`
	Items       *node             `json:"items"`
	AnyOf       []*node           `json:"anyOf"`
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
func (n *node) object() *node {
	if n.Type == "array" && n.Items != nil {
		return n.Items.object()
	}
	for _, alt := range n.AnyOf {
		if o := alt.object(); len(o.Properties.order) > 0 {
			return o
		}
	}
	return n
}

func (n *node) child(name string) *node { return n.object().Properties.nodes[name] }

// trees parses each schema when it is first asked for, once.
var trees = parsers()

func parsers() map[string]func() *node {
	out := map[string]func() *node{}
	entries, err := FS.ReadDir(".")
	if err != nil {
		panic(err) // an embedded directory can be read
	}
	for _, e := range entries {
		kind, _, _ := strings.Cut(e.Name(), ".")
		out[kind] = sync.OnceValue(func() *node {
			src, _ := Kind(kind)
			n := &node{}
			if err := json.Unmarshal(src, n); err != nil {
				panic(err) // one of our own schemas is wrong: a test catches it
			}
			return n
		})
	}
	return out
}

// find returns the node at a path, nil where there is none.
func find(kind string, path []string) *node {
	parse, ok := trees[kind]
	if !ok {
		return nil
	}
	n := parse()
	for _, name := range path {
		if n = n.child(name); n == nil {
			return nil
		}
	}
	return n
}
