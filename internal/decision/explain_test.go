package decision_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/decision"
)

// tryRules score a change by what can be mended: no test, and too many services.
const tryRules = `package gitsm.change

# METADATA
# title: no test
# custom: {id: CHG101}
signals contains {
	"id": "untested", "points": 20, "msg": "nobody tested it", "mitigation": "test it",
	"try": [{"path": "/plan/test", "value": "a rehearsal"}],
} if not input.record.plan.test

# METADATA
# title: several services
# custom: {id: CHG102}
signals contains {
	"id": "many", "points": 10, "msg": "several services", "mitigation": "split it",
	"try": [{"path": "/services", "value": [input.record.services[0]]}],
} if count(input.record.services) > 1

# METADATA
# title: history
# custom: {id: CHG103}
signals contains {"id": "first", "points": 5, "msg": "first of its kind", "mitigation": "rehearse it"} if true

# METADATA
# title: one is enough
# custom: {id: CHG001}
deny contains "a test needs a plan to verify" if {
	input.record.plan.test
	not input.record.plan.verify
}

score := sum([s.points | some s in signals])

band := "high" if score >= 30

else := "low"

# METADATA
# title: risk
# custom: {id: CHG100}
risk := {"score": score, "band": band}

# METADATA
# title: high risk is approved
# custom: {id: CHG201}
approvals contains {"id": "manager", "from": ["team:platform"], "count": 1, "msg": "high risk"} if band == "high"
`

func TestExplainMitigations(t *testing.T) {
	base := with(scene(), "policy/change.rego", tryRules)
	change := strings.Replace(change(idA, "checkout"), "[checkout]", "[checkout, search]", 1)
	x, err := decision.NewJudge().Explain(t.Context(), facts(t, idA, base, with(base, pathA, change)))
	if err != nil {
		t.Fatal(err)
	}
	want := []decision.Mitigation{
		{Signals: []string{"untested"}, Text: "test it", Tried: true, Risk: decision.Risk{Score: 15, Band: "low"}, Dropped: []string{"manager"}, Denies: []string{"CHG001"}},
		{Signals: []string{"many"}, Text: "split it", Tried: true, Risk: decision.Risk{Score: 25, Band: "low"}, Dropped: []string{"manager"}},
		{Signals: []string{"first"}, Text: "rehearse it"},
		{Signals: []string{"untested", "many"}, Text: "all of these together", Tried: true, Risk: decision.Risk{Score: 5, Band: "low"}, Dropped: []string{"manager"}, Denies: []string{"CHG001"}},
	}
	if diff := cmp.Diff(want, x.Mitigations); diff != "" {
		t.Errorf("mitigations (-want +got):\n%s", diff)
	}
	if x.Risk.Score != 35 || x.Risk.Band != "high" {
		t.Errorf("the decision itself changed: risk %+v", x.Risk)
	}
	held := map[string]bool{}
	for _, r := range x.Traces {
		held[r.Rule.ID] = r.Held
	}
	if diff := cmp.Diff(map[string]bool{"CHG101": true, "CHG102": true, "CHG103": true, "CHG001": false, "CHG100": true, "CHG201": true}, held); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

// A mitigation that would make no valid record is said to, and harms nothing.
func TestExplainMitigationThatCannotBe(t *testing.T) {
	base := with(scene(), "policy/change.rego", strings.Replace(tryRules, `"value": "a rehearsal"`, `"value": 5`, 1))
	x, err := decision.NewJudge().Explain(t.Context(), facts(t, idA, base, with(base, pathA, change(idA, "checkout"))))
	if err != nil {
		t.Fatal(err)
	}
	if m := x.Mitigations[0]; !m.Tried || len(m.Problems) == 0 || m.Risk.Band != "" {
		t.Errorf("got %+v", m)
	}
}

// A record that policy could not see has a decision and no explanation.
func TestExplainMalformed(t *testing.T) {
	base := scene()
	x, err := decision.NewJudge().Explain(t.Context(), facts(t, idA, base, with(base, pathA, change(idA, "checkout")+"aprovals: none\n")))
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Traces) != 0 || len(x.Findings) == 0 {
		t.Errorf("traces %v, findings %v", x.Traces, x.Findings)
	}
}
