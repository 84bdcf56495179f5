package yamldoc

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Map is a mapping whose keys have an order.
type Map []Entry

// Entry is one field of a Map.
type Entry struct {
	Key     string
	Value   any
	Comment string // written above the entry, without '#'; may have several lines
}

// normalize reduces a Go value to nil, bool, string, json.Number, []any and
// Map, and refuses what the strict subset cannot hold. Keys of Go maps are
// sorted.
func normalize(v any, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, fmt.Errorf("nested deeper than %d", MaxDepth)
	}
	switch v := v.(type) {
	case nil:
		return nil, nil
	case bool:
		return v, nil
	case string:
		return v, checkText(v)
	case json.Number:
		if problem := numberProblem(string(v)); problem != "" {
			return nil, fmt.Errorf("number %s %s", quote(string(v)), problem)
		}
		return v, nil
	case Map:
		return normalizeMap(v, depth)
	}
	return normalizeReflect(reflect.ValueOf(v), depth)
}

func normalizeMap(m Map, depth int) (any, error) {
	out := make(Map, len(m))
	seen := make(map[string]bool, len(m))
	for i, e := range m {
		if err := cmp.Or(checkText(e.Key), checkText(e.Comment)); err != nil {
			return nil, fmt.Errorf("key %s: %w", quote(e.Key), err)
		}
		if seen[e.Key] {
			return nil, fmt.Errorf("key %s twice", quote(e.Key))
		}
		seen[e.Key] = true
		v, err := normalize(e.Value, depth+1)
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", quote(e.Key), err)
		}
		out[i] = Entry{Key: e.Key, Value: v, Comment: e.Comment}
	}
	return out, nil
}

// normalizeReflect handles Go's own kinds: named strings, integers, floats,
// slices and maps with string keys.
func normalizeReflect(v reflect.Value, depth int) (any, error) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil, nil
		}
		return normalize(v.Elem().Interface(), depth)
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.String:
		return v.String(), checkText(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return normalize(json.Number(strconv.FormatInt(v.Int(), 10)), depth)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return normalize(json.Number(strconv.FormatUint(v.Uint(), 10)), depth)
	case reflect.Float32, reflect.Float64:
		b, err := json.Marshal(v.Interface())
		if err != nil {
			return nil, fmt.Errorf("number %v cannot be written", v.Float())
		}
		return normalize(json.Number(b), depth)
	case reflect.Slice, reflect.Array:
		out := make([]any, v.Len())
		for i := range out {
			item, err := normalize(v.Index(i).Interface(), depth+1)
			if err != nil {
				return nil, fmt.Errorf("element %d: %w", i, err)
			}
			out[i] = item
		}
		return out, nil
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String {
			return normalizeMap(sortedMap(v), depth)
		}
	}
	return nil, fmt.Errorf("a value of type %s cannot be written as YAML", v.Type())
}

func sortedMap(v reflect.Value) Map {
	byKey := make(map[string]any, v.Len())
	for it := v.MapRange(); it.Next(); {
		byKey[it.Key().String()] = it.Value().Interface()
	}
	m := make(Map, 0, len(byKey))
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		m = append(m, Entry{Key: key, Value: byKey[key]})
	}
	return m
}

// checkText refuses text that Parse would refuse.
func checkText(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("the text is not UTF-8")
	}
	if r, bad := forbidden(s); bad {
		return fmt.Errorf("the text holds the character U+%04X, which readers cannot see; remove it", r)
	}
	return nil
}

// plainOf returns the JSON value of a normalized value, as Doc.Value has it.
func plainOf(v any) any {
	switch v := v.(type) {
	case Map:
		m := make(map[string]any, len(v))
		for _, e := range v {
			m[e.Key] = plainOf(e.Value)
		}
		return m
	case []any:
		s := make([]any, len(v))
		for i, item := range v {
			s[i] = plainOf(item)
		}
		return s
	case json.Number:
		return plainNumber(string(v))
	}
	return v
}
