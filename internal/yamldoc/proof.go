package yamldoc

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"gopkg.in/yaml.v3"
)

// splice replaces the bytes of a range.
type splice struct {
	span
	text string
}

// change is an edit of one node: what has to come out of it, and the ways to
// write it, the one that fits the file best first.
type change struct {
	target *yaml.Node // replaced by value, when it is not nil
	value  any

	parent  *yaml.Node // its child at index (of a mapping, its entry) is removed, when not nil
	index   int
	into    *yaml.Node // gets key and value, or value alone, as its last child, when not nil
	key     string
	gone    []span // comments that start within them go as well
	options [][]splice
}

// make tries the options in order and returns the first that is proved.
func (d *Doc) make(c change) (*Doc, error) {
	reason := "there is no way to write it here"
	for _, splices := range c.options {
		out, ok := d.spliced(splices)
		if !ok {
			continue
		}
		next, problem := d.prove(c, out)
		if problem == "" {
			return next, nil
		}
		reason = problem
	}
	return nil, refuse("%s", reason)
}

// spliced returns the source with the splices made. It is false when they
// overlap.
func (d *Doc) spliced(splices []splice) (string, bool) {
	sorted := slices.Clone(splices)
	slices.SortStableFunc(sorted, func(a, b splice) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	var out strings.Builder
	pos := 0
	for _, s := range sorted {
		if s.start < pos || s.end < s.start {
			return "", false
		}
		out.WriteString(d.text.src[pos:s.start])
		out.WriteString(s.text)
		pos = s.end
	}
	out.WriteString(d.text.src[pos:])
	return out.String(), true
}

// prove parses what a change led to and compares it with what there was. It
// returns the new document, or what is wrong with it.
func (d *Doc) prove(c change, out string) (*Doc, string) {
	next, findings := d.again([]byte(out + d.tail))
	if len(findings) > 0 {
		return nil, "the result would be refused: " + findings[0].Message
	}
	if next.places().err != nil {
		return nil, "the result would be laid out in a way that is not understood"
	}
	if !c.same(d.Root, next.Root) {
		return nil, "it would change more than its target"
	}
	if !slices.Equal(d.remarks(c.gone), next.remarks(nil)) {
		return nil, "it would lose or move a comment"
	}
	return next, ""
}

// again parses what became of the source as the source was parsed.
func (d *Doc) again(src []byte) (*Doc, []finding.Finding) {
	if d.tail == "" {
		return Parse(d.Name, src)
	}
	next, findings := ParseFrontMatter(d.Name, src)
	if next != nil && next.tail != d.tail {
		return nil, []finding.Finding{{Message: "the front matter would end elsewhere"}}
	}
	return next, findings
}

// same compares a node with what became of it.
func (c *change) same(old, now *yaml.Node) bool {
	if old == c.target && c.target != nil {
		return equalValue(now, c.value)
	}
	if old.Kind != now.Kind || old.Tag != now.Tag || old.Value != now.Value || old.Style != now.Style {
		return false
	}
	was, is := old.Content, now.Content
	if old == c.parent && c.parent != nil {
		was = without(old, c.index)
	}
	if old == c.into && c.into != nil {
		var ok bool
		if is, ok = c.cut(now); !ok {
			return false
		}
	}
	if len(was) != len(is) {
		return false
	}
	for i := range was {
		if !c.same(was[i], is[i]) {
			return false
		}
	}
	return true
}

// cut takes what was added off the end of a node's children, and reports
// whether it is what it should be.
func (c *change) cut(now *yaml.Node) ([]*yaml.Node, bool) {
	n := len(now.Content)
	if n == 0 || !equalValue(now.Content[n-1], c.value) {
		return nil, false
	}
	if now.Kind == yaml.SequenceNode {
		return now.Content[:n-1], true
	}
	return now.Content[:n-2], now.Content[n-2].Value == c.key
}

// without returns the children of n but for the one at index; of a mapping,
// index is that of a value, and its key goes too.
func without(n *yaml.Node, index int) []*yaml.Node {
	first := index
	if n.Kind == yaml.MappingNode {
		first--
	}
	return slices.Delete(slices.Clone(n.Content), first, index+1)
}

// equalValue compares a node with a normalized value.
func equalValue(n *yaml.Node, want any) bool {
	return reflect.DeepEqual(valueOf(n), plainOf(want))
}

// remark is a comment and whether it has its line to itself.
type remark struct {
	text string
	own  bool
}

// remarks returns the comments in order, but for those that start in gone.
func (d *Doc) remarks(gone []span) []remark {
	var out []remark
	for _, c := range d.places().comments {
		if slices.ContainsFunc(gone, func(g span) bool { return g.start <= c.start && c.start < g.end }) {
			continue
		}
		before := d.text.src[d.text.lineStart(c.start):c.start]
		out = append(out, remark{d.text.src[c.start:c.end], strings.Trim(before, " \t") == ""})
	}
	return out
}
