package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
)

// Assessment renders a decision for whoever files a change: the risk with the
// signals it is the sum of, what is touched, what is needed and what is missing.
func Assessment(w io.Writer, d *decision.Decision, title string, style Style) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s\n\n", style.paint(bold, Terminal(d.Record)), Terminal(title))
	if d.Risk.Band != "" {
		fmt.Fprintf(&b, "risk %d, %s\n", d.Risk.Score, style.paint(bold, Terminal(d.Risk.Band)))
	}
	for _, s := range d.Signals {
		fmt.Fprintf(&b, "  %+4d  %s (%s)\n", s.Points, Terminal(s.Message), Terminal(s.Rule))
		if s.Mitigation != "" {
			fmt.Fprintf(&b, "        lower it: %s\n", Terminal(s.Mitigation))
		}
	}
	touched(&b, d)
	inTheWay(&b, d)
	needed(&b, d, style)
	if len(d.Findings) > 0 {
		b.WriteString("\nmissing or wrong\n")
		for _, f := range d.Findings {
			findingLine(&b, f, style)
		}
	}
	if len(d.Waived) > 0 {
		b.WriteString("\nwaived\n")
		for _, f := range d.Waived {
			waivedLine(&b, f, style)
		}
	}
	return write(w, inert(b.String()))
}

// touched lists what depends on what the record names.
func touched(b *strings.Builder, d *decision.Decision) {
	if len(d.Impact) == 0 {
		b.WriteString("\ntouches nothing that others depend on\n")
		return
	}
	fmt.Fprintf(b, "\ntouches %d more\n", len(d.Impact))
	for _, i := range d.Impact {
		tier := "tier unknown"
		if i.Tier >= 0 {
			tier = fmt.Sprintf("tier %d", i.Tier)
		}
		if i.Kind == "asset" {
			tier = "asset"
		}
		fmt.Fprintf(b, "  %s  %s, through %s\n", Terminal(i.ID), tier, Terminal(strings.Join(i.Via, " and ")))
	}
}

// inTheWay lists what of main is in the way of a change.
func inTheWay(b *strings.Builder, d *decision.Decision) {
	if len(d.Conflicts) == 0 {
		return
	}
	b.WriteString("\nin the way\n")
	for _, c := range d.Conflicts {
		fmt.Fprintf(b, "  %s  %s to %s, %s: %s\n", Terminal(c.Other), c.Start, c.End, c.Kind, Terminal(c.Reason))
		if len(c.Owners) > 0 {
			fmt.Fprintf(b, "    answered for by %s\n", Terminal(strings.Join(c.Owners, ", ")))
		}
	}
}

// needed lists the approvals, those given and those missing.
func needed(b *strings.Builder, d *decision.Decision, style Style) {
	if len(d.Requirements) == 0 {
		b.WriteString("\nneeds nobody's approval\n")
		return
	}
	fmt.Fprintf(b, "\nneeds approval (%s or better)\n", Terminal(d.MinimumTrust))
	for _, r := range d.Requirements {
		mark := style.paint(yellow, "missing")
		if r.Met {
			mark = "given"
		}
		fmt.Fprintf(b, "  %s  %d of %d from %s: %s\n", mark, r.Given, r.Need, Terminal(strings.Join(r.From, ", ")), Terminal(r.Msg))
		if !r.Met {
			fmt.Fprintf(b, "    %s\n", Terminal(r.Reason))
		}
		if len(r.Approvers) > 0 {
			fmt.Fprintf(b, "    approved by %s\n", Terminal(strings.Join(r.Approvers, ", ")))
		}
		for _, i := range r.Ignored {
			fmt.Fprintf(b, "    not counted: %s: %s\n", Terminal(i.Who), Terminal(i.Why))
		}
	}
}

func findingLine(b *strings.Builder, f finding.Finding, style Style) {
	color := red
	if f.Severity == finding.Warning {
		color = yellow
	}
	fmt.Fprintf(b, "  %s %s %s\n", style.paint(color, string(f.Severity)), Terminal(f.Code), Terminal(f.Message))
	if f.Fix != "" {
		fmt.Fprintf(b, "    fix  %s\n", Terminal(f.Fix))
	}
}

func waivedLine(b *strings.Builder, f finding.Finding, style Style) {
	fmt.Fprintf(b, "  %s %s %s (waiver %s)\n", style.paint(dim, "waived"), Terminal(f.Code), Terminal(f.Message), Terminal(f.Waiver))
}

// Gate renders the answer whether a proposal may land, and every reason.
func Gate(w io.Writer, d *decision.Decision, style Style) error {
	var b strings.Builder
	color := red
	switch d.Verdict {
	case approval.Allow:
		color = bold
	case approval.Pending:
		color = yellow
	}
	fmt.Fprintf(&b, "%s  %s\n", style.paint(color, string(d.Verdict)), Terminal(subject(d)))
	if d.Verdict == approval.Error || len(d.Requirements) == 0 {
		for _, r := range d.Reasons {
			fmt.Fprintf(&b, "  %s\n", Terminal(r))
		}
	}
	needed(&b, d, style)
	for _, x := range d.Blockers {
		fmt.Fprintf(&b, "  blocked by %s: %s\n", Terminal(x.Who), Terminal(x.Why))
	}
	for _, f := range d.Findings {
		findingLine(&b, f, style)
	}
	for _, f := range d.Waived {
		waivedLine(&b, f, style)
	}
	return write(w, inert(b.String()))
}

// subject is what is decided about.
func subject(d *decision.Decision) string {
	if d.Record == "" {
		return "proposal of policy or config"
	}
	return d.Record + ": " + step(d)
}

// step says in words what the decided proposal does.
func step(d *decision.Decision) string {
	switch {
	case d.Verb == "":
		return "proposal"
	case d.From == "":
		return d.Verb
	case d.From == d.To:
		return d.Verb + ", stays " + d.To
	}
	return fmt.Sprintf("%s, from %s to %s", d.Verb, d.From, d.To)
}

// Diff renders how a file changes, as a unified diff. A nil before is a new
// file.
func Diff(w io.Writer, name string, before, after []byte, style Style) error {
	from, to := "a/"+name, "b/"+name
	if before == nil {
		from = "/dev/null"
	}
	if after == nil {
		to = "/dev/null"
	}
	text := diff.Diff(from, before, to, after)
	var b strings.Builder
	for n, line := range strings.SplitAfter(string(text), "\n") {
		switch {
		case n == 0: // the library's own heading
		case strings.HasPrefix(line, "+"):
			b.WriteString(style.paint(added, TerminalLines(line)))
		case strings.HasPrefix(line, "-"):
			b.WriteString(style.paint(red, TerminalLines(line)))
		default:
			b.WriteString(TerminalLines(line))
		}
	}
	return write(w, b.String())
}

const added = "32"
