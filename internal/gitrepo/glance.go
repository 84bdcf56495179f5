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
)

// Glance is what git says of a work tree's repository at one look, which takes
// two processes side by side and leaves none behind.
type Glance struct {
	GitDir string // this work tree's own
	// State is all that git says besides objects: what is checked out, where every
	// ref stands, the configuration, and where the history of a shallow clone ends.
	// While it is equal, so is whatever follows from these.
	State string
	root  string
	home  string // what all work trees of the repository share
}

// glanced is the order in which Glance asks. A name for another ref is told by
// where it stands, as HEAD is by what it names as well.
var glanced = []string{
	"rev-parse", "--path-format=absolute", "--absolute-git-dir", "--git-common-dir", "--is-shallow-repository", "--show-toplevel",
	"--all", "HEAD", "--symbolic-full-name", "--all", "HEAD",
}

// LookAt glances at the repository that dir belongs to, as git itself would with
// the environment environ. A repository without a work tree or without a commit is
// an error.
func LookAt(ctx context.Context, dir string, environ []string) (*Glance, error) {
	var said, config []byte
	var errs [2]error
	var wg sync.WaitGroup
	env := append(without(environ), "LC_ALL=C")
	wg.Go(func() { said, errs[0] = call{args: glanced, dir: dir, env: env}.run(ctx) })
	wg.Go(func() { config, errs[1] = call{args: []string{"config", "--list", "-z"}, dir: dir, env: env}.run(ctx) })
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("looking at the repository around %s: %w", dir, err)
	}
	lines := strings.Split(string(said), "\n")
	if len(lines) < 7 || !filepath.IsAbs(filepath.FromSlash(lines[3])) {
		return nil, fmt.Errorf("looking at the repository around %s: unexpected answer; is there a line break in the path?", dir)
	}
	g := &Glance{GitDir: filepath.FromSlash(lines[0]), root: filepath.FromSlash(lines[3]),
		home: filepath.FromSlash(lines[1]), State: string(said) + "\x00" + string(config)}
	if lines[2] == "true" {
		// Deepening a clone moves no ref, and yet shows more of what these stand for.
		ends, err := os.ReadFile(filepath.Join(g.home, "shallow"))
		if err != nil {
			return nil, fmt.Errorf("looking for where the history of the repository around %s ends: %w", dir, err)
		}
		g.State += "\x00" + string(ends)
	}
	return g, nil
}

// Written is when each file was written that State is read from. A ref that was
// moved and moved back leaves State as it was, and this not.
func (g *Glance) Written() string {
	var b strings.Builder
	for _, p := range []string{filepath.Join(g.GitDir, "HEAD"), filepath.Join(g.GitDir, "config.worktree"), filepath.Join(g.home, "config"),
		filepath.Join(g.home, "packed-refs"), filepath.Join(g.home, "shallow"), filepath.Join(g.home, "refs"), filepath.Join(g.home, "reftable")} {
		_ = filepath.WalkDir(p, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil // it is not there, or was removed this moment, which its directory tells
			}
			if info, err := d.Info(); err == nil {
				fmt.Fprintf(&b, "%q %d %d\n", p, info.Size(), info.ModTime().UnixNano())
			}
			return nil
		})
	}
	return b.String()
}

// Bare says that there is a work tree.
func (g *Glance) Bare() bool { return false }

// Root is the top of the work tree.
func (g *Glance) Root() string { return g.root }

// Prefix returns dir relative to the top of the work tree, slash-separated, ""
// at the top.
func (g *Glance) Prefix(dir string) (string, error) { return (&Repo{root: g.root}).Prefix(dir) }
