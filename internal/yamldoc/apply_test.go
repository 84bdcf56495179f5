package yamldoc

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func set(pointer string, value any) Edit  { return Edit{Pointer: pointer, Value: value} }
func push(pointer string, value any) Edit { return Edit{Pointer: pointer, Value: value, Append: true} }
func del(pointer string) Edit             { return Edit{Pointer: pointer, Delete: true} }

func TestApply(t *testing.T) {
	tests := []struct {
		name string
		src  string
		edit Edit
		want string
	}{
		// Keys that are missing.
		{"key at the end", "a: 1 # c\n# foot\n", set("/b", "x"), "a: 1 # c\nb: x\n# foot\n"},
		{"key in a nested mapping", "p:\n    a: 1\n    # more\n\nq: 2\n", set("/p/b", "x\ny\n"), "p:\n    a: 1\n    # more\n    b: |\n        x\n        y\n\nq: 2\n"},
		{"key beneath null", "p: # c\nq: 1\n", set("/p/a/b", 1), "p: # c\n  a:\n    b: 1\nq: 1\n"},
		{"missing parents", "a: 1\n", set("/p/q/r", "x"), "a: 1\np:\n  q:\n    r: x\n"},
		{"missing list", "a: 1\n", set("/l/0/name", "x"), "a: 1\nl:\n  - name: x\n"},
		{"missing list, appended to", "a: 1\n", push("/p/l", "x"), "a: 1\np:\n  l:\n    - x\n"},
		{"key after a literal", "a: |\n  x\n\n", set("/b", 1), "a: |\n  x\nb: 1\n\n"},
		{"key after a literal that keeps", "a: |+\n  x\n\n", set("/b", 1), "a: |+\n  x\n\nb: 1\n"},
		{"key after a literal at the end of the file", "a: | # c\n  x", set("/b", 1), "a: |- # c\n  x\nb: 1"},
		{"file without final line break", "a: 1", set("/b", 1), "a: 1\nb: 1"},
		{"literal in a file without final line break", "a: 1", set("/b", "x\n"), "a: 1\nb: |\n  x\n"},
		{"CRLF", "a:\r\n  b: 1\r\n", set("/a/c", "x\ny"), "a:\r\n  b: 1\r\n  c: |-\r\n    x\r\n    y\r\n"},
		{"key in an element", "l:\n- a: 1 # c\n- a: 2\n", set("/l/0/b", true), "l:\n- a: 1 # c\n  b: true\n- a: 2\n"},
		{"key in braces", "p: { a: 1 } # c\n", set("/p/b", "x, y"), "p: { a: 1, b: \"x, y\" } # c\n"},
		{"key in braces behind null", "p: {a: }\n", set("/p/b", 1), "p: {a: , b: 1}\n"},
		{"key in empty braces", "p: {} # c\n", set("/p/b", 1), "p: # c\n  b: 1\n"},
		{"key in empty braces in brackets", "p: [{ }]\n", set("/p/0/b", 1), "p: [{b: 1}]\n"},
		{"key in braces on lines", "p: {\n  a: 1, # c\n  b: 2 # d\n}\n", set("/p/c", 3), "p: {\n  a: 1, # c\n  b: 2, # d\n  c: 3\n}\n"},
		{"key in braces on lines with a comma", "p: {\n  a: 1, # c\n}\n", set("/p/c", 3), "p: {\n  a: 1, # c\n  c: 3,\n}\n"},
		{"key in a pair", "l: [a: 1, x]\n", set("/l/0/b", 2), "l: [{a: 1, b: 2}, x]\n"},
		{"JSON", "{\n  \"a\": [1],\n  \"b\": {}\n}\n", set("/c", []any{"x\ny", nil}), "{\n  \"a\": [1],\n  \"b\": {},\n  \"c\": [\"x\\ny\", null]\n}\n"},
		{"JSON on one line", `{"a":{"b":1}}`, set("/a/c", "yes"), `{"a":{"b":1, "c": "yes"}}`},
		{"key that needs quotes", "a: 1\n", set("/no: ~1 #", 1), "a: 1\n\"no: / #\": 1\n"},
		// Elements.
		{"element", "l:\n  - a # c\n  # d\n\nb: 1\n", push("/l", "x: y"), "l:\n  - a # c\n  # d\n  - \"x: y\"\n\nb: 1\n"},
		{"element of a list that is not indented", "p:\n  l:\n  - a\n  # about q\n  q: 1\n", push("/p/l", "b"), "p:\n  l:\n  - a\n  - b\n  # about q\n  q: 1\n"},
		{"element that is a mapping", "l:\n- a: 1\n", push("/l", Map{{Key: "b", Value: "x\ny\n"}, {Key: "a", Value: []any{}}}), "l:\n- a: 1\n- b: |\n    x\n    y\n  a: []\n"},
		{"element of empty brackets", "l: [] # c\n", push("/l", "x"), "l: [x] # c\n"},
		{"mapping in empty brackets", "l: [] # c\n", push("/l", map[string]any{"a": 1}), "l: # c\n  - a: 1\n"},
		{"element of brackets", "l: [a, 'b' ] # c\n", push("/l", "c, d"), "l: [a, 'b', \"c, d\" ] # c\n"},
		{"element of brackets around a comment", "l: [ # c\n]\n", push("/l", "x"), "l: [x # c\n]\n"},
		{"element of null", "l: # c\n", push("/l", "x"), "l: # c\n  - x\n"},
		{"element named -", "l: [a]\n", set("/l/-", "x"), "l: [a, x]\n"},
		{"element named by the length", "l: [a]\n", set("/l/1/k", "x"), "l: [a, {k: x}]\n"},
		{"list in the style of others", "a:\n- b\n", set("/l", []string{"x"}), "a:\n- b\nl:\n- x\n"},
		// Values of another kind.
		{"list over text", "a: x # c\nb: 1\n", set("/a", []any{"x", Map{{Key: "k", Value: 1}}}), "a: # c\n  - x\n  - k: 1\nb: 1\n"},
		{"mapping over a literal", "a: | # c\n  x\n\n  y\nb: 1\n", set("/a", map[string]any{"k": "v"}), "a: # c\n  k: v\nb: 1\n"},
		{"mapping over an element", "l:\n- a\n- b # c\n", set("/l/0", map[string]any{"k": "v", "l": "w"}), "l:\n- k: v\n  l: w\n- b # c\n"},
		{"mapping over an element with a comment", "l:\n- a # c\n", set("/l/0", map[string]any{"k": "v"}), "l:\n- # c\n  k: v\n"},
		{"text over a list", "a: # c\n  # above\n  - x # gone\n  - y\nb: 1\n", set("/a", "t"), "a: t # c\n  # above\nb: 1\n"},
		{"lines over a mapping", "a: # c\n  x: 1\nb: 1\n", set("/a", "s\nt\n"), "a: | # c\n  s\n  t\nb: 1\n"},
		{"text over a mapping in a list", "l:\n- x: 1\n  y: 2\n- z\n", set("/l/0", "t"), "l:\n- t\n- z\n"},
		{"empty list over a list", "a:\n- x\n- y", set("/a", []any{}), "a: []"},
		{"brackets over brackets", "a: [x, y] # c\n", set("/a", []any{"y", "z"}), "a: [y, z] # c\n"},
		{"braces over text in brackets", "a: [x, y]\n", set("/a/0", map[string]any{"k": "v"}), "a: [{k: v}, y]\n"},
		{"list over a mapping", "a:\n   x: 1 # gone\nb: 1\n", set("/a", []any{1, 2}), "a:\n   - 1\n   - 2\nb: 1\n"},
		{"mapping over a list that is not indented", "a:\n- x\nb: 1\n", set("/a", map[string]any{"k": 1}), "a:\n  k: 1\nb: 1\n"},
		// Like over like.
		{"equal value", "a:   'x'   # c\n", set("/a", "x"), "a:   'x'   # c\n"},
		{"equal list", "a: [ x ,y]\n", set("/a", []string{"x", "y"}), "a: [ x ,y]\n"},
		{"mapping over a mapping", "p:\n  a: 1 # a\n  b:   2 # b\n  c: 3 # c\n", set("/p", Map{{Key: "d", Value: 4}, {Key: "b", Value: 2}, {Key: "a", Value: 9}}), "p:\n  a: 9 # a\n  b:   2 # b\n  d: 4\n"},
		{"the top level", "a: 1 # a\nb: 2\n", set("", map[string]any{"a": 1, "c": 3}), "a: 1 # a\nc: 3\n"},
		{"list with elements gone and new", "l:\n- a # a\n- b # b\n- c # c\n", set("/l", []any{"a", "c", "d"}), "l:\n- a # a\n- c # c\n- d\n"},
		{"list with one element changed", "l:\n- a # a\n- k: 1 # k\n  l: 2\n", set("/l", []any{"a", map[string]any{"k": 3, "l": 2}}), "l:\n- a # a\n- k: 3 # k\n  l: 2\n"},
		{"list in another order", "l:\n- a # a\n- b\n", set("/l", []any{"b", "a"}), "l:\n- b\n- a\n"},
		// Removal.
		{"key", "a: 1\n# above\nb: 2 # c\nc: 3\n", del("/b"), "a: 1\n# above\nc: 3\n"},
		{"key with lines", "a: 1\nb:\n  # in\n  - x\n\n  - y # c\n\nc: 3\n", del("/b"), "a: 1\n\nc: 3\n"},
		{"last key without final line break", "a: 1\nb: 2", del("/b"), "a: 1"},
		{"last key after a literal", "a: |\n  x\nb: 2", del("/b"), "a: |\n  x\n"},
		{"key after a literal that keeps", "a: |+\n  x\nb: 2\n\nc: 3\n", del("/b"), "a: |+\n  x\nc: 3\n"},
		{"only key", "p: # c\n  a: 1 # a\nb: 2\n", del("/p/a"), "p: {} # c\nb: 2\n"},
		{"first key of an element", "l:\n- a: 1 # a\n  b: 2\n", del("/l/0/a"), "l:\n- b: 2\n"},
		{"first key of an element before a comment", "l:\n- a: 1\n  # about b\n  b: 2\n", del("/l/0/a"), "l:\n- \n  # about b\n  b: 2\n"},
		{"explicit key", "? a # c\n: 1\nb: 2\n", del("/a"), "b: 2\n"},
		{"element of a list", "l:\n- a # a\n- b # b\n- c\n", del("/l/1"), "l:\n- a # a\n- c\n"},
		{"only element", "l: # c\n- a # a\n", del("/l/0"), "l: [] # c\n"},
		{"first in brackets", "l: [a, b, c]\n", del("/l/0"), "l: [b, c]\n"},
		{"last in brackets", "l: [a, b , c]\n", del("/l/2"), "l: [a, b ]\n"},
		{"last in brackets with a comma", "l: [a, b,]\n", del("/l/1"), "l: [a,]\n"},
		{"only one in brackets", "l: [ a, ] # c\n", del("/l/0"), "l: [] # c\n"},
		{"in braces on lines", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n", del("/c"), "{\n  \"a\": 1,\n  \"b\": 2\n}\n"},
		{"in brackets on lines with comments", "l: [\n  a, # a\n  b, # b\n]\n", del("/l/0"), "l: [\n  b, # b\n]\n"},
		{"key that is not there", "a: 1\n", del("/b/c"), "a: 1\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := mustParse(t, tt.src)
			out, err := d.Apply(tt.edit)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(out)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if string(d.Source) != tt.src {
				t.Error("the document was changed")
			}
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	src := "a: text\nn: 1\nl: [x]\nm:\n  k: v\n"
	tests := []struct {
		src  string
		edit Edit
		want string
	}{
		{src, set("a", 1), `editing "a" of f.yaml: edit refused: not a JSON pointer, it has to start with /`},
		{src, set("/a/b", 1), `editing "/a/b" of f.yaml: edit refused: its parent is text, so it has no field "b"`},
		{src, set("/l/3", 1), `editing "/l/3" of f.yaml: edit refused: the list has 1 elements, so there is no place "3" in it`},
		{src, set("/l/x", 1), `editing "/l/x" of f.yaml: edit refused: the list has 1 elements, so there is no place "x" in it`},
		{src, set("/q/2", 1), `editing "/q/2" of f.yaml: edit refused: there is no list that has a place 2`},
		{src, set("", "x"), `editing "" of f.yaml: edit refused: the top level has to stay a mapping with fields`},
		{src, set("", Map{}), `editing "" of f.yaml: edit refused: the top level has to stay a mapping with fields`},
		{src, push("/a", 1), `editing "/a" of f.yaml: edit refused: it is text, not a list`},
		{src, push("/m", 1), `editing "/m" of f.yaml: edit refused: it is a mapping, not a list`},
		{src, del(""), `editing "" of f.yaml: edit refused: the top level cannot be removed`},
		{"a: 1\n", del("/a"), `editing "/a" of f.yaml: edit refused: it is the only field of the file`},
		{src, set("/a", "x\u202ey"), `editing "/a" of f.yaml: edit refused: the text holds the character U+202E, which readers cannot see; remove it`},
		{src, set("/a", "\xff"), `editing "/a" of f.yaml: edit refused: the text is not UTF-8`},
		{src, set("/a", 1<<60), `editing "/a" of f.yaml: edit refused: number "1152921504606846976" is beyond ±9007199254740991`},
		{src, set("/a", struct{}{}), `editing "/a" of f.yaml: edit refused: a value of type struct {} cannot be written as YAML`},
		{src, set("/x\u200b", 1), `editing "/x\u200b" of f.yaml: edit refused: key "x\u200b": the text holds the character U+200B, which readers cannot see; remove it`},
		{src, set("/m/x\x00/y", 1), `editing "/m/x\x00/y" of f.yaml: edit refused: key "x\x00": the text holds the character U+0000, which readers cannot see; remove it`},
		{src, set("/a", strings.Repeat("x", MaxBytes)), `editing "/a" of f.yaml: edit refused: the result would be refused: file larger than the 262144 bytes allowed`},
		{"? a\nb: 1\n", set("/a", "x"), `editing "/a" of f.yaml: edit refused: the result would be refused: key is a mapping, not text`},
	}
	for _, tt := range tests {
		out, err := mustParse(t, tt.src).Apply(tt.edit)
		if err == nil || err.Error() != tt.want || !errors.Is(err, ErrSplice) || out != nil {
			t.Errorf("%.60v: %q, error\n%v, want\n%s", tt.edit, out, err, tt.want)
		}
	}
}

// TestApplyRepairs checks that an edit may be what rids a file of its
// findings, and is refused while it leaves some.
func TestApplyRepairs(t *testing.T) {
	d, _ := Parse("f.yaml", []byte("a: 0777\nb: &x 1\n"))
	if _, err := d.Apply(set("/a", "0777")); !errors.Is(err, ErrSplice) {
		t.Errorf("findings are left, error %v", err)
	}
	d, _ = Parse("f.yaml", []byte("a: 0777 # mode\nb: 1\n"))
	out, err := d.Apply(set("/a", "0777"))
	if err != nil || string(out) != "a: \"0777\" # mode\nb: 1\n" {
		t.Errorf("%q, error %v", out, err)
	}
}

// TestProofFails checks that the proof notices each sort of damage, whatever
// the splices are.
func TestProofFails(t *testing.T) {
	src := "a: 1 # c\nb: [x, y]\nc: 2026-11-20\n"
	tests := map[string]struct{ old, new, want string }{
		"another value":     {"y]", "z]", "it would change more than its target"},
		"another type":      {"[x", "['x'", "it would change more than its target"},
		"another key":       {"c:", "d:", "it would change more than its target"},
		"an element more":   {"y]", "y, z]", "it would change more than its target"},
		"a field less":      {"c: 2026-11-20\n", "", "it would change more than its target"},
		"a comment less":    {" # c", "", "it would lose or move a comment"},
		"another comment":   {"# c", "# d", "it would lose or move a comment"},
		"a moved comment":   {" # c\n", "\n# c\n", "it would lose or move a comment"},
		"the target itself": {"1", "3", "it would change more than its target"},
		"findings":          {"y]", "&y z]", "the result would be refused: anchor &y"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := mustParse(t, src)
			n, _ := d.Node("/a")
			value, _ := normalize(2, 1)
			c := change{target: n, value: value}
			good := strings.Replace(src, "1", "2", 1)
			if _, problem := d.prove(c, good); problem != "" {
				t.Fatalf("the edit itself is refused: %s", problem)
			}
			bad := strings.Replace(good, tt.old, tt.new, 1)
			if name == "the target itself" {
				bad = strings.Replace(src, tt.old, tt.new, 1)
			}
			if _, problem := d.prove(c, bad); problem != tt.want {
				t.Errorf("problem %q, want %q", problem, tt.want)
			}
		})
	}
}
