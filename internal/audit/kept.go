package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/history"
)

// Keeper keeps the events of a whole log from one command to the next. What it
// returns is believed only where it says that it rests on the same commits; it
// may lose what it was given at any time.
type Keeper interface {
	Load() []byte
	Save(data []byte)
}

// keptLog is every event, with what it takes to choose among them.
type keptLog struct {
	ids    []string // of records that main or the evidence branch was ever about, sorted
	events []history.Event
}

// keptFormat begins what is kept. Change it with what an event means.
const keptFormat = "gitsm audit log 1\n"

// keptKey is what the events of a log rest on: the build of gitsm, the branches,
// and where the store lies.
func (t *trail) keptKey(evidence history.Tip) [sha256.Size]byte {
	var b strings.Builder
	for _, s := range slices.Concat([]string{t.Build, t.Tool, t.Dir, t.Main}, t.main.Heads, []string{"evidence"}, evidence.Heads) {
		fmt.Fprintf(&b, "%d %s\n", len(s), s)
	}
	return sha256.Sum256([]byte(b.String()))
}

// pack writes a log with its key and a checksum.
func (k *keptLog) pack(key [sha256.Size]byte) []byte {
	var body []byte
	text := func(s string) {
		body = binary.AppendUvarint(body, uint64(len(s)))
		body = append(body, s...)
	}
	body = binary.AppendUvarint(body, uint64(len(k.ids)))
	for _, id := range k.ids {
		text(id)
	}
	body = binary.AppendUvarint(body, uint64(len(k.events)))
	for _, e := range k.events {
		body = binary.AppendVarint(body, e.Time.Unix())
		body = binary.AppendUvarint(body, uint64(e.Time.Nanosecond()))
		for _, s := range texts(&e) {
			text(*s)
		}
	}
	sum := sha256.Sum256(body)
	return slices.Concat([]byte(keptFormat), key[:], sum[:], body)
}

// unpackLog reads what pack wrote; false says that it is of other commits,
// damaged, or nothing.
func unpackLog(data []byte, key [sha256.Size]byte) (*keptLog, bool) {
	rest, ok := bytes.CutPrefix(data, []byte(keptFormat))
	if !ok || len(rest) < 2*sha256.Size || !bytes.Equal(rest[:sha256.Size], key[:]) {
		return nil, false
	}
	sum, body := rest[sha256.Size:2*sha256.Size], rest[2*sha256.Size:]
	if is := sha256.Sum256(body); !bytes.Equal(sum, is[:]) {
		return nil, false
	}
	return readKept(body)
}

// readKept reads what is behind the checksum.
func readKept(body []byte) (*keptLog, bool) {
	r := keptReader{rest: string(body)}
	k := &keptLog{events: []history.Event{}}
	for n := r.number(); n > 0 && !r.failed; n-- {
		k.ids = append(k.ids, r.text())
	}
	for n := r.number(); n > 0 && !r.failed; n-- {
		e := history.Event{Time: time.Unix(r.signed(), int64(r.number())).UTC()}
		for _, s := range texts(&e) {
			*s = r.text()
		}
		k.events = append(k.events, e)
	}
	return k, !r.failed && r.rest == ""
}

// texts are the texts of an event. A test holds that there is no other field
// but the time.
func texts(e *history.Event) []*string {
	return []*string{&e.Type, &e.Record, &e.Kind, &e.Commit, &e.Actor, &e.Trust, &e.Evidence, &e.Detail, &e.Signature}
}

// keptReader reads a body, whose checksum was right.
type keptReader struct {
	rest   string
	failed bool
}

func (r *keptReader) number() uint64 {
	v, n := binary.Uvarint([]byte(r.rest[:min(len(r.rest), binary.MaxVarintLen64)]))
	return r.past(v, n)
}

func (r *keptReader) signed() int64 {
	v, n := binary.Varint([]byte(r.rest[:min(len(r.rest), binary.MaxVarintLen64)]))
	r.past(0, n)
	return v
}

func (r *keptReader) past(v uint64, n int) uint64 {
	if n <= 0 {
		r.failed, r.rest = true, ""
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *keptReader) text() string {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.failed, r.rest = true, ""
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}
