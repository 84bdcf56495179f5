package yamldoc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Marshal writes a new record: v is a Map, or a Go map, whose keys are then
// sorted. Mappings and lists are in block style, text of several lines as a
// literal block, and text is quoted only where it must be.
//
// The result is proved: it parses without findings to the same value. An
// existing file is never written this way; see Apply.
func Marshal(v any) ([]byte, error) {
	n, err := normalize(v, 1)
	if err != nil {
		return nil, fmt.Errorf("writing YAML: %w", err)
	}
	m, ok := n.(Map)
	if !ok {
		return nil, fmt.Errorf("writing YAML: the top level is a %T, not a mapping", v)
	}
	w := writer{newline: "\n", step: 2, listStep: 2}
	if len(m) == 0 {
		w.buf.WriteString("{}")
	}
	w.entries(m, 0)
	w.buf.WriteString("\n")
	out := []byte(w.buf.String())
	doc, findings := Parse("", out)
	if len(findings) > 0 {
		f := findings[0]
		return nil, fmt.Errorf("writing YAML: line %d would be refused: %s", f.Line, f.Message)
	}
	if !reflect.DeepEqual(doc.Value(), plainOf(m)) {
		return nil, errors.New("writing YAML: what was written does not read back as the same value")
	}
	return out, nil
}

// writer renders normalized values. It never writes a line break at the end.
type writer struct {
	buf     strings.Builder
	newline string
	step    int // columns per level

	listStep int  // columns by which a list is indented beneath its key
	json     bool // values as JSON has them, every text quoted
	oneLine  bool // no block scalars
}

// block returns how a block scalar beneath an entry at column indent is written.
func (w *writer) block(indent int) blockStyle {
	return blockStyle{newline: w.newline, indent: indent + w.step, parent: indent}
}

// MarshalJSON renders a new document of the same kind as indented JSON, which
// keeps the order of a Map; comments get lost.
func MarshalJSON(v any) ([]byte, error) {
	n, err := normalize(v, 1)
	if err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	var out bytes.Buffer
	w := writer{json: true}
	if err := json.Indent(&out, []byte(w.inline(n, false)), "", "  "); err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func (w *writer) pad(indent int) { w.buf.WriteString(strings.Repeat(" ", indent)) }

// entries writes the entries of a mapping, each on lines of its own, the first
// where the writer stands.
func (w *writer) entries(m Map, indent int) {
	for i, e := range m {
		if i > 0 {
			w.buf.WriteString(w.newline)
			w.pad(indent)
		}
		w.comment(e.Comment, indent)
		w.buf.WriteString(w.key(e.Key, false))
		w.buf.WriteByte(':')
		w.value(e.Value, indent)
	}
}

// comment writes a comment above what follows.
func (w *writer) comment(comment string, indent int) {
	if comment == "" {
		return
	}
	for line := range strings.SplitSeq(strings.TrimRight(comment, "\n"), "\n") {
		w.buf.WriteString(strings.TrimRight("# "+strings.TrimRight(line, "\r"), " "))
		w.buf.WriteString(w.newline)
		w.pad(indent)
	}
}

// items writes the elements of a list, the first where the writer stands.
func (w *writer) items(list []any, indent int) {
	for i, item := range list {
		if i > 0 {
			w.buf.WriteString(w.newline)
			w.pad(indent)
		}
		w.item(item, indent)
	}
}

func (w *writer) item(item any, indent int) {
	w.buf.WriteByte('-')
	switch v := item.(type) {
	case Map:
		if len(v) > 0 {
			w.buf.WriteByte(' ')
			w.entries(v, indent+2)
			return
		}
	case []any:
		if len(v) > 0 {
			w.buf.WriteByte(' ')
			w.items(v, indent+2)
			return
		}
	}
	w.value(item, indent)
}

// value writes what follows the `:` or the `-` of an entry whose column is
// indent: on the same line, or on lines of its own beneath.
func (w *writer) value(v any, indent int) {
	switch v := v.(type) {
	case Map:
		if len(v) > 0 {
			w.buf.WriteString(w.newline)
			w.pad(indent + w.step)
			w.entries(v, indent+w.step)
			return
		}
	case []any:
		if len(v) > 0 {
			w.buf.WriteString(w.newline)
			w.pad(indent + w.listStep)
			w.items(v, indent+w.listStep)
			return
		}
	case string:
		if strings.Contains(v, "\n") && !w.oneLine {
			if f, ok := w.block(indent).literal(v); ok && !strings.HasSuffix(v, "\n\n") {
				w.buf.WriteString(" " + f.text + w.newline + f.body)
				return
			}
		}
	}
	w.buf.WriteByte(' ')
	w.flow(v)
}

// flow writes v on one line.
func (w *writer) flow(v any) { w.buf.WriteString(w.inline(v, false)) }

// inline returns v on one line. inside says that it stands between brackets.
func (w *writer) inline(v any, inside bool) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		if v {
			return "true"
		}
		return "false"
	case json.Number:
		return string(v)
	case string:
		if !w.json && isPlain(v, inside) {
			return v
		}
		return doubleQuoted(v)
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = w.inline(item, true)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case Map:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = w.key(e.Key, true) + ": " + w.inline(e.Value, true)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return doubleQuoted(fmt.Sprint(v)) // normalize leaves nothing else
}

func (w *writer) key(key string, inside bool) string {
	if !w.json && isPlain(key, inside) {
		return key
	}
	return doubleQuoted(key)
}
