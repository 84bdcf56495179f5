package yamldoc

import (
	"cmp"
	"slices"
	"strings"
)

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
