package engine

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/schema"
)

var kinds = []string{"asset", "change", "exception", "incident", "model", "person", "problem", "request", "service", "team", "waiver", "window"}

// source is a policy made of the given modules and the real schemas.
func source(t testing.TB, modules map[string]string) Source {
	t.Helper()
	src := Source{
		Modules: map[string][]byte{},
		Data:    map[string]any{"config": map[string]any{"team": "team:change-managers", "limits": map[string]any{"high": 40}}},
		Kinds:   kinds,
		Schemas: map[string][]byte{},
	}
	for name, text := range modules {
		src.Modules[name] = []byte(text)
	}
	for _, kind := range kinds {
		b, ok := schema.Kind(kind)
		if !ok {
			t.Fatalf("no schema of kind %s", kind)
		}
		src.Schemas[kind] = b
	}
	src.Input, _ = schema.Kind("input")
	return src
}

// input is the envelope around a small change.
func input() map[string]any {
	return map[string]any{
		"now":        "2026-11-20T09:00:00Z",
		"record":     map[string]any{"id": "CHG-20261120-7K3F2M", "kind": "change", "title": "Upgrade", "type": "normal", "services": []any{"checkout"}},
		"transition": map[string]any{"from": "", "to": "scheduled", "verb": "new"},
		"actor":      map[string]any{"id": "alice", "known": true},
		"services":   []any{map[string]any{"id": "checkout", "title": "Checkout", "owner": "team:payments", "tier": 1}},
		"assets":     []any{}, "impact": []any{}, "windows": []any{}, "conflicts": []any{}, "history": []any{}, "incidents": []any{}, "files": []any{},
	}
}

const small = `package gitsm.change

# METADATA
# title: back-out plan missing
# custom:
#   id: CHG012
#   controls: [CC8.1]
#   fix: write plan.backout
deny contains {"msg": "back-out plan missing", "path": "/plan/backout"} if not input.record.plan.backout

# METADATA
# title: title is short
# custom:
#   id: CHG900
warn contains "title is short" if count(input.record.title) < 10

# METADATA
# title: tier
# custom:
#   id: CHG101
signals contains {"id": "tier", "points": 30, "msg": "touches tier 1", "mitigation": "none"} if {
	some s in input.services
	s.tier == 1
}

# METADATA
# title: risk
# custom:
#   id: CHG100
risk := {"score": score, "band": "medium"} if score := sum([s.points | some s in signals])

# METADATA
# title: owner
# custom:
#   id: CHG200
approvals contains {"id": s.id, "from": [s.owner], "count": 1, "msg": "owner"} if some s in input.services
`

func TestEval(t *testing.T) {
	p, err := Compile(context.Background(), source(t, map[string]string{"policy/change.rego": small}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Eval(context.Background(), "change", input(), nil)
	if err != nil {
		t.Fatal(err)
	}
	const file = "policy/change.rego"
	want := &Result{
		Deny: []Message{{Rule: "CHG012", Title: "back-out plan missing", Msg: "back-out plan missing", Path: "/plan/backout",
			Fix: "write plan.backout", Severity: "error", Controls: []string{"CC8.1"}, File: file, Line: 9}},
		Warn:      []Message{{Rule: "CHG900", Title: "title is short", Msg: "title is short", Severity: "warning", File: file, Line: 15}},
		Signals:   []Signal{{Rule: "CHG101", ID: "tier", Points: 30, Msg: "touches tier 1", Mitigation: "none", File: file, Line: 21}},
		Risk:      Risk{Score: 30, Band: "medium"},
		HasRisk:   true,
		Approvals: []Requirement{{Rule: "CHG200", ID: "checkout", From: []string{"team:payments"}, Count: 1, Msg: "owner", File: file, Line: 36}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
