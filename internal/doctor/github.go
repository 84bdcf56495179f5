package doctor

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/workflow"
)

// The checks of a repository on GitHub, by the names that reports have and
// Unseen is keyed by.
const (
	CheckWorkflows   = "workflows"
	CheckEnabled     = "enabled"
	CheckDefault     = "default-branch"
	CheckGate        = "gate"
	CheckQueue       = "merge-queue"
	CheckRecorder    = "recorder"
	CheckOwners      = "codeowners"
	CheckAccounts    = "accounts"
	CheckToken       = "token"
	CheckRules       = "ruleset"
	CheckRequired    = "required"
	CheckMain        = "main"
	CheckBypass      = "bypass"
	CheckBranch      = "evidence-branch"
	CheckOwnerErrors = "codeowners-errors"
	CheckBots        = "bots"
	CheckEnvironment = "environment"
	CheckGitHubClock = "github-clock"
)

// GateContext is the commit status that the gate posts.
const GateContext = "gitsm/gate"

// GitHub is what can be seen of the repository on GitHub: in main's files, and
// through the API.
type GitHub struct {
	Repo       string // [HOST/]OWNER/NAME
	Host       string
	MainBranch string
	Dir        string // the store's directory
	Evidence   string // the evidence branch

	Workflows  []*workflow.Workflow // of main, that run gitsm
	Broken     []string             // workflows of main that cannot be read, and why
	CodeOwners []byte               // main's CODEOWNERS, nil where there is none
	Judging    []string             // a path of each thing that judges

	Strangers []string // active people who have no account there by its number

	Token         Token
	DefaultBranch string
	Disabled      []string     // workflows that GitHub does not start, and why
	Rules         []forge.Rule // of main, those of its own protection included
	EvidenceRules []forge.Rule
	Veiled        []string  // branches whose own protection the token may not read
	Rulesets      []Ruleset // that the rules of both come from
	Environments  []Environment
	OwnerErrors   []string // what GitHub does not accept in CODEOWNERS
	Pulls         []forge.Pull
	Date          time.Time // by GitHub's clock
	Now           time.Time

	Unseen map[string]error
}

// Token is what the user's token is good for.
type Token struct {
	Login   string
	Scopes  []string // nil for tokens of a kind that has none, empty for none
	MayPush bool     // the account may, whatever the token may
	Private bool     // the repository is, and public_repo not enough
}

// Ruleset is where rules come from, and who is not held by them.
type Ruleset struct {
	ID     int64
	Name   string
	Actors []string // nil where the token may not read them
}

// Environment holds the key of the app as which gate and recorder act.
type Environment struct {
	Name      string
	Branches  []string // patterns of those that may use it, nil for every one
	Protected bool     // those that are protected may, whichever these are
}

// onGitHub are the checks of a repository, in the order in which they are read.
var onGitHub = []check[*GitHub]{
	{CheckWorkflows, safeWorkflows},
	{CheckGate, gateWorkflow},
	{CheckQueue, mergeQueue},
	{CheckRecorder, recorder},
	{CheckOwners, codeOwners},
	{CheckAccounts, accounts},
	{CheckToken, tokenScopes},
	{CheckDefault, defaultBranch},
	{CheckEnabled, enabled},
	{CheckRules, pullRequestRule},
	{CheckRequired, requiredStatus},
	{CheckMain, func(f *GitHub) Result { return keeps(f, f.MainBranch, f.Rules, "main") }},
	{CheckBypass, bypass},
	{CheckBranch, evidenceRules},
	{CheckEnvironment, environments},
	{CheckOwnerErrors, ownerErrors},
	{CheckBots, bots},
	{CheckGitHubClock, githubClock},
}

// ExamineGitHub checks a repository on GitHub. Without a token that is accepted
// nothing can be asked, which is said once.
func ExamineGitHub(f *GitHub) []Result {
	results := run(onGitHub, f, f.Unseen)
	if err := f.Unseen[CheckToken]; errors.Is(err, forge.ErrAuth) {
		i := slices.IndexFunc(results, func(r Result) bool { return r.Check == CheckToken })
		results[i] = fail(err.Error(), "gh auth login --hostname "+f.Host+" --scopes repo,read:org", "in a workflow: env GH_TOKEN: ${{ github.token }}")
		results[i].Check = CheckToken
	}
	return results
}

const install = "gitsm init --forge github"

func safeWorkflows(f *GitHub) Result {
	if len(f.Broken) > 0 {
		return Result{Status: Unknown, Message: "cannot be read: " + some(f.Broken), Fix: []string{"write it without anchors and aliases, or compare it by eye with what " + install + " --dry-run shows"}}
	}
	var found []string
	for _, w := range f.Workflows {
		for _, weak := range w.Weaknesses() {
			found = append(found, weak.String())
		}
	}
	if len(found) > 0 {
		return fail(some(found), "move the file away and run "+install+", which writes it anew")
	}
	if len(f.Workflows) == 0 {
		return notApplicable("none on " + f.MainBranch + " runs gitsm")
	}
	return pass(fmt.Sprintf("%d that run gitsm, out of reach of what a pull request brings", len(f.Workflows)))
}

// gate finds the workflow that decides about pull requests.
func (f *GitHub) gate() *workflow.Workflow {
	for _, w := range f.Workflows {
		if _, ok := w.On["pull_request_target"]; ok && w.Runs("gate") {
			return w
		}
	}
	return nil
}

func gateWorkflow(f *GitHub) Result {
	w := f.gate()
	if w == nil {
		if slices.ContainsFunc(f.Workflows, func(w *workflow.Workflow) bool { return w.Runs("gate") }) {
			return fail("the gate runs as the pull request has it, which can rewrite it: it has to run on pull_request_target", "move the file away and run "+install)
		}
		return fail("no workflow on "+f.MainBranch+" runs gitsm gate", install)
	}
	for _, event := range slices.Sorted(maps.Keys(w.On)) {
		if w.On[event].Filtered {
			return fail(w.Path+" filters "+event+": for a pull request that it passes over the status never comes, and it waits for ever", "take paths, paths-ignore and branches-ignore out of "+w.Path)
		}
	}
	target := w.On["pull_request_target"]
	if len(target.Branches) > 0 && !slices.Contains(target.Branches, f.MainBranch) {
		return fail(w.Path+" runs for pull requests into "+some(target.Branches)+", and not for those into "+f.MainBranch, "add "+f.MainBranch+" to branches: in "+w.Path)
	}
	for _, what := range gateTypes {
		if !slices.Contains(target.Types, what) {
			return fail(w.Path+" does not run when a pull request is "+what+", and what was said before it was stands", "types: ["+strings.Join(gateTypes, ", ")+"] beneath pull_request_target: in "+w.Path)
		}
	}
	relayed := slices.ContainsFunc(f.Workflows, func(w *workflow.Workflow) bool { _, ok := w.On["pull_request_review"]; return ok })
	if _, ok := w.On["workflow_run"]; !ok || !relayed {
		return fail(w.Path+" does not run when a review arrives: it takes workflow_run after a workflow on pull_request_review", "move the file away and run "+install)
	}
	return pass(w.Path)
}

// gateTypes are what happens to a pull request that the gate has to look at it for.
// The base branch is edited.
var gateTypes = []string{"opened", "reopened", "synchronize", "edited", "ready_for_review", "converted_to_draft"}

func mergeQueue(f *GitHub) Result {
	w := f.gate()
	if w == nil {
		return notApplicable("there is no gate: see " + CheckGate)
	}
	queued := rule(f.Rules, "merge_queue") != nil
	if _, ok := w.On["merge_group"]; !ok {
		what, fix := w.Path+" does not run on merge_group", "add merge_group: to on: in "+w.Path
		if queued {
			return fail(what+", and "+f.MainBranch+" has a merge queue: nothing in it ever lands", fix)
		}
		return warning(what+": with a merge queue nothing would land", fix)
	}
	return pass(w.Path + " runs on merge_group")
}

func recorder(f *GitHub) Result {
	for _, w := range f.Workflows {
		_, closed := w.On["pull_request_target"]
		_, swept := w.On["schedule"]
		if w.Runs("evidence") && closed && swept {
			return pass(w.Path)
		}
	}
	return fail("no workflow on "+f.MainBranch+" records evidence when a pull request closes, and by a sweep", install)
}

func codeOwners(f *GitHub) Result {
	fix := install + " --codeowner @ORG/TEAM"
	if f.CodeOwners == nil {
		return fail("there is no CODEOWNERS on "+f.MainBranch+": nobody is asked about changes to what judges", fix)
	}
	owners := parseOwners(f.CodeOwners)
	var bare []string
	for _, p := range f.Judging {
		if !owners.owned(p) {
			bare = append(bare, p)
		}
	}
	if len(bare) > 0 {
		return fail("CODEOWNERS names nobody for "+some(bare), "compare it with what "+fix+" writes where there is none, and add the lines")
	}
	return pass("covers what judges")
}

// accounts looks for people whom GitHub's word can be about nobody by: an account
// is known by its number, since a login can change hands.
func accounts(f *GitHub) Result {
	if len(f.Strangers) == 0 {
		return pass("everybody in people/ has one")
	}
	const most = 5
	some, more := f.Strangers, ""
	if len(some) > most {
		some, more = some[:most], fmt.Sprintf(" and %d more", len(some)-most)
	}
	var fixes []string
	for _, id := range some {
		fixes = append(fixes, fmt.Sprintf("gitsm person edit %s --set github.login=LOGIN --set github.id=\"$(gh api users/LOGIN --jq .id)\"", id))
	}
	return warning("people/ has no number of an account for "+strings.Join(some, ", ")+more+", so nothing counts that they do there", fixes...)
}

func tokenScopes(f *GitHub) Result {
	t := f.Token
	refresh := "gh auth refresh --hostname " + f.Host + " --scopes repo,read:org"
	who := cmp.Or(t.Login, "the token")
	enough := slices.Contains(t.Scopes, "repo") || slices.Contains(t.Scopes, "public_repo") && !t.Private
	switch {
	case t.Scopes != nil && !enough:
		return fail(who+"'s token has the scopes "+cmp.Or(strings.Join(t.Scopes, ", "), "(none)")+", and repo is needed to open pull requests", refresh)
	case !t.MayPush:
		return fail(who+" may not push to "+f.Repo, "ask an administrator for write access, or use a token of somebody who has it")
	case t.Scopes == nil && t.Login != "":
		return warning(who+" may push to "+f.Repo+"; what the token itself may do, GitHub does not say of its kind",
			"see that it may write contents, pull requests and commit statuses: https://"+f.Host+"/settings/personal-access-tokens")
	}
	return pass(who + " may push to " + f.Repo)
}

// defaultBranch demands that the branch whose records are in force is the one whose
// workflows GitHub runs: it takes those that may write from the default branch alone.
func defaultBranch(f *GitHub) Result {
	if f.DefaultBranch == f.MainBranch {
		return pass(f.MainBranch + ", whose workflows decide")
	}
	return fail("the default branch is "+f.DefaultBranch+", so gate and recorder run as that has them, and not "+f.MainBranch,
		"gh api --method PATCH repos/"+f.path()+" -f default_branch="+f.MainBranch)
}

// enabled looks for workflows that GitHub does not start, as it does with those of
// a public repository in which nothing has happened for two months.
func enabled(f *GitHub) Result {
	if len(f.Disabled) == 0 {
		return pass("GitHub starts every workflow that runs gitsm")
	}
	return fail("GitHub does not start "+some(f.Disabled), "gh workflow enable NAME.yml --repo "+f.Repo)
}

// environments demands that main's workflows alone are given an app's key.
func environments(f *GitHub) Result {
	if len(f.Environments) == 0 {
		return notApplicable("gate and recorder act with the token that workflows have, and what they say is as good as whoever may write to the repository")
	}
	for _, e := range f.Environments {
		page := fmt.Sprintf("https://%s/%s/settings/environments: deployment branches of %s: selected branches, %s alone", f.Host, f.path(), e.Name, f.MainBranch)
		switch {
		case e.Protected:
			return fail("every protected branch may use the key in the environment "+e.Name, page)
		case e.Branches == nil:
			return fail("a workflow on any branch may use the key in the environment "+e.Name, page)
		}
		for _, b := range e.Branches {
			if b != f.MainBranch {
				return fail("branches "+b+" may use the key in the environment "+e.Name, page)
			}
		}
		if len(e.Branches) == 0 {
			return fail("no branch may use the environment "+e.Name+", so that neither gate nor recorder runs", page)
		}
	}
	return pass(f.MainBranch + " alone may use the key of the app")
}

func ownerErrors(f *GitHub) Result {
	if len(f.OwnerErrors) > 0 {
		return fail("GitHub passes over lines of CODEOWNERS: "+some(f.OwnerErrors), "mend them on a branch; owners need write access, and teams have to be visible")
	}
	return pass("GitHub accepts every line")
}

// actionsBot is the account behind the token that workflows have by themselves.
const actionsBot = "github-actions[bot]"

func bots(f *GitHub) Result {
	var stuck []string
	for _, p := range f.Pulls {
		if p.Open && p.Author.Login == actionsBot {
			stuck = append(stuck, fmt.Sprintf("#%d", p.Number))
		}
	}
	if len(stuck) > 0 {
		return fail("opened with the token of a workflow, which starts no workflows, so that no gate looks at them: "+some(stuck),
			"let the workflow open them with the token of an app (actions/create-github-app-token)",
			"for those that are open: gh pr close NUMBER && gh pr reopen NUMBER")
	}
	return pass("none is open that no workflow looks at")
}

func githubClock(f *GitHub) Result {
	if off := f.Now.Sub(f.Date); off > skew || -off > skew {
		word := "behind"
		if off > 0 {
			word = "ahead of"
		}
		return fail(fmt.Sprintf("this clock is %s %s GitHub's", off.Abs().Round(time.Second), word), setClock...)
	}
	return pass("the same as this one")
}
