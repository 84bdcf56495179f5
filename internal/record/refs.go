package record

import (
	"fmt"
	"slices"
	"strings"
)

// RefValue is one reference a record makes.
type RefValue struct {
	Pointer string   // JSON pointer of the value within its record
	Kind    string   // the kind it says, "" where it leaves that to Kinds
	ID      string   // what it names
	Kinds   []string // what it may name; none means records of any kind
}

// Refs returns every reference the record makes, in table and document order.
func (r *Record) Refs() []RefValue {
	var out []RefValue
	for _, ref := range r.Kind.Refs {
		collect(r.Fields, strings.Split(ref.Path, "."), "", func(pointer, text string) {
			out = append(out, parseRef(pointer, text, ref.Kinds))
		})
	}
	return out
}

// collect visits the strings at a ref path such as "depends_on[].of[]".
func collect(v any, path []string, pointer string, visit func(pointer, text string)) {
	if len(path) == 0 {
		if s, ok := v.(string); ok && s != "" {
			visit(pointer, s)
		}
		return
	}
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	key, list := strings.CutSuffix(path[0], "[]")
	if !list {
		collect(m[key], path[1:], pointer+"/"+key, visit)
		return
	}
	items, _ := m[key].([]any)
	for i, item := range items {
		collect(item, path[1:], fmt.Sprintf("%s/%s/%d", pointer, key, i), visit)
	}
}

func parseRef(pointer, text string, kinds []string) RefValue {
	rv := RefValue{Pointer: pointer, ID: text, Kinds: kinds}
	if kind, id, found := strings.Cut(text, ":"); found && (len(kinds) == 0 || slices.Contains(kinds, kind)) {
		rv.Kind, rv.ID, rv.Kinds = kind, id, []string{kind}
	}
	return rv
}
