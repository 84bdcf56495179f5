package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/git"
)

// backends open a repository anew, each through another way to read objects.
var backends = map[string]func(*Repo) (backend, error){
	"cat-file": func(r *Repo) (backend, error) { return newCatFile(r), nil },
	"go-git":   func(r *Repo) (backend, error) { return openGoGit(r) },
	"packs":    func(r *Repo) (backend, error) { return newPacks(r), nil },
	"all":      func(r *Repo) (backend, error) { return &adaptive{packs: newPacks(r), cat: newCatFile(r), repo: r}, nil },
	"adaptive": func(r *Repo) (backend, error) { return withoutPacks(r, 5), nil },
}

// withoutPacks is what reads where package pack does not, and goes over to
// go-git after so many reads.
func withoutPacks(r *Repo, enough int) *adaptive {
	return &adaptive{packs: &packs{asked: true}, cat: newCatFile(r), repo: r, enough: enough}
}

// through returns r reading through the named backend.
func through(tb testing.TB, r *Repo, name string) *Repo {
	tb.Helper()
	b, err := backends[name](r)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = b.close() })
	return &Repo{
		gitDir: r.gitDir, commonDir: r.commonDir, objectDir: r.objectDir, root: r.root, format: r.format,
		environ: r.environ, plumbing: r.plumbing, packs: newPacks(r), objects: &objects{format: r.format, backend: b},
	}
}

// zoo has every sort of entry that git knows, and names whose order in a tree
// is not that of a directory listing. Tame is the same without what cannot be
// opened, since fstest wants to open everything.
func zoo(tb testing.TB, r *Repo) (head, tame git.OID) {
	tb.Helper()
	top := r.workDir()
	blob := func(text string) string { return pipe(tb, r, top, text, "hash-object", "-w", "--stdin") }
	sub := pipe(tb, r, top, fmt.Sprintf("100644 blob %s\tleaf.yaml\n", blob("leaf\n")), "mktree")
	deep := pipe(tb, r, top, fmt.Sprintf("040000 tree %s\tdeeper\n", sub), "mktree")
	plain := strings.Join([]string{
		"100644 blob " + blob("") + "\tempty",
		"100755 blob " + blob("#!/bin/sh\n") + "\trun.sh",
		"040000 tree " + sub + "\ta",
		"100644 blob " + blob("dot\n") + "\ta.b",
		"100644 blob " + blob("nought\n") + "\ta0",
		"040000 tree " + deep + "\tdeep",
		"100644 blob " + blob("ümläut\n") + "\tümläut €.yaml",
	}, "\n") + "\n"
	special := strings.Join([]string{
		"120000 blob " + blob("run.sh") + "\tlink",
		"160000 commit " + strings.Repeat("1", 2*r.format.size) + "\tmodule",
	}, "\n") + "\n"
	head = pipe(tb, r, top, "zoo\n", "commit-tree", pipe(tb, r, top, plain+special, "mktree", "--missing"))
	return head, pipe(tb, r, top, "tame\n", "commit-tree", pipe(tb, r, top, plain, "mktree"))
}

func TestFSConforms(t *testing.T) {
	r := newRepo(t)
	head, tame := zoo(t, r)
	sh(t, r, r.root, "update-ref", "refs/heads/zoo", head)
	sh(t, r, r.root, "update-ref", "refs/heads/tame", tame)
	for name := range backends {
		for _, state := range []string{"loose", "packed"} {
			t.Run(name+"/"+state, func(t *testing.T) {
				if state == "packed" {
					sh(t, r, r.root, "repack", "-adfq")
					sh(t, r, r.root, "prune-packed")
				}
				testFS(t, through(t, r, name), head, tame)
			})
		}
	}
}

func testFS(t *testing.T, r *Repo, head, tame git.OID) {
	t.Helper()
	fsys, err := r.FS(t.Context(), tame)
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(fsys, "empty", "run.sh", "a/leaf.yaml", "a.b", "a0", "deep/deeper/leaf.yaml", "ümläut €.yaml"); err != nil {
		t.Error(err)
	}
	if fsys, err = r.FS(t.Context(), head); err != nil {
		t.Fatal(err)
	}
	// Ids, modes and sizes are those that git itself lists.
	var got []string
	err = fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		mode := map[fs.FileMode]string{0o644: "100644", 0o755: "100755", fs.ModeSymlink | 0o777: "120000", fs.ModeIrregular: "160000"}[info.Mode()]
		size := fmt.Sprint(info.Size())
		if mode == "160000" || mode == "120000" {
			size = "-"
		}
		got = append(got, fmt.Sprintf("%s %s %s %s", mode, info.Sys().(interface{ OID() string }).OID(), size, p))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := sh(t, r, r.root, "-c", "core.quotePath=false", "ls-tree", "-r", "--format=%(objectmode) %(objectname) %(objectsize) %(path)", head)
	want = strings.ReplaceAll(want, " 6 link", " - link")
	if diff := cmp.Diff(sortedLines(want), sortedLines(strings.Join(got, "\n"))); diff != "" {
		t.Errorf("entries (-git +gitrepo):\n%s", diff)
	}
	if data, err := fs.ReadFile(fsys, "a/leaf.yaml"); string(data) != "leaf\n" || err != nil {
		t.Errorf("a/leaf.yaml is %q, %v", data, err)
	}
	root, err := fs.Stat(fsys, ".")
	if err != nil || root.Sys().(Object).OID() != sh(t, r, r.root, "rev-parse", head+"^{tree}") {
		t.Errorf("the root is %v, %v", root, err)
	}
}

func sortedLines(s string) map[string]bool {
	lines := map[string]bool{}
	for line := range strings.SplitSeq(s, "\n") {
		lines[line] = true
	}
	return lines
}

func TestFSRefuses(t *testing.T) {
	r := newRepo(t)
	head, _ := zoo(t, r)
	fsys, err := r.FS(t.Context(), head)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"link":          "is a symbolic link",
		"module":        "is a submodule",
		"link/x":        "does not exist",
		"run.sh/x":      "does not exist",
		"nope":          "does not exist",
		"a/nope":        "does not exist",
		"../etc/passwd": "invalid argument",
		"/a":            "invalid argument",
		"a//leaf.yaml":  "invalid argument",
		"":              "invalid argument",
	} {
		for _, read := range []func() error{
			func() error { _, err := fsys.Open(name); return err },
			func() error { _, err := fs.ReadFile(fsys, name); return err },
		} {
			err := read()
			var pathErr *fs.PathError
			if err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, &pathErr) || pathErr.Path != name {
				t.Errorf("%q: %v, want %q", name, err, want)
			}
		}
	}
	if _, err := fs.ReadFile(fsys, "a"); err == nil {
		t.Error("a directory was read as a file")
	}
	if _, err := fs.ReadDir(fsys, "run.sh"); err == nil {
		t.Error("a file was read as a directory")
	}
}

func TestFSOfTreeAndOfOtherThings(t *testing.T) {
	r := newRepo(t)
	head := write(t, r, "", "a/b", "text\n")
	c, err := r.Commit(t.Context(), head)
	if err != nil {
		t.Fatal(err)
	}
	fsys, err := r.FS(t.Context(), c.Tree)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := fs.ReadFile(fsys, "a/b"); string(data) != "text\n" || err != nil {
		t.Errorf("a/b is %q, %v", data, err)
	}
	if fsys, err = r.FS(t.Context(), sha1Format.emptyTree); err != nil {
		t.Fatal(err)
	}
	if entries, err := fs.ReadDir(fsys, "."); len(entries) != 0 || err != nil {
		t.Errorf("the empty tree has %v, %v", entries, err)
	}
	blob := sh(t, r, r.root, "rev-parse", head+":a/b")
	for _, id := range []git.OID{blob, "", "HEAD", "--help", strings.Repeat("0", 40), head[:12], strings.ToUpper(head)} {
		if _, err := r.FS(t.Context(), id); err == nil {
			t.Errorf("FS(%q) was given", id)
		}
	}
}

func TestFSConcurrently(t *testing.T) {
	for _, name := range []string{"all", "adaptive"} {
		t.Run(name, func(t *testing.T) { testConcurrently(t, name) })
	}
}

func testConcurrently(t *testing.T, name string) {
	big, head := bigStore(t, 600)
	r := through(t, big, name)
	fsys, err := r.FS(t.Context(), head)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := w; i < 600; i += 3 { // together past the point where go-git takes over
				if data, err := fs.ReadFile(fsys, recordPath(i)); err != nil || string(data) != recordBody(i) {
					t.Errorf("%s: %d bytes, %v", recordPath(i), len(data), err)
				}
			}
		})
	}
	wg.Wait()
	if name == "adaptive" && r.objects.backend.(*adaptive).fast == nil {
		t.Error("go-git never took over")
	}
}

// An object whose bytes were changed on disk must not be taken for what its id
// says, whichever way it is read.
func TestTamperedObject(t *testing.T) {
	for name := range backends {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t)
			head := write(t, r, "", "a", "approved: no\n")
			id := sh(t, r, r.root, "rev-parse", head+":a")
			forged := sha1Format.id("blob", []byte("approved: yes\n"))
			if err := storeLoose(r.objectDir, looseObject{forged, "blob", []byte("approved: yes\n")}); err != nil {
				t.Fatal(err)
			}
			place := func(id string) string { return filepath.Join(r.objectDir, id[:2], id[2:]) }
			if err := os.Rename(place(forged), place(id)); err != nil {
				t.Fatal(err)
			}
			fsys, err := through(t, r, name).FS(t.Context(), head)
			if err != nil {
				t.Fatal(err)
			}
			if data, err := fs.ReadFile(fsys, "a"); err == nil {
				t.Errorf("read %q", data)
			}
		})
	}
}

func TestMissingObject(t *testing.T) {
	for name := range backends {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t)
			head := write(t, r, "", "a", "text\n")
			id := sh(t, r, r.root, "rev-parse", head+":a")
			if err := os.Remove(filepath.Join(r.objectDir, id[:2], id[2:])); err != nil {
				t.Fatal(err)
			}
			fsys, err := through(t, r, name).FS(t.Context(), head)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := fs.ReadFile(fsys, "a"); !errors.Is(err, ErrMissingObject) {
				t.Errorf("reading: %v", err)
			}
			if info, err := fs.Stat(fsys, "a"); err != nil || info.Size() != -1 {
				t.Errorf("size: %v, %v", info, err)
			}
		})
	}
}

// What git packed away or received after go-git had been opened is still found.
func TestAdaptiveNoticesNewObjects(t *testing.T) {
	r := newRepo(t)
	first := write(t, r, "", "a", "1\n")
	move(t, r, "refs/heads/main", "", first)
	a := through(t, r, "adaptive")
	for range 6 {
		if _, err := a.Commit(t.Context(), first); err != nil {
			t.Fatal(err)
		}
	}
	if a.objects.backend.(*adaptive).fast == nil {
		t.Fatal("go-git is not in use")
	}
	second := write(t, r, first, "a", "2\n")
	move(t, r, "refs/heads/main", first, second)
	sh(t, r, r.root, "gc", "-q", "--prune=now")
	for _, id := range []git.OID{first, second} {
		if _, err := a.Commit(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
}

func TestHugeBlobIsRefused(t *testing.T) {
	r := newRepo(t)
	top := r.workDir()
	huge := filepath.Join(tempDir(t), "huge")
	f, err := os.Create(huge)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(objectLimit + 1); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	id := sh(t, r, top, "hash-object", "-w", huge)
	for name := range backends {
		a := through(t, r, name)
		for range 2 {
			if _, err := a.Blob(t.Context(), id); err == nil || !strings.Contains(err.Error(), "at most") {
				t.Errorf("%s: %v", name, err)
			}
		}
		// The conversation goes on after what was skipped.
		small := pipe(t, r, top, "small", "hash-object", "-w", "--stdin")
		if data, err := a.Blob(t.Context(), small); string(data) != "small" || err != nil {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
}

func TestCatFileComesBack(t *testing.T) {
	r := newRepo(t)
	id := write(t, r, "", "a", "text\n")
	c := newCatFile(r)
	defer c.close()
	for range 3 {
		if _, err := c.read(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if err := c.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.read(ctx, id); !errors.Is(err, context.Canceled) {
		t.Errorf("after the context ended: %v", err)
	}
	if _, err := c.read(t.Context(), id); err != nil {
		t.Errorf("with a new context: %v", err)
	}
	if err := c.close(); err != nil {
		t.Error(err)
	}
	if _, err := c.read(t.Context(), id); err == nil {
		t.Error("it answers after it was closed")
	}
}

// A question that is broken off leaves nothing behind that could be taken for
// the answer to the next one.
func TestCatFileBrokenOff(t *testing.T) {
	r := newRepo(t)
	var ids []git.OID
	for i := range 20 {
		ids = append(ids, write(t, r, "", "a", strings.Repeat(fmt.Sprintln(i), 20_000)))
	}
	c := newCatFile(r)
	defer c.close()
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			if i%2 == 0 {
				go cancel()
			}
			defer cancel()
			o, err := c.read(ctx, id)
			if err == nil && r.format.id(o.kind, o.data) != id {
				t.Errorf("asked for %s, got %s", id, r.format.id(o.kind, o.data))
			}
			if err != nil && i%2 == 1 {
				t.Errorf("%s: %v", id, err)
			}
		})
	}
	wg.Wait()
}
