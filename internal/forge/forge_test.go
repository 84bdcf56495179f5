package forge

import (
	"encoding/json"
	"slices"
	"testing"
)

// TestSpared holds that whoever a branch's own protection spares is free only of
// what no ruleset demands.
func TestSpared(t *testing.T) {
	rule := func(kind, parameters string) Rule { return Rule{Type: kind, Parameters: json.RawMessage(parameters)} }
	gate := rule("required_status_checks", `{"required_status_checks": [{"context": "gitsm/gate"}, {"context": "build"}]}`)
	p := Protection{Rules: []Rule{rule("pull_request", "null"), gate}, Exempt: []string{"administrators"}}
	for name, tt := range map[string]struct {
		rulesets []Rule
		spared   bool
	}{
		"none":           {nil, true},
		"the same":       {[]Rule{rule("pull_request", "null"), gate}, false},
		"one of the two": {[]Rule{gate}, true},
		"another status": {[]Rule{rule("pull_request", "null"), rule(gate.Type, `{"required_status_checks": [{"context": "build"}]}`)}, true},
		"no parameters":  {[]Rule{rule("pull_request", "null"), rule(gate.Type, `[]`)}, true},
	} {
		if got := p.Spared(tt.rulesets); slices.Equal(got, p.Exempt) != tt.spared {
			t.Errorf("%s: %v", name, got)
		}
	}
}
