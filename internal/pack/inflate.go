package pack

import (
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"math/bits"
)

// inflater undoes zlib's compression (RFC 1950 and 1951) of objects whose length
// is known. It takes half the time of a reader that is made for streams, and
// keeps nothing from one object to the next but its tables.
type inflater struct {
	in   []byte
	pos  int    // of the next byte that is not in bits
	bits uint64 // the next bits, the first lowest
	have uint   // how many of them there are

	literals, distances           table // of the block
	fixedLiterals, fixedDistances table
	lengths                       [maxLiterals + maxDistances]uint8
}

// The alphabets of deflate.
const (
	maxLiterals  = 286
	maxDistances = 30
	endOfBlock   = 256
	longestCode  = 15
	rootBits     = 10 // of a code, the most that a table is asked for at once
)

var errInflate = fmt.Errorf("inflating: %w", ErrDamaged)

// inflate fills out, which has the length of the content, from the beginning of
// in, and demands that the stream ends there and that its checksum is right.
func (f *inflater) inflate(out, in []byte) error {
	// Deflate, a window of at most 32 KiB, no dictionary.
	if len(in) < 2 || in[0]&15 != 8 || in[0]>>4 > 7 || (uint(in[0])<<8|uint(in[1]))%31 != 0 || in[1]&0x20 != 0 {
		return errInflate
	}
	f.in, f.pos, f.bits, f.have = in, 2, 0, 0
	n := 0
	for last := false; !last; {
		head, ok := f.take(3)
		if !ok {
			return errInflate
		}
		last = head&1 != 0
		switch head >> 1 {
		case 0:
			n, ok = f.stored(out, n)
		case 1:
			f.fixed()
			n, ok = f.block(out, n, &f.fixedLiterals, &f.fixedDistances)
		case 2:
			if ok = f.dynamic(); ok {
				n, ok = f.block(out, n, &f.literals, &f.distances)
			}
		default:
			ok = false
		}
		if !ok {
			return errInflate
		}
	}
	sum := f.pos - int(f.have/8)
	if n != len(out) || len(in)-sum < 4 || binary.BigEndian.Uint32(in[sum:]) != adler32.Checksum(out) {
		return errInflate
	}
	return nil
}

// fill takes in as many bits as there is room for, at least 56 unless the input
// ends.
func (f *inflater) fill() {
	if len(f.in)-f.pos >= 8 {
		f.bits |= binary.LittleEndian.Uint64(f.in[f.pos:]) << f.have
		f.pos += int((63 - f.have) >> 3)
		f.have |= 56
		return
	}
	for f.have <= 56 && f.pos < len(f.in) {
		f.bits |= uint64(f.in[f.pos]) << f.have
		f.pos++
		f.have += 8
	}
}

// take returns the next n bits, at most 16.
func (f *inflater) take(n uint) (uint, bool) {
	if f.have < n {
		f.fill()
	}
	v := uint(f.bits) & (1<<n - 1)
	if f.have < n {
		return 0, false
	}
	f.bits >>= n
	f.have -= n
	return v, true
}

// stored copies a block that is not compressed.
func (f *inflater) stored(out []byte, n int) (int, bool) {
	f.pos -= int(f.have / 8)
	f.bits, f.have = 0, 0
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
	for {
		f.fill() // enough for a length, a distance and what both add: 48 bits
		c := f.lookUp(literals)
		for c.kind() == literal && n < len(out) {
			out[n] = byte(c.value)
			n++
			if f.have < longestCode {
				f.fill()
			}
			c = f.lookUp(literals)
		}
		if c.kind() == end {
			return n, true
		}
		if c.kind() != copied || n >= len(out) {
			return n, false
		}
		if f.have < 33 {
			f.fill()
		}
		size, ok := f.add(c)
		d := f.lookUp(distances)
		back, ok2 := f.add(d)
		if !ok || !ok2 || d.kind() != copied || back > n || size > len(out)-n {
			return n, false
		}
		if from := n - back; back >= size {
			copy(out[n:n+size], out[from:from+size])
		} else {
			for i := range size { // what is copied may begin with what it makes
				out[n+i] = out[from+i]
			}
		}
		n += size
	}
}

// lookUp takes the next code; one of no kind says that there is none.
func (f *inflater) lookUp(t *table) code {
	c := t.codes[f.bits&(1<<t.root-1)]
	if c.kind() == further {
		c = t.codes[int(c.value)+int(f.bits>>t.root&(1<<c.extra()-1))]
	}
	if uint(c.bits) > f.have {
		return code{}
	}
	f.bits >>= c.bits
	f.have -= uint(c.bits)
	return c
}

// add returns the value of a code and of the bits that follow it.
func (f *inflater) add(c code) (int, bool) {
	n := c.extra()
	v := int(c.value) + int(f.bits&(1<<n-1))
	if f.have < n {
		return 0, false
	}
	f.bits >>= n
	f.have -= n
	return v, true
}

// order is that of the lengths of the code that the other lengths are written in.
const order = "\x10\x11\x12\x00\x08\x07\x09\x06\x0a\x05\x0b\x04\x0c\x03\x0d\x02\x0e\x01\x0f"

// dynamic reads the codes of a block.
func (f *inflater) dynamic() bool {
	head, ok := f.take(14)
	literals, distances, n := int(head&31)+257, int(head>>5&31)+1, int(head>>10)+4
	if !ok || literals > maxLiterals || distances > maxDistances {
		return false
	}
	var lengths [19]uint8
	for i := range n {
		v, ok := f.take(3)
		if !ok {
			return false
		}
		lengths[order[i]] = uint8(v)
	}
	if !f.literals.build(lengths[:], plainCode) {
		return false
	}
	all := f.lengths[:literals+distances]
	if !f.readLengths(all) || all[endOfBlock] == 0 {
		return false
	}
	return f.literals.build(all[:literals], literalCode) && f.distances.build(all[literals:], distanceCode)
}

// readLengths reads the lengths of codes, which are themselves in a code.
func (f *inflater) readLengths(all []uint8) bool {
	for i := 0; i < len(all); {
		f.fill()
		c := f.lookUp(&f.literals)
		if c.kind() == none {
			return false
		}
		if c.value < 16 {
			all[i] = uint8(c.value)
			i++
			continue
		}
		value, least, n := uint8(0), uint(3), uint(3)
		switch c.value {
		case 16:
			if i == 0 {
				return false
			}
			value, n = all[i-1], 2
		case 18:
			least, n = 11, 7
		}
		more, ok := f.take(n)
		if !ok || int(least+more) > len(all)-i {
			return false
		}
		for range least + more {
			all[i] = value
			i++
		}
	}
	return true
}

// fixed makes the tables of blocks that bring none.
func (f *inflater) fixed() {
	if f.fixedLiterals.codes != nil {
		return
	}
	var lengths [288]uint8
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
	_ = f.fixedLiterals.build(lengths[:], literalCode)
	for i := range 32 {
		lengths[i] = 5
	}
	_ = f.fixedDistances.build(lengths[:32], distanceCode)
}

// reversed is a code of n bits, the first bit lowest.
func reversed(v uint, n uint) uint { return uint(bits.Reverse16(uint16(v)) >> (16 - n)) }
