package render

import (
	"fmt"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
)

// GateReport is a decision for the formats that know findings only: what was
// found, and whatever else keeps the proposal of file from landing. A verdict
// that is not allow is never a report of nothing: what is denied or could not
// be judged is an error, what is waited for a warning.
func GateReport(d *decision.Decision, file string) Report {
	fs := append([]finding.Finding{}, d.Findings...)
	worst := finding.Error
	switch d.Verdict {
	case approval.Allow:
		return NewReport(fs, d.Waived, 1, d.Rules)
	case approval.Pending:
		worst = finding.Warning
	}
	add := func(sev finding.Severity, format string, args ...any) {
		fs = append(fs, finding.Finding{Severity: sev, File: file, Message: fmt.Sprintf(format, args...), Record: d.Record})
	}
	for _, r := range d.Requirements {
		if !r.Met {
			add(worst, "approval of %s: %d of %d: %s", strings.Join(r.From, ", "), r.Given, r.Need, r.Reason)
		}
	}
	for _, b := range d.Blockers {
		add(finding.Error, "blocked by %s: %s", b.Who, b.Why)
	}
	if errors, warnings := finding.Count(fs); errors == 0 && (worst == finding.Error || warnings == 0) {
		add(worst, "%s", strings.Join(append([]string{string(d.Verdict)}, d.Reasons...), ": "))
	}
	return NewReport(fs, d.Waived, 1, d.Rules)
}
