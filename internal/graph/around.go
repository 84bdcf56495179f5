package graph

import "slices"

// IDs are those of all nodes, sorted.
func (g *Graph) IDs() []string { return slices.Clone(g.ids) }

// Around returns what id depends on and what depends on it, at most so many
// steps away, by distance; id itself is at 0. Depth 0 sets no limit. As in Near,
// a path goes one way only.
func (g *Graph) Around(id string, depth int) map[string]int {
	out := map[string]int{id: 0}
	for _, next := range []func(string) []string{g.DependsOn, g.Dependents} {
		seen := map[string]bool{id: true}
		round := []string{id}
		for distance := 1; len(round) > 0 && (depth <= 0 || distance <= depth); distance++ {
			var further []string
			for _, from := range round {
				for _, to := range next(from) {
					if seen[to] {
						continue
					}
					seen[to] = true
					further = append(further, to)
					if have, ok := out[to]; !ok || distance < have {
						out[to] = distance
					}
				}
			}
			round = further
		}
	}
	return out
}

// Busiest is the node with the most dependencies in both directions, the first
// by id where several have; "" in an empty graph.
func (g *Graph) Busiest() string {
	best, most := "", -1
	for _, id := range g.ids {
		if n := len(g.DependsOn(id)) + len(g.Dependents(id)); n > most {
			best, most = id, n
		}
	}
	return best
}
