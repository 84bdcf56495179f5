package render

import (
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

const (
	columnGap = 2 // blanks between columns
	columnMin = 8 // no column is cut below this
)

// Table writes rows for a person on a terminal, aligned below the names of
// the columns and cut to the terminal's width; and for a program in a pipe,
// separated by tabs, without names, whole. Cells are one line each.
func Table(w io.Writer, columns []string, rows [][]string, style Style) error {
	clean := make([][]string, len(rows))
	for i, row := range rows {
		clean[i] = make([]string, len(columns))
		for k := range min(len(row), len(columns)) {
			clean[i][k] = Terminal(row[k])
		}
	}
	if !style.TTY { // the names are left out, so that every line is a row
		var b strings.Builder
		for _, row := range clean {
			b.WriteString(strings.Join(row, "\t") + "\n")
		}
		return write(w, b.String())
	}
	return write(w, aligned(columns, clean, style))
}

func aligned(columns []string, rows [][]string, style Style) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = Terminal(c)
	}
	out := layOut(append([][]string{names}, rows...), style)
	head, rest, _ := strings.Cut(out, "\n")
	return style.paint(bold, head) + "\n" + rest
}

// layOut aligns rows and cuts them to the terminal's width, if there is one.
func layOut(rows [][]string, style Style) string {
	if len(rows) == 0 {
		return ""
	}
	widths := columnWidths(rows)
	fit(widths, style.Width)
	t := table.NewWriter()
	t.SetStyle(bare())
	configs := make([]table.ColumnConfig, len(widths))
	for i := range configs {
		configs[i] = table.ColumnConfig{Number: i + 1, WidthMax: widths[i], WidthMaxEnforcer: snip}
	}
	t.SetColumnConfigs(configs)
	for _, r := range rows {
		t.AppendRow(row(r))
	}
	lines := strings.Split(t.Render(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// bare is a style without borders, lines or changed letters.
func bare() table.Style {
	s := table.StyleDefault
	s.Options = table.OptionsNoBordersAndSeparators
	s.Format = table.FormatOptions{}
	s.Box.PaddingLeft = ""
	s.Box.PaddingRight = strings.Repeat(" ", columnGap)
	return s
}

func row(cells []string) table.Row {
	r := make(table.Row, len(cells))
	for i, c := range cells {
		r[i] = c
	}
	return r
}

func columnWidths(rows [][]string) (widths []int) {
	for _, r := range rows {
		for i, c := range r {
			if i == len(widths) {
				widths = append(widths, 1)
			}
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(c))
		}
	}
	return widths
}

// fit narrows the widest columns until the table fits, or all are narrow. The
// first one names the row, so it is the last to be cut.
func fit(widths []int, total int) {
	used := columnGap * (len(widths) - 1)
	for _, w := range widths {
		used += w
	}
	for ; total > 0 && used > total; used-- {
		widest := 0
		for i, w := range widths {
			if i > 0 && w > columnMin && (widest == 0 || w > widths[widest]) {
				widest = i
			}
		}
		if len(widths) == 0 || widths[widest] <= columnMin {
			return
		}
		widths[widest]--
	}
}

// snip cuts a cell that is too wide and marks the cut.
func snip(cell string, most int) string {
	if text.StringWidthWithoutEscSequences(cell) <= most {
		return cell
	}
	var b strings.Builder
	used := 0
	for _, r := range cell {
		if used += text.RuneWidth(r); used > most-1 {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimRight(b.String(), " ") + "…"
}
