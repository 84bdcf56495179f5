package evidence

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// object is what Sys returns for a file of a commit.
type object string

func (o object) OID() string { return string(o) }

func TestRead(t *testing.T) {
	signed, unsigned := entry(t, Approval, "alice"), entry(t, Rejection, "", at(time.Second))
	check := entry(t, Checkpoint, "alice")
	file := func(content []byte) *fstest.MapFile { return &fstest.MapFile{Data: content, Mode: 0o644} }
	tree := func(change func(fstest.MapFS)) fstest.MapFS {
		m := fstest.MapFS{
			"README.md":      file([]byte("x")),
			signed.Path:      file(signed.Raw),
			signed.SigPath(): file(signed.Sig),
			unsigned.Path:    file(unsigned.Raw),
			check.Path:       file(check.Raw),
			check.SigPath():  file(check.Sig),
		}
		if change != nil {
			change(m)
		}
		return m
	}
	emptied := *signed
	emptied.Sig = []byte{}
	bare := *signed
	bare.Sig = nil
	const dir = "evidence/" + changed + "/"
	cache := NewCache()
	for _, tt := range []struct {
		name   string
		change func(fstest.MapFS)
		want   []*Entry
		errs   []string // a part of each problem
	}{
		{"as recorded", nil, []*Entry{signed, unsigned}, nil},
		{"signature removed", func(m fstest.MapFS) { delete(m, signed.SigPath()) }, []*Entry{&bare, unsigned}, nil},
		{"signature emptied", func(m fstest.MapFS) { m[signed.SigPath()] = file(nil) }, []*Entry{&emptied, unsigned}, nil},
		{"statement removed", func(m fstest.MapFS) { delete(m, signed.Path) }, []*Entry{unsigned}, []string{signed.SigPath() + ": the statement it signs is missing"}},
		{"statement altered", func(m fstest.MapFS) { m[signed.Path] = file(unsigned.Raw) }, []*Entry{unsigned}, []string{signed.Path + ": its content belongs at"}},
		{"statement renamed", func(m fstest.MapFS) {
			m[strings.Replace(unsigned.Path, "rejection", "approval", 1)] = m[unsigned.Path]
			delete(m, unsigned.Path)
		}, []*Entry{signed}, []string{"renamed or changed"}},
		{"foreign files", func(m fstest.MapFS) {
			m[dir+"notes.txt"] = file(nil)
			m[dir+"sub/x.json"] = file(nil)
		}, []*Entry{signed, unsigned}, []string{"notes.txt: it is not a file that evidence has", "sub: it is not a file that evidence has"}},
		{"symbolic link", func(m fstest.MapFS) {
			m[unsigned.Path] = &fstest.MapFile{Data: unsigned.Raw, Mode: fs.ModeSymlink}
		}, []*Entry{signed}, []string{"it is not a file that evidence has"}},
		{"nothing", func(m fstest.MapFS) { clear(m) }, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fsys := tree(tt.change)
			entries, err := Read(fsys, changed)
			if diff := cmp.Diff(tt.want, entries); diff != "" {
				t.Error(diff)
			}
			for name, m := range fsys {
				m.Sys = object(fmt.Sprintf("%x", sha256.Sum256(m.Data))) // as a commit's files have
				fsys[name] = m
			}
			for range 2 { // the second time from memory, after every other case
				again, errAgain := cache.Read(fsys, changed)
				if diff := cmp.Diff(entries, again); diff != "" || fmt.Sprint(err) != fmt.Sprint(errAgain) {
					t.Errorf("read through a cache: %v\n%s", errAgain, diff)
				}
			}
			all, errAll := ReadAll(fsys)
			if diff := cmp.Diff(tt.want, all[changed]); diff != "" {
				t.Error(diff)
			}
			for _, err := range []error{err, errAll} {
				for _, want := range tt.errs {
					wantError(t, err, want)
				}
				if len(tt.errs) == 0 && err != nil {
					t.Errorf("unexpected error: %v", err)
				}
				if bad := (*EntryError)(nil); err != nil && !errors.As(err, &bad) {
					t.Errorf("%v does not name a file", err)
				}
			}
		})
	}
	all, err := ReadAll(tree(func(m fstest.MapFS) { m["evidence/x.json"] = file(nil) }))
	wantError(t, err, "evidence/x.json: it is not a record's directory")
	if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, []string{changed, StoreID}) {
		t.Errorf("records %v", got)
	}
	if got, err := Read(tree(nil), StoreID); err != nil || len(got) != 1 {
		t.Errorf("of the store: %v, %v", got, err)
	}
	for _, id := range []string{"", ".", "..", "../evidence", "a/b", `a\b`} {
		if _, err := Read(tree(nil), id); err == nil {
			t.Errorf("read the evidence of %q", id)
		}
	}
	if _, err := Read(os.DirFS(t.TempDir()), changed); err != nil {
		t.Errorf("a directory without evidence: %v", err)
	}
}

// nilFS returns nil for an empty file, which a file system may.
type nilFS struct{ fs.FS }

func (f nilFS) ReadFile(name string) ([]byte, error) {
	content, err := fs.ReadFile(f.FS, name)
	return append([]byte(nil), content...), err
}

// A signature file that is there is a signature, even when it is empty.
func TestReadTellsEmptyFromMissing(t *testing.T) {
	e := entry(t, Approval, "alice")
	tree := fstest.MapFS{e.Path: {Data: e.Raw}, e.SigPath(): {}}
	entries, err := Read(nilFS{tree}, changed)
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	if got := entries[0].Judge(Keyring{}, noon); got.Verdict != BadSignature {
		t.Errorf("an empty signature is judged %+v", got)
	}
}
