package gitrepo

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha1" // the checksum of a pack
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// packed says where in a pack an object begins.
type packed struct {
	offset int64 // 0 when it is not in the pack
	size   int   // unpacked, in bytes
	depth  int   // how many deltas have to be undone to read it
}

// The object types of the pack format.
var packTypes = map[string]byte{"commit": 1, "tree": 2, "blob": 3}

const (
	packOffsetDelta = 6
	packHeaderSize  = 12
	deltaDepthLimit = 50 // git's own: deeper chains are slow to read
)

// packSpool collects objects in a file, since a pack begins with their number.
type packSpool struct {
	file  *os.File
	out   *bufio.Writer
	next  int64 // offset in the pack to be
	count uint32
	zip   *zlib.Writer
	buf   bytes.Buffer
}

// newPackSpool opens a spool in a repository's object directory, under a name
// that `git gc` removes should it be left behind.
func newPackSpool(objectDir string) (*packSpool, error) {
	f, err := os.CreateTemp(objectDir, "tmp_pack_*")
	if err != nil {
		return nil, err
	}
	s := &packSpool{file: f, out: bufio.NewWriterSize(f, 1<<20), next: packHeaderSize}
	// Speed over size: git packs again with its first gc.
	s.zip, err = zlib.NewWriterLevel(&s.buf, zlib.BestSpeed)
	return s, err
}

// put appends a whole object.
func (s *packSpool) put(kind string, data []byte) (packed, error) {
	at := packed{offset: s.next, size: len(data)}
	return at, s.append(packTypes[kind], nil, data)
}

// putDelta appends an object as its difference from one that is in the pack.
func (s *packSpool) putDelta(base packed, delta []byte, size int) (packed, error) {
	at := packed{offset: s.next, size: size, depth: base.depth + 1}
	return at, s.append(packOffsetDelta, offsetBytes(s.next-base.offset), delta)
}

func (s *packSpool) append(kind byte, reference, data []byte) error {
	s.buf.Reset()
	s.buf.Write(sizeBytes(kind, len(data)))
	s.buf.Write(reference)
	s.zip.Reset(&s.buf)
	if _, err := s.zip.Write(data); err != nil {
		return err
	}
	if err := s.zip.Close(); err != nil {
		return err
	}
	n, err := s.out.Write(s.buf.Bytes())
	s.next += int64(n)
	s.count++
	return err
}

// sizeBytes is the header of an object: type and size in base 128, low bits first.
func sizeBytes(kind byte, size int) []byte {
	b := []byte{kind<<4 | byte(size&0x0f)}
	for size >>= 4; size > 0; size >>= 7 {
		b[len(b)-1] |= 0x80
		b = append(b, byte(size&0x7f))
	}
	return b
}

// offsetBytes is the distance to a delta's base: base 128, high bits first, and
// one is taken off at each step so that no distance has two spellings.
func offsetBytes(distance int64) []byte {
	b := []byte{byte(distance & 0x7f)}
	for distance >>= 7; distance > 0; distance >>= 7 {
		distance--
		b = append([]byte{0x80 | byte(distance&0x7f)}, b...)
	}
	return b
}

// read returns a whole object's content while the spool is open.
func (s *packSpool) read(at packed) ([]byte, error) {
	if err := s.out.Flush(); err != nil {
		return nil, err
	}
	in := bufio.NewReader(io.NewSectionReader(s.file, at.offset-packHeaderSize, s.next-at.offset))
	for {
		b, err := in.ReadByte()
		if err != nil {
			return nil, err
		}
		if b&0x80 == 0 {
			break
		}
	}
	z, err := zlib.NewReader(in)
	if err != nil {
		return nil, err
	}
	data := make([]byte, at.size)
	_, err = io.ReadFull(z, data)
	return data, err
}

// pack returns the pack as a stream: header, objects, checksum.
func (s *packSpool) pack() (io.Reader, error) {
	if err := s.out.Flush(); err != nil {
		return nil, err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	header := binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), s.count)
	sum := sha1.New() // what the format wants
	body := io.TeeReader(io.MultiReader(bytes.NewReader(header), s.file), sum)
	return io.MultiReader(body, &trailer{sum: func() []byte { return sum.Sum(nil) }}), nil
}

// trailer is a checksum that is computed when everything before it was read.
type trailer struct {
	sum  func() []byte
	rest *bytes.Reader
}

func (t *trailer) Read(p []byte) (int, error) {
	if t.rest == nil {
		t.rest = bytes.NewReader(t.sum())
	}
	return t.rest.Read(p)
}

// discard closes and removes the spool.
func (s *packSpool) discard() error {
	err := s.file.Close()
	if rerr := os.Remove(s.file.Name()); err == nil {
		err = rerr
	}
	if err != nil {
		return fmt.Errorf("removing a temporary pack: %w", err)
	}
	return nil
}

// replacing describes now, which is what an edit does to a tree, as a base of
// old bytes of which all but the first head and the last tail are replaced.
func replacing(old int, now []byte, head, tail int) []byte {
	out := binary.AppendUvarint(nil, uint64(old))
	out = binary.AppendUvarint(out, uint64(len(now)))
	out = appendCopy(out, 0, head)
	for middle := now[head : len(now)-tail]; len(middle) > 0; {
		n := min(len(middle), 0x7f)
		out = append(append(out, byte(n)), middle[:n]...)
		middle = middle[n:]
	}
	return appendCopy(out, old-tail, tail)
}

// appendCopy appends instructions to copy size bytes from offset: a byte that
// says which bytes of both numbers follow, then these.
func appendCopy(out []byte, offset, size int) []byte {
	const most = 0xffff
	for size > 0 {
		n := min(size, most)
		at := len(out)
		out = append(out, 0x80)
		for i, v := range []byte{byte(offset), byte(offset >> 8), byte(offset >> 16), byte(offset >> 24), byte(n), byte(n >> 8)} {
			if v != 0 {
				out[at] |= 1 << i
				out = append(out, v)
			}
		}
		offset, size = offset+n, size-n
	}
	return out
}

func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

func commonSuffix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[len(a)-1-i] != b[len(b)-1-i] {
			return i
		}
	}
	return n
}
