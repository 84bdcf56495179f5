package approval

import (
	"fmt"
	"slices"
	"strings"
)

// Each rule of the gate is one function below that returns why it objects, or
// "". They are listed in the order in which they are asked; the first reason
// is the one that is reported. A rule stands alone, so that a test can take it
// out and see a case fail.

// inputChecks find what cannot be judged at all; each makes the verdict error.
var inputChecks = []func(*judge) []string{
	policyNotJudged, badRequirements, unknownApprovers, badMinimumTrust, unreadableReviews, unknownStates,
}

// personChecks ask whether a person may approve for a requirement.
var personChecks = []func(*judge, string, Requirement) string{
	unknownPerson, inactivePerson, requester, implementer, opener, contributor, outsider,
}

// reviewChecks ask whether one review of an eligible person counts.
var reviewChecks = []func(*judge, Review) string{
	voidReview, weakTrust, leavesOutTooMuch, staleContent,
}

func policyNotJudged(j *judge) []string {
	if len(j.reqs) > 0 || j.Judged {
		return nil
	}
	return []string{"no policy was evaluated, so nobody said that no approval is needed"}
}

func badRequirements(j *judge) (errs []string) {
	for _, r := range j.reqs {
		if r.ID == "" {
			errs = append(errs, fmt.Sprintf("a requirement from %s has no id: give it one in policy", strings.Join(r.From, ", ")))
		}
		if r.Count <= 0 {
			errs = append(errs, fmt.Sprintf("requirement %s asks for %d approvals: policy must ask for at least 1", r.ID, r.Count))
		}
	}
	return errs
}

// unknownApprovers finds entries of From that name nobody on record. They are
// never skipped: a misspelt team would otherwise weaken the gate unseen.
func unknownApprovers(j *judge) (errs []string) {
	for _, req := range j.reqs {
		for _, from := range req.From {
			kind, id, _ := strings.Cut(from, ":")
			_, person := j.People[id]
			_, team := j.Teams[id]
			switch {
			case kind == "person" && person, kind == "team" && team:
			case kind == "person", kind == "team":
				errs = append(errs, fmt.Sprintf("requirement %s asks for %s, which is not on record: correct the policy or add the record", req.ID, from))
			default:
				errs = append(errs, fmt.Sprintf("requirement %s asks for %q: write team:<id> or person:<id>", req.ID, from))
			}
		}
	}
	return errs
}

func badMinimumTrust(j *judge) []string {
	if len(j.reqs) == 0 || rank(j.MinimumTrust) >= 0 {
		return nil
	}
	return []string{fmt.Sprintf("minimum trust %q is not one of %s, %s, %s: set minimum_trust in policy", j.MinimumTrust, Claimed, Observed, Signed)}
}

func unreadableReviews(j *judge) (errs []string) {
	for _, r := range j.Reviews {
		if r.Unreadable != "" {
			errs = append(errs, fmt.Sprintf("review of %s%s cannot be relied on: %s", j.who(r), where(r), r.Unreadable))
		}
	}
	return errs
}

func unknownStates(j *judge) (errs []string) {
	for _, r := range j.Reviews {
		switch r.State {
		case Approved, Rejected, Dismissed, Commented:
		default:
			errs = append(errs, fmt.Sprintf("review of %s%s has the unknown state %q", j.who(r), where(r), r.State))
		}
	}
	return errs
}

func where(r Review) string {
	if r.Ref == "" {
		return ""
	}
	return " (" + r.Ref + ")"
}

// unknownContributors names who brought content and is nobody's we know: any
// approver might be that person, so nothing lands before it is settled.
func (j *judge) unknownContributors() (out []Ignored) {
	commits := map[[2]string][]string{}
	for _, c := range j.Contributors {
		if c.Person == "" && !c.Bot {
			key := [2]string{nameOnly(c.Who), c.Role}
			commits[key] = append(commits[key], c.Commit)
		}
	}
	for key, list := range commits {
		out = append(out, Ignored{key[0], act(key[1], list) + ", and is nobody in people/: add the identity to a person record, or have the work committed again by somebody known"})
	}
	return out
}

// unknownParties does the same for the names that the record itself gives. A
// misspelt requester would otherwise be free to approve under the right name.
func (j *judge) unknownParties() (out []Ignored) {
	if len(j.reqs) == 0 {
		return nil // nobody's approval is counted, so nobody can approve their own
	}
	report := func(ref, role string) {
		if ref != "" && len(j.members(ref)) == 0 {
			out = append(out, Ignored{nameOnly(ref), "named as " + role + ", and is nobody in people/: correct the record, or add the person"})
		}
	}
	report(j.Requester, "requester")
	for _, i := range j.Implementers {
		report(i, "implementer")
	}
	return out
}

func botReview(_ *judge, r Review) string {
	if r.Bot {
		return "is a bot; only people approve"
	}
	return ""
}

func unknownPerson(j *judge, person string, _ Requirement) string {
	if _, ok := j.People[person]; ok && person != "" {
		return ""
	}
	return "is nobody in people/"
}

func inactivePerson(j *judge, person string, _ Requirement) string {
	if j.People[person].Active {
		return ""
	}
	return "is inactive"
}

func requester(j *judge, person string, _ Requirement) string {
	return j.did(j.Requester, person, "requested this change")
}

func implementer(j *judge, person string, _ Requirement) string {
	for _, ref := range j.Implementers {
		if did := j.did(ref, person, "implements this change"); did != "" {
			return did
		}
	}
	return ""
}

func opener(j *judge, person string, _ Requirement) string {
	return j.did(j.Opener, person, "opened this proposal")
}

func contributor(j *judge, person string, _ Requirement) string {
	var acts []string
	for _, c := range j.Contributors {
		if did := j.did(c.Person, person, act(c.Role, []string{c.Commit})); did != "" {
			acts = append(acts, did)
		}
	}
	if len(acts) == 0 {
		return ""
	}
	return sorted(acts)[0] + ": who worked on it does not approve it"
}

func outsider(j *judge, person string, req Requirement) string {
	for _, from := range req.From {
		if slices.Contains(j.approvers(from), person) {
			return ""
		}
	}
	return "is not among " + listed(req.From)
}

func voidReview(_ *judge, r Review) string { return r.Void }

func weakTrust(j *judge, r Review) string {
	if rank(r.Trust) >= 0 && rank(r.Trust) >= rank(j.MinimumTrust) {
		return ""
	}
	return fmt.Sprintf("is %s, and at least %s is needed", cmpOr(r.Trust, "without trust"), j.MinimumTrust)
}

// leavesOutTooMuch refuses a statement whose digest covers less than today's
// base demands: it may have been made to fit any content.
func leavesOutTooMuch(j *judge, r Review) string {
	for _, field := range sorted(r.Excluded) {
		if !slices.Contains(j.binding.Allowed, field) {
			return "is stale: given" + at(r) + " without regard to " + field + ", which counts today"
		}
	}
	return ""
}

// staleContent compares digests. A digest that cannot be computed is an error
// of the whole, since it might have been a match.
func staleContent(j *judge, r Review) string {
	today := j.material(sorted(r.Excluded))
	switch {
	case today.err != nil:
		j.errs = append(j.errs, fmt.Sprintf("computing the digest of today's content: %v", today.err))
		return "cannot be compared with today's content"
	case r.Material == "":
		return "is stale: does not say which content was approved" + at(r)
	case r.Material != today.sum:
		return "is stale: the content has changed since it was given" + at(r)
	}
	return ""
}

// act words what somebody did: "author of 1a2b3c4 and 2 more commits".
func act(role string, commits []string) string {
	commits = slices.DeleteFunc(sorted(commits), func(c string) bool { return c == "" })
	switch len(commits) {
	case 0:
		return role
	case 1:
		return role + " of " + short(commits[0])
	}
	return fmt.Sprintf("%s of %s and %d more commits", role, short(commits[0]), len(commits)-1)
}

func short(oid string) string { return oid[:min(len(oid), 12)] }

func cmpOr(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
