package workflow

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Weakness is a place by which a pull request could reach further than it may.
type Weakness struct {
	Rule    string // one of Rules
	Path    string
	Line    int
	Message string
}

func (w Weakness) String() string {
	return fmt.Sprintf("%s:%d: %s (%s)", w.Path, w.Line, w.Message, w.Rule)
}

// rule is one thing that makes a workflow weak.
type rule struct {
	name string
	look func(c *context)
}

// context is a workflow under the events that start it, and what was found.
type context struct {
	*Workflow
	events []string
	rule   string
	found  []Weakness
}

func (c *context) add(pointer, format string, args ...any) {
	line, _ := c.doc.Position(pointer)
	c.found = append(c.found, Weakness{Rule: c.rule, Path: c.Path, Line: line, Message: fmt.Sprintf(format, args...)})
}

// on reports whether any of these events starts the workflow.
func (c *context) on(events ...string) bool {
	return slices.ContainsFunc(events, func(e string) bool { return slices.Contains(c.events, e) })
}

// privileged are the events that run the default branch's workflow with a token
// that may write, for what a pull request said or did.
var privileged = []string{"pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "discussion_comment"}

// untrusted are the events that run the workflow as the pull request has it.
var untrusted = []string{"pull_request", "pull_request_review", "pull_request_review_comment"}

// rules are in the order in which a report has them.
var rules = []rule{
	{"top-permissions", topPermissions},
	{"job-permissions", jobPermissions},
	{"pinned", pinned},
	{"no-injection", noInjection},
	{"no-head", noHead},
	{"no-secrets", noSecrets},
	{"concurrency", concurrency},
	{"strict-shell", strictShell},
	{"bounded", bounded},
}

// Rules are the names of the rules, in the order of reports.
func Rules() []string {
	var out []string
	for _, r := range rules {
		out = append(out, r.name)
	}
	return out
}

// Weaknesses judges a workflow as events start it: its own where none is named,
// else those of the workflow that calls it.
func (w *Workflow) Weaknesses(events ...string) []Weakness {
	if len(events) == 0 {
		events = slices.Sorted(maps.Keys(w.On))
	}
	c := &context{Workflow: w, events: events}
	for _, r := range rules {
		c.rule = r.name
		r.look(c)
	}
	return c.found
}

func topPermissions(c *context) {
	switch p := c.Permissions; {
	case !p.Set:
		c.add("/on", "no permissions at the top, so jobs get what the repository gives by default: permissions: {}")
	case p.All != "" || len(p.Writes()) > 0:
		c.add("/permissions", "permissions at the top are every job's: leave it at permissions: {} and give each job what it needs")
	}
}

func jobPermissions(c *context) {
	for _, j := range c.Jobs {
		switch p := j.Permissions; {
		case p.All != "":
			c.add(j.at, "job %s has %s: name the scopes it needs", j.ID, p.All)
		case c.on(untrusted...) && len(p.Writes()) > 0:
			c.add(j.at, "job %s can write %s, and a pull request decides what it runs", j.ID, strings.Join(p.Writes(), ", "))
		}
	}
}

var byCommit = lazyregexp.New(`@[0-9a-f]{40}$`)

// pinned demands the id of a commit: tags and branches are moved.
func pinned(c *context) {
	check := func(uses, at string) {
		switch {
		case uses == "" || strings.HasPrefix(uses, "./") || byCommit.MatchString(uses):
		case strings.HasPrefix(uses, "docker://") && strings.Contains(uses, "@sha256:"):
		default:
			c.add(at, "%s is not pinned to a commit", uses)
		}
	}
	for _, j := range c.Jobs {
		check(j.Uses, j.at)
		for _, s := range j.Steps {
			check(s.Uses, s.at)
		}
	}
}

// noInjection keeps expressions out of scripts, whatever they are about: what a
// script needs reaches it through env, where it is text.
func noInjection(c *context) {
	for _, j := range c.Jobs {
		for _, s := range j.Steps {
			if strings.Contains(s.Run, "${{") || strings.Contains(s.With["script"], "${{") {
				c.add(s.at, "an expression inside a script becomes part of the script: hand it over through env")
			}
		}
	}
}

// headWords are how a workflow names the commits of a pull request.
var headWords = lazyregexp.New(`(?i)head|refs/pull|merge_commit_sha|merge_group|github\.(sha|ref|ref_name)\b`)

// getsCommits are scripts that check out what they are told to.
var getsCommits = lazyregexp.New(`\bgit\b[^\n]*\b(checkout|switch|worktree|restore|pull|merge|read-tree|archive)\b|\bgh\b[^\n]*\b(checkout|clone)\b`)

// noHead keeps the files of a pull request out of jobs that may write.
func noHead(c *context) {
	if !c.on(privileged...) {
		return
	}
	for _, j := range c.Jobs {
		for _, s := range j.Steps {
			checkout := strings.HasPrefix(s.Uses, "actions/checkout@")
			switch {
			case checkout && (headWords.MatchString(s.With["ref"]) || headWords.MatchString(s.With["repository"])):
				c.add(s.at, "checks out what a pull request brings, with a token that may write")
			case checkout && s.With["ref"] == "" && c.on("merge_group", "pull_request"):
				c.add(s.at, "checks out what the event names, which is the proposal for one of its events: name the ref")
			case getsCommits.MatchString(s.Run):
				c.add(s.at, "checks files out in a script, with a token that may write")
			}
		}
	}
}

// noSecrets keeps secrets out of what a pull request can rewrite.
func noSecrets(c *context) {
	if !c.on(untrusted...) {
		return
	}
	c.walk("", c.doc.Value(), func(pointer, key, value string) {
		if key == "secrets" || strings.Contains(value, "secrets.") || strings.Contains(value, "secrets[") || key == "environment" {
			c.add(pointer, "secrets are within reach of a workflow that a pull request can rewrite")
		}
	})
}

// concurrency demands that two runs about one proposal do not pass each other,
// and that no run that writes is ended half-way.
func concurrency(c *context) {
	if c.callee() {
		return // whoever calls it says
	}
	writes := slices.ContainsFunc(c.Jobs, func(j Job) bool { return len(j.Permissions.Writes()) > 0 })
	perEvent := strings.Contains(c.Concurrency, "${{")
	switch {
	case c.Concurrency == "" && (!writes || c.on(untrusted...)):
	case c.Concurrency == "":
		c.add("/on", "no concurrency group: two runs about one proposal may pass each other, and the older answer stand")
	case !perEvent && c.on(append(privileged, untrusted...)...):
		c.add("/concurrency", "one group for all proposals: of those that wait GitHub keeps the newest alone")
	case writes && c.Cancels:
		c.add("/concurrency", "a run that writes can be ended half-way")
	}
}

// callee reports whether the workflow is one that others call.
func (w *Workflow) callee() bool {
	_, called := w.On["workflow_call"]
	return called && len(w.On) == 1
}

const strict = "set -euo pipefail"

// strictShell demands that a script of several lines stops at the first failure.
func strictShell(c *context) {
	for _, j := range c.Jobs {
		for _, s := range j.Steps {
			script := strings.TrimSpace(s.Run)
			if (strings.Contains(script, "\n") || strings.Contains(script, "|")) && (s.Shell != "bash" || !strings.HasPrefix(script, strict)) {
				c.add(s.at, "a script of several commands needs shell: bash and %s, or a failure in it may go unnoticed", strict)
			}
		}
	}
}

func bounded(c *context) {
	for _, j := range c.Jobs {
		if j.Uses == "" && !j.Bounded {
			c.add(j.at, "job %s has no timeout-minutes, so it may hold up the others for six hours", j.ID)
		}
	}
}

// walk visits every scalar with its pointer and its key, and every mapping as
// an empty value.
func (c *context) walk(pointer string, v any, visit func(pointer, key, value string)) {
	key := pointer[strings.LastIndex(pointer, "/")+1:]
	switch v := v.(type) {
	case map[string]any:
		visit(pointer, key, "")
		for _, k := range slices.SortedFunc(maps.Keys(v), cmp.Compare[string]) {
			c.walk(pointer+yamldoc.Pointer(k), v[k], visit)
		}
	case []any:
		for i, e := range v {
			c.walk(fmt.Sprintf("%s/%d", pointer, i), e, visit)
		}
	default:
		visit(pointer, key, text(v))
	}
}
