package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// Keeper keeps the events of a log from one command to the next. What it
// returns is believed only where it says that it rests on commits that main and
// the evidence branch still have; it may lose what it was given at any time.
type Keeper interface {
	Load() []byte
	Save(data []byte)
}

// keptLog is the events of main's first landings, with what it takes to choose
// among them and to go on from there.
type keptLog struct {
	main     git.OID  // the last of those landings
	landings int      // how many they are
	evidence git.OID  // head of the evidence branch then, "" where there was none
	known    git.OID  // the evidence that those landings commit to, "" for none
	whole    bool     // main and evidence had nothing besides
	seen     []string // evidence on those landings that none of them commits to, by path, sorted
	squashed []string // branches that those landings squashed, and the heads that opinions on them are about, sorted
	open     []int    // the rows of opinions on what has not landed by then
	ids      []string // of records that those landings or their evidence are about, sorted
	versions fixed    // the versions of records that those landings left, as versionKey has them
	line     fixed    // the commits of those landings on main's own line, as commitKey has them
	brought  fixed    // the other commits that those landings brought
	rows     []byte   // of events, rowSize each
	texts    textList // that rows name by number
}

// keptKey is what the meaning of a kept log rests on, besides commits: the build
// of gitsm, and where the store lies.
func (t *trail) keptKey() [sha256.Size]byte {
	var b strings.Builder
	for _, s := range []string{t.Build, t.Tool, t.Dir, t.Main} {
		fmt.Fprintf(&b, "%d %s\n", len(s), s)
	}
	return sha256.Sum256([]byte(b.String()))
}

// The lengths of what is kept of a version, a commit and an event.
const (
	versionSize = 16
	commitSize  = 32
	rowSize     = 8 + 4 + eventTexts*4
	eventTexts  = 9
)

// versionKey stands for a version of a record in its place.
func versionKey(kind, path string, blob git.OID) []byte {
	sum := sha256.Sum256([]byte(kind + "\x00" + path + "\x00" + blob))
	return sum[:versionSize]
}

// commitKey is the bytes of an id, with zeros behind those of a short one.
func commitKey(id git.OID) []byte {
	key := make([]byte, commitSize)
	_, _ = hex.Decode(key, []byte(id)[:min(len(id), 2*commitSize)]) // what is no id is in no list
	return key
}

// fixed is entries of one length, sorted.
type fixed []byte

func (f fixed) has(entry []byte) bool {
	size := len(entry)
	i := sort.Search(len(f)/size, func(i int) bool { return bytes.Compare(f[i*size:(i+1)*size], entry) >= 0 })
	return (i+1)*size <= len(f) && bytes.Equal(f[i*size:(i+1)*size], entry)
}

// with adds entries.
func (f fixed) with(size int, entries [][]byte) fixed {
	for all := range slices.Chunk([]byte(f), size) {
		entries = append(entries, all)
	}
	slices.SortFunc(entries, bytes.Compare)
	entries = slices.CompactFunc(entries, bytes.Equal)
	return slices.Concat(entries...)
}

// opinion is what the event in a row says, as a statement.
func (k *keptLog) opinion(row int) history.Statement {
	e := k.event(row)
	types := map[string]string{history.Approved: "approval", history.Rejected: "rejection", history.Withdrawn: "withdrawal"}
	return history.Statement{Path: e.Evidence, Type: types[e.Type], Kind: e.Kind, Record: e.Record, Person: e.Actor, Time: e.Time, Branch: e.Detail, Head: e.Commit, Told: true}
}

// without leaves out some of the open rows.
func (k *keptLog) without(gone map[int]bool) *keptLog {
	if len(gone) == 0 {
		return k
	}
	out := *k
	out.rows, out.open = nil, nil
	next := 0
	for _, row := range k.open {
		out.rows = append(out.rows, k.rows[next*rowSize:row*rowSize]...)
		next = row + 1
		if !gone[row] {
			out.open = append(out.open, len(out.rows)/rowSize)
			out.rows = append(out.rows, k.rows[row*rowSize:next*rowSize]...)
		}
	}
	out.rows = append(out.rows, k.rows[next*rowSize:]...)
	return &out
}

func (k *keptLog) event(row int) history.Event {
	data := k.rows[row*rowSize:][:rowSize]
	e := history.Event{Time: rowTime(data)}
	for n, s := range textsOf(&e) {
		*s = k.texts.at(rowText(data, n))
	}
	return e
}

// choose is the events of a filter without services among those that are kept.
func (k *keptLog) choose(f history.Filter, out []history.Event) []history.Event {
	for i := range len(k.rows) / rowSize {
		row := k.rows[i*rowSize:][:rowSize]
		e := history.Event{Time: rowTime(row)}
		of := textsOf(&e)
		for _, n := range chosenBy {
			*of[n] = k.texts.at(rowText(row, n))
		}
		if !f.Chooses(e) {
			continue
		}
		out = append(out, k.event(i))
	}
	return out
}

// textsOf are the texts of an event. A test holds that there is no other field
// but the time.
func textsOf(e *history.Event) [eventTexts]*string {
	return [...]*string{&e.Type, &e.Record, &e.Kind, &e.Actor, &e.Commit, &e.Trust, &e.Evidence, &e.Detail, &e.Signature}
}

// chosenBy are the texts that a filter asks for.
var chosenBy = [...]int{0, 1, 2, 3}
