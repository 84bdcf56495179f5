package pack

import (
	"encoding/binary"
	"fmt"
)

// inflater undoes zlib's compression (RFC 1950 and 1951) of objects whose length
// is known. It takes a third of the time of a reader that is made for streams,
// and keeps nothing from one object to the next but its tables.
type inflater struct {
	in  []byte
	pos int // of the next byte that is not in window; past the end, zeros follow
	window

	literals, distances, lengths  table // of the block
	fixedLiterals, fixedDistances table
	all                           [maxLiterals + maxDistances]uint8 // lengths of codes
	mean                          meanings
	ready                         bool
}

// window is the next bits of the input, the first lowest, and how many of them
// there are.
type window struct {
	bits uint64
	have uint
}

// The alphabets of deflate.
const (
	maxLiterals  = 286
	maxDistances = 30
	endOfBlock   = 256
	longestCode  = 15

	// Of a code, the most that a table is asked for at once.
	literalBits  = 10
	distanceBits = 8
	lengthBits   = 7
)

// checksumSize is how many bytes follow the stream.
const checksumSize = 4

var errInflate = fmt.Errorf("inflating: %w", ErrDamaged)

// inflate fills out, which has the length of the content, from the beginning of
// in, and demands that the stream ends there. The checksum behind it is passed
// over: whoever rests on an object holds it to its id, which says more.
func (f *inflater) inflate(out, in []byte) error {
	// Deflate, a window of at most 32 KiB, no dictionary.
	if len(in) < 2 || in[0]&15 != 8 || in[0]>>4 > 7 || (uint(in[0])<<8|uint(in[1]))%31 != 0 || in[1]&0x20 != 0 {
		return errInflate
	}
	f.begin(in)
	n := 0
	for last := false; !last; {
		head := f.take(3)
		last = head&1 != 0
		ok := false
		switch head >> 1 {
		case 0:
			n, ok = f.stored(out, n)
		case 1:
			f.fixed()
			n, ok = f.block(out, n, &f.fixedLiterals, &f.fixedDistances)
		case 2:
			if f.dynamic() {
				n, ok = f.block(out, n, &f.literals, &f.distances)
			}
		}
		if !ok || f.used() > len(in) {
			return errInflate
		}
	}
	if n != len(out) || len(in)-f.used() < checksumSize {
		return errInflate
	}
	return nil
}

func (f *inflater) begin(in []byte) {
	f.in, f.pos, f.window = in, 2, window{}
	if !f.ready {
		f.ready = true
		f.mean.init()
		f.literals.root, f.fixedLiterals.root = literalBits, literalBits
		f.distances.root, f.fixedDistances.root = distanceBits, distanceBits
		f.lengths.root = lengthBits
	}
}

// used is how many bytes of the input were taken, the last perhaps in part.
func (f *inflater) used() int { return f.pos - int(f.have/8) }

// fill takes in as many bits as there is room for, at least 56.
func (w window) fill(in []byte, pos int) (window, int) {
	if pos+8 <= len(in) {
		w.bits |= binary.LittleEndian.Uint64(in[pos:]) << (w.have & 63)
		pos += int((63 - w.have) >> 3)
		w.have |= 56
		return w, pos
	}
	return w.last(in, pos)
}

// last is fill near the end of the input, after which zeros follow: whoever
// takes them has used more than there is.
func (w window) last(in []byte, pos int) (window, int) {
	for ; w.have <= 56; pos++ {
		if pos < len(in) {
			w.bits |= uint64(in[pos]) << w.have
		}
		w.have += 8
	}
	return w, pos
}

// skip passes over n bits, fewer than there are.
func (w window) skip(n uint) window {
	return window{bits: w.bits >> (n & 63), have: w.have - n}
}

// take returns the next n bits, at most 16.
func (f *inflater) take(n uint) uint {
	if f.have < n {
		f.window, f.pos = f.fill(f.in, f.pos)
	}
	v := uint(f.bits) & (1<<n - 1)
	f.window = f.skip(n)
	return v
}

// stored copies a block that is not compressed.
func (f *inflater) stored(out []byte, n int) (int, bool) {
	f.pos = f.used()
	f.window = window{}
	if len(f.in)-f.pos < 4 {
		return n, false
	}
	size := int(binary.LittleEndian.Uint16(f.in[f.pos:]))
	if size != int(^binary.LittleEndian.Uint16(f.in[f.pos+2:])) || size > len(f.in)-f.pos-4 || size > len(out)-n {
		return n, false
	}
	f.pos += 4
	copy(out[n:], f.in[f.pos:f.pos+size])
	f.pos += size
	return n + size, true
}

// block undoes a compressed block from out[n] on.
func (f *inflater) block(out []byte, n int, literals, distances *table) (int, bool) {
	in, pos, w := f.in, f.pos, f.window
	short := (*[1 << literalBits]code)(literals.codes)
	near := (*[1 << distanceBits]code)(distances.codes)
	for {
		w, pos = w.fill(in, pos)
		c := short[w.bits&(1<<literalBits-1)]
		for c&literal != 0 && w.have >= 2*longestCode {
			if uint(n) >= uint(len(out)) {
				return n, false
			}
			out[n] = byte(c >> 16)
			n++
			w = w.skip(c.length())
			c = short[w.bits&(1<<literalBits-1)]
		}
		if c&further != 0 {
			c = literals.codes[c.value()+int(w.bits>>literalBits&(1<<c.extra()-1))]
		}
		if c&literal != 0 {
			if uint(n) >= uint(len(out)) {
				return n, false
			}
			out[n] = byte(c >> 16)
			n++
			w = w.skip(c.length())
			continue
		}
		w = w.skip(c.length())
		if c&copied == 0 {
			f.pos, f.window = pos, w
			return n, c&end != 0
		}
		if w.have < 5+longestCode+13 { // what is added to a length, a distance, and what is added to that
			w, pos = w.fill(in, pos)
		}
		size := c.value() + int(w.bits&(1<<c.extra()-1))
		w = w.skip(c.extra())
		d := near[w.bits&(1<<distanceBits-1)]
		if d&further != 0 {
			d = distances.codes[d.value()+int(w.bits>>distanceBits&(1<<d.extra()-1))]
		}
		w = w.skip(d.length())
		back := d.value() + int(w.bits&(1<<d.extra()-1))
		w = w.skip(d.extra())
		if d&copied == 0 || back > n || size > len(out)-n {
			return n, false
		}
		repeat(out, n, back, size)
		n += size
	}
}

// repeat writes size bytes to out[n:] that stand so far back. What is copied may
// begin with what it makes. As long as there is room it writes some bytes more,
// which whatever follows will overwrite.
func repeat(out []byte, n, back, size int) {
	if back >= 8 && size <= 32 && len(out)-n >= 40 {
		from, to := out[n-back:], out[n:n+40]
		for i := 0; i < size; i += 8 {
			binary.LittleEndian.PutUint64(to[i:], binary.LittleEndian.Uint64(from[i:]))
		}
		return
	}
	if back >= size {
		copy(out[n:n+size], out[n-back:])
		return
	}
	for i := range size {
		out[n+i] = out[n-back+i]
	}
}

// order is that of the lengths of the code that the other lengths are written in.
const order = "\x10\x11\x12\x00\x08\x07\x09\x06\x0a\x05\x0b\x04\x0c\x03\x0d\x02\x0e\x01\x0f"

// dynamic reads the codes of a block.
func (f *inflater) dynamic() bool {
	head := f.take(14)
	literals, distances, n := int(head&31)+257, int(head>>5&31)+1, int(head>>10)+4
	if literals > maxLiterals || distances > maxDistances {
		return false
	}
	var lengths [19]uint8
	for i := range n {
		lengths[order[i]] = uint8(f.take(3))
	}
	if !f.lengths.build(lengths[:], f.mean.lengths[:]) {
		return false
	}
	all := f.all[:literals+distances]
	if !f.readLengths(all) || all[endOfBlock] == 0 {
		return false
	}
	return f.literals.build(all[:literals], f.mean.literals[:]) && f.distances.build(all[literals:], f.mean.distances[:])
}

// readLengths reads the lengths of codes, which are themselves in a code.
func (f *inflater) readLengths(all []uint8) bool {
	in, pos, w := f.in, f.pos, f.window
	codes := (*[1 << lengthBits]code)(f.lengths.codes)
	for i := 0; i < len(all); {
		if w.have < lengthBits+7 {
			w, pos = w.fill(in, pos)
		}
		c := codes[w.bits&(1<<lengthBits-1)]
		if c == 0 {
			return false
		}
		w = w.skip(c.length())
		value, n := uint8(c>>16), 1
		switch value {
		case 16:
			if i == 0 {
				return false
			}
			value, n = all[i-1], 3+int(w.bits&3)
			w = w.skip(2)
		case 17:
			value, n = 0, 3+int(w.bits&7)
			w = w.skip(3)
		case 18:
			value, n = 0, 11+int(w.bits&127)
			w = w.skip(7)
		}
		if n > len(all)-i {
			return false
		}
		for range n {
			all[i] = value
			i++
		}
	}
	f.pos, f.window = pos, w
	return true
}

// fixed makes the tables of blocks that bring none.
func (f *inflater) fixed() {
	if f.fixedLiterals.codes != nil {
		return
	}
	var lengths [maxSymbols]uint8
	for i := range lengths {
		switch {
		case i < 144 || i > 279:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		default:
			lengths[i] = 7
		}
	}
	_ = f.fixedLiterals.build(lengths[:], f.mean.literals[:])
	for i := range 32 {
		lengths[i] = 5
	}
	_ = f.fixedDistances.build(lengths[:32], f.mean.distances[:])
}
