package gitrepo

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/git"
)

func TestOpenPlaces(t *testing.T) {
	r := newRepo(t)
	head := write(t, r, "", "a/b/c.yaml", "text\n")
	move(t, r, "refs/heads/main", "", head)
	linked := filepath.Join(tempDir(t), "linked")
	sh(t, r, r.root, "worktree", "add", "-q", "-b", "side", linked)
	bare := filepath.Join(tempDir(t), "bare.git")
	sh(t, r, r.root, "clone", "-q", "--bare", ".", bare)
	super := newRepo(t)
	sh(t, super, super.root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", r.root, "sub")

	tests := map[string]struct {
		dir, root, branch, prefix string
		bare                      bool
	}{
		"top":              {dir: r.root, root: r.root, branch: "refs/heads/main"},
		"below":            {dir: filepath.Join(r.root, "a", "b"), root: r.root, branch: "refs/heads/main", prefix: "a/b"},
		"linked work tree": {dir: filepath.Join(linked, "a"), root: linked, branch: "refs/heads/side", prefix: "a"},
		"bare":             {dir: bare, branch: "refs/heads/main", bare: true},
		"submodule":        {dir: filepath.Join(super.root, "sub"), root: filepath.Join(super.root, "sub"), branch: "refs/heads/main"},
		"git directory":    {dir: r.gitDir, branch: "refs/heads/main"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := reopen(t, r, tt.dir)
			if o.Root() != tt.root || o.Bare() != tt.bare || o.Shallow() {
				t.Errorf("root %q, bare %v, shallow %v", o.Root(), o.Bare(), o.Shallow())
			}
			if branch, err := o.HeadBranch(t.Context()); branch != tt.branch || err != nil {
				t.Errorf("branch %q, %v", branch, err)
			}
			if tt.root != "" {
				if prefix, err := o.Prefix(tt.dir); prefix != tt.prefix || err != nil {
					t.Errorf("prefix %q, %v", prefix, err)
				}
			}
			id, err := o.Resolve(t.Context(), "HEAD")
			if id != head || err != nil {
				t.Fatalf("HEAD is %s, %v", id, err)
			}
			for backend := range backends {
				fsys, err := through(t, o, backend).FS(t.Context(), head)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := fs.ReadFile(fsys, "a/b/c.yaml"); err != nil {
					t.Errorf("%s: %v", backend, err)
				}
			}
		})
	}
}

// In a submodule the git directory and the work tree name each other, and both
// have to be followed.
func TestWriteInSubmodule(t *testing.T) {
	r := newRepo(t)
	first := write(t, r, "", "a", "1\n")
	move(t, r, "refs/heads/main", "", first)
	super := newRepo(t)
	sh(t, super, super.root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", r.root, "sub")
	o := reopen(t, r, filepath.Join(super.root, "sub"))
	move(t, o, "refs/heads/main", first, write(t, o, first, "a", "2\n"))
	if got := content(t, o, "a") + sh(t, o, o.root, "status", "--porcelain"); got != "2\n" {
		t.Errorf("a and status: %q", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := tempDir(t)
	if _, err := Open(t.Context(), dir, environ(t)); !errors.Is(err, git.ErrNotRepository) || !strings.Contains(err.Error(), dir) {
		t.Errorf("outside: %v", err)
	}
	if _, err := Open(t.Context(), filepath.Join(dir, "nope"), environ(t)); err == nil || errors.Is(err, git.ErrNotRepository) {
		t.Errorf("no such directory: %v", err)
	}
	r := newRepo(t)
	env := append(environ(t), "GIT_TEST_ASSUME_DIFFERENT_OWNER=1")
	if _, err := Open(t.Context(), r.root, env); err == nil || !strings.Contains(err.Error(), "safe.directory") {
		t.Errorf("somebody else's: %v", err)
	}
}

func TestOpenHonoursGitDir(t *testing.T) {
	r := newRepo(t)
	head := write(t, r, "", "a", "1\n")
	move(t, r, "refs/heads/main", "", head)
	other := newRepo(t)
	o := reopen(t, other, other.root, "GIT_DIR="+r.gitDir, "GIT_WORK_TREE="+r.root)
	if o.GitDir() != r.gitDir || o.Root() != r.root {
		t.Errorf("opened %s at %s", o.GitDir(), o.Root())
	}
	// As in a hook of a bare repository: relative, and no work tree.
	bare := filepath.Join(tempDir(t), "bare.git")
	sh(t, r, r.root, "clone", "-q", "--bare", ".", bare)
	o = reopen(t, r, bare, "GIT_DIR=.")
	if o.GitDir() != bare || !o.Bare() {
		t.Errorf("opened %s, bare %v", o.GitDir(), o.Bare())
	}
}

// A hook runs with variables that describe its own command. They must neither
// be taken for ours nor reach our plumbing.
func TestOpenInsideHook(t *testing.T) {
	r := newRepo(t)
	first := write(t, r, "", "a", "1\n")
	move(t, r, "refs/heads/main", "", first)
	index := filepath.Join(tempDir(t), "index")
	o := reopen(t, r, r.root, "GIT_DIR=.git", "GIT_INDEX_FILE="+index, "GIT_PREFIX=a/", "GIT_GLOB_PATHSPECS=1", "GIT_EXTERNAL_DIFF=false")
	second := write(t, o, first, "a", "2\n")
	move(t, o, "refs/heads/main", first, second)
	if _, err := os.Stat(index); err == nil {
		t.Error("the hook's index was used")
	}
	if got := content(t, r, "a"); got != "2\n" {
		t.Errorf("a is %q", got)
	}
	if out := sh(t, r, r.root, "status", "--porcelain"); out != "" {
		t.Errorf("status: %s", out)
	}
}

// What is being pushed lies in a quarantine directory during pre-receive.
func TestOpenInQuarantine(t *testing.T) {
	r := newRepo(t)
	head := write(t, r, "", "a", "1\n")
	bare := filepath.Join(tempDir(t), "bare.git")
	sh(t, r, r.root, "init", "-q", "--bare", bare)
	incoming := filepath.Join(bare, "objects", "incoming")
	if err := os.CopyFS(incoming, os.DirFS(r.objectDir)); err != nil {
		t.Fatal(err)
	}
	o := reopen(t, r, bare, "GIT_DIR=.", "GIT_OBJECT_DIRECTORY=./objects/incoming",
		"GIT_ALTERNATE_OBJECT_DIRECTORIES=./objects", "GIT_QUARANTINE_PATH="+incoming)
	if _, err := o.Commit(t.Context(), head); err != nil {
		t.Errorf("reading what is pushed: %v", err)
	}
	if _, err := openGoGit(o); err == nil {
		t.Error("go-git was opened, which reads no quarantine")
	}
}

func TestShallow(t *testing.T) {
	r := newRepo(t)
	first := write(t, r, "", "a", "1\n")
	second := write(t, r, first, "a", "2\n")
	move(t, r, "refs/heads/main", "", second)
	dir := filepath.Join(tempDir(t), "shallow")
	sh(t, r, r.root, "clone", "-q", "--depth=1", "file://"+filepath.ToSlash(r.root), dir)
	o := reopen(t, r, dir)
	if !o.Shallow() {
		t.Error("a shallow clone is not said to be one")
	}
	if _, err := o.Commit(t.Context(), first); !errors.Is(err, ErrMissingObject) {
		t.Errorf("what was cut off: %v", err)
	}
	if fsys, err := o.FS(t.Context(), second); err != nil {
		t.Error(err)
	} else if _, err := fs.ReadFile(fsys, "a"); err != nil {
		t.Error(err)
	}
}

// The repositories that go-git refuses, or would misread, are read all the same.
func TestForeignRepositories(t *testing.T) {
	source := newRepo(t)
	first := write(t, source, "", "a/b.yaml", "1\n", "c", "2\n")
	move(t, source, "refs/heads/main", "", first)
	url := "file://" + filepath.ToSlash(source.root)
	tests := map[string]struct {
		make   func(dir string)
		refuse bool // by go-git
	}{
		"sha256": {func(dir string) {
			sh(t, source, source.root, "init", "-q", "-b", "main", "--object-format=sha256", dir)
		}, true},
		"alternates": {func(dir string) { sh(t, source, source.root, "clone", "-q", "--shared", source.root, dir) }, true},
		"worktree config": {func(dir string) {
			clone(t, source, dir)
			sh(t, source, dir, "config", "extensions.worktreeConfig", "true")
		}, true},
		"sparse": {func(dir string) {
			clone(t, source, dir)
			sh(t, source, dir, "sparse-checkout", "set", "--cone", "a")
		}, true},
		"partial": {func(dir string) {
			sh(t, source, source.root, "config", "uploadpack.allowFilter", "true")
			sh(t, source, source.root, "clone", "-q", "--no-checkout", "--filter=blob:none", url, dir)
		}, true},
		"split index": {func(dir string) { clone(t, source, dir); sh(t, source, dir, "update-index", "--split-index") }, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(tempDir(t), "repo")
			tt.make(dir)
			o := reopen(t, source, dir)
			if _, err := openGoGit(o); (err != nil) != tt.refuse {
				t.Errorf("go-git: %v", err)
			}
			head, err := o.Ref(t.Context(), "refs/heads/main")
			if err != nil {
				t.Fatal(err)
			}
			if head == "" {
				head = write(t, o, "", "a/b.yaml", "1\n", "c", "2\n")
				move(t, o, "refs/heads/main", "", head)
			}
			next := write(t, o, head, "a/b.yaml", "1\n2\n")
			if name != "partial" { // nothing is checked out there
				move(t, o, "refs/heads/main", head, next)
				if got := content(t, o, "a/b.yaml"); got != "1\n2\n" {
					t.Errorf("a/b.yaml is %q in the work tree", got)
				}
			}
			fsys, err := o.FS(t.Context(), next)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 * fewReads {
				if data, err := fs.ReadFile(fsys, "c"); string(data) != "2\n" || err != nil {
					t.Fatalf("c is %q, %v", data, err)
				}
			}
			fsck(t, o)
		})
	}
}

func clone(tb testing.TB, r *Repo, dir string) {
	tb.Helper()
	sh(tb, r, r.root, "clone", "-q", r.root, dir)
}

func TestRequireVersion(t *testing.T) {
	for printed, ok := range map[string]bool{
		"git version 2.38.0\n": true, "git version 2.39.5 (Apple Git-154)\n": true, "git version 2.53.0.windows.1": true,
		"git version 3.0.0": true, "git version 2.100": true,
		"git version 2.37.9\n": false, "git version 1.99.0": false, "": false, "git version x": false, "git version 2": false,
	} {
		if err := requireVersion(printed); (err == nil) != ok {
			t.Errorf("%q: %v", printed, err)
		}
	}
}

func TestInit(t *testing.T) {
	dir := filepath.Join(tempDir(t), "new", "dir")
	r, err := Init(t.Context(), dir, "main", environ(t))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if branch, err := r.HeadBranch(t.Context()); branch != "refs/heads/main" || err != nil {
		t.Errorf("branch %q, %v", branch, err)
	}
	if id, err := r.Ref(t.Context(), "refs/heads/main"); id != "" || err != nil {
		t.Errorf("main is %q, %v", id, err)
	}
	if _, err := r.Resolve(t.Context(), "HEAD"); !errors.Is(err, ErrUnknownRevision) {
		t.Errorf("HEAD: %v", err)
	}

	full := tempDir(t)
	if err := os.WriteFile(filepath.Join(full, "mine"), []byte("kept"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err = Init(t.Context(), full, "trunk", environ(t))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := content(t, r, "mine"); got != "kept" {
		t.Errorf("mine is %q", got)
	}
	if _, err := Init(t.Context(), tempDir(t), "bad..name", environ(t)); err == nil {
		t.Error("a bad branch name was accepted")
	}
}

func TestPrefix(t *testing.T) {
	r := newRepo(t)
	below := filepath.Join(r.root, "x", "..y")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(tempDir(t), "link")
	if err := os.Symlink(r.root, link); err != nil {
		t.Skip(err)
	}
	for dir, want := range map[string]string{
		r.root: "", below: "x/..y", link: "", filepath.Join(link, "x"): "x", filepath.Join(r.root, "x") + "/": "x",
	} {
		if got, err := r.Prefix(dir); got != want || err != nil {
			t.Errorf("%s: %q, %v", dir, got, err)
		}
	}
	for _, dir := range []string{tempDir(t), filepath.Dir(r.root), filepath.Join(r.root, "nope")} {
		if got, err := r.Prefix(dir); err == nil {
			t.Errorf("%s: %q", dir, got)
		}
	}
}

// What is opened aside takes what is written to it, reads it, moves no ref, and
// leaves nothing behind; what is fetched meanwhile stays.
func TestOpenAside(t *testing.T) {
	r := newRepo(t)
	first := write(t, r, "", "a", "1\n")
	move(t, r, "refs/heads/main", "", first)
	upstream := filepath.Join(tempDir(t), "upstream.git")
	sh(t, r, r.root, "clone", "-q", "--bare", ".", upstream)
	sh(t, r, r.root, "remote", "add", "origin", upstream)
	other := reopen(t, r, upstream)
	move(t, other, "refs/heads/main", first, write(t, other, first, "b", "fetched\n"))

	objects := tempDir(t)
	aside, err := OpenAside(t.Context(), r.root, objects, r.environ)
	if err != nil {
		t.Fatal(err)
	}
	second := write(t, aside, first, "a", "2\n")
	fsys, err := aside.FS(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fs.ReadFile(fsys, "a"); string(got) != "2\n" || err != nil {
		t.Errorf("a is %q, %v", got, err)
	}
	if err := aside.UpdateRefs(t.Context(), "test", []git.RefUpdate{{Name: "refs/heads/main", Old: first, New: second}}); err == nil {
		t.Error("a ref was moved to what is about to go")
	}
	if err := aside.Fetch(t.Context(), "origin", "+refs/heads/main:refs/remotes/origin/main"); err != nil {
		t.Fatal(err)
	}
	if _, err := aside.Commit(t.Context(), sh(t, r, r.root, "rev-parse", "origin/main")); err != nil {
		t.Errorf("what was fetched is not read: %v", err)
	}
	if err := errors.Join(aside.Close(), os.RemoveAll(objects)); err != nil {
		t.Fatal(err)
	}
	if got := content(t, r, "a"); got != "1\n" {
		t.Errorf("a is %q", got)
	}
	if got := sh(t, r, r.root, "fsck", "--unreachable", "--no-reflogs"); got != "" {
		t.Errorf("fsck: %s", got)
	}
}
