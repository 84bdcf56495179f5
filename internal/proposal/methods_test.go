package proposal_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/proposal"
)

// TestMethodsOfRules holds that what lands does so by a method that neither the
// repository nor a rule of main forbids, and that none is tried that is forbidden.
func TestMethodsOfRules(t *testing.T) {
	t.Parallel()
	only := func(methods ...any) any { return map[string]any{"allowed_merge_methods": methods} }
	for i, tt := range []struct {
		setting, rule string
		parameters    any
		wanted, way   string // by what it landed, "" where it did not
		why           string
	}{
		{way: "merge"},
		{setting: "allow_merge_commit", way: "squash"},
		{rule: "required_linear_history", way: "squash"},
		{rule: "required_linear_history", wanted: "rebase", way: "rebase"},
		{rule: "required_linear_history", wanted: "merge", why: `does not let pull requests land by "merge"`},
		{rule: "pull_request", parameters: only("rebase"), way: "rebase"},
		{rule: "pull_request", parameters: only("rebase"), wanted: "squash", why: `--method rebase`},
		{rule: "pull_request", parameters: only("merge"), setting: "allow_merge_commit", why: "in no way at all"},
		{rule: "pull_request", parameters: only(), way: "merge"},
		{rule: "merge_queue", wanted: "squash", why: "leave --method out"},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			h := onForge(t)
			id, n := h.submitted(t)
			h.server.Review(n, "bob", "APPROVED", "")
			if tt.setting != "" {
				h.server.Set(tt.setting, false)
			}
			if tt.rule != "" {
				h.server.Rule("main", tt.rule, tt.parameters)
			}
			_, err := h.desk("alice").MergeBy(t.Context(), proposal.MergeOptions{Method: tt.wanted}, id)
			way, said := "", ""
			for _, r := range h.server.Requests() {
				if r.Method == "PUT" {
					way = r.Body
				}
			}
			if wrong, ok := errors.AsType[*proposal.UsageError](err); ok {
				said = err.Error() + ": " + wrong.Fix
			} else if err != nil {
				said = err.Error()
			}
			if tt.way != "" && (err != nil || !strings.Contains(way, `"merge_method":"`+tt.way+`"`)) || tt.way == "" && (way != "" || !strings.Contains(said, tt.why)) {
				t.Errorf("it was asked for %s, and %s", way, said)
			}
		})
	}
}

// TestTitleThatGivesOrders holds that a title does not keep GitHub from starting the
// workflows of main, in no commit that it becomes the message of.
func TestTitleThatGivesOrders(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	id, n := h.submitted(t)
	alice := h.desk("alice")
	edit(t, alice, id, "/title", "Move [Skip CI] the database [no ci]")
	if _, err := alice.Submit(t.Context(), target(t, alice, id), proposal.Submission{}); err != nil {
		t.Fatal(err)
	}
	h.server.Review(n, "bob", "APPROVED", "")
	if _, err := alice.MergeBy(t.Context(), proposal.MergeOptions{Method: "squash"}, id); err != nil {
		t.Fatal(err)
	}
	for _, message := range []string{h.git("log", "-1", "--format=%B", "main"), h.git("log", "-1", "--format=%B", h.server.Pulls()[n-1].HeadOID), proposal.Harmless("[ACTIONS SKIP]")} {
		if low := strings.ToLower(message); strings.Contains(low, "[skip ci]") || strings.Contains(low, "[no ci]") || strings.Contains(low, "[actions") {
			t.Error(message)
		}
	}
}

// TestForgedStatus holds that what somebody who may write says in the gate's name lets
// nothing land where main demands it from the app of workflows.
func TestForgedStatus(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	id, n := h.submitted(t)
	h.server.Review(n, "bob", "APPROVED", "")
	h.server.Rule("main", "required_status_checks", map[string]any{"required_status_checks": []any{map[string]any{"context": proposal.StatusContext, "integration_id": 15368}}})
	h.server.Post("alice", h.server.Pulls()[n-1].HeadOID, proposal.StatusContext, "success")
	if _, err := h.desk("alice").Merge(t.Context(), id); !errors.Is(err, forge.ErrRefused) {
		t.Errorf("by a forged status: %v", err)
	}
	if err := h.gate(t, n); err != nil {
		t.Fatal(err)
	}
	if out, err := h.desk("alice").Merge(t.Context(), id); err != nil || !out.Landed {
		t.Errorf("by the gate's own: %+v, %v", out, err)
	}
}
