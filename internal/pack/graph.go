package pack

import (
	"bytes"
	"cmp"
	"context"
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
	table   *commitTable // nil for a short history
}

// vertex is one commit of a graph.
type vertex struct {
	id, tree    ID
	first, upTo int32 // its parents in Graph.parents
	row         int32 // in the table
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

// Text returns the i-th commit itself, held to its id, or "" where it was not
// kept and has to be read.
func (g *Graph) Text(i int) string {
	if row := g.commits[g.order[i]].row; g.table != nil && row != notRow {
		return g.table.rows[row].text
	}
	return ""
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
	// Alone is how many commits are read one after the other before all commits
	// of the packs are read on all cores; 0 for the usual number.
	Alone int
}

const usuallyAlone = 1024

// Graph reads the history of some heads.
func (s *Store) Graph(ctx context.Context, w Walk) (*Graph, error) {
	w.Alone = cmp.Or(w.Alone, usuallyAlone)
	b := builder{g: &Graph{FirstParent: w.FirstParent}, reader: s.NewReader(1 << 20), number: map[ID]int32{}, w: w}
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
	reader *Reader
	number map[ID]int32
	rows   []int32 // the numbers of commits of the table, negative for none
	w      Walk
	dates  []int64 // of the heads, where there are several
	buf    links
}

// links is what a commit points to.
type links struct {
	tree    ID
	parents []ID
	date    int64
}

// add returns the number of a commit.
func (b *builder) add(id ID) int32 {
	if b.g.table != nil {
		if row := b.g.table.find(id); row != notRow {
			return b.addRow(row)
		}
	}
	n, ok := b.number[id]
	if !ok {
		n = int32(len(b.g.commits))
		b.number[id] = n
		b.g.commits = append(b.g.commits, vertex{id: id, row: notRow})
	}
	return n
}

// addRow returns the number of a commit of the table.
func (b *builder) addRow(row int32) int32 {
	n := b.rows[row]
	if n < 0 {
		n = int32(len(b.g.commits))
		b.rows[row] = n
		b.g.commits = append(b.g.commits, vertex{id: b.g.table.rows[row].id, row: row})
	}
	return n
}

// consult goes on with a table.
func (b *builder) consult(t *commitTable) {
	b.g.table, b.rows = t, make([]int32, len(t.rows))
	for i := range b.rows {
		b.rows[i] = -1
	}
	for n := range b.g.commits {
		v := &b.g.commits[n]
		if v.row = t.find(v.id); v.row != notRow {
			b.rows[v.row] = int32(n)
		}
	}
}

// read takes in what is not read yet until nothing is left.
func (b *builder) read(ctx context.Context) error {
	heads := len(b.g.commits)
	for i := 0; i < len(b.g.commits); i++ {
		if i == b.w.Alone {
			t, err := b.reader.store.commitTable(ctx, b.w.Workers)
			if err != nil {
				return err
			}
			b.consult(t)
		}
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		first := int32(len(b.g.parents))
		tree, date, err := b.parents(i)
		if err != nil {
			return err
		}
		if i < heads {
			b.dates = append(b.dates, date)
		}
		v := &b.g.commits[i]
		v.tree, v.first, v.upTo = tree, first, int32(len(b.g.parents))
	}
	return nil
}

// parents adds those parents of a commit that are followed, and returns what
// else it points to.
func (b *builder) parents(i int) (tree ID, date int64, err error) {
	v := b.g.commits[i]
	if b.g.table != nil {
		if row := b.g.table.known(v.row); row != nil {
			for _, p := range followed(b.w, b.g.table.parents[row.worker][row.first:row.upTo]) {
				if p.row != notRow {
					b.g.parents = append(b.g.parents, b.addRow(p.row))
				} else {
					b.g.parents = append(b.g.parents, b.add(p.id))
				}
			}
			return row.tree, row.date, nil
		}
	}
	if err := b.links(v.id); err != nil {
		return tree, 0, err
	}
	for _, p := range followed(b.w, b.buf.parents) {
		b.g.parents = append(b.g.parents, b.add(p))
	}
	return b.buf.tree, b.buf.date, nil
}

func followed[T any](w Walk, parents []T) []T {
	if w.FirstParent {
		return parents[:min(1, len(parents))]
	}
	return parents
}

// links reads what a commit points to into the buffer.
func (b *builder) links(id ID) error {
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
	var ok bool
	*id, ok = parseID(in[len(word):end])
	return in[end+1:], ok
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
	slices.SortStableFunc(tips, func(x, y int32) int { return cmp.Compare(b.dates[y], b.dates[x]) })
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
