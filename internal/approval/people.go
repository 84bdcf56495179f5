package approval

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// members returns who a reference stands for when it takes part in the work:
// a person, or everybody in a team, active or not, since who has left may
// have done it. Case is ignored, which only ever excludes more.
func (j *judge) members(ref string) []string {
	if id, ok := strings.CutPrefix(ref, "team:"); ok {
		return j.Teams[id].Members
	}
	for id := range j.People {
		if strings.EqualFold(id, bare(ref)) {
			return []string{id}
		}
	}
	return nil
}

// stands reports whether ref means person or a team that person is in.
func (j *judge) stands(ref, person string) bool {
	if ref == "" || person == "" {
		return false
	}
	same := func(id string) bool {
		a, b := j.known(id), j.known(person)
		return strings.EqualFold(bare(id), person) || a != "" && b != "" && j.human(a) == j.human(b)
	}
	if strings.HasPrefix(ref, "team:") {
		return slices.ContainsFunc(j.members(ref), same)
	}
	return same(ref)
}

// did words what ref did as something that person did, "" where it was somebody
// else.
func (j *judge) did(ref, person, what string) string {
	switch {
	case !j.stands(ref, person):
		return ""
	case strings.HasPrefix(ref, "team:") || strings.EqualFold(bare(ref), person):
		return what
	}
	return what + " as " + bare(ref)
}

// known spells a reference to a person as their record does, "" where nobody is
// called so.
func (j *judge) known(ref string) string {
	if _, ok := j.People[bare(ref)]; ok {
		return bare(ref)
	}
	return strings.Join(j.members(ref), "")
}

// human is who stands for all records of a person's human.
func (j *judge) human(person string) string { return cmpOr(j.People[person].Human, person) }

// humans lists who stands for each of some people, sorted.
func (j *judge) humans(people []string) []string {
	var out []string
	for _, p := range people {
		out = append(out, j.human(p))
	}
	return sorted(out)
}

// named is the reverse of humans: the first of people, in their order, that is
// that human.
func (j *judge) named(humans, people []string) []string {
	out := []string{}
	for _, h := range humans {
		if i := slices.IndexFunc(people, func(p string) bool { return j.human(p) == h }); i >= 0 {
			out = append(out, people[i])
		}
	}
	return sorted(out)
}

// approvers returns whom an entry of From means. An inactive team is nobody.
func (j *judge) approvers(from string) []string {
	kind, id, _ := strings.Cut(from, ":")
	switch kind {
	case "person":
		return []string{id}
	case "team":
		if t := j.Teams[id]; t.Active {
			out := []string{}
			for _, m := range t.Members {
				out = append(out, bare(m))
			}
			return out
		}
	}
	return nil
}

// pool returns the people whose approval of req would count.
func (j *judge) pool(req Requirement) []string {
	var out []string
	for _, from := range req.From {
		for _, p := range j.approvers(from) {
			if j.barred(p, req) == "" {
				out = append(out, p)
			}
		}
	}
	return sorted(out)
}

// barred returns the first personal reason against p, or "".
func (j *judge) barred(p string, req Requirement) string {
	for _, check := range personChecks {
		if why := check(j, p, req); why != "" {
			return why
		}
	}
	return ""
}

// nodeReason words why a requirement is met or not. possible is how many
// people could be counted here if everybody who may approve did.
func (j *judge) nodeReason(req Requirement, n Node, pool []string, possible int) string {
	if n.Met {
		return "approved by " + strings.Join(n.Approvers, ", ")
	}
	given := fmt.Sprintf("%d of %d given", n.Given, n.Need)
	switch {
	case len(pool) == 0:
		return given + "; nobody may approve: " + j.nobody(req)
	case len(pool) < n.Need:
		return fmt.Sprintf("%s; cannot be met, only %s may approve", given, strings.Join(pool, ", "))
	case possible < n.Need:
		return given + "; cannot be met, the same people are needed for other requirements and one person fills one role"
	case len(n.Candidates) == 0:
		return given
	}
	return given + "; waiting for " + listed(n.Candidates)
}

// nobody explains an empty pool, entry by entry.
func (j *judge) nobody(req Requirement) string {
	if len(req.From) == 0 {
		return "the requirement names no approvers"
	}
	var why []string
	for _, from := range req.From {
		why = append(why, from+" "+j.empty(from, req))
	}
	return strings.Join(why, ", ")
}

func (j *judge) empty(from string, req Requirement) string {
	kind, id, _ := strings.Cut(from, ":")
	team, known := j.Teams[id]
	switch {
	case kind == "person":
		return j.barred(id, req)
	case kind != "team" || !known:
		return "is not on record"
	case !team.Active:
		return "is inactive"
	}
	active := slices.ContainsFunc(team.Members, func(m string) bool { return j.People[bare(m)].Active })
	if !active {
		return "has no active member"
	}
	return "has no active member without a part in the work"
}

// material returns the digest of today's content without excluded.
func (j *judge) material(excluded []string) digest {
	key := strings.Join(excluded, "\x00")
	if d, ok := j.digests[key]; ok {
		return d
	}
	d := digest{err: errors.New("no content is bound")}
	if j.binding.Material != nil {
		d.sum, d.err = j.binding.Material(excluded)
	}
	j.digests[key] = d
	return d
}

// rank orders trust; a word that is none is below all of them.
func rank(trust string) int {
	return slices.Index([]string{Claimed, Observed, Signed}, trust)
}
