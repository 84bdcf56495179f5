package pack

import (
	"context"
	"slices"
	"sync"
)

// commitTable is what the commits of all packs point to, those left out that
// are stored as deltas. It is held to no id: whoever believes it reads the
// commits themselves before anything rests on them.
type commitTable struct {
	number  map[ID]int32
	rows    []tableRow
	parents [][]ID // of each worker
}

type tableRow struct {
	pack   *packFile
	offset uint64
	id     ID
	tree   ID
	date   int64
	worker int32
	first  int32
	upTo   int32
	failed bool
}

// links fills l and reports whether the commit is known.
func (t *commitTable) links(id ID, l *links) bool {
	n, ok := t.number[id]
	if !ok || t.rows[n].failed {
		return false
	}
	row := &t.rows[n]
	l.tree, l.date = row.tree, row.date
	l.parents = append(l.parents[:0], t.parents[row.worker][row.first:row.upTo]...)
	return true
}

// commitTable reads every commit once, on several cores in the order in which
// they lie on disk. It is kept, since main and evidence are walked alike.
func (s *Store) commitTable(ctx context.Context, workers int) (*commitTable, error) {
	s.tableMu.Lock()
	defer s.tableMu.Unlock()
	if s.table != nil {
		return s.table, nil
	}
	t := &commitTable{}
	for _, p := range *s.packs.Load() {
		t.list(p)
	}
	if err := t.fill(ctx, s, max(1, workers)); err != nil {
		return nil, err
	}
	t.number = make(map[ID]int32, len(t.rows))
	for i := range t.rows {
		t.number[t.rows[i].id] = int32(i)
	}
	s.table = t
	return t, nil
}

// list adds the commits of a pack that are stored whole.
func (t *commitTable) list(p *packFile) {
	from := len(t.rows)
	for i := range p.index.count {
		at, ok := p.index.offset(i)
		if !ok || at >= uint64(len(p.data)) || Kind(p.data[at]>>4&7) != Commit {
			continue
		}
		row := tableRow{pack: p, offset: at}
		copy(row.id[:], p.index.name(i))
		t.rows = append(t.rows, row)
	}
	slices.SortFunc(t.rows[from:], func(a, b tableRow) int { return compareInt(int64(a.offset), int64(b.offset)) })
}

// batch is how many commits a worker takes at once.
const batch = 1024

func (t *commitTable) fill(ctx context.Context, s *Store, workers int) error {
	t.parents = make([][]ID, workers)
	var wg sync.WaitGroup
	var mu sync.Mutex
	next := 0
	for w := range workers {
		wg.Go(func() {
			r := s.NewReader(0)
			for ctx.Err() == nil {
				mu.Lock()
				from := next
				next += batch
				mu.Unlock()
				if from >= len(t.rows) {
					return
				}
				for i := from; i < min(from+batch, len(t.rows)); i++ {
					t.row(r, w, &t.rows[i])
				}
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// row reads one commit; what cannot be read is left to the one who asks for it.
func (t *commitTable) row(r *Reader, worker int, row *tableRow) {
	row.failed = true
	e, err := row.pack.entry(row.offset)
	if err != nil {
		return
	}
	data, err := r.inflate(key{pack: row.pack, offset: row.offset}, e)
	if err != nil {
		return
	}
	defer r.recycle(data)
	l := links{parents: r.ids}
	if err := l.parse(data); err != nil {
		return
	}
	r.ids = l.parents
	row.tree, row.date, row.worker = l.tree, l.date, int32(worker)
	row.first = int32(len(t.parents[worker]))
	t.parents[worker] = append(t.parents[worker], l.parents...)
	row.upTo = int32(len(t.parents[worker]))
	row.failed = false
}
