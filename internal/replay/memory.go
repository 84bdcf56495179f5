package replay

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/gitsm/gitsm/internal/memo"
)

// Keeper keeps decisions from one replay to the next. It may lose what it was
// given at any time: that is decided again. What it returns is checked for
// damage and not for intent: whoever can write where it keeps things can have a
// replay say what they like, so nothing but advice may rest on it.
type Keeper interface {
	Load() []byte
	Save(data []byte)
}

// memory is what replays decided before, by all that went into a decision.
type memory struct {
	keeper Keeper // nil keeps nothing for another run
	room   int    // bytes that may be kept

	mu    sync.Mutex
	known map[key]verdict
	old   []key // from before, those that were of use last first
	used  map[key]bool
	made  bool // something is known that was not loaded
}

// key names what a decision rests on: commits, which never change, and who
// judged by which policy. Part of a digest is enough.
type key [16]byte

// verdict is one policy's answer on one job, and what a report says of the job.
type verdict struct {
	Authorises bool // false: it put no change into force, and nobody was asked
	Title      string
	Size       int    // number of its services and assets
	Policy     string // identity of the policy that answered
	Answer     Answer
}

// key names a job under the policy then in force.
func (r *run) key(j *job) key {
	return keyFrom(r.Build, r.Dir, j.Record, j.path, j.base, j.after, string(j.content), j.author, j.Decided.UTC().Format(time.RFC3339Nano))
}

// candidateKey names the same job under another policy.
func candidateKey(k key, policy string) key { return keyFrom(string(k[:]), policy) }

func keyFrom(parts ...string) key {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d\n%s", len(p), p)
	}
	return key(h.Sum(nil)[:len(key{})])
}

func (m *memory) recall(k key) (verdict, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.known[k]
	if ok {
		m.used[k] = true
	}
	return v, ok
}

// under is what a policy says of a job that has been decided by the one of then.
func (m *memory) under(then verdict, policy string, k key) (verdict, bool) {
	if then.Policy == policy {
		return then, true
	}
	return m.recall(candidateKey(k, policy))
}

func (m *memory) keep(k key, v verdict) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[k], m.used[k], m.made = v, true, true
}

// memoryFormat begins what is kept; a checksum follows. Change it with what an
// entry means.
const memoryFormat = "gitsm replay 1\n"

// maxKept is how many bytes of decisions are kept. Those of 10,000 changes
// under two policies take about two million.
const maxKept = 64 << 20

// remember takes up what was kept. What is damaged is as good as nothing.
func remember(keeper Keeper) *memory {
	m := &memory{keeper: keeper, room: maxKept, known: map[key]verdict{}, used: map[key]bool{}}
	if keeper == nil {
		return m
	}
	body, ok := bytes.CutPrefix(keeper.Load(), []byte(memoryFormat))
	if !ok || len(body) < 4 || binary.LittleEndian.Uint32(body) != sumOf(body[4:]) {
		return m
	}
	r := memo.NewReader(body[4:])
	texts := make([]string, r.Count())
	for i := range texts {
		texts[i] = r.Text()
	}
	known, old := map[key]verdict{}, []key{}
	for range r.Count() {
		var k key
		copy(k[:], r.Bytes(len(k)))
		known[k], old = readVerdict(r, texts), append(old, k)
	}
	if r.Err() == nil {
		m.known, m.old = known, old
	}
	return m
}

func sumOf(body []byte) uint32 { return crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)) }

func readVerdict(r *memo.Reader, texts []string) verdict {
	var v verdict
	if r.Number() == 0 {
		return v
	}
	list := func() []string {
		out := []string{}
		for _, i := range r.List(len(texts)) {
			out = append(out, texts[i])
		}
		return out
	}
	one := list()
	if len(one) != 3 {
		r.Fail(fmt.Errorf("a decision of %d texts", len(one)))
		return v
	}
	v.Authorises, v.Title, v.Policy = true, one[0], one[1]
	v.Size = int(r.Signed())
	v.Answer = Answer{Denies: list(), Approvals: list(), from: list()}
	v.Answer.Risk.Band, v.Answer.Risk.Score = one[2], int(r.Signed())
	return v
}

// save keeps what this run was about, and of the rest what there is room for.
func (m *memory) save() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.keeper == nil || !m.made {
		return
	}
	order := slices.SortedFunc(maps.Keys(m.used), func(a, b key) int { return bytes.Compare(a[:], b[:]) })
	for _, k := range m.old {
		if !m.used[k] {
			order = append(order, k)
		}
	}
	w := &writer{index: map[string]uint32{}}
	n := 0
	for ; n < len(order) && len(w.entries)+w.size < m.room; n++ {
		w.entries = append(w.entries, order[n][:]...)
		w.verdict(m.known[order[n]])
	}
	body := binary.AppendUvarint(nil, uint64(len(w.texts)))
	for _, s := range w.texts {
		body = memo.AppendText(body, s)
	}
	body = append(binary.AppendUvarint(body, uint64(n)), w.entries...)
	m.keeper.Save(slices.Concat([]byte(memoryFormat), binary.LittleEndian.AppendUint32(nil, sumOf(body)), body))
}

// writer writes decisions, whose texts are mostly those of other decisions.
type writer struct {
	texts   []string
	index   map[string]uint32
	size    int // of the texts
	entries []byte
}

func (w *writer) verdict(v verdict) {
	if !v.Authorises {
		w.entries = append(w.entries, 0)
		return
	}
	w.entries = append(w.entries, 1)
	w.list(v.Title, v.Policy, v.Answer.Risk.Band)
	w.entries = binary.AppendVarint(w.entries, int64(v.Size))
	w.list(v.Answer.Denies...)
	w.list(v.Answer.Approvals...)
	w.list(v.Answer.from...)
	w.entries = binary.AppendVarint(w.entries, int64(v.Answer.Risk.Score))
}

func (w *writer) list(texts ...string) {
	out := make([]uint32, len(texts))
	for i, s := range texts {
		n, ok := w.index[s]
		if !ok {
			n = uint32(len(w.texts))
			w.texts, w.index[s], w.size = append(w.texts, s), n, w.size+len(s)
		}
		out[i] = n
	}
	w.entries = memo.AppendList(w.entries, out)
}
