package pack

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strconv"
)

// inflateLoose undoes the compression of a loose object's file.
func inflateLoose(file []byte) (Kind, []byte, error) {
	in := bytes.NewReader(file)
	z, err := zlib.NewReader(in)
	if err != nil {
		return 0, nil, fmt.Errorf("inflating: %w", ErrDamaged)
	}
	whole, err := io.ReadAll(io.LimitReader(z, maxSize+64))
	if err != nil {
		return 0, nil, fmt.Errorf("inflating: %w", ErrDamaged)
	}
	kind, size, used, ok := looseHeader(whole)
	switch {
	case !ok:
		return 0, nil, fmt.Errorf("its head: %w", ErrDamaged)
	case size > maxSize:
		return 0, nil, fmt.Errorf("%d bytes, at most %d are read: %w", size, maxSize, ErrUnsupported)
	case len(whole)-used != size:
		return 0, nil, fmt.Errorf("it has not the length it says: %w", ErrDamaged)
	}
	return kind, whole[used:], nil
}

// looseHeader reads "<kind> <size>" and the NUL that ends it.
func looseHeader(in []byte) (kind Kind, size, used int, ok bool) {
	end := bytes.IndexByte(in[:min(len(in), 64)], 0)
	if end < 0 {
		return 0, 0, 0, false
	}
	name, digits, _ := bytes.Cut(in[:end], []byte(" "))
	kind, ok = kindNamed(string(name))
	n, err := strconv.ParseUint(string(digits), 10, 31)
	return kind, int(n), end + 1, ok && err == nil
}

// beginning fills out with what a packed object's content begins with.
func beginning(out, in []byte) error {
	z, err := zlib.NewReader(bytes.NewReader(in))
	if err == nil {
		_, err = io.ReadFull(z, out)
	}
	if err != nil {
		return fmt.Errorf("inflating: %w", ErrDamaged)
	}
	return nil
}
