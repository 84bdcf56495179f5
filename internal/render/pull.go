package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/graph"
)

// PullBody is what the pull request of a proposal says of it: what it is, how
// risky and why, what it touches, what is in its way, and whose approval it
// needs. Fields are pairs of a name and a value.
func PullBody(d *decision.Decision, fields [][2]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "`gitsm` proposes **%s**: %s.\n\n", Markdown(d.Record), Markdown(step(d)))
	if len(fields) > 0 {
		b.WriteString("| | |\n|---|---|\n")
		for _, f := range fields {
			fmt.Fprintf(&b, "| %s | %s |\n", Markdown(f[0]), Markdown(f[1]))
		}
	}
	riskTable(&b, d)
	conflictList(&b, d)
	approvalTable(&b, d)
	impactGraph(&b, d)
	b.WriteString("\n<sub>Approve here, with your own account. An approval is bound to the content of the record: it outlives a rebase and dies when what it covers changes.</sub>\n")
	return fits(b.String())
}

func riskTable(b *strings.Builder, d *decision.Decision) {
	if d.Risk.Band == "" {
		return
	}
	fmt.Fprintf(b, "\n### Risk: %d, %s\n\n", d.Risk.Score, Markdown(d.Risk.Band))
	if len(d.Signals) == 0 {
		return
	}
	b.WriteString("| points | why | what lowers it |\n|---:|---|---|\n")
	for _, s := range d.Signals {
		fmt.Fprintf(b, "| %+d | %s | %s |\n", s.Points, Markdown(s.Message), Markdown(s.Mitigation))
	}
}

func conflictList(b *strings.Builder, d *decision.Decision) {
	if len(d.Conflicts) == 0 {
		return
	}
	b.WriteString("\n### In the way\n\n")
	for _, c := range d.Conflicts {
		fmt.Fprintf(b, "- %s %s, from %s to %s: %s\n", Markdown(c.Other), Markdown(c.Title), Markdown(c.Start), Markdown(c.End), Markdown(c.Reason))
	}
}

func approvalTable(b *strings.Builder, d *decision.Decision) {
	b.WriteString("\n### Approvals\n\n")
	if len(d.Requirements) == 0 {
		b.WriteString("Policy asks for nobody's approval.\n")
		return
	}
	b.WriteString("| | from | why | who |\n|---|---|---|---|\n")
	for _, r := range d.Requirements {
		mark := fmt.Sprintf("%d of %d", r.Given, r.Need)
		if r.Met {
			mark = "given"
		}
		who := r.Reason
		for _, i := range r.Ignored {
			who += fmt.Sprintf("; not counted: %s %s", i.Who, i.Why)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", mark, Markdown(strings.Join(r.From, ", ")), Markdown(r.Msg), Markdown(who))
	}
}

// most is how many services a picture shows: with more nobody sees anything.
const most = 20

// impactGraph draws what depends on what the change touches. Names in it are
// ids, whose form leaves nothing to escape; whatever else is left out.
func impactGraph(b *strings.Builder, d *decision.Decision) {
	impact := slices.DeleteFunc(slices.Clone(d.Impact), func(i graph.Impact) bool { return !plainID(i.ID) })
	if len(impact) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### Touches %d more\n\n```mermaid\ngraph RL\n", len(d.Impact))
	for _, i := range impact[:min(len(impact), most)] {
		for _, via := range i.Via {
			if plainID(via) {
				fmt.Fprintf(b, "  n_%s[%s] --> n_%s[%s]\n", node(via), via, node(i.ID), i.ID)
			}
		}
	}
	b.WriteString("```\n")
	if len(impact) > most {
		fmt.Fprintf(b, "\nand %d more: `gitsm change assess %s`\n", len(impact)-most, d.Record)
	}
}

func plainID(id string) bool {
	return id != "" && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func node(id string) string { return strings.ReplaceAll(id, "-", "_") }

// GateComment is the gate's answer on a pull request: the verdict, what it
// waits for, and what was found. commit is the head it is about.
func GateComment(d *decision.Decision, commit string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### gitsm: %s\n\n%s, decided about %.10s.\n", Markdown(GateLine(d)), Markdown(step(d)), commit)
	approvalTable(&b, d)
	for _, x := range d.Blockers {
		fmt.Fprintf(&b, "\n- blocked by %s: %s", Markdown(x.Who), Markdown(x.Why))
	}
	if d.Verdict == approval.Error || len(d.Requirements) == 0 {
		for _, r := range d.Reasons {
			fmt.Fprintf(&b, "\n- %s", Markdown(r))
		}
	}
	b.WriteString("\n")
	if len(d.Findings) > 0 {
		b.WriteString("\n| | place | finding | fix |\n|---|---|---|---|\n")
		for _, f := range bySeverity(d.Findings) {
			b.WriteString(markdownRow(f))
		}
	}
	riskTable(&b, d)
	return fits(b.String())
}

// GateLine is the verdict in a few words, for a status.
func GateLine(d *decision.Decision) string {
	errs, _ := finding.Count(d.Findings)
	unmet := []string{}
	for _, r := range d.Requirements {
		if !r.Met {
			unmet = append(unmet, r.ID)
		}
	}
	switch {
	case d.Verdict == approval.Allow:
		return "may land"
	case d.Verdict == approval.Pending && len(unmet) > 0:
		return "waits for approval: " + strings.Join(unmet, ", ")
	case d.Verdict == approval.Deny && errs > 0:
		return "denied: " + finding.Counted(errs, "error")
	}
	return string(d.Verdict) + ": " + strings.Join(d.Reasons, "; ")
}

// fits cuts a text that GitHub would not take, between two lines.
func fits(text string) string {
	if len(text) <= markdownSize {
		return text
	}
	cut := strings.LastIndexByte(text[:markdownSize], '\n')
	return text[:cut+1] + "\nThe rest does not fit here.\n"
}
