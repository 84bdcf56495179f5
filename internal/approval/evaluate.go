package approval

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Evaluate judges reviews against requirements. The result depends on the
// contents of reqs and f alone, never on the order of their slices.
//
// A rejection counts when the person is among the From of any requirement,
// also where their approval would not (a contributor may object), and also
// when it is stale or weakly trusted: only approvals have to prove themselves.
func Evaluate(reqs []Requirement, f Facts, b Binding) Result {
	j := newJudge(reqs, f, b)
	for _, check := range inputChecks {
		j.errs = append(j.errs, check(j)...)
	}
	j.nodes()
	j.objections()
	j.blockers = append(j.blockers, j.unknownContributors()...)
	j.blockers = append(j.blockers, j.unknownParties()...)
	j.blockers = append(j.blockers, j.Doubts...)
	return j.result()
}

// judge holds the facts in a fixed order, and what has been found so far.
type judge struct {
	Facts
	reqs    []Requirement
	reviews []Review // the deciding review of each person, then of each unknown
	binding Binding
	digests map[string]digest // of today's content, by exclusion list

	tree     []Node
	errs     []string
	denials  []Ignored
	blockers []Ignored
}

type digest struct {
	sum string
	err error
}

func newJudge(reqs []Requirement, f Facts, b Binding) *judge {
	j := &judge{Facts: f, binding: b, digests: map[string]digest{}}
	for _, r := range reqs {
		r.From = sorted(r.From)
		j.reqs = append(j.reqs, r)
	}
	slices.SortStableFunc(j.reqs, func(a, b Requirement) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), slices.Compare(a.From, b.From), cmp.Compare(a.Count, b.Count),
			cmp.Compare(a.Msg, b.Msg), compareBool(a.Shared, b.Shared))
	})
	j.reviews = j.deciding(f.Reviews)
	return j
}

// nodes fills one node per requirement.
func (j *judge) nodes() {
	valid := make([][]string, len(j.reqs)) // people whose approval counts there
	pools := make([][]string, len(j.reqs)) // people whose approval would
	ignored := make([][]Ignored, len(j.reqs))
	for i, req := range j.reqs {
		pools[i] = j.pool(req)
		valid[i], ignored[i] = j.weigh(req)
	}
	words := make([][]string, len(j.reqs)) // the same, each human once
	places := make([][]string, len(j.reqs))
	eligible := make([][]string, len(j.reqs))
	everybody := []string{}
	for i := range eligible {
		words[i], places[i] = j.humans(valid[i]), j.humans(pools[i])
		eligible[i] = sorted(append(slices.Clone(places[i]), words[i]...))
		everybody = append(everybody, pools[i]...)
	}
	counted := assign(j.reqs, words, eligible)
	possible := assign(j.reqs, places, places)
	for i, req := range j.reqs {
		n := Node{ID: req.ID, Need: req.Count, From: req.From, Msg: req.Msg, Approvers: j.named(counted[i], valid[i]), Given: len(counted[i])}
		n.Refs = j.refs(n.Approvers)
		n.Met = n.Need > 0 && n.Given >= n.Need
		n.Ignored = append(ignored[i], j.twice(valid[i], n.Approvers)...)
		if !n.Met {
			for _, x := range elsewhere(j.reqs, i, words[i], counted) {
				x.Who = strings.Join(j.named([]string{x.Who}, valid[i]), "")
				n.Ignored = append(n.Ignored, x)
			}
		}
		n.Ignored = tidy(n.Ignored)
		n.Candidates = []string{}
		if !n.Met {
			n.Candidates = j.named(helpful(j.reqs, i, places, counted), slices.Concat(pools[i], everybody))
		}
		n.Stuck = !n.Met && min(len(pools[i]), len(possible[i])) < n.Need
		n.Reason = j.nodeReason(req, n, pools[i], len(possible[i]))
		j.tree = append(j.tree, n)
	}
}

// twice lists the approvals of humans who count already under another record.
func (j *judge) twice(valid, approvers []string) (out []Ignored) {
	for _, p := range valid {
		for _, a := range approvers {
			if p != a && j.human(p) == j.human(a) {
				out = append(out, Ignored{p, "is the same human as " + a + ", who counts already"})
			}
		}
	}
	return out
}

// weigh returns whose approval counts towards req, and everybody else's
// decisive review with the reason why it does not.
func (j *judge) weigh(req Requirement) (valid []string, ignored []Ignored) {
	for _, r := range j.reviews {
		why := j.ignoredBecause(r, req)
		switch {
		case r.State == Approved && why == "":
			valid = append(valid, bare(r.Person))
		case r.State == Approved:
			if outsider(j, bare(r.Person), req) != "" && j.countsSomewhere(r) {
				continue // counted for its own requirement: not worth a line here
			}
			ignored = append(ignored, Ignored{j.who(r), why})
		case r.State == Rejected && !j.objects(r):
			ignored = append(ignored, Ignored{j.who(r), "rejected without effect: " + why})
		case r.State == Dismissed && outsider(j, bare(r.Person), req) == "":
			ignored = append(ignored, Ignored{j.who(r), "withdrawn or dismissed" + at(r) + ", and what was said before stays so; a new approval is needed"})
		}
	}
	return sorted(valid), ignored
}

// ignoredBecause returns why an approval r does not count towards req, or "".
func (j *judge) ignoredBecause(r Review, req Requirement) string {
	if why := botReview(j, r); why != "" {
		return why
	}
	for _, check := range personChecks {
		if why := check(j, bare(r.Person), req); why != "" {
			return why
		}
	}
	for _, check := range reviewChecks {
		if why := check(j, r); why != "" {
			return why
		}
	}
	return ""
}

func (j *judge) countsSomewhere(r Review) bool {
	return slices.ContainsFunc(j.reqs, func(req Requirement) bool { return j.ignoredBecause(r, req) == "" })
}

// objects reports whether a rejection blocks: somebody who may be asked said no.
func (j *judge) objects(r Review) bool {
	if botReview(j, r) != "" || voidReview(j, r) != "" {
		return false
	}
	p := bare(r.Person)
	return slices.ContainsFunc(j.reqs, func(req Requirement) bool {
		return unknownPerson(j, p, req) == "" && inactivePerson(j, p, req) == "" && outsider(j, p, req) == ""
	})
}

func (j *judge) objections() {
	for _, r := range j.reviews {
		if r.State == Rejected && j.objects(r) {
			j.denials = append(j.denials, Ignored{j.who(r), "rejected" + at(r) + "; their own later approval lifts it"})
		}
	}
}

func (j *judge) result() Result {
	res := Result{Verdict: Allow, Requirements: j.tree, Blockers: tidy(append(j.denials, j.blockers...))}
	if res.Requirements == nil {
		res.Requirements = []Node{}
	}
	unmet, met := []string{}, []string{}
	for _, n := range j.tree {
		line := n.ID + ": " + n.Reason
		if n.Met {
			met = append(met, line)
		} else {
			unmet = append(unmet, line)
		}
	}
	if len(j.reqs) == 0 {
		met = append(met, "policy asks for no approval")
	}
	switch {
	case len(j.errs) > 0:
		res.Verdict = Error
	case len(j.denials) > 0:
		res.Verdict = Deny
	case len(j.blockers) > 0 || len(unmet) > 0:
		res.Verdict = Pending
	}
	res.Reasons = slices.Concat(sorted(j.errs), lines(j.denials), lines(j.blockers), unmet)
	if len(res.Reasons) == 0 {
		res.Reasons = met
	}
	return res
}

func lines(list []Ignored) []string {
	out := []string{}
	for _, i := range tidy(list) {
		out = append(out, i.Who+": "+i.Why)
	}
	return out
}

// who names a reviewer by person id, else as the source calls them.
func (j *judge) who(r Review) string {
	if r.Person != "" && !r.Bot {
		return bare(r.Person)
	}
	return nameOnly(r.Who)
}

// at says when a review was given, where that is known.
func at(r Review) string {
	if r.Time.IsZero() {
		return ""
	}
	return " at " + r.Time.UTC().Format("2006-01-02T15:04:05Z")
}

// bare strips the prefix of a person reference.
func bare(ref string) string { return strings.TrimPrefix(ref, "person:") }

// nameOnly drops the words of a name that are e-mail addresses, since results
// are kept as evidence and evidence holds none.
func nameOnly(who string) string {
	words := slices.DeleteFunc(strings.Fields(who), func(w string) bool { return strings.LastIndex(w, "@") > 0 })
	if len(words) == 0 {
		return "somebody unnamed"
	}
	return strings.Join(words, " ")
}

// sorted returns a sorted copy without duplicates, never nil.
func sorted(list []string) []string {
	out := append([]string{}, list...)
	slices.Sort(out)
	return slices.Compact(out)
}

func tidy(list []Ignored) []Ignored {
	out := append([]Ignored{}, list...)
	slices.SortFunc(out, func(a, b Ignored) int { return cmp.Or(cmp.Compare(a.Who, b.Who), cmp.Compare(a.Why, b.Why)) })
	return slices.Compact(out)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// listed joins names with commas and a final "or", and stops at five.
func listed(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("%s or %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
