package yamldoc

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// remove takes out the entry that way leads to.
func (d *Doc) remove(way []step) (*Doc, error) {
	if len(way) < 2 {
		return nil, refuse("the top level cannot be removed")
	}
	target, parent := way[len(way)-1], way[len(way)-2]
	width := 1
	if target.key != nil {
		width = 2
	}
	if len(target.parent.Content) == width {
		switch {
		case parent.parent == nil:
			return nil, refuse("it is the only field of the file")
		case d.holdsRemarks(parent.node):
			// between brackets, where they stay
		case target.key != nil:
			return d.replace(parent, Map{})
		default:
			return d.replace(parent, []any{})
		}
	}
	e := d.entry(target, width)
	c := change{parent: target.parent, index: target.index}
	if e.flow {
		c.gone, c.options = e.flowCuts()
	} else {
		c.gone, c.options = e.blockCuts()
	}
	return d.make(c)
}

// holdsRemarks reports whether comments stand between the brackets of n.
func (d *Doc) holdsRemarks(n *yaml.Node) bool {
	p := d.places().at[n]
	return n.Style&yaml.FlowStyle != 0 &&
		slices.ContainsFunc(d.places().comments, func(c span) bool { return p.start < c.start && c.start < p.end })
}

// entry is an element of a list, or a key with its value, and its neighbours.
type entry struct {
	*Doc
	span
	flow bool
	prev int // the end of the entry before it, -1 for the first
	next int // the start of the entry after it, -1 for the last
}

func (d *Doc) entry(target step, width int) entry {
	at := d.places().at
	p := at[target.node]
	e := entry{Doc: d, span: span{p.lead, p.end}, flow: p.flow, prev: -1, next: -1}
	siblings, first := target.parent.Content, target.index
	if target.key != nil {
		first--
		e.start = at[target.key].lead
	}
	if first > 0 {
		e.prev = at[siblings[first-1]].end
	}
	if i := first + width; i < len(siblings) {
		e.next = at[siblings[i]].lead
	}
	return e
}

// startsLine reports whether only white space is before the entry on its line.
func (e entry) startsLine() bool {
	return strings.Trim(e.text.src[e.text.lineStart(e.start):e.start], " \t") == ""
}

// blockCuts returns the ways to take out an entry of a block collection.
func (e entry) blockCuts() (gone []span, options [][]splice) {
	line := e.text.lineEnd(e.end)
	gone = []span{{e.start, line}}
	if e.startsLine() {
		whole := e.lines(e.start, e.end)
		keepBreak := span{e.text.lineStart(e.start), e.text.nextLine(e.end)}
		return gone, [][]splice{{{whole, ""}}, {{keepBreak, ""}}, {{e.throughBlank(keepBreak), ""}}}
	}
	// It shares its line with the dash of the element that it starts.
	if e.next < 0 {
		return gone, nil
	}
	if !strings.Contains(e.text.src[line:e.next], "#") {
		options = append(options, []splice{{span{e.start, e.next}, ""}})
	}
	return gone, append(options, []splice{{span{e.start, line}, ""}})
}

// throughBlank extends whole lines by the blank ones after them, which would
// else become part of a block scalar above that keeps its line breaks.
func (e entry) throughBlank(s span) span {
	for s.end < len(e.text.src) && strings.Trim(e.text.src[s.end:e.text.lineEnd(s.end)], " \t") == "" {
		s.end = e.text.nextLine(s.end)
	}
	return s
}

// flowCuts returns the ways to take out an entry between brackets.
func (e entry) flowCuts() (gone []span, options [][]splice) {
	src, comma := e.text.src, e.comma(e.end)
	end := e.end
	if comma >= 0 && e.text.lineOf(comma) == e.text.lineOf(e.end) {
		end = comma + 1
	}
	line := e.text.lineEnd(end)
	rest := strings.TrimLeft(src[end:line], " \t")
	gone = []span{e.span}
	switch {
	case e.startsLine() && (rest == "" || rest[0] == '#'):
		gone = []span{{e.start, line}}
		cut := []splice{{e.lines(e.start, line), ""}}
		if comma < 0 {
			cut = append(cut, e.commaBefore()...)
		}
		return gone, [][]splice{cut}
	case e.next >= 0:
		if strings.Trim(src[comma+1:e.next], " \t") == "" {
			return gone, [][]splice{{{span{e.start, e.next}, ""}}}
		}
		return gone, [][]splice{{{span{e.start, comma + 1}, ""}}}
	}
	before := e.commaBefore()
	if before == nil {
		return gone, [][]splice{{{span{e.start, end}, ""}}}
	}
	if strings.Trim(src[before[0].end:e.start], " \t") == "" {
		return gone, [][]splice{{{span{before[0].start, e.end}, ""}}}
	}
	return gone, [][]splice{append(before, splice{e.span, ""})}
}

// commaBefore returns the splice that takes out the comma before the entry.
func (e entry) commaBefore() []splice {
	if e.prev < 0 {
		return nil
	}
	if i := e.comma(e.prev); i >= 0 {
		return []splice{{span{i, i + 1}, ""}}
	}
	return nil
}
