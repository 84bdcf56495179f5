package decision

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/memo"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// page is what is kept of one directory of changes or incidents.
type page struct {
	ends chapter
	open shown // incidents that are not over
	live shown // changes that take up time, with what calendar.Claim has of them
	uses *uses // of models
}

func newPage() *page { return &page{ends: chapter{}, uses: newUses()} }

func (p *page) see(rec *record.Record) {
	p.uses.add(rec)
	switch {
	case rec.Kind.Name == "change":
		p.ends.add(rec)
		if takesTime(rec) {
			p.live.add(calendar.Claim(rec))
		}
	case rec.Kind.Name == "incident" && impairs(rec):
		p.open.add(rec)
	}
}

// shown are records that are needed for more than is kept of them, with no more
// than is read of them: of a page that was kept there are only their paths until
// somebody asks.
type shown struct {
	paths []string
	once  sync.Once
	recs  []*record.Record
	err   error
}

func (l *shown) add(rec *record.Record) {
	l.paths, l.recs = append(l.paths, rec.Path), append(l.recs, rec)
}

// in returns the records, which s has at these paths.
func (l *shown) in(s *store.Store) ([]*record.Record, error) {
	l.once.Do(func() {
		for _, p := range l.paths[len(l.recs):] {
			rec, _, err := s.At(p)
			if err == nil && rec == nil {
				err = fmt.Errorf("reading %s: what was kept of its directory is not what is there", s.Display(p))
			}
			if err != nil {
				l.err = err
				return
			}
			l.recs = append(l.recs, rec)
		}
	})
	return l.recs, l.err
}

// records returns what each page shows, in the order of pages.
func (past *past) records(of func(*page) *shown) ([]*record.Record, error) {
	var out []*record.Record
	for _, p := range past.pages {
		recs, err := of(p).in(past.store)
		if err != nil {
			return nil, err
		}
		out = append(out, recs...)
	}
	return out, nil
}

// gist is what is read of a record that a page sees, where that takes no parsing;
// nil where it does.
func gist(k *record.Kind, file *yamldoc.Glance) map[string]any {
	paths := []string{k.StateKey(), k.Title, "services[]", "caused_by", "detected_at", "started_at"}
	if k.Name == "change" {
		paths = append(calendar.ClaimPaths(k), "model", "implementation.outcome", "implementation.finished_at")
	}
	fields, ok := file.Fields(paths...)
	if !ok {
		return nil
	}
	return fields
}

// paging makes pages of the directories of changes and incidents.
var paging = store.Derivation[*page]{
	Name: "past 2",
	Of: func(recs []*record.Record) *page {
		p := newPage()
		for _, r := range recs {
			p.see(r)
		}
		return p
	},
	Brief: gist,
	Encode: func(p *page) []byte {
		out := p.ends.encode(nil)
		for _, l := range []*shown{&p.open, &p.live} {
			out = binary.AppendUvarint(out, uint64(len(l.paths)))
			for _, path := range l.paths {
				out = memo.AppendText(out, path)
			}
		}
		return p.uses.encode(out)
	},
	Decode: func(data []byte) (*page, error) {
		r := memo.NewReader(data)
		p := &page{ends: decodeChapter(r)}
		for _, l := range []*shown{&p.open, &p.live} {
			for range r.Count() {
				l.paths = append(l.paths, r.Text())
			}
		}
		p.uses = decodeUses(r)
		return p, r.Err()
	},
	Join: joinPages,
}

func (c chapter) encode(out []byte) []byte {
	out = binary.AppendUvarint(out, uint64(len(c)))
	for _, key := range slices.Sorted(maps.Keys(c)) {
		t := c[key]
		out = memo.AppendText(out, key)
		for _, n := range []int{t.total, t.successful, t.failed, t.backedOut, len(t.ends)} {
			out = binary.AppendUvarint(out, uint64(n))
		}
		for _, e := range t.ends {
			bad := uint64(0)
			if e.bad {
				bad = 1
			}
			out = binary.AppendVarint(out, e.at.Unix())
			out = binary.AppendUvarint(out, uint64(e.at.Nanosecond())<<1|bad)
		}
	}
	return out
}

func decodeChapter(r *memo.Reader) chapter {
	out := chapter{}
	for range r.Count() {
		key, t := r.Text(), &tally{}
		for _, n := range []*int{&t.total, &t.successful, &t.failed, &t.backedOut} {
			*n = int(r.Number())
		}
		t.ends = make([]end, r.Count())
		for i := range t.ends {
			s, n := r.Signed(), r.Number()
			t.ends[i] = end{time.Unix(s, int64(n>>1)), n&1 == 1}
		}
		out[key] = t
	}
	return out
}

// encode keeps moments as they are written, since they are shown so.
func (u *uses) encode(out []byte) []byte {
	out = binary.AppendUvarint(out, uint64(len(u.made)))
	for _, change := range slices.Sorted(maps.Keys(u.made)) {
		out = memo.AppendText(memo.AppendText(out, change), u.made[change])
	}
	out = binary.AppendUvarint(out, uint64(len(u.failed)))
	for _, change := range slices.Sorted(maps.Keys(u.failed)) {
		out = binary.AppendUvarint(memo.AppendText(out, change), uint64(len(u.failed[change])))
		for _, f := range u.failed[change] {
			out = memo.AppendText(memo.AppendText(memo.AppendText(out, f.Change), f.Why), f.At.Format(time.RFC3339Nano))
		}
	}
	return out
}

func decodeUses(r *memo.Reader) *uses {
	out := newUses()
	for range r.Count() {
		change := r.Text()
		out.made[change] = r.Text()
	}
	for range r.Count() {
		change := r.Text()
		for range r.Count() {
			f := Failure{Change: r.Text(), Why: r.Text()}
			at, err := time.Parse(time.RFC3339Nano, r.Text())
			if err != nil {
				r.Fail(fmt.Errorf("reading when %s ended: %w", change, err))
			}
			f.At = at
			out.failed[change] = append(out.failed[change], f)
		}
	}
	return out
}

// joinPages makes one page of those of some records each, in their order.
func joinPages(some []*page) *page {
	out := newPage()
	for _, p := range some {
		out.ends.join(p.ends)
		out.open.join(&p.open)
		out.live.join(&p.live)
		out.uses.join(p.uses)
	}
	return out
}

// join adds records that have been read.
func (l *shown) join(more *shown) {
	l.paths, l.recs = append(l.paths, more.paths...), append(l.recs, more.recs...)
}

func (c chapter) join(more chapter) {
	for key, t := range more {
		sum := c[key]
		if sum == nil {
			sum = &tally{}
			c[key] = sum
		}
		sum.total, sum.successful = sum.total+t.total, sum.successful+t.successful
		sum.failed, sum.backedOut = sum.failed+t.failed, sum.backedOut+t.backedOut
		sum.ends = append(sum.ends, t.ends...)
	}
}

func (u *uses) join(more *uses) {
	maps.Copy(u.made, more.made)
	for change, failures := range more.failed {
		u.failed[change] = append(u.failed[change], failures...)
	}
}
