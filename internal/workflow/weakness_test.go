package workflow_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/workflow"
)

const sha = "08c6903cd8c0fde910a37f88322edcfb5dd907a8"

// sound is a workflow that may write for pull requests, and in which there is
// nothing to object to.
const sound = `name: gate
on:
  pull_request_target:
  merge_group:
permissions: {}
concurrency:
  group: gate-${{ github.event.pull_request.number || github.ref }}
jobs:
  gate:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read
      statuses: write
    steps:
      - uses: actions/checkout@` + sha + `
        with:
          ref: ${{ github.event.repository.default_branch }}
      - shell: bash
        env:
          NUMBER: ${{ github.event.pull_request.number }}
        run: |
          set -euo pipefail
          gitsm gate --pr "$NUMBER"
`

// advisory is one that runs as the pull request has it.
const advisory = `on: [pull_request]
permissions: {}
jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@` + sha + `
      - run: gitsm check
`

func TestSoundHaveNoWeakness(t *testing.T) {
	for name, text := range map[string]string{"sound": sound, "advisory": advisory} {
		if got := parse(t, text).Weaknesses(); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Each case changes one thing of a sound workflow, and exactly the rule that is
// about it says so, with the line.
func TestWeaknesses(t *testing.T) {
	tests := []struct {
		rule, of, old, new string
		line               int
	}{
		{"top-permissions", sound, "permissions: {}\n", "", 2},
		{"top-permissions", sound, "permissions: {}", "permissions: write-all", 5},
		{"top-permissions", sound, "permissions: {}", "permissions: read-all", 5},
		{"top-permissions", sound, "permissions: {}", "permissions: {contents: write}", 5},
		{"job-permissions", sound, "    permissions:\n      contents: read\n      statuses: write\n", "    permissions: write-all\n", 9},
		{"job-permissions", advisory, "contents: read", "contents: write", 4},
		{"pinned", sound, "actions/checkout@" + sha, "actions/checkout@v5", 16},
		{"pinned", sound, "actions/checkout@" + sha, "actions/checkout@" + sha[:12], 16},
		{"pinned", sound, "actions/checkout@" + sha, "docker://alpine:3", 16},
		{"pinned", sound, "  gate:\n", "  other:\n    uses: acme/x/.github/workflows/y.yml@main\n  gate:\n", 9},
		{"no-injection", sound, `--pr "$NUMBER"`, `--pr ${{ github.event.pull_request.title }}`, 19},
		{"no-injection", sound, `shell: bash`, "with: {script: 'x ${{ github.head_ref }}'}\n        shell: bash", 19},
		{"no-head", sound, "ref: ${{ github.event.repository.default_branch }}", "ref: ${{ github.event.pull_request.head.sha }}", 16},
		{"no-head", sound, "ref: ${{ github.event.repository.default_branch }}", "ref: ${{ github.HEAD_REF }}", 16},
		{"no-head", sound, "ref: ${{ github.event.repository.default_branch }}", "ref: refs/pull/7/merge", 16},
		{"no-head", sound, "ref: ${{ github.event.repository.default_branch }}", "ref: ${{ github.sha }}", 16},
		{"no-head", sound, "ref: ${{ github.event.repository.default_branch }}", "fetch-depth: 0", 16},
		{"no-head", sound, "ref: ${{ github", "repository: ${{ github.event.pull_request.head.repo.full_name }}\n          ref: ${{ github", 16},
		{"no-head", sound, "gitsm gate --pr", "git fetch origin x && git checkout FETCH_HEAD && gitsm gate --pr", 19},
		{"no-head", sound, "gitsm gate --pr", "gh pr checkout 7; gitsm gate --pr", 19},
		{"no-secrets", advisory, "- run: gitsm check", "- run: gitsm check\n        env: {KEY: '${{ secrets.KEY }}'}", 12},
		{"no-secrets", advisory, "timeout-minutes: 5", "timeout-minutes: 5\n    environment: signing", 7},
		{"no-secrets", advisory, "jobs:\n", "jobs:\n  x:\n    uses: ./.github/workflows/y.yml\n    secrets: inherit\n", 6},
		{"concurrency", sound, "concurrency:\n  group: gate-${{ github.event.pull_request.number || github.ref }}\n", "", 2},
		{"concurrency", sound, "${{ github.event.pull_request.number || github.ref }}", "all", 6},
		{"concurrency", sound, "jobs:\n", "  cancel-in-progress: true\njobs:\n", 6},
		{"concurrency", sound, "jobs:\n", "  cancel-in-progress: ${{ github.event_name == 'pull_request_target' }}\njobs:\n", 6},
		{"strict-shell", sound, "          set -euo pipefail\n", "          gitsm version\n", 18},
		{"strict-shell", sound, "shell: bash", "shell: sh", 18},
		{"strict-shell", advisory, "gitsm check", "gitsm check | tee log", 11},
		{"bounded", advisory, "    timeout-minutes: 5\n", "", 4},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprintf("%02d %s", i, tt.rule), func(t *testing.T) {
			text := strings.Replace(tt.of, tt.old, tt.new, 1)
			if text == tt.of {
				t.Fatal("nothing was changed")
			}
			got := parse(t, text).Weaknesses()
			if len(got) != 1 || got[0].Rule != tt.rule {
				t.Fatalf("%v", got)
			}
			if got[0].Line < tt.line-1 || got[0].Line > tt.line+1 {
				t.Errorf("line %d, about %d is meant", got[0].Line, tt.line)
			}
		})
	}
	seen := map[string]bool{}
	for _, tt := range tests {
		seen[tt.rule] = true
	}
	for _, r := range workflow.Rules() {
		if !seen[r] {
			t.Errorf("no case for %s", r)
		}
	}
}

// What a reusable workflow may do depends on what calls it.
func TestWeaknessesOfCallee(t *testing.T) {
	text := strings.Replace(advisory, "on: [pull_request]", "on: workflow_call", 1)
	if got := parse(t, text).Weaknesses("pull_request"); got != nil {
		t.Errorf("called for a pull request: %v", got)
	}
	got := parse(t, text).Weaknesses("pull_request_target", "merge_group")
	if len(got) != 1 || got[0].Rule != "no-head" {
		t.Errorf("called with a token that may write: %v", got)
	}
}

func TestWithin(t *testing.T) {
	of := func(scopes string) workflow.Permissions {
		return parse(t, "on: push\npermissions: {"+scopes+"}\njobs: {a: {}}\n").Permissions
	}
	outer := of("contents: read, statuses: write")
	for scopes, want := range map[string]bool{
		"": true, "contents: read": true, "statuses: read": true, "contents: write": false, "checks: read": false, "checks: none": true,
	} {
		if got := of(scopes).Within(outer); got != want {
			t.Errorf("{%s} is within: %v", scopes, got)
		}
	}
}

func TestRuns(t *testing.T) {
	for run, want := range map[string]bool{
		"gitsm gate": true, `gitsm -C "$DIRECTORY" gate --pr 7`: true, "./bin/gitsm gate": true, "gitsm check": false, "gate": false, "echo gate; gitsm check": false, "echo gitsm gate": false, "true && gitsm gate || code=1": true,
	} {
		w := parse(t, "on: push\njobs: {a: {steps: [{run: '"+run+"'}]}}\n")
		if got := w.Runs("gate"); got != want {
			t.Errorf("%s runs the gate: %v", run, got)
		}
	}
	w := parse(t, "on: push\njobs: {a: {uses: gitsm/gitsm/.github/workflows/gate.yml@"+sha+"}}\n")
	if !w.Runs("gate") || w.Runs("check") {
		t.Error("the reusable workflow is not told apart")
	}
}

func TestParse(t *testing.T) {
	w := parse(t, "name: n\non: {pull_request: {types: [opened], paths: ['x/**']}, push: {branches: main}}\njobs: {b: {}, a: {}}\n")
	want := map[string]workflow.Trigger{"pull_request": {Types: []string{"opened"}, Filtered: true}, "push": {Branches: []string{"main"}}}
	if diff := cmp.Diff(want, w.On); diff != "" {
		t.Error(diff)
	}
	if w.Name != "n" || len(w.Jobs) != 2 || w.Jobs[0].ID != "a" {
		t.Errorf("%+v", w)
	}
	for _, text := range []string{"", "on: push\n", "jobs: {a: {}}\n", "on: push\njobs: {a: 1}\n", "on: [\n", "on: push\non: push\njobs: {a: {}}\n"} {
		if w, err := workflow.Parse("w.yml", []byte(text)); err == nil {
			t.Errorf("%q was read: %+v", text, w)
		}
	}
}

func parse(t *testing.T, text string) *workflow.Workflow {
	t.Helper()
	w, err := workflow.Parse("w.yml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return w
}
