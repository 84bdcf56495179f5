package gitrepo

import (
	"slices"

	"github.com/gitsm/gitsm/internal/git"
)

// largeTree is from how many bytes on a tree's encoding is kept, and
// keptEncodings how many are: an append-only directory of ten thousand names is
// written again and again, and each version differs from the last by one entry.
const (
	largeTree     = 1 << 14
	keptEncodings = 8
)

// encodings holds the bytes of large trees that were written last.
type encodings struct {
	bytes map[git.OID][]byte
	order []git.OID // oldest first
}

// version is the encoding of a tree and what it has in common with that of the
// version before it.
type version struct {
	now        []byte
	before     int // length of the other, 0 where there is none
	head, tail int // bytes in common
}

// take removes and returns a kept encoding, nil where there is none.
func (e *encodings) take(id git.OID) []byte {
	data, ok := e.bytes[id]
	if ok {
		delete(e.bytes, id)
		e.order = slices.DeleteFunc(e.order, func(o git.OID) bool { return o == id })
	}
	return data
}

// keep takes over an encoding that may be asked for again.
func (e *encodings) keep(id git.OID, data []byte) {
	if len(data) < largeTree {
		return
	}
	if e.bytes == nil {
		e.bytes = map[git.OID][]byte{}
	}
	if _, known := e.bytes[id]; !known {
		e.order = append(e.order, id)
	}
	e.bytes[id] = data
	if len(e.order) > keptEncodings {
		delete(e.bytes, e.order[0])
		e.order = e.order[1:]
	}
}

// next encodes d, of which old is the version before, nil for none. Only the
// chunks that the two do not share are written; the bytes of old are turned
// into those of d in place.
func (e *encodings) next(d, old *directory) version {
	if old == nil {
		return version{now: d.encode(nil)}
	}
	data := e.take(old.id)
	if data == nil {
		data = old.encode(nil)
	}
	first, last := shared(d, old)
	v := version{before: len(data), head: encodedLen(old.chunks[:first]), tail: encodedLen(old.chunks[len(old.chunks)-last:])}
	was := data[v.head : len(data)-v.tail]
	is := (&directory{chunks: d.chunks[first : len(d.chunks)-last]}).encode(nil)
	more := commonPrefix(was, is)
	less := commonSuffix(was[more:], is[more:])
	v.head, v.tail = v.head+more, v.tail+less
	v.now = slices.Replace(data, v.head, len(data)-v.tail, is[more:len(is)-less]...)
	return v
}

// shared returns how many chunks two versions have in common at their
// beginning and at their end.
func shared(a, b *directory) (first, last int) {
	n := min(len(a.chunks), len(b.chunks))
	same := func(x, y []*node) bool { return len(x) == len(y) && &x[0] == &y[0] }
	for first < n && same(a.chunks[first], b.chunks[first]) {
		first++
	}
	for last < n-first && same(a.chunks[len(a.chunks)-1-last], b.chunks[len(b.chunks)-1-last]) {
		last++
	}
	return first, last
}

// encodedLen is how many bytes chunks are encoded in.
func encodedLen(chunks [][]*node) int {
	n := 0
	for _, c := range chunks {
		for _, e := range c {
			n += len(e.Name) + len(e.OID)/2 + 2 // the name, its end, the id, a space
			for mode := e.Mode; mode > 0; mode >>= 3 {
				n++
			}
		}
	}
	return n
}
