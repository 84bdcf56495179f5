package yamldoc

import (
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"encoding/json"

	"github.com/gitsm/gitsm/internal/finding"
	"gopkg.in/yaml.v3"
)

// seeds are files of every sort, good and bad.
var seeds = []string{
	"a: 1\n", "a:\n- b\n-  - c\n", "a: {b: [1, ~]}\n", `{"a": "b\u00e9", "c": [true, null]}`, "a: |\n  x\n\nb: >-\n  y\n  z\n",
	"? a\n: b\n", "a: 'x\n\n  y'\n", "a: x\n  y # c\n", "\ufeffa: 1\r\nb: 2", "---\na: 1\n...\n", "a: &x 1\nb: *x\n", "a: !!str 1\n",
	"a: 2026-11-20T10:00:00Z\n2026-11-20: b\n", "a: \"\\u202e\"\n", "a: 0777\n", "# c\n", "", "a: [a: 1, ? b : c]\n", "{a, b: , ? c}", "a: |1+\n  x\n\n# c\n",
	"a: \"b \\\n  c\"\n", "- a\n", "<<<<<<< x\n", "a: 1\na: 2\n", "%YAML 1.1\n---\na: 1\n", "a:\n\tb: 1\n", "a: b: c\n", "a: >5\n", "? |\n  k\n: - v\n",
}

// FuzzParse holds Parse to what it promises about any input at all, and the
// values it returns to what yaml.v3 decodes.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		given := string(src)
		d, findings := Parse("f.yaml", src)
		if string(src) != given {
			t.Fatal("Parse changed its input")
		}
		checkFindings(t, given, findings)
		if d == nil {
			if len(findings) == 0 {
				t.Fatal("neither a document nor a finding")
			}
			return
		}
		pointersOf(d.Root, "", func(pointer string, _ *yaml.Node) {
			checkSpan(t, d, pointer)
		})
		got := d.Value()
		if len(findings) > 0 {
			return
		}
		if !utf8.Valid(src) || len(src) > MaxBytes {
			t.Fatal("accepted what is too large or no UTF-8")
		}
		if err := d.places().err; err != nil {
			t.Fatalf("layout: %v", err)
		}
		var want any
		if err := yaml.Unmarshal(src, &want); err != nil {
			t.Fatalf("yaml.v3 refuses what was accepted: %v", err)
		}
		if !sameDecoded(got, want) {
			t.Fatalf("got %#v, yaml.v3 decodes %#v", got, want)
		}
	})
}

// checkFindings checks what holds for the findings of every file.
func checkFindings(t *testing.T, src string, findings []finding.Finding) {
	t.Helper()
	lines := strings.Count(src, "\n") + 1
	last := finding.Finding{}
	for _, f := range findings {
		if _, known := finding.Lookup(f.Code); !known {
			t.Fatalf("no such code: %+v", f)
		}
		if f.Message == "" || f.Why == "" || f.Fix == "" || f.File != "f.yaml" || f.Severity != finding.Error {
			t.Fatalf("incomplete: %+v", f)
		}
		if f.Line < 1 || f.Column < 1 || f.Line > lines || f.EndLine < f.Line || f.EndLine == f.Line && f.EndColumn < f.Column {
			t.Fatalf("no such place: %+v", f)
		}
		if utf8.ValidString(f.Frame) && f.Column > utf8.RuneCountInString(f.Frame)+1 {
			t.Fatalf("column past the line: %+v", f)
		}
		if f.Line < last.Line || f.Line == last.Line && f.Column < last.Column {
			t.Fatalf("not sorted: %+v after %+v", f, last)
		}
		last = f
	}
}

// checkSpan checks that a place lies in the file.
func checkSpan(t *testing.T, d *Doc, pointer string) {
	t.Helper()
	line, col, endLine, endCol := d.Span(pointer)
	if line < 1 || col < 1 || endLine < line || endLine == line && endCol < col {
		t.Fatalf("span of %q: %d:%d to %d:%d", pointer, line, col, endLine, endCol)
	}
	if l, c := d.Position(pointer); l != line || c != col {
		t.Fatalf("position of %q: %d:%d, its span starts at %d:%d", pointer, l, c, line, col)
	}
}

// sameDecoded compares a value of ours with one of yaml.v3. They differ in
// timestamps, which stay text, and in how numbers are held.
func sameDecoded(got, want any) bool {
	switch want := want.(type) {
	case time.Time:
		_, isText := got.(string)
		return isText
	case map[string]any:
		m, ok := got.(map[string]any)
		for k, v := range want {
			if item, has := m[k]; !has || !sameDecoded(item, v) {
				return false
			}
		}
		return ok && len(m) == len(want)
	case map[any]any: // some keys are timestamps, and two of them may be one instant
		m, ok := got.(map[string]any)
		return ok && len(m) >= len(want)
	case []any:
		s, ok := got.([]any)
		if !ok || len(s) != len(want) {
			return false
		}
		for i := range s {
			if !sameDecoded(s[i], want[i]) {
				return false
			}
		}
		return true
	case int, int64, uint64, float64:
		n, ok := got.(json.Number)
		return ok && sameNumber(string(n), want)
	}
	return reflect.DeepEqual(got, want)
}

func sameNumber(text string, want any) bool {
	f, ok := new(big.Float).SetString(text)
	if !ok {
		return false
	}
	got, _ := f.Float64()
	switch want := want.(type) {
	case int:
		return got == float64(want)
	case int64:
		return got == float64(want)
	case uint64:
		return got == float64(want)
	case float64:
		return got == want
	}
	return false
}

// FuzzApply edits whatever can be parsed, and compares values.
func FuzzApply(f *testing.F) {
	for i, s := range seeds {
		f.Add([]byte(s), uint8(i), uint8(i%4), "v: #\n")
	}
	f.Fuzz(func(t *testing.T, src []byte, which, what uint8, text string) {
		d, findings := Parse("f.yaml", src)
		if d == nil || len(findings) > 0 {
			return
		}
		var all []string
		pointersOf(d.Root, "", func(p string, _ *yaml.Node) { all = append(all, p) })
		pointer := all[int(which)%len(all)]
		n, _ := d.Node(pointer)
		e, want, ok := fuzzEdit(pointer, n, what, text)
		if !ok {
			return
		}
		out, err := d.Apply(e)
		if err != nil {
			if !errors.Is(err, ErrSplice) {
				t.Fatalf("not an ErrSplice: %v", err)
			}
			return
		}
		next, findings := Parse("f.yaml", out)
		if len(findings) > 0 {
			t.Fatalf("the result is refused: %q", brief(findings))
		}
		parts, _ := tokens(pointer)
		if goal := edited(d.Value(), parts, want); !reflect.DeepEqual(goal, any(next.Value())) {
			t.Fatalf("want %#v, got %#v in\n%s", goal, next.Value(), out)
		}
	})
}

// fuzzEdit returns an edit of n, and what it does to the value.
func fuzzEdit(pointer string, n *yaml.Node, what uint8, text string) (Edit, func(any) (any, bool), bool) {
	switch what % 4 {
	case 1:
		return del(pointer), func(any) (any, bool) { return nil, false }, true
	case 2:
		return push(pointer, text), func(old any) (any, bool) {
			list, _ := old.([]any)
			return append(list, text), true
		}, n.Kind == yaml.SequenceNode
	case 3:
		return set(pointer+"/fresh", []string{text}), func(old any) (any, bool) {
			m, _ := old.(map[string]any)
			m["fresh"] = []any{text}
			return m, true
		}, n.Kind == yaml.MappingNode
	}
	return set(pointer, text), func(any) (any, bool) { return text, true }, true
}
