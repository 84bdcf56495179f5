package approval

import "slices"

// assign gives each requirement the people who count for it, out of those who
// may (can, sorted, one list per requirement). One person counts once, unless
// policy shares the requirement, and the number of places filled is the
// largest possible, so that whatever can be satisfied is. Where one approval
// could fill several places it fills the one that fewest people could fill
// (pools), so that what is still missing is the easiest to get. Whoever is left
// over counts where they may, beyond the need.
func assign(reqs []Requirement, can, pools [][]string) [][]string {
	m := matching{can: can, place: map[string]int{}}
	order := make([]int, len(reqs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(pools[a]) - len(pools[b]) })
	for _, i := range order {
		req := reqs[i]
		for n := 0; !req.Shared && n < req.Count; n++ {
			if !m.augment(i, map[string]bool{}) {
				break // once there is no further person there never will be
			}
		}
	}
	out := make([][]string, len(reqs))
	for i, req := range reqs {
		out[i] = []string{}
		for _, p := range can[i] {
			at, placed := m.place[p]
			if req.Shared || placed && at == i {
				out[i] = append(out[i], p)
			} else if !placed {
				m.place[p] = i
				out[i] = append(out[i], p)
			}
		}
	}
	return out
}

// matching is a bipartite matching of people to places, grown path by path.
type matching struct {
	can   [][]string
	place map[string]int // person → requirement
}

// augment finds one more person for requirement i, moving others if need be.
func (m matching) augment(i int, tried map[string]bool) bool {
	for _, p := range m.can[i] {
		if tried[p] {
			continue
		}
		tried[p] = true
		if at, placed := m.place[p]; !placed || m.augment(at, tried) {
			m.place[p] = i
			return true
		}
	}
	return false
}

// elsewhere lists the valid approvals that requirement i lost to another one.
func elsewhere(reqs []Requirement, i int, valid []string, counted [][]string) (out []Ignored) {
	for _, p := range valid {
		if slices.Contains(counted[i], p) {
			continue
		}
		for k := range reqs {
			if !reqs[k].Shared && slices.Contains(counted[k], p) {
				out = append(out, Ignored{p, "counts for " + reqs[k].ID + "; one person fills one role"})
			}
		}
	}
	return out
}

// helpful returns whose approval would bring requirement i closer: people who
// may approve it, and people who may take over from somebody counted for
// another requirement who then counts here.
func helpful(reqs []Requirement, i int, pools, counted [][]string) []string {
	var out []string
	seen := map[int]bool{}
	holder := func(p string) int {
		for k := range reqs {
			if !reqs[k].Shared && slices.Contains(counted[k], p) {
				return k
			}
		}
		return -1
	}
	var visit func(int)
	visit = func(i int) {
		seen[i] = true
		for _, p := range pools[i] {
			k := holder(p)
			switch {
			case slices.Contains(counted[i], p):
			case k < 0 || reqs[i].Shared:
				out = append(out, p)
			case !seen[k]:
				visit(k)
			}
		}
	}
	visit(i)
	return sorted(out)
}
