package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const smallTest = `package gitsm.change_test

import data.gitsm.change

test_backout if {
	some d in change.deny with input as {"record": {"title": "a long enough title"}}
	d.path == "/plan/backout"
}

test_wrong if count(change.warn) == 1 with input as {"record": {"title": "a long enough title"}}

test_error if to_number("a") == 1

todo_test_later if false

test_config if {
	print("config", data.config.team)
	data.config.limits.high == 40
}
`

func TestTest(t *testing.T) {
	p, err := Compile(context.Background(), source(t, with(small, "change_test.rego", smallTest)))
	if err != nil {
		t.Fatal(err)
	}
	report, err := p.Test(context.Background(), TestOptions{Coverage: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range report.Tests {
		got = append(got, fmt.Sprintf("%s:%d %s.%s pass %v skipped %v error %v output %q", r.File, r.Line, r.Package, r.Name, r.Pass, r.Skipped, r.Error != "", r.Output))
	}
	want := []string{
		`policy/change_test.rego:5 gitsm.change_test.test_backout pass true skipped false error false output ""`,
		`policy/change_test.rego:10 gitsm.change_test.test_wrong pass false skipped false error false output ""`,
		`policy/change_test.rego:12 gitsm.change_test.test_error pass false skipped false error true output ""`,
		`policy/change_test.rego:14 gitsm.change_test.todo_test_later pass false skipped true error false output ""`,
		`policy/change_test.rego:16 gitsm.change_test.test_config pass true skipped false error false output "config team:change-managers\n"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !report.Failed() {
		t.Error("a report with a failed test has not failed")
	}
	got = nil
	for _, c := range report.Coverage {
		got = append(got, fmt.Sprintf("%s %s exercised %v uncovered %v %.0f %%", c.Rule.ID, c.Rule.Name, c.Exercised, c.Uncovered, c.Percentage))
	}
	want = []string{
		"CHG012 deny exercised true uncovered [] 100 %", "CHG900 warn exercised false uncovered [15] 0 %",
		"CHG101 signals exercised false uncovered [21 23] 0 %", "CHG100 risk exercised false uncovered [30] 0 %",
		"CHG200 approvals exercised false uncovered [36] 0 %",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTestFilter(t *testing.T) {
	p, err := Compile(context.Background(), source(t, with(small, "change_test.rego", smallTest)))
	if err != nil {
		t.Fatal(err)
	}
	report, err := p.Test(context.Background(), TestOptions{Run: `change_test\.test_back`})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Tests) != 1 || report.Failed() || report.Coverage != nil {
		t.Errorf("got %+v, want the one test passed", report)
	}
	if _, err := p.Test(context.Background(), TestOptions{Run: "("}); err == nil || !strings.Contains(err.Error(), "filter") {
		t.Errorf("got %v, want a bad filter", err)
	}
	report, err = p.Test(context.Background(), TestOptions{Run: "nothing"})
	if err != nil || !report.Failed() {
		t.Errorf("got %+v, %v: no test at all is no success", report, err)
	}
}

// TestTestsDoNotDecide: tests are no part of what is enforced.
func TestTestsDoNotDecide(t *testing.T) {
	bad := "package gitsm.change\n\ntest_x if input.recrod\n"
	p, err := Compile(context.Background(), source(t, with(small, "change_test.rego", bad)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Eval(context.Background(), "change", input(), nil); err != nil {
		t.Error(err)
	}
	if _, err := p.Test(context.Background(), TestOptions{}); err == nil {
		t.Error("a misspelt test compiles")
	}
	within := strings.Replace(small, "not input.record.plan.backout", "data.gitsm.change_test.x", 1)
	if _, err := Compile(context.Background(), source(t, with(within, "change_test.rego", "package gitsm.change_test\n\nx := true\n"))); err == nil {
		t.Error("policy may refer to tests")
	}
}

// TestTestFixtures: records written as YAML are typed as those that are judged
// are, and only tests see them.
func TestTestFixtures(t *testing.T) {
	fixtures := map[string]Fixture{"rotate": {Kind: "change", Record: map[string]any{"kind": "change", "title": "a long enough title"}}}
	run := func(mods map[string]string) error {
		t.Helper()
		p, err := Compile(context.Background(), source(t, mods))
		if err != nil {
			return err
		}
		report, err := p.Test(context.Background(), TestOptions{Fixtures: fixtures})
		if err == nil && report.Failed() {
			t.Errorf("got %+v, want every test passed", report.Tests)
		}
		return err
	}
	const head = "package gitsm.change_test\n\nimport data.gitsm.change\n\n"
	tests := []struct{ name, test, want string }{
		{"used", "test_x if count(change.deny) > 0 with input as {\"record\": data.fixtures.rotate}", ""},
		{"misspelt field", "test_x if data.fixtures.rotate.tittle == \"x\"", "POL003"},
		{"misspelt name", "test_x if data.fixtures.rotat.title == \"x\"", "POL011"},
	}
	for _, test := range tests {
		err := run(with(small, "change_test.rego", head+test.test+"\n"))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
	if err := run(with(small, "base_test.rego", "package fixtures\n\nbase := {\"title\": \"x\"}\n\ntest_x if data.fixtures.base.title == \"x\"\n")); err != nil {
		t.Errorf("a package of that name: %v", err)
	}
	within := strings.Replace(small, "not input.record.plan.backout", "data.fixtures.rotate.title", 1)
	if err := run(with(within, "change_test.rego", head+tests[0].test+"\n")); err == nil || !strings.Contains(err.Error(), "POL011") {
		t.Errorf("a rule that reads a fixture: got %v, want POL011", err)
	}
}
