package check

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
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
		out = appendText(out, p)
		for _, v := range []int64{e.stat.size, e.stat.modified, e.stat.changed, e.stat.inode, e.stat.mode} {
			out = binary.AppendVarint(out, v)
		}
		out = append(out, e.digest[:]...)
		out = binary.AppendUvarint(out, uint64(len(e.refs)))
		for _, t := range e.refs {
			out = append(appendText(out, t.path), t.digest[:]...)
		}
		out = binary.AppendUvarint(out, uint64(len(e.on)))
		for _, n := range e.on {
			out = binary.AppendUvarint(out, uint64(n))
		}
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

func appendText(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

// read takes over what data says, all of it or nothing.
func (c *Cache) read(data []byte) {
	body := len(data) - sha256.Size
	if body < len(cacheFormat)+sha256.Size || !bytes.HasPrefix(data, []byte(cacheFormat)) || sha256.Sum256(data[:body]) != [sha256.Size]byte(data[body:]) {
		return
	}
	r := &reader{rest: string(data[len(cacheFormat):body])}
	was := r.digest()
	undated := readRoster(r)
	n := r.count()
	old := make(map[string]*entry, n)
	entries := make([]entry, n)
	for i := range entries {
		e := &entries[i]
		path := r.text()
		for _, v := range []*int64{&e.stat.size, &e.stat.modified, &e.stat.changed, &e.stat.inode, &e.stat.mode} {
			*v = r.signed()
		}
		e.digest = r.digest()
		for range r.count() {
			e.refs = append(e.refs, target{r.text(), r.digest()})
		}
		e.on = r.list(len(undated.names))
		old[path] = e
	}
	if r.err == nil {
		c.was, c.old, c.undated = was, old, undated
	}
}

// reader reads the parts of a cache; after an error it reads zeros. What it
// returns shares the memory of what it reads, since there is much of it.
type reader struct {
	rest    string
	numbers []uint32 // to take lists of numbers from
	err     error
}

var (
	errShort = errors.New("it ends too early")
	errRange = errors.New("a number is out of range")
)

func (r *reader) fail(err error) {
	if r.err == nil {
		r.rest, r.err = "", err
	}
}

// number reads what binary.AppendUvarint writes.
func (r *reader) number() (v uint64) {
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		b := r.rest[i]
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			r.rest = r.rest[i+1:]
			return v
		}
	}
	r.fail(errShort)
	return 0
}

// count is never more than there are bytes left.
func (r *reader) count() int {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.fail(errShort)
		return 0
	}
	return int(n)
}

// signed reads what binary.AppendVarint writes.
func (r *reader) signed() int64 {
	v := r.number()
	return int64(v>>1) ^ -int64(v&1)
}

// list reads numbers that are less than n.
func (r *reader) list(n int) []uint32 {
	most := r.count()
	if most > len(r.numbers) {
		r.numbers = make([]uint32, max(most, 1<<14))
	}
	out := r.numbers[:most:most]
	r.numbers = r.numbers[most:]
	for i := range out {
		v := r.number()
		if v >= uint64(n) {
			r.fail(errRange)
			return nil
		}
		out[i] = uint32(v)
	}
	return out
}

func (r *reader) text() string {
	n := r.count()
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *reader) digest() (d [sha256.Size]byte) {
	if len(r.rest) < len(d) {
		r.fail(errShort)
		return d
	}
	copy(d[:], r.rest)
	r.rest = r.rest[len(d):]
	return d
}
