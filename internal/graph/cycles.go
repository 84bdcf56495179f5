package graph

import (
	"cmp"
	"slices"
	"strings"
)

// Cycles returns dependencies that run in a circle, each once, starting from
// its smallest id and without repeating it at the end; sorted. For every node
// that is on a cycle it holds a shortest one through it: naming all of them
// could take for ever, and breaking those named is a start either way.
func (g *Graph) Cycles() [][]string {
	next := map[string][]string{}
	for _, id := range g.ids {
		next[id] = g.DependsOn(id)
	}
	seen := map[string]bool{}
	var out [][]string
	for _, component := range components(g.ids, next) {
		for _, id := range component {
			cycle := shortest(id, component, next)
			if key := strings.Join(cycle, "\x00"); cycle != nil && !seen[key] {
				seen[key] = true
				out = append(out, cycle)
			}
		}
	}
	slices.SortFunc(out, slices.Compare[[]string])
	return out
}

// shortest returns a shortest cycle through start that stays within its
// strongly connected component, rotated to begin with its smallest id; nil
// where there is none.
func shortest(start string, component []string, next map[string][]string) []string {
	from := map[string]string{}
	for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
		for _, id := range next[queue[0]] {
			if id == start {
				return unwind(start, queue[0], from)
			}
			if _, ok := slices.BinarySearch(component, id); !ok {
				continue
			}
			if _, visited := from[id]; !visited {
				from[id] = queue[0]
				queue = append(queue, id)
			}
		}
	}
	return nil
}

func unwind(start, last string, from map[string]string) []string {
	var back []string
	for id := last; id != start; id = from[id] {
		back = append(back, id)
	}
	cycle := append([]string{start}, back...)
	slices.Reverse(cycle[1:])
	i := slices.Index(cycle, slices.MinFunc(cycle, cmp.Compare[string]))
	return slices.Concat(cycle[i:], cycle[:i])
}

// components returns the strongly connected components (Tarjan's algorithm),
// each sorted. It keeps its own stack of calls, since a chain of dependencies
// may be as long as the catalogue.
func components(ids []string, next map[string][]string) [][]string {
	t := tarjan{next: next, index: map[string]int{}, low: map[string]int{}, on: map[string]bool{}}
	for _, id := range ids {
		if _, done := t.index[id]; !done {
			t.walk(id)
		}
	}
	return t.out
}

type tarjan struct {
	next  map[string][]string
	index map[string]int
	low   map[string]int
	on    map[string]bool
	stack []string
	out   [][]string
}

// frame is a node being walked and how far through its edges it is.
type frame struct {
	id   string
	edge int
}

func (t *tarjan) enter(id string) frame {
	t.index[id], t.low[id] = len(t.index), len(t.index)
	t.stack, t.on[id] = append(t.stack, id), true
	return frame{id: id}
}

func (t *tarjan) walk(root string) {
	calls := []frame{t.enter(root)}
	for len(calls) > 0 {
		f := &calls[len(calls)-1]
		if f.edge < len(t.next[f.id]) {
			to := t.next[f.id][f.edge]
			f.edge++
			if _, visited := t.index[to]; !visited {
				calls = append(calls, t.enter(to))
			} else if t.on[to] {
				t.low[f.id] = min(t.low[f.id], t.index[to])
			}
			continue
		}
		id := f.id
		calls = calls[:len(calls)-1]
		if len(calls) > 0 {
			parent := calls[len(calls)-1].id
			t.low[parent] = min(t.low[parent], t.low[id])
		}
		if t.low[id] == t.index[id] {
			t.leave(id)
		}
	}
}

// leave takes the finished component of root off the stack.
func (t *tarjan) leave(root string) {
	i := len(t.stack) - 1
	for t.stack[i] != root {
		i--
	}
	component := slices.Sorted(slices.Values(t.stack[i:]))
	for _, id := range component {
		t.on[id] = false
	}
	t.stack = t.stack[:i]
	t.out = append(t.out, component)
}
