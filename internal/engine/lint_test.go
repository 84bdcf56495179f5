package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// meta is the METADATA that a rule of the given id needs.
func meta(id string) string {
	return "# METADATA\n# title: " + id + "\n# custom:\n#   id: " + id + "\n"
}

// change is a gitsm.change module with one deny rule of the given body, and
// whatever else the test needs.
func change(body string, rest ...string) string {
	if body == "" {
		body = "input.record.title == \"\""
	}
	return "package gitsm.change\n\n" + meta("CHG001") + "deny contains \"no\" if {\n" + body + "\n}\n\n" + strings.Join(rest, "\n")
}

// compileProblems compiles modules, tests included, and returns what is wrong.
func compileProblems(t *testing.T, modules map[string]string) []Problem {
	t.Helper()
	p, err := Compile(context.Background(), source(t, modules))
	if err == nil {
		_, err = p.Test(context.Background(), TestOptions{})
	}
	var ce *CompileError
	if err != nil && !errors.As(err, &ce) {
		t.Fatal(err)
	}
	if ce == nil {
		return nil
	}
	return ce.Problems
}

// place finds the code-point position of a mark in the modules.
func place(modules map[string]string, mark string) (string, int, int) {
	for _, name := range sortedKeys(modules) {
		if before, _, ok := strings.Cut(modules[name], mark); ok {
			line := before[strings.LastIndex(before, "\n")+1:]
			return name, strings.Count(before, "\n") + 1, len([]rune(line)) + 1
		}
	}
	return "", 0, 0
}

// TestMisspelt misspells one name in every position in which a policy can
// write one. Each case is refused where it stands, with the right name; the
// same policy with the right name compiles.
func TestMisspelt(t *testing.T) {
	tests := []struct {
		name    string
		modules map[string]string
		bad     string // as written, once in the modules
		good    string
		code    string
	}{
		{"field of the record", one(change(`input.record.tittle == ""`)), "tittle", "title", "POL003"},
		{"field after a letter of two bytes", one(change(`"é" == input.record.tittle`)), "tittle", "title", "POL003"},
		{"field of a nested object", one(change(`input.record.plan.bakout == ""`)), "bakout", "backout", "POL003"},
		{"field in a list", one(change(`input.record.links[_].urll == ""`)), "urll", "url", "POL003"},
		{"field of before", one(change(`input.before.tittle == ""`)), "tittle", "title", "POL003"},
		{"envelope", one(change(`input.recrod.title == ""`)), "recrod", "record", "POL003"},
		{"envelope in brackets", one(change(`input["recrod"].title == ""`)), `"recrod"`, `"record"`, "POL003"},
		{"list of the envelope", one(change("some s in input.services\ns.teir == 1")), "teir", "tier", "POL003"},
		{"envelope in a helper package", with(change(`data.gitsm.lib.x`), "lib.rego", "package gitsm.lib\nx if input.recrod.title == \"\"\n"), "recrod", "record", "POL003"},
		{"record in a helper package", with(change(`data.gitsm.lib.x`), "lib.rego", "package gitsm.lib\nx if input.record.tittle == \"\"\n"), "tittle", "title", "POL003"},
		{"record in a subpackage", with(change(`data.gitsm.change.lib.x`), "lib.rego", "package gitsm.change.lib\nx if input.record.tittle == \"\"\n"), "tittle", "title", "POL003"},
		{"local", one(change("r := input.record\nr.tittle == \"\"")), "tittle", "title", "POL003"},
		{"alias by a rule", one(change(`plan.bakout == ""`, "plan := input.record.plan")), "bakout", "backout", "POL003"},
		{"alias by an import", one(strings.Replace(change(`rec.tittle == ""`), "\n\n", "\n\nimport input.record as rec\n\n", 1)), "tittle", "title", "POL003"},
		{"not", one(change(`not input.record.tittle`)), "tittle", "title", "POL003"},
		{"comprehension", one(change(`count([s | some s in input.services; s.teir == 1]) > 0`)), "teir", "tier", "POL003"},
		{"function argument", one(change(`late(input.record)`, `late(r) if r.tittle == ""`)), "tittle", "title", "POL003"},
		{"function argument in another package", with(change(`data.gitsm.lib.late(input.record)`), "lib.rego", "package gitsm.lib\nlate(r) if r.tittle == \"\"\n"), "tittle", "title", "POL003"},
		{"function argument of two levels", one(change(`outer(input.record)`, `outer(r) if inner(r.plan)`, `inner(p) if p.bakout == ""`)), "bakout", "backout", "POL003"},
		{"function result", one(change(`plan(input.record).bakout == ""`, `plan(r) := r.plan`)), "bakout", "backout", "POL003"},
		{"every variable", one(change(`every s in input.services { s.teir == 1 }`)), "teir", "tier", "POL003"},
		{"every inside a function", one(change(`all(input.services)`, `all(list) if every s in list { s.teir == 1 }`)), "teir", "tier", "POL003"},
		{"object.get key", one(change(`object.get(input.record, "tittle", "") == ""`)), `"tittle"`, `"title"`, "POL003"},
		{"object.get key of the input", one(change(`object.get(input, "recrod", {}) == {}`)), `"recrod"`, `"record"`, "POL003"},
		{"object.get path", one(change(`object.get(input.record, ["plan", "bakout"], "") == ""`)), `"bakout"`, `"backout"`, "POL003"},
		{"object.get on a local", one(change("p := object.get(input.record, \"plan\", {})\nobject.get(p, \"bakout\", \"\") == \"\"")), `"bakout"`, `"backout"`, "POL003"},
		{"field behind object.get", one(change("p := object.get(input.record, \"plan\", {})\np.bakout == \"\"")), `bakout`, `backout`, "POL003"},
		{"key in a variable", one(change("some k in [\"implement\", \"bakout\"]\nnot input.record.plan[k]")), `"bakout"`, `"backout"`, "POL003"},
		{"key as a function argument", one(change(`empty(input.record.plan, "bakout")`, `empty(o, k) if o[k] == ""`)), `"bakout"`, `"backout"`, "POL003"},
		{"key compared in a loop", one(change("some k, _ in input.record.plan\nk == \"bakout\"")), `"bakout"`, `"backout"`, "POL003"},
		{"object.remove", one(change(`object.remove(input.record, ["tittle"]) == {}`)), `"tittle"`, `"title"`, "POL003"},
		{"json.filter", one(change(`json.filter(input.record, ["plan/bakout"]) == {}`)), `"plan/bakout"`, `"plan/backout"`, "POL003"},
		{"object.subset", one(change(`object.subset(input.record, {"tittle": "x"})`)), `"tittle"`, `"title"`, "POL003"},
		{"enum literal", one(change(`input.record.type == "emergncy"`)), `"emergncy"`, `"emergency"`, "POL004"},
		{"enum literal on the left", one(change(`"emergncy" == input.record.type`)), `"emergncy"`, `"emergency"`, "POL004"},
		{"enum literal, not equal", one(change(`input.record.type != "emergncy"`)), `"emergncy"`, `"emergency"`, "POL004"},
		{"enum literal in a set", one(change(`input.record.type in {"normal", "emergncy"}`)), `"emergncy"`, `"emergency"`, "POL004"},
		{"enum literal as a key", one(change(`{"normal": 1, "emergncy": 2}[input.record.type] == 1`)), `"emergncy"`, `"emergency"`, "POL004"},
		{"enum literal in a function", one(change(`urgent(input.record)`, `urgent(r) if r.type == "emergncy"`)), `"emergncy"`, `"emergency"`, "POL004"},
		{"enum literal as a pattern", one(change(`weight(input.record.type) > 1`, `weight("emergncy") := 2`)), `"emergncy"`, `"emergency"`, "POL004"},
		{"enum literal through a local", one(change("t := input.record.type\nt == \"emergncy\"")), `"emergncy"`, `"emergency"`, "POL004"},
		{"state in the transition", one(change(`input.transition.to == "implementin"`)), `"implementin"`, `"implementing"`, "POL004"},
		{"key of a message", one(change("") + meta("CHG002") + `warn contains {"mgs": "x", "msg": "y"}`), `"mgs"`, `"msg"`, "POL003"},
		{"key of a signal", one(change("") + meta("CHG002") + `signals contains {"points": 1, "msg": "x", "mitigaton": "y"}`), `"mitigaton"`, `"mitigation"`, "POL003"},
		{"key of an approval", one(change("") + meta("CHG002") + "approvals contains a if {\na := {\"form\": [\"team:a\"], \"count\": 1}\n}"), `"form"`, `"from"`, "POL003"},
		{"key of a risk", one(change("") + meta("CHG002") + `risk := {"scroe": 1, "band": "low"}`), `"scroe"`, `"score"`, "POL003"},
		{"band", one(change("") + meta("CHG002") + `risk := {"score": 1, "band": "hihg"}`), `"hihg"`, `"high"`, "POL004"},
		{"band read back", one(change(`risk.band in {"hihg", "critical"}`) + meta("CHG002") + `risk := {"score": 1, "band": lower(input.record.title)}`), `"hihg"`, `"high"`, "POL004"},
		{"path of a message", one(change("") + meta("CHG002") + `warn contains {"msg": "x", "path": "/plan/bakout"}`), `"/plan/bakout"`, `"/plan/backout"`, "POL003"},
		{"key of the config", one(change(`data.config.limts.high > 1`)), "limts", "limits", "POL011"},
		{"nested key of the config", one(change(`data.config.limits.hihg > 1`)), "hihg", "high", "POL011"},
		{"config", one(change(`data.confg.limits.high > 1`)), "confg", "config", "POL011"},
		{"key of the config with a default", one(change(`object.get(data.config, "limts", {}) == {}`)), `"limts"`, `"limits"`, "POL011"},
		{"rule of a helper package", with(change(`data.gitsm.lib.ltae`), "lib.rego", "package gitsm.lib\nlate := true\n"), "ltae", "late", "POL011"},
		{"fixture", tested(`deny with input as {"record": {"tittle": "x"}}`), `"tittle"`, `"title"`, "POL003"},
		{"fixture, envelope", tested(`deny with input as {"recrod": {"title": "x"}}`), `"recrod"`, `"record"`, "POL003"},
		{"fixture, nested", tested(`deny with input as {"record": {"plan": {"bakout": "x"}}}`), `"bakout"`, `"backout"`, "POL003"},
		{"fixture, list", tested(`deny with input as {"services": [{"teir": 1}]}`), `"teir"`, `"tier"`, "POL003"},
		{"fixture, enum", tested(`deny with input as {"record": {"type": "emergncy"}}`), `"emergncy"`, `"emergency"`, "POL004"},
		{"fixture, record", tested(`deny with input.record as {"tittle": "x"}`), `"tittle"`, `"title"`, "POL003"},
		{"fixture, target", tested(`deny with input.record.plan.bakout as "x"`), `bakout`, `backout`, "POL003"},
		{"fixture, target of the envelope", tested(`deny with input.recrod as {}`), `recrod`, `record`, "POL003"},
		{"fixture from a rule", tested(`deny with input as fixture`, `fixture := {"record": {"tittle": "x"}}`), `"tittle"`, `"title"`, "POL003"},
		{"fixture from a nested rule", tested(`deny with input as fixture`, `fixture := {"record": rec}`, `rec := {"plan": {"bakout": ""}}`), `"bakout"`, `"backout"`, "POL003"},
		{"fixture from a function", tested(`deny with input as fixture({"bakout": "x"})`, `fixture(plan) := {"record": {"plan": plan}}`), `"bakout"`, `"backout"`, "POL003"},
		{"fixture by object.union", tested(`deny with input as object.union(base, {"record": {"tittle": "x"}})`, `base := {"record": {"type": "normal"}}`), `"tittle"`, `"title"`, "POL003"},
		{"fixture by json.patch, path", tested(`deny with input as json.patch(base, [{"op": "add", "path": "/record/plan/bakout", "value": "x"}])`, `base := {"record": {"type": "normal"}}`), `"/record/plan/bakout"`, `"/record/plan/backout"`, "POL003"},
		{"fixture by json.patch, value", tested(`deny with input as json.patch(base, [{"op": "add", "path": "/record", "value": {"tittle": "x"}}])`, `base := {"record": {"type": "normal"}}`), `"tittle"`, `"title"`, "POL003"},
		{"fixture of a helper's test", with(change(`data.gitsm.lib.x`), "lib.rego", "package gitsm.lib\nx if input.record.title == \"\"\n",
			"lib_test.rego", "package gitsm.lib_test\ntest_x if data.gitsm.lib.x with input as {\"record\": {\"tittle\": \"\"}}\n"), `"tittle"`, `"title"`, "POL003"},
		{"fixture of an incident", with(change(`data.gitsm.lib.x`), "lib.rego", "package gitsm.lib\nx if input.record.title == \"\"\n", "x_test.rego",
			"package gitsm.x_test\ntest_x if data.gitsm.lib.x with input as {\"record\": {\"kind\": \"incident\", \"urgencyy\": \"high\"}}\n"), `"urgencyy"`, `"urgency"`, "POL003"},
		{"fixture as an argument", tested(`data.gitsm.change.late({"tittle": ""})`), `"tittle"`, `"title"`, "POL003"},
		{"config in a test", tested(`deny with data.config.limts as {"high": 1}`), `limts`, `limits`, "POL011"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file, line, col := place(tt.modules, tt.bad)
			found := compileProblems(t, tt.modules)
			want := Problem{Code: tt.code, File: file, Line: line, Column: col}
			if len(found) != 1 {
				t.Fatalf("problems: %v, want one at %v", found, want)
			}
			got := found[0]
			fix := got.Fix
			got.Message, got.Fix = "", ""
			if got != want || !strings.Contains(fix, fixOf(tt.good)) {
				t.Errorf("got %v, want %v with fix %s", found, want, tt.good)
			}
			right := map[string]string{}
			for name, text := range tt.modules {
				right[name] = strings.Replace(text, tt.bad, tt.good, 1)
			}
			if found := compileProblems(t, right); len(found) > 0 {
				t.Errorf("spelt right: %v", found)
			}
		})
	}
}

// TestSpeltRight holds what the lint must leave alone.
func TestSpeltRight(t *testing.T) {
	tests := map[string]map[string]string{
		"default outside the enum": one(change("t := object.get(input.record, \"type\", \"unknown\")\nt == \"unknown\"")),
		"empty string":             one(change(`input.record.type != ""`)),
		"new record":               one(change(`input.transition.from == ""`)),
		"optional config":          one(change(`object.get(data.config, "freeze_hours", 1) == 1`)),
		"config of a test":         tested(`deny with data.config.limits.high as 1`),
		"config by record":         one(change(`data.config.limits[input.record.environment] > 1`)),
		"catalogue":                one(change(`data.catalog.services[_].teir == 1`)),
		"catalogue of a test":      tested(`deny with data.catalog.services as {"a": {"teir": 1}}`),
		"two kinds in one function": one(change("important(input.services[_])\nimportant(input.assets[_])",
			`important(x) if x.tier == 1`, `important(x) if x.type == "database"`)),
		"one function, many keys":           one(change("empty(input.record, \"reason\")\nempty(input.record.plan, \"backout\")", `empty(o, k) if not o[k]`)),
		"one set, many enums":               one(change("input.record.type in words\ninput.record.questionnaire.tested in words", `words := {"normal", "fully"}`)),
		"one table, many enums":             one(change("w[input.record.type] > 1\nw[input.record.questionnaire.tested] > 1", `w := {"normal": 1, "fully": 2}`)),
		"object of one's own":               one(change(`facts.tittle == "x"`, `facts := {"tittle": input.record.title}`)),
		"object of one's own in a function": one(change(`f({"tittle": input.record.title})`, `f(o) if o.tittle == "x"`)),
		"keys of a comprehension":           one(change("m := {s.id: s | some s in input.services}\nm.shop.tier == 1")),
		"fixture with a computed key":       tested("some k in [\"title\"]\ndeny with input as {\"record\": {k: \"x\"}}"),
		"fixture taken apart":               tested(`deny with input as object.union(object.remove(base, ["actor"]), {"now": "x"})`, `base := {"record": {"title": "x"}, "actor": {"id": "a", "known": true}}`),
		"every value of an enum":            one(change(`every t in ["normal", "standard", "emergency"] { input.record.type != t }`)),
		"number of an enum":                 one(change(`input.services[_].tier in {0, 1}`)),
		"n of m": with(change(`input.record.title == ""`), "service.rego",
			"package gitsm.service\n\n"+meta("SVC001")+"deny contains \"x\" if {\nsome d in input.record.depends_on\nd.need > count(d.of)\n}\n"),
	}
	for name, modules := range tests {
		t.Run(name, func(t *testing.T) {
			if found := compileProblems(t, modules); len(found) > 0 {
				t.Error(found)
			}
		})
	}
}

func fixOf(good string) string {
	good = strings.Trim(strings.TrimSpace(good), `"`)
	return fmt.Sprintf("did you mean %s?", good[strings.LastIndex(good, "/")+1:])
}

func one(text string) map[string]string { return map[string]string{"policy/change.rego": text} }

// with adds modules, given as name and text, to a change module.
func with(change string, rest ...string) map[string]string {
	out := one(change)
	for i := 0; i < len(rest); i += 2 {
		out["policy/"+rest[i]] = rest[i+1]
	}
	return out
}

// tested is a policy with a test of the given body and helpers.
func tested(body string, rest ...string) map[string]string {
	return with(change("late(input.record)", `late(r) if r.title == ""`), "change_test.rego",
		"package gitsm.change_test\n\nimport data.gitsm.change.deny\n\ntest_it if {\n"+body+"\ncount(deny) >= 0\n}\n\n"+strings.Join(rest, "\n"))
}
