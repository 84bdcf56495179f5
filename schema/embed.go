// Package schema holds the JSON Schemas of gitsm's records and of gitsm.yaml.
//
// They are the source of truth for what a record may say: check validates
// against them, editors complete from them, policy input is typed by them, and
// new records are written in their key order. They are draft-07, because
// editors read no later draft, and keep to what OPA's type checker reads too:
// anyOf instead of oneOf, one type each, closed objects, no remote references.
//
// The package owns the files and gives out their bytes. It imports nothing of
// gitsm, and it validates nothing itself.
//
// To add a field: put it where it should stand in a newly written record, with
// a description (it becomes the reference page and the editor's hover text).
package schema

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
)

// FS holds every schema of format version 1, as <kind>.v1.schema.json.
//
//go:embed *.schema.json
var FS embed.FS

// Kind returns the schema of the named kind ("change", "config").
func Kind(name string) ([]byte, bool) {
	b, err := FS.ReadFile(name + ".v1.schema.json")
	return b, err == nil
}

// Properties returns the fields of a kind in canonical order, which is their
// order in the schema. With a path it returns the fields of a nested object,
// a list standing for its items: Properties("change", "plan"),
// Properties("change", "artifacts"). It returns nil for what is no object.
func Properties(kind string, path ...string) []string {
	src, ok := Kind(kind)
	if !ok {
		return nil
	}
	for _, name := range path {
		src = child(src, name)
	}
	return keys(object(src)["properties"])
}

// child returns the schema of one field of the object that src describes.
func child(src json.RawMessage, name string) json.RawMessage {
	return object(object(src)["properties"])[name]
}

// object decodes one level of a schema; of a list it takes the items, and of
// alternatives the one with fields.
func object(src json.RawMessage) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	if json.Unmarshal(src, &m) != nil {
		return nil
	}
	if items, ok := m["items"]; ok && string(m["type"]) == `"array"` {
		return object(items)
	}
	var branches []json.RawMessage
	if json.Unmarshal(m["anyOf"], &branches) == nil {
		for _, b := range branches {
			if o := object(b); o["properties"] != nil {
				return o
			}
		}
	}
	return m
}

// keys lists the keys of a JSON object in the order they are written in, which
// a Go map would lose.
func keys(src json.RawMessage) []string {
	var names []string
	dec := json.NewDecoder(bytes.NewReader(src))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil
		}
		names = append(names, fmt.Sprint(key))
		var skipped json.RawMessage
		if dec.Decode(&skipped) != nil {
			return nil
		}
	}
	return names
}
