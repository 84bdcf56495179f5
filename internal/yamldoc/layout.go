package yamldoc

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// place says where a node stands. yaml.v3 tells where a node starts and
// nothing else, so the rest is found by walking the source along the nodes.
type place struct {
	span
	lead   int  // where its entry starts: the `-` or `?` before it, else span.start
	colon  int  // of a key: the offset of its `:`, -1 where there is none
	indent int  // of a block collection: the column of its entries, from 0
	outer  int  // the column of the block collection around it, -1 at the top
	flow   bool // it stands between brackets
}

// layout is the place of every node and every comment of a document.
//
// It accounts for every byte: what is neither inside a scalar nor a comment
// nor an indicator nor white space makes err non-nil, and nobody may edit by
// such a layout.
type layout struct {
	text     *text
	at       map[*yaml.Node]place
	comments []span
	keys     map[*yaml.Node]map[string]int // what long mappings hold, see longMapping
	err      error

	pos int // everything before it is accounted for
}

func newLayout(t *text, root *yaml.Node) *layout {
	l := &layout{text: t, at: map[*yaml.Node]place{}, keys: map[*yaml.Node]map[string]int{}, pos: t.starts[0]}
	l.skipMarkers(l.text.offset(root.Line, root.Column))
	l.node(root, -1, false)
	l.skipMarkers(len(t.src))
	return l
}

// fail records the first reason why the layout is not to be trusted.
func (l *layout) fail(format string, args ...any) {
	if l.err == nil {
		line, col := l.text.position(l.pos)
		l.err = fmt.Errorf("line %d, column %d: %s", line, col, fmt.Sprintf(format, args...))
	}
}

// skipMarkers moves to an offset over what may stand around the only document:
// comments, directives and the lines `---` and `...`.
func (l *layout) skipMarkers(to int) {
	for l.pos < to {
		l.blank(to)
		if l.pos >= to {
			return
		}
		rest := l.text.src[l.pos:]
		switch {
		case strings.HasPrefix(rest, "---"), strings.HasPrefix(rest, "..."):
			l.pos += 3
		case rest[0] == '%':
			l.pos = l.text.lineEnd(l.pos)
		default:
			l.fail("unexpected %q", rest[0])
			l.pos = to
		}
	}
}

// blank moves over white space and comments, and notes the comments.
func (l *layout) blank(limit int) {
	for l.pos < limit {
		switch l.text.src[l.pos] {
		case ' ', '\t', '\r', '\n':
			l.pos++
		case '#':
			end := l.text.lineEnd(l.pos)
			l.comments = append(l.comments, span{l.pos, end})
			l.pos = end
		default:
			return
		}
	}
}

// peek returns the offset of the next byte that is neither white space nor
// comment, without moving.
func (l *layout) peek() int {
	for i := l.pos; i < len(l.text.src); i++ {
		switch l.text.src[i] {
		case ' ', '\t', '\r', '\n':
		case '#':
			i = l.text.lineEnd(i) - 1
		default:
			return i
		}
	}
	return len(l.text.src)
}

// take moves past the next byte if it is c, and returns its offset, else -1.
func (l *layout) take(c byte) int {
	i := l.peek()
	if i >= len(l.text.src) || l.text.src[i] != c {
		return -1
	}
	l.blank(i)
	l.pos = i + 1
	return i
}

// node finds the place of n and of all beneath it. indent is the column of the
// enclosing block collection, as block scalars count from it.
func (l *layout) node(n *yaml.Node, indent int, flow bool) {
	if isBare(n) {
		l.at[n] = place{span: span{l.pos, l.pos}, lead: l.pos, colon: -1, outer: indent, flow: flow}
		return
	}
	if isLong(n) {
		l.keys[n] = keysOf(n)
	}
	start := l.text.offset(n.Line, n.Column)
	l.blank(start)
	if l.pos != start {
		l.fail("a value was expected at line %d, column %d", n.Line, n.Column)
		l.pos = max(l.pos, start)
	}
	l.properties(n)
	p := place{span: span{start, l.pos}, lead: start, colon: -1, outer: indent, flow: flow}
	switch n.Kind {
	case yaml.ScalarNode:
		l.scalar(n, indent)
	case yaml.AliasNode:
		l.pos = min(start+1+len(n.Value), len(l.text.src))
	default:
		p.indent = start - l.text.lineStart(start)
		l.collection(n, max(indent, p.indent), flow || n.Style&yaml.FlowStyle != 0)
	}
	p.end = max(l.pos, start)
	l.at[n] = p
}

// properties moves over the anchor and the tag of a node. Both are refused,
// but the finding wants a place.
func (l *layout) properties(n *yaml.Node) {
	for n.Kind != yaml.AliasNode && l.pos < len(l.text.src) {
		if c := l.text.src[l.pos]; c != '&' && c != '!' {
			return
		}
		end := strings.IndexAny(l.text.src[l.pos:], " \t\r\n,]}")
		if end < 0 {
			l.pos = len(l.text.src)
			return
		}
		l.pos += end
		if n.Kind == yaml.ScalarNode && n.Value == "" && n.Style&quoted == 0 {
			return
		}
		l.blank(len(l.text.src))
	}
}

// collection finds the places of the entries of a mapping or a list.
func (l *layout) collection(n *yaml.Node, indent int, flow bool) {
	closer := byte(0)
	if flow && l.pos < len(l.text.src) {
		switch {
		case n.Kind == yaml.SequenceNode:
			closer = ']'
		case l.text.src[l.pos] == '{':
			closer = '}' // `[a: 1]` holds a mapping without braces
		}
	}
	if closer != 0 {
		l.pos++
	}
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := 0; i+step <= len(n.Content); i += step {
		if step == 2 {
			l.pair(n.Content[i], n.Content[i+1], indent, flow)
		} else {
			l.item(n.Content[i], indent, flow)
		}
		if closer != 0 {
			l.take(',')
		}
	}
	if closer != 0 && l.take(closer) < 0 {
		l.fail("%q was expected", closer)
	}
}

// item finds the place of one element of a list.
func (l *layout) item(n *yaml.Node, indent int, flow bool) {
	lead := -1
	if !flow {
		if lead = l.take('-'); lead < 0 {
			l.fail("'-' was expected")
		}
	}
	l.node(n, indent, flow)
	l.setLead(n, lead)
}

// pair finds the places of one entry of a mapping.
func (l *layout) pair(key, value *yaml.Node, indent int, flow bool) {
	lead := -1
	if i := l.peek(); i < len(l.text.src) && l.text.src[i] == '?' && !isAt(l.text, key, i) {
		lead = l.take('?')
	}
	l.node(key, indent, flow)
	l.setLead(key, lead)
	p := l.at[key]
	if lead < 0 || flow || l.ends(l.peek()+1) {
		p.colon = l.take(':')
	} // else `? a` has no value, and the colon begins the next key
	l.at[key] = p
	l.node(value, indent, flow)
}

// ends reports whether white space or nothing stands at an offset.
func (l *layout) ends(at int) bool {
	return at >= len(l.text.src) || strings.IndexByte(" \t\r\n", l.text.src[at]) >= 0
}

func (l *layout) setLead(n *yaml.Node, lead int) {
	if lead >= 0 {
		p := l.at[n]
		p.lead = lead
		l.at[n] = p
	}
}

// isAt reports whether n starts at an offset.
func isAt(t *text, n *yaml.Node, off int) bool {
	return !isBare(n) && t.offset(n.Line, n.Column) == off
}

// isBare reports whether n is a null that has no bytes.
func isBare(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0 && n.Tag == "!!null" && n.Anchor == ""
}

const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// scalar moves from the first byte of a scalar to its end.
func (l *layout) scalar(n *yaml.Node, indent int) {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		l.quoted('"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		l.quoted('\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		l.block(indent)
	default:
		l.plain(n.Value)
	}
}

func (l *layout) quoted(quote byte) {
	src := l.text.src
	for i := l.pos + 1; i < len(src); i++ {
		switch {
		case src[i] == '\\' && quote == '"':
			i++
		case src[i] == quote && quote == '\'' && i+1 < len(src) && src[i+1] == quote:
			i++
		case src[i] == quote:
			l.pos = i + 1
			return
		}
	}
	l.fail("a quoted text does not end")
	l.pos = len(src)
}

// plain moves over an unquoted scalar. Folding changes nothing but white
// space, so its value names its bytes.
func (l *layout) plain(value string) {
	src, i := l.text.src, l.pos
	for _, r := range value {
		if r == ' ' || r == '\t' || r == '\n' {
			continue
		}
		for i < len(src) && strings.IndexByte(" \t\r\n", src[i]) >= 0 {
			i++
		}
		got, size := utf8.DecodeRuneInString(src[i:])
		if got != r {
			l.pos = i
			l.fail("%q was expected", r)
			return
		}
		i += size
	}
	l.pos = i
}
