package audit

import (
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// TestProtectedAt holds that main was protected only where everything about it is
// known: what it demanded, and whom that did not hold.
func TestProtectedAt(t *testing.T) {
	status := evidence.RuleFact{Type: "required_status_checks", Checks: []string{"gitsm/gate"}}
	pull, force := evidence.RuleFact{Type: "pull_request"}, evidence.RuleFact{Type: "non_fast_forward"}
	whole := []evidence.RuleFact{status, pull, force}
	for name, tt := range map[string]struct {
		f    evidence.ForgeFacts
		want Verdict
		says string
	}{
		"protected":            {evidence.ForgeFacts{Rules: whole}, Pass, ""},
		"by a queue":           {evidence.ForgeFacts{Rules: []evidence.RuleFact{status, {Type: "merge_queue"}, force}}, Pass, ""},
		"checks unknown":       {evidence.ForgeFacts{Rules: whole, Unknown: []string{"the checks of the head"}}, Pass, ""},
		"rules unknown":        {evidence.ForgeFacts{Unknown: []string{"the rules of main"}}, CannotVerify, "could not be read then"},
		"no gate":              {evidence.ForgeFacts{Rules: whole[1:]}, Fail, "did not demand the status gitsm/gate"},
		"another status":       {evidence.ForgeFacts{Rules: []evidence.RuleFact{{Type: status.Type, Checks: []string{"build"}}, pull, force}}, Fail, "the status gitsm/gate"},
		"no pull request":      {evidence.ForgeFacts{Rules: []evidence.RuleFact{status, force}}, Fail, "a pull request"},
		"force":                {evidence.ForgeFacts{Rules: whole[:2]}, Fail, "pushes by force"},
		"force, maybe":         {evidence.ForgeFacts{Rules: whole[:2], Unknown: []string{"branch protection of main"}}, CannotVerify, "protection of its own"},
		"protection, at least": {evidence.ForgeFacts{Rules: whole, Unknown: []string{"branch protection of main"}}, Pass, ""},
		"somebody exempt":      {evidence.ForgeFacts{Rules: whole, Exempt: []string{"OrganizationAdmin of ruleset gitsm"}}, Fail, "did not hold OrganizationAdmin"},
		"somebody exempt, and who else is unknown": {evidence.ForgeFacts{Rules: whole, Exempt: []string{"administrators"},
			Unknown: []string{"who may go past the rules of main"}}, Fail, "did not hold administrators"},
		"nobody knows who is exempt": {evidence.ForgeFacts{Rules: whole, Unknown: []string{"who may go past the rules of main"}}, CannotVerify, "may not read whom they did not hold"},
	} {
		l := &history.Landing{Commit: &history.Commit{LogEntry: &git.LogEntry{Commit: git.Commit{OID: strings.Repeat("a", 40)}}}}
		it := &item{Entry: &evidence.Entry{Statement: evidence.Statement{Predicate: evidence.Predicate{Forge: &tt.f}}}}
		if a := protectedAt(l, it); a.verdict != tt.want || !strings.Contains(a.reason, tt.says) {
			t.Errorf("%s: %s, %q; want %s and %q", name, a.verdict, a.reason, tt.want, tt.says)
		}
	}
}
