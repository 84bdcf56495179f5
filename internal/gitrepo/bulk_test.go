package gitrepo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gitsm/gitsm/internal/git"
)

// story writes a history with proposals that are merged and an evidence branch
// beside it, and returns the last commit of both.
func story(t testing.TB, b *Bulk, records int) (main, evidence git.OID) {
	t.Helper()
	at := alice
	commit := func(spec git.CommitSpec) git.OID {
		at.When = at.When.Add(time.Minute)
		spec.Author, spec.Committer = at, at
		spec.Sign = func(payload []byte) ([]byte, error) {
			return fmt.Appendf(nil, "-----BEGIN SSH SIGNATURE-----\n%x\n-----END SSH SIGNATURE-----\n", len(payload)), nil
		}
		id, err := b.Commit(spec)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	main = commit(git.CommitSpec{Message: "genesis", Files: edits("gitsm.yaml", "kind: config\n")})
	for i := range records {
		proposal := commit(git.CommitSpec{Base: main, Parents: []git.OID{main}, Message: "new", Files: edits(recordPath(i), recordBody(i))})
		spec := git.CommitSpec{Base: evidence, Message: "approve", Files: edits(fmt.Sprintf("evidence/CHG-%06d/1.json", i), fmt.Sprintln(i))}
		if evidence != "" {
			spec.Parents = []git.OID{evidence}
		}
		evidence = commit(spec)
		main = commit(git.CommitSpec{Base: main, Parents: []git.OID{main, proposal}, Message: "land", Files: edits(recordPath(i), recordBody(i))})
		if i%5 == 4 {
			main = commit(git.CommitSpec{Base: main, Parents: []git.OID{main}, Message: "tidy", Files: edits(recordPath(i-1), "-", "policy/x.rego", fmt.Sprintln(i))})
		}
	}
	return main, evidence
}

// A bulk has the same ids as the same commits written one by one, git finds
// nothing wrong with its pack, and its files can be read at any time.
func TestBulk(t *testing.T) {
	const records = 400
	r := newRepo(t)
	b := NewBulk(t.Context(), r)
	main, evidence := story(t, b, records)
	check := func(when string) {
		for id, file := range map[git.OID]string{main: recordPath(0), evidence: "evidence/CHG-000000/1.json"} {
			fsys, err := b.FS(id)
			if err != nil {
				t.Fatal(err)
			}
			if err := fstest.TestFS(fsys, file); err != nil {
				t.Errorf("%s: %v", when, err)
			}
		}
	}
	check("before it is closed")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	check("after it is closed")
	if err := b.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
	if _, err := b.Commit(git.CommitSpec{Message: "late", Author: alice, Committer: alice}); err == nil {
		t.Error("it takes commits after it was closed")
	}
	move(t, r, "refs/heads/main", "", main)
	move(t, r, "refs/heads/evidence", "", evidence)
	fsck(t, r)
	if got := sh(t, r, r.root, "rev-list", "--count", "main", "evidence"); got != fmt.Sprint(1+3*records+records/5) {
		t.Errorf("%s commits", got)
	}
	if out := sh(t, r, r.root, "status", "--porcelain"); out != "" {
		t.Errorf("status: %s", out)
	}
	if left, _ := filepath.Glob(filepath.Join(r.objectDir, "tmp_*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	again := NewBulk(t.Context(), newRepo(t))
	defer again.Close()
	if m, e := story(t, again, records); m != main || e != evidence {
		t.Error("the same story has other ids the second time")
	}

	single := newRepo(t)
	for c, err := range r.Log(t.Context(), git.LogOptions{From: []git.OID{main}, FirstParent: true, Reverse: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Parents) > 1 {
			break
		}
		raw, err := r.Commit(t.Context(), c.OID)
		if err != nil || !bytes.Contains(raw.Raw, []byte("\ngpgsig -----BEGIN")) {
			t.Errorf("commit %s: %v", c.OID, err)
		}
	}
	plain := func(w interface {
		commit(git.CommitSpec) (git.OID, error)
	}) git.OID {
		id, err := w.commit(git.CommitSpec{Files: edits("a/b", "1\n", "c", "2\n"), Message: "m", Author: alice, Committer: alice})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	other := NewBulk(t.Context(), single)
	defer other.Close()
	if one, many := plain(&looseShelf{ctx: t.Context(), repo: single}), plain(other); one != many {
		t.Errorf("written alone it is %s, in bulk %s", one, many)
	}
}

// A bulk goes on from what a repository has.
func TestBulkOnRepository(t *testing.T) {
	r := newRepo(t)
	first := write(t, r, "", "gitsm.yaml", "x\n", "people/alice.yaml", "y\n")
	move(t, r, "refs/heads/main", "", first)
	b := NewBulk(t.Context(), r)
	defer b.Close()
	spec := git.CommitSpec{Base: first, Parents: []git.OID{first}, Message: "m", Author: alice, Committer: alice, Files: edits("people/bob.yaml", "z\n")}
	next, err := b.Commit(spec)
	if err != nil {
		t.Fatal(err)
	}
	spec = git.CommitSpec{Tree: b.commits[next], Parents: []git.OID{next}, Message: "again", Author: alice, Committer: alice}
	last, err := b.Commit(spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []git.OID{first, last, b.commits[last]} {
		fsys, err := b.FS(id)
		if err != nil {
			t.Fatal(err)
		}
		if data, err := fs.ReadFile(fsys, "people/alice.yaml"); string(data) != "y\n" || err != nil {
			t.Errorf("alice is %q, %v", data, err)
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	move(t, r, "refs/heads/main", first, last)
	if got := content(t, r, "people/bob.yaml"); got != "z\n" {
		t.Errorf("bob is %q", got)
	}
	fsck(t, r)
}

func TestBulkRefuses(t *testing.T) {
	r := newRepo(t)
	b := NewBulk(t.Context(), r)
	ok := git.CommitSpec{Message: "m", Author: alice, Committer: alice, Files: edits("a", "1\n")}
	head, err := b.Commit(ok)
	if err != nil {
		t.Fatal(err)
	}
	missing := strings.Repeat("1", 40)
	for name, change := range map[string]func(*git.CommitSpec){
		"unsafe path":    func(s *git.CommitSpec) { s.Files = edits(".git/config", "x") },
		"below a file":   func(s *git.CommitSpec) { s.Base, s.Files = head, edits("a/b", "x") },
		"nothing there":  func(s *git.CommitSpec) { s.Base, s.Files = head, edits("b", "-") },
		"unknown base":   func(s *git.CommitSpec) { s.Base = missing },
		"unknown parent": func(s *git.CommitSpec) { s.Parents = []git.OID{missing} },
		"unknown tree":   func(s *git.CommitSpec) { s.Files, s.Tree = nil, missing },
		"tree and files": func(s *git.CommitSpec) { s.Tree = b.commits[head] },
		"nobody":         func(s *git.CommitSpec) { s.Author = git.Signature{} },
		"cannot sign":    func(s *git.CommitSpec) { s.Sign = func([]byte) ([]byte, error) { return nil, errors.New("no key") } },
	} {
		spec := ok
		change(&spec)
		if id, err := b.Commit(spec); err == nil {
			t.Errorf("%s: %s", name, id)
		}
	}
	if _, err := b.FS(missing); err == nil {
		t.Error("files of an unknown commit")
	}
	// A refusal does not spoil what was there.
	if same, err := b.Commit(ok); same != head || err != nil {
		t.Errorf("the same commit again: %s, %v", same, err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	move(t, r, "refs/heads/main", "", head)
	fsck(t, r)

	empty := NewBulk(t.Context(), r)
	if err := empty.Close(); err != nil {
		t.Errorf("empty: %v", err)
	}
	other := NewBulk(t.Context(), newRepoOf(t, "sha256"))
	if _, err := other.Commit(ok); err == nil || other.Close() == nil {
		t.Errorf("sha256: %v", err)
	}
}

// However a directory is edited, it holds what a map would hold, in git's order.
func TestDirectoryIsAMap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d, want := &directory{}, map[string]TreeEntry{}
		type version struct {
			d    *directory
			want map[string]TreeEntry
		}
		versions := []version{{d, maps.Clone(want)}}
		for i := range rapid.IntRange(0, 400).Draw(rt, "edits") {
			name := rapid.SampledFrom([]string{"a", "a.", "a-", "a0", "b"}).Draw(rt, "stem") + fmt.Sprint(rapid.IntRange(0, 60).Draw(rt, "number"))
			n, ok := d.find(name)
			if _, has := want[name]; has != ok {
				rt.Fatalf("%s: found %v, want %v", name, ok, has)
			}
			if ok && rapid.Bool().Draw(rt, "remove") {
				d = d.without(n)
				delete(want, name)
			} else {
				mode := uint32(modeFile)
				if ok {
					mode = n.Mode
				} else if rapid.Bool().Draw(rt, "directory") {
					mode = modeTree
				}
				e := TreeEntry{name, mode, fmt.Sprintf("%040x", i)}
				d = d.with(&node{TreeEntry: e})
				want[name] = e
			}
			if i%50 == 0 {
				versions = append(versions, version{d, maps.Clone(want)})
			}
		}
		for _, v := range append(versions, version{d, want}) { // older ones are not disturbed
			got := map[string]TreeEntry{}
			var last *node
			for n := range v.d.all() {
				if last != nil && compareInTree(last.TreeEntry, n.TreeEntry) >= 0 {
					rt.Fatalf("%s before %s", last.Name, n.Name)
				}
				last, got[n.Name] = n, n.TreeEntry
			}
			if diff := cmp.Diff(v.want, got); diff != "" {
				rt.Fatalf("entries (-want +got):\n%s", diff)
			}
			if slices.ContainsFunc(v.d.chunks, func(c []*node) bool { return len(c) == 0 || len(c) > chunkLimit }) {
				rt.Fatal("a chunk is empty or too long")
			}
		}
	})
}

// undelta applies a delta as the pack format describes it.
func undelta(t *rapid.T, old, d []byte) []byte {
	size := func() int {
		n, w := binary.Uvarint(d)
		d = d[w:]
		return int(n)
	}
	if n := size(); n != len(old) {
		t.Fatalf("the base has %d bytes, the delta says %d", len(old), n)
	}
	want := size()
	var out []byte
	for len(d) > 0 {
		op := d[0]
		d = d[1:]
		if op&0x80 == 0 {
			if op == 0 {
				t.Fatal("reserved instruction")
			}
			out, d = append(out, d[:op]...), d[op:]
			continue
		}
		var v [7]int
		for i := range 7 {
			if op&(1<<i) != 0 {
				v[i], d = int(d[0]), d[1:]
			}
		}
		offset, n := v[0]|v[1]<<8|v[2]<<16|v[3]<<24, v[4]|v[5]<<8|v[6]<<16
		if n == 0 {
			n = 0x10000
		}
		out = append(out, old[offset:offset+n]...)
	}
	if len(out) != want {
		t.Fatalf("%d bytes came out, the delta says %d", len(out), want)
	}
	return out
}

func TestDelta(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		// Sizes around the limits of instructions: 0x7f, 0xffff, 0x10000.
		part := func(label string) []byte {
			n := rapid.SampledFrom([]int{0, 1, 2, 0x7e, 0x7f, 0x80, 0xff, 0x100, 0xfffe, 0xffff, 0x10000, 0x10001, 0x20000}).Draw(rt, label)
			return bytes.Repeat([]byte{byte(rapid.IntRange(0, 3).Draw(rt, label+" byte"))}, n)
		}
		head, tail := part("head"), part("tail")
		old := slices.Concat(head, part("old middle"), tail)
		now := slices.Concat(head, part("new middle"), tail)
		same := commonPrefix(old, now)
		d := replacing(len(old), now, same, commonSuffix(old[same:], now[same:]))
		if got := undelta(rt, old, d); !bytes.Equal(got, now) {
			rt.Fatalf("%d bytes became %d bytes, want %d", len(old), len(got), len(now))
		}
	})
}

// The numbers in a pack, read back as git reads them.
func TestPackNumbers(t *testing.T) {
	for _, n := range []int64{1, 127, 128, 129, 16383, 16384, 16511, 16512, 1 << 20, 1<<31 + 5} {
		b := offsetBytes(n)
		got := int64(b[0] & 0x7f)
		for _, c := range b[1:] {
			got = (got+1)<<7 | int64(c&0x7f)
		}
		if got != n {
			t.Errorf("distance %d is read as %d", n, got)
		}
		b = sizeBytes(2, int(n))
		size := int64(b[0] & 0x0f)
		for i, c := range b[1:] {
			size |= int64(c&0x7f) << (4 + 7*i)
		}
		if size != n || b[0]>>4&7 != 2 || b[len(b)-1]&0x80 != 0 {
			t.Errorf("size %d is read as %d", n, size)
		}
	}
}

func BenchmarkBulk(b *testing.B) {
	for b.Loop() {
		bulk := NewBulk(b.Context(), newRepo(b))
		head := git.OID("")
		for i := range 40_000 {
			at := alice
			at.When = clock.Add(time.Duration(i) * time.Second)
			spec := git.CommitSpec{Base: head, Files: edits(recordPath(i%10_000), recordBody(i)), Message: "m", Author: at, Committer: at}
			if head != "" {
				spec.Parents = []git.OID{head}
			}
			var err error
			if head, err = bulk.Commit(spec); err != nil {
				b.Fatal(err)
			}
		}
		if err := bulk.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
