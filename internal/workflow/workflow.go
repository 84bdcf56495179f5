// Package workflow owns what GitHub Actions workflows say, as far as it decides
// whether a pull request can turn them against the repository.
//
// It may import yamldoc, and reads workflows in the subset of YAML that it
// reads. It never evaluates an expression and runs nothing: what is not plainly
// harmless is a weakness.
package workflow

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Workflow is one file of .github/workflows.
type Workflow struct {
	Path        string
	Name        string
	On          map[string]Trigger // by event
	Permissions Permissions
	Concurrency string // the group, "" for none
	Cancels     bool   // a newer run of the group ends one that is under way
	Jobs        []Job  // sorted by id

	doc *yamldoc.Doc
}

// Trigger is an event with what narrows it down.
type Trigger struct {
	Types    []string
	Branches []string
	Filtered bool // by paths or by branches to ignore, so that it may never report
}

// Permissions of the token. Unset ones are the repository's default.
type Permissions struct {
	Set    bool
	All    string            // "read-all" or "write-all", "" where scopes are named
	Scopes map[string]string // scope → read, write, none
}

// Writes lists the scopes that can be written, sorted.
func (p Permissions) Writes() []string {
	var out []string
	for scope, access := range p.Scopes {
		if access == "write" {
			out = append(out, scope)
		}
	}
	if p.All == "write-all" {
		out = append(out, "everything")
	}
	slices.Sort(out)
	return out
}

// Within reports whether p asks for no more than outer gives.
func (p Permissions) Within(outer Permissions) bool {
	rank := map[string]int{"": 0, "none": 0, "read": 1, "write": 2}
	for scope, access := range p.Scopes {
		if rank[access] > rank[outer.Scopes[scope]] {
			return false
		}
	}
	return p.Set && p.All == ""
}

// Job is steps on a machine, or a call of a reusable workflow.
type Job struct {
	ID          string
	Uses        string // the reusable workflow that it calls, "" for none
	With        map[string]string
	Permissions Permissions
	Environment string // whose secrets it is given, "" for none
	Bounded     bool   // it has a timeout-minutes
	Steps       []Step
	at          string // JSON pointer
}

// Step is a script or an action.
type Step struct {
	Uses, Run, Shell string
	With, Env        map[string]string
	at               string
}

// Parse reads a workflow. What it cannot read strictly it does not read at all.
func Parse(name string, src []byte) (*Workflow, error) {
	doc, findings := yamldoc.Parse(name, src)
	if len(findings) > 0 {
		f := findings[0]
		return nil, fmt.Errorf("%s:%d: %s", f.File, f.Line, f.Message)
	}
	v := doc.Value()
	w := &Workflow{Path: name, Name: text(v["name"]), On: triggers(v["on"]), Permissions: permissions(v, "permissions"), doc: doc}
	switch c := v["concurrency"].(type) {
	case string:
		w.Concurrency = c
	case map[string]any:
		w.Concurrency = text(c["group"])
		w.Cancels = c["cancel-in-progress"] != nil && c["cancel-in-progress"] != false
	}
	jobs, _ := v["jobs"].(map[string]any)
	if len(w.On) == 0 || len(jobs) == 0 {
		return nil, fmt.Errorf("%s: no workflow: it lacks on or jobs", name)
	}
	for _, id := range slices.Sorted(maps.Keys(jobs)) {
		j, ok := jobs[id].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s: job %s is no mapping", name, id)
		}
		w.Jobs = append(w.Jobs, job(id, j))
	}
	return w, nil
}

func triggers(v any) map[string]Trigger {
	out := map[string]Trigger{}
	switch v := v.(type) {
	case string:
		out[v] = Trigger{}
	case []any:
		for _, e := range v {
			out[text(e)] = Trigger{}
		}
	case map[string]any:
		for event, e := range v {
			m, _ := e.(map[string]any)
			t := Trigger{Types: list(m["types"]), Branches: list(m["branches"])}
			for _, filter := range []string{"paths", "paths-ignore", "branches-ignore"} {
				t.Filtered = t.Filtered || m[filter] != nil
			}
			out[event] = t
		}
	}
	return out
}

func permissions(m map[string]any, key string) Permissions {
	v, set := m[key]
	p := Permissions{Set: set, Scopes: map[string]string{}}
	switch v := v.(type) {
	case string:
		p.All = v
	case map[string]any:
		for scope, access := range v {
			p.Scopes[scope] = text(access)
		}
	}
	return p
}

func job(id string, m map[string]any) Job {
	j := Job{ID: id, Uses: text(m["uses"]), With: texts(m["with"]), Permissions: permissions(m, "permissions"), Bounded: m["timeout-minutes"] != nil, at: yamldoc.Pointer("jobs", id)}
	if j.Environment = text(m["environment"]); j.Environment != "" {
		if e, ok := m["environment"].(map[string]any); ok {
			j.Environment = text(e["name"])
		}
	}
	steps, _ := m["steps"].([]any)
	for i, s := range steps {
		m, _ := s.(map[string]any)
		j.Steps = append(j.Steps, Step{
			Uses: text(m["uses"]), Run: text(m["run"]), Shell: text(m["shell"]), With: texts(m["with"]), Env: texts(m["env"]),
			at: fmt.Sprintf("%s/steps/%d", j.at, i),
		})
	}
	return j
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func list(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	items, _ := v.([]any)
	var out []string
	for _, e := range items {
		out = append(out, text(e))
	}
	return out
}

func texts(v any) map[string]string {
	m, _ := v.(map[string]any)
	out := map[string]string{}
	for k, e := range m {
		out[k] = text(e)
	}
	return out
}

// commands parts a script into what is run one after the other.
var commands = lazyregexp.New(`[\n;|&]+`)

// Runs reports whether the workflow calls gitsm with this command: in a step of
// its own, or in a reusable workflow called so.
func (w *Workflow) Runs(command string) bool {
	for _, j := range w.Jobs {
		if strings.Contains(j.Uses, "/.github/workflows/"+command+".yml@") {
			return true
		}
		for _, s := range j.Steps {
			for _, line := range commands.Split(s.Run, -1) {
				words := strings.Fields(line)
				if len(words) > 0 && path.Base(words[0]) == "gitsm" && slices.Contains(words[1:], command) {
					return true
				}
			}
		}
	}
	return false
}
