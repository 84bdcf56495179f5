package graph

import "slices"

// Near returns what ids depend on and what depends on them within depth steps,
// each with a shortest path from one of ids to it, both ends included. A path
// goes one way only: two services are not neighbours for sharing a database.
func (g *Graph) Near(depth int, ids ...string) map[string][]string {
	out := map[string][]string{}
	for _, next := range []func(string) []string{g.DependsOn, g.Dependents} {
		round := [][]string{}
		for _, id := range slices.Sorted(slices.Values(ids)) {
			round = append(round, []string{id})
		}
		seen := map[string]bool{}
		for _, p := range round {
			seen[p[0]] = true
		}
		for range depth {
			round = step(round, next, seen)
			for _, p := range round {
				end := p[len(p)-1]
				if have := out[end]; have == nil || len(p) < len(have) {
					out[end] = p
				}
			}
		}
	}
	return out
}

// step makes every path longer by what follows on its end and was not reached
// before.
func step(paths [][]string, next func(string) []string, seen map[string]bool) [][]string {
	var out [][]string
	for _, p := range paths {
		for _, id := range next(p[len(p)-1]) {
			if !seen[id] {
				seen[id] = true
				out = append(out, append(slices.Clone(p), id))
			}
		}
	}
	return out
}

// Dependents are the nodes that name id in their dependencies, sorted.
func (g *Graph) Dependents(id string) []string {
	var out []string
	for _, i := range g.usedBy[id] {
		out = append(out, g.groups[i].node)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
