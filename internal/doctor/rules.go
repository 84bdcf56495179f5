package doctor

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/forge"
)

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

// allOf are the parameters of every rule of a type: they hold together.
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

// lacks says that rules miss something or, where the branch has protection that
// the token may not read, that nobody knows.
func (f *GitHub) lacks(branch, message string, fix ...string) Result {
	if slices.Contains(f.Veiled, branch) {
		return Result{Status: Unknown, Message: message + "; unless its branch protection does, which is shown to administrators alone", Fix: []string{"run gitsm doctor with an administrator's token"}}
	}
	return fail(message, fix...)
}

// replace is the command that puts the right rules into a ruleset.
func (f *GitHub) replace(which string, rules []forge.Rule, kind string) string {
	for _, r := range rules {
		if r.Type == kind && r.Source == forge.BranchProtection {
			return f.create(which) + " && gh api --method DELETE repos/" + f.path() + "/branches/" + f.MainBranch + "/protection"
		}
		if r.Type == kind && r.Ruleset != 0 {
			return fmt.Sprintf("gitsm doctor --ruleset %s | gh api --method PUT repos/%s/rulesets/%d --input -", which, f.path(), r.Ruleset)
		}
	}
	return f.create(which)
}

func pullRequestRule(f *GitHub) Result {
	list := allOf(f.Rules, "pull_request")
	if len(list) == 0 {
		return f.lacks(f.MainBranch, "no ruleset demands pull requests for "+f.MainBranch+", so anybody with write access lands what they like", f.create("main"))
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
		case p["require_code_owner_review"] == true && parseOwners(f.CodeOwners).owned(f.aRecord()):
			return fail("code owners have to approve what CODEOWNERS names them for, and it names them for records, so steps that need no approval never land",
				append([]string{"name them in CODEOWNERS for what judges alone: compare it with what " + install + " writes where there is none"}, fix...)...)
		}
	}
	return pass("pull requests are demanded for " + f.MainBranch + ", and approvals left to the gate")
}

// aRecord is the path of some change.
func (f *GitHub) aRecord() string {
	return path.Join(f.Dir, "changes/2026/11/CHG-20261101-AAAAAA.yaml")
}

// requiredStatus demands that main waits for the gate's status, from the app that
// posts it. Rules hold together, so one that says from whom is enough.
func requiredStatus(f *GitHub) Result {
	found := false
	var sources []float64
	for _, p := range allOf(f.Rules, "required_status_checks") {
		checks, _ := p["required_status_checks"].([]any)
		for _, c := range checks {
			m, _ := c.(map[string]any)
			if m["context"] != GateContext {
				continue
			}
			found = true
			if id, ok := m["integration_id"].(float64); ok && id != 0 {
				sources = append(sources, id)
			}
		}
	}
	replace := f.replace("main", f.Rules, "required_status_checks")
	switch {
	case !found:
		return f.lacks(f.MainBranch, GateContext+" is not required for "+f.MainBranch+", so pull requests land whatever the gate says", f.create("main"))
	case len(sources) == 0:
		return fail(GateContext+" is required from any source, so anybody with write access can post it", replace)
	}
	for _, id := range sources {
		switch actions := id == ActionsApp; {
		case actions && len(f.Environments) > 0:
			return fail(GateContext+" is required from the app of workflows, and the gate posts it as an app of your own, so nothing lands", "as in: "+strings.Replace(replace, "--ruleset main", "--ruleset main --source NUMBER", 1))
		case !actions && len(f.Environments) == 0 && f.Host == "github.com" && f.gate() != nil:
			return fail(fmt.Sprintf("%s is required from app %.0f, and the gate posts it with the token of workflows, so nothing lands", GateContext, id), replace)
		}
	}
	return pass(GateContext + " is required, from the app that posts it")
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
		return f.lacks(branch, branch+" can "+strings.Join(lacks, " and ")+", so history can be rewritten", f.create(which))
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

// Reserves reports whether a rule keeps a branch for whoever may go past it.
func Reserves(r forge.Rule) bool { return r.Type == "update" || r.Type == "creation" }

// unpushable are rules that no plain push by a workflow satisfies. Evidence of two
// clones is joined by a merge.
var unpushable = []string{"pull_request", "required_status_checks", "merge_queue", "required_signatures", "required_linear_history", "required_deployments", "workflows", "code_scanning"}

func evidenceRules(f *GitHub) Result {
	for _, kind := range unpushable {
		if rule(f.EvidenceRules, kind) != nil {
			return fail(f.Evidence+" has a rule "+kind+", so evidence cannot be pushed to it", fmt.Sprintf("take the branch out of that ruleset: https://%s/%s/settings/rules", f.Host, f.path()))
		}
	}
	return keeps(f, f.Evidence, f.EvidenceRules, "evidence")
}
