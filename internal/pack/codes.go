package pack

import "slices"

// code is what some bits stand for.
type code struct {
	value uint16 // a byte, the least of some lengths or distances, or where to look further
	bits  uint8  // how many there are
	more  uint8  // its kind, and the number of bits that follow and are added, or that the table behind is asked for
}

func newCode(value uint16, extra uint8, kind codeKind) code {
	return code{value: value, more: uint8(kind)<<4 | extra}
}

func (c code) kind() codeKind { return codeKind(c.more >> 4) }
func (c code) extra() uint    { return uint(c.more & 15) }

type codeKind uint8

const (
	none codeKind = iota
	literal
	copied // a length, or a distance
	end
	further
)

// table finds a code by the bits that come next: by at most root of them, and by
// more in the tables behind that.
type table struct {
	codes []code
	root  uint
}

// build makes the table of a code from the lengths of its codes. As in zlib a
// code has to be complete, unless it is one code of one bit, or none at all. A
// small table is made faster than a large one is used often enough.
func (t *table) build(lengths []uint8, mean func(symbol int) code) bool {
	var count [longestCode + 1]int
	codes, longest := 0, uint(0)
	for _, n := range lengths {
		if n > 0 {
			count[n]++
			codes++
			longest = max(longest, uint(n))
		}
	}
	var next [longestCode + 2]uint
	left := 1
	for n := 1; n <= longestCode; n++ {
		left = left<<1 - count[n]
		if left < 0 {
			return false
		}
		next[n+1] = (next[n] + uint(count[n])) << 1
	}
	if left > 0 && (codes > 1 || longest > 1) {
		return false
	}
	t.root = min(longest, rootBits)
	t.codes = slices.Grow(t.codes[:0], 1<<t.root)[:1<<t.root]
	if left > 0 || longest > rootBits {
		clear(t.codes)
	}
	for symbol, length := range lengths {
		if length == 0 {
			continue
		}
		n := uint(length)
		at := reversed(next[n], n)
		next[n]++
		c := mean(symbol)
		c.bits = length
		if n > t.root {
			t.behind(at, n, longest-t.root, c)
			continue
		}
		for ; at < uint(len(t.codes)) && at < 1<<t.root; at += 1 << n {
			t.codes[at] = c
		}
	}
	return true
}

// behind puts a code of n bits, more than the root has, into a table that is
// asked for so many bits more.
func (t *table) behind(at, n, more uint, c code) {
	root := &t.codes[at&(1<<t.root-1)]
	if root.kind() == none {
		*root = newCode(uint16(len(t.codes)), uint8(more), further)
		t.codes = append(t.codes, make([]code, 1<<more)...)
	}
	inner := t.codes[t.codes[at&(1<<t.root-1)].value:]
	for i := at >> t.root; i < 1<<more; i += 1 << (n - t.root) {
		inner[i] = c
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
	return code{}
}

func distanceCode(symbol int) code {
	switch {
	case symbol < 4:
		return newCode(uint16(symbol+1), 0, copied)
	case symbol < maxDistances:
		extra := uint(symbol-2) / 2
		return newCode(uint16(1+(2+uint(symbol)%2)<<extra), uint8(extra), copied)
	}
	return code{}
}
