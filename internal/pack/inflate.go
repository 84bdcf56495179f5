package pack

import (
	"bytes"
	"fmt"
	"hash/adler32"
	"io"

	"github.com/klauspost/compress/flate"
)

// inflater undoes zlib's compression, again and again with the same state.
type inflater struct {
	in bytes.Reader
	z  io.ReadCloser
}

// inflate fills out, whose length is that of the content, from the beginning
// of in, and returns how many bytes of it that took.
func (f *inflater) inflate(out, in []byte) (int, error) {
	if err := f.reset(in); err != nil {
		return 0, err
	}
	if _, err := io.ReadFull(f.z, out); err != nil {
		return 0, fmt.Errorf("inflating: %w", ErrDamaged)
	}
	return f.finish(out, in)
}

// begin fills out with what in begins with.
func (f *inflater) begin(out, in []byte) (int, error) {
	if err := f.reset(in); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(f.z, out)
	if err != nil {
		return n, fmt.Errorf("inflating: %w", ErrDamaged)
	}
	return n, nil
}

// reset begins with what a zlib stream begins with: deflate, a window of at most
// 32 KiB, no dictionary.
func (f *inflater) reset(in []byte) error {
	if len(in) < 2 || in[0]&15 != 8 || in[0]>>4 > 7 || (uint(in[0])<<8|uint(in[1]))%31 != 0 || in[1]&0x20 != 0 {
		return fmt.Errorf("inflating: %w", ErrDamaged)
	}
	f.in.Reset(in[2:])
	if f.z == nil {
		f.z = flate.NewReader(&f.in)
		return nil
	}
	return f.z.(flate.Resetter).Reset(&f.in, nil)
}

// finish demands that the stream ends here, and that its checksum is right.
func (f *inflater) finish(out, in []byte) (int, error) {
	var more [1]byte
	if n, err := f.z.Read(more[:]); n != 0 || err != io.EOF {
		return 0, fmt.Errorf("inflating: longer than it says: %w", ErrDamaged)
	}
	var sum [4]byte
	if _, err := io.ReadFull(&f.in, sum[:]); err != nil {
		return 0, fmt.Errorf("inflating: %w", ErrDamaged)
	}
	is := adler32.Checksum(out)
	if sum != [4]byte{byte(is >> 24), byte(is >> 16), byte(is >> 8), byte(is)} {
		return 0, fmt.Errorf("inflating: %w", ErrDamaged)
	}
	return len(in) - f.in.Len(), nil
}

// loose undoes the compression of a loose object's file.
func (f *inflater) loose(file []byte) (Kind, []byte, error) {
	if err := f.reset(file); err != nil {
		return 0, nil, err
	}
	var head [32]byte
	n, err := io.ReadAtLeast(f.z, head[:], 1)
	for err == nil && n < len(head) && bytes.IndexByte(head[:n], 0) < 0 {
		var more int
		more, err = f.z.Read(head[n:])
		n += more
	}
	kind, size, used, ok := looseHeader(head[:n])
	switch {
	case !ok:
		return 0, nil, fmt.Errorf("its head: %w", ErrDamaged)
	case size > maxSize:
		return 0, nil, fmt.Errorf("%d bytes, at most %d are read: %w", size, maxSize, ErrUnsupported)
	case n-used > size:
		return 0, nil, fmt.Errorf("longer than it says: %w", ErrDamaged)
	}
	whole := make([]byte, used+size)
	copy(whole, head[:n])
	if _, err := io.ReadFull(f.z, whole[n:]); err != nil {
		return 0, nil, fmt.Errorf("inflating: %w", ErrDamaged)
	}
	if _, err := f.finish(whole, file); err != nil {
		return 0, nil, err
	}
	return kind, whole[used:], nil
}
