package check

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
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
// What a sound result rests on is its own file, the files of dated records that
// it refers to, and what key lists.
type Cache struct {
	tool string
	from time.Time

	old map[string]*entry // by path of the store
	was [sha256.Size]byte // key of old
	is  [sha256.Size]byte

	mu      sync.Mutex
	now     map[string]*entry
	skipped atomic.Bool // some record was not read
}

// entry is a file that was sound.
type entry struct {
	stat   stat
	digest [sha256.Size]byte
	refs   []target
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
const cacheFormat = "gitsm check 1\n"

// ReadCache reads what Bytes wrote; what cannot be read is an empty cache. Tool
// identifies this build of gitsm, whose rules and schemas the results rest on.
// From is when the check begins, by the clock of the file system.
func ReadCache(data []byte, tool string, from time.Time) *Cache {
	c := &Cache{tool: tool, from: from, now: map[string]*entry{}}
	c.read(data)
	return c
}

// begin settles what the results of this run rest on. Those that rested on
// anything else are dropped.
func (c *Cache) begin(o *Options) error {
	var err error
	if c.is, err = c.key(o); err == nil && c.is != c.was {
		c.old = nil
	}
	return err
}

// key is the one list of what every remembered result rests on besides files of
// its own: this build, the configuration with its kinds and their schemas, all
// undated records, and policy, which says what it does not judge. Whoever makes
// a result rest on anything else adds it here.
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
		if err != nil {
			return key, fmt.Errorf("reading the schema of kind %s: %w", k.Name, err)
		}
		if b != nil {
			put(b.Key()) // with the files it refers to
		}
		if k.Dated() {
			continue
		}
		recs, err := o.Head.List(k.Name)
		if err != nil {
			return key, err
		}
		for _, r := range recs {
			put(r.Path, string(r.Doc.Source))
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
	if e == nil || sp.stat == (stat{}) {
		return false
	}
	if e.stat != sp.stat {
		src, found, err := head.Source(sp.Spot)
		if err != nil || len(found) > 0 || sha256.Sum256(src) != e.digest {
			return false
		}
		e = &entry{sp.stat, e.digest, e.refs}
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
			if !k.Dated() || len(rv.Kinds) > 0 && !slices.Contains(rv.Kinds, k.Name) || record.CheckID(k, rv.ID) != nil {
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

// Bytes returns the cache after a check, to be kept for the next; changed is
// false where it says what was read.
func (c *Cache) Bytes() (data []byte, changed bool) {
	if c.is == c.was && len(c.now) == len(c.old) && !c.differs() {
		return nil, false
	}
	out := append([]byte(cacheFormat), c.is[:]...)
	paths := make([]string, 0, len(c.now))
	for p := range c.now {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	out = binary.AppendUvarint(out, uint64(len(paths)))
	for _, p := range paths {
		e := c.now[p]
		out = appendText(out, p)
		for _, v := range []int64{e.stat.size, e.stat.modified, e.stat.changed, e.stat.inode, e.stat.mode} {
			out = binary.AppendVarint(out, v)
		}
		out = append(out, e.digest[:]...)
		out = binary.AppendUvarint(out, uint64(len(e.refs)))
		for _, t := range e.refs {
			out = append(appendText(out, t.path), t.digest[:]...)
		}
	}
	sum := sha256.Sum256(out)
	return append(out, sum[:]...), true
}

func (c *Cache) differs() bool {
	for p, e := range c.now {
		if o := c.old[p]; o == nil || o.stat != e.stat || o.digest != e.digest || !slices.Equal(o.refs, e.refs) {
			return true
		}
	}
	return false
}

func appendText(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

// read takes over what data says, all of it or nothing.
func (c *Cache) read(data []byte) {
	body := len(data) - sha256.Size
	if body < len(cacheFormat)+sha256.Size || !bytes.HasPrefix(data, []byte(cacheFormat)) || sha256.Sum256(data[:body]) != [sha256.Size]byte(data[body:]) {
		return
	}
	r := &reader{Reader: bytes.NewReader(data[len(cacheFormat):body])}
	was := r.digest()
	n := r.count()
	old := make(map[string]*entry, n)
	entries := make([]entry, n)
	for i := range entries {
		e := &entries[i]
		path := r.text()
		for _, v := range []*int64{&e.stat.size, &e.stat.modified, &e.stat.changed, &e.stat.inode, &e.stat.mode} {
			*v = r.number()
		}
		e.digest = r.digest()
		for range r.count() {
			e.refs = append(e.refs, target{r.text(), r.digest()})
		}
		old[path] = e
	}
	if r.err == nil {
		c.was, c.old = was, old
	}
}

// reader reads the parts of a cache; after an error it reads zeros.
type reader struct {
	*bytes.Reader
	err error
}

func (r *reader) failed(err error) bool {
	if r.err == nil {
		r.err = err
	}
	return r.err != nil
}

// count is never more than there are bytes left.
func (r *reader) count() int {
	n, err := binary.ReadUvarint(r)
	if err == nil && n > uint64(r.Len()) {
		err = io.ErrUnexpectedEOF
	}
	if r.failed(err) {
		return 0
	}
	return int(n)
}

func (r *reader) number() int64 {
	n, err := binary.ReadVarint(r)
	r.failed(err)
	return n
}

func (r *reader) text() string {
	b := make([]byte, r.count())
	_, err := io.ReadFull(r, b)
	r.failed(err)
	return string(b)
}

func (r *reader) digest() (d [sha256.Size]byte) {
	_, err := io.ReadFull(r, d[:])
	r.failed(err)
	return d
}
