package yamldoc

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestValue(t *testing.T) {
	src := `
text: [plain, 'sin''gle', "dou\tble\u00e9", yes, No, on, ~x, 2026-11-20x, "1", 'true', '', 12:30, 0x, "null"]
times: [2026-11-20, 2026-11-20T10:00:00Z, 2001-12-14 21:59:43.10 -5]
bools: [true, True, TRUE, false, False, FALSE]
nulls: [~, null, Null, NULL, ]
none:
numbers: [0, -0, 12, -12, 1.5, 1.50, 1e3, 1E-3, 9007199254740991]
literal: |
  a

    b
folded: >-
  a
  b

  c
2026-11-20: a key
nested: {list: [[], {}], "map": {a: }}
`
	want := map[string]any{
		"text":  []any{"plain", "sin'gle", "dou\tbleé", "yes", "No", "on", "~x", "2026-11-20x", "1", "true", "", "12:30", "0x", "null"},
		"times": []any{"2026-11-20", "2026-11-20T10:00:00Z", "2001-12-14 21:59:43.10 -5"},
		"bools": []any{true, true, true, false, false, false},
		"nulls": []any{nil, nil, nil, nil},
		"none":  nil,
		"numbers": []any{json.Number("0"), json.Number("0"), json.Number("12"), json.Number("-12"), json.Number("1.5"),
			json.Number("1.5"), json.Number("1000"), json.Number("0.001"), json.Number("9007199254740991")},
		"literal": "a\n\n  b\n", "folded": "a b\nc", "2026-11-20": "a key",
		"nested": map[string]any{"list": []any{[]any{}, map[string]any{}}, "map": map[string]any{"a": nil}},
	}
	d := mustParse(t, src)
	if diff := cmp.Diff(want, d.Value()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	d.Value()["none"] = "changed"
	if d.Value()["none"] != nil {
		t.Error("two calls share a value")
	}
}

// TestValueOfRefused checks that a refused file gives a value that is bounded
// and never follows an alias.
func TestValueOfRefused(t *testing.T) {
	d, findings := Parse("f.yaml", []byte("a: &x [*x, 1]\nb: *x\nc: 1\nc: 2\n0: x\n"))
	if len(findings) == 0 {
		t.Fatal("no findings")
	}
	want := map[string]any{"a": []any{nil, json.Number("1")}, "b": nil, "c": json.Number("1"), "0": "x"}
	if diff := cmp.Diff(want, d.Value()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestParseScalar(t *testing.T) {
	tests := []struct {
		text string
		want any
		err  string
	}{
		{text: "", want: nil},
		{text: "  ", want: nil},
		{text: "null", want: nil},
		{text: "3", want: json.Number("3")},
		{text: "true", want: true},
		{text: "yes", want: "yes"},
		{text: "'3'", want: "3"},
		{text: "a b", want: "a b"},
		{text: "2026-11-20T10:00:00Z", want: "2026-11-20T10:00:00Z"},
		{text: "[a, {b: 1}]", want: []any{"a", map[string]any{"b": json.Number("1")}}},
		{text: "{a: }", want: map[string]any{"a": nil}},
		{text: `{"a": [1, 2]}`, want: map[string]any{"a": []any{json.Number("1"), json.Number("2")}}},
		{text: "- a\n- b", want: []any{"a", "b"}},
		{text: "# x", err: `reading "# x": there is no value in it; quote it if it is text`},
		{text: "0777", err: `reading "0777": number "0777" is not a number in JSON; quote it if it is text, or write it in plain decimal digits`},
		{text: "[a", err: "reading \"[a\": a list that is not closed, or lacks a comma; add the `,` or the `]`"},
		{text: "a: b: c", err: "reading \"a: b: c\": a `:` that starts a value where none can stand; quote the value if the `:` belongs to it, else line the key up with its neighbours"},
		{text: "a\n---\nb", err: `reading "a\n---\nb": more than one value`},
		{text: "*x", err: `reading "*x": alias "*x"; write the value out, or quote it if it is text`},
		{text: "!!int 3", err: `reading "!!int 3": tag "!!int"; remove the tag, and quote the value if it is text`},
		{text: "a\u202e", err: `reading "a\u202e": invisible character U+202E; remove it`},
		{text: `"\u202e"`, err: `reading "\"\\u202e\"": invisible character U+202E behind the escape \u202e; remove it`},
		{text: "{a: 1, a: 2}", err: `reading "{a: 1, a: 2}": key "a" is already on line 1; keep one of the two`},
		{text: "\xff\xfe", err: `reading "\xff\xfe": file is UTF-16, not UTF-8; save the file as UTF-8`},
	}
	for _, tt := range tests {
		got, err := ParseScalar(tt.text)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if message != tt.err {
			t.Errorf("ParseScalar(%q): error %q, want %q", tt.text, message, tt.err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("ParseScalar(%q) -want +got:\n%s", tt.text, diff)
		}
	}
}
