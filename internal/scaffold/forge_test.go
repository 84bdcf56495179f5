package scaffold_test

import (
	"errors"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/scaffold"
	"github.com/gitsm/gitsm/internal/workflow"
)

const pin = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"

// onGitHub are zoe's options for a store that is reviewed on GitHub.
func onGitHub(o *scaffold.Options) { o.Forge, o.Pin = scaffold.GitHub, pin }

// installed are the workflows that a team gets, by file name.
func installed(t *testing.T, o scaffold.Options) map[string]*workflow.Workflow {
	t.Helper()
	files, err := scaffold.ForgeFiles(o)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*workflow.Workflow{}
	for _, f := range files {
		if name, ok := strings.CutPrefix(f.Path, ".github/workflows/"); ok {
			if out[name], err = workflow.Parse(f.Path, f.Content); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(out) == 0 {
		t.Fatal("there are no workflows")
	}
	return out
}

var calls = regexp.MustCompile(`^gitsm/gitsm/(\.github/workflows/[a-z]+\.yml)@` + pin + `$`)

// called is the reusable workflow of this project that a job calls.
func called(t *testing.T, j workflow.Job) *workflow.Workflow {
	t.Helper()
	m := calls.FindStringSubmatch(j.Uses)
	if m == nil {
		t.Fatalf("job %s calls %s, which is no workflow of this project at %s", j.ID, j.Uses, pin)
	}
	text, err := os.ReadFile("../../" + m[1])
	if err != nil {
		t.Fatal(err)
	}
	w, err := workflow.Parse(m[1], text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// asApp are the same for a team with an app of its own.
func asApp(o *scaffold.Options) { onGitHub(o); o.Environment = `gitsm "app"` }

// Where gate and recorder act as an app, its key is in an environment, and the
// token that workflows have by themselves may do nothing.
func TestWorkflowsOfAnApp(t *testing.T) {
	for name, w := range installed(t, with(asApp)) {
		for _, weak := range w.Weaknesses() {
			t.Error(weak)
		}
		if on := slices.Sorted(maps.Keys(w.On)); !slices.Equal(on, events[name]) {
			t.Errorf("%s starts on %v, not on %v", name, on, events[name])
		}
		privileged := name == "gitsm-gate.yml" || name == "gitsm-evidence.yml"
		for _, j := range w.Jobs {
			if want := map[bool]string{true: `gitsm "app"`}[privileged]; j.Environment != want {
				t.Errorf("%s: the environment is %q", name, j.Environment)
			}
			if privileged && (j.Uses != "" || len(j.Permissions.Scopes) > 0 || !j.Permissions.Set) {
				t.Errorf("%s: job %s is given %v", name, j.ID, j.Permissions)
			}
		}
		if command := strings.TrimSuffix(strings.TrimPrefix(name, "gitsm-"), ".yml"); privileged && !w.Runs(command) {
			t.Errorf("%s does not run %s", name, command)
		}
	}
}

// What a pull request can reach is decided by the files that a team installs and
// by those that they call, together.
func TestWorkflowsHaveNoWeakness(t *testing.T) {
	for name, w := range installed(t, with(onGitHub)) {
		for _, weak := range w.Weaknesses() {
			t.Error(weak)
		}
		for _, j := range w.Jobs {
			if j.Uses == "" {
				continue
			}
			if !j.Permissions.Set {
				t.Errorf("%s: job %s gives what it calls whatever the repository's default is", name, j.ID)
			}
			if j.With["gitsm"] != pin {
				t.Errorf("%s: job %s calls %s to run %s", name, j.ID, pin, j.With["gitsm"])
			}
			callee := called(t, j)
			for _, weak := range callee.Weaknesses(slices.Sorted(maps.Keys(w.On))...) {
				t.Errorf("as %s calls it: %s", name, weak)
			}
			for _, inner := range callee.Jobs {
				if !inner.Permissions.Within(j.Permissions) || !j.Permissions.Within(inner.Permissions) {
					t.Errorf("%s: job %s gives %v, and %s takes %v", name, j.ID, j.Permissions.Scopes, callee.Path, inner.Permissions.Scopes)
				}
			}
		}
	}
}

// events are what starts each workflow: more would be reach, fewer would leave
// proposals without an answer.
var events = map[string][]string{
	"gitsm-check.yml":    {"merge_group", "pull_request"},
	"gitsm-evidence.yml": {"pull_request_target", "push", "schedule", "workflow_dispatch", "workflow_run"},
	"gitsm-gate.yml":     {"merge_group", "pull_request_target", "push", "schedule", "workflow_dispatch", "workflow_run"},
	"gitsm-review.yml":   {"pull_request_review"},
}

func TestWorkflowEvents(t *testing.T) {
	got := installed(t, with(onGitHub))
	for name, w := range got {
		if on := slices.Sorted(maps.Keys(w.On)); !slices.Equal(on, events[name]) {
			t.Errorf("%s starts on %v, not on %v", name, on, events[name])
		}
		for event, trigger := range w.On {
			if trigger.Filtered {
				t.Errorf("%s: %s is filtered by paths, and where it does not run nobody is told", name, event)
			}
		}
	}
	if len(got) != len(events) {
		t.Errorf("%d workflows, %d are meant", len(got), len(events))
	}
}

// The store's words are strings to YAML and to GitHub, whatever they hold.
func TestWorkflowWords(t *testing.T) {
	dir := `ops/"change: s"\x # !`
	for name, w := range installed(t, with(func(o *scaffold.Options) { onGitHub(o); o.Dir = dir })) {
		for _, j := range w.Jobs {
			if got, ok := j.With["directory"]; ok && got != dir {
				t.Errorf("%s: the directory is %q", name, got)
			}
		}
	}
	for name, change := range map[string]func(*scaffold.Options){
		"pin": func(o *scaffold.Options) { o.Pin = "main" }, "short pin": func(o *scaffold.Options) { o.Pin = pin[:12] },
		"expression":   func(o *scaffold.Options) { o.Dir = "a/${{ secrets.X }}" },
		"code owner":   func(o *scaffold.Options) { o.CodeOwners = []string{"alice"} },
		"another line": func(o *scaffold.Options) { o.CodeOwners = []string{"@a\n* @b"} },
	} {
		_, err := scaffold.ForgeFiles(with(func(o *scaffold.Options) { onGitHub(o); change(o) }))
		var wrong *scaffold.OptionError
		if !errors.As(err, &wrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestForgeFiles(t *testing.T) {
	paths := func(o scaffold.Options) (out []string) {
		files, err := scaffold.ForgeFiles(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			out = append(out, f.Path)
		}
		return out
	}
	if got := paths(zoe); !slices.Equal(got, []string{".github/CODEOWNERS"}) {
		t.Errorf("without a forge: %v", got)
	}
	const template = ".github/pull_request_template.md"
	if got := paths(with(onGitHub)); !slices.Contains(got, template) || !slices.IsSorted(got) {
		t.Errorf("a repository of records alone: %v", got)
	}
	if got := paths(with(func(o *scaffold.Options) { onGitHub(o); o.Dir = "ops" })); slices.Contains(got, template) {
		t.Errorf("beside other things: %v", got)
	}
}

func TestCodeOwners(t *testing.T) {
	owners := func(change func(*scaffold.Options)) string {
		files, err := scaffold.ForgeFiles(with(change))
		if err != nil {
			t.Fatal(err)
		}
		return string(files[0].Content)
	}
	// Everything that judges, and the workflows, has an owner.
	got := owners(func(o *scaffold.Options) { o.Dir, o.CodeOwners = "my ops", []string{"@acme/change", "@zoe"} })
	for _, what := range []string{`/my\ ops/gitsm.yaml`, `/my\ ops/policy/`, `/my\ ops/people/`, `/my\ ops/teams/`, `/my\ ops/windows/`, `/my\ ops/waivers/`, `/my\ ops/exceptions/`, `/my\ ops/models/`, "/.github/"} {
		if !strings.Contains(got, "\n"+what+" @acme/change @zoe\n") {
			t.Errorf("nobody is asked about %s:\n%s", what, got)
		}
	}
	// Without owners it is a template that GitHub finds nothing in.
	for line := range strings.Lines(owners(func(*scaffold.Options) {})) {
		if !strings.HasPrefix(line, "#") {
			t.Errorf("a line that is in force: %s", line)
		}
	}
}

// The action that builds gitsm is held to what scripts of workflows are.
func TestAction(t *testing.T) {
	text, err := os.ReadFile("../../.github/actions/gitsm/action.yml")
	if err != nil {
		t.Fatal(err)
	}
	// A composite action is the steps of a job.
	_, steps, ok := strings.Cut(string(text), "  steps:\n")
	if !ok {
		t.Fatal("the action has no steps")
	}
	w, err := workflow.Parse("action.yml", []byte("on: workflow_call\npermissions: {}\njobs:\n  action:\n    timeout-minutes: 1\n    steps:\n"+steps))
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Jobs[0].Steps) < 2 {
		t.Errorf("%d steps", len(w.Jobs[0].Steps))
	}
	for _, weak := range w.Weaknesses("pull_request_target", "merge_group") {
		t.Error(weak)
	}
}
