package pack

import "math/bits"

// keep puts an object into the cache and returns it held.
func (r *Reader) keep(k key, id ID, kind Kind, data []byte) *Object {
	o := r.object()
	r.serial++
	*o = Object{Kind: kind, Data: data, key: k, id: id, holds: 1, serial: r.serial}
	if k.pack != nil {
		first := r.bucket(k)
		o.beside, *first = *first, o
	} else {
		r.loose[id] = o
	}
	r.size += cap(data)
	r.link(o)
	r.trim()
	return o
}

// object is one to be filled in. Of those that were used before lately may still
// know, by another id.
func (r *Reader) object() *Object {
	last := len(r.spare) - 1
	if last < 0 {
		return &Object{}
	}
	o := r.spare[last]
	r.spare = r.spare[:last]
	return o
}

// bucketBits are how many buckets there are, as a power of two.
const bucketBits = 13

func (r *Reader) bucket(k key) **Object {
	const spread = 0x9e3779b97f4a7c15
	return &r.buckets[k.offset*spread>>(64-bucketBits)]
}

// known returns the object at a place of a pack if it is kept.
func (r *Reader) known(k key) *Object {
	o := *r.bucket(k)
	for o != nil && o.key != k {
		o = o.beside
	}
	return o
}

// trim forgets what was used longest ago and is not held.
func (r *Reader) trim() {
	for o := r.oldest; o != nil && r.size > r.budget; {
		next := o.newer
		if o.holds == 0 {
			r.forget(o)
			r.recycle(o.Data)
			o.Data, o.states, o.bounds = nil, nil, nil
			if len(r.spare) < spareObjects {
				r.spare = append(r.spare, o)
			}
		}
		o = next
	}
}

// drop takes an object that its reader does not want out of the cache.
func (r *Reader) drop(o *Object) {
	o.holds--
	r.forget(o)
}

func (r *Reader) forget(o *Object) {
	o.gone = true
	if o.key.pack != nil {
		at := r.bucket(o.key)
		for *at != o {
			at = &(*at).beside
		}
		*at, o.beside = o.beside, nil
	} else {
		delete(r.loose, o.id)
	}
	r.size -= cap(o.Data)
	r.unlink(o)
}

func (r *Reader) link(o *Object) {
	o.older, o.newer = r.newest, nil
	if r.newest != nil {
		r.newest.newer = o
	} else {
		r.oldest = o
	}
	r.newest = o
}

func (r *Reader) unlink(o *Object) {
	if o.older != nil {
		o.older.newer = o.newer
	} else {
		r.oldest = o.newer
	}
	if o.newer != nil {
		o.newer.older = o.older
	} else {
		r.newest = o.older
	}
	o.older, o.newer = nil, nil
}

// Buffers wait for their next use by size: each list holds those of a power of
// two, so that the many small ones do not crowd out the few large ones.
const (
	spareObjects   = 1 << 10
	smallestBuffer = 8 // as a power of two
	bufferSizes    = 14
	keptBytes      = 1 << 20 // of each size, and at least two buffers
)

func bufferSize(n int) int { return max(0, bits.Len(uint(n-1))-smallestBuffer) }

// buffer returns n bytes, of any content.
func (r *Reader) buffer(n int) []byte {
	if n == 0 {
		return nil
	}
	size := bufferSize(n)
	if size >= bufferSizes {
		return make([]byte, n)
	}
	list := &r.free[size]
	if last := len(*list) - 1; last >= 0 {
		b := (*list)[last]
		*list = (*list)[:last]
		return b[:n]
	}
	return make([]byte, n, 1<<(size+smallestBuffer))
}

func (r *Reader) recycle(b []byte) {
	if cap(b) == 0 {
		return
	}
	size := bufferSize(cap(b))
	if size < bufferSizes && cap(b) == 1<<(size+smallestBuffer) && len(r.free[size]) < max(2, keptBytes>>(size+smallestBuffer)) {
		r.free[size] = append(r.free[size], b)
	}
}
