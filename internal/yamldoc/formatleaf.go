package yamldoc

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// leaf returns a scalar, or a collection between brackets, as it is written in
// an entry at a column. Only the white space at the beginning and the end of
// its lines may differ from the source.
func (f *formatter) leaf(n *yaml.Node, col int) string {
	p := f.places().at[n]
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return f.blockText(n, col)
	case n.Kind != yaml.ScalarNode:
		return f.shifted(p.span, col-p.outer)
	}
	lines := f.lineRange(p.span)
	for i, line := range lines[1:] {
		if line = strings.TrimLeft(line, " \t"); line != "" {
			line = strings.Repeat(" ", col+2) + line
		}
		lines[i+1] = line
	}
	return strings.Join(lines, f.nl)
}

// lineRange returns the lines of a range, without the white space at their
// ends, unless a backslash makes it part of a text.
func (f *formatter) lineRange(s span) []string {
	lines := strings.Split(f.text.src[s.start:s.end], "\n")
	for i, line := range lines {
		line = strings.TrimSuffix(line, "\r")
		if trimmed := strings.TrimRight(line, " \t"); !strings.HasSuffix(trimmed, `\`) {
			line = trimmed
		}
		lines[i] = line
	}
	return lines
}

// shifted returns a range whose lines but the first are moved by some columns.
func (f *formatter) shifted(s span, by int) string {
	lines := f.lineRange(s)
	for i, line := range lines[1:] {
		if line == "" {
			continue
		}
		text := strings.TrimLeft(line, " ")
		lines[i+1] = strings.Repeat(" ", max(len(line)-len(text)+by, 0)) + text
	}
	return strings.Join(lines, f.nl)
}

// blockText returns a literal or folded text in an entry at a column.
func (f *formatter) blockText(n *yaml.Node, col int) string {
	p, src := f.places().at[n], f.text.src
	b := f.places().blockAt(p.start, p.outer)
	header, indent := src[b.header.start:b.header.end], col+2
	if i := strings.IndexAny(header, "123456789"); i >= 0 {
		indent = col + int(header[i]-'0')
	}
	if n.Value != "" && !strings.HasSuffix(n.Value, "\n") && !strings.Contains(header, "-") {
		header = strings.TrimRight(header, "+") + "-" // it ended with the file, without a line break
	}
	var out strings.Builder
	out.WriteString(header)
	if b.comment.end > 0 {
		out.WriteString(strings.TrimRight(src[b.header.end:b.comment.end], " \t"))
	}
	for i := b.body; i <= b.end && i < len(src); i = f.text.nextLine(i) {
		end := f.text.lineEnd(i)
		out.WriteString(f.nl)
		if text := src[i+countSpaces(src[i:end], b.indent) : end]; text != "" {
			out.WriteString(strings.Repeat(" ", indent) + text)
		}
	}
	return out.String()
}
