package doctor

import (
	"cmp"
	"encoding/json"
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
	CheckGate        = "gate"
	CheckQueue       = "merge-queue"
	CheckRecorder    = "recorder"
	CheckOwners      = "codeowners"
	CheckToken       = "token"
	CheckRules       = "ruleset"
	CheckRequired    = "required"
	CheckMain        = "main"
	CheckBypass      = "bypass"
	CheckBranch      = "evidence-branch"
	CheckOwnerErrors = "codeowners-errors"
	CheckBots        = "bots"
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

	Token         Token
	Rules         []forge.Rule // of main
	EvidenceRules []forge.Rule
	Rulesets      []Ruleset // that the rules of both come from
	OwnerErrors   []string  // what GitHub does not accept in CODEOWNERS
	Pulls         []forge.Pull
	Date          time.Time // by GitHub's clock
	Now           time.Time

	Unseen map[string]error
}

// Token is what the user's token is good for.
type Token struct {
	Login   string
	Scopes  []string // nil for tokens that have none
	MayPush bool
}

// Ruleset is where rules come from, and who is not held by them.
type Ruleset struct {
	ID     int64
	Name   string
	Actors []string // nil where the token may not read them
}

// onGitHub are the checks of a repository, in the order in which they are read.
var onGitHub = []check[*GitHub]{
	{CheckWorkflows, safeWorkflows},
	{CheckGate, gateWorkflow},
	{CheckQueue, mergeQueue},
	{CheckRecorder, recorder},
	{CheckOwners, codeOwners},
	{CheckToken, tokenScopes},
	{CheckRules, pullRequestRule},
	{CheckRequired, requiredStatus},
	{CheckMain, func(f *GitHub) Result { return keeps(f, f.MainBranch, f.Rules, "main") }},
	{CheckBypass, bypass},
	{CheckBranch, evidenceRules},
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
	if _, ok := w.On["workflow_run"]; !ok {
		return fail(w.Path+" does not run when a review arrives: it lacks workflow_run after a workflow on pull_request_review", "move the file away and run "+install)
	}
	return pass(w.Path)
}

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

func tokenScopes(f *GitHub) Result {
	t := f.Token
	refresh := "gh auth refresh --hostname " + f.Host + " --scopes repo,read:org"
	who := cmp.Or(t.Login, "the token")
	switch {
	case len(t.Scopes) > 0 && !slices.Contains(t.Scopes, "repo") && !slices.Contains(t.Scopes, "public_repo"):
		return fail(who+"'s token has the scopes "+strings.Join(t.Scopes, ", ")+", and repo is needed to open pull requests", refresh)
	case !t.MayPush:
		return fail(who+" may not push to "+f.Repo, "ask an administrator for write access, or use a token of somebody who has it")
	}
	return pass(who + " may push to " + f.Repo)
}

// rule finds the parameters of the first rule of a type; nil where there is
// none, and an empty map where it has none.
func rule(rules []forge.Rule, kind string) map[string]any {
	for _, r := range rules {
		if r.Type == kind {
			out := map[string]any{}
			if json.Unmarshal(r.Parameters, &out) != nil || out == nil {
				out = map[string]any{}
			}
			return out
		}
	}
	return nil
}

// all are the parameters of every rule of a type: they hold together.
func allOf(rules []forge.Rule, kind string) (out []map[string]any) {
	for _, r := range rules {
		if r.Type == kind {
			out = append(out, rule([]forge.Rule{r}, kind))
		}
	}
	return out
}

// create is the command that makes the ruleset that is missing.
func (f *GitHub) create(which string) string {
	return "gitsm doctor --ruleset " + which + " | gh api --method POST repos/" + f.path() + "/rulesets --input -"
}

func (f *GitHub) path() string {
	parts := strings.Split(f.Repo, "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}

// replace is the command that puts the right rules into a ruleset.
func (f *GitHub) replace(which string, rules []forge.Rule, kind string) string {
	for _, r := range rules {
		if r.Type == kind && r.Ruleset != 0 {
			return fmt.Sprintf("gitsm doctor --ruleset %s | gh api --method PUT repos/%s/rulesets/%d --input -", which, f.path(), r.Ruleset)
		}
	}
	return f.create(which)
}

func pullRequestRule(f *GitHub) Result {
	list := allOf(f.Rules, "pull_request")
	if len(list) == 0 {
		return fail("no ruleset demands pull requests for "+f.MainBranch+", so anybody with write access lands what they like", f.create("main"))
	}
	fix := []string{f.replace("main", f.Rules, "pull_request")}
	if f.Dir != "" {
		fix = append(fix, "where the rest of the repository needs it so: keep the records in a repository of their own (docs/github.md)")
	}
	for _, p := range list {
		switch {
		case p["required_approving_review_count"] != float64(0):
			return fail("GitHub itself demands approvals for "+f.MainBranch+": how many there have to be, and whose, is policy's business, and steps that need none never land", fix...)
		case p["dismiss_stale_reviews_on_push"] == true:
			return fail("approvals are dismissed by every push to a pull request for "+f.MainBranch+": they are bound to content, and a corrected typo would ask everybody again", fix...)
		case p["require_last_push_approval"] == true:
			return fail("the last push to a pull request for "+f.MainBranch+" needs an approval of GitHub's, so steps that need none never land", fix...)
		}
	}
	return pass("pull requests are demanded for " + f.MainBranch + ", and approvals left to the gate")
}

func requiredStatus(f *GitHub) Result {
	for _, p := range allOf(f.Rules, "required_status_checks") {
		checks, _ := p["required_status_checks"].([]any)
		for _, c := range checks {
			m, _ := c.(map[string]any)
			if m["context"] != GateContext {
				continue
			}
			if id, ok := m["integration_id"].(float64); !ok || id == 0 {
				return fail(GateContext+" is required from any source, so anybody with write access can post it", f.replace("main", f.Rules, "required_status_checks"))
			}
			return pass(GateContext + " is required, from the app that posts it")
		}
	}
	return fail(GateContext+" is not required for "+f.MainBranch+", so pull requests land whatever the gate says", f.create("main"))
}

// keeps checks that a branch loses no commits.
func keeps(f *GitHub, branch string, rules []forge.Rule, which string) Result {
	var lacks []string
	for kind, what := range map[string]string{"non_fast_forward": "be pushed by force", "deletion": "be deleted"} {
		if rule(rules, kind) == nil {
			lacks = append(lacks, what)
		}
	}
	if slices.Sort(lacks); len(lacks) > 0 {
		return fail(branch+" can "+strings.Join(lacks, " and ")+", so history can be rewritten", f.create(which))
	}
	return pass(branch + " can be neither deleted nor pushed by force")
}

func bypass(f *GitHub) Result {
	var actors, hidden []string
	for _, s := range f.Rulesets {
		name := cmp.Or(s.Name, fmt.Sprint(s.ID))
		if s.Actors == nil {
			hidden = append(hidden, name)
		}
		for _, a := range s.Actors {
			actors = append(actors, a+" past "+name)
		}
	}
	switch {
	case len(actors) > 0:
		return fail("not everybody is held by the rules: "+some(actors), fmt.Sprintf("take them out: https://%s/%s/settings/rules", f.Host, f.path()))
	case len(hidden) > 0:
		return Result{Status: Unknown, Message: "who may go past " + some(hidden) + " is shown to administrators alone", Fix: []string{"run gitsm doctor with an administrator's token"}}
	case len(f.Rulesets) == 0:
		return notApplicable("there are no rules: see " + CheckRules)
	}
	return pass("nobody may go past the rules")
}

func evidenceRules(f *GitHub) Result {
	for _, kind := range []string{"pull_request", "required_status_checks", "merge_queue"} {
		if rule(f.EvidenceRules, kind) != nil {
			return fail(f.Evidence+" has a rule "+kind+", so evidence cannot be pushed to it", fmt.Sprintf("take the branch out of that ruleset: https://%s/%s/settings/rules", f.Host, f.path()))
		}
	}
	return keeps(f, f.Evidence, f.EvidenceRules, "evidence")
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
