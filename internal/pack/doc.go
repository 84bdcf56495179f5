// Package pack owns the reading of git's object store where speed decides: the
// pack files, their indexes and loose objects, straight from disk.
//
// It imports the standard library alone, and is imported by gitrepo alone. It only reads. It knows SHA-1, packs of version 2 with indexes
// of version 2, every kind of delta, loose objects and alternates; everything
// else is ErrUnsupported when a store is opened, so that git can be asked
// instead. What is absent is ErrMissing, and never an empty object.
//
// Packs are written once and never changed, so they are mapped into memory.
package pack

import (
	"encoding/hex"
	"errors"
	"fmt"
)

// Errors that decide who is asked next.
var (
	// ErrUnsupported says that this package does not read such a store.
	ErrUnsupported = errors.New("object store is of a form that is not read here")
	// ErrMissing says that no pack and no loose file has the object.
	ErrMissing = errors.New("object is not in the store")
	// ErrDamaged says that bytes are not what the format allows.
	ErrDamaged = errors.New("object store is damaged")
)

// IDSize is the length of an object id in bytes.
const IDSize = 20

// ID is the id of an object.
type ID [IDSize]byte

// ParseID reads the usual form of an id: 40 hexadecimal digits.
func ParseID(text string) (ID, error) {
	id, ok := parseID(text)
	if !ok {
		return ID{}, fmt.Errorf("%q is no object id", text)
	}
	return id, nil
}

func parseID[T string | []byte](text T) (id ID, ok bool) {
	if len(text) != 2*IDSize {
		return id, false
	}
	for i := range id {
		high, low := digit(text[2*i]), digit(text[2*i+1])
		if high|low > 15 {
			return id, false
		}
		id[i] = high<<4 | low
	}
	return id, true
}

// digit is the value of a hexadecimal digit, 255 for anything else.
func digit(c byte) byte { return digits[c] - 1 }

// digits are the values of hexadecimal digits and one more, 0 for anything else.
var digits = [256]byte{
	'0': 1, '1': 2, '2': 3, '3': 4, '4': 5, '5': 6, '6': 7, '7': 8, '8': 9, '9': 10,
	'a': 11, 'b': 12, 'c': 13, 'd': 14, 'e': 15, 'f': 16,
	'A': 11, 'B': 12, 'C': 13, 'D': 14, 'E': 15, 'F': 16,
}

func (id ID) String() string {
	var text [2 * IDSize]byte
	hex.Encode(text[:], id[:])
	return string(text[:])
}

// Kind is what an object is.
type Kind uint8

// The kinds, by their numbers in packs.
const (
	Commit Kind = 1
	Tree   Kind = 2
	Blob   Kind = 3
	Tag    Kind = 4

	offsetDelta Kind = 6
	refDelta    Kind = 7
)

func (k Kind) String() string {
	switch k {
	case Commit:
		return "commit"
	case Tree:
		return "tree"
	case Blob:
		return "blob"
	case Tag:
		return "tag"
	}
	return "unknown"
}

func kindNamed(name string) (Kind, bool) {
	for k := Commit; k <= Tag; k++ {
		if k.String() == name {
			return k, true
		}
	}
	return 0, false
}
