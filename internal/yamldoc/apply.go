package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"gopkg.in/yaml.v3"
)

// ErrSplice says that an edit was refused, because it makes no sense or could
// not be proved to change its target alone. Nothing was changed.
var ErrSplice = errors.New("edit refused")

// Edit is one change to a document: Value is set at Pointer, unless Delete or
// Append says otherwise.
type Edit struct {
	Pointer string // JSON pointer of the value
	Value   any    // JSON types, Go's numbers, slices, maps with string keys, Map
	Delete  bool   // remove the entry instead; one that is not there is no error
	Append  bool   // add Value at the end of the list at Pointer instead
}

// Apply returns the source with the edits made, one after the other. Bytes are
// spliced where the target stands; everything else stays as it is, to the byte.
//
// Setting a scalar changes its own bytes, in its own style where the value
// allows. A key that is missing is added at the end of its mapping, with its
// missing parents; `-`, or the length of a list, names the place after its
// last element. A mapping set over a mapping is edited key by key, and a list
// over a list element by element where that is possible without moving
// elements; otherwise the value is replaced whole. Setting an equal value
// changes nothing.
//
// A comment goes when it stands inside what is replaced or removed, or behind
// it on the same line. Comments above an entry stay.
//
// Every edit is proved by parsing its result: no findings, the target equal to
// the value, every other node and every other comment as before. What cannot
// be proved is refused with an error that is ErrSplice.
func (d *Doc) Apply(edits ...Edit) ([]byte, error) {
	doc := d
	for _, e := range edits {
		next, err := doc.apply(e)
		if err != nil {
			return nil, fmt.Errorf("editing %s of %s: %w", quote(e.Pointer), d.Name, err)
		}
		doc = next
	}
	return bytes.Clone(doc.Source), nil
}

// refuse makes an error that is ErrSplice.
func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrSplice, fmt.Sprintf(format, args...))
}

// apply makes one edit.
func (d *Doc) apply(e Edit) (*Doc, error) {
	if d.masked {
		return nil, refuse("the file holds characters that are not allowed, mend them by hand first")
	}
	if err := d.places().err; err != nil {
		return nil, refuse("the file is laid out in a way that is not understood (%v)", err)
	}
	if _, ok := tokens(e.Pointer); !ok {
		return nil, refuse("not a JSON pointer, it has to start with /")
	}
	way, rest := d.walk(e.Pointer)
	if e.Delete {
		if len(rest) > 0 {
			return d, nil
		}
		return d.remove(way)
	}
	value, err := normalize(e.Value, 1)
	if err != nil {
		return nil, refuse("%v", err)
	}
	if e.Append {
		return d.push(e.Pointer, way, rest, value)
	}
	return d.set(e.Pointer, way, rest, value)
}

// push adds an element to the end of a list, which it makes if it is missing.
func (d *Doc) push(pointer string, way []step, rest []string, value any) (*Doc, error) {
	last := way[len(way)-1].node
	switch {
	case len(rest) > 0, isNull(last):
		return d.set(pointer, way, rest, []any{value})
	case last.Kind == yaml.SequenceNode:
		return d.insertItem(way, value)
	}
	return nil, refuse("it is %s, not a list", describe(last))
}

// set sets a value that is there or not.
func (d *Doc) set(pointer string, way []step, rest []string, value any) (*Doc, error) {
	target := way[len(way)-1]
	if len(rest) == 0 {
		return d.overwrite(pointer, target, value)
	}
	nested, err := nest(rest[1:], value)
	if err != nil {
		return nil, err
	}
	switch {
	case target.node.Kind == yaml.MappingNode:
		if err := checkText(rest[0]); err != nil {
			return nil, refuse("key %s: %v", quote(rest[0]), err)
		}
		return d.insertEntry(way, Entry{Key: rest[0], Value: nested})
	case target.node.Kind == yaml.SequenceNode:
		if i, ok := listIndex(rest[0]); rest[0] == "-" || ok && i == len(target.node.Content) {
			return d.insertItem(way, nested)
		}
		return nil, refuse("the list has %d elements, so there is no place %s in it", len(target.node.Content), quote(rest[0]))
	case isNull(target.node):
		if nested, err = nest(rest, value); err != nil {
			return nil, err
		}
		return d.replace(target, nested)
	}
	return nil, refuse("its parent is %s, so it has no field %s", describe(target.node), quote(rest[0]))
}

// nest wraps a value into the mappings and lists that a path names.
func nest(path []string, value any) (any, error) {
	for _, token := range slices.Backward(path) {
		i, isIndex := listIndex(token)
		switch {
		case token == "-", isIndex && i == 0:
			value = []any{value}
		case isIndex:
			return nil, refuse("there is no list that has a place %d", i)
		default:
			if err := checkText(token); err != nil {
				return nil, refuse("key %s: %v", quote(token), err)
			}
			value = Map{{Key: token, Value: value}}
		}
	}
	return value, nil
}

// overwrite sets a value that is there.
func (d *Doc) overwrite(pointer string, target step, value any) (*Doc, error) {
	refused := isNumeric(target.node) && numberProblem(target.node.Value) != ""
	if !refused && reflect.DeepEqual(valueOf(target.node), plainOf(value)) {
		return d, nil
	}
	var edits []Edit
	m, isMap := value.(Map)
	list, isList := value.([]any)
	switch {
	case isMap && len(m) > 0 && target.node.Kind == yaml.MappingNode:
		edits = mapEdits(pointer, target.node, m)
	case target.parent == nil:
		return nil, refuse("the top level has to stay a mapping with fields")
	case isList && len(list) > 0 && target.node.Kind == yaml.SequenceNode:
		edits = listEdits(pointer, target.node, list)
	}
	if edits != nil {
		next, err := d.applyAll(edits, pointer, value)
		if err == nil || target.parent == nil {
			return next, err
		}
	}
	return d.replace(target, value)
}

// mapEdits returns the edits that turn a mapping into another one.
func mapEdits(pointer string, n *yaml.Node, m Map) []Edit {
	keep := map[string]bool{}
	var edits []Edit
	for _, e := range m {
		keep[e.Key] = true
		edits = append(edits, Edit{Pointer: pointer + Pointer(e.Key), Value: e.Value})
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i].Value; !keep[key] {
			edits = append(edits, Edit{Pointer: pointer + Pointer(key), Delete: true})
		}
	}
	return edits
}

// applyAll makes the edits that together set value at pointer.
func (d *Doc) applyAll(edits []Edit, pointer string, value any) (*Doc, error) {
	doc := d
	for _, e := range edits {
		next, err := doc.apply(e)
		if err != nil {
			return nil, err
		}
		doc = next
	}
	n, ok := doc.Node(pointer)
	if !ok || !reflect.DeepEqual(valueOf(n), plainOf(value)) {
		return nil, refuse("the steps did not lead to the value")
	}
	return doc, nil
}

// isNull reports whether n is null, with bytes or without.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }
