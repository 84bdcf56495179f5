package engine

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestShapes: a result that has not exactly the documented shape is an error
// that names the rule's place.
func TestShapes(t *testing.T) {
	const head = "package gitsm.change\n\n"
	tests := []struct{ name, head, value, want string }{
		{"deny: number", "deny contains", `count(input.record.title)`, "number instead of an object"},
		{"deny: no msg", "deny contains", `{"path": "/title"}`, "lacks msg"},
		{"deny: empty", "deny contains", `""`, "empty message"},
		{"deny: blank msg", "deny contains", `{"msg": " "}`, "msg that is no text"},
		{"deny: number as msg", "deny contains", `{"msg": 3}`, "msg that is no text"},
		{"deny: unknown key", "deny contains", `{"msg": "x", "paht": "/title"}`, `unknown key "paht" (did you mean path?)`},
		{"deny: path", "deny contains", `{"msg": "x", "path": "plan.backout"}`, "no JSON pointer"},
		{"deny: list", "deny contains", `["x"]`, "array instead of an object"},
		{"deny: true", "deny contains", `true`, "boolean instead of an object"},
		{"deny: _loc", "deny contains", `{"msg": "x", "_loc": {"flie": "a"}}`, `unknown key "flie" (did you mean file?)`},
		{"warn: null", "warn contains", `null`, "null instead of an object"},
		{"signals: text", "signals contains", `"x"`, "string instead of an object"},
		{"signals: no points", "signals contains", `{"msg": "x"}`, "lacks points"},
		{"signals: points as text", "signals contains", `{"msg": "x", "points": "3"}`, "no whole number"},
		{"signals: half a point", "signals contains", `{"msg": "x", "points": 0.5}`, "no whole number"},
		{"signals: unknown key", "signals contains", `{"msg": "x", "points": 1, "mitigaton": "y"}`, "did you mean mitigation?"},
		{"risk: text", "risk :=", `"high"`, "string instead of an object"},
		{"risk: no band", "risk :=", `{"score": 1}`, "lacks band"},
		{"risk: no score", "risk :=", `{"band": "low"}`, "lacks score"},
		{"risk: unknown band", "risk :=", `{"score": 1, "band": "hihg"}`, `band "hihg" is none of low, medium, high, critical`},
		{"risk: unknown key", "risk :=", `{"score": 1, "band": "low", "level": 2}`, `unknown key "level"`},
		{"approvals: no from", "approvals contains", `{"count": 1}`, "lacks from"},
		{"approvals: nobody", "approvals contains", `{"from": [], "count": 1}`, "asks nobody"},
		{"approvals: no ref", "approvals contains", `{"from": ["payments"], "count": 1}`, "neither team:<id> nor person:<id>"},
		{"approvals: empty ref", "approvals contains", `{"from": ["team:"], "count": 1}`, "neither team:<id> nor person:<id>"},
		{"approvals: text", "approvals contains", `{"from": "team:a", "count": 1}`, "from that is no list"},
		{"approvals: no count", "approvals contains", `{"from": ["team:a"]}`, "lacks count"},
		{"approvals: none", "approvals contains", `{"from": ["team:a"], "count": 0}`, "asks for 0 approvals"},
		{"approvals: unknown key", "approvals contains", `{"from": ["team:a"], "count": 1, "frm": []}`, "did you mean from?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// Through JSON, so that the shape is not known before evaluation.
			rule := fmt.Sprintf("%s json.unmarshal(json.marshal(%s))\n", tt.head, tt.value)
			p, err := Compile(context.Background(), source(t, one(head+meta("CHG001")+rule)))
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Eval(context.Background(), "change", input(), nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "policy/change.rego:7: ") {
				t.Errorf("got %v, want policy/change.rego:7: … %s", err, tt.want)
			}
		})
	}
}

// TestRiskUndefined: a risk rule that does not hold is no harmless one.
func TestRiskUndefined(t *testing.T) {
	p, err := Compile(context.Background(), source(t, one("package gitsm.change\n\n"+meta("CHG001")+`risk := {"score": 1, "band": "low"} if input.record.title == "other"`)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Eval(context.Background(), "change", input(), nil)
	if err == nil || !strings.Contains(err.Error(), "policy/change.rego:7: risk has no result for this record") {
		t.Errorf("got %v", err)
	}
}

// eval evaluates rules, given as text after the package, on the usual input.
func eval(t *testing.T, rules string) *Result {
	t.Helper()
	p, err := Compile(context.Background(), source(t, one("package gitsm.change\n\n"+rules)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Eval(context.Background(), "change", input(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestAttribution: every element knows its rule, also where two rules give the
// same one, and sets of signals and approvals stay sets.
func TestAttribution(t *testing.T) {
	got := eval(t, meta("CHG001")+"deny contains \"x\"\n\n"+meta("CHG002")+"deny contains \"x\"\n\n"+
		meta("CHG003")+"deny contains m if some m in {\"b\", \"a\"}\n\n"+
		meta("CHG004")+"signals contains {\"points\": 5, \"msg\": \"s\"}\n\n"+meta("CHG005")+"signals contains {\"points\": 5, \"msg\": \"s\"}\n\n"+
		meta("CHG006")+"approvals contains {\"from\": {\"team:b\", \"team:a\"}, \"count\": 1}\n\n"+
		meta("CHG007")+"risk := {\"score\": sum([s.points | some s in signals]), \"band\": \"low\"}\n")
	var deny []string
	for _, m := range got.Deny {
		deny = append(deny, m.Rule+" "+m.Msg)
	}
	if diff := cmp.Diff([]string{"CHG001 x", "CHG002 x", "CHG003 a", "CHG003 b"}, deny); diff != "" {
		t.Error(diff)
	}
	if len(got.Signals) != 1 || got.Signals[0].ID != "CHG004" || got.Risk.Score != 5 {
		t.Errorf("signals %v, score %d: want one of five points", got.Signals, got.Risk.Score)
	}
	want := []Requirement{{Rule: "CHG006", ID: "CHG006", From: []string{"team:a", "team:b"}, Count: 1, File: "policy/change.rego", Line: 37}}
	if diff := cmp.Diff(want, got.Approvals); diff != "" {
		t.Error(diff)
	}
}

// TestSetsReadEachOther: what policy itself reads of its sets is what it wrote.
func TestSetsReadEachOther(t *testing.T) {
	got := eval(t, meta("CHG001")+"warn contains \"w\"\n\n"+
		meta("CHG002")+"deny contains concat(\" \", [\"also\", w]) if some w in warn\n\n"+
		meta("CHG003")+"deny contains \"has\" if \"w\" in warn\n\n"+
		meta("CHG004")+"deny contains \"is\" if warn[\"w\"]\n\n"+
		meta("CHG005")+"deny contains \"full\" if data.gitsm.change.warn == {\"w\"}\n")
	if len(got.Deny) != 4 || got.Deny[0].Msg != "also w" {
		t.Errorf("got %v", got.Deny)
	}
}

func TestLoc(t *testing.T) {
	got := eval(t, meta("CHG001")+`deny contains {"msg": "x", "fix": "do", "_loc": {"file": "a.tf", "line": 3}}`)
	if diff := cmp.Diff(&Loc{File: "a.tf", Line: 3}, got.Deny[0].Loc); diff != "" || got.Deny[0].Fix != "do" {
		t.Errorf("%s %v", diff, got.Deny)
	}
}

// TestMetadataInRule: a rule reads its own METADATA, although it was rewritten.
func TestMetadataInRule(t *testing.T) {
	got := eval(t, meta("CHG001")+`deny contains rego.metadata.rule().title`)
	if len(got.Deny) != 1 || got.Deny[0].Msg != "CHG001" {
		t.Errorf("got %v", got.Deny)
	}
}

func TestRequirementIDs(t *testing.T) {
	p, err := Compile(context.Background(), source(t, one("package gitsm.change\n\n"+
		meta("CHG001")+"approvals contains {\"id\": \"a\", \"from\": [\"team:a\"], \"count\": 1}\n\n"+
		meta("CHG002")+"approvals contains {\"id\": \"a\", \"from\": [\"team:b\"], \"count\": 1}\n")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Eval(context.Background(), "change", input(), nil); err == nil || !strings.Contains(err.Error(), `id "a" is already used`) {
		t.Errorf("got %v", err)
	}
}

// TestInput: an input that the envelope does not describe is refused.
func TestInput(t *testing.T) {
	p, err := Compile(context.Background(), source(t, one(small)))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(map[string]any){
		`input has no field "servces"`:          func(m map[string]any) { m["servces"] = []any{} },
		`input.actor has no field "name"`:       func(m map[string]any) { m["actor"] = map[string]any{"name": "x"} },
		`input.services[0] has no field "teir"`: func(m map[string]any) { m["services"] = []any{map[string]any{"teir": 1}} },
		"reading the policy's input":            func(m map[string]any) { m["now"] = func() {} },
	} {
		in := input()
		change(in)
		if _, err := p.Eval(context.Background(), "change", in, nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %s", err, name)
		}
	}
}

func TestCatalog(t *testing.T) {
	p, err := Compile(context.Background(), source(t, one(change(`data.catalog.services.shop.tier == data.config.limits.high - 40`))))
	if err != nil {
		t.Fatal(err)
	}
	c := p.NewCatalog(map[string]any{"services": map[string]any{"shop": map[string]any{"tier": 0}}})
	got, err := p.Eval(context.Background(), "change", input(), c)
	if err != nil || len(got.Deny) != 1 {
		t.Errorf("with a catalogue: %v, %v", got, err)
	}
	if got, err = p.Eval(context.Background(), "change", input(), nil); err != nil || len(got.Deny) != 0 {
		t.Errorf("without: %v, %v", got, err)
	}
	other, err := Compile(context.Background(), source(t, one(small)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Eval(context.Background(), "change", input(), c); err == nil {
		t.Error("another policy's catalogue is accepted")
	}
	if _, err := p.Eval(context.Background(), "change", input(), p.NewCatalog(map[string]any{"x": func() {}})); err == nil {
		t.Error("a catalogue that is no JSON is accepted")
	}
}

// TestConcurrent: many Evals share policy and catalogue, and always give the
// same.
func TestConcurrent(t *testing.T) {
	p, err := Compile(context.Background(), source(t, one(small)))
	if err != nil {
		t.Fatal(err)
	}
	want, err := p.Eval(context.Background(), "change", input(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				got, err := p.Eval(context.Background(), "change", input(), nil)
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Error(err, diff)
				}
			}
		})
	}
	wg.Go(func() {
		if _, err := p.Test(context.Background(), TestOptions{}); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
}

func TestDigest(t *testing.T) {
	digest := func(modules map[string]string, high int) string {
		src := source(t, modules)
		src.Data["config"] = map[string]any{"limits": map[string]any{"high": high}}
		p, err := Compile(context.Background(), src)
		if err != nil {
			t.Fatal(err)
		}
		return p.Digest()
	}
	base := digest(one(small), 40)
	if base != digest(one(small), 40) || len(base) != 64 {
		t.Error("the same policy has two digests")
	}
	if base != digest(with(small, "change_test.rego", "package gitsm.change_test\n"), 40) {
		t.Error("tests change the digest")
	}
	for name, other := range map[string]string{
		"data":       digest(one(small), 41),
		"module":     digest(one(small+"\n"), 40),
		"file name":  digest(map[string]string{"policy/c.rego": small}, 40),
		"more files": digest(with(small, "lib.rego", "package gitsm.lib\n\nx := 1\n"), 40),
	} {
		if other == base {
			t.Errorf("%s does not change the digest", name)
		}
	}
}
