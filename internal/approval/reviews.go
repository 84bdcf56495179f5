package approval

import (
	"cmp"
	"slices"
)

// deciding returns what each person says now, and every decisive review whose
// person is unknown or a bot, for the list of the ignored.
func (j *judge) deciding(all []Review) []Review {
	var out []Review
	latest := map[string]Review{}
	for _, r := range ordered(all) {
		switch {
		case !decisive(r):
		case r.Person == "" || r.Bot:
			out = append(out, r)
		default:
			p := bare(r.Person)
			prev, ok := latest[p]
			if !ok || j.replaces(prev, r) {
				latest[p] = r
			}
		}
	}
	for _, r := range latest {
		out = append(out, r)
	}
	return ordered(out)
}

func decisive(r Review) bool {
	return r.State == Approved || r.State == Rejected || r.State == Dismissed
}

// replaces reports whether r, given after prev by the same person, is what
// that person says now. The latest wins, but what is not proven to be theirs may
// only take an approval away, never lift a rejection or spoil the proof.
//
// Which of two in one instant came last nobody can say: a branch that two
// clones grew has their commits in the order of whoever joined them, so that
// cannot decide. The less favourable wins, a rejection over everything. Of two
// approvals the better proven one counts, of equals the one of today's content,
// and of equals again the one whose Ref sorts last.
func (j *judge) replaces(prev, r Review) bool {
	instant := !r.Time.IsZero() && r.Time.Equal(prev.Time)
	if instant && severity(r) < severity(prev) {
		return false
	}
	if instant && r.State == Approved && j.strength(r) == j.strength(prev) && j.covers(prev) && !j.covers(r) {
		return false
	}
	if j.strength(r) >= j.strength(prev) {
		return true
	}
	switch r.State {
	case Rejected:
		return prev.State != Rejected
	case Dismissed:
		return prev.State == Approved
	}
	return false
}

// covers reports whether r is of today's content, as far as the base demands.
func (j *judge) covers(r Review) bool {
	today := j.material(sorted(r.Excluded))
	return leavesOutTooMuch(j, r) == "" && today.err == nil && r.Material == today.sum
}

// refs says where the reviews that decide for people are kept.
func (j *judge) refs(people []string) []string {
	out := make([]string, len(people))
	for i, p := range people {
		n := slices.IndexFunc(j.reviews, func(r Review) bool { return !r.Bot && bare(r.Person) == p })
		out[i] = j.reviews[n].Ref // who is counted has one
	}
	return out
}

// strength is how well proven a review is, as far as this proposal asks.
func (j *judge) strength(r Review) int {
	if r.Void != "" {
		return -2
	}
	return min(rank(r.Trust), max(rank(j.MinimumTrust), 0))
}

// severity is how little a review favours the proposal.
func severity(r Review) int {
	return slices.Index([]string{Commented, Approved, Dismissed, Rejected}, r.State)
}

// ordered sorts by the source's sequence. Where two reviews share a place in
// it, the less favourable comes last and so wins.
func ordered(list []Review) []Review {
	out := slices.Clone(list)
	slices.SortFunc(out, func(a, b Review) int {
		return cmp.Or(
			cmp.Compare(a.Order, b.Order), cmp.Compare(severity(a), severity(b)), a.Time.Compare(b.Time),
			cmp.Compare(a.Person, b.Person), cmp.Compare(a.Who, b.Who), cmp.Compare(a.Ref, b.Ref),
			cmp.Compare(a.Trust, b.Trust), cmp.Compare(a.Material, b.Material), slices.Compare(a.Excluded, b.Excluded),
			cmp.Compare(a.Void, b.Void), cmp.Compare(a.Unreadable, b.Unreadable), compareBool(a.Bot, b.Bot),
			cmp.Compare(a.State, b.State),
		)
	})
	return out
}
