package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
)

// failuresShown are the failures of a candidate that are listed one by one: the
// latest.
const failuresShown = 3

// Candidates renders what could become standard, with what that rests on.
func Candidates(w io.Writer, list []decision.Candidate, style Style) error {
	var b strings.Builder
	for i, c := range list {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s  %s\n", style.paint(bold, Terminal(c.Title)), finding.Counted(len(c.Clean), "clean run"))
		line := func(label, text string) {
			if text != "" {
				fmt.Fprintf(&b, "  %-12s %s\n", label, Terminal(text))
			}
		}
		var tiers []string
		for _, t := range c.Tiers {
			if t < 0 {
				tiers = append(tiers, "tier unknown")
				continue
			}
			tiers = append(tiers, fmt.Sprintf("tier %d", t))
		}
		line("services", fmt.Sprintf("%s (%s)", strings.Join(c.Services, ", "), strings.Join(tiers, ", ")))
		line("assets", strings.Join(c.Assets, ", "))
		line("environment", strings.Join(c.Environments, ", "))
		line("owners", strings.Join(c.Owners, ", "))
		line("to lock", strings.Join(decision.Leaves(c.Locked), ", "))
		line("to leave open", strings.Join(c.Differs, ", "))
		last := c.Bad[max(0, len(c.Bad)-failuresShown):]
		if more := len(c.Bad) - len(last); more > 0 {
			line("before", finding.Counted(more, "earlier failure")+", which --json bad lists")
		}
		for _, bad := range last {
			line("before", bad.String())
		}
		for _, run := range c.Clean {
			line("run", run.Change+" finished "+run.Finished.Format("2006-01-02 15:04Z"))
		}
	}
	return write(w, inert(b.String()))
}
