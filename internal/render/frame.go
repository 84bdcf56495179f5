package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/jedib0t/go-pretty/v6/text"
)

const (
	tabStop    = 4   // a tab in a frame reaches to the next multiple of it
	frameWidth = 120 // columns of source shown; a longer line is cut around the span
)

// glyph is how one code point of a source line is drawn.
type glyph struct {
	drawn string
	width int // columns it takes
}

// sourceLine is a line of source as it is drawn. There may be thousands of
// findings on one line of a quarter of a megabyte, so it is made once for those
// that follow each other.
type sourceLine struct {
	of     string // the line of the finding
	glyphs []glyph
	ends   []int // columns before each glyph, and before the end
}

// on goes to another line, unless it is this one.
func (l *sourceLine) on(of string) {
	if l.ends != nil && l.of == of {
		return
	}
	l.of, l.glyphs = of, glyphs(strings.TrimRight(of, "\r\n"))
	l.ends = make([]int, 1, len(l.glyphs)+1)
	for i, g := range l.glyphs {
		l.ends = append(l.ends, l.ends[i]+g.width)
	}
}

// frame draws the line of a finding with a caret under each column of its
// span, or nothing where there is no line. A span of several lines is marked
// to the end of its first one. Characters that cannot be seen are drawn as
// their escapes, since they may well be what the finding is about.
func (l *sourceLine) frame(f finding.Finding, style Style) string {
	if f.Line < 1 || f.Frame == "" {
		return ""
	}
	l.on(f.Frame)
	gutter := fmt.Sprintf("%5d | ", f.Line)
	blank := strings.Repeat(" ", len(gutter)-2) + "| "
	if f.Column < 1 {
		line, _, _ := l.window(0, 0)
		return style.paint(dim, gutter) + draw(line) + "\n"
	}
	from, to := span(f, len(l.glyphs))
	label := emptyLabel(l.glyphs, from, to)
	line, from, to := l.window(from, to)
	pad := strings.Repeat(" ", width(line[:min(from, len(line))]))
	carets := strings.Repeat("^", max(width(line[min(from, len(line)):min(to, len(line))]), 1))
	return style.paint(dim, gutter) + strings.TrimRight(draw(line), " ") + "\n" +
		style.paint(dim, blank) + pad + style.paint(severityColor(f), carets+label) + "\n"
}

// span returns the marked code points of a line of n, from 0, end excluded. A
// column behind the end marks the place right behind the line.
func span(f finding.Finding, n int) (from, to int) {
	from = min(f.Column-1, n)
	to = f.EndColumn - 1
	if f.EndLine > f.Line {
		to = n
	}
	return from, min(max(to, from+1), max(n, from+1))
}

// emptyLabel says so where what is marked is an empty value.
func emptyLabel(line []glyph, from, to int) string {
	from, to = min(from, len(line)), min(to, len(line))
	if to-from > frameWidth {
		return "" // none of the below is as long
	}
	marked := draw(line[from:to])
	if slices.Contains([]string{`""`, "''", "[]", "{}", "~", "null"}, strings.TrimSpace(marked)) {
		return " empty"
	}
	return ""
}

func glyphs(line string) []glyph {
	var out []glyph
	at := 0
	for _, r := range line {
		g := glyph{drawn: string(r), width: text.RuneWidth(r)}
		switch {
		case r == '\t':
			g.width = tabStop - at%tabStop
			g.drawn = strings.Repeat(" ", g.width)
		case invisible(r) || breaks(r):
			g.drawn = jsonEscape(r)
			g.width = len(g.drawn)
		}
		at += g.width
		out = append(out, g)
	}
	return out
}

// window cuts a line that is too long to what stands around its span.
func (l *sourceLine) window(from, to int) ([]glyph, int, int) {
	line := l.glyphs
	if l.ends[len(line)] <= frameWidth {
		return line, from, to
	}
	lo := from
	for lead := 0; lo > 0 && lead+line[lo-1].width <= frameWidth/4; lo-- {
		lead += line[lo-1].width
	}
	if l.ends[min(to, len(line))] <= frameWidth {
		lo = 0 // the beginning says most, so it is shown where there is room
	}
	hi := lo
	for seen := 0; hi < len(line) && seen+line[hi].width <= frameWidth; hi++ {
		seen += line[hi].width
	}
	cut := slices.Clone(line[lo:hi])
	if hi < len(line) {
		cut = append(cut, glyph{"…", 1})
	}
	from, to = from-lo, min(to, hi)-lo
	if lo > 0 {
		cut = slices.Insert(cut, 0, glyph{"…", 1})
		from, to = from+1, to+1
	}
	return cut, from, to
}

func width(line []glyph) (n int) {
	for _, g := range line {
		n += g.width
	}
	return n
}

func draw(line []glyph) string {
	var b strings.Builder
	for _, g := range line {
		b.WriteString(g.drawn)
	}
	return b.String()
}
