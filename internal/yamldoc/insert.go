package yamldoc

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// insertEntry adds an entry at the end of the mapping that way leads to.
func (d *Doc) insertEntry(way []step, e Entry) (*Doc, error) {
	target := way[len(way)-1]
	n := target.node
	if d.isVoid(target) {
		return d.replace(target, Map{e})
	}
	c := change{into: n, key: e.Key, value: e.Value}
	if n.Style&yaml.FlowStyle != 0 {
		c.options = d.addFlow(n, func(w *writer) string { return w.key(e.Key, true) + ": " + w.inline(e.Value, true) })
	} else {
		c.options = d.addBlock(n, Map{e})
	}
	return d.make(c)
}

// insertItem adds an element at the end of the list that way leads to.
func (d *Doc) insertItem(way []step, value any) (*Doc, error) {
	target := way[len(way)-1]
	n := target.node
	if d.isVoid(target) {
		return d.replace(target, []any{value})
	}
	c := change{into: n, value: value}
	if n.Style&yaml.FlowStyle != 0 {
		c.options = d.addFlow(n, func(w *writer) string { return w.inline(value, true) })
	} else {
		c.options = d.addBlock(n, []any{value})
	}
	return d.make(c)
}

// isVoid reports whether a collection has nothing between its brackets, not
// even a comment, so that it may as well be written anew.
func (d *Doc) isVoid(target step) bool {
	p := d.places().at[target.node]
	return target.parent != nil && len(target.node.Content) == 0 &&
		strings.Trim(d.text.src[p.start+1:p.end-1], " \t\r\n") == ""
}

// addBlock returns the ways to add a rendered entry on lines of its own behind
// the last entry of a block mapping or list.
func (d *Doc) addBlock(n *yaml.Node, value any) [][]splice {
	p := d.places().at[n]
	off := d.afterRemarks(d.text.lineEnd(d.lastEnd(n)), p)
	var out [][]splice
	for _, oneLine := range []bool{false, true} {
		w := d.writer(off)
		w.oneLine = oneLine
		text := w.newline + w.padded(value, p.indent)
		at := span{off, off}
		out = append(out, []splice{{at, text}})
		if off < len(d.text.src) {
			continue
		}
		out = append(out, []splice{{at, text + w.newline}})
		if fix := d.chomp(n); fix != nil {
			out = append(out, []splice{*fix, {at, text}}, []splice{*fix, {at, text + w.newline}})
		}
	}
	return out
}

// chomp returns the splice that lets the block scalar which ends n, and with it
// a file without a final line break, keep its value when a line break follows.
func (d *Doc) chomp(n *yaml.Node) *splice {
	for len(n.Content) > 0 {
		n = n.Content[len(n.Content)-1]
	}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 || strings.HasSuffix(n.Value, "\n") {
		return nil
	}
	p := d.places().at[n]
	b := d.places().blockAt(p.start, p.outer)
	header := strings.TrimRight(d.text.src[b.header.start:b.header.end], "+-")
	return &splice{b.header, header + "-"}
}

// lastEnd returns where the last entry of a mapping or list ends.
func (d *Doc) lastEnd(n *yaml.Node) int {
	return d.places().at[n.Content[len(n.Content)-1]].end
}

// afterRemarks moves from the end of a line over the comment lines that
// directly follow it and belong to the collection at p by their indent.
func (d *Doc) afterRemarks(off int, p place) int {
	for {
		next := d.text.nextLine(off)
		end := d.text.lineEnd(next)
		line := d.text.src[next:end]
		col := countSpaces(line, len(line))
		if next == len(d.text.src) || next == off || col == len(line) || line[col] != '#' {
			return off
		}
		if col < p.indent || col == p.indent && p.indent <= max(p.outer, 0) {
			return off
		}
		off = end
	}
}

// addFlow returns the ways to add text as the last entry between the brackets
// of n.
func (d *Doc) addFlow(n *yaml.Node, text func(*writer) string) [][]splice {
	p := d.places().at[n]
	entry := text(d.writer(p.start))
	if len(n.Content) == 0 {
		inside := span{p.start + 1, p.end - 1}
		if strings.Trim(d.text.src[inside.start:inside.end], " \t") != "" {
			inside.end = inside.start
		}
		return [][]splice{{{inside, entry}}}
	}
	end := d.lastEnd(n)
	if n.Kind == yaml.MappingNode && d.text.src[p.start] != '{' { // `[a: 1]`
		return [][]splice{{{span{p.start, p.start}, "{"}, {span{p.end, p.end}, ", " + entry + "}"}}}
	}
	out := [][]splice{{{span{end, end}, ", " + entry}}}
	if d.text.src[end] == ' ' { // `{a: }`: the space has to stay behind the colon
		out = append(out, []splice{{span{end + 1, end + 1}, ", " + entry}})
	}
	if own := d.ownLine(n, end, entry); own != nil {
		out = slices.Insert(out, 0, own)
	}
	return out
}

// ownLine adds an entry to a flow collection whose last entry has a line to
// itself, in the same way; nil where it has not.
func (d *Doc) ownLine(n *yaml.Node, end int, entry string) []splice {
	t, at := d.text, d.places().at
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	first := at[n.Content[len(n.Content)-step]].lead
	pad := t.src[t.lineStart(first):first]
	line := t.lineEnd(end)
	comma, rest := d.comma(end), t.src[end:line]
	if comma >= 0 && comma < line {
		rest = t.src[comma+1 : line]
	}
	rest = strings.TrimLeft(rest, " \t")
	if strings.Trim(pad, " \t") != "" || rest != "" && rest[0] != '#' {
		return nil
	}
	text := d.newline(end) + pad + entry
	if comma >= 0 {
		return []splice{{span{line, line}, text + ","}}
	}
	return []splice{{span{end, end}, ","}, {span{line, line}, text}}
}

// comma returns the offset of the comma that follows off, -1 where none does.
func (d *Doc) comma(off int) int {
	l := layout{text: d.text, pos: off}
	if i := l.peek(); i < len(d.text.src) && d.text.src[i] == ',' {
		return i
	}
	return -1
}
