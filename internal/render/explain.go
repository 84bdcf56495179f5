package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/gitsm/gitsm/internal/decision"
)

// Rules renders what became of each rule, those that held first, with the
// expressions and values that decided.
func Rules(w io.Writer, traces []decision.Trace, style Style) error {
	var b strings.Builder
	for _, held := range []bool{true, false} {
		for _, t := range traces {
			if t.Held != held {
				continue
			}
			mark := "     "
			if held {
				mark = style.paint(bold, "held ")
			}
			fmt.Fprintf(&b, "%s %s %s: %s (%s:%d)\n", mark, Terminal(t.Rule.ID), Terminal(t.Rule.Name), Terminal(t.Rule.Title), Terminal(t.Rule.File), t.Rule.Line)
			reasons(&b, t.Because, "      ")
		}
	}
	return write(w, b.String())
}

func reasons(b *strings.Builder, list []decision.Reason, indent string) {
	for _, r := range list {
		verdict := "fails"
		if r.Held {
			verdict = "holds"
		}
		fmt.Fprintf(b, "%s%s  %s (%s:%d)\n", indent, verdict, Terminal(r.Text), Terminal(r.File), r.Line)
		for _, v := range r.Values {
			fmt.Fprintf(b, "%s         %s is %s\n", indent, Terminal(v.Name), Terminal(v.JSON))
		}
		reasons(b, r.Because, indent+"    ")
	}
}

// Mitigations renders what would lower a risk, and to what where that was tried.
func Mitigations(w io.Writer, list []decision.Mitigation, style Style) error {
	if len(list) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString("\nwhat would lower this\n")
	for _, m := range list {
		switch {
		case !m.Tried:
			fmt.Fprintf(&b, "  %-13s %s\n", "not computed", Terminal(m.Text))
		case len(m.Problems) > 0:
			fmt.Fprintf(&b, "  %-13s %s: %s\n", "impossible", Terminal(m.Text), Terminal(strings.Join(m.Problems, "; ")))
		default:
			fmt.Fprintf(&b, "  %s %s\n", style.paint(bold, fmt.Sprintf("%-13s", Terminal(fmt.Sprintf("%d, %s", m.Risk.Score, m.Risk.Band)))), Terminal(m.Text))
		}
		for _, x := range []struct {
			what string
			ids  []string
		}{{"no longer asks for", m.Dropped}, {"asks for", m.Added}, {"is denied by", m.Denies}} {
			if len(x.ids) > 0 {
				fmt.Fprintf(&b, "                %s %s\n", x.what, Terminal(strings.Join(x.ids, ", ")))
			}
		}
	}
	return write(w, b.String())
}
