package render

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"
	"pgregory.net/rapid"
)

func TestTable(t *testing.T) {
	columns := []string{"ID", "TITLE", "STATE"}
	rows := [][]string{
		{"CHG-1", "Upgrade the database of the checkout service", "scheduled"},
		{"CHG-20261120-7K3F2M", "漢字\x1b[2J\ttab\nline", "closed"},
		{"short"},
	}
	tests := []struct {
		name  string
		style Style
		rows  [][]string
		want  string
	}{
		{"pipe", Style{}, rows, "CHG-1\tUpgrade the database of the checkout service\tscheduled\nCHG-20261120-7K3F2M\t漢字[2J tab line\tclosed\nshort\t\t\n"},
		{"pipe ignores width", Style{Width: 10}, rows[:1], "CHG-1\tUpgrade the database of the checkout service\tscheduled\n"},
		{"terminal", Style{TTY: true}, rows, `ID                   TITLE                                         STATE
CHG-1                Upgrade the database of the checkout service  scheduled
CHG-20261120-7K3F2M  漢字[2J tab line                              closed
short
`},
		{"narrow", Style{TTY: true, Width: 50}, rows, `ID                   TITLE               STATE
CHG-1                Upgrade the datab…  scheduled
CHG-20261120-7K3F2M  漢字[2J tab line    closed
short
`},
		{"too narrow", Style{TTY: true, Width: 3}, rows, `ID        TITLE     STATE
CHG-1     Upgrade…  schedul…
CHG-202…  漢字[2J…  closed
short
`},
		{"color", Style{TTY: true, Color: true}, rows[:1], "\x1b[1mID     TITLE                                         STATE\x1b[0m\nCHG-1  Upgrade the database of the checkout service  scheduled\n"},
		{"no rows", Style{TTY: true}, nil, "ID  TITLE  STATE\n"},
		{"no rows in a pipe", Style{}, nil, ""},
	}
	for _, tt := range tests {
		got := render(t, func(b *bytes.Buffer) error { return Table(b, columns, tt.rows, tt.style) })
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

// Whatever the cells hold, a table has a line per row, no line is wider than
// the terminal unless the columns cannot be cut further, and nothing in it
// acts on the terminal.
func TestTableFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "columns")
		row := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z漢 ]{0,60}`)), n, n)
		columns, rows := row.Draw(t, "names"), rapid.SliceOfN(row, 0, 5).Draw(t, "rows")
		total := rapid.IntRange(1, 120).Draw(t, "width")
		var b bytes.Buffer
		if err := Table(&b, columns, rows, Style{TTY: true, Width: total}); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if len(lines) != len(rows)+1 {
			t.Fatalf("%d lines for %d rows", len(lines), len(rows))
		}
		for _, line := range lines {
			if w := text.StringWidthWithoutEscSequences(line); w > max(total, n*(columnMin+columnGap)) || hidden(line, "") {
				t.Fatalf("width %d of %d: %q", w, total, line)
			}
		}
	})
}
