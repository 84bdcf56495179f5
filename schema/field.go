package schema

import (
	"encoding/json"
	"slices"
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

// FieldOf returns the field at a path of names within a kind, a list standing
// for its items.
func FieldOf(kind string, path ...string) (Field, bool) {
	src, ok := Kind(kind)
	if !ok || len(path) == 0 {
		return Field{}, false
	}
	for _, name := range path[:len(path)-1] {
		if src = child(src, name); src == nil {
			return Field{}, false
		}
	}
	name := path[len(path)-1]
	raw := child(src, name)
	if raw == nil {
		return Field{}, false
	}
	var s struct {
		Type        string          `json:"type"`
		Description string          `json:"description"`
		Enum        []any           `json:"enum"`
		Items       json.RawMessage `json:"items"`
	}
	if json.Unmarshal(raw, &s) != nil {
		return Field{}, false
	}
	f := Field{Name: name, Type: s.Type, Description: s.Description}
	for _, e := range s.Enum {
		b, err := json.Marshal(e)
		if text, isText := e.(string); isText {
			f.Enum = append(f.Enum, text)
		} else if err == nil {
			f.Enum = append(f.Enum, string(b))
		}
	}
	var items struct {
		Type string `json:"type"`
	}
	if s.Items != nil && json.Unmarshal(s.Items, &items) == nil {
		f.Items = items.Type
	}
	var required []string
	if json.Unmarshal(object(src)["required"], &required) == nil {
		f.Required = slices.Contains(required, name)
	}
	return f, true
}
