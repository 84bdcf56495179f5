package render

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

func TestYAMLString(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain words", "plain words\n"}, {"", `""` + "\n"}, {"true", `"true"` + "\n"}, {"No", `"No"` + "\n"}, {"y", `"y"` + "\n"}, {"12", `"12"` + "\n"}, {"0x1f", `"0x1f"` + "\n"},
		{"2026-11-20", `"2026-11-20"` + "\n"}, {"a: b", `"a: b"` + "\n"}, {"a #b", `"a #b"` + "\n"}, {"- a", `"- a"` + "\n"}, {" a", `" a"` + "\n"}, {"a ", `"a "` + "\n"},
		{"CHG-20261120-7K3F2M", "CHG-20261120-7K3F2M\n"}, {"team:payments", `"team:payments"` + "\n"}, {`a"b\`, `"a\"b\\"` + "\n"},
		{"\u202e\t\U000E0041", `"\u202e\t\U000e0041"` + "\n"}, {"one\ntwo", "|-\n  one\n  two\n"}, {"one\n\ntwo\n", "|\n  one\n\n  two\n"},
		{"one\n", "|\n  one\n"}, {"\n", `"\n"` + "\n"}, {"one \ntwo", `"one \ntwo"` + "\n"}, {" one\ntwo", `" one\ntwo"` + "\n"}, {"one\n\n", `"one\n\n"` + "\n"},
	}
	for _, tt := range tests {
		if got := yamlString(tt.in, 0); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

func drawValue(depth int) *rapid.Generator[any] {
	str := rapid.OneOf(
		rapid.StringMatching(`[ a-z\n:#"'|>-]{0,12}`), rapid.String(),
		rapid.SampledFrom([]string{"true", "null", "~", "1", "1e3", ".inf", "0777", "1_000", "2026-11-20", "<<", "=", "y", "---", "...", "a\r\nb", "\ufeffx", "!x", "&x", "*x"}),
	)
	scalar := rapid.OneOf(
		rapid.Map(str, func(s string) any { return s }),
		rapid.Map(rapid.IntRange(-1000, 1000), func(i int) any { return float64(i) }),
		rapid.Map(rapid.Float64Range(-1e9, 1e9), func(f float64) any { return f }),
		rapid.SampledFrom([]any{nil, true, false}),
	)
	if depth == 0 {
		return scalar
	}
	return rapid.OneOf(scalar,
		rapid.Map(rapid.SliceOfN(drawValue(depth-1), 0, 3), func(v []any) any { return v }),
		rapid.Map(rapid.MapOfN(str, drawValue(depth-1), 0, 3), func(v map[string]any) any { return v }),
	)
}

// What is written as YAML reads back the same, and nothing in it acts on a
// terminal.
func TestYAMLRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawValue(3).Draw(t, "value")
		var b bytes.Buffer
		if err := YAML(&b, v); err != nil {
			t.Fatal(err)
		}
		if hidden(b.String(), "\n") {
			t.Fatalf("%q", b.String())
		}
		var got any
		if err := yaml.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		if diff := cmp.Diff(viaJSON(t, v), viaJSON(t, got)); diff != "" {
			t.Fatalf("%s\n%s", diff, b.String())
		}
	})
}

func viaJSON(t *rapid.T, v any) (out any) {
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
