package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/pack"
)

// readerBudget is how many bytes each reader of packs keeps: the trees of some
// hundred commits.
const readerBudget = 8 << 20

// packLog answers Log from the packs. It reports false, and has yielded nothing
// then or the first commits alone, where git has to be asked: for what it does
// not know, and for what is not where it looks.
func (r *Repo) packLog(ctx context.Context, opts git.LogOptions, yield func(*git.LogEntry, error) bool) (yielded int, done bool, err error) {
	if !packable(opts) || r.shallow {
		return 0, false, nil
	}
	store := r.packs.acquire()
	if store == nil {
		return 0, false, nil
	}
	defer r.packs.release()
	w := pack.Walk{FirstParent: opts.FirstParent, Workers: runtime.GOMAXPROCS(0), Alone: r.readAlone}
	for _, id := range opts.From {
		head, err := pack.ParseID(id)
		if err != nil {
			return 0, true, r.format.check("commit", id)
		}
		w.Heads = append(w.Heads, head)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, err := store.Graph(ctx, w)
	if err == nil {
		l := &packWalk{repo: r, store: store, graph: g, reverse: opts.Reverse, workers: w.Workers}
		yielded, err = l.run(ctx, yield)
	}
	if errors.Is(err, pack.ErrMissing) || errors.Is(err, pack.ErrUnsupported) {
		return yielded, false, nil
	}
	return yielded, true, err
}

// packable says of which logs packLog is sure to show the same as git.
func packable(opts git.LogOptions) bool {
	return len(opts.Not) == 0 && len(opts.Paths) == 0 && (!opts.FirstParent || len(opts.From) == 1)
}

// packWalk reads the commits of a graph with what each changed, batches of them
// side by side, and yields them in order.
type packWalk struct {
	repo    *Repo
	store   *pack.Store
	graph   *pack.Graph
	reverse bool
	workers int
}

// A worker reads so many commits at a time: neighbours share most of their
// trees, and the first of a batch has to work out what the others have from it.
// Few at first, since whoever asks may need no more, and few in the end, so that
// the workers end together.
const (
	leastBatch = 128
	mostBatch  = 2048
)

func (l *packWalk) batchSize(from int) int {
	left := l.graph.Len() - from
	return min(left, max(leastBatch, min(from, left/(4*l.workers), mostBatch)))
}

// relaxAfter is after how many commits the memory of packs is given back: a walk
// comes by every page once, and a history of gigabytes should not stay.
const relaxAfter = 1 << 14

// walked is what became of a batch.
type walked struct {
	entries []*git.LogEntry
	err     error
}

func (l *packWalk) run(ctx context.Context, yield func(*git.LogEntry, error) bool) (yielded int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	todo := make(chan func(*entryReader), l.workers)
	var wg sync.WaitGroup
	defer func() { cancel(); close(todo); wg.Wait() }() // before the store may go
	for range l.workers {
		wg.Go(func() {
			e := l.repo.newEntryReader(l.store)
			for do := range todo {
				do(e)
			}
		})
	}
	var ahead []chan walked
	relaxed := 0
	for from := 0; from < l.graph.Len() || len(ahead) > 0; {
		for len(ahead) < 2*l.workers && from < l.graph.Len() {
			upTo := from + l.batchSize(from)
			out := make(chan walked, 1)
			todo <- l.batch(ctx, from, upTo, out)
			ahead, from = append(ahead, out), upTo
		}
		w := <-ahead[0]
		ahead = ahead[1:]
		if yielded-relaxed >= relaxAfter {
			l.store.Relax()
			relaxed = yielded
		}
		if err := ctx.Err(); err != nil { // whatever the workers had read by then
			return yielded, err
		}
		for _, e := range w.entries {
			if !yield(e, nil) {
				return yielded, errStopped
			}
			yielded++
		}
		if w.err != nil {
			return yielded, w.err
		}
	}
	return yielded, nil
}

// batch reads the commits from one place in the order up to another. What was
// read before an error is passed on with it.
func (l *packWalk) batch(ctx context.Context, from, upTo int, out chan<- walked) func(*entryReader) {
	return func(e *entryReader) {
		w := walked{entries: make([]*git.LogEntry, 0, upTo-from)}
		for i := from; i < upTo && w.err == nil; i++ {
			n := i
			if l.reverse {
				n = l.graph.Len() - 1 - i
			}
			var entry *git.LogEntry
			if w.err = ctx.Err(); w.err == nil {
				entry, w.err = e.entry(ctx, l.graph, n)
			}
			if w.err == nil {
				w.entries = append(w.entries, entry)
			}
		}
		out <- w
	}
}

// entryReader makes log entries, for one goroutine.
type entryReader struct {
	repo    *Repo
	reader  *pack.Reader
	ids     [1 << 10]spelled         // by two bytes of the id
	people  map[string]git.Signature // by name and address, without a time
	paths   map[string]string
	zones   map[int]*time.Location // by offset, as in -0530
	changes []git.FileChange
	known   []pack.ID // tree and parents of a commit
}

func (r *Repo) newEntryReader(s *pack.Store) *entryReader {
	return &entryReader{repo: r, reader: s.NewReader(readerBudget), people: map[string]git.Signature{}, paths: map[string]string{}, zones: map[int]*time.Location{}}
}

// spelled is an id with its text.
type spelled struct {
	id   pack.ID
	text git.OID
}

// entry reads a commit and compares its tree with that of its first parent.
func (e *entryReader) entry(ctx context.Context, g *pack.Graph, i int) (*git.LogEntry, error) {
	id, tree, before := g.Commit(i)
	data := g.Text(i)
	if data == "" {
		o, err := e.reader.Get(id)
		if err != nil {
			return nil, fmt.Errorf("reading commit: %w", err)
		}
		data = string(o.Data)
		e.reader.Release(o)
	}
	out := &git.LogEntry{}
	out.OID = e.text(id)
	e.known = append(e.known[:0], tree)
	for p := range g.Parents(i) {
		e.known = append(e.known, p)
	}
	if err := e.head(&out.Commit, data, e.known); err != nil {
		return nil, fmt.Errorf("reading commit %s: %w", id, err)
	}
	if !e.matches(g, out) {
		return nil, fmt.Errorf("reading commit %s: it was read before with another tree or other parents: %w", id, pack.ErrDamaged)
	}
	if encoding := headerValue(data, "encoding "); encoding != "" && !isUTF8(encoding) {
		if err := e.recode(ctx, &out.Commit); err != nil {
			return nil, err
		}
	}
	e.changes = e.changes[:0]
	if err := e.reader.Diff(before, tree, e.change); err != nil {
		return nil, fmt.Errorf("reading commit %s: %w", id, err)
	}
	out.Changes = slices.Clone(e.changes)
	return out, nil
}

// matches reports whether a commit is what its graph was made of, which is known
// of it.
func (e *entryReader) matches(g *pack.Graph, c *git.LogEntry) bool {
	if c.Tree != e.text(e.known[0]) {
		return false
	}
	parents := e.known[1:]
	for n, p := range parents {
		if n == len(c.Parents) || c.Parents[n] != e.text(p) {
			return false
		}
	}
	return len(parents) == len(c.Parents) || len(parents) == 1 && g.FirstParent
}
