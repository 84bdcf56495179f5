package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/workflow"
)

const gateText = `name: gitsm gate
on:
  pull_request_target:
    types: [opened, reopened, synchronize, edited, ready_for_review, converted_to_draft]
  merge_group:
  workflow_run:
    workflows: [gitsm review]
permissions: {}
concurrency:
  group: gate-${{ github.event.pull_request.number || github.ref }}
jobs:
  gate:
    permissions: {contents: read, statuses: write}
    uses: gitsm/gitsm/.github/workflows/gate.yml@c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00
`

const reviewText = `name: gitsm review
on: pull_request_review
permissions: {}
jobs:
  relay: {runs-on: ubuntu-latest, timeout-minutes: 5, steps: [{run: echo gitsm}]}
`

const evidenceText = `name: gitsm evidence
on:
  pull_request_target: {types: [closed]}
  schedule: [{cron: '7 * * * *'}]
permissions: {}
concurrency:
  group: evidence-${{ github.event.pull_request.number || github.ref }}
jobs:
  record:
    permissions: {contents: write}
    uses: gitsm/gitsm/.github/workflows/evidence.yml@c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00
`

func parsed(t *testing.T, path, text string) *workflow.Workflow {
	t.Helper()
	w, err := workflow.Parse(path, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// soundGitHub is a repository in which nothing is wrong: its rules are those
// that are recommended.
func soundGitHub(t *testing.T) *GitHub {
	f := &GitHub{
		Repo: "acme/shop", Host: "github.com", MainBranch: "main", Evidence: "gitsm-evidence",
		Workflows:  []*workflow.Workflow{parsed(t, "gate.yml", gateText), parsed(t, "evidence.yml", evidenceText), parsed(t, "review.yml", reviewText)},
		CodeOwners: []byte("/policy/ @acme/change\n/.github/ @acme/change\n"), Judging: []string{"policy/change.rego", ".github/workflows/gate.yml"},
		Token:    Token{Login: "alice", Scopes: []string{"repo"}, MayPush: true},
		Rulesets: []Ruleset{{ID: 7, Name: "main", Actors: []string{}}}, Environments: []Environment{{Name: "recorder", Branches: []string{"main"}}},
		DefaultBranch: "main", Date: noon, Now: noon,
	}
	f.Rules, f.EvidenceRules = recommended(t, RulesetMain, 42), recommended(t, RulesetEvidence, 0)
	return f
}

// recommended are the rules of a recommended ruleset as GitHub lists them for
// the branch.
func recommended(t *testing.T, which string, source int64) (out []forge.Rule) {
	t.Helper()
	text, err := RecommendedRuleset(which, "main", source)
	if err != nil {
		t.Fatal(err)
	}
	var set struct {
		Rules []struct {
			Type       string
			Parameters json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	for _, r := range set.Rules {
		out = append(out, forge.Rule{Type: r.Type, Parameters: r.Parameters, Ruleset: 7})
	}
	return out
}

// without takes the rules of a type out.
func without(rules []forge.Rule, kind string) []forge.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r forge.Rule) bool { return r.Type == kind })
}

// amended changes the parameters of a type.
func amended(rules []forge.Rule, kind, old, new string) []forge.Rule {
	out := slices.Clone(rules)
	for i, r := range out {
		if r.Type == kind {
			if out[i].Parameters = json.RawMessage(strings.Replace(string(r.Parameters), old, new, 1)); string(out[i].Parameters) == string(r.Parameters) {
				panic("nothing was changed in " + string(r.Parameters))
			}
		}
	}
	return out
}

// Each case breaks one thing of a sound repository; the check that has to
// notice says how to mend it, and no other fails.
func TestExamineGitHub(t *testing.T) {
	workflows := func(texts ...string) func(f *GitHub) {
		return func(f *GitHub) {
			f.Workflows = nil
			for i, text := range append(texts, reviewText) {
				f.Workflows = append(f.Workflows, parsed(t, fmt.Sprintf("%d.yml", i), text))
			}
		}
	}
	tests := map[string]struct {
		broken func(f *GitHub)
		check  string
		status Status
		says   string
		fix    string
	}{
		"key for every branch":   {func(f *GitHub) { f.Environments[0].Branches = nil }, CheckEnvironment, Fail, "a workflow on any branch may use the key", "main alone"},
		"key for protected ones": {func(f *GitHub) { f.Environments[0].Protected = true }, CheckEnvironment, Fail, "every protected branch", "main alone"},
		"key for another":        {func(f *GitHub) { f.Environments[0].Branches = []string{"main", "x/*"} }, CheckEnvironment, Fail, "branches x/* may use", "main alone"},
		"key for nobody":         {func(f *GitHub) { f.Environments[0].Branches = []string{} }, CheckEnvironment, Fail, "no branch may use", "main alone"},
		"protection that is hidden": {func(f *GitHub) {
			f.Rules = slices.DeleteFunc(f.Rules, func(r forge.Rule) bool { return r.Type == "pull_request" })
			f.Veiled = []string{"main"}
		}, CheckRules, Unknown, "unless its branch protection does", "administrator's token"},
		"no gate":        {workflows(evidenceText), CheckGate, Fail, "no workflow on main runs gitsm gate", "gitsm init --forge github"},
		"gate by itself": {workflows(strings.NewReplacer("pull_request_target", "pull_request", "statuses: write", "statuses: read").Replace(gateText), evidenceText), CheckGate, Fail, "can rewrite it", "gitsm init --forge github"},
		"path filter": {workflows(strings.Replace(gateText, "pull_request_target:", "pull_request_target:\n    paths: ['changes/**']", 1), evidenceText), CheckGate, Fail,
			"filters pull_request_target", "take paths"},
		"deaf to reviews":   {workflows(strings.Replace(gateText, "  workflow_run:\n    workflows: [gitsm review]\n", "", 1), evidenceText), CheckGate, Fail, "when a review arrives", "gitsm init"},
		"deaf to the relay": {func(f *GitHub) { f.Workflows = f.Workflows[:2] }, CheckGate, Fail, "after a workflow on pull_request_review", "gitsm init"},
		"retargeted":        {workflows(strings.Replace(gateText, "edited, ", "", 1), evidenceText), CheckGate, Fail, "when a pull request is edited", "types: [opened"},
		"other base":        {workflows(strings.Replace(gateText, "pull_request_target:", "pull_request_target:\n    branches: [release]", 1), evidenceText), CheckGate, Fail, "not for those into main", "add main"},
		"no merge group":    {workflows(strings.Replace(gateText, "  merge_group:\n", "", 1), evidenceText), CheckQueue, Warning, "merge_group", "add merge_group:"},
		"queue stuck": {func(f *GitHub) {
			workflows(strings.Replace(gateText, "  merge_group:\n", "", 1), evidenceText)(f)
			f.Rules = append(f.Rules, forge.Rule{Type: "merge_queue"})
		}, CheckQueue, Fail, "nothing in it ever lands", "add merge_group:"},
		"weak workflow":     {workflows(strings.Replace(gateText, "permissions: {}\n", "", 1), evidenceText), CheckWorkflows, Fail, "top-permissions", "gitsm init"},
		"unread workflow":   {func(f *GitHub) { f.Broken = []string{"x.yml:1: no"} }, CheckWorkflows, Unknown, "x.yml:1", "anchors"},
		"no recorder":       {workflows(gateText), CheckRecorder, Fail, "records evidence", "gitsm init"},
		"recorder no sweep": {workflows(gateText, strings.Replace(evidenceText, "  schedule: [{cron: '7 * * * *'}]\n", "", 1)), CheckRecorder, Fail, "sweep", "gitsm init"},
		"no code owners":    {func(f *GitHub) { f.CodeOwners = nil }, CheckOwners, Fail, "no CODEOWNERS", "--codeowner @ORG/TEAM"},
		"code owners gap":   {func(f *GitHub) { f.CodeOwners = []byte("/policy/ @a\n") }, CheckOwners, Fail, ".github/workflows/gate.yml", "--codeowner"},
		"no account":        {func(f *GitHub) { f.Strangers = []string{"bob", "carol"} }, CheckAccounts, Warning, "account for bob, carol, so nothing counts", "gitsm person edit bob --set github.login=LOGIN --set github.id="},
		"no accounts":       {func(f *GitHub) { f.Strangers = strings.Split("a b c d e f g", " ") }, CheckAccounts, Warning, "e and 2 more", "gitsm person edit a "},
		"no scope":          {func(f *GitHub) { f.Token.Scopes = []string{"read:org", "gist"} }, CheckToken, Fail, "read:org, gist", "gh auth refresh --hostname github.com --scopes repo,read:org"},
		"no push":           {func(f *GitHub) { f.Token.MayPush = false }, CheckToken, Fail, "may not push", "write access"},
		"no pull requests":  {func(f *GitHub) { f.Rules = without(f.Rules, "pull_request") }, CheckRules, Fail, "no ruleset demands pull requests", "gitsm doctor --ruleset main | gh api --method POST repos/acme/shop/rulesets --input -"},
		"native approvals": {func(f *GitHub) { f.Rules = amended(f.Rules, "pull_request", `count": 0`, `count": 2`) }, CheckRules, Fail, "GitHub itself demands approvals",
			"gitsm doctor --ruleset main | gh api --method PUT repos/acme/shop/rulesets/7 --input -"},
		"native approvals in a monorepo": {func(f *GitHub) {
			f.Dir = "ops"
			f.Rules = amended(f.Rules, "pull_request", `count": 0`, `count": 2`)
		}, CheckRules, Fail, "GitHub itself demands approvals", "keep the records in a repository of their own"},
		"dismiss stale": {func(f *GitHub) {
			f.Rules = amended(f.Rules, "pull_request", `stale_reviews_on_push": false`, `stale_reviews_on_push": true`)
		}, CheckRules, Fail, "dismissed by every push", "PUT"},
		"last push": {func(f *GitHub) {
			f.Rules = amended(f.Rules, "pull_request", `last_push_approval": false`, `last_push_approval": true`)
		}, CheckRules, Fail, "last push", "PUT"},
		"a second rule": {func(f *GitHub) {
			f.Rules = append(f.Rules, forge.Rule{Type: "pull_request", Ruleset: 8, Parameters: json.RawMessage(`{"required_approving_review_count": 1}`)})
		}, CheckRules, Fail, "GitHub itself demands approvals", "PUT"},
		"not required": {func(f *GitHub) { f.Rules = without(f.Rules, "required_status_checks") }, CheckRequired, Fail, "not required", "POST"},
		"another check": {func(f *GitHub) { f.Rules = amended(f.Rules, "required_status_checks", "gitsm/gate", "ci") }, CheckRequired, Fail,
			"gitsm/gate is not required", "gitsm doctor --ruleset main"},
		"any source": {func(f *GitHub) {
			f.Rules = amended(f.Rules, "required_status_checks", `42`, `null`)
		}, CheckRequired, Fail, "from any source", "PUT"},
		"app of workflows, and one's own": {func(f *GitHub) {
			f.Rules = amended(f.Rules, "required_status_checks", `42`, `15368`)
		}, CheckRequired, Fail, "as an app of your own, so nothing lands", "--ruleset main --source NUMBER |"},
		"code owners of records": {func(f *GitHub) {
			f.CodeOwners = append(f.CodeOwners, "/changes/ @acme/change\n"...)
			f.Rules = amended(f.Rules, "pull_request", `code_owner_review": false`, `code_owner_review": true`)
		}, CheckRules, Fail, "names them for records", "what judges alone"},
		"no scopes": {func(f *GitHub) { f.Token.Scopes = []string{} }, CheckToken, Fail, "the scopes (none), and repo", "gh auth refresh"},
		"public scope": {func(f *GitHub) {
			f.Token.Scopes, f.Token.Private = []string{"public_repo"}, true
		}, CheckToken, Fail, "public_repo, and repo is needed", "gh auth refresh"},
		"fine-grained":    {func(f *GitHub) { f.Token.Scopes = nil }, CheckToken, Warning, "GitHub does not say", "personal-access-tokens"},
		"default branch":  {func(f *GitHub) { f.DefaultBranch = "develop" }, CheckDefault, Fail, "run as that has them, and not main", "-f default_branch=main"},
		"disabled":        {func(f *GitHub) { f.Disabled = []string{"gate.yml (disabled_inactivity)"} }, CheckEnabled, Fail, "does not start gate.yml (disabled_inactivity)", "gh workflow enable"},
		"evidence signed": {func(f *GitHub) { f.EvidenceRules = append(f.EvidenceRules, forge.Rule{Type: "required_signatures"}) }, CheckBranch, Fail, "cannot be pushed", "/settings/rules"},
		"force push":      {func(f *GitHub) { f.Rules = without(f.Rules, "non_fast_forward") }, CheckMain, Fail, "main can be pushed by force", "--ruleset main"},
		"deletion":        {func(f *GitHub) { f.Rules = without(f.Rules, "deletion") }, CheckMain, Fail, "main can be deleted", "--ruleset main"},
		"bypass":          {func(f *GitHub) { f.Rulesets[0].Actors = []string{"OrganizationAdmin"} }, CheckBypass, Fail, "OrganizationAdmin past main", "/settings/rules"},
		"hidden bypass":   {func(f *GitHub) { f.Rulesets[0].Actors = nil }, CheckBypass, Unknown, "administrators alone", "administrator's token"},
		"evidence force":  {func(f *GitHub) { f.EvidenceRules = nil }, CheckBranch, Fail, "gitsm-evidence can be deleted and be pushed by force", "gitsm doctor --ruleset evidence |"},
		"evidence shut": {func(f *GitHub) { f.EvidenceRules = append(f.EvidenceRules, forge.Rule{Type: "pull_request"}) }, CheckBranch, Fail,
			"cannot be pushed", "/settings/rules"},
		"owner errors": {func(f *GitHub) { f.OwnerErrors = []string{"line 3: Unknown owner"} }, CheckOwnerErrors, Fail, "line 3", "write access"},
		"bots": {func(f *GitHub) {
			f.Pulls = []forge.Pull{{Number: 4, Open: true, Author: forge.Account{Login: "github-actions[bot]"}}}
		}, CheckBots, Fail, "#4", "gh pr reopen"},
		"clock behind": {func(f *GitHub) { f.Now = noon.Add(-5 * time.Minute) }, CheckGitHubClock, Fail, "5m0s behind GitHub's", "timedatectl"},
		"clock ahead":  {func(f *GitHub) { f.Now = noon.Add(5 * time.Minute) }, CheckGitHubClock, Fail, "5m0s ahead of GitHub's", "timedatectl"},
		"unseen":       {func(f *GitHub) { f.Unseen = map[string]error{CheckRules: errors.New("page 2 failed")} }, CheckRules, Unknown, "page 2 failed", "again"},
		"no token": {func(f *GitHub) {
			f.Unseen = map[string]error{CheckToken: &forge.Error{What: "asking", Kind: forge.ErrAuth}}
		}, CheckToken, Fail, "token is missing",
			"gh auth login --hostname github.com"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := soundGitHub(t)
			tt.broken(f)
			for _, r := range ExamineGitHub(f) {
				if r.Check != tt.check {
					if r.Status != Pass && r.Status != NotApplicable {
						t.Errorf("%s: %s: %s", r.Check, r.Status, r.Message)
					}
					continue
				}
				if r.Status != tt.status || !strings.Contains(r.Message, tt.says) || !strings.Contains(strings.Join(r.Fix, "\n"), tt.fix) {
					t.Errorf("%+v", r)
				}
			}
		})
	}
	if results := ExamineGitHub(soundGitHub(t)); slices.ContainsFunc(results, func(r Result) bool { return r.Status != Pass }) {
		t.Errorf("%+v", results)
	}
}

// What may be in place of what: pull requests that no bot is stuck with, and a
// token of a kind that has no scopes.
func TestExamineGitHubTwins(t *testing.T) {
	f := soundGitHub(t)
	f.Pulls = []forge.Pull{{Number: 4, Open: true, Author: forge.Account{Login: "my-app[bot]", Bot: true}}, {Number: 5, Author: forge.Account{Login: actionsBot}}}
	f.Token = Token{MayPush: true} // of a workflow, which is nobody's
	f.Now = noon.Add(time.Minute)
	f.Rules = append(f.Rules, forge.Rule{Type: "a rule that nobody knew before"}, forge.Rule{Type: "merge_queue"})
	f.Rules = append(f.Rules, forge.Rule{Type: "required_status_checks", Parameters: json.RawMessage(`{"required_status_checks": [{"context": "gitsm/gate"}]}`)})
	f.Rules = amended(f.Rules, "pull_request", `code_owner_review": false`, `code_owner_review": true`) // of what judges
	if results := ExamineGitHub(f); slices.ContainsFunc(results, func(r Result) bool { return r.Status != Pass }) {
		t.Errorf("%+v", results)
	}
	f.Token = Token{Login: "alice", Scopes: []string{"public_repo"}, MayPush: true}
	if results := ExamineGitHub(f); slices.ContainsFunc(results, func(r Result) bool { return r.Status != Pass }) {
		t.Errorf("%+v", results)
	}
}

// The status has to come from whoever posts it: workflows, where they have no app.
func TestSourceOfWorkflows(t *testing.T) {
	for source, want := range map[int64]Status{ActionsApp: Pass, 42: Fail} {
		f := soundGitHub(t)
		f.Environments, f.Rules = nil, recommended(t, RulesetMain, source)
		for _, r := range ExamineGitHub(f) {
			if r.Check == CheckRequired && r.Status != want {
				t.Errorf("%d: %+v", source, r)
			}
		}
	}
}

func TestOwned(t *testing.T) {
	for _, tt := range []struct {
		file, path string
		want       bool
	}{
		{"* @a", "policy/change.rego", true},
		{"/policy/ @a", "policy/change.rego", true},
		{"/policy/ @a", "policy/sub/change.rego", true},
		{"/policy/ @a", "other/policy/change.rego", false},
		{"policy/ @a", "other/policy/change.rego", true},
		{"/policy @a", "policy/change.rego", true},
		{"/policy/* @a", "policy/change.rego", true},
		{"/policy/* @a", "policy/sub/change.rego", false},
		{"/policy/** @a", "policy/sub/change.rego", true},
		{"**/policy/ @a", "x/y/policy/change.rego", true},
		{"*.rego @a", "policy/change.rego", true},
		{"*.rego @a", "policy/data.yaml", false},
		{"ops/policy/ @a", "ops/policy/x", true},
		{"ops/policy/ @a", "x/ops/policy/x", false},
		{"/policy/ @a\n/policy/", "policy/x", false},
		{"# /policy/ @a", "policy/x", false},
		{"/policy/ # nobody", "policy/x", false},
		{"/policy/ @a # somebody", "policy/x", true},
		{`/my\ ops/ @a`, "my ops/policy/x", true},
		{"!/policy/ @a", "policy/x", false},
		{"/gitsm.yaml @a", "gitsm.yaml", true},
		{"/gitsm.yaml @a", "gitsmxyaml", false},
		{"", "policy/x", false},
	} {
		if got := parseOwners([]byte(tt.file + "\n")).owned(tt.path); got != tt.want {
			t.Errorf("%q owns %s: %v", tt.file, tt.path, got)
		}
	}
}
