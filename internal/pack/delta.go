package pack

import "fmt"

// deltaSizes reads how large the base of a delta is and what comes of it.
func deltaSizes(delta []byte) (base, result int, rest []byte, err error) {
	if base, delta, err = deltaSize(delta); err == nil {
		result, delta, err = deltaSize(delta)
	}
	return base, result, delta, err
}

func deltaSize(in []byte) (int, []byte, error) {
	n, shift := uint64(0), 0
	for i, c := range in {
		if shift > 56 {
			break
		}
		n |= uint64(c&0x7f) << shift
		shift += 7
		if c&0x80 == 0 {
			if n > maxSize {
				return 0, nil, fmt.Errorf("object of %d bytes: %w", n, ErrUnsupported)
			}
			return int(n), in[i+1:], nil
		}
	}
	return 0, nil, fmt.Errorf("size of a delta: %w", ErrDamaged)
}

// apply fills out with what a delta's instructions make of base. out has the
// length that the delta says. What is copied from the beginning of base first
// and from its end last is so many bytes.
func apply(out, base, delta []byte) (head, tail int, err error) {
	size := len(out)
	for len(delta) > 0 {
		op := delta[0]
		delta, tail = delta[1:], 0
		if op&0x80 == 0 { // the next op bytes
			n := int(op)
			if n == 0 || n > len(delta) || n > len(out) {
				return 0, 0, fmt.Errorf("delta: %w", ErrDamaged)
			}
			copy(out, delta[:n])
			out, delta = out[n:], delta[n:]
			continue
		}
		at, n := 0, 0
		for i := range 7 {
			if op&(1<<i) == 0 {
				continue
			}
			if len(delta) == 0 {
				return 0, 0, fmt.Errorf("delta: %w", ErrDamaged)
			}
			if i < 4 {
				at |= int(delta[0]) << (8 * i)
			} else {
				n |= int(delta[0]) << (8 * (i - 4))
			}
			delta = delta[1:]
		}
		if n == 0 {
			n = 0x10000
		}
		if at > len(base) || n > len(base)-at || n > len(out) {
			return 0, 0, fmt.Errorf("delta: %w", ErrDamaged)
		}
		copy(out, base[at:at+n])
		if len(out) == size && at == 0 {
			head = n
		}
		if at+n == len(base) {
			tail = n
		}
		out = out[n:]
	}
	if len(out) > 0 {
		return 0, 0, fmt.Errorf("delta: %w", ErrDamaged)
	}
	return head, tail, nil
}
