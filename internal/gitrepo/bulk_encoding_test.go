package gitrepo

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/gitsm/gitsm/internal/git"
)

// TestEncodingsNext holds that a directory which grows, changes, shrinks and is
// gone back on is always encoded as it would be from nothing, and that what is
// said of the version before holds.
func TestEncodingsNext(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var e encodings
		versions := []*directory{{}}
		for i := range rapid.IntRange(1, 60).Draw(rt, "edits") {
			old := versions[len(versions)-1]
			if rapid.IntRange(0, 9).Draw(rt, "branch") == 0 {
				old = versions[rapid.IntRange(0, len(versions)-1).Draw(rt, "from")]
			}
			d := old
			for range rapid.IntRange(1, 40).Draw(rt, "names") { // past a chunk's limit, and past largeTree with long names
				n := &node{TreeEntry: TreeEntry{Name: fmt.Sprintf("%0300d", rapid.IntRange(0, 400).Draw(rt, "name")), Mode: modeFile, OID: fmt.Sprintf("%040x", i+1)}}
				if has, ok := d.find(n.Name); ok && rapid.Bool().Draw(rt, "delete") {
					d = d.without(has)
					continue
				}
				d = d.with(n)
			}
			before := old.encode(nil)
			var last *directory
			if len(old.chunks) > 0 {
				last = old
			}
			v := e.next(d, last)
			want := d.encode(nil)
			if !bytes.Equal(v.now, want) {
				rt.Fatalf("edit %d: encoded otherwise than from nothing", i)
			}
			if last != nil && (v.before != len(before) || !bytes.Equal(before[:v.head], want[:v.head]) ||
				!bytes.Equal(before[len(before)-v.tail:], want[len(want)-v.tail:]) || v.head+v.tail > min(len(before), len(want))) {
				rt.Fatalf("edit %d: %d of %d bytes before, %d at the end are not in common", i, v.head, v.before, v.tail)
			}
			if n := encodedLen(d.chunks); n != len(want) {
				rt.Fatalf("%d bytes are said to be %d", len(want), n)
			}
			d.id = git.OID(fmt.Sprint(i))
			e.keep(d.id, v.now)
			versions = append(versions, d)
		}
		if len(e.bytes) > keptEncodings || len(e.bytes) != len(e.order) {
			rt.Fatalf("%d encodings are kept, %d in order", len(e.bytes), len(e.order))
		}
	})
}
