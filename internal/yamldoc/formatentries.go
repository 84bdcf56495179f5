package yamldoc

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// unit is an entry of a mapping or an element of a list, with its comments.
type unit struct {
	key, value *yaml.Node // key is nil in a list
	head       []note     // above it
	blank      bool       // a blank line is right above it
	foot       []note     // below it, and further in than it
}

// lead returns where the entry starts whose first node is the one at index.
func (f *formatter) lead(n *yaml.Node, index int) int { return f.places().at[n.Content[index]].lead }

// units takes a block collection apart. above is what stands before its first
// entry, foot the comments that its parent found behind its last one; what is
// left of those belongs to the collection itself.
func (f *formatter) units(n *yaml.Node, above gap, foot []note) ([]unit, []note) {
	at, step := f.places().at, 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	var list []unit
	for i := 0; i < len(n.Content); i += step {
		u := unit{value: n.Content[i+step-1], head: above.notes}
		if step == 2 {
			u.key = n.Content[i]
		}
		if len(list) > 0 {
			last := &list[len(list)-1]
			g := f.gap(at[last.value].end, f.lead(n, i))
			k := deeper(g.notes, at[n].indent)
			last.foot, u.head, u.blank = g.notes[:k], g.notes[k:], g.blank
		} else if len(u.head) > 0 {
			u.head[0].blank, u.blank = false, above.blank
		}
		list = append(list, u)
	}
	k := deeper(foot, at[n].indent)
	list[len(list)-1].foot = foot[:k]
	return list, foot[k:]
}

// deeper counts the notes at the beginning that stand further in than a column.
func deeper(notes []note, col int) int {
	for i, n := range notes {
		if n.col <= col {
			return i
		}
	}
	return len(notes)
}

// sorted puts the entries of a mapping in order.
func (f *formatter) sorted(list []unit, path []string) []unit {
	if list[0].key == nil {
		return list
	}
	keys := f.order(path)
	rank := func(u unit) int {
		if i := slices.Index(keys, u.key.Value); i >= 0 {
			return i
		}
		return math.MaxInt
	}
	slices.SortStableFunc(list, func(a, b unit) int { return cmp.Compare(rank(a), rank(b)) })
	return list
}

// block writes a block collection on lines of its own at a column.
func (f *formatter) block(n *yaml.Node, path []string, col int, above gap, foot []note, blank bool) {
	list, rest := f.units(n, above, foot)
	f.write(f.sorted(list, path), path, col, rest, blank, false)
}

// write writes entries, the first where the writer stands if inline says so.
func (f *formatter) write(list []unit, path []string, col int, foot []note, blank, inline bool) {
	for i, u := range list {
		if i == 0 {
			if len(u.head) > 0 {
				u.head[0].blank = blank
			} else {
				u.blank = blank
			}
		}
		f.notes(u.head, col)
		if i > 0 || !inline {
			f.line(u.blank, col)
		}
		f.unit(u, path, col)
	}
	f.notes(foot, col)
}

// unit writes one entry.
func (f *formatter) unit(u unit, path []string, col int) {
	p := f.places().at[u.value]
	if u.key == nil {
		f.out.WriteByte('-')
		f.value(u, path, col, p.lead+1)
		return
	}
	k := f.places().at[u.key]
	if src := f.text.src; k.lead == k.start && !strings.Contains(src[k.start:max(k.colon, k.start)], "\n") {
		f.out.WriteString(src[k.start:k.end] + ":")
	} else { // `? key`, on lines of its own
		by := col - (k.lead - f.text.lineStart(k.lead))
		if k.colon < 0 {
			f.out.WriteString(f.shifted(span{k.lead, k.end}, by))
			f.behind(u, k.end, col)
			return
		}
		f.out.WriteString(f.shifted(span{k.lead, k.colon + 1}, by))
	}
	f.value(u, append(path[:len(path):len(path)], u.key.Value), col, k.colon+1)
}

// value writes what follows the `:` or the `-` that ends at from, of an entry
// at a column.
func (f *formatter) value(u unit, path []string, col, from int) {
	n, p := u.value, f.places().at[u.value]
	if isBare(n) {
		f.behind(u, p.end, col)
		return
	}
	g := f.gap(from, p.start)
	if n.Kind != yaml.ScalarNode && n.Style&yaml.FlowStyle == 0 {
		f.out.WriteString(g.same)
		list, foot := f.units(n, g, u.foot)
		list = f.sorted(list, path)
		inline := u.key == nil && g.same == "" && len(list[0].head) == 0
		if inline {
			f.out.WriteByte(' ')
		}
		f.write(list, path, col+2, foot, false, inline)
		return
	}
	if g.same == "" && len(g.notes) == 0 {
		f.out.WriteByte(' ')
	} else {
		f.out.WriteString(g.same)
		if len(g.notes) > 0 {
			g.notes[0].blank = false
		}
		f.notes(g.notes, col+2)
		f.line(false, col+2)
	}
	f.out.WriteString(f.leaf(n, col))
	f.behind(u, p.end, col)
}

// behind writes the comment behind the end of an entry and those below it.
func (f *formatter) behind(u unit, end, col int) {
	f.out.WriteString(f.gap(end, f.text.lineEnd(end)).same)
	f.keep = f.keeps(u.value)
	f.notes(u.foot, col)
}

// keeps reports whether a value ends with a text to which the blank lines that
// follow belong.
func (f *formatter) keeps(n *yaml.Node) bool {
	for len(n.Content) > 0 && n.Style&yaml.FlowStyle == 0 {
		n = n.Content[len(n.Content)-1]
	}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		return false
	}
	p := f.places().at[n]
	b := f.places().blockAt(p.start, p.outer)
	return strings.Contains(f.text.src[b.header.start:b.header.end], "+")
}
