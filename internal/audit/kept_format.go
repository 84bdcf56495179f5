package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/history"
)

// keptFormat begins what is kept; a key and a checksum follow. Change it with
// what an event means.
const keptFormat = "gitsm audit log 2\n"

const keptHead = len(keptFormat) + sha256.Size + 4

// sumOf finds damage. Whoever can write into the git directory can write more
// than this, so it need not withstand intent.
func sumOf(body []byte) uint32 { return crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)) }

// pack writes a log with its key and a checksum.
func (k *keptLog) pack(key [sha256.Size]byte) []byte {
	out := slices.Concat([]byte(keptFormat), key[:], make([]byte, 4))
	section := func(data []byte) {
		out = append(binary.AppendUvarint(out, uint64(len(data))), data...)
	}
	list := func(texts []string) {
		out = binary.AppendUvarint(out, uint64(len(texts)))
		for _, s := range texts {
			section([]byte(s))
		}
	}
	whole := uint64(0)
	if k.whole {
		whole = 1
	}
	list([]string{k.main, k.evidence, k.known})
	out = binary.AppendUvarint(binary.AppendUvarint(out, uint64(k.landings)), whole)
	list(k.seen)
	list(k.squashed)
	list(k.ids)
	out = binary.AppendUvarint(out, uint64(len(k.open)))
	for _, row := range k.open {
		out = binary.AppendUvarint(out, uint64(row))
	}
	for _, data := range [][]byte{k.versions, k.line, k.brought, k.rows, k.texts.ends, []byte(k.texts.all)} {
		section(data)
	}
	binary.LittleEndian.PutUint32(out[keptHead-4:], sumOf(out[keptHead:]))
	return out
}

// unpackLog reads what pack wrote; false says that it is of another store or
// build, damaged, or nothing.
func unpackLog(data []byte, key [sha256.Size]byte) (*keptLog, bool) {
	if len(data) < keptHead || !bytes.HasPrefix(data, append([]byte(keptFormat), key[:]...)) {
		return nil, false
	}
	body := data[keptHead:]
	if binary.LittleEndian.Uint32(data[keptHead-4:]) != sumOf(body) {
		return nil, false
	}
	return readKept(body)
}

// readKept reads what is behind the checksum.
func readKept(body []byte) (*keptLog, bool) {
	r := keptReader{rest: body}
	k := &keptLog{}
	heads := r.list()
	landings, whole := r.number(), r.number()
	k.seen, k.squashed, k.ids = r.list(), r.list(), r.list()
	for n := r.number(); n > 0 && !r.failed; n-- {
		k.open = append(k.open, int(min(r.number(), 1<<31)))
	}
	k.versions, k.line, k.brought, k.rows = r.section(), r.section(), r.section(), r.section()
	k.texts = textList{ends: r.section(), all: string(r.section())}
	if r.failed || len(r.rest) > 0 || len(heads) != 3 || landings > 1<<31 || whole > 1 ||
		len(k.versions)%versionSize+len(k.line)%commitSize+len(k.brought)%commitSize+len(k.rows)%rowSize > 0 || !k.texts.valid() {
		return nil, false
	}
	k.main, k.evidence, k.known, k.landings, k.whole = heads[0], heads[1], heads[2], int(landings), whole == 1
	for i, row := range k.open {
		if row >= len(k.rows)/rowSize || i > 0 && row <= k.open[i-1] {
			return nil, false
		}
	}
	count := uint32(k.texts.len())
	for i := 0; i < len(k.rows); i += rowSize {
		for n := range eventTexts {
			if rowText(k.rows[i:], n) >= count {
				return nil, false
			}
		}
	}
	return k, true
}

// keptReader reads a body, whose checksum was right.
type keptReader struct {
	rest   []byte
	failed bool
}

func (r *keptReader) number() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.failed, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *keptReader) section() []byte {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.failed, r.rest = true, nil
		return nil
	}
	s := r.rest[:n:n]
	r.rest = r.rest[n:]
	return s
}

func (r *keptReader) list() []string {
	var out []string
	for n := r.number(); n > 0 && !r.failed; n-- {
		out = append(out, string(r.section()))
	}
	return out
}

// textList is texts one after the other, with where each ends: 4 bytes, the
// lowest first.
type textList struct {
	ends []byte
	all  string
}

func (t textList) len() int { return len(t.ends) / 4 }

func (t textList) end(i int) uint32 { return binary.LittleEndian.Uint32(t.ends[4*i:]) }

func (t textList) at(i uint32) string {
	from := uint32(0)
	if i > 0 {
		from = t.end(int(i) - 1)
	}
	return t.all[from:t.end(int(i))]
}

func (t textList) valid() bool {
	last := uint32(0)
	for i := range t.len() {
		if t.end(i) < last {
			return false
		}
		last = t.end(i)
	}
	return len(t.ends)%4 == 0 && int(last) == len(t.all)
}

func rowTime(row []byte) time.Time {
	return time.Unix(int64(binary.LittleEndian.Uint64(row)), int64(binary.LittleEndian.Uint32(row[8:]))).UTC()
}

// rowText is the number of a text of an event, by its place in textsOf.
func rowText(row []byte, n int) uint32 { return binary.LittleEndian.Uint32(row[12+4*n:]) }

// rowWriter adds events to those of a log.
type rowWriter struct {
	rows   []byte
	ends   []byte
	all    []byte
	number map[string]uint32
}

func (k *keptLog) writer() *rowWriter {
	w := &rowWriter{rows: slices.Clone(k.rows), ends: slices.Clone(k.texts.ends), all: []byte(k.texts.all), number: map[string]uint32{}}
	for i := range k.texts.len() {
		w.number[k.texts.at(uint32(i))] = uint32(i)
	}
	return w
}

func (w *rowWriter) add(e history.Event) {
	w.rows = binary.LittleEndian.AppendUint64(w.rows, uint64(e.Time.Unix()))
	w.rows = binary.LittleEndian.AppendUint32(w.rows, uint32(e.Time.Nanosecond()))
	for _, s := range textsOf(&e) {
		w.rows = binary.LittleEndian.AppendUint32(w.rows, w.text(*s))
	}
}

func (w *rowWriter) text(s string) uint32 {
	n, known := w.number[s]
	if !known {
		n = uint32(len(w.ends) / 4)
		w.number[s] = n
		w.all = append(w.all, s...)
		w.ends = binary.LittleEndian.AppendUint32(w.ends, uint32(len(w.all)))
	}
	return n
}

// into puts what was written into a log.
func (w *rowWriter) into(k *keptLog) {
	k.rows, k.texts = w.rows, textList{ends: w.ends, all: string(w.all)}
}
