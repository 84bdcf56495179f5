package pack

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// Change is a file that differs between two trees. A side that is absent has
// mode 0.
type Change struct {
	Path             []byte // valid until the callback returns
	OldMode, NewMode uint32
	Old, New         ID
}

// maxDepth is how many directories may be inside each other.
const maxDepth = 2048

// Diff calls found for every file that differs between two trees, in git's
// order, and looks into those directories alone that differ. The zero id stands
// for an empty tree.
func (r *Reader) Diff(a, b ID, found func(Change) error) error {
	d := differ{r: r, found: found, path: r.path[:0]}
	err := d.trees(a, b, 0)
	r.path = d.path[:0]
	return err
}

type differ struct {
	r     *Reader
	found func(Change) error
	path  []byte
}

// emptyTree is known to git everywhere, stored or not.
var emptyTree = ID{0x4b, 0x82, 0x5d, 0xc6, 0x42, 0xcb, 0x6e, 0xb9, 0xa0, 0x60, 0xe5, 0x4b, 0xf8, 0xd6, 0x92, 0x88, 0xfb, 0xee, 0x49, 0x04}

// tree returns a tree as it lies there, nil for an empty one.
func (d *differ) tree(id ID) (*Object, error) {
	if id == (ID{}) || id == emptyTree {
		return nil, nil
	}
	o, err := d.r.locate(id)
	if err != nil {
		return nil, fmt.Errorf("reading tree: %w", err)
	}
	return o, nil
}

// accept proves that an object is the tree with an id.
func (d *differ) accept(o *Object, id ID, known *Object, alike int) error {
	if o == nil {
		return nil
	}
	if err := d.r.accept(o, id, known, alike); err != nil {
		return fmt.Errorf("reading tree: %w", err)
	}
	if o.Kind != Tree {
		d.r.Release(o)
		return fmt.Errorf("reading tree %s: it is a %s: %w", id, o.Kind, ErrDamaged)
	}
	return nil
}

func (d *differ) trees(a, b ID, depth int) error {
	if a == b {
		return nil
	}
	if depth > maxDepth {
		return fmt.Errorf("directories are deeper than %d: %w", maxDepth, ErrUnsupported)
	}
	x, y, alike, err := d.load(a, b)
	if err != nil {
		return err
	}
	defer d.r.Release(x)
	defer d.r.Release(y)
	return d.merge(x, y, alike, depth)
}

// load reads two trees, and says how many bytes they begin with alike. The one
// that is new is hashed from there on.
func (d *differ) load(a, b ID) (x, y *Object, alike int, err error) {
	if x, err = d.tree(a); err != nil {
		return nil, nil, 0, err
	}
	if y, err = d.tree(b); err != nil {
		d.r.Release(x)
		return nil, nil, 0, err
	}
	head, _ := shared(x, y)
	alike = head + mismatch(x.data()[head:], y.data()[head:])
	known, other := x, y
	if x == nil || !x.proved {
		known, other, a, b = y, x, b, a
	}
	if err = d.accept(known, a, nil, 0); err != nil {
		d.r.Release(other)
		return nil, nil, 0, err
	}
	if err = d.accept(other, b, known, alike); err != nil {
		d.r.Release(known)
		return nil, nil, 0, err
	}
	return x, y, alike, nil
}

// merge walks two sorted lists of entries side by side.
func (d *differ) merge(x, y *Object, alike, depth int) error {
	same := commonEntries(x, y, alike)
	a, b := x.data()[same:], y.data()[same:]
	_, tail := shared(x, y)
	tail = commonTail(a, b, tail)
	var e, f treeEntry
	var err error
	for len(a) > 0 || len(b) > 0 {
		if len(a) == len(b) && len(a) <= tail {
			return nil
		}
		if e, err = parseEntry(a); err != nil {
			return err
		}
		if f, err = parseEntry(b); err != nil {
			return err
		}
		c := e.compare(f)
		if c <= 0 {
			a = a[e.size:]
		} else {
			e = treeEntry{}
		}
		if c >= 0 {
			b = b[f.size:]
		} else {
			f = treeEntry{}
		}
		if e.mode == f.mode && e.id == f.id {
			continue
		}
		if err := d.pair(e, f, depth); err != nil {
			return err
		}
	}
	return nil
}

// pair reports an entry that differs, or what is beneath it. One of the two may
// be absent; both are directories or none is.
func (d *differ) pair(x, y treeEntry, depth int) error {
	name := x.name
	if x.size == 0 {
		name = y.name
	}
	before := len(d.path)
	d.path = append(d.path, name...)
	var err error
	if x.mode == modeTree || y.mode == modeTree {
		d.path = append(d.path, '/')
		err = d.trees(x.id, y.id, depth+1)
	} else {
		err = d.found(Change{Path: d.path, OldMode: x.mode, NewMode: y.mode, Old: x.id, New: y.id})
	}
	d.path = d.path[:before]
	return err
}

// treeEntry is a name in a tree; one of size 0 is absent.
type treeEntry struct {
	name []byte
	mode uint32
	id   ID
	size int
}

// The modes that git tells apart.
const (
	modeTree      = 0o40000
	modeSubmodule = 0o160000
	modeSymlink   = 0o120000
	modeFile      = 0o100000
	modeType      = 0o170000
)

// parseEntry reads the first entry of a tree's rest.
func parseEntry(in []byte) (treeEntry, error) {
	var e treeEntry
	if len(in) == 0 {
		return e, nil
	}
	mode, i := uint32(0), 0
	for ; i < len(in) && in[i] != ' '; i++ {
		if in[i] < '0' || in[i] > '7' || i > 8 {
			return e, fmt.Errorf("mode of a tree's entry: %w", ErrDamaged)
		}
		mode = mode<<3 | uint32(in[i]-'0')
	}
	i++
	if i >= len(in) {
		return e, fmt.Errorf("tree's entry: %w", ErrDamaged)
	}
	n := bytes.IndexByte(in[i:], 0)
	if n <= 0 || len(in) < i+n+1+IDSize {
		return e, fmt.Errorf("tree's entry: %w", ErrDamaged)
	}
	e.name, e.mode, e.size = in[i:i+n], canonical(mode), i+n+1+IDSize
	copy(e.id[:], in[i+n+1:])
	return e, nil
}

// canonical is the mode as git understands it: of permissions it keeps one bit.
func canonical(mode uint32) uint32 {
	switch mode & modeType {
	case modeFile:
		if mode&0o100 != 0 {
			return modeFile | 0o755
		}
		return modeFile | 0o644
	case modeSymlink, modeTree:
		return mode & modeType
	}
	return modeSubmodule
}

// compare orders entries as trees do: the name of a directory as if it ended in
// a slash. What is absent comes last.
func (e treeEntry) compare(other treeEntry) int {
	switch {
	case e.size == 0 && other.size == 0:
		return 0
	case e.size == 0:
		return 1
	case other.size == 0:
		return -1
	}
	n := min(len(e.name), len(other.name))
	if c := bytes.Compare(e.name[:n], other.name[:n]); c != 0 {
		return c
	}
	return int(e.after(n)) - int(other.after(n))
}

func (e treeEntry) after(n int) byte {
	switch {
	case n < len(e.name):
		return e.name[n]
	case e.mode == modeTree:
		return '/'
	}
	return 0
}

// boundStep is about how many bytes there are from one noted entry to the next.
const boundStep = 1024

// commonEntries returns the length of the entries that two trees begin with
// alike, which so many bytes are. It notes where some of them begin, since the
// tree that comes next mostly begins so as well.
func commonEntries(x, y *Object, alike int) int {
	if x == nil || y == nil {
		return 0
	}
	bounds := x.boundsUpTo(alike)
	if other := y.boundsUpTo(alike); len(other) > len(bounds) {
		bounds = other
	}
	at := 0
	if n := len(bounds); n > 0 {
		at = int(bounds[n-1])
	}
	for data, noted := x.Data[:alike], at; ; {
		n := bytes.IndexByte(data[at:], 0)
		if n < 0 || at+n+1+IDSize > alike {
			break
		}
		if at += n + 1 + IDSize; at-noted >= boundStep {
			bounds, noted = append(bounds, int32(at)), at
		}
	}
	for _, o := range []*Object{x, y} {
		if len(bounds) > len(o.bounds) {
			o.bounds = bounds
		}
	}
	return at
}

// boundsUpTo returns those bounds that are not behind a place.
func (o *Object) boundsUpTo(at int) []int32 {
	n := len(o.bounds)
	for n > 0 && int(o.bounds[n-1]) > at {
		n--
	}
	return o.bounds[:n:n]
}

// mismatch returns where two texts differ first.
func mismatch(a, b []byte) int {
	n, i := min(len(a), len(b)), 0
	for ; i+8 <= n; i += 8 {
		if x := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:]); x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
	}
	for ; i < n && a[i] == b[i]; i++ {
	}
	return i
}

// shared is what is known of how many bytes two objects begin and end with
// alike, where one was made of the other.
func shared(x, y *Object) (head, tail int) {
	if x == nil || y == nil {
		return 0, 0
	}
	if y.made.base == x.serial {
		return y.made.head, y.made.tail
	}
	if x.made.base == y.serial {
		return x.made.head, x.made.tail
	}
	return 0, 0
}

// commonTail returns how many bytes two texts end with alike, of which so many
// are known.
func commonTail(a, b []byte, known int) int {
	n := min(len(a), len(b))
	i := min(n, known)
	a, b = a[len(a)-n:], b[len(b)-n:]
	for ; i+8 <= n; i += 8 {
		if binary.LittleEndian.Uint64(a[n-i-8:]) != binary.LittleEndian.Uint64(b[n-i-8:]) {
			break
		}
	}
	for ; i < n && a[n-1-i] == b[n-1-i]; i++ {
	}
	return i
}
