package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/scripts"
)

// TestExamples holds every directory of examples/ to what a store is held to:
// records without a finding, policy whose tests pass and evaluate every line of
// every rule, and a README whose commands TestDocs runs.
func TestExamples(t *testing.T) {
	for _, dir := range examples(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			term := newTerminal(t, t.Name(), filepath.Base(dir), dir)
			for _, cmd := range []string{"gitsm check --all --fail-on warning", "gitsm policy test --min-coverage 100"} {
				passes(t, term, cmd)
			}
			text, err := os.ReadFile(filepath.Join(dir, "README.md"))
			if err != nil {
				t.Fatal(err)
			}
			if c, err := parseConsole("README.md", string(text)); err != nil || len(c.steps) == 0 {
				t.Errorf("its README runs no command: %v", err)
			}
			for _, kind := range shown(dir) {
				if list, err := os.ReadDir(filepath.Join(dir, kind)); err != nil || len(list) == 0 {
					t.Errorf("it has no %s: %v", kind, err)
				}
			}
		})
	}
}

// shown are the directories that an example has something in: of its own kinds
// where it declares some, else of the built-in ones that go together.
func shown(dir string) []string {
	if filepath.Base(dir) == "advisories" {
		return []string{"policy", "people", "schema", "vulns", "docs/proposals"}
	}
	return []string{"policy", "people", "teams", "services", "assets", "changes", "incidents"}
}

func examples(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(root, "examples", "*", "gitsm.yaml"))
	if err != nil || len(list) < 4 {
		t.Fatalf("examples are %v (%v), and there should be four or more", list, err)
	}
	for i, file := range list {
		list[i] = filepath.Dir(file)
	}
	return list
}

func passes(t *testing.T, term *terminal, cmd string) {
	t.Helper()
	o, err := term.run(step{cmd: cmd})
	if err != nil {
		t.Fatal(err)
	}
	if o.code != 0 {
		t.Errorf("%s exits with %d:\n%s", cmd, o.code, strings.Join(o.got, "\n"))
	}
}

// TestExamplesFail holds that an example with a fault would be noticed.
func TestExamplesFail(t *testing.T) {
	for _, tc := range []struct{ name, damage, check string }{
		{"dangling owner", "rm teams/web.yaml", "gitsm check --all"},
		{"missing plan", "sed -e '/backout:/d' changes/2026/11/*RTB.yaml > new && mv new changes/2026/11/CHG-20261117-4W9RTB.yaml", "gitsm check --all"},
		{"changed data", "sed -e 's/high: 40/high: 90/' policy/data.yaml > new && mv new policy/data.yaml", "gitsm policy test"},
		{"missing test", "sed -e '/^test_high/,/^}/d' policy/change_test.rego > new && mv new policy/change_test.rego", "gitsm policy test --min-coverage 100"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			term := newTerminal(t, t.Name(), "minimal", filepath.Join(root, "examples", "minimal"))
			passes(t, term, tc.check)
			passes(t, term, tc.damage)
			if o, err := term.run(step{cmd: tc.check}); err != nil || o.code != 1 {
				t.Errorf("%s exits with %d, not 1 (%v):\n%s", tc.check, o.code, err, strings.Join(o.got, "\n"))
			}
		})
	}
}

// TestExamplePeople holds that the people of the examples have the keys with
// which TestDocs signs for them.
func TestExamplePeople(t *testing.T) {
	people, err := filepath.Glob(filepath.Join(root, "examples", "*", "people", "*.yaml"))
	if err != nil || len(people) == 0 {
		t.Fatalf("people are %v (%v)", people, err)
	}
	for _, file := range people {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if key := scripts.PublicKey(scripts.Key(strings.TrimSuffix(filepath.Base(file), ".yaml"))); !strings.Contains(string(text), key) {
			t.Errorf("%s: the key for a person of this name is %s", file, key)
		}
	}
}
