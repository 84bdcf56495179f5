package yamldoc

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMarshal(t *testing.T) {
	type named string
	got, err := Marshal(Map{
		{Key: "apiVersion", Value: "gitsm/v1"},
		{Key: "title", Value: "Upgrade: the # database", Comment: "what it is about\n\nin a few words"},
		{Key: "state", Value: named("scheduled")},
		{Key: "window", Value: Map{{Key: "start", Value: "2026-11-20T10:00:00Z"}, {Key: "day", Value: "2026-11-20", Comment: "inside"}}},
		{Key: "plan", Value: Map{{Key: "test", Value: "run it\n\n  # twice\nand look\n"}, {Key: "backout", Value: "restore\nthe dump"}, {Key: "verify", Value: ""}}},
		{Key: "odd", Value: []string{"no", "12:30", "0777", "~", " x", "a\n\n", " a\nb\n", "\n", "it's", `"`, "-", "a\tb", "日本 \U0001F680"}},
		{Key: "tags", Value: []any{}},
		{Key: "none", Value: nil},
		{Key: "counts", Value: map[string]int{"b": 2, "a": -1}},
		{Key: "steps", Value: []any{Map{{Key: "text", Value: "a\nb\n"}, {Key: "done", Value: false}}, []any{1.5, uint8(2), []any{"x"}}, Map{}, json.Number("1e3")}},
		{Key: "on", Value: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `apiVersion: gitsm/v1
# what it is about
#
# in a few words
title: "Upgrade: the # database"
state: scheduled
window:
  start: 2026-11-20T10:00:00Z
  # inside
  day: 2026-11-20
plan:
  test: |
    run it

      # twice
    and look
  backout: |-
    restore
    the dump
  verify: ""
odd:
  - "no"
  - "12:30"
  - "0777"
  - "~"
  - " x"
  - "a\n\n"
  - " a\nb\n"
  - "\n"
  - it's
  - "\""
  - "-"
  - "a\tb"
  - 日本 ` + "\U0001F680" + `
tags: []
none: null
counts:
  a: -1
  b: 2
steps:
  - text: |
      a
      b
    done: false
  - - 1.5
    - 2
    - - x
  - {}
  - 1e3
"on": true
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestMarshalRefuses(t *testing.T) {
	deep := any("x")
	for range MaxDepth {
		deep = []any{deep}
	}
	tests := []struct {
		value any
		want  string
	}{
		{"text", "writing YAML: the top level is a string, not a mapping"},
		{[]any{}, "writing YAML: the top level is a []interface {}, not a mapping"},
		{map[int]string{1: "a"}, "writing YAML: a value of type map[int]string cannot be written as YAML"},
		{Map{{Key: "a", Value: struct{}{}}}, `writing YAML: key "a": a value of type struct {} cannot be written as YAML`},
		{Map{{Key: "a"}, {Key: "a"}}, `writing YAML: key "a" twice`},
		{Map{{Key: "a", Value: "x\u202ey"}}, `writing YAML: key "a": the text holds the character U+202E, which readers cannot see; remove it`},
		{Map{{Key: "a\x00"}}, `writing YAML: key "a\x00": the text holds the character U+0000, which readers cannot see; remove it`},
		{Map{{Key: "a", Comment: "\u2028"}}, `writing YAML: key "a": the text holds the character U+2028, which readers cannot see; remove it`},
		{Map{{Key: "a", Value: []any{"\xff"}}}, `writing YAML: key "a": element 0: the text is not UTF-8`},
		{Map{{Key: "a", Value: json.Number("0777")}}, `writing YAML: key "a": number "0777" is not a number in JSON`},
		{Map{{Key: "a", Value: 1 << 53}}, `writing YAML: key "a": number "9007199254740992" is beyond ±9007199254740991`},
		{Map{{Key: "a", Value: math.Pi}}, `writing YAML: key "a": number "3.141592653589793" has more than 15 significant digits`},
		{Map{{Key: "a", Value: math.NaN()}}, `writing YAML: key "a": number NaN cannot be written`},
		{Map{{Key: "a", Value: strings.Repeat("x", MaxBytes)}}, "writing YAML: line 1 would be refused: file larger than the 262144 bytes allowed"},
	}
	for _, tt := range tests {
		if _, err := Marshal(tt.value); err == nil || err.Error() != tt.want {
			t.Errorf("Marshal(%.40v): error %v, want %s", tt.value, err, tt.want)
		}
	}
	if _, err := Marshal(Map{{Key: "a", Value: deep}}); err == nil || !strings.HasSuffix(err.Error(), "nested deeper than 32") {
		t.Errorf("deep value: error %v", err)
	}
	if out, err := Marshal(Map{}); err != nil || string(out) != "{}\n" {
		t.Errorf("empty mapping: %q, %v", out, err)
	}
}

// anyText draws text of every sort, and much that is easily written wrong.
func anyText() *rapid.Generator[string] {
	var hard []string
	for _, v := range nasty {
		if s, ok := v.(string); ok {
			hard = append(hard, s)
		}
	}
	return rapid.OneOf(rapid.SampledFrom(hard), rapid.StringOf(rapid.RuneFrom([]rune(" \n\t#:-'\"[]{},&*!|>%@`?~\\\rab1é"))), rapid.StringN(0, 40, -1).Filter(func(s string) bool {
		_, bad := forbidden(s)
		return !bad && utf8.ValidString(s)
	}))
}

// anyValue draws a value of every kind, depth levels deep at most.
func anyValue(depth int) *rapid.Generator[any] {
	scalars := rapid.OneOf(
		rapid.Map(anyText(), func(s string) any { return s }),
		rapid.SampledFrom([]any{nil, true, false, 0, -1, 1.25, json.Number("1e3"), int64(maxInteger)}),
	)
	if depth == 0 {
		return scalars
	}
	deeper := rapid.Deferred(func() *rapid.Generator[any] { return anyValue(depth - 1) })
	return rapid.OneOf(scalars,
		rapid.Map(rapid.SliceOfN(deeper, 0, 4), func(s []any) any { return s }),
		rapid.Map(rapid.MapOfN(anyText(), deeper, 0, 4), func(m map[string]any) any { return m }),
	)
}

// TestMarshalProperty checks that what is written reads back as the same
// value, without findings, and that yaml.v3 decodes it alike.
func TestMarshalProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := Map{}
		for i, key := range rapid.SliceOfNDistinct(anyText(), 1, 4, rapid.ID).Draw(t, "keys") {
			comment := ""
			if i%2 == 1 {
				comment = anyText().Filter(func(s string) bool { return !strings.Contains(s, "\r") }).Draw(t, "comment")
			}
			value = append(value, Entry{Key: key, Value: anyValue(3).Draw(t, "value"), Comment: comment})
		}
		out, err := Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		d, findings := Parse("f.yaml", out)
		if len(findings) > 0 {
			t.Fatalf("findings %q in\n%s", brief(findings), out)
		}
		if diff := cmp.Diff(plainJSON(t, value), any(d.Value())); diff != "" {
			t.Fatalf("-want +got:\n%s\nin\n%s", diff, out)
		}
		for i := range value {
			if got := d.Root.Content[2*i].Value; got != value[i].Key {
				t.Fatalf("key %d is %q, want %q", i, got, value[i].Key)
			}
		}
	})
}
