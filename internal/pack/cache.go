package pack

// keep puts an object into the cache and returns it held.
func (r *Reader) keep(k key, id ID, kind Kind, data []byte) *Object {
	o := &Object{Kind: kind, Data: data, key: k, id: id, holds: 1}
	if k.pack != nil {
		r.objects[k] = o
	} else {
		r.loose[id] = o
	}
	r.size += len(data)
	r.link(o)
	r.trim()
	return o
}

// trim forgets what was used longest ago and is not held.
func (r *Reader) trim() {
	for o := r.oldest; o != nil && r.size > r.budget; {
		next := o.newer
		if o.holds == 0 {
			r.forget(o)
			r.recycle(o.Data)
			o.Data = nil
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
		delete(r.objects, o.key)
	} else {
		delete(r.loose, o.id)
	}
	r.size -= len(o.Data)
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

// keptBuffers is how many buffers wait for their next use.
const keptBuffers = 64

// buffer returns n bytes, of any content.
func (r *Reader) buffer(n int) []byte {
	for i := len(r.free) - 1; i >= 0; i-- {
		b := r.free[i]
		if cap(b) >= n && cap(b) <= 4*n+256 {
			last := len(r.free) - 1
			r.free[i] = r.free[last]
			r.free = r.free[:last]
			return b[:n]
		}
	}
	return make([]byte, n, n+n/8+16)
}

func (r *Reader) recycle(b []byte) {
	if len(r.free) < keptBuffers {
		r.free = append(r.free, b)
	}
}
