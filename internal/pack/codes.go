package pack

import "encoding/binary"

// code is what some bits stand for: how many they are in its lowest 8 bits, how
// many more follow and are added in the next 4, its kind in 4, and a value in
// 16, which is a byte, the least of some lengths or distances, or where in the
// table to look further.
type code uint32

// The kinds of codes; one of none stands for nothing.
const (
	literal code = 1 << (12 + iota)
	copied       // a length, or a distance
	end
	further
)

func newCode(value uint16, extra uint8, kind code) code {
	return code(value)<<16 | kind | code(extra)<<8
}

func (c code) length() uint { return uint(c & 0xff) }
func (c code) extra() uint  { return uint(c >> 8 & 15) }
func (c code) value() int   { return int(c >> 16) }

// table finds a code by the bits that come next: by root of them, and by more in
// the tables behind that.
type table struct {
	codes []code
	root  uint

	used, sorted [maxSymbols]uint16
}

const maxSymbols = 288

// build makes the table of a code from the lengths of its codes, and what each
// stands for. As in zlib a code has to be complete, unless it is one code of one
// bit, or none at all.
func (t *table) build(lengths []uint8, mean []code) bool {
	var count [longestCode + 1]int
	used := t.used[:0]
	for symbol := 0; symbol < len(lengths); symbol++ {
		if symbol+8 <= len(lengths) && binary.LittleEndian.Uint64(lengths[symbol:]) == 0 {
			symbol += 7
			continue
		}
		if n := lengths[symbol]; n > 0 {
			count[n&longestCode]++
			used = append(used, uint16(symbol))
		}
	}
	codes, left, longest := 0, 1, uint(0)
	var place [longestCode + 1]int
	for n := uint(1); n <= longestCode; n++ {
		if left = left<<1 - count[n]; left < 0 {
			return false
		}
		place[n] = codes
		if count[n] > 0 {
			codes, longest = codes+count[n], n
		}
	}
	if left > 0 && (codes > 1 || longest > 1) {
		return false
	}
	for _, symbol := range used {
		n := lengths[symbol]
		t.sorted[place[n]] = symbol
		place[n]++
	}
	if t.codes == nil {
		t.codes = make([]code, 1<<t.root, 2<<t.root)
	}
	t.codes = t.codes[:1<<t.root]
	t.fill(t.sorted[:codes], &count, longest, mean)
	return true
}

// fill enters codes from the shortest to the longest. Each is entered once for
// as many bits as it has, and what is there doubles with every bit more.
func (t *table) fill(sorted []uint16, count *[longestCode + 1]int, longest uint, mean []code) {
	at, size := uint(0), uint(2) // the next code, its first bit lowest; what is entered so far
	if len(sorted) < 2 {
		clear(t.codes[:2])
	}
	for n := uint(1); n <= longest; n++ {
		if n > 1 && n <= t.root {
			copy(t.codes[size:2*size], t.codes[:size])
			size *= 2
		}
		for range count[n] {
			c := mean[sorted[0]] | code(n)
			if sorted = sorted[1:]; n <= t.root {
				t.codes[at] = c
			} else {
				t.behind(at, n, longest-t.root, c)
			}
			at = following(at, n)
		}
	}
	for ; size < 1<<t.root; size *= 2 {
		copy(t.codes[size:2*size], t.codes[:size])
	}
}

// following counts up a code of n bits of which the first is the lowest.
func following(at, n uint) uint {
	bit := uint(1) << (n - 1)
	for at&bit != 0 {
		at &^= bit
		bit >>= 1
	}
	return at | bit
}

// behind puts a code of n bits, more than the root has, into a table that is
// asked for so many bits more. Codes that begin alike follow one another.
func (t *table) behind(at, n, more uint, c code) {
	root := &t.codes[at&(1<<t.root-1)]
	if at>>t.root == 0 { // the first of those
		*root = newCode(uint16(len(t.codes)), uint8(more), further)
		for range 1 << more {
			t.codes = append(t.codes, 0)
		}
		root = &t.codes[at&(1<<t.root-1)]
	}
	inner := t.codes[root.value():]
	for i := at >> t.root; i < 1<<more; i += 1 << (n - t.root) {
		inner[i] = c
	}
}

// meanings are what the symbols of deflate's alphabets stand for.
type meanings struct {
	literals  [maxSymbols]code
	distances [maxDistances + 2]code
	lengths   [19]code
}

func (m *meanings) init() {
	for i := range m.literals {
		m.literals[i] = literalCode(i)
	}
	for i := range maxDistances {
		m.distances[i] = distanceCode(i)
	}
	for i := range m.lengths {
		m.lengths[i] = plainCode(i)
	}
}

func plainCode(symbol int) code { return newCode(uint16(symbol), 0, literal) }

func literalCode(symbol int) code {
	switch {
	case symbol < endOfBlock:
		return plainCode(symbol)
	case symbol == endOfBlock:
		return newCode(0, 0, end)
	case symbol < 265:
		return newCode(uint16(symbol-254), 0, copied)
	case symbol < 285:
		extra := uint(symbol-261) / 4
		return newCode(uint16(3+(4+uint(symbol-261)%4)<<extra), uint8(extra), copied)
	case symbol == 285:
		return newCode(258, 0, copied)
	}
	return 0
}

func distanceCode(symbol int) code {
	if symbol < 4 {
		return newCode(uint16(symbol+1), 0, copied)
	}
	extra := uint(symbol-2) / 2
	return newCode(uint16(1+(2+uint(symbol)%2)<<extra), uint8(extra), copied)
}
