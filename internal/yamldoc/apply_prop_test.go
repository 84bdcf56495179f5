package yamldoc

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

// pointersOf visits every node beneath n with its pointer.
func pointersOf(n *yaml.Node, at string, visit func(pointer string, n *yaml.Node)) {
	visit(at, n)
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			pointersOf(n.Content[i+1], at+Pointer(n.Content[i].Value), visit)
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			pointersOf(item, at+Pointer(strconv.Itoa(i)), visit)
		}
	}
}

// edited returns a copy of a value in which f has changed the one at a path; f
// returns false to remove it. It knows nothing of YAML.
func edited(v any, path []string, f func(old any) (any, bool)) any {
	if len(path) == 0 {
		out, _ := f(v)
		return out
	}
	apply := func(old any) (any, bool) {
		if len(path) == 1 {
			return f(old)
		}
		return edited(old, path[1:], f), true
	}
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, item := range v {
			if k != path[0] {
				out[k] = item
			}
		}
		if item, keep := apply(v[path[0]]); keep {
			out[path[0]] = item
		}
		return out
	case []any:
		i, _ := strconv.Atoi(path[0])
		item, keep := apply(v[i])
		if !keep {
			return slices.Delete(slices.Clone(v), i, i+1)
		}
		out := slices.Clone(v)
		out[i] = item
		return out
	}
	panic("no such place")
}

// plainJSON brings a value into the form that Value returns.
func plainJSON(t interface{ Fatal(...any) }, v any) any {
	n, err := normalize(v, 1)
	if err != nil {
		t.Fatal(err)
	}
	return plainOf(n)
}

var commentMark = regexp.MustCompile(`#c[0-9]+#`)

// marks returns the comments of a file by the numbers that its generator gave
// them: an account of them that does not rest on how the package finds them.
func marks(src string) []string { return commentMark.FindAllString(src, -1) }

// lineRange returns the lines, from 1, of src from one to another.
func lineRange(src string, from, to int) string {
	return strings.Join(strings.SplitAfter(src, "\n")[from-1:to], "")
}

// editCase is a random edit of a random record.
type editCase struct {
	src     string
	doc     *Doc
	pointer string
	node    *yaml.Node
	value   any
}

// drawCase draws a record, one of the nodes in it that are wanted, and a value.
func drawCase(t *rapid.T, want func(*yaml.Node) bool, values []any) editCase {
	c := editCase{src: uglyRecord().Draw(t, "src")}
	d, findings := Parse("f.yaml", []byte(c.src))
	if len(findings) > 0 {
		t.Fatalf("the generator writes what is refused: %q", brief(findings))
	}
	if err := d.places().err; err != nil {
		t.Fatalf("the layout of what the generator writes: %v", err)
	}
	c.doc = d
	var all []string
	pointersOf(d.Root, "", func(p string, n *yaml.Node) {
		if want(n) {
			all = append(all, p)
		}
	})
	if len(all) == 0 {
		t.Skip("no such node")
	}
	c.pointer = rapid.SampledFrom(all).Draw(t, "pointer")
	c.node, _ = d.Node(c.pointer)
	c.value = rapid.SampledFrom(values).Draw(t, "value")
	return c
}

// check makes the edit and compares the values before and after, where f says
// how they differ.
func (c editCase) check(t *rapid.T, e Edit, path string, f func(old any) (any, bool)) string {
	out, err := c.doc.Apply(e)
	if err != nil {
		t.Fatalf("%v\n%s", err, c.src)
	}
	d, findings := Parse("f.yaml", out)
	if len(findings) > 0 {
		t.Fatalf("the result is refused: %q\n%s", brief(findings), out)
	}
	parts, _ := tokens(path)
	if diff := cmp.Diff(edited(c.doc.Value(), parts, f), any(d.Value())); diff != "" {
		t.Fatalf("value -want +got:\n%s\n%s", diff, out)
	}
	if string(c.doc.Source) != c.src {
		t.Fatal("the source was changed")
	}
	return string(out)
}

// checkOutside checks that the lines before and after a range of lines are as
// they were.
func (c editCase) checkOutside(t *rapid.T, out string, from, to int) {
	before, after := strings.SplitAfter(c.src, "\n"), strings.SplitAfter(out, "\n")
	if from-1 > len(after) || !slices.Equal(before[:from-1], after[:from-1]) {
		t.Fatalf("lines before line %d changed:\n%s", from, out)
	}
	rest := before[to:]
	if len(rest) > len(after) || !slices.Equal(rest, after[len(after)-len(rest):]) {
		t.Fatalf("lines after line %d changed:\n%s", to, out)
	}
}

// checkComments checks that all comments are there, in order, but for those
// that stood in the given lines.
func (c editCase) checkComments(t *rapid.T, out, lines string) {
	left := marks(out)
	var lost []string
	for _, m := range marks(c.src) {
		if len(left) > 0 && left[0] == m {
			left = left[1:]
			continue
		}
		lost = append(lost, m)
	}
	for _, m := range lost {
		if !slices.Contains(marks(lines), m) {
			t.Fatalf("the comment %s is gone:\n%s", m, out)
		}
	}
	if len(left) > 0 {
		t.Fatalf("the comments %s are out of place:\n%s", left, out)
	}
}

// entryLine returns the line of the key or the dash before the node.
func (c editCase) entryLine() int {
	way, _ := c.doc.walk(c.pointer)
	n := way[len(way)-1].node
	if key := way[len(way)-1].key; key != nil {
		n = key
	}
	return c.doc.text.lineOf(c.doc.places().at[n].lead)
}

func isScalar(n *yaml.Node) bool     { return n.Kind == yaml.ScalarNode }
func isCollection(n *yaml.Node) bool { return n.Kind != yaml.ScalarNode }

// TestSetScalarProperty checks that setting any scalar in any form to any
// value changes the lines of that scalar alone, and no comment, and on those
// lines nothing before it, nor behind it where no block of lines is involved.
func TestSetScalarProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t, isScalar, nasty)
		e := Edit{Pointer: c.pointer, Value: c.value}
		out := c.check(t, e, c.pointer, func(any) (any, bool) { return plainJSON(t, c.value), true })
		line, _, endLine, _ := c.doc.Span(c.pointer)
		c.checkOutside(t, out, line, endLine)
		c.checkComments(t, out, "")
		s := c.doc.find(c.pointer)
		if !strings.HasPrefix(out, c.src[:s.start]) {
			t.Fatalf("bytes before the value changed:\n%s", out)
		}
		now, _ := mustParse(t, out).Node(c.pointer)
		if (c.node.Style|now.Style)&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && !strings.HasSuffix(out, c.src[s.end:]) {
			t.Fatalf("bytes behind the value changed:\n%s", out)
		}
	})
}

// TestSetAnyProperty checks setting any node to any value, of whatever kind.
func TestSetAnyProperty(t *testing.T) {
	values := append(slices.Clone(nasty), nastyCollections...)
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t, func(*yaml.Node) bool { return true }, values)
		if c.pointer == "" {
			t.Skip("the top level")
		}
		e := Edit{Pointer: c.pointer, Value: c.value}
		out := c.check(t, e, c.pointer, func(any) (any, bool) { return plainJSON(t, c.value), true })
		line, _, endLine, _ := c.doc.Span(c.pointer)
		c.checkOutside(t, out, c.entryLine(), endLine)
		c.checkComments(t, out, lineRange(c.src, line, endLine))
	})
}

// TestInsertProperty checks adding a missing key to any mapping, or to null.
func TestInsertProperty(t *testing.T) {
	values := append(slices.Clone(nasty), nastyCollections...)
	keys := []any{"new", "no", "a b", "#", "1.0", "é: x", "a/b~c", "", "- a"}
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t, func(n *yaml.Node) bool { return n.Kind == yaml.MappingNode || isNull(n) }, values)
		key := rapid.SampledFrom(keys).Draw(t, "key").(string)
		e := Edit{Pointer: c.pointer + Pointer(key), Value: c.value}
		out := c.check(t, e, c.pointer, func(old any) (any, bool) {
			m, _ := old.(map[string]any)
			return edited(m, []string{key}, func(any) (any, bool) { return plainJSON(t, c.value), true }), true
		})
		c.checkComments(t, out, "")
		line, _, endLine, _ := c.doc.Span(c.pointer)
		c.checkOutside(t, out, line, endLine)
	})
}

// TestAppendProperty checks adding an element to any list, or to null.
func TestAppendProperty(t *testing.T) {
	values := append(slices.Clone(nasty), nastyCollections...)
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t, func(n *yaml.Node) bool { return n.Kind == yaml.SequenceNode || isNull(n) }, values)
		e := Edit{Pointer: c.pointer, Value: c.value, Append: true}
		out := c.check(t, e, c.pointer, func(old any) (any, bool) {
			list, _ := old.([]any)
			return append(slices.Clone(list), plainJSON(t, c.value)), true
		})
		c.checkComments(t, out, "")
		line, _, endLine, _ := c.doc.Span(c.pointer)
		c.checkOutside(t, out, line, endLine)
	})
}

// TestDeleteProperty checks removing any entry.
func TestDeleteProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t, func(*yaml.Node) bool { return true }, []any{nil})
		if c.pointer == "" || len(c.doc.Root.Content) == 2 && strings.Count(c.pointer, "/") == 1 {
			t.Skip("the top level, or its only field")
		}
		out := c.check(t, Edit{Pointer: c.pointer, Delete: true}, c.pointer, func(any) (any, bool) { return nil, false })
		_, _, endLine, _ := c.doc.Span(c.pointer)
		c.checkComments(t, out, lineRange(c.src, c.entryLine(), endLine))
	})
}

// TestSetAndBackProperty checks that setting a one-line scalar and setting it
// back gives the bytes of the start, where the style allows both values.
func TestSetAndBackProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t, func(n *yaml.Node) bool {
			return isScalar(n) && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 && !strings.ContainsAny(n.Value, "\n\\\"é")
		}, []any{"other", "o: ther #", "0777"})
		line, _, endLine, _ := c.doc.Span(c.pointer)
		if line != endLine {
			t.Skip("written on several lines")
		}
		there, err := c.doc.Apply(Edit{Pointer: c.pointer, Value: c.value})
		if err != nil {
			t.Fatal(err)
		}
		d, _ := Parse("f.yaml", there)
		back, err := d.Apply(Edit{Pointer: c.pointer, Value: c.node.Value})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.src, string(back)); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	})
}

// TestApplyManyProperty checks that several edits at once are the same as one
// after the other, and that a refused one changes nothing.
func TestApplyManyProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t, isCollection, nasty)
		edits := []Edit{{Pointer: "/fresh/a", Value: c.value}, {Pointer: "/fresh/b", Value: []any{c.value}}, {Pointer: "/fresh/b", Value: "x", Append: true}, {Pointer: "/fresh/a", Delete: true}}
		at := c.doc
		for _, e := range edits {
			out, err := at.Apply(e)
			if err != nil {
				t.Fatal(err)
			}
			at, _ = Parse("f.yaml", out)
		}
		all, err := c.doc.Apply(edits...)
		if err != nil || string(all) != string(at.Source) {
			t.Fatalf("error %v, -want +got:\n%s", err, cmp.Diff(string(at.Source), string(all)))
		}
		if out, err := c.doc.Apply(append(edits, Edit{Pointer: "/fresh/b/x", Value: 1})...); out != nil || !errors.Is(err, ErrSplice) {
			t.Fatalf("a refused edit gave %q, %v", out, err)
		}
	})
}
