package check

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"github.com/gitsm/gitsm/internal/memo"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// roster are the undated records that results rest on: services, people and so
// on, by kind and id as references name them, there or not. Each has a number,
// which is the same in the cache that was read and in the one that is written.
// An edit of one of them takes away what rests on it and nothing else.
type roster struct {
	is    map[string][sha256.Size]byte // every record there is
	names []string                     // by number
	was   [][sha256.Size]byte          // by number, of what was read
	stood []bool                       // by number: it is what it was
	moved bool                         // some is not

	mu      sync.Mutex // guards numbers, and names once records are judged
	numbers map[string]uint32
}

// begin holds what was read against a snapshot.
func (r *roster) begin(head *store.Store) error {
	r.is, r.numbers = map[string][sha256.Size]byte{}, map[string]uint32{}
	for _, k := range head.Kinds.All() {
		if k.Dated() {
			continue
		}
		recs, err := head.List(k.Name)
		if err != nil {
			return err
		}
		for _, rec := range recs {
			// Several files may claim one id, and a reference means all of them.
			name := rosterName(k, rec.ID)
			h, before := sha256.New(), r.is[name]
			for _, part := range []string{string(before[:]), rec.Path, "\x00", string(rec.Doc.Source)} {
				h.Write([]byte(part))
			}
			r.is[name] = [sha256.Size]byte(h.Sum(nil))
		}
	}
	r.stood = make([]bool, len(r.names))
	for i, name := range r.names {
		r.numbers[name] = uint32(i)
		r.stood[i] = r.was[i] == r.is[name]
		r.moved = r.moved || !r.stood[i]
	}
	return nil
}

// rosterName is what a record of a kind is called, whatever its id holds.
func rosterName(k *record.Kind, id string) string { return k.Name + "\x00" + id }

// stand reports whether all of the given numbers are what they were.
func (r *roster) stand(on []uint32) bool {
	for _, n := range on {
		if !r.stood[n] {
			return false
		}
	}
	return true
}

// number returns that of a record, or of its absence. It is called from several
// goroutines.
func (r *roster) number(k *record.Kind, id string) uint32 {
	name := rosterName(k, id)
	r.mu.Lock()
	defer r.mu.Unlock()
	n, ok := r.numbers[name]
	if !ok {
		n = uint32(len(r.names))
		r.names, r.numbers[name] = append(r.names, name), n
	}
	return n
}

// bytes appends what readRoster reads: names, with what each stands for now.
func (r *roster) bytes(out []byte) []byte {
	out = binary.AppendUvarint(out, uint64(len(r.names)))
	for _, name := range r.names {
		digest := r.is[name]
		out = append(memo.AppendText(out, name), digest[:]...)
	}
	return out
}

func readRoster(r *memo.Reader) *roster {
	out := &roster{}
	for range r.Count() {
		out.names, out.was = append(out.names, r.Text()), append(out.was, digestFrom(r))
	}
	return out
}
