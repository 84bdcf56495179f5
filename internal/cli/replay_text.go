package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/replay"
)

// writeReplay prints a back-test for a person.
func writeReplay(w io.Writer, r *replay.Report, style render.Style) error {
	var b strings.Builder
	fmt.Fprintln(&b, replaySummary(r))
	if len(r.Flips) > 0 {
		b.WriteString("\ndecided otherwise\n")
	}
	for _, c := range r.Flips {
		fmt.Fprintf(&b, "  %s  %s  %s  %s\n", c.Decided.Format("2006-01-02"), render.Terminal(c.Record), c.Fate, render.Terminal(c.Title))
		for _, line := range differences(c) {
			fmt.Fprintf(&b, "    %s\n", render.Terminal(line))
		}
	}
	for _, c := range r.Undone {
		fmt.Fprintf(&b, "\ncould not be decided again: %s: %s\n", render.Terminal(c.Record), render.Terminal(c.Undecided))
	}
	if len(r.Failure) > 0 {
		b.WriteString("\nchanges that went wrong, and what the candidate would have done\n")
	}
	for _, f := range r.Failure {
		fmt.Fprintf(&b, "  %-8s %s  %s%s\n", f.Verdict, render.Terminal(f.Record), render.Terminal(f.Title), render.Terminal(because(f)))
	}
	if len(r.Work) > 0 {
		b.WriteString("\nwork of approvers\n")
	}
	for _, x := range r.Work {
		fmt.Fprintf(&b, "  %+d  %s (%d before, %d now)\n", x.Changed, render.Terminal(x.From), x.Then, x.New)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	if err := captureTable(w, r, style); err != nil {
		return err
	}
	return notes(w, r.Notes)
}

func replaySummary(r *replay.Report) string {
	s := r.Summary
	out := fmt.Sprintf("%s: %d unchanged, %d newly denied, %d newly allowed, %d with more approvals, %d with fewer, risk band %d up and %d down",
		finding.Counted(s.Decisions, "decision"), s.Unchanged, s.NewlyDenied, s.NewlyAllowed, s.ApprovalsAdded, s.ApprovalsDropped, s.BandUp, s.BandDown)
	if s.Undecided > 0 {
		out += fmt.Sprintf(", %d could not be decided again", s.Undecided)
	}
	return out + fmt.Sprintf("\n%s: %d caught, %d flagged, %d missed", finding.Counted(s.Failures, "failure"), s.Caught, s.Flagged, s.Missed)
}

// differences says in words how two answers differ.
func differences(c replay.Case) []string {
	var out []string
	for _, f := range c.Flips {
		switch f {
		case replay.NewlyDenied:
			f += " by " + strings.Join(c.New.Denies, ", ")
		case replay.NewlyAllowed:
			f += "; was denied by " + strings.Join(c.Then.Denies, ", ")
		case replay.ApprovalsAdded:
			f += ": " + strings.Join(c.Added(), "; ")
		case replay.ApprovalsDropped:
			f += ": " + strings.Join(c.Dropped(), "; ")
		case replay.BandUp, replay.BandDown:
			f += fmt.Sprintf(": %s (%d) to %s (%d)", c.Then.Risk.Band, c.Then.Risk.Score, c.New.Risk.Band, c.New.Risk.Score)
		}
		out = append(out, f)
	}
	return out
}

func because(f replay.Failure) string {
	if len(f.Incidents) == 0 {
		return ""
	}
	return " (caused " + strings.Join(f.Incidents, ", ") + ")"
}

// captureTable shows how well the scores find the failures.
func captureTable(w io.Writer, r *replay.Report, style render.Style) error {
	if r.Summary.Failures == 0 {
		return nil
	}
	if _, err := fmt.Fprintf(w, "\nfailures among the riskiest changes\n"); err != nil {
		return err
	}
	style.TTY = true // part of a text that people read, wherever it is written to
	var rows [][]string
	for _, c := range r.Capture {
		rows = append(rows, []string{fmt.Sprintf("%d %%", c.Percent), fmt.Sprint(c.Changes), percent(c.Candidate), percent(c.Then), percent(c.Size), percent(c.Random)})
	}
	return render.Table(w, []string{"RISKIEST", "CHANGES", "CANDIDATE", "THEN", "SIZE ALONE", "CHANCE"}, rows, style)
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// mostMarkdown is how many flips a comment lists.
const mostMarkdown = 100

// writeReplayMarkdown writes a back-test for a comment on a pull request.
func writeReplayMarkdown(w io.Writer, r *replay.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "**gitsm policy replay**: %s\n", strings.ReplaceAll(render.Markdown(strings.ReplaceAll(replaySummary(r), "\n", "; ")), "\n", " "))
	if len(r.Flips) > 0 {
		b.WriteString("\n| decided | change | what differs |\n|---|---|---|\n")
	}
	for i, c := range r.Flips {
		if i == mostMarkdown {
			fmt.Fprintf(&b, "\n%d more differ: gitsm policy replay lists all\n", len(r.Flips)-i)
			break
		}
		var what []string
		for _, d := range differences(c) {
			what = append(what, render.Markdown(d))
		}
		fmt.Fprintf(&b, "| %s | %s %s (%s) | %s |\n", c.Decided.Format("2006-01-02"), render.Markdown(c.Record), render.Markdown(c.Title), c.Fate, strings.Join(what, "<br>"))
	}
	if len(r.Failure) > 0 {
		b.WriteString("\n| went wrong | candidate |\n|---|---|\n")
	}
	for _, f := range r.Failure {
		fmt.Fprintf(&b, "| %s %s | %s |\n", render.Markdown(f.Record), render.Markdown(f.Title+because(f)), f.Verdict)
	}
	if len(r.Work) > 0 {
		b.WriteString("\n| approvals asked of | before | now |\n|---|--:|--:|\n")
	}
	for _, x := range r.Work {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", render.Markdown(x.From), x.Then, x.New)
	}
	if r.Summary.Failures > 0 {
		b.WriteString("\n| failures among the riskiest | candidate | then | size alone | chance |\n|---|--:|--:|--:|--:|\n")
		for _, c := range r.Capture {
			fmt.Fprintf(&b, "| %d %% (%d changes) | %s | %s | %s | %s |\n", c.Percent, c.Changes, percent(c.Candidate), percent(c.Then), percent(c.Size), percent(c.Random))
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "\n%s\n", render.Markdown(n))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
