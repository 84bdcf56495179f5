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

// frame draws the line of a finding with a caret under each column of its
// span, or nothing where there is no line. A span of several lines is marked
// to the end of its first one. Characters that cannot be seen are drawn as
// their escapes, since they may well be what the finding is about.
func frame(f finding.Finding, style Style) string {
	if f.Line < 1 || f.Frame == "" {
		return ""
	}
	line := glyphs(strings.TrimRight(f.Frame, "\r\n"))
	gutter := fmt.Sprintf("%5d | ", f.Line)
	blank := strings.Repeat(" ", len(gutter)-2) + "| "
	if f.Column < 1 {
		line, _, _ = window(line, 0, 0)
		return style.paint(dim, gutter) + draw(line) + "\n"
	}
	from, to := span(f, len(line))
	label := emptyLabel(line, from, to)
	line, from, to = window(line, from, to)
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
	marked := draw(line[min(from, len(line)):min(to, len(line))])
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
func window(line []glyph, from, to int) ([]glyph, int, int) {
	if width(line) <= frameWidth {
		return line, from, to
	}
	lo := from
	for lead := 0; lo > 0 && lead+line[lo-1].width <= frameWidth/4; lo-- {
		lead += line[lo-1].width
	}
	if width(line[:min(to, len(line))]) <= frameWidth {
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
