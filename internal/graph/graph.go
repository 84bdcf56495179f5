// Package graph owns dependencies between services and assets: what fails when
// something is touched, respecting redundancy, and which dependencies run in a
// circle.
//
// It may import store and record, to build a graph from a snapshot; the graph
// itself is a pure function of plain values. It never reads a clock or judges
// a record: an id that names nothing is a finding elsewhere.
package graph

import "slices"

// Node is a service or asset. Ids are unique across both; where two nodes
// share one, the dependencies of both count.
type Node struct {
	ID        string
	Kind      string // service, asset
	Title     string
	Tier      *int // 0 most critical … 4; nil where the record gives none
	Owner     string
	DependsOn []Dep
}

// Dep is one dependency: Need of IDs have to be up. Need 0 means all of them.
// An id that no node has adds no redundancy: it cannot be told to be up.
type Dep struct {
	IDs  []string
	Need int
}

// Graph is the dependencies of one snapshot. It is never changed once built,
// so it can be shared.
type Graph struct {
	nodes  map[string]*Node
	ids    []string // sorted
	groups []group
	usedBy map[string][]int // id → groups it is a member of
}

// group is a Dep from the point of view of what it holds up.
type group struct {
	node string
	need int
	up   int // how many members there are that can be up
}

// Build makes the graph of nodes, in whatever order they come.
func Build(nodes []Node) *Graph {
	g := &Graph{nodes: map[string]*Node{}, usedBy: map[string][]int{}}
	for _, n := range nodes {
		if old, taken := g.nodes[n.ID]; taken {
			old.DependsOn = slices.Concat(old.DependsOn, n.DependsOn)
			continue
		}
		g.nodes[n.ID] = &n
		g.ids = append(g.ids, n.ID)
	}
	slices.Sort(g.ids)
	for _, id := range g.ids {
		for _, d := range g.nodes[id].DependsOn {
			g.addGroup(id, d)
		}
	}
	return g
}

func (g *Graph) addGroup(node string, d Dep) {
	members := slices.Compact(slices.Sorted(slices.Values(d.IDs)))
	gr := group{node: node, need: d.Need}
	if gr.need <= 0 {
		gr.need = len(members)
	}
	for _, m := range members {
		if _, known := g.nodes[m]; known {
			gr.up++
		}
		g.usedBy[m] = append(g.usedBy[m], len(g.groups))
	}
	g.groups = append(g.groups, gr)
}

// Node returns the node with this id.
func (g *Graph) Node(id string) (Node, bool) {
	n, ok := g.nodes[id]
	if !ok {
		return Node{}, false
	}
	return *n, true
}

// DependsOn returns the ids that a node names in its dependencies, sorted.
func (g *Graph) DependsOn(id string) []string {
	n, ok := g.nodes[id]
	if !ok {
		return nil
	}
	var out []string
	for _, d := range n.DependsOn {
		out = append(out, d.IDs...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
