package yamldoc

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"gopkg.in/yaml.v3"
)

// ErrFormat says that a file is laid out in a way that Format cannot prove to
// leave its meaning alone. Nothing was changed.
var ErrFormat = errors.New("not formatted")

// Order returns the keys of the mapping at a path of keys in the order in which
// they are written; a list on the way stands for its items. Keys that it leaves
// out follow, in the order in which they are found.
type Order func(path []string) []string

// Format returns a file in canonical style: keys in order, two columns per
// level, one space where it takes one, at most one blank line in a row, one
// kind of line break and one at the end. Lines are moved and indented anew;
// what a scalar is written like, what stands between brackets and the words of
// comments stay. A comment moves with the entry that it stands above or behind.
//
// The result is proved by parsing it: the same values in the same style, and
// every comment. A file with findings is returned with those and is not
// formatted; one whose result cannot be proved is an error that is ErrFormat.
func Format(name string, src []byte, order Order) ([]byte, []finding.Finding, error) {
	d, found := Parse(name, src)
	if d == nil || len(found) > 0 {
		return nil, found, nil
	}
	if err := d.places().err; err != nil {
		return nil, nil, fmt.Errorf("%w: %s is laid out in a way that is not understood (%v)", ErrFormat, name, err)
	}
	if d.Root.Style&yaml.FlowStyle != 0 {
		return src, nil, nil // JSON has its own formatters
	}
	f := &formatter{Doc: d, order: order, nl: d.newline(d.text.starts[0]), fresh: true}
	f.document()
	out := []byte(f.out.String())
	if err := d.proveFormat(out); err != nil {
		return nil, nil, fmt.Errorf("%w: %s: %w", ErrFormat, name, err)
	}
	return out, nil, nil
}

// proveFormat compares a formatted file with the document it was made of.
func (d *Doc) proveFormat(out []byte) error {
	next, found := Parse(d.Name, out)
	switch {
	case len(found) > 0:
		return fmt.Errorf("line %d of the result would be refused: %s", found[0].Line, found[0].Message)
	case next.places().err != nil:
		return next.places().err
	}
	if n := differing(d.Root, next.Root); n != nil {
		return fmt.Errorf("what stands at line %d cannot be moved without changing it", n.Line)
	}
	if !slices.Equal(d.sortedRemarks(), next.sortedRemarks()) {
		return errors.New("a comment cannot be moved without losing it")
	}
	return nil
}

// differing returns the first node whose value, type or style is another in
// now, whatever the order of keys.
func differing(old, now *yaml.Node) *yaml.Node {
	if old.Kind != now.Kind || old.Tag != now.Tag || old.Value != now.Value || old.Style != now.Style || len(old.Content) != len(now.Content) {
		return old
	}
	if old.Kind != yaml.MappingNode {
		for i := range old.Content {
			if n := differing(old.Content[i], now.Content[i]); n != nil {
				return n
			}
		}
		return nil
	}
	for i := 0; i+1 < len(old.Content); i += 2 {
		key := old.Content[i]
		at := child(now, key.Value)
		if at < 0 || now.Content[at-1].Style != key.Style {
			return key
		}
		if n := differing(old.Content[i+1], now.Content[at]); n != nil {
			return n
		}
	}
	return nil
}

// sortedRemarks returns the comments by their text, which white space behind
// them is no part of.
func (d *Doc) sortedRemarks() []remark {
	list := d.remarks(nil)
	for i := range list {
		list[i].text = strings.TrimRight(list[i].text, " \t")
	}
	slices.SortFunc(list, func(a, b remark) int {
		own := 0
		if a.own != b.own {
			own = 1
			if b.own {
				own = -1
			}
		}
		return cmp.Or(cmp.Compare(a.text, b.text), own)
	})
	return list
}

// formatter writes a document anew. A line break is written before each line,
// never behind it.
type formatter struct {
	*Doc
	order Order
	out   strings.Builder
	nl    string
	fresh bool // nothing stands on the first line yet
	keep  bool // the last line ends a text to which blank lines below would belong
}

// note is a comment on a line of its own.
type note struct {
	text  string
	col   int
	blank bool // a blank line is above it
}

// gap is what stands between two things: a comment on the line of the first,
// with the white space before it, and notes.
type gap struct {
	same  string
	notes []note
	blank bool // a blank line is above the second thing
}

// gap reads what stands from the end of one thing to the start of another.
func (f *formatter) gap(from, to int) gap {
	var g gap
	all, pos := f.places().comments, from
	i, _ := slices.BinarySearchFunc(all, from, func(c span, off int) int { return cmp.Compare(c.start, off) })
	for ; i < len(all) && all[i].start < to; i++ {
		c := all[i]
		breaks := strings.Count(f.text.src[pos:c.start], "\n")
		text := strings.TrimRight(f.text.src[c.start:c.end], " \t")
		if line := f.text.lineStart(c.start); pos == from && breaks == 0 && strings.Trim(f.text.src[line:c.start], " \t") != "" {
			g.same = f.text.src[from:c.start] + text
		} else {
			g.notes = append(g.notes, note{text: text, col: c.start - line, blank: breaks > 1})
		}
		pos = c.end
	}
	g.blank = strings.Count(f.text.src[pos:max(pos, to)], "\n") > 1
	return g
}

// line begins a line at a column, with a blank one above it where there was
// one.
func (f *formatter) line(blank bool, col int) {
	if !f.fresh {
		f.out.WriteString(f.nl)
		if blank && !f.keep {
			f.out.WriteString(f.nl)
		}
	}
	f.fresh, f.keep = false, false
	f.out.WriteString(strings.Repeat(" ", col))
}

func (f *formatter) notes(notes []note, col int) {
	for _, n := range notes {
		f.line(n.blank, col)
		f.out.WriteString(n.text)
	}
}

// document writes everything.
func (f *formatter) document() {
	t, root := f.text, f.places().at[f.Root]
	f.out.WriteString(t.src[:t.starts[0]])
	from := f.opening(root.start)
	to := len(t.src)
	end := f.places().at[f.Root.Content[len(f.Root.Content)-1]].end
	for i := t.nextLine(end); i < len(t.src); i = t.nextLine(i) {
		if strings.HasPrefix(t.src[i:], "...") || strings.HasPrefix(t.src[i:], "---") {
			to = i
			break
		}
	}
	g := f.gap(from, f.lead(f.Root, 0))
	blank := f.header(&g)
	f.block(f.Root, nil, 0, g, f.gap(end, to).notes, blank)
	for i := to; i < len(t.src); i = t.nextLine(i) {
		if text := strings.TrimRight(t.src[i:t.lineEnd(i)], " \t"); text != "" {
			f.line(false, 0)
			f.out.WriteString(text)
		}
	}
	f.out.WriteString(f.nl)
}

// opening writes what stands before the fields up to the line `---`, and
// returns where that ends.
func (f *formatter) opening(start int) int {
	t, from := f.text, f.text.starts[0]
	for i := from; i < start; i = t.nextLine(i) {
		if !strings.HasPrefix(t.src[i:], "---") {
			continue
		}
		notes := f.gap(from, i).notes
		if len(notes) > 0 {
			notes[0].blank = false
		}
		f.notes(notes, 0)
		from = i + 3
		g := f.gap(from, start)
		f.line(false, 0)
		f.out.WriteString("---" + g.same)
		if g.same != "" {
			from = t.lineEnd(from)
		}
	}
	return from
}

// modeline begins the comment that tells editors the schema of a file.
const modeline = "# yaml-language-server:"

// header writes the comments that belong to the file rather than to its first
// field: those that a blank line separates from it. It takes them out of g and
// reports whether a blank line has to follow.
func (f *formatter) header(g *gap) (blank bool) {
	n := 0
	for i := range g.notes {
		if i > 0 && g.notes[i].blank {
			n = i
		}
	}
	if g.blank && len(g.notes) > 0 {
		n = len(g.notes)
	}
	blank = n > 0
	for n < len(g.notes) && strings.HasPrefix(g.notes[n].text, modeline) && !blank {
		n++
	}
	head := g.notes[:n]
	if n > 0 {
		head[0].blank = false
	}
	f.notes(head, 0)
	g.notes = g.notes[n:]
	return blank
}

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
