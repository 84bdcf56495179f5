package doctor

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// ActionsApp is the app on github.com in whose name workflows post: the expected
// source of the gate's status.
const ActionsApp = 15368

// The rulesets that are recommended.
const (
	RulesetMain     = "main"
	RulesetEvidence = "evidence"
	RulesetRecorder = "recorder"
)

// RecommendedRuleset is a ruleset as GitHub's API takes it: for main, pull
// requests, the gate's status from one source, and no lost history; for the
// evidence branch no lost history alone. Nobody is exempt. That of the recorder
// keeps the evidence branch for the source, which is exempt from it.
func RecommendedRuleset(which, branch string, source int64) ([]byte, error) {
	type rule struct {
		Type       string         `json:"type"`
		Parameters map[string]any `json:"parameters,omitempty"`
	}
	name, exempt := "gitsm "+branch, []any{}
	rules := []rule{{Type: "deletion"}, {Type: "non_fast_forward"}}
	switch which {
	case RulesetRecorder:
		name, rules = name+", recorder", []rule{{Type: "update"}}
		exempt = append(exempt, map[string]any{"actor_id": source, "actor_type": "Integration", "bypass_mode": "always"})
	case RulesetMain:
		rules = append(rules,
			rule{"pull_request", map[string]any{
				"required_approving_review_count": 0, "dismiss_stale_reviews_on_push": false, "require_code_owner_review": false,
				"require_last_push_approval": false, "required_review_thread_resolution": false,
			}},
			rule{"required_status_checks", map[string]any{
				"strict_required_status_checks_policy": false,
				"required_status_checks":               []any{map[string]any{"context": GateContext, "integration_id": source}},
			}})
	case RulesetEvidence:
	default:
		return nil, fmt.Errorf("there is no ruleset %q: %s, %s or %s", which, RulesetMain, RulesetEvidence, RulesetRecorder)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(struct {
		Name        string         `json:"name"`
		Target      string         `json:"target"`
		Enforcement string         `json:"enforcement"`
		Bypass      []any          `json:"bypass_actors"`
		Conditions  map[string]any `json:"conditions"`
		Rules       []rule         `json:"rules"`
	}{
		name, "branch", "active", exempt,
		map[string]any{"ref_name": map[string]any{"include": []string{"refs/heads/" + branch}, "exclude": []string{}}}, rules,
	})
	if err != nil {
		return nil, fmt.Errorf("writing the ruleset: %w", err)
	}
	return b.Bytes(), nil
}
