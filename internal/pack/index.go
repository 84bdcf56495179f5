package pack

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"sync"
	"sync/atomic"
)

// index is a pack's index, of version 2: ids in order, with where each object
// begins. Integers are in network byte order.
type index struct {
	fanout  []byte // 256 counts of ids whose first byte is at most the position
	names   []byte
	offsets []byte // 4 bytes each; the first bit says that the rest counts large
	large   []byte // 8 bytes each
	count   int

	refining sync.Once
	refined  atomic.Pointer[fineFanout]
}

// fineFanout says where ids begin whose first bits are at least the position, so
// that a few names are left to look at. It is made for whoever looks up much.
type fineFanout struct {
	shift uint // of the first 32 bits of an id
	from  []uint32
}

const (
	indexHeader  = 8
	fanoutSize   = 256 * 4
	indexTrailer = 2 * IDSize // checksums of the pack and of the index
	largeOffset  = 1 << 31
)

// parseIndex takes an index apart; data stays in use.
func parseIndex(data []byte) (*index, error) {
	if len(data) < indexHeader+fanoutSize+indexTrailer || !bytes.HasPrefix(data, []byte("\xfftOc")) {
		return nil, fmt.Errorf("pack index of version 1: %w", ErrUnsupported)
	}
	if v := binary.BigEndian.Uint32(data[4:]); v != 2 {
		return nil, fmt.Errorf("pack index of version %d: %w", v, ErrUnsupported)
	}
	x := &index{fanout: data[indexHeader : indexHeader+fanoutSize]}
	last := 0
	for i := range 256 {
		n := x.upTo(i)
		if n < last {
			return nil, fmt.Errorf("pack index: counts fall at %d: %w", i, ErrDamaged)
		}
		last = n
	}
	x.count = last
	rest := data[indexHeader+fanoutSize : len(data)-indexTrailer]
	if len(rest)/(IDSize+8) < x.count {
		return nil, fmt.Errorf("pack index: %d bytes for %d objects: %w", len(data), x.count, ErrDamaged)
	}
	x.names, rest = rest[:x.count*IDSize], rest[x.count*IDSize:]
	rest = rest[x.count*4:] // checksums of the packed bytes, which ids make redundant
	x.offsets, x.large = rest[:x.count*4], rest[x.count*4:]
	return x, nil
}

func (x *index) upTo(first int) int { return int(binary.BigEndian.Uint32(x.fanout[4*first:])) }

// find returns where an object begins in the pack.
func (x *index) find(id ID) (offset uint64, ok bool) {
	i, ok := x.position(id)
	if !ok {
		return 0, false
	}
	return x.offset(i)
}

// position returns the number of an id among the names.
func (x *index) position(id ID) (int, bool) {
	if f := x.refined.Load(); f != nil {
		at := binary.BigEndian.Uint32(id[:]) >> f.shift
		return x.scan(int(f.from[at]), int(f.from[at+1]), id)
	}
	lo, hi := 0, x.upTo(int(id[0]))
	if id[0] > 0 {
		lo = x.upTo(int(id[0]) - 1)
	}
	i := x.search(lo, hi, id)
	if i == hi || !bytes.Equal(x.name(i), id[:]) {
		return 0, false
	}
	return i, true
}

// scan looks through a few names.
func (x *index) scan(lo, hi int, id ID) (int, bool) {
	if hi-lo > 16 {
		lo = x.search(lo, hi, id)
		hi = min(hi, lo+1)
	}
	want := binary.LittleEndian.Uint64(id[:])
	for ; lo < hi; lo++ {
		name := x.name(lo)
		if binary.LittleEndian.Uint64(name) == want && bytes.Equal(name[8:], id[8:]) {
			return lo, true
		}
	}
	return 0, false
}

// refine readies the index for many questions.
func (x *index) refine() {
	x.refining.Do(func() {
		width := min(max(bits.Len(uint(x.count)), 3)-2, 22)
		f := &fineFanout{shift: uint(32 - width), from: make([]uint32, 1<<width+1)}
		next := 0 // the first position not filled in
		for i := range x.count {
			at := int(binary.BigEndian.Uint32(x.name(i)) >> f.shift)
			if at+1 < next {
				return // out of order, so damaged; it is left to the slow way
			}
			for ; next <= at; next++ {
				f.from[next] = uint32(i)
			}
		}
		for ; next < len(f.from); next++ {
			f.from[next] = uint32(x.count)
		}
		x.refined.Store(f)
	})
}

// search returns the first position from lo on, and below hi, whose name is not
// less than id. Names are spread evenly, so a guess lands near, and a few
// halvings do the rest.
func (x *index) search(lo, hi int, id ID) int {
	want := binary.BigEndian.Uint32(id[1:])
	for guesses := 0; hi-lo > 8; guesses++ {
		mid := lo + (hi-lo)/2
		if guesses < 3 {
			from, to := binary.BigEndian.Uint32(x.name(lo)[1:]), binary.BigEndian.Uint32(x.name(hi - 1)[1:])
			if from <= want && want < to {
				mid = lo + int(uint64(want-from)*uint64(hi-1-lo)/uint64(to-from))
			}
		}
		if bytes.Compare(x.name(mid), id[:]) < 0 {
			lo = mid + 1
		} else {
			if mid == lo || bytes.Compare(x.name(mid-1), id[:]) < 0 {
				return mid
			}
			hi = mid
		}
	}
	for lo < hi && bytes.Compare(x.name(lo), id[:]) < 0 {
		lo++
	}
	return lo
}

func (x *index) name(i int) []byte { return x.names[i*IDSize : (i+1)*IDSize] }

// offset returns where object i begins; false says that the index is damaged.
func (x *index) offset(i int) (uint64, bool) {
	at := binary.BigEndian.Uint32(x.offsets[4*i:])
	if at&largeOffset == 0 {
		return uint64(at), true
	}
	j := int(at &^ uint32(largeOffset))
	if len(x.large)/8 <= j {
		return 0, false
	}
	return binary.BigEndian.Uint64(x.large[8*j:]), true
}
