package check

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Cache remembers which files of a work tree were found to be sound, so that
// they need not be read again. Nothing else is remembered: a record with a
// finding, and one that policy judges, is judged anew each time, since that may
// rest on the moment and on every other record. So what is remembered can be
// lost, but it cannot differ from what a check without it would say.
//
// What a sound result rests on is its own file, the records that it refers to,
// and what key lists.
type Cache struct {
	tool string
	from time.Time

	old     map[string]*entry // by path of the store
	was     [sha256.Size]byte // key of old
	is      [sha256.Size]byte
	undated *roster // what entries rest on

	mu      sync.Mutex
	now     map[string]*entry
	skipped atomic.Bool // some record was not read
}

// entry is a file that was sound.
type entry struct {
	stat   stat
	digest [sha256.Size]byte
	refs   []target // dated records that it refers to
	on     []uint32 // undated ones, by their numbers in the roster, sorted
}

// target is a file that a record refers to.
type target struct {
	path   string
	digest [sha256.Size]byte
}

// stat is what changes when a file does.
type stat struct{ size, modified, changed, inode, mode int64 }

// granularity is the coarsest clock of a file system: a file that was modified
// less than this before the check began may be modified once more without its
// time showing it.
const granularity = 2 * time.Second

// cacheFormat begins a cache. Change it with what an entry means.
const cacheFormat = "gitsm check 2\n"

// ReadCache reads what Bytes wrote; what cannot be read is an empty cache. Tool
// identifies this build of gitsm, whose rules and schemas the results rest on.
// From is when the check begins, by the clock of the file system.
func ReadCache(data []byte, tool string, from time.Time) *Cache {
	c := &Cache{tool: tool, from: from, undated: &roster{}}
	c.read(data)
	return c
}

// begin settles what the results of this run rest on. Those that rested on
// anything else are dropped.
func (c *Cache) begin(o *Options) error {
	var err error
	if c.is, err = c.key(o); err != nil {
		return err
	}
	if c.is != c.was {
		c.old, c.undated = nil, &roster{}
	}
	c.now = make(map[string]*entry, len(c.old))
	return c.undated.begin(o.Head)
}

// key is the list of what every remembered result rests on besides records: this
// build, the configuration with its kinds and their schemas, what is wrong with
// files of undated kinds, and policy, which says what it does not judge. Whoever
// makes a result rest on anything else adds it here, or to note.
func (c *Cache) key(o *Options) (key [sha256.Size]byte, err error) {
	h := sha256.New()
	put := func(parts ...string) {
		for _, p := range parts {
			fmt.Fprintf(h, "%d\n%s", len(p), p)
		}
	}
	put(cacheFormat, c.tool, o.Head.Dir, string(o.Head.Doc.Source))
	if s, ok := o.Policy.(Surveyor); ok {
		put("policy", s.Key())
	}
	for _, k := range o.Head.Kinds.All() {
		put("kind", k.Name)
		b, err := o.Head.Schema(k)
		switch {
		case err != nil:
			put(err.Error()) // which ends the check at the first record that is held against it
		case b != nil:
			put(b.Key()) // with the files it refers to
		}
		if k.Dated() {
			continue
		}
		found, err := o.Head.Findings(k.Name)
		if err != nil {
			return key, err
		}
		for _, f := range found {
			put(f.File, f.Code, f.Message)
		}
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// sound reports whether a file was sound and is what it was.
func (c *Cache) sound(head *store.Store, sp *spot) bool {
	e := c.old[sp.Path]
	if e == nil || sp.stat == (stat{}) || !c.undated.stand(e.on) {
		return false
	}
	if e.stat != sp.stat {
		src, found, err := head.Source(sp.Spot)
		if err != nil || len(found) > 0 || sha256.Sum256(src) != e.digest {
			return false
		}
		e = &entry{sp.stat, e.digest, e.refs, e.on}
	}
	for _, t := range e.refs {
		if digest, ok := digestOf(head, t.path); !ok || digest != t.digest {
			return false
		}
	}
	c.skipped.Store(true)
	c.keep(sp, e)
	return true
}

// note remembers that a record was sound, if everything it rests on can be
// named.
func (c *Cache) note(head *store.Store, sp *spot, rec *record.Record) {
	if sp.stat == (stat{}) {
		return
	}
	e := &entry{stat: sp.stat, digest: sha256.Sum256(rec.Doc.Source)}
	for _, rv := range rec.Refs() {
		for _, k := range head.Kinds.All() {
			if len(rv.Kinds) > 0 && !slices.Contains(rv.Kinds, k.Name) || record.CheckID(k, rv.ID) != nil {
				continue // it cannot be this kind's, whatever there is
			}
			if !k.Dated() {
				e.on = append(e.on, c.undated.number(k, rv.ID))
				continue
			}
			if !k.Fixed() {
				return // it may be in any of several directories
			}
			path := k.PathOf(rv.ID)
			digest, ok := digestOf(head, path)
			if !ok {
				return
			}
			e.refs = append(e.refs, target{path, digest})
		}
	}
	slices.Sort(e.on)
	e.on = slices.Clip(slices.Compact(e.on))
	c.keep(sp, e)
}

// keep takes an entry over into the next cache, unless the file is so young
// that it may change again unnoticed.
func (c *Cache) keep(sp *spot, e *entry) {
	if young := c.from.Add(-granularity).UnixNano(); e.stat.modified >= young || e.stat.changed >= young {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now[sp.Path] = e
}

func digestOf(head *store.Store, path string) (digest [sha256.Size]byte, ok bool) {
	src, found, err := head.Source(store.Spot{Path: path})
	return sha256.Sum256(src), err == nil && len(found) == 0
}
