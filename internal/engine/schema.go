package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// schemas hold the JSON Schemas, both as OPA reads them and as shapes.
type schemas struct {
	envelope any
	kinds    map[string]any

	input   *node            // the envelope; record and before are open
	records map[string]shape // kind → its record
	every   shape            // a record of any kind
	last    int              // id of the last node
}

func loadSchemas(src Source) (*schemas, error) {
	out := &schemas{kinds: map[string]any{}, records: map[string]shape{}}
	var err error
	if out.envelope, err = decodeSchema("input", src.Input); err != nil {
		return nil, err
	}
	envelope := out.shapeOf("input", out.envelope)
	if out.input = envelope.schemaObject(); out.input == nil {
		return nil, fmt.Errorf("reading the schema of input: it describes no object")
	}
	for _, kind := range slices.Sorted(maps.Keys(src.Schemas)) {
		if out.kinds[kind], err = decodeSchema(kind, src.Schemas[kind]); err != nil {
			return nil, err
		}
		out.records[kind] = out.shapeOf(kind, out.kinds[kind])
		out.every.add(out.records[kind])
	}
	for _, kind := range src.Kinds {
		if _, ok := out.records[kind]; !ok { // a kind without a schema of its own
			out.records[kind] = unknown
			out.every.open = true
		}
	}
	return out, nil
}

func decodeSchema(name string, raw []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("reading the schema of %s: %w", name, err)
	}
	return v, nil
}

func (s *schemas) node(name string) *node {
	s.last++
	return &node{id: s.last, name: name, schema: true}
}

// shapeOf reads one schema document.
func (s *schemas) shapeOf(name string, doc any) shape {
	r := &reader{schemas: s, doc: doc, refs: map[string]*shape{}}
	return r.read(name, doc)
}

// reader follows the references of one schema document.
type reader struct {
	*schemas
	doc  any
	refs map[string]*shape
}

func (r *reader) read(name string, v any) shape {
	m, ok := v.(map[string]any)
	if !ok {
		return unknown
	}
	if ref, ok := m["$ref"].(string); ok {
		return r.follow(name, ref)
	}
	for _, word := range []string{"anyOf", "oneOf"} {
		if list, ok := m[word].([]any); ok {
			var out shape
			for _, e := range list {
				out.add(r.read(name, e))
			}
			return out
		}
	}
	n := r.node(name)
	r.fill(n, m)
	return only(n)
}

// follow reads a reference within the document. What refers to itself is open
// where the circle closes.
func (r *reader) follow(name, ref string) shape {
	if done := r.refs[ref]; done != nil {
		return *done
	}
	at := r.doc
	for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		m, _ := at.(map[string]any)
		at = m[strings.NewReplacer("~1", "/", "~0", "~").Replace(step)]
	}
	r.refs[ref] = &shape{open: true}
	out := r.read(name, at)
	r.refs[ref] = &out
	return out
}

func (r *reader) fill(n *node, m map[string]any) {
	props, hasProps := m["properties"].(map[string]any)
	switch {
	case m["type"] == "object" || hasProps:
		n.object = true
		n.closed = m["additionalProperties"] == false
		n.props = map[string]shape{}
		for _, key := range slices.Sorted(maps.Keys(props)) {
			n.props[key] = r.read(n.name+"."+key, props[key])
		}
		if extra, ok := m["additionalProperties"].(map[string]any); ok {
			n.extra = r.read(n.name+".*", extra)
		}
	case m["type"] == "array" || m["items"] != nil:
		n.list = true
		n.items = r.read(n.name+"[]", m["items"])
	}
	list, _ := m["enum"].([]any)
	if c, ok := m["const"]; ok {
		list = []any{c}
	}
	for _, e := range list {
		if text, err := json.Marshal(e); err == nil {
			n.enum = append(n.enum, string(text))
		}
	}
}

// envelopeOf is the shape of input in a package that judges kind; "" is a
// package that helps with all of them.
func (s *schemas) envelopeOf(kind string) *node {
	n := *s.input
	s.last++
	n.id = s.last
	n.props = maps.Clone(n.props)
	record := s.every
	if kind != "" {
		record = s.records[kind]
	}
	n.props["record"], n.props["before"] = record, record
	if state, ok := s.stateOf(record); ok {
		n.props["transition"] = s.transitionOf(n.props["transition"], state)
	}
	return &n
}

// stateOf returns the enumerated states of a record.
func (s *schemas) stateOf(record shape) ([]string, bool) {
	state, known, _ := record.field("state")
	texts, enumerated := state.values()
	return texts, known && enumerated
}

// transitionOf gives from and to the states of the kind; from is empty where
// the record is new.
func (s *schemas) transitionOf(old shape, states []string) shape {
	step := old.schemaObject()
	if step == nil {
		return old
	}
	n := *step
	s.last++
	n.id = s.last
	n.props = maps.Clone(n.props)
	for _, key := range []string{"from", "to"} {
		end := s.node(n.name + "." + key)
		end.enum = states
		if key == "from" {
			end.enum = append([]string{`""`}, states...)
		}
		n.props[key] = only(end)
	}
	return only(&n)
}

// dataShape is the shape of a value of data.yaml.
func (s *schemas) dataShape(name string, v any) shape {
	n := s.node(name)
	switch v := v.(type) {
	case map[string]any:
		n.object, n.closed, n.props = true, true, map[string]shape{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			n.props[key] = s.dataShape(name+"."+key, v[key])
		}
	case []any:
		n.list = true
		for _, e := range v {
			n.items.add(s.dataShape(name+"[]", e))
		}
	case string:
		n.scalar = "a text"
	case nil:
		n.scalar = "null"
	case bool:
		n.scalar = "true or false"
	default:
		n.scalar = "a number"
	}
	return only(n)
}

// fixtures is the part of data that tests have and policy in force has not.
const fixtures = "fixtures"

// fixturesShape is the shape of data.fixtures: each is a record of its kind.
func (s *schemas) fixturesShape(of map[string]Fixture) shape {
	n := s.node("data." + fixtures)
	n.object, n.closed, n.props = true, true, map[string]shape{}
	for name, fixture := range of {
		n.props[name] = s.records[fixture.Kind]
	}
	return only(n)
}

// checkInput refuses an input with fields that the envelope lacks: rules would
// wait for them in vain under their right name. Record and before are judged
// by the schemas of their kinds, elsewhere.
func (s *schemas) checkInput(input map[string]any) error {
	return checkFields("input", s.input, input)
}

func checkFields(at string, n *node, v any) error {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			p, ok := n.props[key]
			if !ok && n.closed {
				return fmt.Errorf("reading the policy's input: %s has no field %q (%s)", at, key, suggest(key, only(n).fieldNames()))
			}
			if o := p.schemaObject(); o != nil {
				if err := checkFields(at+"."+key, o, v[key]); err != nil {
					return err
				}
			}
			for _, l := range p.nodes {
				if err := checkItems(at+"."+key, l, v[key]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func checkItems(at string, n *node, v any) error {
	item := n.items.schemaObject()
	list, ok := v.([]any)
	if !n.list || item == nil || !ok {
		return nil
	}
	for i, e := range list {
		if err := checkFields(fmt.Sprintf("%s[%d]", at, i), item, e); err != nil {
			return err
		}
	}
	return nil
}
