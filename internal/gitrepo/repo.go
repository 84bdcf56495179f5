package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// Errors that callers act on, besides those of package git.
var (
	// ErrNoUpstream says that there is no remote to talk to.
	ErrNoUpstream = errors.New("no remote is configured")
	// ErrMissingObject says that an object is not in the repository, as in a
	// shallow or damaged clone.
	ErrMissingObject = errors.New("object is not in the repository")
	// ErrUnknownRevision says that a name resolves to no commit.
	ErrUnknownRevision = errors.New("unknown revision")
)

// minimumGit is the oldest version that gitsm works with. What it needs came
// shortly before: cat-file --batch-command and worktree list -z, with 2.36.
const minimumGit = "2.38"

// Repo is one opened repository. It is safe for concurrent use.
type Repo struct {
	gitDir, commonDir, objectDir string
	root, prefix                 string
	bare, shallow                bool
	format                       *format
	index                        string   // the user's GIT_INDEX_FILE, absolute; "" for the usual one
	environ                      []string // the user's, with this repository located
	plumbing                     []string // environ with the rules of `quiet`
	lockTimeout                  int      // in milliseconds
	version                      string   // of git, as it calls itself
	objects                      *objects
	packs                        *packs
	readAlone                    int // commits before all are read side by side; 0 for the usual number
	config                       *configCache
}

// Open finds the repository that dir belongs to, as git itself would with the
// environment environ. Close it to end the processes it started.
func Open(ctx context.Context, dir string, environ []string) (*Repo, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("locating the repository: %w", err)
	}
	// The version is asked for side by side: it costs nothing that way, and an
	// old git would misread the questions below rather than refuse them.
	version, wrong := make(chan string, 1), make(chan error, 1)
	go func() {
		v, err := checkVersion(ctx, dir, environ)
		version <- v
		wrong <- err
	}()
	r, err := locate(ctx, dir, environ)
	v := <-version
	if verr := <-wrong; verr != nil {
		return nil, verr
	}
	if err != nil {
		return nil, err
	}
	r.version, r.packs, r.config = v, newPacks(r), &configCache{}
	r.objects = newObjects(r)
	return r, nil
}

// OpenAside opens a repository as Open does, and puts what is written into it
// into objects, an empty directory, from where it is read as well: the caller
// removes it, and the repository is as it was. No ref can be moved, which git
// itself sees to. What Fetch brings goes where it belongs.
func OpenAside(ctx context.Context, dir, objects string, environ []string) (*Repo, error) {
	r, err := Open(ctx, dir, environ)
	if err != nil {
		return nil, err
	}
	if err := r.divert(objects); err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s aside: %w", dir, err), r.Close())
	}
	return r, nil
}

// divert makes objects the object directory, which borrows from the real one.
// The user's git, of r.environ, is not told.
func (r *Repo) divert(objects string) error {
	info := filepath.Join(objects, "info")
	if err := os.Mkdir(info, 0o777); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(info, "alternates"), []byte(filepath.ToSlash(r.objectDir)+"\n"), 0o666); err != nil {
		return err
	}
	r.objectDir = objects
	r.plumbing = append(without(r.plumbing, "GIT_OBJECT_DIRECTORY"), "GIT_OBJECT_DIRECTORY="+objects, "GIT_QUARANTINE_PATH="+objects)
	r.packs = newPacks(r)
	r.objects = newObjects(r)
	return nil
}

// Init creates a repository in dir, whose first branch is branch, and opens it.
// Files that are there already are left alone.
func Init(ctx context.Context, dir, branch string, environ []string) (*Repo, error) {
	c := call{args: []string{"init", "-q", "-b", branch, "--", dir}, env: append(without(environ), "LC_ALL=C")}
	if _, err := c.run(ctx); err != nil {
		return nil, fmt.Errorf("creating a repository in %s: %w", dir, err)
	}
	return Open(ctx, dir, environ)
}

// located is the order in which locate asks; the last needs a work tree and
// makes git fail, after the others were printed, where there is none.
var located = []string{
	"rev-parse", "--path-format=absolute", "--is-bare-repository", "--absolute-git-dir", "--git-common-dir",
	"--git-path", "objects", "--is-shallow-repository", "--show-object-format", "--show-prefix", "--show-toplevel",
}

func locate(ctx context.Context, dir string, environ []string) (*Repo, error) {
	out, err := call{args: located, dir: dir, env: append(without(environ), "LC_ALL=C")}.run(ctx)
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	hasRoot := err == nil
	if len(lines) < 7 || (hasRoot && len(lines) != 8) || (!hasRoot && len(lines) != 7) {
		if err == nil {
			err = errors.New("git rev-parse: unexpected answer; is there a line break in the path?")
		}
		return nil, locateError(dir, err)
	}
	f, err := formatNamed(lines[5])
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", dir, err)
	}
	r := &Repo{
		bare: lines[0] == "true", gitDir: filepath.FromSlash(lines[1]), commonDir: filepath.FromSlash(lines[2]),
		objectDir: filepath.FromSlash(lines[3]), shallow: lines[4] == "true", format: f,
		lockTimeout: lockTimeout,
	}
	if hasRoot {
		r.prefix, r.root = strings.TrimSuffix(lines[6], "/"), filepath.FromSlash(lines[7])
	}
	if v, ok := lookup(environ, "GIT_INDEX_FILE"); ok {
		r.index = absolute(dir, v)
	}
	r.environ = append(without(environ, local...), objectVariables(environ, dir)...)
	r.environ = append(r.environ, "GIT_DIR="+r.gitDir)
	if r.root != "" {
		r.environ = append(r.environ, "GIT_WORK_TREE="+r.root)
	}
	r.plumbing = append(without(r.environ), quiet...)
	return r, nil
}

func locateError(dir string, err error) error {
	if strings.Contains(err.Error(), "not a git repository") {
		return fmt.Errorf("opening %s: %w; run it inside a clone, or start one with git init", dir, git.ErrNotRepository)
	}
	return fmt.Errorf("opening %s: %w", dir, err)
}

func checkVersion(ctx context.Context, dir string, environ []string) (string, error) {
	out, err := call{args: []string{"version"}, dir: dir, env: append(without(environ), "LC_ALL=C")}.run(ctx)
	if err != nil {
		return "", fmt.Errorf("asking git for its version: %w", err)
	}
	return versionOf(string(out)), requireVersion(string(out))
}

// versionOf is the version in what `git version` printed.
func versionOf(printed string) string {
	return strings.TrimSpace(strings.TrimPrefix(printed, "git version "))
}

// requireVersion refuses what `git version` printed when it is too old.
func requireVersion(printed string) error {
	text := versionOf(printed)
	parts := strings.SplitN(text, ".", 3)
	major, err := strconv.Atoi(parts[0])
	if err != nil || len(parts) < 2 {
		return fmt.Errorf("git printed an unknown version %q; git %s or newer is needed", text, minimumGit)
	}
	minor, _ := strconv.Atoi(parts[1])
	if major < 2 || (major == 2 && minor < 38) {
		return fmt.Errorf("git %s %w: install git %s or newer", text, git.ErrTooOld, minimumGit)
	}
	return nil
}

// Close ends the processes that the repository started.
func (r *Repo) Close() error { return r.objects.close() }

// Root is the top of the work tree, "" in a bare repository.
func (r *Repo) Root() string { return r.root }

// GitDir is this work tree's own git directory.
func (r *Repo) GitDir() string { return r.gitDir }

// CommonDir is the git directory that all linked work trees share.
func (r *Repo) CommonDir() string { return r.commonDir }

// Bare says whether the repository has no work tree by design.
func (r *Repo) Bare() bool { return r.bare }

// Shallow says whether history ends before its beginning: nothing may be
// concluded from what is absent.
func (r *Repo) Shallow() bool { return r.shallow }

// Prefix returns dir relative to the top of the work tree, slash-separated, ""
// at the top.
func (r *Repo) Prefix(dir string) (string, error) {
	if r.root == "" {
		return "", fmt.Errorf("placing %s: the repository %s has no work tree", dir, r.gitDir)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("placing %s: %w", dir, err)
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return "", fmt.Errorf("placing %s: %w", dir, err)
	}
	top, err := filepath.EvalSymlinks(r.root)
	if err != nil {
		return "", fmt.Errorf("placing %s: %w", dir, err)
	}
	rel, err := filepath.Rel(top, real)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", fmt.Errorf("%s is outside the work tree %s", dir, r.root)
	}
	if rel == "." {
		return "", nil
	}
	return filepath.ToSlash(rel), nil
}

// git prepares plumbing in this repository.
func (r *Repo) git(args ...string) call {
	return call{args: args, dir: r.workDir(), env: r.plumbing}
}

// workDir is where commands run: git with an explicit GIT_DIR takes its
// directory for the top of the work tree.
func (r *Repo) workDir() string {
	if r.root != "" {
		return r.root
	}
	return r.gitDir
}
