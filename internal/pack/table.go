package pack

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// commitTable is the commits of all packs, those left out that are stored as
// deltas. Each is held to its id.
type commitTable struct {
	packs   []packRows
	rows    []tableRow // pack by pack, in the order in which they lie there
	parents [][]parent // of each worker
	sure    int        // so many rows are of the pack that is asked first
}

// packRows says which rows are of which pack.
type packRows struct {
	pack *packFile
	row  []int32 // by the position in the index, notRow for what is no commit
}

// notRow stands for a commit that the table does not have.
const notRow = -1

type tableRow struct {
	pack        *packFile
	offset      uint64
	id          ID
	tree        ID
	date        int64
	text        string // the commit; "" for one that was not kept
	worker      int32
	first, upTo int32 // its parents, among those of its worker
	failed      bool
}

type parent struct {
	id  ID
	row int32
}

// keptText is how many bytes of commits a table keeps, so that they are not read
// a second time when they are passed on.
const keptText = 256 << 20

// commitTable reads every commit once, on several cores in the order in which
// they lie on disk. It is kept, since main and evidence are walked alike.
func (s *Store) commitTable(ctx context.Context, workers int) (*commitTable, error) {
	s.tableMu.Lock()
	defer s.tableMu.Unlock()
	if s.table != nil {
		return s.table, nil
	}
	t := &commitTable{}
	workers = max(1, workers)
	for _, p := range *s.packs.Load() {
		p.index.refine()
		t.list(p, workers)
	}
	if err := t.fill(ctx, s, workers); err != nil {
		return nil, err
	}
	s.table = t
	s.Relax() // every page was looked at
	return t, nil
}

// find returns the row of a commit.
func (t *commitTable) find(id ID) int32 {
	for _, p := range t.packs {
		if i, ok := p.pack.index.position(id); ok {
			return p.row[i]
		}
	}
	return notRow
}

// findFrom returns the row of a parent of the commit in a row: mostly the next,
// since git packs the newest first. What several packs have is that of the pack
// that is asked first.
func (t *commitTable) findFrom(child int, id ID) int32 {
	if next := child + 1; next < t.sure && t.rows[next].id == id {
		return int32(next)
	}
	return t.find(id)
}

// known returns a row that can be relied on.
func (t *commitTable) known(row int32) *tableRow {
	if row == notRow || t.rows[row].failed {
		return nil
	}
	return &t.rows[row]
}

// place is where an object of an index begins.
type place struct {
	offset   uint64
	position int32
}

// list adds the commits of a pack that are stored whole.
func (t *commitTable) list(p *packFile, workers int) {
	found := make([][]place, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := p.index.count * w / workers; i < p.index.count*(w+1)/workers; i++ {
				at, ok := p.index.offset(i)
				if ok && at < uint64(len(p.data)) && Kind(p.data[at]>>4&7) == Commit {
					found[w] = append(found[w], place{at, int32(i)})
				}
			}
		})
	}
	wg.Wait()
	all := slices.Concat(found...)
	slices.SortFunc(all, func(a, b place) int { return cmp.Compare(a.offset, b.offset) })
	rows := packRows{pack: p, row: make([]int32, p.index.count)}
	for i := range rows.row {
		rows.row[i] = notRow
	}
	t.rows = slices.Grow(t.rows, len(all))
	for _, a := range all {
		row := tableRow{pack: p, offset: a.offset}
		copy(row.id[:], p.index.name(int(a.position)))
		rows.row[a.position] = int32(len(t.rows))
		t.rows = append(t.rows, row)
	}
	if t.packs = append(t.packs, rows); len(t.packs) == 1 {
		t.sure = len(t.rows)
	}
}

// batch is how many commits a worker takes at once.
const batch = 1024

func (t *commitTable) fill(ctx context.Context, s *Store, workers int) error {
	t.parents = make([][]parent, workers)
	var wg sync.WaitGroup
	var next, kept atomic.Int64
	for w := range workers {
		wg.Go(func() {
			f := rowFiller{table: t, worker: w, reader: s.NewReader(0), kept: &kept}
			for ctx.Err() == nil {
				from := int(next.Add(batch)) - batch
				if from >= len(t.rows) {
					return
				}
				for i := from; i < min(from+batch, len(t.rows)); i++ {
					f.row(i)
				}
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// rowFiller reads commits, for one goroutine.
type rowFiller struct {
	table  *commitTable
	worker int
	reader *Reader
	links  links
	text   *strings.Builder // what is kept, a megabyte at a time
	kept   *atomic.Int64    // by all of them
}

const textChunk = 1 << 20

// row reads one commit; what cannot be read is left to the one who asks for it.
func (f *rowFiller) row(i int) {
	row := &f.table.rows[i]
	row.failed = true
	e, err := row.pack.entry(row.offset)
	if err != nil {
		return
	}
	data, err := f.reader.inflate(key{pack: row.pack, offset: row.offset}, e)
	if err != nil {
		return
	}
	defer f.reader.recycle(data)
	if f.reader.hasher.id(Commit, data) != row.id || f.links.parse(data) != nil {
		return
	}
	list := &f.table.parents[f.worker]
	row.tree, row.date, row.worker = f.links.tree, f.links.date, int32(f.worker)
	row.first = int32(len(*list))
	for _, id := range f.links.parents {
		*list = append(*list, parent{id, f.table.findFrom(i, id)})
	}
	row.upTo = int32(len(*list))
	row.text = f.keep(data)
	row.failed = false
}

// keep copies a commit to where it stays, as long as there is room.
func (f *rowFiller) keep(data []byte) string {
	if f.kept.Add(int64(len(data))) > keptText {
		return ""
	}
	if len(data) > textChunk/8 {
		return string(data)
	}
	if f.text == nil || f.text.Cap()-f.text.Len() < len(data) {
		f.text = &strings.Builder{}
		f.text.Grow(textChunk)
	}
	from := f.text.Len()
	f.text.Write(data) // within its capacity, so that what is there stays there
	return f.text.String()[from:]
}
