package yamldoc

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// canonical is the order of the tests: apiVersion, kind, id, title, plan, and
// beneath plan implement before test before backout.
func canonical(path []string) []string {
	switch strings.Join(path, ".") {
	case "":
		return []string{"apiVersion", "kind", "id", "title", "services", "plan", "actions"}
	case "plan":
		return []string{"implement", "test", "backout"}
	case "actions":
		return []string{"title", "due"}
	}
	return nil
}

func TestFormat(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing to do", "apiVersion: gitsm/v1\nkind: change\nplan:\n  implement: |\n    x\n", "apiVersion: gitsm/v1\nkind: change\nplan:\n  implement: |\n    x\n"},
		{"order", "plan:\n  backout: b\n  implement: i\nextra: 1\nother: 2\nid: a\nkind: change\n", "kind: change\nid: a\nplan:\n  implement: i\n  backout: b\nextra: 1\nother: 2\n"},
		{"order in lists", "actions:\n- due: 1\n  title: x\n- {due: 2, title: y}\n", "actions:\n  - title: x\n    due: 1\n  - {due: 2, title: y}\n"},
		{"space", "id :   a   \ntitle:\tx \t# c\t\nplan:\n    test:\n      y\n", "id: a\ntitle: x \t# c\nplan:\n  test: y\n"},
		{"lists", "services:\n- a\n-   b\n-\n  - c\n  -   d: 1\n      e: 2\n", "services:\n  - a\n  - b\n  - - c\n    - d: 1\n      e: 2\n"},
		{"blank lines", "\n\nid: a\n\n\n\ntitle: x\nplan:\n\n  test: y\n  \n\n", "id: a\n\ntitle: x\nplan:\n  test: y\n"},
		{"comments move along", "title: x # the title\n# of the kind\nkind: change\n  # below kind\nid: a\n# last\n", "# of the kind\nkind: change\n# below kind\nid: a\ntitle: x # the title\n# last\n"},
		{"the comment of the file stays", "# Licence\n# of it\n\n# about the id\nid: a\nkind: change\n", "# Licence\n# of it\n\nkind: change\n# about the id\nid: a\n"},
		{"and is not glued to a field", "# Licence\n\nid: a\nkind: change\n", "# Licence\n\nkind: change\nid: a\n"},
		{"modeline", "# yaml-language-server: $schema=x\n# about the id\nid: a\nkind: change\n", "# yaml-language-server: $schema=x\nkind: change\n# about the id\nid: a\n"},
		{"comments further in", "plan: # p\n   # about test\n   test: x\n   # of plan\n    # deeper\nid: a\n", "id: a\nplan: # p\n  # about test\n  test: x\n  # of plan\n  # deeper\n"},
		{"a comment before a value", "plan:\n  # c\n  test:\n    # why\n    x\n", "plan:\n  # c\n  test:\n    # why\n    x\n"},
		{"a comment in front of an element", "actions:\n-\n  # c\n  due: 1\n  title: x\n- # d\n  title: y\n- due: 1\n  # t\n  title: z\n", "actions:\n  - title: x\n    # c\n    due: 1\n  - # d\n    title: y\n  -\n    # t\n    title: z\n    due: 1\n"},
		{"literal", "plan:\n    test: |  # c\n          x\n\n            y  \n    implement: |2-\n        z\nid: a\n", "id: a\nplan:\n  implement: |2-\n      z\n  test: |  # c\n    x\n\n      y  \n"},
		{"kept line breaks", "title: |+\n  x\n\n\n\nid: a\n", "id: a\ntitle: |+\n  x\n\n\n\n"},
		{"no line break at the end of a text", "title: |\n  x\nplan:\n  test: |\n    y", "title: |\n  x\nplan:\n  test: |-\n    y\n"},
		{"several lines", "plan:\n      test: \"a \\\n        b\n        c\"\n      implement: x\n       y\n\n       z\n", "plan:\n  implement: x\n    y\n\n    z\n  test: \"a \\\n    b\n    c\"\n"},
		{"brackets", "plan:\n    test: [a,\n      b, # c\n    ]\nid: {b: 1,   a: 2}\n", "id: {b: 1,   a: 2}\nplan:\n  test: [a,\n    b, # c\n  ]\n"},
		{"carriage returns and a mark", "\uFEFFtitle: x\r\nid: |\r\n   a\r\n\r\n", "\uFEFFid: |\r\n  a\r\ntitle: x\r\n"},
		{"mixed line breaks", "id: a\ntitle: x\r\n", "id: a\ntitle: x\n"},
		{"document marks", "# c\n--- # d\n\n# e\ntitle: x\nid: a\n...\n# f\n\n", "# c\n--- # d\nid: a\n# e\ntitle: x\n...\n# f\n"},
		{"question mark", "? title\n:   x\nid: a\n", "id: a\n? title\n: x\n"},
		{"JSON", `{"title":  "x", "id": "a"}`, `{"title":  "x", "id": "a"}`},
		{"no value", "title:\nid: # c\nplan: ~\n", "id: # c\ntitle:\nplan: ~\n"},
		{"indented top level", "  title: x\n  id: a\n", "id: a\ntitle: x\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, found, err := Format("f.yaml", []byte(tt.in), canonical)
			if err != nil || len(found) > 0 {
				t.Fatalf("%v, %v", brief(found), err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			checkFormatted(t, []byte(tt.in), got, canonical)
		})
	}
}

// fataler is what testing.T and rapid.T have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkFormatted holds a result to what Format promises.
func checkFormatted(t fataler, src, out []byte, order Order) {
	t.Helper()
	was, _ := Parse("f.yaml", src)
	is, found := Parse("f.yaml", out)
	if len(found) > 0 {
		t.Fatalf("the result is refused: %q in\n%s", brief(found), out)
	}
	if !reflect.DeepEqual(was.Value(), is.Value()) {
		t.Fatalf("another value:\n%#v\n%#v\nof\n%s\nin\n%s", was.Value(), is.Value(), src, out)
	}
	if diff := cmp.Diff(words(was), words(is)); diff != "" {
		t.Fatalf("other comments: %s", diff)
	}
	again, found, err := Format("f.yaml", out, order)
	if err != nil || len(found) > 0 {
		t.Fatalf("the result cannot be formatted: %v, %v:\n%s\nof\n%s", brief(found), err, out, src)
	}
	if string(again) != string(out) {
		t.Fatalf("formatted twice it differs (-once +twice):\n%s\nof\n%q", cmp.Diff(string(out), string(again)), src)
	}
}

// words returns the comments of a document, sorted.
func words(d *Doc) []string {
	var out []string
	for _, r := range d.remarks(nil) {
		out = append(out, strings.TrimRight(r.text, " \t"))
	}
	slices.Sort(out)
	return out
}

// backwards is an order that moves nearly everything.
func backwards(d *Doc) Order {
	return func(path []string) []string {
		n, ok := d.Node(Pointer(path...))
		if !ok {
			return nil
		}
		var keys []string
		for i := 0; i+1 < len(n.Content); i += 2 {
			keys = append(keys, n.Content[i].Value)
		}
		slices.Sort(keys)
		slices.Reverse(keys)
		return keys
	}
}

func TestFormatProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := []byte(uglyRecord().Draw(t, "record"))
		d, found := Parse("f.yaml", src)
		if len(found) > 0 {
			t.Fatalf("the generator wrote what is refused: %q", brief(found))
		}
		order := Order(func([]string) []string { return nil })
		if rapid.Bool().Draw(t, "backwards") {
			order = backwards(d)
		}
		out, found, err := Format("f.yaml", src, order)
		if err != nil || len(found) > 0 {
			t.Fatalf("%v, %v of\n%s", brief(found), err, src)
		}
		checkFormatted(t, src, out, order)
	})
}

func TestFormatRefuses(t *testing.T) {
	if out, found, err := Format("f.yaml", []byte("a: &x 1\n"), canonical); err != nil || len(found) != 1 || out != nil {
		t.Errorf("a file with findings: %q, %v, %v", out, found, err)
	}
	d, _ := Parse("f.yaml", []byte("a: 1 # c\nb: [2]\n"))
	for name, out := range map[string]string{
		"a value": "a: 2 # c\nb: [2]\n", "a type": "a: '1' # c\nb: [2]\n", "a comment": "a: 1\nb: [2]\n", "its place": "# c\na: 1\nb: [2]\n",
		"a field": "a: 1 # c\n", "a style": "a: 1 # c\nb:\n  - 2\n", "another field": "a: 1 # c\nc: [2]\n", "its syntax": "a: [ # c\n",
	} {
		if err := d.proveFormat([]byte(out)); err == nil {
			t.Errorf("it would lose %s", name)
		}
	}
	if err := d.proveFormat([]byte("b: [2]\na: 1 # c")); err != nil {
		t.Errorf("keys may move: %v", err)
	}
}

// FuzzFormat formats whatever can be parsed.
func FuzzFormat(f *testing.F) {
	for i, s := range seeds {
		f.Add([]byte(s), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, src []byte, move bool) {
		d, found := Parse("f.yaml", src)
		if d == nil || len(found) > 0 {
			return
		}
		order := canonical
		if move {
			order = backwards(d)
		}
		out, _, err := Format("f.yaml", src, order)
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatalf("not an ErrFormat: %v", err)
			}
			return
		}
		checkFormatted(t, src, out, order)
	})
}
