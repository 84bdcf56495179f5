package store

import (
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io/fs"
	"path"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/gitsm/gitsm/internal/memo"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Keeper keeps from one run to the next what was derived from parts of commits.
// It may lose anything at any time: that is derived again. It is safe for
// concurrent use.
type Keeper interface {
	// Load returns what was kept under a name and a key, nil where nothing is.
	Load(name, key string) []byte
	Save(name, key string, data []byte)
}

// Keep has what is derived from the parts of stores with this cache kept from
// one run to the next.
func (c *Cache) Keep(k Keeper) { c.keeper = k }

// Passing is the same cache for those who pass through commits that nobody will
// look at again: nothing that is derived there is kept.
func (c *Cache) Passing() *Cache {
	out := *c
	out.keeper = nil
	return &out
}

// Derivation makes something of the records of a part, and bytes of that.
type Derivation[T any] struct {
	Name   string // change it with what the bytes mean
	Of     func([]*record.Record) T
	Brief  Brief // of what Of reads; nil has all of them parsed
	Encode func(T) []byte
	Decode func([]byte) (T, error)

	// Join makes of what comes of some records at a time, in their order, what
	// comes of all, and changes none of it. What is in Some is then not made
	// again: from one commit to the next a part that changed is mostly the same.
	Join func([]T) T
	Some *memo.Memo[T] // nil remembers nothing
}

// Brief returns the fields of a record that are needed, of one in a file of the
// plainest form that need not be parsed for them; nil has it parsed. Of thousands
// of records a few fields matter, and parsing takes ten times as long.
type Brief func(k *record.Kind, file *yamldoc.Glance) (fields map[string]any)

// Derive returns what comes of each part, in their order. What was kept of a
// part is taken for it, and parts that have to be read are read several at a
// time.
func Derive[T any](parts []Part, d Derivation[T]) ([]T, error) {
	out, errs := make([]T, len(parts)), make([]error, len(parts))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(parts)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(parts); i = int(next.Add(1)) - 1 {
				out[i], errs[i] = derive(parts[i], d)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func derive[T any](p Part, d Derivation[T]) (T, error) {
	name := d.Name + " " + p.name
	keeps := p.kept != nil && p.Key != ""
	if keeps {
		if data := p.kept.Load(name, p.Key); data != nil {
			if v, err := d.Decode(data); err == nil {
				return v, nil
			}
		}
	}
	v, err := d.make(p)
	if err == nil && keeps {
		p.kept.Save(name, p.Key, d.Encode(v))
	}
	return v, err
}

func (d Derivation[T]) make(p Part) (T, error) {
	if d.Some == nil || p.Key == "" {
		recs, err := p.read(d.Brief)
		return d.Of(recs), err
	}
	groups, err := p.groups(d.Brief)
	made := make([]T, len(groups))
	for i := 0; i < len(groups) && err == nil; i++ {
		made[i], err = d.Some.Get(groups[i].key, func() (T, error) {
			recs, err := groups[i].read()
			return d.Of(recs), err
		})
	}
	if err != nil {
		var none T
		return none, err // some of it was not made
	}
	return d.Join(made), nil
}

// group is some of the entries of a directory. key names their content.
type group struct {
	key  string
	read func() ([]*record.Record, error)
}

// groups parts the entries of a directory in such a way that one which comes,
// changes or goes concerns its own group and at most the next: a group ends
// after a name that says so, on average after sixteen.
func (s *Store) groups(k *record.Kind, dir string, brief Brief) ([]group, error) {
	entries, err := fs.ReadDir(s.FS, dir)
	if err != nil || holdsRepository(dir, entries) {
		return nil, err
	}
	var out []group
	h, named, from := sha256.New(), true, 0
	for i, e := range entries {
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(h, "%s\x00%s\x00%s\n", e.Name(), info.Mode(), oid(info))
		named = named && oid(info) != ""
		if crc32.ChecksumIEEE([]byte(e.Name()))%16 != 0 && i+1 < len(entries) {
			continue
		}
		some := entries[from : i+1]
		g := group{read: func() ([]*record.Record, error) { return s.readSome(k, dir, some, brief) }}
		if named {
			g.key = s.kindsKey + k.Name + "\x00" + s.Display(dir) + "\x00" + string(h.Sum(nil))
		}
		out = append(out, g)
		h.Reset()
		named, from = true, i+1
	}
	return out, nil
}

// readSome reads records of a directory, as briefly as that will do.
func (s *Store) readSome(k *record.Kind, dir string, entries []fs.DirEntry, brief Brief) ([]*record.Record, error) {
	out, file := &part{}, &yamldoc.Glance{}
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		if rec := s.readBriefly(k, p, e, brief, file); rec != nil {
			out.records = append(out.records, rec)
			continue
		}
		if err := s.readEntry(k, p, e, out); err != nil {
			return nil, fmt.Errorf("listing %s: %w", k.Plural, err)
		}
	}
	return out.records, nil
}

// readBriefly reads a record without parsing it; nil where that cannot be done,
// or where it is none.
func (s *Store) readBriefly(k *record.Kind, p string, e fs.DirEntry, brief Brief, file *yamldoc.Glance) *record.Record {
	if brief == nil || !k.Named() || k.Markdown() || !e.Type().IsRegular() {
		return nil
	}
	id, ok := s.sort(k, p, e, &part{})
	if !ok {
		return nil
	}
	info, err := e.Info()
	if err != nil || oid(info) == "" {
		return nil // a work tree may change meanwhile
	}
	src, err := readFile(s.FS, p)
	if err != nil || !file.Look(src) {
		return nil // whoever parses it says what is wrong
	}
	fields := brief(k, file)
	if fields == nil {
		return nil
	}
	return &record.Record{Kind: k, ID: id, Path: p, Blob: oid(info), Fields: fields}
}
