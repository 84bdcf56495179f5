package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes v indented, with a final line break. It is the same on a
// terminal and in a pipe: characters that could act on a terminal are written
// as escapes, which every JSON reader undoes.
func JSON(w io.Writer, v any) error {
	data, err := compact(v)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		return fmt.Errorf("indenting the result: %w", err)
	}
	b.WriteByte('\n')
	return write(w, b.String())
}

// compact encodes v on one line, without escaping < > &.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding the result: %w", err)
	}
	return escapeInvisible(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// member is one field of an object.
type member struct {
	key   string
	value any
}

// object is a JSON object in its own order, which a map would lose.
type object []member

// MarshalJSON writes the fields in their order.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := compact(m.key)
		if err != nil {
			return nil, err
		}
		value, err := compact(m.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, key...), ':'), value...)
	}
	return append(b, '}'), nil
}

// normal turns any value into nil, bool, string, json.Number, []any and
// object, the way JSON sees it.
func normal(v any) (any, error) {
	data, err := compact(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	return decode(dec)
}

func decode(dec *json.Decoder) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, fmt.Errorf("reading a value back: %w", err)
	}
	switch tok {
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := decode(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = dec.Token()
		return list, err
	case json.Delim('{'):
		obj := object{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, fmt.Errorf("reading a key back: %w", err)
			}
			v, err := decode(dec)
			if err != nil {
				return nil, err
			}
			obj = append(obj, member{key.(string), v})
		}
		_, err = dec.Token()
		return obj, err
	}
	return tok, nil
}

// loose turns a normal value into what templates and jq expressions work on:
// maps, and numbers as int or float64.
func loose(v any) any {
	switch v := v.(type) {
	case object:
		m := make(map[string]any, len(v))
		for _, e := range v {
			m[e.key] = loose(e.value)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = loose(e)
		}
		return list
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return int(i)
		}
		f, _ := v.Float64() // it was a JSON number; too large becomes infinity
		return f
	}
	return v
}
