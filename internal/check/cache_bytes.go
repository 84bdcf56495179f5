package check

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/gitsm/gitsm/internal/memo"
)

// Bytes returns the cache after a check, to be kept for the next; changed is
// false where it says what was read.
func (c *Cache) Bytes() (data []byte, changed bool) {
	if c.is == c.was && len(c.now) == len(c.old) && !c.undated.moved && !c.differs() {
		return nil, false
	}
	out := append([]byte(cacheFormat), c.is[:]...)
	out = c.undated.bytes(out)
	paths := make([]string, 0, len(c.now))
	for p := range c.now {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	out = binary.AppendUvarint(out, uint64(len(paths)))
	for _, p := range paths {
		e := c.now[p]
		out = memo.AppendText(out, p)
		for _, v := range []int64{e.stat.size, e.stat.modified, e.stat.changed, e.stat.inode, e.stat.mode} {
			out = binary.AppendVarint(out, v)
		}
		out = append(out, e.digest[:]...)
		out = binary.AppendUvarint(out, uint64(len(e.refs)))
		for _, t := range e.refs {
			out = append(memo.AppendText(out, t.path), t.digest[:]...)
		}
		out = memo.AppendList(out, e.on)
	}
	sum := sha256.Sum256(out)
	return append(out, sum[:]...), true
}

func (c *Cache) differs() bool {
	for p, e := range c.now {
		if o := c.old[p]; o == nil || o.stat != e.stat || o.digest != e.digest || !slices.Equal(o.refs, e.refs) || !slices.Equal(o.on, e.on) {
			return true
		}
	}
	return false
}

// read takes over what data says, all of it or nothing.
func (c *Cache) read(data []byte) {
	body := len(data) - sha256.Size
	if body < len(cacheFormat)+sha256.Size || !bytes.HasPrefix(data, []byte(cacheFormat)) || sha256.Sum256(data[:body]) != [sha256.Size]byte(data[body:]) {
		return
	}
	r := memo.NewReader(data[len(cacheFormat):body])
	was := digestFrom(r)
	undated := readRoster(r)
	n := r.Count()
	old := make(map[string]*entry, n)
	entries := make([]entry, n)
	for i := range entries {
		e := &entries[i]
		path := r.Text()
		for _, v := range []*int64{&e.stat.size, &e.stat.modified, &e.stat.changed, &e.stat.inode, &e.stat.mode} {
			*v = r.Signed()
		}
		e.digest = digestFrom(r)
		for range r.Count() {
			e.refs = append(e.refs, target{r.Text(), digestFrom(r)})
		}
		e.on = r.List(len(undated.names))
		old[path] = e
	}
	if r.Err() == nil {
		c.was, c.old, c.undated = was, old, undated
	}
}

func digestFrom(r *memo.Reader) (d [sha256.Size]byte) {
	copy(d[:], r.Bytes(len(d)))
	return d
}
