package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const explained = `package gitsm.change

import data.gitsm.lib

planned if input.record.type in {"normal", "standard"}

plan := object.get(input.record, "plan", {})

filing if input.transition.from == ""

# METADATA
# title: emergencies have an incident
# custom:
#   id: CHG001
deny contains "no incident" if {
	filing
	not planned
	not input.record.incident
}

# METADATA
# title: only planned changes are cancelled
# custom:
#   id: CHG002
deny contains "cancelled" if {
	input.transition.to == "cancelled"
	planned
}

# METADATA
# title: back-out plan missing
# custom:
#   id: CHG012
deny contains "back-out plan missing" if {
	planned
	not lib.filled(plan, "backout")
}

# METADATA
# title: tier
# custom:
#   id: CHG101
signals contains {"id": "tier", "points": 30, "msg": "touches tier 0", "mitigation": "none"} if {
	some i, service in input.services
	service.tier <= data.config.limits.tier
}

# METADATA
# title: unlisted
# custom:
#   id: CHG102
signals contains {"id": id, "points": 1, "msg": "unlisted", "mitigation": "none"} if {
	some id in input.record.services
	every s in input.services { s.id != id }
}

# METADATA
# title: risk
# custom:
#   id: CHG100
risk := {"score": sum([s.points | some s in signals]), "band": "low"}
`

const explainedLib = `package gitsm.lib

filled(object_, key) if count(object_[key]) > 0
`

// text writes traces as one would read them.
func text(traces []Trace) string {
	var b strings.Builder
	for _, t := range traces {
		fmt.Fprintf(&b, "%s held=%v\n", t.Rule.ID, t.Held)
		writeReasons(&b, t.Because, "  ")
	}
	return b.String()
}

func writeReasons(b *strings.Builder, reasons []Reason, indent string) {
	for _, r := range reasons {
		fmt.Fprintf(b, "%s%s:%d %s", indent, r.File, r.Line, r.Text)
		for _, v := range r.Values {
			fmt.Fprintf(b, " [%s=%s]", v.Name, v.JSON)
		}
		b.WriteString("\n")
		writeReasons(b, r.Because, indent+"  ")
	}
}

func TestExplain(t *testing.T) {
	src := source(t, map[string]string{"policy/change.rego": explained, "policy/lib.rego": explainedLib})
	src.Data = map[string]any{"config": map[string]any{"limits": map[string]any{"tier": 0}}}
	p, err := Compile(context.Background(), src)
	if err != nil {
		t.Fatal(err)
	}
	traces, res, err := p.Explain(context.Background(), "change", input(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := `CHG001 held=false
  policy/change.rego:17 not planned [planned=true]
    policy/change.rego:5 input.record.type in {"normal", "standard"} [input.record.type="normal"]
CHG002 held=false
  policy/change.rego:26 input.transition.to == "cancelled" [input.transition.to="scheduled"]
CHG012 held=true
  policy/change.rego:35 planned [planned=true]
    policy/change.rego:5 input.record.type in {"normal", "standard"} [input.record.type="normal"]
  policy/change.rego:36 not lib.filled(plan, "backout") [plan={}]
CHG101 held=false
  policy/change.rego:45 service.tier <= data.config.limits.tier [data.config.limits.tier=0] [service.tier=1]
CHG102 held=false
  policy/change.rego:54 every s in input.services { s.id != id } [id="checkout"] [input.services=[{"id":"checkout","owner":"team:payments","tier":1,"title":"Checkout"}]]
CHG100 held=true
`
	if diff := cmp.Diff(want, text(traces)); diff != "" {
		t.Errorf("traces (-want +got):\n%s", diff)
	}
	plain, err := p.Eval(context.Background(), "change", input(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain, res); diff != "" {
		t.Errorf("explaining changed the result (-Eval +Explain):\n%s", diff)
	}
}

// What never had a value is said to be undefined, and a rule that no
// definition made true is explained by the one that its reader needed.
func TestExplainUndefined(t *testing.T) {
	p, err := Compile(context.Background(), source(t, map[string]string{"policy/change.rego": `package gitsm.change

late if input.record.window.end < input.now

# METADATA
# title: late
# custom:
#   id: CHG001
deny contains "late" if late

# METADATA
# title: a service that is retired
# custom:
#   id: CHG002
deny contains "retired" if {
	some service in input.services
	service.state == "retired"
}
`}))
	if err != nil {
		t.Fatal(err)
	}
	traces, _, err := p.Explain(context.Background(), "change", input(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := `CHG001 held=false
  policy/change.rego:9 late [late=undefined]
    policy/change.rego:3 input.record.window.end < input.now [input.now="2026-11-20T09:00:00Z"] [input.record.window.end=undefined]
CHG002 held=false
  policy/change.rego:17 service.state == "retired" [service.state=undefined]
`
	if diff := cmp.Diff(want, text(traces)); diff != "" {
		t.Errorf("traces (-want +got):\n%s", diff)
	}
}

func TestExplainRefuses(t *testing.T) {
	p, err := Compile(context.Background(), source(t, map[string]string{"policy/change.rego": small}))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Explain(context.Background(), "team", input(), nil); !errors.Is(err, ErrNoPolicy) {
		t.Errorf("a kind without rules: %v", err)
	}
	bad := input()
	bad["recrod"] = 1
	if _, _, err := p.Explain(context.Background(), "change", bad, nil); err == nil {
		t.Error("an envelope with an unknown key was explained")
	}
}

func TestTry(t *testing.T) {
	with := func(try string) map[string]string {
		return map[string]string{"policy/change.rego": fmt.Sprintf(`package gitsm.change

# METADATA
# title: untested
# custom:
#   id: CHG101
signals contains {"id": "untested", "points": 1, "msg": "m", "mitigation": "test it", "try": %s} if true
`, try)}
	}
	p, err := Compile(context.Background(), source(t, with(`[{"path": "/plan/test", "value": "a run"}, {"path": "/model"}]`)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := p.Eval(context.Background(), "change", input(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Step{{Path: "/plan/test", Value: "a run"}, {Path: "/model", Remove: true}}
	if diff := cmp.Diff(want, res.Signals[0].Try); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	for _, bad := range []string{`[{"path": "/plan/tset", "value": "a run"}]`, `[{"pth": "/plan/test"}]`, `[{"path": "plan.test", "value": 1}]`} {
		if _, err := Compile(context.Background(), source(t, with(bad))); err == nil {
			t.Errorf("compiled with try %s", bad)
		}
	}
	for _, bad := range []string{`"/plan/test"`, `[{"value": sprintf("%d", [1])}]`} {
		p, err := Compile(context.Background(), source(t, with(bad)))
		if err != nil {
			continue
		}
		if _, err := p.Eval(context.Background(), "change", input(), nil); err == nil {
			t.Errorf("evaluated with try %s", bad)
		}
	}
}
