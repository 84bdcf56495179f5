package record

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/schema"
)

// Each word of the command line means one kind.
func TestBuiltinWords(t *testing.T) {
	kinds := Builtin()
	var names []string
	seen := map[string]string{}
	for _, k := range kinds.All() {
		names = append(names, k.Name)
		for _, word := range append([]string{k.Name, k.Plural}, k.Aliases...) {
			if other, taken := seen[word]; taken {
				t.Errorf("%q names %s and %s", word, other, k.Name)
			}
			seen[word] = k.Name
			if got, ok := kinds.ByName(word); !ok || got != k {
				t.Errorf("%q finds %v, not %s", word, got, k.Name)
			}
		}
	}
	if diff := cmp.Diff([]string{"change", "service", "asset", "incident", "problem", "request", "model", "window", "waiver", "exception", "team", "person"}, names); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	for _, word := range []string{"", "Change", "chang", "config"} {
		if k, ok := kinds.ByName(word); ok {
			t.Errorf("%q finds %s", word, k.Name)
		}
	}
}

// A row may only speak of fields, kinds and states that there are.
func TestBuiltinRows(t *testing.T) {
	kinds := Builtin()
	for _, k := range kinds.All() {
		if _, ok := schema.Kind(k.Schema); !ok {
			t.Errorf("%s: there is no schema %q", k.Name, k.Schema)
		}
		if _, ok := schema.FieldOf(k.Schema, k.Title); !ok {
			t.Errorf("%s: its title %q is no field", k.Name, k.Title)
		}
		for _, field := range k.Immaterial {
			if _, ok := schema.FieldOf(k.Schema, field); !ok {
				t.Errorf("%s: its immaterial field %q is no field", k.Name, field)
			}
		}
		for _, ref := range k.Refs {
			checkRef(t, kinds, k, ref)
		}
		checkStates(t, k)
		if !strings.HasPrefix(k.Path, k.Plural+"/") || k.Dir() != k.Plural {
			t.Errorf("%s: kept at %s, in %s", k.Name, k.Path, k.Dir())
		}
		if k.Fixed() != (k.Name != "asset") {
			t.Errorf("%s: fixed is %v", k.Name, k.Fixed())
		}
	}
}

// checkRef wants the path of a reference in the schema, lists where it says so.
func checkRef(t *testing.T, kinds *Kinds, k *Kind, ref Ref) {
	t.Helper()
	var path []string
	segments := strings.Split(ref.Path, ".")
	for i, segment := range segments {
		name, list := strings.CutSuffix(segment, "[]")
		path = append(path, name)
		f, ok := schema.FieldOf(k.Schema, path...)
		want := "string"
		switch {
		case list:
			want = "array"
		case i < len(segments)-1:
			want = "object"
		}
		if !ok || f.Type != want {
			t.Errorf("%s: %s is %q in the schema, not %s (%v)", k.Name, ref.Path, f.Type, want, ok)
		}
	}
	for _, name := range ref.Kinds {
		if other, ok := kinds.ByName(name); !ok || other.Name != name {
			t.Errorf("%s: %s names kind %q, which there is not", k.Name, ref.Path, name)
		}
	}
}

func checkStates(t *testing.T, k *Kind) {
	t.Helper()
	if len(k.States) == 0 {
		if len(k.Terminal)+len(k.Transitions) > 0 {
			t.Errorf("%s: it has transitions and no states", k.Name)
		}
		return
	}
	if f, _ := schema.FieldOf(k.Schema, "state"); !slices.Equal(slices.Sorted(slices.Values(f.Enum)), slices.Sorted(slices.Values(k.States))) {
		t.Errorf("%s: states %v, in the schema %v", k.Name, k.States, f.Enum)
	}
	types, _ := schema.FieldOf(k.Schema, "type")
	for _, tr := range k.Transitions {
		if !slices.Contains(k.States, tr.To) || tr.From != "" && !slices.Contains(k.States, tr.From) || tr.Verb == "" {
			t.Errorf("%s: transition %+v", k.Name, tr)
		}
		for _, typ := range tr.Types {
			if !slices.Contains(types.Enum, typ) {
				t.Errorf("%s: transition %+v is for type %q, which there is not", k.Name, tr, typ)
			}
		}
	}
	for _, s := range k.Terminal {
		if !slices.Contains(k.States, s) || slices.ContainsFunc(k.Transitions, func(tr Transition) bool { return tr.From == s }) {
			t.Errorf("%s: %s is called terminal", k.Name, s)
		}
	}
}

func TestWith(t *testing.T) {
	risk := Kind{Name: "risk", Plural: "risks", Aliases: []string{"rsk"}, Prefix: "RSK", Path: "risks/{yyyy}/{id}.yaml"}
	kinds, err := Builtin().With([]Kind{risk, {Name: "note", Plural: "notes", Path: "notes/**/{id}.md"}})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"risks/2026/RSK-20261120-7K3F2M.yaml":      "risk RSK-20261120-7K3F2M",
		"notes/a/b/c.md":                           "note c",
		"changes/2026/11/CHG-20261120-7K3F2M.yaml": "change CHG-20261120-7K3F2M",
		"notes/a.yaml":                             "",
	} {
		k, id, ok := kinds.ByPath(path)
		got := ""
		if ok {
			got = k.Name + " " + id
		}
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if k, ok := kinds.OfID("rsk-20261120-7k3f2m"); !ok || k.Name != "risk" {
		t.Errorf("RSK is of %v", k)
	}
	if _, ok := kinds.OfID("RSK"); ok {
		t.Error("a prefix alone is an id")
	}
	if _, ok := kinds.OfID("checkout-db"); ok {
		t.Error("a slug is of a dated kind")
	}
	if _, ok := Builtin().ByName("risk"); ok {
		t.Error("a declared kind became built in")
	}
}

func TestWithRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		row  Kind
		want string
	}{
		"builtin name":   {Kind{Name: "change", Plural: "chgs", Path: "x/{id}.yaml"}, `"change" already names kind change`},
		"builtin plural": {Kind{Name: "x", Plural: "people", Path: "x/{id}.yaml"}, `"people" already names kind person`},
		"builtin alias":  {Kind{Name: "ci", Plural: "xs", Path: "x/{id}.yaml"}, `"ci" already names kind asset`},
		"alias taken":    {Kind{Name: "x", Plural: "xs", Aliases: []string{"svc"}, Path: "x/{id}.yaml"}, `"svc" already names kind service`},
		"no name":        {Kind{Plural: "xs", Path: "x/{id}.yaml"}, "name and plural must be given"},
		"no plural":      {Kind{Name: "x", Path: "x/{id}.yaml"}, "name and plural must be given"},
		"bad path":       {Kind{Name: "x", Plural: "xs", Path: "x/y.yaml"}, "must hold {id} once"},
		"path outside":   {Kind{Name: "x", Plural: "xs", Path: "../{id}.yaml"}, "no path below the store"},
		"path taken":     {Kind{Name: "x", Plural: "xs", Path: "people/{id}.yaml"}, "kind person is kept at people/{id}.yaml already"},
		"bad prefix":     {Kind{Name: "x", Plural: "xs", Prefix: "x", Path: "x/{id}.yaml"}, "two to six capital letters"},
		"prefix taken":   {Kind{Name: "x", Plural: "xs", Prefix: "CHG", Path: "x/{id}.yaml"}, "kind change has the prefix CHG already"},
		"slug by date":   {Kind{Name: "x", Plural: "xs", Path: "x/{yyyy}/{id}.yaml"}, "ids without a prefix have none"},
	} {
		_, err := Builtin().With([]Kind{tt.row})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
	}
	twice := []Kind{{Name: "x", Plural: "xs", Path: "x/{id}.yaml"}, {Name: "x", Plural: "ys", Path: "y/{id}.yaml"}}
	if _, err := Builtin().With(twice); err == nil {
		t.Error("a kind is declared twice")
	}
	// name and plural may be one word, as in sheep
	if _, err := Builtin().With([]Kind{{Name: "news", Plural: "news", Path: "news/{id}.yaml"}}); err != nil {
		t.Errorf("news: %v", err)
	}
}
