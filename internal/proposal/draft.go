package proposal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/schema"
)

// InvalidError says that a new record's text could not be read.
type InvalidError struct {
	What     string
	Findings []finding.Finding
}

func (e *InvalidError) Error() string {
	f := e.Findings[0]
	return fmt.Sprintf("%s cannot be read: %s:%d:%d: %s", e.What, f.File, f.Line, f.Column, f.Message)
}

// NewDraft makes the record of a new proposal from its fields, filling in what
// gitsm knows: envelope, id, first state and requester. id is "" for dated
// kinds, which get a random one.
func (d *Desk) NewDraft(ctx context.Context, k *record.Kind, id string, fields map[string]any) (Draft, error) {
	filled, id, err := d.fill(ctx, k, id, fields)
	if err != nil {
		return Draft{}, err
	}
	if merge(filled, fields); record.Value(filled, k.IDPath()...) != nil && k.IDIn(filled) != id {
		return Draft{}, &UsageError{What: fmt.Sprintf("%s of a record is its id, which is %s", k.IDKey(), id), Fix: "leave it out"}
	}
	content, err := render(k, filled)
	if err != nil {
		return Draft{}, fmt.Errorf("writing %s: %w", id, err)
	}
	return d.draft(k, id, content)
}

// merge puts fields over those that are there, in mappings field by field.
func merge(into, fields map[string]any) {
	for key, v := range fields {
		below, both := into[key].(map[string]any)
		if m, ok := v.(map[string]any); ok && both {
			merge(below, m)
			continue
		}
		into[key] = v
	}
}

// nest returns fields with v at a path of keys, as the one thing they hold.
func nest(v any, path ...string) map[string]any {
	for _, key := range slices.Backward(path[1:]) {
		v = map[string]any{key: v}
	}
	return map[string]any{path[0]: v}
}

// render writes a new record in the format of its kind.
func render(k *record.Kind, fields map[string]any) ([]byte, error) {
	m := ordered(k.Fields(), fields)
	if path.Ext(k.Path) == ".json" {
		return yamldoc.MarshalJSON(m)
	}
	content, err := yamldoc.Marshal(m)
	if err != nil || !k.Markdown() {
		return content, err
	}
	out := "---\n" + string(content) + "---\n"
	if title := k.TitleIn(fields); title != "" {
		out += "\n# " + strings.Join(strings.Fields(title), " ") + "\n"
	}
	return []byte(out), nil
}

// DraftFrom makes the record of a new proposal from a file's bytes, which stay
// as they are; what is missing of the envelope is put before them.
func (d *Desk) DraftFrom(ctx context.Context, k *record.Kind, id, name string, src []byte) (Draft, error) {
	doc, findings := k.Parse(name, src)
	if doc == nil || len(findings) > 0 {
		return Draft{}, &InvalidError{What: name, Findings: findings}
	}
	given := doc.Value()
	if id == "" {
		id = k.IDIn(given)
	}
	filled, id, err := d.fill(ctx, k, id, given)
	if err != nil {
		return Draft{}, err
	}
	content, err := complete(k, name, doc, filled)
	if err != nil {
		return Draft{}, fmt.Errorf("completing %s: %w", name, err)
	}
	return d.draft(k, id, content)
}

// complete puts what is missing of the envelope into a document: an id that is
// kept within a field there, everything else before what stands there.
func complete(k *record.Kind, name string, doc *yamldoc.Doc, filled map[string]any) ([]byte, error) {
	given, keys := doc.Value(), k.IDPath()
	if id := record.Value(filled, keys...); id != nil && given[keys[0]] != nil && record.Value(given, keys...) == nil {
		content, err := k.Edit(doc, yamldoc.Edit{Pointer: yamldoc.Pointer(keys...), Value: id})
		if err != nil {
			return nil, err
		}
		var findings []finding.Finding
		if doc, findings = k.Parse(name, content); doc == nil || len(findings) > 0 {
			return nil, &InvalidError{What: name, Findings: findings}
		}
	}
	missing := yamldoc.Map{}
	for _, key := range []string{"apiVersion", "kind", keys[0], k.StateKey(), "type", "requester", "requested_by", "detected_at"} {
		if _, has := given[key]; !has && filled[key] != nil {
			missing = append(missing, yamldoc.Entry{Key: key, Value: filled[key]})
		}
	}
	content, err := prepend(k, name, doc, missing)
	if err != nil {
		return nil, err
	}
	return k.InStyle(doc, content), nil
}

// prepend puts entries before a document in block style; other documents get
// them spliced in.
func prepend(k *record.Kind, name string, doc *yamldoc.Doc, missing yamldoc.Map) ([]byte, error) {
	if len(missing) == 0 {
		return doc.Source, nil
	}
	head, err := yamldoc.Marshal(missing)
	if err != nil {
		return nil, err
	}
	whole := append(bytes.Clone(head), doc.Source...)
	if d, findings := k.Parse(name, whole); d != nil && len(findings) == 0 && len(d.Value()) == len(doc.Value())+len(missing) {
		return whole, nil
	}
	var edits []yamldoc.Edit
	for _, e := range missing {
		edits = append(edits, yamldoc.Edit{Pointer: yamldoc.Pointer(e.Key), Value: e.Value})
	}
	return doc.Apply(edits...)
}

// fill returns what gitsm writes itself into a new record with the given
// fields.
func (d *Desk) fill(ctx context.Context, k *record.Kind, id string, given map[string]any) (map[string]any, string, error) {
	var err error
	if id == "" && k.Dated() {
		if id, err = record.NewID(k, d.Now(), d.Random); err != nil {
			return nil, "", err
		}
	}
	if err := record.CheckID(k, id); err != nil {
		return nil, "", &UsageError{What: err.Error(), Fix: fmt.Sprintf("gitsm %s new ID …", k.Name)}
	}
	out := map[string]any{}
	if !k.Foreign {
		out["apiVersion"], out["kind"] = record.APIVersion, k.Name
	}
	if _, described := k.Fields().Field(k.IDPath()...); !k.Foreign || k.IDField != "" || described {
		v, err := d.idValue(ctx, k, id)
		if err != nil {
			return nil, "", err
		}
		merge(out, nest(v, k.IDPath()...))
	}
	if state := k.Initial(); state != "" {
		out[k.StateKey()] = state
	}
	switch {
	case k.Name == "change":
		return out, id, d.fillChange(ctx, out, given)
	case k.Name == "incident" && given["detected_at"] == nil:
		out["detected_at"] = stamp(d.Now()) // whoever files it has just noticed
	case k.Name == "request":
		out["requester"], err = d.filer(ctx)
	case k.Name == "waiver":
		out["requested_by"], err = d.filer(ctx)
	}
	return out, id, err
}

// idValue is an id as its field has it: a number where the schema says so, or
// in the absence of one where the record of another id has a number there.
func (d *Desk) idValue(ctx context.Context, k *record.Kind, id string) (any, error) {
	f, described := k.Fields().Field(k.IDPath()...)
	number := f.Type == "integer" || f.Type == "number"
	if !described && k.Foreign && strings.Trim(id, "0123456789") == "" {
		w, err := d.Look(ctx)
		if err != nil {
			return nil, err
		}
		others, err := w.Base.List(k.Name)
		if err != nil {
			return nil, err
		}
		if len(others) > 0 {
			_, number = record.Value(others[0].Fields, k.IDPath()...).(json.Number)
		}
	}
	if number && (id == "0" || !strings.HasPrefix(id, "0")) {
		return json.Number(id), nil
	}
	return id, nil
}

// filer is the person who files a record. Somebody people/ does not know yet
// is named after their address: a finding, no refusal.
func (d *Desk) filer(ctx context.Context) (string, error) {
	w, err := d.Look(ctx)
	if err != nil {
		return "", err
	}
	actor, _, err := d.Actor(w.Base)
	if err != nil {
		return "", err
	}
	if actor.Known {
		return actor.ID, nil
	}
	name, _, _ := strings.Cut(d.User.Email, "@")
	return record.Slugify(name), nil
}

// fillChange writes who requests a change and, for an emergency, that it is
// being implemented already.
func (d *Desk) fillChange(ctx context.Context, out, given map[string]any) error {
	requester, err := d.filer(ctx)
	if err != nil {
		return err
	}
	out["requester"] = requester
	if given["type"] == nil {
		out["type"] = "normal"
	}
	if record.Str(given, "type") == "emergency" {
		out["state"] = "implementing"
		if given["implementation"] == nil {
			out["implementation"] = map[string]any{"started_at": stamp(d.Now()), "implementer": requester}
		}
	}
	return nil
}

func (d *Desk) draft(k *record.Kind, id string, content []byte) (Draft, error) {
	name := d.path(k.PathOf(id))
	doc, findings := k.Parse(name, content)
	if doc == nil || len(findings) > 0 {
		return Draft{}, &InvalidError{What: name, Findings: findings}
	}
	return Draft{Kind: k, ID: id, Path: k.PathOf(id), Verb: "new", Content: content, Title: k.TitleIn(doc.Value())}, nil
}

// At settles where a new record is kept: at a path of the store, or where its
// kind keeps it where none is given. Elsewhere nothing would find the record.
func (dr Draft) At(path string) (Draft, error) {
	k := dr.Kind
	if path == "" {
		if !k.Settled(dr.ID) {
			return dr, &UsageError{What: fmt.Sprintf("the directory of %s is open: %s are kept at %s", dr.ID, k.Plural, k.Path), Fix: "name the file: --path …"}
		}
		return dr, nil
	}
	if id, ok := k.Match(path); !ok || k.Named() && id != dr.ID {
		return dr, &UsageError{What: fmt.Sprintf("%s %s cannot be at %s: %s are kept at %s", k.Name, dr.ID, path, k.Plural, k.Path)}
	}
	dr.Path = path
	return dr, nil
}

// ordered puts fields into the canonical order of a schema, those it does not
// know last.
func ordered(tree *schema.Tree, fields map[string]any, path ...string) yamldoc.Map {
	var out yamldoc.Map
	seen := map[string]bool{}
	add := func(key string) {
		v, has := fields[key]
		if !has || seen[key] {
			return
		}
		seen[key] = true
		if m, ok := v.(map[string]any); ok {
			v = ordered(tree, m, append(path[:len(path):len(path)], key)...)
		}
		out = append(out, yamldoc.Entry{Key: key, Value: v})
	}
	for _, key := range tree.Properties(path...) {
		add(key)
	}
	for _, key := range sortedKeys(fields) {
		add(key)
	}
	return out
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
