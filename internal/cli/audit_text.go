package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/render"
)

// writePacket prints the life of one record on a page: what happened, then
// what every check makes of it.
func writePacket(w io.Writer, p *audit.Packet, style render.Style) error {
	if _, err := fmt.Fprintf(w, "%s  %s  %s\n\n", render.Terminal(p.Record), render.Terminal(p.State), render.Terminal(p.Title)); err != nil {
		return err
	}
	var rows [][]string
	for _, e := range p.Events {
		rows = append(rows, []string{e.Time.UTC().Format("2006-01-02 15:04"), e.Type, e.Actor, e.Trust, short(e.Commit), e.Detail})
	}
	if err := render.Table(w, []string{"TIME", "EVENT", "ACTOR", "TRUST", "COMMIT", "DETAIL"}, rows, style); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	if err := verdicts(w, p.Checks, style); err != nil {
		return err
	}
	return notes(w, p.Notes)
}

func verdicts(w io.Writer, checks []audit.Check, style render.Style) error {
	var rows [][]string
	for _, c := range checks {
		rows = append(rows, []string{string(c.Verdict), c.Check, c.Reason})
	}
	return render.Table(w, []string{"VERDICT", "CHECK", "REASON"}, rows, style)
}

func notes(w io.Writer, list []string) error {
	for _, n := range list {
		if _, err := fmt.Fprintf(w, "note: %s\n", render.Terminal(n)); err != nil {
			return err
		}
	}
	return nil
}

// writeReport prints what an audit found: each check that did not pass with
// what it rests on, a tally of all, and what every reader must know.
func writeReport(w io.Writer, r *audit.Report, all bool, style render.Style) error {
	for _, c := range r.Checks {
		if !all && !shown(c.Verdict) {
			continue
		}
		if err := writeVerdict(w, c); err != nil {
			return err
		}
	}
	var rows [][]string
	for _, t := range r.Summary.ByCheck {
		rows = append(rows, []string{t.Check, t.Title, fmt.Sprint(t.Pass), fmt.Sprint(t.Fail), fmt.Sprint(t.Accepted), fmt.Sprint(t.CannotVerify), fmt.Sprint(t.NotApplicable)})
	}
	if err := render.Table(w, []string{"CHECK", "", "PASS", "FAIL", "ACCEPTED", "CANNOT VERIFY", "N/A"}, rows, style); err != nil {
		return err
	}
	if err := notes(w, r.Notes); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, summaryLine(r.Summary))
	return err
}

// summaryLine words what an audit looked at and what came of it.
func summaryLine(s audit.Summary) string {
	accepted := ""
	if s.Accepted > 0 {
		accepted = fmt.Sprintf(", %d accepted", s.Accepted)
	}
	return fmt.Sprintf("%d records, %d landings, %d commits, %d statements: %d pass, %d fail%s, %d cannot-verify, %d not applicable",
		s.Records, s.Landings, s.Commits, s.Statements, s.Pass, s.Fail, accepted, s.CannotVerify, s.NotApplicable)
}

// writeCompliance prints a report: the controls, then every deviation once,
// then what every reader must know.
func writeCompliance(w io.Writer, c *audit.Compliance, style render.Style) error {
	tested := ", all of them tested"
	if c.Changes == 0 {
		tested = ""
	}
	if _, err := fmt.Fprintf(w, "%s\n%s: %d changes%s\n%s\n\n", c.Title, c.Period, c.Changes, tested, render.Terminal(stands(c.Main, c.Evidence, c.Tool))); err != nil {
		return err
	}
	var rows [][]string
	for _, r := range c.Controls {
		rows = append(rows, []string{string(r.Verdict), r.Control, r.Asks, strings.Join(r.Checks, " "), fmt.Sprint(r.Population), fmt.Sprint(r.Tested), fmt.Sprint(r.Fail), fmt.Sprint(r.Accepted), fmt.Sprint(r.CannotVerify)})
	}
	if err := render.Table(w, []string{"VERDICT", "CONTROL", "ASKS", "CHECKS", "POPULATION", "TESTED", "FAIL", "ACCEPTED", "CANNOT VERIFY"}, rows, style); err != nil {
		return err
	}
	for _, d := range c.Deviating() {
		if err := writeVerdict(w, d); err != nil {
			return err
		}
	}
	return notes(w, c.Notes)
}

// writeVerdict prints one verdict with what it rests on.
func writeVerdict(w io.Writer, c audit.Check) error {
	if _, err := fmt.Fprintln(w, render.Terminal(verdictLine(c))); err != nil || len(c.RestsOn) == 0 {
		return err
	}
	_, err := fmt.Fprintf(w, "  rests on %s\n", render.Terminal(strings.Join(c.RestsOn, ", ")))
	return err
}

// verdictLine words one verdict.
func verdictLine(c audit.Check) string {
	record := c.Record
	if record == "" {
		record = "the store"
	}
	return fmt.Sprintf("%s  %s  %s: %s", c.Verdict, c.Check, record, c.Reason)
}

// rests words what a verdict rests on, to go on a line with it.
func rests(c audit.Check) string {
	if len(c.RestsOn) == 0 {
		return ""
	}
	return " (rests on " + strings.Join(c.RestsOn, ", ") + ")"
}

// stands says of which commits something was found, and by which version.
func stands(main string, evidence []string, tool string) string {
	if len(evidence) == 0 {
		evidence = []string{"none"}
	}
	return fmt.Sprintf("main %s, evidence %s, gitsm %s", main, strings.Join(evidence, " "), tool)
}
