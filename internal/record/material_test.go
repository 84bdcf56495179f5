package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The digest is one anybody can compute with a JSON canonicaliser and
// sha256sum. The bytes are written out here so that a change of format cannot
// go unnoticed.
func TestMaterialVector(t *testing.T) {
	fields := parse(t, "# a comment\nkind: change\nid: CHG-20261120-7K3F2M\nstate: scheduled\ntitle: \"a < b & c \\u00fc\"\nwindow:\n  start: 2026-11-24T20:00:00Z\nquestionnaire: {risk: 1.50, big: 9007199254740991, none: null, \"yes\": true}\nservices: [b, a]\n")
	const canonical = `{"id":"CHG-20261120-7K3F2M","kind":"change","questionnaire":{"big":9007199254740991,"none":null,"risk":1.5,"yes":true},"services":["b","a"],"title":"a < b & c ü","window":{"start":"2026-11-24T20:00:00Z"}}`
	sum := sha256.Sum256([]byte(canonical))
	d, err := Material(fields, []string{"state"}, nil)
	want := Digest{SHA256: hex.EncodeToString(sum[:]), Excluded: []string{"state"}}
	if diff := cmp.Diff(want, d); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if want := "1578c050303470d9eb9233010b7e0d13358d3f75d04beae653c13a0c65ee8f7b"; d.SHA256 != want {
		t.Errorf("digest %s, and sha256sum says %s", d.SHA256, want)
	}
	files := []File{{Path: "z"}, {Path: "app/main.go", Mode: "100755", Blob: "1111"}}
	sum = sha256.Sum256([]byte(`{"files":[{"blob":"1111","mode":"100755","path":"app/main.go"},{"blob":"","mode":"","path":"z"}],"record":` + canonical + `}`))
	if d, err = Material(fields, []string{"state"}, files); err != nil || d.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("with files: %s, %v", d.SHA256, err)
	}
	if files[0].Path != "z" {
		t.Error("the caller's list was sorted")
	}
}

// digestOf is the digest of a text without its state.
func digestOf(t *testing.T, text string, files ...File) string {
	t.Helper()
	d, err := Material(parse(t, text), []string{"state"}, files)
	if err != nil {
		t.Fatal(err)
	}
	return d.SHA256
}

func TestMaterialSameContent(t *testing.T) {
	base := digestOf(t, "id: a\nn: 1\ns: x\nl: [1, 2]\n")
	for _, same := range []string{
		"s: x\nl: [1, 2]\nn: 1\nid: a\n",              // order of keys
		"id: a\nn: 1.0\ns: x\nl: [1, 2]\n",            // spelling of numbers
		"id: a\nn: 1e0\ns: x\nl: [10e-1, 2]\n",        //
		"id: 'a'\nn: 1\ns: \"x\"\nl:\n- 1\n- 2\n",     // style
		"# c\nid: a # c\n\nn: 1\ns: x\nl: [1, 2]\n",   // comments
		"id: a\nn: 1\ns: x\nl: [1, 2]\nstate: what\n", // an excluded field
		`{"id": "a", "n": 1, "s": "\u0078", "l": [1, 2]}`,
	} {
		if digestOf(t, same) != base {
			t.Errorf("%q is other content", same)
		}
	}
	for _, other := range []string{
		"id: a\nn: '1'\ns: x\nl: [1, 2]\n", "id: a\nn: 1\ns: x\nl: [2, 1]\n", "id: a\nn: 1\ns: x \nl: [1, 2]\nt: null\n", "id: a\nn: 1\nl: [1, 2]\n",
		"id: a\nn: true\ns: x\nl: [1, 2]\n", "id: a\nn: 1\ns: x\nl: [1, 2, 3]\n", "id: a\nn: 1\ns: X\nl: [1, 2]\n", "id: a\nn: -1\ns: x\nl: [1, 2]\n",
	} {
		if digestOf(t, other) == base {
			t.Errorf("%q is the same content", other)
		}
	}
}

// An approval covers each of the files in all its parts, in any order.
func TestMaterialFiles(t *testing.T) {
	a, b := File{"a", "100644", "1111"}, File{"b", "100644", "2222"}
	const text = "id: a\n"
	base := digestOf(t, text, a, b)
	if digestOf(t, text, b, a) != base {
		t.Error("the order of files matters")
	}
	for name, files := range map[string][]File{
		"none": nil, "one left out": {a}, "another path": {a, {"c", "100644", "2222"}}, "another mode": {a, {"b", "100755", "2222"}},
		"another blob": {a, {"b", "100644", "3333"}}, "deleted": {a, {Path: "b"}}, "swapped": {{"a", "100644", "2222"}, {"b", "100644", "1111"}},
	} {
		if digestOf(t, text, files...) == base {
			t.Errorf("%s: the same digest", name)
		}
	}
}

func TestMaterialFails(t *testing.T) {
	if _, err := Material(map[string]any{"a": func() {}}, nil, nil); err == nil {
		t.Error("a value that is no JSON has a digest")
	}
}

func TestImmaterialFields(t *testing.T) {
	want := []string{"corrections", "implementation", "links", "review", "state", "title"}
	got := ImmaterialFields(&Kind{Immaterial: []string{"links"}}, []string{"title", "state", "links"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := ImmaterialFields(&Kind{Catalogue: true}, []string{"state", "links"}); slices.Contains(got, "state") || !slices.Contains(got, "links") {
		t.Errorf("of the catalogue %v", got)
	}
	for _, tt := range []struct {
		states []string
		want   bool
	}{{nil, false}, {[]string{"open", "closed"}, true}} {
		k := &Kind{States: tt.states, Declared: Declared{StateField: "status"}}
		if got := ImmaterialFields(k, nil); slices.Contains(got, "status") != tt.want {
			t.Errorf("states %v: excluded %v", tt.states, got)
		}
	}
	if always := AlwaysImmaterial(); !slices.Equal(always, ImmaterialFields(&Kind{}, nil)) {
		t.Errorf("always immaterial: %v", always)
	}
}

// Whatever a field holds: taking it out of what is bound takes away exactly
// its influence.
func TestMaterialProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.Map(rapid.String(), func(s string) any { return s }),
			rapid.Map(rapid.Bool(), func(b bool) any { return b }),
			rapid.Map(rapid.IntRange(-1<<53, 1<<53), func(n int) any { return n }),
			rapid.Map(rapid.SliceOfN(rapid.String(), 0, 3), func(l []string) any { return l }),
		)
		fields := rapid.MapOfN(rapid.StringMatching(`[a-z_]{1,8}`), value, 1, 6).Draw(t, "fields")
		keys := slices.Sorted(func(yield func(string) bool) {
			for k := range fields {
				if !yield(k) {
					return
				}
			}
		})
		k := rapid.SampledFrom(keys).Draw(t, "key")
		other := map[string]any{}
		for f, v := range fields {
			other[f] = v
		}
		other[k] = value.Draw(t, "other value")
		was, err1 := Canonical(fields[k])
		is, err2 := Canonical(other[k])
		without, err3 := Material(fields, []string{k}, nil)
		without2, err4 := Material(other, []string{k}, nil)
		with, err5 := Material(fields, nil, nil)
		with2, err6 := Material(other, nil, nil)
		for _, err := range []error{err1, err2, err3, err4, err5, err6} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if without.SHA256 != without2.SHA256 {
			t.Errorf("%s is left out and matters", k)
		}
		if (with.SHA256 == with2.SHA256) != bytes.Equal(was, is) {
			t.Errorf("%s: %s and %s", k, was, is)
		}
	})
}
