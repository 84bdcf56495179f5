package yamldoc

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// replace writes another value in the place of one that is there.
func (d *Doc) replace(target step, value any) (*Doc, error) {
	r := d.replacement(target, value)
	c := change{target: target.node, value: value, gone: r.gone()}
	oneLine := [][]splice{r.text(form{text: r.inline(value, r.p.flow)})}
	switch {
	case !hasEntries(value) || r.p.flow:
		for _, f := range r.forms(value) {
			c.options = append(c.options, r.text(f))
		}
	case r.prefersFlow(value):
		c.options = append(oneLine, r.lines(value)...)
	default:
		c.options = append(r.lines(value), oneLine...)
	}
	return d.make(c)
}

// hasEntries reports whether v is a mapping or a list that is not empty.
func hasEntries(v any) bool {
	switch v := v.(type) {
	case Map:
		return len(v) > 0
	case []any:
		return len(v) > 0
	}
	return false
}

// replacement is a value about to be written over another one.
type replacement struct {
	*writer
	doc  *Doc
	node *yaml.Node
	p    place
	head int // the offset after the `:` or the `-` before the value
	col  int // the column of the entry
	list bool
}

func (d *Doc) replacement(target step, value any) replacement {
	at := d.places().at
	r := replacement{writer: d.writer(at[target.node].start), doc: d, node: target.node, p: at[target.node]}
	r.col, r.list = at[target.parent].indent, target.parent.Kind == yaml.SequenceNode
	switch {
	case r.list:
		r.head = r.p.lead + 1
	case at[target.key].colon < 0:
		r.head = at[target.key].end
	default:
		r.head = at[target.key].colon + 1
	}
	if r.list && !r.p.flow && isBare(r.node) {
		r.head = r.p.start
	}
	return r
}

// isBlock reports whether the old value is a mapping or a list without
// brackets.
func (r replacement) isBlock() bool {
	return r.node.Kind != yaml.ScalarNode && r.node.Style&yaml.FlowStyle == 0
}

// beneath reports whether the old value starts on a later line than its entry.
func (r replacement) beneath() bool {
	return r.doc.text.lineOf(r.p.start) != r.doc.text.lineOf(r.head)
}

// end returns where the old value ends, with the comment behind a block.
func (r replacement) end() int {
	if r.isBlock() {
		return r.doc.text.lineEnd(r.p.end)
	}
	return r.p.end
}

func (r replacement) gone() []span {
	if r.node.Kind == yaml.ScalarNode {
		return nil // a scalar holds none, and that of a block's header stays
	}
	return []span{{r.p.start, r.end()}}
}

// prefersFlow reports whether a mapping or a list is better written between
// brackets: where the old one was, unless that was empty and the new one holds
// more than short values.
func (r replacement) prefersFlow(value any) bool {
	if r.json {
		return true
	}
	if r.node.Kind == yaml.ScalarNode || r.node.Style&yaml.FlowStyle == 0 {
		return false
	}
	return len(r.node.Content) > 0 || isShort(value)
}

// isShort reports whether v is a list of scalars that have one line each.
func isShort(v any) bool {
	list, ok := v.([]any)
	for _, item := range list {
		if s, isText := item.(string); hasEntries(item) || isText && (strings.Contains(s, "\n") || len(s) > 60) {
			return false
		}
	}
	return ok
}

// forms returns the ways to write a scalar or an empty collection, in the
// style of the old value first.
func (r replacement) forms(value any) []form {
	s, isText := value.(string)
	if !isText || r.json {
		return []form{{text: r.inline(value, r.p.flow)}}
	}
	b := r.blockStyle()
	var out []form
	add := func(f form, ok bool) {
		if !ok || f.body != "" && r.p.flow {
			return
		}
		out = append(out, f)
		if strings.HasSuffix(f.text, "+") { // blank lines that follow are part of it
			out = append(out, form{f.text, strings.TrimSuffix(f.body, strings.Repeat(r.newline, r.blankBelow()))})
		}
	}
	style := r.node.Style
	switch {
	case style&yaml.DoubleQuotedStyle != 0:
	case style&yaml.SingleQuotedStyle != 0:
		text, ok := singleQuoted(s)
		add(form{text: text}, ok)
	case style&yaml.FoldedStyle != 0:
		add(b.folded(s))
		add(b.literal(s))
	case style&yaml.LiteralStyle != 0:
		add(b.literal(s))
	default:
		add(form{text: s}, isPlain(s, r.p.flow))
		if strings.Contains(s, "\n") {
			add(b.literal(s))
		}
	}
	return append(out, form{text: doubleQuoted(s)})
}

// blankBelow counts the blank lines that follow the old value.
func (r replacement) blankBelow() int {
	t, n := r.doc.text, 0
	for i := t.nextLine(r.end()); i < len(t.src) && strings.Trim(t.src[i:t.lineEnd(i)], " ") == ""; i = t.nextLine(i) {
		n++
	}
	return n
}

// blockStyle returns how a block scalar is written in the place of the value:
// with the indent of the one that is there.
func (r replacement) blockStyle() blockStyle {
	b := r.block(r.col)
	b.parent, b.digit = r.p.outer, true
	if r.node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		if old := r.doc.places().blockAt(r.p.start, r.p.outer); old.end > old.body {
			b.indent = old.indent
		}
	}
	return b
}

// text returns the splices that write a form in the place of the old value.
// What stands behind it on its line stays there.
func (r replacement) text(f form) []splice {
	t := r.doc.text
	switch {
	case isBare(r.node):
		return append([]splice{{span{r.p.start, r.p.start}, r.gap() + f.text}}, r.bodyAt(t.lineEnd(r.p.start), f)...)
	case r.node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		old := r.doc.places().blockAt(r.p.start, r.p.outer)
		line := t.lineEnd(old.header.end)
		out := []splice{{old.header, f.text}}
		if old.end > line {
			out = append(out, splice{span{line, old.end}, ""})
		}
		return append(out, r.bodyAt(max(line, old.end), f)...)
	case r.isBlock() && r.beneath():
		out := []splice{{span{r.head, r.head}, " " + f.text}, {r.doc.lines(r.p.start, r.p.end), ""}}
		return append(out, r.bodyAt(t.lineEnd(r.head), f)...)
	}
	return append([]splice{{span{r.p.start, r.end()}, f.text}}, r.bodyAt(t.lineEnd(r.end()), f)...)
}

// gap returns what has to stand between a key or a dash and a value that had
// no bytes.
func (r replacement) gap() string {
	if !r.list && r.doc.text.src[r.head-1] != ':' {
		return ": "
	}
	return " "
}

// bodyAt returns the splice that writes the lines of a block scalar.
func (r replacement) bodyAt(off int, f form) []splice {
	if f.body == "" {
		return nil
	}
	body := r.newline + f.body
	if off == len(r.doc.text.src) && !strings.HasSuffix(f.text, "-") {
		body += r.newline // without it the text would have one line break less
	}
	return []splice{{span{off, off}, body}}
}

// lines returns the ways to write a mapping or a list without brackets.
func (r replacement) lines(value any) [][]splice {
	t := r.doc.text
	col := r.col + r.step
	if _, isList := value.([]any); isList {
		col = r.col + r.listStep
	}
	if r.list {
		col = r.col + 2
	}
	start := t.lineStart(r.p.start)
	switch {
	case r.isBlock() && r.beneath():
		if r.p.indent > r.col {
			col = r.p.indent
		}
		return [][]splice{{{span{start, r.end()}, r.padded(value, col)}}}
	case r.isBlock(), r.beneath():
		return [][]splice{{{span{r.p.start, r.end()}, r.rendered(value, r.p.start-start)}}}
	case r.node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		old := r.doc.places().blockAt(r.p.start, r.p.outer)
		line := t.lineEnd(old.header.end)
		return [][]splice{{{span{r.head, old.header.end}, ""}, {span{line, max(line, old.end)}, r.newline + r.padded(value, col)}}}
	}
	line := t.lineEnd(r.p.end)
	below := []splice{{span{r.head, r.p.end}, ""}, {span{line, line}, r.newline + r.padded(value, col)}}
	if r.list && strings.TrimSpace(t.src[r.p.end:line]) == "" {
		return [][]splice{{{span{r.head, line}, " " + r.rendered(value, col)}}, below}
	}
	return [][]splice{below}
}

// rendered returns a mapping or a list in lines, the first without its indent.
func (w *writer) rendered(value any, col int) string {
	fresh := *w
	fresh.buf = strings.Builder{}
	switch v := value.(type) {
	case Map:
		fresh.entries(v, col)
	case []any:
		fresh.items(v, col)
	}
	return fresh.buf.String()
}

func (w *writer) padded(value any, col int) string {
	return strings.Repeat(" ", col) + w.rendered(value, col)
}

// writer returns a writer in the style of the document near an offset.
func (d *Doc) writer(off int) *writer {
	w := &writer{newline: d.newline(off), step: 2, listStep: 2}
	if d.Root.Style&yaml.FlowStyle != 0 && len(d.Root.Content) > 0 {
		w.json = d.Root.Content[0].Style&yaml.DoubleQuotedStyle != 0
	}
	d.indents(d.Root, w, map[yaml.Kind]bool{})
	return w
}

// indents learns from the first nested mapping and the first nested list how
// far the document indents.
func (d *Doc) indents(n *yaml.Node, w *writer, known map[yaml.Kind]bool) {
	if n.Kind != yaml.MappingNode || n.Style&yaml.FlowStyle != 0 {
		return
	}
	at := d.places().at
	for i := 1; i < len(n.Content) && len(known) < 2; i += 2 {
		v := n.Content[i]
		if v.Kind == yaml.ScalarNode || v.Style&yaml.FlowStyle != 0 {
			continue
		}
		if step := at[v].indent - at[n].indent; !known[v.Kind] {
			known[v.Kind] = true
			if v.Kind == yaml.MappingNode {
				w.step = step
			} else {
				w.listStep = step
			}
		}
		d.indents(v, w, known)
	}
}

// newline returns the line break that is used where off stands.
func (d *Doc) newline(off int) string {
	i := strings.IndexByte(d.text.src[off:], '\n')
	if i >= 0 {
		i += off
	} else {
		i = strings.LastIndexByte(d.text.src, '\n')
	}
	if i > 0 && d.text.src[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// lines returns the range of the whole lines that hold the bytes from one
// offset to another. At the end of a file without a final line break it takes
// the break before them instead.
func (d *Doc) lines(from, to int) span {
	s := span{d.text.lineStart(from), d.text.nextLine(to)}
	if s.end == len(d.text.src) && d.text.lineEnd(to) == s.end && s.start > d.text.starts[0] {
		s.start = d.text.lineEnd(d.text.lineStart(s.start - 1))
	}
	return s
}
