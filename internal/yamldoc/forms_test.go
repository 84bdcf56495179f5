package yamldoc

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

// scalarForms are the ways in which a scalar may be written, each between its
// neighbours. The value to change is at /a/v, or at /a/1 in a list.
var scalarForms = map[string]string{
	"plain":                     "b: 1 # c1\na:\n  v: plain text # c2\n  w: 2 # c3\n",
	"plain without comment":     "b: 1 # c1\na:\n  v: plain text\n\n  # c2\n  w: 2 # c3\n",
	"plain on several lines":    "b: 1 # c1\na:\n  v: plain\n    text\n\n    goes on # c2\n  w: 2 # c3\n",
	"plain beneath its key":     "b: 1 # c1\na:\n  v: # c2\n    plain # c4\n  w: 2 # c3\n",
	"timestamp":                 "b: 1 # c1\na:\n  v: 2026-11-20T10:00:00Z   # c2\n  w: 2 # c3\n",
	"number":                    "b: 1 # c1\na:\n  v:   -12.5 # c2\n  w: 2 # c3\n",
	"boolean":                   "b: 1 # c1\na: # c2\n  v: True\n  w: 2 # c3\n",
	"null with bytes":           "b: 1 # c1\na:\n  v: ~ # c2\n  w: 2 # c3\n",
	"null without bytes":        "b: 1 # c1\na:\n  v: # c2\n  w: 2 # c3\n",
	"null at the end":           "b: 1 # c1\na:\n  w: 2 # c3\n  v:",
	"single quoted":             "b: 1 # c1\na:\n  v: 'it''s # no comment' # c2\n  w: 2 # c3\n",
	"single quoted, lines":      "b: 1 # c1\na:\n  v: 'several\n\n    lines' # c2\n  w: 2 # c3\n",
	"double quoted":             "b: 1 # c1\na:\n  v: \"say \\\"hi\\\" # no\" # c2\n  w: 2 # c3\n",
	"double quoted, lines":      "b: 1 # c1\na:\n  v: \"several \\\n    lines\" # c2\n  w: 2 # c3\n",
	"empty text":                "b: 1 # c1\na:\n  v: '' # c2\n  w: 2 # c3\n",
	"literal":                   "b: 1 # c1\na:\n  v: | # c2\n    lines # no\n\n      more\n  w: 2 # c3\n",
	"literal, stripped":         "b: 1 # c1\na:\n  v: |-\n      line\n\n  # c2\n  w: 2 # c3\n",
	"literal, kept":             "b: 1 # c1\na:\n  v: |+ # c2\n    line\n\n\n  w: 2 # c3\n",
	"literal with indent":       "b: 1 # c1\na:\n  v: |2- # c2\n      line\n    x\n  w: 2 # c3\n",
	"literal without lines":     "b: 1 # c1\na:\n  v: | # c2\n  w: 2 # c3\n",
	"literal at the end":        "b: 1 # c1\na:\n  w: 2 # c3\n  v: |\n    line",
	"folded":                    "b: 1 # c1\na:\n  v: > # c2\n    folded\n    text\n\n      more\n  w: 2 # c3\n",
	"folded, stripped":          "b: 1 # c1\na:\n  v: >-\n   folded\n   text\n  w: 2 # c3\n",
	"CRLF plain":                "b: 1 # c1\r\na:\r\n  v: x # c2\r\n  w: 2 # c3\r\n",
	"CRLF literal":              "b: 1 # c1\r\na:\r\n  v: |  # c2\r\n    x\r\n\r\n    y\r\n  w: 2 # c3\r\n",
	"in a list":                 "b: 1 # c1\na:\n- x\n- plain # c2\n- y # c3\n",
	"literal in a list":         "b: 1 # c1\na:\n  - x\n  - |\n    y\n  # c2\n  - y # c3\n",
	"null in a list":            "b: 1 # c1\na:\n  - x\n  - # c2\n  - y # c3\n",
	"list in a list":            "b: 1 # c1\na: \n- - - x\n- plain\n- y # c3\n",
	"in braces":                 "b: 1 # c1\na: {w: 1, v: x , z: [1]} # c2\n",
	"in brackets":               "b: 1 # c1\na: [ x, 'y', # c2\n  z ] # c3\n",
	"null in braces":            "b: 1 # c1\na: {w: 1, v: } # c2\n",
	"key alone in braces":       "b: 1 # c1\na: {w, v, z} # c2\n",
	"JSON":                      "{\n  \"b\": 1,\n  \"a\": {\"v\": \"x\", \"w\": null}\n}",
	"explicit key":              "b: 1 # c1\na:\n  ? v # c2\n  : x # c3\n  ? w\n  : y\n",
	"spaces and a mark":         "\uFEFFb:   1 # c1\n\n\na  :\n\n     \"v\"  :  x   \t # c2\n     'w':   2 # c3\n",
	"first of a list's mapping": "b: 1 # c1\na:\n  v: x # c2\nl:\n- v: 1 # c3\n",
}

// TestSetScalarForms sets every form of a scalar to every nasty value. No edit
// may be refused, and outside the lines of the scalar no byte may change.
func TestSetScalarForms(t *testing.T) {
	for name, src := range scalarForms {
		for _, value := range nasty {
			d := mustParse(t, src)
			pointer := "/a/v"
			if _, ok := d.Node(pointer); !ok {
				pointer = "/a/1"
			}
			out, err := d.Apply(Edit{Pointer: pointer, Value: value})
			if err != nil {
				t.Errorf("%s: %#v: %v", name, value, err)
				continue
			}
			if problem := editProblem(d, string(out), pointer, value); problem != "" {
				t.Errorf("%s: %#v: %s\n%s", name, value, problem, out)
			}
		}
	}
}

// editProblem judges a result without the proof that Apply makes.
func editProblem(d *Doc, out, pointer string, value any) string {
	next, findings := Parse("f.yaml", []byte(out))
	if len(findings) > 0 {
		return fmt.Sprintf("findings %q", brief(findings))
	}
	n, err := normalize(value, 1)
	if err != nil {
		return err.Error()
	}
	parts, _ := tokens(pointer)
	want := edited(d.Value(), parts, func(any) (any, bool) { return plainOf(n), true })
	if diff := cmp.Diff(want, any(next.Value())); diff != "" {
		return "value -want +got:\n" + diff
	}
	for _, c := range []string{"# c1", "# c2", "# c3", "# c4"} {
		if strings.Count(string(d.Source), c) != strings.Count(out, c) {
			return "lost the comment " + c
		}
	}
	line, _, endLine, _ := d.Span(pointer)
	head, tail := lineRange(string(d.Source), 1, line-1), ""
	if lines := strings.Count(string(d.Source), "\n") + 1; endLine < lines {
		tail = lineRange(string(d.Source), endLine+1, lines)
	}
	if !strings.HasPrefix(out, head) || !strings.HasSuffix(out, tail) {
		return "changed other lines"
	}
	if strings.Contains(string(d.Source), "\r\n") && strings.Count(out, "\n") != strings.Count(out, "\r\n") {
		return "mixed line breaks"
	}
	return ""
}

// TestSetKeepsStyle checks which style a new value gets.
func TestSetKeepsStyle(t *testing.T) {
	tests := []struct{ src, value, want string }{
		{"a: x # c\n", "y z", "a: y z # c\n"},
		{"a: x # c\n", "y: z", "a: \"y: z\" # c\n"},
		{"a: x # c\n", "no", "a: \"no\" # c\n"},
		{"a: x # c\n", "y\nz", "a: |- # c\n  y\n  z\n"},
		{"a: 2026-11-20 # c\n", "2026-11-21T00:00:00Z", "a: 2026-11-21T00:00:00Z # c\n"},
		{"a: 'x' # c\n", "y's", "a: 'y''s' # c\n"},
		{"a: 'x' # c\n", "y\nz", "a: \"y\\nz\" # c\n"},
		{"a: \"x\" # c\n", "y", "a: \"y\" # c\n"},
		{"a: \"x\" # c\n", "y\tz\n", "a: \"y\\tz\\n\" # c\n"},
		{"a: | # c\n    x\nb: 1\n", "y\n z\n", "a: | # c\n    y\n     z\nb: 1\n"},
		{"a: | # c\n    x\nb: 1\n", "y", "a: |- # c\n    y\nb: 1\n"},
		{"a: | # c\n    x\nb: 1\n", " y\n", "a: |4 # c\n     y\nb: 1\n"},
		{"a: | # c\n    x\nb: 1\n", "", "a: \"\" # c\nb: 1\n"},
		{"a: |\n  x\n\nb: 1\n", "y\n\n", "a: |+\n  y\n\nb: 1\n"},
		{"a: |\n  x", "y\n", "a: |\n  y\n"},
		{"a: > # c\n  x\n  y\nb: 1\n", "p\nq\n\n  r\ns\n", "a: > # c\n  p\n\n  q\n\n    r\n  s\nb: 1\n"},
		{"a: >-\n  x\n", strings.Repeat("word ", 20) + "end", "a: >-\n  " + strings.TrimSpace(strings.Repeat("word ", 15)) + "\n  word word word word word end\n"},
		{"a: >\n    x\n", strings.Repeat("é", 90) + " end  two\n", "a: >\n    " + strings.Repeat("é", 90) + "\n    end  two\n"},
		{"a: >\n    x\n", strings.Repeat("-", 90) + "\n", "a: >\n    " + strings.Repeat("-", 90) + "\n"},
		{"a: [x, y]\n", "?", "a: [\"?\", y]\n"},
		{"a:\n", "x", "a: x\n"},
		{"a: # c\n", "x\ny\n", "a: | # c\n  x\n  y\n"},
		{"a: several\n  lines # c\n", "one", "a: one # c\n"},
	}
	for _, tt := range tests {
		d := mustParse(t, tt.src)
		pointer := "/a"
		if n, _ := d.Node("/a"); n.Kind == yaml.SequenceNode {
			pointer = "/a/0"
		}
		out, err := d.Apply(Edit{Pointer: pointer, Value: tt.value})
		if err != nil {
			t.Errorf("%q to %q: %v", tt.src, tt.value, err)
			continue
		}
		if diff := cmp.Diff(tt.want, string(out)); diff != "" {
			t.Errorf("%q to %q -want +got:\n%s", tt.src, tt.value, diff)
		}
	}
}
