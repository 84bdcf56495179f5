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
	s := r.Summary
	accepted := ""
	if s.Accepted > 0 {
		accepted = fmt.Sprintf(", %d accepted", s.Accepted)
	}
	_, err := fmt.Fprintf(w, "%d records, %d landings, %d commits, %d statements: %d pass, %d fail%s, %d cannot-verify, %d not applicable\n",
		s.Records, s.Landings, s.Commits, s.Statements, s.Pass, s.Fail, accepted, s.CannotVerify, s.NotApplicable)
	return err
}

// writeCompliance prints a report: the controls, then every deviation once,
// then what every reader must know.
func writeCompliance(w io.Writer, c *audit.Compliance, style render.Style) error {
	if _, err := fmt.Fprintf(w, "%s\n%s: %d changes, all of them tested\nmain %s, gitsm %s\n\n", c.Title, c.Period, c.Changes, c.Main, render.Terminal(c.Tool)); err != nil {
		return err
	}
	var rows [][]string
	for _, r := range c.Controls {
		rows = append(rows, []string{string(r.Verdict), r.Control, r.Asks, strings.Join(r.Checks, " "), fmt.Sprint(r.Population), fmt.Sprint(r.Tested), fmt.Sprint(r.Fail), fmt.Sprint(r.Accepted), fmt.Sprint(r.CannotVerify)})
	}
	if err := render.Table(w, []string{"VERDICT", "CONTROL", "ASKS", "CHECKS", "POPULATION", "TESTED", "FAIL", "ACCEPTED", "CANNOT VERIFY"}, rows, style); err != nil {
		return err
	}
	said := map[string]bool{}
	for _, r := range c.Controls {
		for _, d := range r.Deviations {
			if key := d.Check + d.Kind + d.Record; !said[key] {
				said[key] = true
				if err := writeVerdict(w, d); err != nil {
					return err
				}
			}
		}
	}
	return notes(w, c.Notes)
}

// writeVerdict prints one verdict with what it rests on.
func writeVerdict(w io.Writer, c audit.Check) error {
	record := c.Record
	if record == "" {
		record = "the store"
	}
	if _, err := fmt.Fprintf(w, "%s  %s  %s: %s\n", c.Verdict, c.Check, render.Terminal(record), render.Terminal(c.Reason)); err != nil || len(c.RestsOn) == 0 {
		return err
	}
	_, err := fmt.Fprintf(w, "  rests on %s\n", render.Terminal(strings.Join(c.RestsOn, ", ")))
	return err
}
