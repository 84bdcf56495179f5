package pack

import (
	"bytes"
	"errors"
	"fmt"
)

// Object is one object while somebody holds it.
type Object struct {
	Kind Kind
	Data []byte // nobody may change it; it is valid until Release

	key    key // its pack is nil for a loose object
	id     ID  // of a loose object, and of one that was asked for by it
	holds  int
	older  *Object // in the order of last use; nil at both ends
	newer  *Object
	beside *Object // the next of its bucket
	proved bool    // its content has its id
	gone   bool    // from the cache
	serial uint64  // tells it from whatever else its reader ever kept
	made   origin
	states []hashState
	bounds []int32 // where some entries of a tree begin, in order
}

// data is an object's content, none of no object.
func (o *Object) data() []byte {
	if o == nil {
		return nil
	}
	return o.Data
}

// origin says of an object that was made by a delta how much it took from the
// beginning and from the end of its base.
type origin struct {
	base       uint64 // its serial; 0 of an object that was stored whole
	head, tail int
}

// key is where an object begins in a pack.
type key struct {
	pack   *packFile
	offset uint64
}

// Reader reads objects for one goroutine. It keeps what it read last, since
// deltas rest on it and neighbouring commits share it, in at most its budget of
// bytes besides what is held.
type Reader struct {
	store    *Store
	inflater inflater
	budget   int

	buckets [1 << bucketBits]*Object // what packs hold, by its place
	loose   map[ID]*Object
	lately  [1 << 9]seen // what was found by its id, by two bytes of that
	size    int          // of cached data
	serial  uint64       // of what was kept last
	newest  *Object
	oldest  *Object
	spare   []*Object // to be used again
	free    [bufferSizes][][]byte
	chain   []link
	path    []byte // of a diff under way
	hasher  hasher
}

// link is a delta on the way to its base.
type link struct {
	key   key
	delta []byte
}

// maxChain is how many deltas may rest on one another: git makes at most 4095.
const maxChain = 5000

// NewReader returns a reader that keeps about so many bytes.
func (s *Store) NewReader(budget int) *Reader {
	return &Reader{store: s, budget: budget, hasher: newHasher(), loose: map[ID]*Object{}}
}

// Get returns the object with an id, which its content has been held to. The
// caller releases it.
func (r *Reader) Get(id ID) (*Object, error) {
	o, err := r.locate(id)
	if err != nil {
		return nil, err
	}
	return o, r.accept(o, id, nil, 0)
}

// Copy returns the content of the object with an id, which it has been held to,
// for the caller to keep. What a pack has whole stays out of the cache.
func (r *Reader) Copy(id ID) (Kind, []byte, error) {
	if p, at, ok := r.store.find(id); ok && r.known(key{p, at}) == nil {
		if e, err := p.entry(at); err == nil && e.kind <= Tag {
			return r.whole(key{p, at}, e, id)
		}
	}
	o, err := r.Get(id)
	if err != nil {
		return 0, nil, err
	}
	defer r.Release(o)
	return o.Kind, bytes.Clone(o.Data), nil
}

func (r *Reader) whole(k key, e entry, id ID) (Kind, []byte, error) {
	data := make([]byte, e.size)
	if err := r.inflateInto(data, k, e); err != nil {
		return 0, nil, err
	}
	if is := r.hasher.id(e.kind, data); is != id {
		return 0, nil, tampered(id, is)
	}
	return e.kind, data, nil
}

func tampered(id, is ID) error {
	return fmt.Errorf("%s is damaged or was tampered with: its content has the id %s; run git fsck: %w", id, is, ErrDamaged)
}

// locate returns an object as it lies there. Nothing may rest on it before it
// is accepted.
func (r *Reader) locate(id ID) (*Object, error) {
	if last := r.lastSeen(id); last.id == id && last.o != nil && last.o.id == id && last.o.proved && !last.o.gone {
		return r.hold(last.o), nil
	}
	o, err := r.search(id)
	if errors.Is(err, ErrMissing) {
		// Git may have packed it since, and removed the loose file.
		if err := r.store.scan(); err != nil {
			return nil, err
		}
		o, err = r.search(id)
	}
	return o, err
}

// search looks for an object in the packs, and then among those that are loose.
func (r *Reader) search(id ID) (*Object, error) {
	if p, at, ok := r.store.find(id); ok {
		return r.packed(key{pack: p, offset: at})
	}
	if o := r.loose[id]; o != nil {
		return r.hold(o), nil
	}
	return r.unpacked(id)
}

// seen is an object and the id that it was found by. It may be another's since.
type seen struct {
	id ID
	o  *Object
}

func (r *Reader) lastSeen(id ID) *seen {
	return &r.lately[(int(id[0])<<8|int(id[1]))%len(r.lately)]
}

// accept holds an object to its id; one that is refused is released. A known
// object that begins with so many bytes alike saves hashing those again.
func (r *Reader) accept(o *Object, id ID, known *Object, alike int) error {
	if !o.proved || o.id != id {
		if is := r.hash(o, known, alike); is != id {
			r.drop(o)
			return tampered(id, is)
		}
		o.proved, o.id = true, id
	}
	*r.lastSeen(id) = seen{id, o}
	return nil
}

// Release gives an object back.
func (r *Reader) Release(o *Object) {
	if o == nil {
		return
	}
	if o.holds--; o.holds == 0 {
		r.trim()
	}
}

func (r *Reader) hold(o *Object) *Object {
	o.holds++
	if o != r.newest {
		r.unlink(o)
		r.link(o)
	}
	return o
}

// packed reads the object at a place of a pack: down its chain of deltas to
// what is whole or known, and up again.
func (r *Reader) packed(k key) (*Object, error) {
	r.chain = r.chain[:0]
	base, err := r.descend(k)
	if err != nil {
		return nil, err
	}
	for i := len(r.chain) - 1; i >= 0; i-- {
		next, err := r.build(base, r.chain[i])
		r.Release(base)
		if err != nil {
			return nil, err
		}
		r.chain = r.chain[:i]
		base = next
	}
	return base, nil
}

// descend collects deltas until it comes to an object, which it returns held.
func (r *Reader) descend(k key) (*Object, error) {
	for {
		if o := r.known(k); o != nil {
			return r.hold(o), nil
		}
		e, err := k.pack.entry(k.offset)
		if err != nil {
			return nil, err
		}
		data, err := r.inflate(k, e)
		if err != nil {
			return nil, err
		}
		if e.kind <= Tag {
			return r.keep(k, ID{}, e.kind, data), nil
		}
		r.chain = append(r.chain, link{k, data})
		if len(r.chain) > maxChain {
			return nil, k.pack.damaged(k.offset)
		}
		if e.kind == offsetDelta {
			k = key{pack: k.pack, offset: e.base}
			continue
		}
		at, ok := k.pack.index.find(e.ref)
		if !ok {
			// Only packs on their way hold deltas against what is elsewhere.
			return nil, fmt.Errorf("%s: a delta against %s: %w", k.pack.path, e.ref, ErrUnsupported)
		}
		k = key{pack: k.pack, offset: at}
	}
}

// build applies a delta.
func (r *Reader) build(base *Object, l link) (*Object, error) {
	from, size, rest, err := deltaSizes(l.delta)
	if err == nil && from != len(base.Data) {
		err = ErrDamaged
	}
	if err != nil {
		return nil, fmt.Errorf("%s: the object at %d: %w", l.key.pack.path, l.key.offset, err)
	}
	out := r.buffer(size)
	made := origin{base: base.serial}
	if made.head, made.tail, err = apply(out, base.Data, rest); err != nil {
		return nil, fmt.Errorf("%s: the object at %d: %w", l.key.pack.path, l.key.offset, err)
	}
	r.recycle(l.delta)
	o := r.keep(l.key, ID{}, base.Kind, out)
	o.made = made
	return o, nil
}

func (r *Reader) inflate(k key, e entry) ([]byte, error) {
	out := r.buffer(e.size)
	return out, r.inflateInto(out, k, e)
}

func (r *Reader) inflateInto(out []byte, k key, e entry) error {
	if err := r.inflater.inflate(out, k.pack.data[e.at:len(k.pack.data)-IDSize]); err != nil {
		return fmt.Errorf("%s: the object at %d: %w", k.pack.path, k.offset, err)
	}
	return nil
}

// unpacked reads a loose object.
func (r *Reader) unpacked(id ID) (*Object, error) {
	file, err := r.store.loose(id)
	if err != nil {
		return nil, err
	}
	kind, data, err := inflateLoose(file)
	if err != nil {
		return nil, fmt.Errorf("loose object %s: %w", id, err)
	}
	return r.keep(key{}, id, kind, data), nil
}

// Size returns the length of an object's content, from its head alone.
func (r *Reader) Size(id ID) (int, error) {
	p, at, ok := r.store.find(id)
	if !ok {
		o, err := r.Get(id)
		if err != nil {
			return 0, err
		}
		defer r.Release(o)
		return len(o.Data), nil
	}
	e, err := p.entry(at)
	if err != nil || e.kind <= Tag {
		return e.size, err
	}
	var head [20]byte // two sizes of at most ten bytes
	n := min(len(head), e.size)
	if err := beginning(head[:n], p.data[e.at:len(p.data)-IDSize]); err != nil {
		return 0, err
	}
	_, size, _, err := deltaSizes(head[:n])
	return size, err
}
