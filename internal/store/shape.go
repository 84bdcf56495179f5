package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/schema"
)

// shape holds the keys and types of gitsm.yaml against their schema. Decoding
// alone would take `Bootstrap`, and whatever else folds to the same letters,
// for `bootstrap`. What values may be is the validator's business.
type shape struct {
	doc   *yamldoc.Doc
	found []finding.Finding
}

// words say what a schema's type is, for people.
var words = map[string]string{"string": "a string", "boolean": "true or false", "array": "a list", "object": "a mapping"}

// mapping checks the object at pointer, which the schema has at path.
func (s *shape) mapping(v map[string]any, path, pointer []string) {
	for _, key := range slices.Sorted(maps.Keys(v)) {
		path, pointer := append(path[:len(path):len(path)], key), append(pointer[:len(pointer):len(pointer)], key)
		f, ok := schema.FieldOf("config", path...)
		if !ok {
			msg := fmt.Sprintf("unknown key %q", key)
			if near := finding.Meant(key, schema.Properties("config", path[:len(path)-1]...)); near != "" {
				msg += fmt.Sprintf(", did you mean %q?", near)
			}
			s.add(msg, func() (int, int) { return s.doc.KeyPosition(yamldoc.Pointer(pointer...)) })
			continue
		}
		s.value(v[key], f.Type, f.Items, path, pointer)
	}
}

func (s *shape) value(v any, want, items string, path, pointer []string) {
	if got := typeOf(v); got != want {
		is := words[got]
		if is == "" {
			is = got
		}
		s.at(pointer, fmt.Sprintf("%s is %s, and must be %s", strings.Join(path, "."), is, words[want]))
		return
	}
	switch v := v.(type) {
	case map[string]any:
		s.mapping(v, path, pointer)
	case []any:
		for i, item := range v {
			s.value(item, items, "", path, append(pointer[:len(pointer):len(pointer)], strconv.Itoa(i)))
		}
	}
}

// at adds a finding at a value.
func (s *shape) at(pointer []string, msg string) {
	s.add(msg, func() (int, int) { return s.doc.Position(yamldoc.Pointer(pointer...)) })
}

func (s *shape) add(msg string, place func() (line, column int)) {
	c, _ := finding.Lookup("STO001")
	f := finding.Finding{Code: c.ID, Severity: finding.Error, File: s.doc.Name, Message: msg, Why: c.Explain, Fix: "see `gitsm explain STO001`"}
	f.Line, f.Column = place()
	f.Frame = s.doc.Line(f.Line)
	s.found = append(s.found, f)
}

// err is nil where nothing was found.
func (s *shape) err() error {
	if len(s.found) == 0 {
		return nil
	}
	finding.Sort(s.found)
	return &InvalidError{What: s.doc.Name, Findings: s.found}
}

// typeOf is the schema's word for the type of a decoded value.
func typeOf(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case json.Number:
		return "a number"
	}
	return "empty"
}
