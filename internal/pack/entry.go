package pack

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// packFile is one pack with its index.
type packFile struct {
	path  string
	data  []byte
	index *index
	maps  [][]byte // to be unmapped
}

const packHeader = 12

// openPack maps a pack and the index at the path.
func openPack(idxPath, packPath string) (*packFile, error) {
	idx, err := mapFile(idxPath)
	if err != nil {
		return nil, err
	}
	p := &packFile{path: packPath, maps: [][]byte{idx}}
	if p.index, err = parseIndex(idx); err == nil {
		err = p.open()
	}
	if err != nil {
		_ = p.close()
		return nil, fmt.Errorf("%s: %w", packPath, err)
	}
	return p, nil
}

func (p *packFile) open() error {
	data, err := mapFile(p.path)
	if err != nil {
		return err
	}
	p.data, p.maps = data, append(p.maps, data)
	if len(data) < packHeader+IDSize || !bytes.HasPrefix(data, []byte("PACK")) {
		return ErrDamaged
	}
	if v := binary.BigEndian.Uint32(data[4:]); v != 2 {
		return fmt.Errorf("pack of version %d: %w", v, ErrUnsupported)
	}
	return nil
}

func (p *packFile) close() error {
	var first error
	for _, m := range p.maps {
		if err := unmap(m); err != nil && first == nil {
			first = err
		}
	}
	p.maps = nil
	return first
}

// entry is the head of an object in a pack.
type entry struct {
	kind Kind
	size int    // of what is deflated, in bytes
	at   uint64 // where that begins
	base uint64 // of an offset delta
	ref  ID     // of a ref delta
}

// maxSize bounds what is read into memory.
const maxSize = 64 << 20

// entry reads the head of the object at an offset.
func (p *packFile) entry(offset uint64) (entry, error) {
	var e entry
	end := uint64(len(p.data) - IDSize)
	if offset < packHeader || offset >= end {
		return e, fmt.Errorf("%s: nothing can begin at %d: %w", p.path, offset, ErrDamaged)
	}
	in := p.data[offset:end]
	n := 0
	c := in[n]
	n++
	e.kind = Kind(c >> 4 & 7)
	size, shift := uint64(c&15), 4
	for c&0x80 != 0 {
		if n == len(in) || shift > 56 {
			return e, p.damaged(offset)
		}
		c = in[n]
		n++
		size |= uint64(c&0x7f) << shift
		shift += 7
	}
	if size > maxSize {
		return e, fmt.Errorf("%s: the object at %d has %d bytes, at most %d are read: %w", p.path, offset, size, maxSize, ErrUnsupported)
	}
	e.size = int(size)
	switch e.kind {
	case Commit, Tree, Blob, Tag:
	case offsetDelta:
		back, used := backward(in[n:])
		if used == 0 || back == 0 || back >= offset {
			return e, p.damaged(offset)
		}
		n += used
		e.base = offset - back
	case refDelta:
		if len(in)-n < IDSize {
			return e, p.damaged(offset)
		}
		n += copy(e.ref[:], in[n:])
	default:
		return e, p.damaged(offset)
	}
	e.at = offset + uint64(n)
	return e, nil
}

// backward reads how far before its delta a base begins; used is 0 where that
// is cut off or too large.
func backward(in []byte) (back uint64, used int) {
	for i, c := range in {
		if i == 9 {
			break
		}
		if i > 0 {
			back++
		}
		back = back<<7 | uint64(c&0x7f)
		if c&0x80 == 0 {
			return back, i + 1
		}
	}
	return 0, 0
}

func (p *packFile) damaged(offset uint64) error {
	return fmt.Errorf("%s: the object at %d: %w", p.path, offset, ErrDamaged)
}
