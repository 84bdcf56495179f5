package pack

import (
	"crypto/sha1" // git's object ids
	"encoding"
	"hash"
	"strconv"
)

// hasher computes the ids of objects.
type hasher struct {
	sum  resumable
	head [32]byte
	done ID
}

// resumable is what the library's hashes can do.
type resumable interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

func newHasher() hasher { return hasher{sum: sha1.New().(resumable)} }

// hashState is what was computed of an object's head and a part of its content,
// a multiple of stateStep bytes. A tree is mostly the tree before it: what both
// begin with is hashed once.
type hashState [96]byte

const (
	stateStep = 2048
	leastTree = 2 * stateStep // from how many bytes on states are kept
)

func (h *hasher) begin(kind Kind, size int) (head int) {
	h.sum.Reset()
	b := append(h.head[:0], kind.String()...)
	b = append(b, ' ')
	b = append(strconv.AppendInt(b, int64(size), 10), 0)
	h.sum.Write(b)
	return len(b)
}

func (h *hasher) id(kind Kind, data []byte) ID {
	h.begin(kind, len(data))
	h.sum.Write(data)
	return h.end()
}

func (h *hasher) end() ID {
	h.sum.Sum(h.done[:0])
	return h.done
}

// hash computes an object's id, going on from the states of a known object of
// the same kind and length where both begin alike.
func (r *Reader) hash(o, known *Object, alike int) ID {
	if o.Kind != Tree || len(o.Data) < leastTree {
		return r.hasher.id(o.Kind, o.Data)
	}
	h := &r.hasher
	at := -h.begin(o.Kind, len(o.Data)) // in the content, of the next state
	o.states = make([]hashState, 0, (len(o.Data)-at)/stateStep)
	if known != nil && known.Kind == o.Kind && len(known.Data) == len(o.Data) {
		n := min((alike-at)/stateStep, len(known.states))
		if n > 0 && h.sum.UnmarshalBinary(known.states[n-1][:]) == nil {
			o.states = append(o.states, known.states[:n]...)
			at += n * stateStep
		}
	}
	for ; at+stateStep < len(o.Data); at += stateStep {
		h.sum.Write(o.Data[max(at, 0) : at+stateStep])
		var s hashState
		if b, err := h.sum.AppendBinary(s[:0]); err == nil && len(b) == len(s) {
			o.states = append(o.states, s)
		}
	}
	h.sum.Write(o.Data[max(at, 0):])
	return h.end()
}
