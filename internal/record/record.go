// Package record owns the domain: the kind table, ids and paths, the typed
// kinds, lifecycle transitions and the material digest that approvals bind to.
//
// It may import yamldoc and finding. It never reads a file or a ref, never
// asks what time it is and never looks another record up: it knows one record
// at a time, as a pure function of its bytes.
package record

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gitsm/gitsm/internal/yamldoc"
)

// APIVersion is the envelope version this build reads and writes.
const APIVersion = "gitsm/v1"

// Record is one parsed file of a kind. Fields is its YAML value with numbers
// as json.Number and timestamps as the strings they were written as; callers
// never change it, since records are shared between snapshots.
type Record struct {
	Kind   *Kind
	ID     string // from the file's name, which the envelope's id must equal, or from the field that holds it
	Path   string // slash-separated, relative to the store
	Blob   string // git blob id where the file came from a commit, else ""
	Doc    *yamldoc.Doc
	Fields map[string]any
}

// New makes a record of kind k from a parsed document.
func New(k *Kind, id, path, blob string, doc *yamldoc.Doc) *Record {
	return &Record{Kind: k, ID: id, Path: path, Blob: blob, Doc: doc, Fields: doc.Value()}
}

// Str returns the string at the given keys, or "" where there is none.
func (r *Record) Str(keys ...string) string { return Str(r.Fields, keys...) }

// Strs returns the strings of the list at the given keys.
func (r *Record) Strs(keys ...string) []string { return Strs(r.Fields, keys...) }

// Time returns the RFC 3339 instant at the given keys.
func (r *Record) Time(keys ...string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, r.Str(keys...))
	return t, err == nil
}

// State returns the record's lifecycle state, "" for kinds without one.
func (r *Record) State() string { return r.Str(r.Kind.StateKey()) }

// Title returns what a list shows for the record.
func (r *Record) Title() string {
	if title := r.Kind.TitleIn(r.Fields); title != "" || !r.Kind.Markdown() || r.Doc == nil {
		return title
	}
	return r.Doc.Heading()
}

// Aliases returns the record's further names.
func (r *Record) Aliases() []string {
	if !r.Kind.Aliased {
		return nil // another kind may mean something else by such a field
	}
	return r.Strs("aliases")
}

// Terminal reports whether the record has reached a state nothing leaves.
func (r *Record) Terminal() bool { return r.Kind.terminal(r.State()) }

// Decode fills v, one of the typed kinds, from the record's fields. Unknown
// fields are the schema's business and are ignored here.
func (r *Record) Decode(v any) error {
	b, err := json.Marshal(r.Fields)
	if err != nil {
		return fmt.Errorf("decoding %s: %w", r.ID, err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("decoding %s: %w", r.ID, err)
	}
	return nil
}

// Value returns what stands at keys beneath fields, nil where nothing does.
func Value(fields map[string]any, keys ...string) any {
	var v any = fields
	for _, k := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}

// Str returns the string at keys beneath fields.
func Str(fields map[string]any, keys ...string) string {
	s, _ := Value(fields, keys...).(string)
	return s
}

// Strs returns the strings of the list at keys beneath fields; items that are
// no strings are left out.
func Strs(fields map[string]any, keys ...string) []string {
	list, _ := Value(fields, keys...).([]any)
	var out []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
