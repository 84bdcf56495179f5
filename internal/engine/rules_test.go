package engine

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/finding"
)

// TestRefused holds policies that would be passed over in silence, or would
// undo gitsm's own guarantees, each with where and how it is refused.
func TestRefused(t *testing.T) {
	right := change(`input.record.title == ""`)
	head := "package gitsm.change\n\n"
	tests := []struct {
		name    string
		modules map[string]string
		mark    string // where
		code    string
		message string // a part of it
		fix     string // a part of it
	}{
		{"syntax", one(head + "deny contains {"), "{", "POL001", "", ""},
		{"Rego v0", one("package gitsm.change\n\ndeny[msg] { msg := \"x\" }\n"), "deny[msg]", "POL001", "", ""},
		{"empty module", with(right, "a.rego", "# nothing\n"), "# nothing", "POL001", "empty module", ""},
		{"unsafe variable", one(change(`x == 1`)), "x == 1", "POL002", "unsafe", ""},
		{"unused variable", one(change("x := 1")), "x := 1", "POL002", "unused", ""},
		{"type mismatch", one(change(`input.record.title == 3`)), "input.record.title", "POL002", "match error", ""},
		{"recursion", one(change(`count(deny) > 0`)), "deny contains", "POL002", "data.gitsm.change.deny is recursive", ""},
		{"walk over the policies", one(change(`walk(data.gitsm, [_, "x"])`)), "deny contains", "POL002", "recursive", ""},
		{"walk over everything", one(change(`count(data) > 0`)), "deny contains", "POL002", "recursive", ""},
		{"rule denny", one(right + meta("CHG002") + `denny contains "x"`), "denny contains", "POL007", "denny is never asked for", "if you mean deny"},
		{"rule den", one(right + meta("CHG002") + `den contains "x"`), "den contains", "POL007", "never asked", "deny"},
		{"rule warning", one(right + meta("CHG002") + `wanr contains "x"`), "wanr contains", "POL007", "never asked", "warn"},
		{"rule aprovals", one(right + meta("CHG002") + `aproval contains "x"`), "aproval contains", "POL007", "never asked", "approvals"},
		{"rule signal", one(right + meta("CHG002") + `signal contains "x"`), "signal contains", "POL007", "never asked", "signals"},
		{"rule rsik", one(right + meta("CHG002") + `rsik := 1`), "rsik := 1", "POL007", "never asked", "risk"},
		{"conftest's deny_name", one(right + meta("CHG002") + `deny_name contains "x"`), "deny_name", "POL007", "never asked", "deny"},
		{"conftest's violation", one(right + meta("CHG002") + `violation contains "x"`), "violation", "POL007", "never asked", "deny"},
		{"package gitsm.chnage", one(strings.Replace(right, "gitsm.change", "gitsm.chnage", 1)), "gitsm.chnage", "POL007", "never asked", "gitsm.change"},
		{"package gitsm.changes", one(strings.Replace(right, "gitsm.change", "gitsm.changes", 1)), "gitsm.changes", "POL007", "never asked", "gitsm.change"},
		{"package gitms.change", one(strings.Replace(right, "gitsm.change", "gitms.change", 1)), "gitms", "POL007", "never asked", "gitsm"},
		{"package main", one("package main\n\ndeny contains \"x\" if true\n"), "deny", "POL007", "deny in package main is never asked for", "gitsm.<kind>"},
		{"deny below the kind", with(right, "a.rego", "package gitsm.change.extra\n\ndeny contains \"x\"\n"), "deny contains \"x\"", "POL007", "never asked", ""},
		{"package without a rule", with(right, "a.rego", "package gitsm.asset\n\nhelper := 1\n"), "package gitsm.asset", "POL007", "none of the rules", "approvals"},
		{"test of a misspelt kind", with(right, "a_test.rego", "package gitsm.chnage_test\n\ntest_x if true\n"), "gitsm.chnage_test", "POL007", "never asked", "gitsm.change"},
		{"deny is a value", one(head + meta("CHG001") + `deny := "x"`), "deny :=", "POL008", "no", "contains"},
		{"deny is boolean", one(head + meta("CHG001") + `deny if input.record.title == ""`), "deny if", "POL008", "not a set", "deny contains"},
		{"deny is a function", one(head + meta("CHG001") + `deny(x) if x`), "deny(x)", "POL008", "not a set", ""},
		{"deny is an object", one(head + meta("CHG001") + `deny["x"] := 1`), `deny["x"]`, "POL008", "not a set", ""},
		{"risk is a set", one(head + meta("CHG001") + `risk contains 1`), "risk contains", "POL008", "complete rule", "score"},
		{"no METADATA", one(head + `deny contains "x" if true`), "deny contains", "POL006", "no METADATA", "directly above"},
		{"one METADATA, two rules", one(right + `deny contains "y" if true`), `deny contains "y"`, "POL006", "no METADATA", ""},
		{"no METADATA on risk", one(head + `risk := {"score": 1, "band": "low"}`), "risk :=", "POL006", "no METADATA", ""},
		{"no title", one(head + "# METADATA\n# custom:\n#   id: CHG001\ndeny contains \"x\""), "# METADATA", "POL006", "no title", ""},
		{"no id", one(head + "# METADATA\n# title: t\ndeny contains \"x\""), "# METADATA", "POL006", "custom.id is not three capital letters", ""},
		{"odd id", one(head + meta("chg1") + "deny contains \"x\""), "# METADATA", "POL006", "custom.id", ""},
		{"gitsm's own id", one(head + meta("POL001") + "deny contains \"x\""), "# METADATA", "POL006", "taken", ""},
		{"duplicate id", one(right + meta("CHG001") + `warn contains "y" if true`), `warn contains "y"`, "POL006", "already the id of deny at policy/change.rego:7", ""},
		{"duplicate id in another package", with(right, "team.rego", "package gitsm.team\n\n"+meta("CHG001")+"warn contains \"z\"\n"), `warn contains "z"`, "POL006", "already the id", ""},
		{"misspelt severity", one(head + "# METADATA\n# title: t\n# custom:\n#   id: CHG001\n#   sevrity: error\ndeny contains \"x\""), "# METADATA", "POL006", "sevrity", "severity"},
		{"severity against the rule", one(head + "# METADATA\n# title: t\n# custom:\n#   id: CHG001\n#   severity: warning\ndeny contains \"x\""), "# METADATA", "POL006", "severity", ""},
		{"controls are no list", one(head + "# METADATA\n# title: t\n# custom:\n#   id: CHG001\n#   controls: CC8.1\ndeny contains \"x\""), "# METADATA", "POL006", "controls", ""},
		{"own schemas on the package", one("# METADATA\n# schemas:\n# - input.record: schema.kind0\n" + right), "# METADATA", "POL009", "schemas", ""},
		{"own schemas on a rule", one(head + "# METADATA\n# title: t\n# schemas:\n# - input.record: {type: object}\n# custom:\n#   id: CHG001\ndeny contains \"x\" if input.record.tittle"), "# METADATA", "POL009", "schemas", ""},
		{"own schemas in a helper", with(right, "lib.rego", "package gitsm.lib\n\n# METADATA\n# schemas:\n# - input: {type: object}\nx if input.recrod\n"), "# METADATA\n# schemas", "POL009", "schemas", ""},
		{"scope subpackages", one("# METADATA\n# scope: subpackages\n# title: x\n" + right), "# METADATA", "POL009", "subpackages", "scope: package"},
		{"http.send", one(change(`http.send({"method": "get", "url": "http://localhost"}).status_code == 200`)), "http.send", "POL005", "http.send", ""},
		{"http.send in a helper", with(right, "lib.rego", "package gitsm.lib\nx := http.send({}).body\n"), "http.send", "POL005", "http.send", ""},
		{"with replaces a builtin", one(change(`count([1]) == 2 with count as 2`)), "count([1])", "POL005", "replaces", "tests"},
		{"with replaces a function", one(change(`f(1) == 2 with f as 2`, "f(x) := x")), "f(1) ==", "POL005", "replaces", "tests"},
		{"misspelt function", one(change(`conut([1]) == 2`)), "conut", "POL002", "no function conut", "count"},
		{"non-existing function", one(change(`frobnicate([1]) == 2`)), "frobnicate", "POL002", "no function frobnicate", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file, line, col := place(tt.modules, tt.mark)
			for _, p := range compileProblems(t, tt.modules) {
				at := p.File == file && p.Line == line && (p.Column == col || p.Code == "POL001")
				if p.Code == tt.code && at && strings.Contains(p.Message, tt.message) && strings.Contains(p.Fix, tt.fix) {
					return
				}
			}
			t.Errorf("got %v, want %s at %s:%d:%d %q (%q)", compileProblems(t, tt.modules), tt.code, file, line, col, tt.message, tt.fix)
		})
	}
}

// TestNotRefused holds names that resemble gitsm's only from afar.
func TestNotRefused(t *testing.T) {
	right := change(`input.record.title == ""`)
	for name, modules := range map[string]map[string]string{
		"helpers":               one(right + "ranks := {1}\n\nenv := \"x\"\n\ndays contains \"mon\"\n\nrisk_band := \"low\"\n\nsignals_total := 3\n\nrisky(x) if x\n"),
		"function near a rule":  one(right + "denys(x) if x\n"),
		"function in a library": with(right, "lib.rego", "package gitsm.lib\n\nrisk(x) := x\n"),
		"library":               with(right, "lib.rego", "package gitsm.lib.time\n\nhour := 1\n"),
		"another tree":          with(right, "lib.rego", "package lib\n\nhour := 1\n"),
		"package METADATA":      one("# METADATA\n# scope: package\n# title: changes\n" + right),
		"author's own keys":     one("package gitsm.change\n\n# METADATA\n# title: t\n# custom:\n#   id: CHG001\n#   docs: here\n#   owner: team\ndeny contains \"x\""),
		"tests beside":          with(right, "change_test.rego", "package gitsm.change_test\n\ntest_x if count(data.gitsm.change.deny) == 0 with input as {\"record\": {\"title\": \"x\"}}\n"),
		"tests in the package":  with(right, "change_test.rego", "package gitsm.change\n\ntest_x if count(deny) == 0 with input as {\"record\": {\"title\": \"x\"}}\n"),
		"other files":           {"policy/change.rego": right, "policy/README.md": "not Rego"},
	} {
		t.Run(name, func(t *testing.T) {
			if found := compileProblems(t, modules); len(found) > 0 {
				t.Error(found)
			}
		})
	}
}

func TestNoPolicy(t *testing.T) {
	for name, modules := range map[string]map[string]string{
		"no module":      {},
		"only tests":     {"policy/a_test.rego": "package gitsm.a_test\n\ntest_x if true\n"},
		"only a library": {"policy/lib.rego": "package gitsm.lib\n\nx := 1\n"},
	} {
		if _, err := Compile(context.Background(), source(t, modules)); !errors.Is(err, ErrNoPolicy) {
			t.Errorf("%s: %v, want ErrNoPolicy", name, err)
		}
	}
	p, err := Compile(context.Background(), source(t, one(small)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Eval(context.Background(), "incident", input(), nil); !errors.Is(err, ErrNoPolicy) {
		t.Errorf("kind without rules: %v, want ErrNoPolicy", err)
	}
	if p.Judges("incident") || !p.Judges("change") {
		t.Error("Judges: want change alone")
	}
}

// TestDataKeys: data.yaml has one top key.
func TestDataKeys(t *testing.T) {
	src := source(t, one(small))
	src.Data["confg"] = map[string]any{}
	_, err := Compile(context.Background(), src)
	var ce *CompileError
	if !errors.As(err, &ce) || len(ce.Problems) != 1 || ce.Problems[0].Code != "POL012" || ce.Problems[0].File != "policy/data.yaml" {
		t.Errorf("got %v, want POL012 in policy/data.yaml", err)
	}
}

// TestDataConfig: policy that reads its data does not go on without them.
func TestDataConfig(t *testing.T) {
	const reads = `data.config.limits.high > 1`
	for name, c := range map[string]struct {
		data map[string]any
		code string
	}{
		"no data.yaml":       {nil, "POL011"},
		"without config":     {map[string]any{}, "POL011"},
		"config of nothing":  {map[string]any{"config": nil}, "POL011"},
		"config as a list":   {map[string]any{"config": []any{"limits"}}, "POL012"},
		"config as a number": {map[string]any{"config": json.Number("5")}, "POL012"},
	} {
		src := source(t, one(change(reads)))
		src.Data = c.data
		_, err := Compile(t.Context(), src)
		var ce *CompileError
		if !errors.As(err, &ce) || len(ce.Problems) != 1 || ce.Problems[0].Code != c.code {
			t.Errorf("%s: got %v, want %s", name, err, c.code)
		}
		if src = source(t, one(change(""))); c.code == "POL011" {
			src.Data = c.data
			if _, err := Compile(t.Context(), src); err != nil {
				t.Errorf("%s: a policy that reads none of them: %v", name, err)
			}
		}
	}
}

// TestDataHolds: data that policy looks into holds something, in whatever way it
// looks; data that is read as what it is may be anything.
func TestDataHolds(t *testing.T) {
	for reads, datum := range map[string]any{
		`data.config.team.lead == "x"`:                   "team:change-managers",
		"t := data.config.team\n\tt.lead == \"x\"":       json.Number("5"),
		`some t in data.config.team; t == "x"`:           "team:change-managers",
		`input.record.title in data.config.team`:         nil,
		`every t in data.config.team { t.lead == "x" }`:  true,
		`data.config.team[input.record.title] == "x"`:    "x",
		`holds(data.config.team)`:                        "x",
		`data.config.team.x.y == 1`:                      map[string]any{"x": []any{}},
		`some t in data.config.team; t.lead.name == "x"`: []any{map[string]any{"lead": "x"}},
	} {
		src := source(t, one(change(reads, "holds(x) if x.lead == 1")))
		src.Data["config"].(map[string]any)["team"] = datum
		_, err := Compile(t.Context(), src)
		var ce *CompileError
		if !errors.As(err, &ce) || ce.Problems[0].Code != "POL011" || !strings.HasPrefix(ce.Problems[0].Message, "data.config.team") {
			t.Errorf("%s of %v: got %v", reads, datum, err)
		}
	}
	for _, reads := range []string{`data.config.team == input.record.title`, `data.config.limits.high > 1`, `some l in data.config.limits; l > 1`, `1 in data.config.limits`} {
		if _, err := Compile(t.Context(), source(t, one(change(reads)))); err != nil {
			t.Errorf("%s: %v", reads, err)
		}
	}
}

// TestAllProblems: every problem is reported, sorted, once.
func TestAllProblems(t *testing.T) {
	found := compileProblems(t, with(change("input.record.tittle == \"\"\nobject.get(input.record, \"ownr\", \"\") == \"\""),
		"a.rego", "package gitsm.team\n\ndeny contains \"x\" if input.record.mebmers == []\n"))
	var got []string
	for _, p := range found {
		got = append(got, p.File+" "+p.Code)
	}
	want := []string{"policy/a.rego POL006", "policy/a.rego POL003", "policy/change.rego POL003", "policy/change.rego POL003"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n%v", diff, found)
	}
	for _, p := range found {
		row, ok := finding.Lookup(p.Code)
		if !ok || row.Severity != finding.Error {
			t.Errorf("code %s has no row", p.Code)
		}
	}
}

func TestRules(t *testing.T) {
	p, err := Compile(context.Background(), source(t, one(small)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range p.Rules() {
		got = append(got, r.ID+" "+r.Name+" "+r.Package+" "+r.Title+" "+r.Severity)
	}
	want := []string{
		"CHG012 deny gitsm.change back-out plan missing error", "CHG900 warn gitsm.change title is short warning",
		"CHG101 signals gitsm.change tier ", "CHG100 risk gitsm.change risk ", "CHG200 approvals gitsm.change owner ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestPackages: a kind with a hyphen, and one with a package of its own.
func TestPackages(t *testing.T) {
	src := source(t, map[string]string{
		"policy/a.rego": "package gitsm.access_review\n\n" + meta("ACR001") + "deny contains \"a\" if input.record.title == \"Upgrade\"\n",
		"policy/b.rego": "package gitsm.risks\n\n" + meta("RSK001") + "deny contains \"b\" if input.record.title == \"Upgrade\"\n",
	})
	src.Kinds = append(src.Kinds, "access-review", "risk")
	src.Schemas["access-review"] = src.Schemas["change"]
	src.Packages = map[string]string{"risk": "risks"}
	p, err := Compile(context.Background(), src)
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]string{"access-review": "a", "risk": "b"} {
		got, err := p.Eval(context.Background(), kind, input(), nil)
		if err != nil || len(got.Deny) != 1 || got.Deny[0].Msg != want {
			t.Errorf("%s: got %v, %v", kind, got, err)
		}
	}
	src.Modules["policy/a.rego"] = []byte("package gitsm.access_review\n\n" + meta("ACR001") + "deny contains \"a\" if input.record.tittle == \"x\"\n")
	if _, err := Compile(context.Background(), src); err == nil {
		t.Error("the record of a kind with a hyphen is not typed")
	}
	src.Modules["policy/a.rego"] = []byte("package gitsm.acess_review\n\n" + meta("ACR001") + "deny contains \"a\"\n")
	if _, err := Compile(context.Background(), src); err == nil || !strings.Contains(err.Error(), "did you mean gitsm.access_review?") {
		t.Errorf("got %v", err)
	}
}

// TestOlderImports: what older versions of OPA needed is accepted, what only
// newer ones have is not.
func TestOlderImports(t *testing.T) {
	right := change(`input.record.title == ""`)
	for _, line := range []string{"import rego.v1", "import future.keywords", "import future.keywords.if"} {
		if found := compileProblems(t, one(strings.Replace(right, "\n\n", "\n\n"+line+"\n\n", 1))); len(found) > 0 {
			t.Errorf("%s: %v", line, found)
		}
	}
	if found := compileProblems(t, one(strings.Replace(right, "\n\n", "\n\nimport rego.v2\n\n", 1))); len(found) == 0 {
		t.Error("import rego.v2 is accepted")
	}
}

// TestSameProblems: a policy is refused in the same words every time.
func TestSameProblems(t *testing.T) {
	modules := with(change("some k in [\"bakout\", \"tset\"]\nnot input.record.plan[k]\nobject.get(input.record, \"tittle\", \"\") == \"\"\nlate(input.record)\nlate(input.services[_])", "late(r) if r.ttile == \"\""),
		"change_test.rego", "package gitsm.change_test\n\ntest_x if data.gitsm.change.deny with input as {\"recrod\": {\"tittle\": 1}, \"servics\": []}\n")
	want := compileProblems(t, modules)
	for range 10 {
		if diff := cmp.Diff(want, compileProblems(t, modules)); diff != "" {
			t.Fatal(diff)
		}
	}
	if len(want) < 4 {
		t.Errorf("only %v", want)
	}
}

// TestCodes: every code that this package emits is explained.
func TestCodes(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range regexp.MustCompile(`POL\d{3}`).FindAllString(string(src), -1) {
			seen[code] = true
			if row, ok := finding.Lookup(code); !ok || row.Severity != finding.Error {
				t.Errorf("%s: %s has no row", file, code)
			}
		}
	}
	for _, c := range finding.Codes() {
		if strings.HasPrefix(c.ID, "POL") && !seen[c.ID] {
			t.Errorf("%s is never emitted", c.ID)
		}
	}
}
