package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gitsm/gitsm/schema"
)

// compile compiles one schema as draft-07 with no loader at all, so that a
// remote reference is an error.
func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	src, err := schema.FS.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft7)
	c.UseLoader(refuse{})
	if err := c.AddResource("mem:///"+name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("mem:///" + name)
	if err != nil {
		t.Fatalf("%s does not compile: %v", name, err)
	}
	return s
}

type refuse struct{}

func (refuse) Load(url string) (any, error) { return nil, fmt.Errorf("remote schema %s", url) }

func files(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(schema.FS, "*.schema.json")
	if err != nil || len(names) < 7 {
		t.Fatalf("embedded schemas: %v, %v", names, err)
	}
	return names
}

func TestSchemasCompile(t *testing.T) {
	for _, name := range files(t) {
		t.Run(name, func(t *testing.T) {
			compile(t, name)
			var doc struct {
				Schema string `json:"$schema"`
			}
			src, err := schema.FS.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(src, &doc); err != nil {
				t.Fatal(err)
			}
			if want := "http://json-schema.org/draft-07/schema#"; doc.Schema != want {
				t.Errorf("$schema is %q, want %q", doc.Schema, want)
			}
		})
	}
}

func TestSchemaRules(t *testing.T) {
	for _, name := range files(t) {
		src, err := schema.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := json.Unmarshal(src, &doc); err != nil {
			t.Fatal(err)
		}
		for _, problem := range lint(doc, strings.HasPrefix(name, "input.")) {
			t.Errorf("%s%s", name, problem)
		}
	}
}

// lint returns what in a schema breaks the rules of this package. An open
// object is allowed in the policy input's envelope alone: its records are
// typed by the schema of their kind.
func lint(doc any, envelope bool) []string {
	var problems []string
	var visit func(node any, at string)
	visit = func(node any, at string) {
		s, ok := node.(map[string]any)
		if !ok {
			problems = append(problems, at+": a schema is an object")
			return
		}
		problems = append(problems, lintNode(s, at, envelope)...)
		for _, word := range []string{"properties", "definitions"} {
			group, _ := s[word].(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(group)) {
				visit(group[name], at+"/"+word+"/"+name)
			}
		}
		if items, ok := s["items"]; ok {
			visit(items, at+"/items")
		}
		for _, word := range []string{"anyOf", "allOf"} {
			list, _ := s[word].([]any)
			for i, b := range list {
				visit(b, fmt.Sprintf("%s/%s/%d", at, word, i))
			}
		}
	}
	visit(doc, "")
	return problems
}

func lintNode(s map[string]any, at string, envelope bool) []string {
	var out []string
	add := func(msg string) { out = append(out, at+": "+msg) }
	if _, ok := s["oneOf"]; ok {
		add("oneOf: OPA's type checker cannot read it, write anyOf")
	}
	if _, ok := s["type"].([]any); ok {
		add("a list of types: OPA's type checker keeps one of them, write anyOf")
	}
	if d, _ := s["description"].(string); strings.TrimSpace(d) == "" && strings.Contains(at, "/properties/") {
		if parent := path.Base(path.Dir(at)); parent == "properties" {
			add("no description")
		}
	}
	if ref, ok := s["$ref"].(string); ok && !strings.HasPrefix(ref, "#/") {
		add("$ref to another document")
	}
	_, hasProps := s["properties"]
	if (s["type"] == "object" || hasProps) && s["additionalProperties"] != false && !(envelope && !hasProps) {
		add("additionalProperties is not false")
	}
	if s["type"] == "string" && !envelope && s["enum"] == nil && s["const"] == nil && s["maxLength"] == nil && s["pattern"] == nil {
		add("a string without bounds")
	}
	if s["type"] == "array" && !envelope && s["maxItems"] == nil {
		add("a list without maxItems")
	}
	return out
}

// TestLintSees proves that each rule can fail.
func TestLintSees(t *testing.T) {
	for broken, want := range map[string]string{
		`{"properties":{"a":{"description":"x","oneOf":[]}},"additionalProperties":false}`:                                        "oneOf",
		`{"properties":{"a":{"description":"x","type":["string","null"]}},"additionalProperties":false}`:                          "list of types",
		`{"properties":{"a":{"type":"boolean"}},"additionalProperties":false}`:                                                    "no description",
		`{"properties":{"a":{"description":"x","type":"boolean"}}}`:                                                               "additionalProperties",
		`{"type":"array","maxItems":1,"items":{"type":"object"}}`:                                                                 "additionalProperties",
		`{"properties":{"a":{"description":"x","$ref":"https://example.org/s.json"}},"additionalProperties":false}`:               "another document",
		`{"properties":{"a":{"description":"x","type":"string"}},"additionalProperties":false}`:                                   "without bounds",
		`{"properties":{"a":{"description":"x","type":"array","items":{"type":"boolean"}}},"additionalProperties":false}`:         "maxItems",
		`{"properties":{"a":{"description":"x","anyOf":[{"type":"object"}]}},"additionalProperties":false}`:                       "additionalProperties",
		`{"definitions":{"d":{"properties":{"a":{"type":"boolean"}},"additionalProperties":false}},"additionalProperties":false}`: "no description",
		`{"allOf":[{"properties":{"a":{"description":"x","type":"boolean"}}}],"properties":{},"additionalProperties":false}`:      "additionalProperties",
		`{"properties":{"a":true},"additionalProperties":false}`:                                                                  "a schema is an object",
	} {
		var doc any
		if err := json.Unmarshal([]byte(broken), &doc); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(lint(doc, false), "\n"); !strings.Contains(got, want) {
			t.Errorf("lint(%s) = %q, want %q", broken, got, want)
		}
	}
}

func TestProperties(t *testing.T) {
	tests := []struct {
		kind string
		path []string
		want []string
	}{
		{"team", nil, []string{"apiVersion", "kind", "id", "title", "aliases", "members", "lead", "active"}},
		{"change", []string{"plan"}, []string{"implement", "test", "backout", "verify"}},
		{"change", []string{"artifacts"}, []string{"name", "digest"}},
		{"change", []string{"review", "actions"}, []string{"description", "owner", "due", "done"}},
		{"service", []string{"depends_on"}, []string{"need", "of"}},
		{"change", []string{"title"}, nil},
		{"change", []string{"no_such_field"}, nil},
		{"no-such-kind", nil, nil},
	}
	for _, tt := range tests {
		got := schema.Properties(tt.kind, tt.path...)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Properties(%q, %q): -want +got:\n%s", tt.kind, tt.path, diff)
		}
	}
}

// TestEnvelopeComesFirst: a record is recognised by its first three lines.
func TestEnvelopeComesFirst(t *testing.T) {
	for _, kind := range []string{"change", "service", "asset", "incident", "problem", "request", "model", "window", "waiver", "exception", "team", "person", "config"} {
		got := schema.Properties(kind)
		if len(got) < 3 {
			t.Fatalf("%s: fields %q", kind, got)
		}
		if diff := cmp.Diff([]string{"apiVersion", "kind", "id"}, got[:3]); diff != "" {
			t.Errorf("%s: -want +got:\n%s", kind, diff)
		}
	}
}

func TestKindUnknown(t *testing.T) {
	if b, ok := schema.Kind("no-such-kind"); ok || b != nil {
		t.Errorf("Kind of an unknown kind: %d bytes, %v", len(b), ok)
	}
}
