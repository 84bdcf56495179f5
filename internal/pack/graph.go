package pack

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strconv"
)

// Graph is the commits that can be reached from some heads, in the order of
// `git log --topo-order`: children before parents.
type Graph struct {
	FirstParent bool // other parents were not followed, and are not in it

	commits []vertex
	parents []int32 // of all commits, one after the other
	order   []int32
}

// vertex is one commit of a graph.
type vertex struct {
	id, tree    ID
	first, upTo int32 // its parents in Graph.parents
}

// Len is how many commits there are.
func (g *Graph) Len() int { return len(g.order) }

// Commit returns the id of the i-th commit, its tree and the tree of its first
// parent, the zero id where it has none.
func (g *Graph) Commit(i int) (id, tree, before ID) {
	v := g.commits[g.order[i]]
	if v.first < v.upTo {
		before = g.commits[g.parents[v.first]].tree
	}
	return v.id, v.tree, before
}

// Parents yields the parents of the i-th commit that were followed.
func (g *Graph) Parents(i int) iter.Seq[ID] {
	v := g.commits[g.order[i]]
	return func(yield func(ID) bool) {
		for _, p := range g.parents[v.first:v.upTo] {
			if !yield(g.commits[p].id) {
				return
			}
		}
	}
}

// Walk says what a graph is made of.
type Walk struct {
	Heads       []ID
	FirstParent bool // follow no other; with one head
	Workers     int

	sequential int // how many commits are read alone, where it is not the usual number
}

// sequential is how many commits are read one after the other before all
// commits of the packs are read on all cores.
const sequential = 4096

// Graph reads the history of some heads.
func (s *Store) Graph(ctx context.Context, w Walk) (*Graph, error) {
	if w.sequential == 0 {
		w.sequential = sequential
	}
	b := builder{g: &Graph{FirstParent: w.FirstParent}, store: s, reader: s.NewReader(1 << 20), number: map[ID]int32{}, w: w}
	heads := []int32{}
	for _, id := range w.Heads {
		if n := b.add(id); !slices.Contains(heads, n) {
			heads = append(heads, n)
		}
	}
	if err := b.read(ctx); err != nil {
		return nil, err
	}
	b.sort(heads)
	return b.g, nil
}

// builder reads a graph.
type builder struct {
	g      *Graph
	store  *Store
	reader *Reader
	number map[ID]int32
	w      Walk
	known  *commitTable
	dates  []int64 // of the heads, where there are several
	buf    links
}

// links is what a commit points to.
type links struct {
	tree    ID
	parents []ID
	date    int64
}

func (b *builder) add(id ID) int32 {
	n, ok := b.number[id]
	if !ok {
		n = int32(len(b.g.commits))
		b.number[id] = n
		b.g.commits = append(b.g.commits, vertex{id: id})
	}
	return n
}

// read takes in what is not read yet until nothing is left.
func (b *builder) read(ctx context.Context) error {
	heads := len(b.g.commits)
	for i := 0; i < len(b.g.commits); i++ {
		if i == b.w.sequential {
			var err error
			if b.known, err = b.store.commitTable(ctx, b.w.Workers); err != nil {
				return err
			}
		}
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := b.links(b.g.commits[i].id); err != nil {
			return err
		}
		if i < heads {
			b.dates = append(b.dates, b.buf.date)
		}
		parents := b.buf.parents
		if b.w.FirstParent && len(parents) > 1 {
			parents = parents[:1]
		}
		first := int32(len(b.g.parents))
		for _, p := range parents {
			b.g.parents = append(b.g.parents, b.add(p))
		}
		v := &b.g.commits[i]
		v.tree, v.first, v.upTo = b.buf.tree, first, int32(len(b.g.parents))
	}
	return nil
}

// links reads what a commit points to into the buffer.
func (b *builder) links(id ID) error {
	if b.known != nil && b.known.links(id, &b.buf) {
		return nil
	}
	o, err := b.reader.Get(id)
	if err != nil {
		return fmt.Errorf("reading commit: %w", err)
	}
	defer b.reader.Release(o)
	if o.Kind != Commit {
		return fmt.Errorf("reading commit %s: it is a %s: %w", id, o.Kind, ErrDamaged)
	}
	if err := b.buf.parse(o.Data); err != nil {
		return fmt.Errorf("reading commit %s: %w", id, err)
	}
	return nil
}

// parse reads the head of a commit: its tree, then its parents.
func (l *links) parse(data []byte) error {
	rest, ok := hexLine(data, "tree ", &l.tree)
	if !ok {
		return fmt.Errorf("it does not begin with a tree: %w", ErrDamaged)
	}
	l.parents = l.parents[:0]
	for bytes.HasPrefix(rest, []byte("parent ")) {
		var p ID
		if rest, ok = hexLine(rest, "parent ", &p); !ok {
			return fmt.Errorf("its parent: %w", ErrDamaged)
		}
		l.parents = append(l.parents, p)
	}
	l.date = committed(rest)
	return nil
}

// hexLine reads a line that consists of a word and an id.
func hexLine(in []byte, word string, id *ID) ([]byte, bool) {
	end := len(word) + 2*IDSize
	if len(in) <= end || in[end] != '\n' || string(in[:len(word)]) != word {
		return in, false
	}
	_, err := hex.Decode(id[:], in[len(word):end])
	return in[end+1:], err == nil
}

// committed reads when a commit says that it was made, 0 where it does not.
func committed(in []byte) int64 {
	_, line, ok := bytes.Cut(in, []byte("\ncommitter "))
	if !ok {
		return 0
	}
	line, _, _ = bytes.Cut(line, []byte("\n"))
	at := bytes.LastIndexByte(line, '>')
	fields := bytes.Fields(line[at+1:])
	if at < 0 || len(fields) == 0 {
		return 0
	}
	n, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// sort puts the commits into order as git does: a commit comes once all its
// children have come, and of those that may the one that could do so last.
func (b *builder) sort(heads []int32) {
	g := b.g
	children := make([]int32, len(g.commits))
	for _, p := range g.parents {
		children[p]++
	}
	tips := slices.DeleteFunc(heads, func(h int32) bool { return children[h] > 0 })
	slices.SortStableFunc(tips, func(x, y int32) int { return compareInt(b.dates[y], b.dates[x]) })
	slices.Reverse(tips)
	g.order = make([]int32, 0, len(g.commits))
	for stack := tips; len(stack) > 0; {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		g.order = append(g.order, n)
		v := g.commits[n]
		for _, p := range g.parents[v.first:v.upTo] {
			if children[p]--; children[p] == 0 {
				stack = append(stack, p)
			}
		}
	}
}

func compareInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
