package evidence

import (
	"context"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestUnion(t *testing.T) {
	ctx, repo := context.Background(), newMemRepo()
	ledger := Ledger{Repo: repo, Genesis: genesis}
	var entries []*Entry
	for i := range 4 {
		entries = append(entries, entry(t, Approval, "alice", at(time.Duration(i)*time.Second)))
	}
	appended := func(head string, e ...*Entry) string {
		oid, err := ledger.Append(ctx, head, e...)
		if err != nil {
			t.Fatal(err)
		}
		return oid
	}
	shared := appended("", entries[0])
	a, b := appended(shared, entries[1], entries[3]), appended(shared, entries[2])

	joined, err := ledger.Union(ctx, a, b)
	if err != nil {
		t.Fatal(err)
	}
	if got := repo.commits[joined].parents; !slices.Equal(got, []string{a, b}) {
		t.Errorf("parents %v, want both heads", got)
	}
	if diff := cmp.Diff(repo.names(appended("", entries...)), repo.names(joined)); diff != "" {
		t.Error(diff)
	}
	for _, tt := range []struct{ name, a, b, want string }{
		{"with itself", a, a, a},
		{"with nothing", a, "", a},
		{"nothing with", "", b, b},
		{"with its ancestor", a, shared, a},
		{"ancestor with", shared, b, b},
		{"with what it joined", joined, b, joined},
	} {
		if got, err := ledger.Union(ctx, tt.a, tt.b); err != nil || got != tt.want {
			t.Errorf("%s: %s, %v, want %s", tt.name, got, err, tt.want)
		}
	}

	// Clones that never met begin with the same root, and those that recorded the
	// same still come together.
	x, y := appended("", entries[0]), appended(appended("", entries[1]), entries[0])
	if got, err := ledger.Union(ctx, x, y); err != nil || !slices.Equal(repo.names(got), repo.names(y)) {
		t.Errorf("joined %v, %v", repo.names(got), err)
	}
}

func TestUnionRefuses(t *testing.T) {
	ctx, repo := context.Background(), newMemRepo()
	ledger := Ledger{Repo: repo, Genesis: genesis}
	e := entry(t, Approval, "alice")
	root, err := ledger.Append(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	good, err := ledger.Append(ctx, root, e)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ledger.Append(ctx, root, entry(t, Rejection, ""))
	if err != nil {
		t.Fatal(err)
	}
	linked := repo.put(t, root, map[string]string{"evidence/link": "x"})
	repo.commits[linked].files["evidence/link"].Mode = fs.ModeSymlink
	for _, tt := range []struct {
		name, with, want string
		oneWay           bool // seen only where it is brought in
	}{
		{"benign", other, "", false},
		{"benign junk", repo.put(t, root, map[string]string{"notes/x.txt": "x"}), "", false},
		{"altered statement", repo.put(t, root, map[string]string{e.Path: "x", e.SigPath(): string(e.Sig)}), "different bytes", false},
		{"altered signature", repo.put(t, root, map[string]string{e.Path: string(e.Raw), e.SigPath(): "x"}), "different bytes", false},
		{"signature taken away", repo.put(t, root, map[string]string{e.Path: string(e.Raw)}), "signed on one side alone", false},
		{"signature alone", repo.put(t, root, map[string]string{"evidence/x/y.json.sig": "x"}), "has no statement", true},
		{"symbolic link", linked, "not a plain file", true},
		{"another store", repo.put(t, root, map[string]string{"README.md": "x"}), "not the evidence of the store", false},
		{"a head that is not there", "gone", "no commit gone", false},
	} {
		pairs := [][2]string{{good, tt.with}, {tt.with, good}}
		if tt.oneWay {
			pairs = pairs[:1]
		}
		for _, pair := range pairs {
			t.Run(tt.name, func(t *testing.T) {
				got, err := ledger.Union(ctx, pair[0], pair[1])
				wantError(t, err, tt.want)
				if tt.want != "" && got != "" {
					t.Errorf("wrote %s before it refused", got)
				}
			})
		}
	}
}

// Without knowing the genesis, two stores' evidence still cannot be joined: the
// two roots disagree.
func TestUnionOfTwoStores(t *testing.T) {
	ctx, repo := context.Background(), newMemRepo()
	var heads []string
	for _, began := range []string{genesis, base} {
		head, err := (Ledger{Repo: repo, Genesis: began}).Append(ctx, "", entry(t, Approval, "alice"))
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, head)
	}
	_, err := (Ledger{Repo: repo}).Union(ctx, heads[0], heads[1])
	wantError(t, err, "README.md was recorded twice with different bytes")
}

// Whatever two clones recorded, and in whatever order they are joined, nothing
// is lost and nothing is added.
func TestUnionLosesNothing(t *testing.T) {
	var pool []*Entry
	for i := range 6 {
		signer := ""
		if i%2 == 0 {
			signer = "alice"
		}
		pool = append(pool, entry(t, Types()[i], signer, at(time.Duration(i%3)*time.Hour)))
	}
	rapid.Check(t, func(t *rapid.T) {
		ctx, repo := context.Background(), newMemRepo()
		ledger := Ledger{Repo: repo, Genesis: genesis}
		record := func(label string) (string, map[string]bool) {
			head, files := "", map[string]bool{"README.md": true}
			for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(pool)-1), 1, 6).Draw(t, label) {
				next, err := ledger.Append(ctx, head, pool[i])
				if err != nil {
					t.Fatal(err)
				}
				head, files[pool[i].Path] = next, true
				if pool[i].Sig != nil {
					files[pool[i].SigPath()] = true
				}
			}
			return head, files
		}
		a, filesA := record("a")
		b, filesB := record("b")
		maps.Copy(filesA, filesB)
		want := slices.Sorted(maps.Keys(filesA))
		for _, pair := range [][2]string{{a, b}, {b, a}} {
			head, err := ledger.Union(ctx, pair[0], pair[1])
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, repo.names(head)); diff != "" {
				t.Fatal(diff)
			}
			for _, part := range []string{a, b} {
				if in, _ := repo.IsAncestor(ctx, part, head); !in {
					t.Fatalf("%s is no ancestor of the union", part)
				}
			}
		}
	})
}

// objectFS tells object ids as a repository's file system does, and counts
// what is read.
type objectFS struct {
	fs.FS
	reads *int
}

func (f objectFS) ReadFile(name string) ([]byte, error) {
	*f.reads++
	return fs.ReadFile(f.FS, name)
}

func (f objectFS) Stat(name string) (fs.FileInfo, error) {
	info, err := fs.Stat(f.FS, name)
	if err != nil {
		return nil, err
	}
	return objectInfo{info, f.FS, name}, nil
}

func (f objectFS) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(f.FS, name)
	for i, d := range list {
		list[i] = objectEntry{d, f, strings.TrimPrefix(name+"/"+d.Name(), "./")}
	}
	return list, err
}

type objectEntry struct {
	fs.DirEntry
	fsys objectFS
	name string
}

func (d objectEntry) Info() (fs.FileInfo, error) { return d.fsys.Stat(d.name) }

type objectInfo struct {
	fs.FileInfo
	fsys fs.FS
	name string
}

func (i objectInfo) Sys() any { return objectID(i) }

type objectID objectInfo

// OID digests a file's bytes, or everything below a directory.
func (o objectID) OID() string {
	var all strings.Builder
	err := fs.WalkDir(o.fsys, o.name, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(o.fsys, name)
		all.WriteString(strings.TrimPrefix(name, o.name) + "\x00" + string(content))
		return err
	})
	if err != nil {
		panic(err)
	}
	return blobID([]byte(all.String()), "")
}

// Where object ids are told, a union reads only what differs, and finds the same.
func TestUnionReadsOnlyWhatDiffers(t *testing.T) {
	ours, theirs := fstest.MapFS{}, fstest.MapFS{}
	put := func(e *Entry, trees ...fstest.MapFS) {
		for _, tree := range trees {
			tree[e.Path] = &fstest.MapFile{Data: e.Raw}
			tree[e.SigPath()] = &fstest.MapFile{Data: e.Sig}
		}
	}
	for _, id := range []string{"svc-a", "svc-b", "svc-c"} {
		put(entry(t, Approval, "alice", func(p *Predicate) { p.Record.ID = id }), ours, theirs)
	}
	fresh := entry(t, Rejection, "alice", func(p *Predicate) { p.Record.ID = "svc-b" })
	put(fresh, theirs)
	reads, files := 0, map[string][]byte{}
	if err := missing(objectFS{ours, &reads}, objectFS{theirs, &reads}, files); err != nil {
		t.Fatal(err)
	}
	if want := map[string][]byte{fresh.Path: fresh.Raw, fresh.SigPath(): fresh.Sig}; !cmp.Equal(want, files) {
		t.Errorf("found %v", slices.Collect(maps.Keys(files)))
	}
	if reads != 4 { // the two new files there, and their absence here
		t.Errorf("read %d files", reads)
	}

	late := fstest.MapFS{}
	maps.Copy(late, ours)
	for name := range ours {
		if strings.HasSuffix(name, ".sig") {
			delete(late, name)
			break
		}
	}
	err := missing(objectFS{ours, &reads}, objectFS{late, &reads}, map[string][]byte{})
	wantError(t, err, "signed on one side alone")
}
