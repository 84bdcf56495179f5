package render

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
)

// What may not land is never a report without findings, and what may is none
// with errors that are not its own.
func TestGateReport(t *testing.T) {
	missing := []approval.Node{{ID: "owner", From: []string{"team:ops"}, Need: 2, Given: 1, Reason: "1 of 2"}, {ID: "given", Met: true}}
	tests := []struct {
		name string
		d    decision.Decision
		want []string
	}{
		{"allowed", decision.Decision{Verdict: approval.Allow}, nil},
		{"allowed with a warning", decision.Decision{Verdict: approval.Allow, Findings: []finding.Finding{{Severity: finding.Warning, Message: "w"}}}, []string{"warning w"}},
		{"waiting", decision.Decision{Verdict: approval.Pending, Requirements: missing}, []string{"warning approval of team:ops: 1 of 2: 1 of 2"}},
		{"waiting, nobody says why", decision.Decision{Verdict: approval.Pending, Reasons: []string{"the window is closed"}}, []string{"warning pending: the window is closed"}},
		{"denied", decision.Decision{Verdict: approval.Deny, Findings: []finding.Finding{backout()}, Requirements: missing}, []string{"error approval of team:ops: 1 of 2: 1 of 2", "error back-out plan missing"}},
		{"denied with a warning", decision.Decision{Verdict: approval.Deny, Findings: []finding.Finding{{Severity: finding.Warning, Message: "w"}}, Reasons: []string{"stale"}}, []string{"warning w", "error deny: stale"}},
		{"blocked", decision.Decision{Verdict: approval.Deny, Blockers: []approval.Ignored{{Who: "bob", Why: "changes requested"}}}, []string{"error blocked by bob: changes requested"}},
		{"not judged", decision.Decision{Verdict: approval.Error, Reasons: []string{"no answer"}}, []string{"error error: no answer"}},
		{"a verdict nobody knows", decision.Decision{Verdict: "perhaps"}, []string{"error perhaps"}},
	}
	for _, tt := range tests {
		var got []string
		for _, f := range GateReport(&tt.d, file).Findings {
			got = append(got, strings.TrimSpace(string(f.Severity)+" "+f.Message))
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: %s", tt.name, d)
		}
	}
}
