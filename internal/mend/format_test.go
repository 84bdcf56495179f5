package mend_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/mend"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

const config = "apiVersion: gitsm/v1\nkind: config\n"

// foreign declares kinds of records that were there before gitsm.
const foreign = config + `kinds:
  - {name: decision, plural: decisions, path: docs/*.md, envelope: false, schema: decision.json}
  - {name: part, plural: parts, path: "parts/{id}.yaml", envelope: false, schema: decision.json}
`

func open(t *testing.T, files map[string]string, opts ...store.Option) *store.Store {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	s, err := store.Open(fsys, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFormat(t *testing.T) {
	s := open(t, map[string]string{"ops/gitsm.yaml": config}, store.InDirectory("ops"))
	for p, text := range map[string][2]string{
		"changes/2026/11/CHG-20261120-7K3F2M.yaml": {"plan: {test: x}\ntitle: x\nid: CHG-20261120-7K3F2M\n", "id: CHG-20261120-7K3F2M\ntitle: x\nplan: {test: x}\n"},
		"services/a.yaml":                          {"depends_on:\n- of: [b]\n  need: 1\nkind: service\n", "kind: service\ndepends_on:\n  - need: 1\n    of: [b]\n"},
		"gitsm.yaml":                               {"owners:\n    people: [x]\nkind: config\n", "kind: config\nowners:\n  people: [x]\n"},
	} {
		got, found, err := mend.Format(s, p, []byte(text[0]))
		if err != nil || len(found) > 0 {
			t.Errorf("%s: %v, %v", p, found, err)
		}
		if diff := cmp.Diff(text[1], string(got)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", p, diff)
		}
	}
	if _, found, err := mend.Format(s, "services/a.yaml", []byte("a: 1\na: 2\n")); err != nil || len(found) != 1 || found[0].File != "ops/services/a.yaml" {
		t.Errorf("a file that says a thing twice: %v, %v", found, err)
	}
	if _, _, err := mend.Format(s, "README.md", nil); !errors.Is(err, mend.ErrNoKind) {
		t.Errorf("no record: %v", err)
	}
}

// TestFormatDeclared holds that a kind of the store's own is formatted in the
// order of its schema, and in Markdown as far as the front matter goes.
func TestFormatDeclared(t *testing.T) {
	s := open(t, map[string]string{"gitsm.yaml": foreign, "decision.json": `{"properties": {
		"title": {"type": "string"}, "links": {"type": "array", "items": {"$ref": "#/$defs/link"}}, "body": {"type": "string"}},
		"$defs": {"link": {"properties": {"to": {}, "as": {}}}}}`})
	const in = "body: x\nlinks:\n- as: b\n  to: a\nfree: 1\ntitle: x # t\n"
	const want = "title: x # t\nlinks:\n  - to: a\n    as: b\nbody: x\nfree: 1\n"
	const tail = "---\n# Not: *YAML\n\n\n\ttail  "
	for p, text := range map[string][2]string{
		"parts/a.yaml":    {in, want},
		"docs/1.md":       {"---\n" + in + tail, "---\n" + want + tail},
		"docs/crlf.md":    {"---\r\nbody: x\r\n\r\n\r\n\r\ntitle: y\r\n---\r\nbody\n", "---\r\ntitle: y\r\nbody: x\r\n---\r\nbody\n"},
		"docs/open.md":    {"---\nbody: |\n  x\n\n---\n", "---\nbody: |\n  x\n---\n"},
		"docs/comment.md": {"---\n# why\n\nbody: x\n# last\n---\n", "---\n# why\n\nbody: x\n# last\n---\n"},
	} {
		got, found, err := mend.Format(s, p, []byte(text[0]))
		if err != nil || len(found) > 0 {
			t.Errorf("%s: %v, %v", p, found, err)
		}
		if diff := cmp.Diff(text[1], string(got)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", p, diff)
		}
		again, _, err := mend.Format(s, p, got)
		if err != nil || string(again) != string(got) {
			t.Errorf("%s: formatted again %q, %v", p, again, err)
		}
	}
	if _, found, _ := mend.Format(s, "docs/2.md", []byte("no front matter\n")); len(found) != 1 || found[0].Code != "YML004" {
		t.Errorf("no record: %v", found)
	}
}

func TestFormatText(t *testing.T) {
	ks := record.Builtin()
	for in, want := range map[string]string{
		"title: x\nkind: service\n":  "kind: service\ntitle: x\n",
		"owners: {}\nkind: config\n": "kind: config\nowners: {}\n",
	} {
		got, found, err := mend.FormatText(ks, "stdin", []byte(in))
		if err != nil || len(found) > 0 || string(got) != want {
			t.Errorf("%q: %q, %v, %v", in, got, found, err)
		}
	}
	if _, _, err := mend.FormatText(ks, "stdin", []byte("kind: cat\n")); !errors.Is(err, mend.ErrNoKind) {
		t.Errorf("an unknown kind: %v", err)
	}
	if _, found, _ := mend.FormatText(ks, "stdin", []byte("- a\n")); len(found) != 1 {
		t.Errorf("no record: %v", found)
	}
}
