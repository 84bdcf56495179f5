package cli

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/store"
)

// checkAll checks all of the work tree, or says what the check before said where
// that would come to the same.
func checkAll(ctx context.Context, env *Env, noCache bool) (*check.Report, error) {
	var last *lastCheck
	if !noCache {
		last = env.lastCheck(ctx)
		if rep := last.stands(env); rep != nil {
			return rep, nil
		}
	}
	last.mark()
	main := env.lookAtMain(ctx)
	defer main.wait()
	defer last.end()
	s, err := env.tree(ctx, last.begin(env.ahead))
	if err != nil {
		return nil, err
	}
	rep, err := checkTreeOf(ctx, env, s, noCache, main)
	if err != nil {
		return nil, err
	}
	notes, err := unchecked(ctx, env, main)
	for _, n := range notes {
		env.say("%s", n)
	}
	if err == nil {
		last.keep(ctx, env, rep, notes)
	}
	return rep, nil
}

// checkTreeOf checks all of an opened work tree.
func checkTreeOf(ctx context.Context, env *Env, s *store.Store, noCache bool, main *mainView) (*check.Report, error) {
	if noCache {
		return env.checkHere(ctx, s, nil, nil, main)
	}
	return env.checkKept(ctx, s, main)
}

// lastCheck is the check of a whole work tree before this one, and the place of
// what the next will know of this one, in the git directory. It may be deleted at
// any time. A nil one remembers nothing.
type lastCheck struct {
	dir, file string
	glance    *glance
	key       [sha256.Size]byte // of it, and of what else checkKey names
	now       time.Time

	written string       // when what glance saw was written
	trace   *check.Trace // what this check reads; nil where it is not to be kept
	next    *os.File     // what is to become file
	begun   time.Time    // by the clock of the file system
}

// lastCheck finds what the check before left. With --config nothing is kept,
// since nothing may be written.
func (env *Env) lastCheck(ctx context.Context) *lastCheck {
	if env.config != "" {
		return nil
	}
	now, err := env.at()
	if err != nil {
		return nil
	}
	l := &lastCheck{now: now}
	if l.glance, l.key, err = env.checkKey(ctx); err != nil {
		return nil
	}
	l.dir = filepath.Join(l.glance.GitDir, "gitsm", "check")
	l.file = filepath.Join(l.dir, "last")
	return l
}

// checkKey stands for everything but files of the work tree and the moment that a
// check of all of it rests on.
func (env *Env) checkKey(ctx context.Context) (g *glance, key [sha256.Size]byte, err error) {
	if g, err = env.glance(ctx); err != nil {
		return nil, key, err
	}
	dir, err := env.storeDir(g)
	if err != nil {
		return nil, key, err
	}
	return g, sha256.Sum256(fmt.Appendf(nil, "%q %d %q %q %q", env.build(), os.Geteuid(), g.Root(), dir, g.State)), nil
}

// stands returns the report of the check before where this one would come to the
// same, and says what was said beside it; else nil.
func (l *lastCheck) stands(env *Env) *check.Report {
	if l == nil {
		return nil
	}
	data, err := os.ReadFile(l.file)
	if err != nil {
		return nil
	}
	w := check.ReadWhole(data, l.key)
	if w == nil {
		return nil
	}
	tree, err := l.tree()
	if err != nil {
		return nil
	}
	defer tree.close()
	if !w.Stands(tree, l.now) {
		return nil
	}
	for _, n := range w.Notes {
		env.say("%s", n)
	}
	return w.Report
}

// mark notes when refs were written, before anything of them is read.
func (l *lastCheck) mark() {
	if l != nil {
		l.written = l.glance.Written()
	}
}

// tree opens the work tree anew, since what is open stays open when it is moved.
func (l *lastCheck) tree() (*workTree, error) {
	root, err := os.OpenRoot(l.glance.Root())
	if err != nil {
		return nil, err
	}
	return newWorkTree(root), nil
}

// begin begins a check that is to be remembered, before it reads anything. It
// returns how that reads the work tree.
func (l *lastCheck) begin(ahead time.Duration) func(fs.FS) fs.FS {
	plain := func(tree fs.FS) fs.FS { return tree }
	if l == nil || os.MkdirAll(l.dir, 0o755) != nil {
		return plain
	}
	var err error
	if l.next, err = os.CreateTemp(l.dir, "next-*"); err != nil {
		return plain
	}
	info, err := l.next.Stat()
	if err != nil {
		return plain
	}
	l.begun = info.ModTime().Add(ahead)
	return func(tree fs.FS) fs.FS {
		l.trace = check.NewTrace(tree)
		return l.trace
	}
}

// keep keeps a report for the next check, if that can know what it rests on.
func (l *lastCheck) keep(ctx context.Context, env *Env, rep *check.Report, notes []string) {
	if l == nil || l.trace == nil {
		return
	}
	tree, err := l.tree()
	if err != nil {
		return
	}
	defer tree.close()
	data, ok := check.KeepWhole(l.key, rep, notes, l.trace, tree, l.begun)
	if !ok {
		return
	}
	if _, now, err := env.checkKey(ctx); err != nil || now != l.key || l.glance.Written() != l.written {
		return // somebody moved a branch meanwhile, and perhaps back again
	}
	if _, err := l.next.Write(data); err == nil && l.next.Close() == nil {
		// Whoever reads it meanwhile sees the old or the new one.
		_ = os.Rename(l.next.Name(), l.file)
	}
}

// end removes what was not kept.
func (l *lastCheck) end() {
	if l != nil && l.next != nil {
		_ = l.next.Close()
		_ = os.Remove(l.next.Name())
	}
}
