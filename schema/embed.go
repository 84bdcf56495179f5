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

import "embed"

// FS holds every schema of format version 1, as <kind>.v1.schema.json.
//
//go:embed *.schema.json
var FS embed.FS

// Kind returns the schema of the named kind ("change", "config").
func Kind(name string) ([]byte, bool) {
	b, err := FS.ReadFile(name + ".v1.schema.json")
	return b, err == nil
}

// Data is the schema of policy/data.yaml. Unlike the others it is open: beside
// what gitsm and its default policy read, a policy has keys of its own.
//
//go:embed data.json
var Data []byte
