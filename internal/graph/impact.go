package graph

import (
	"cmp"
	"slices"
)

// TierUnknown is the tier of what has none: assets, and services whose record
// gives none. It is not a low tier; whoever weighs it decides what it means.
const TierUnknown = -1

// Impact is something that fails or degrades when others are touched.
type Impact struct {
	ID    string   `json:"id"`
	Kind  string   `json:"kind"`
	Tier  int      `json:"tier"` // 0 most critical … 4, TierUnknown
	Owner string   `json:"owner"`
	Depth int      `json:"depth"` // 1 depends on a touched id itself
	Via   []string `json:"via"`   // the dependencies whose loss takes it down, sorted
}

// Impact returns what goes down when all of ids do, by depth, then id. The
// touched ids themselves are left out, even where they depend on each other.
// An id that no node has still counts for those who name it.
//
// A group of which enough members stay up holds: touching one of three
// replicas with need 2 has no impact, touching two of them has.
func (g *Graph) Impact(ids ...string) []Impact {
	f := &fallout{g: g, depth: map[string]int{}, up: make([]int, len(g.groups))}
	var out []Impact
	for _, id := range f.walk(ids) {
		out = append(out, f.impact(id))
	}
	return out
}

// Falls returns the ids of Impact, sorted.
func (g *Graph) Falls(ids ...string) []string {
	f := &fallout{g: g, depth: map[string]int{}, up: make([]int, len(g.groups))}
	out := f.walk(ids)
	slices.Sort(out)
	return out
}

// walk takes ids down and returns what goes down with them, by depth, then id.
func (f *fallout) walk(ids []string) []string {
	for i, gr := range f.g.groups {
		f.up[i] = gr.up
	}
	round := slices.Compact(slices.Sorted(slices.Values(ids)))
	for _, id := range round {
		f.depth[id] = 0
	}
	var out []string
	for d := 1; len(round) > 0; d++ {
		round = f.next(round, d)
		out = append(out, round...)
	}
	return out
}

// fallout is the state of one walk from cause to effect.
type fallout struct {
	g     *Graph
	depth map[string]int // what is down, and since which round
	up    []int          // by group, how many members still are
}

// next takes a round of ids down and returns, sorted, the nodes that cannot
// stand without them.
func (f *fallout) next(round []string, depth int) []string {
	var out []string
	for _, id := range round {
		_, known := f.g.nodes[id]
		for _, i := range f.g.usedBy[id] {
			if known {
				f.up[i]--
			}
			node := f.g.groups[i].node
			if _, down := f.depth[node]; down || !f.broken(i) {
				continue
			}
			f.depth[node] = depth
			out = append(out, node)
		}
	}
	slices.SortFunc(out, cmp.Compare[string])
	return out
}

func (f *fallout) broken(group int) bool { return f.up[group] < f.g.groups[group].need }

func (f *fallout) impact(id string) Impact {
	n := f.g.nodes[id]
	im := Impact{ID: id, Kind: n.Kind, Tier: TierUnknown, Owner: n.Owner, Depth: f.depth[id]}
	if n.Tier != nil {
		im.Tier = *n.Tier
	}
	for _, dep := range f.g.DependsOn(id) {
		if d, down := f.depth[dep]; !down || d >= im.Depth {
			continue
		}
		if slices.ContainsFunc(f.g.usedBy[dep], func(i int) bool { return f.g.groups[i].node == id && f.broken(i) }) {
			im.Via = append(im.Via, dep)
		}
	}
	return im
}
