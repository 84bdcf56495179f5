package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/lazyregexp"
)

// Followed is a work tree whose files went along with its branch.
type Followed struct {
	Ref      string
	Worktree string
}

// DirtyError says that moving a branch would overwrite uncommitted work in the
// work tree where it is checked out.
type DirtyError struct {
	Ref, Worktree string
	Paths         []string
	Reason        string // git's words
}

// Error names the files and the remedy.
func (e *DirtyError) Error() string {
	what := strings.Join(e.Paths, ", ")
	if what == "" {
		what = e.Reason
	}
	return fmt.Sprintf("moving %s would overwrite uncommitted work in %s: %s; commit it, or set it aside with git stash", e.Ref, e.Worktree, what)
}

// CheckedOutError says that a branch to be deleted is checked out.
type CheckedOutError struct{ Ref, Worktree string }

// Error names the work tree and the remedy.
func (e *CheckedOutError) Error() string {
	return fmt.Sprintf("deleting %s: it is checked out in %s; switch to another branch there first", e.Ref, e.Worktree)
}

// FollowError says that the refs moved but a work tree could not follow.
type FollowError struct {
	Ref, Worktree string
	Err           error
}

// Error says what stands and how to bring the files along.
func (e *FollowError) Error() string {
	return fmt.Sprintf("%s has moved, but the files in %s did not follow: %v; see git status there", e.Ref, e.Worktree, e.Err)
}

// Unwrap returns what went wrong.
func (e *FollowError) Unwrap() error { return e.Err }

// RefsMoved tells callers that see no more than an error that the refs stand at
// their new values, so that what was done is not reported as undone.
func (e *FollowError) RefsMoved() bool { return true }

// step is one work tree that has to follow one update.
type step struct {
	tree   worktree
	update git.RefUpdate
	old    git.OID // what the files stand at: the empty tree on an unborn branch
}

// follower brings work trees along.
type follower struct {
	repo   *Repo
	steps  []step
	unlock func()
}

// prepareFollow finds the work trees that an update concerns and probes each,
// holding a lock that other processes of ours wait for: two updates that
// followed in the wrong order would leave the files at the first.
func (r *Repo) prepareFollow(ctx context.Context, updates []git.RefUpdate) (*follower, error) {
	f := &follower{repo: r}
	if !slices.ContainsFunc(updates, concernsFiles) {
		return f, nil
	}
	if err := f.plan(ctx, updates); err != nil || len(f.steps) == 0 {
		return f, err
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(r.commonDir, "gitsm-follow.lock")).Lock()
	if err != nil {
		return nil, fmt.Errorf("locking the work tree: %w", err)
	}
	f.unlock = unlock
	for _, s := range f.steps {
		if err := f.probe(ctx, s); err != nil {
			f.release()
			return nil, fmt.Errorf("moving refs: %w", err)
		}
	}
	return f, nil
}

// plan notes which work trees have to follow which update.
func (f *follower) plan(ctx context.Context, updates []git.RefUpdate) error {
	trees, err := f.repo.worktrees(ctx)
	if err != nil {
		return err
	}
	for _, u := range updates {
		for _, w := range trees {
			if w.branch != u.Name || !concernsFiles(u) {
				continue
			}
			if u.New == "" {
				return fmt.Errorf("moving refs: %w", &CheckedOutError{u.Name, w.path})
			}
			old := u.Old
			if old == "" {
				old = f.repo.format.emptyTree
			}
			f.steps = append(f.steps, step{w, u, old})
		}
	}
	return nil
}

// concernsFiles says whether an update can change what a work tree should hold.
func concernsFiles(u git.RefUpdate) bool {
	return u.Old != u.New && strings.HasPrefix(u.Name, "refs/heads/")
}

func (f *follower) release() {
	if f.unlock != nil {
		f.unlock()
		f.unlock = nil
	}
}

// probe asks git whether the files could follow. A refusal may rest on times
// in the index that are out of date, so it is asked again after a refresh.
func (f *follower) probe(ctx context.Context, s step) error {
	if f.readTree(ctx, s, "-n") == nil {
		return nil
	}
	_, _ = f.in(s, "update-index", "-q", "--refresh").run(ctx)
	err := f.readTree(ctx, s, "-n")
	if err == nil {
		return nil
	}
	// A branch that is no longer at its old value is stale, not dirty.
	now, rerr := f.repo.Ref(ctx, s.update.Name)
	if rerr != nil {
		return rerr
	}
	if now != s.update.Old {
		return fmt.Errorf("%w: %s is at %s, not at %s", git.ErrStale, s.update.Name, shown(now), shown(s.update.Old))
	}
	return f.dirty(ctx, s, err)
}

// follow moves the files. The refs have moved by now, so it does not give up
// at the first index lock that some other git holds for a moment.
func (f *follower) follow(ctx context.Context) ([]Followed, error) {
	var done []Followed
	var errs []error
	for _, s := range f.steps {
		// Somebody may have switched to another branch since the probe.
		head, err := f.in(s, "symbolic-ref", "--quiet", "HEAD").run(ctx)
		if err != nil || strings.TrimSpace(string(head)) != s.update.Name {
			continue
		}
		if err := f.readTree(ctx, s); err != nil {
			errs = append(errs, &FollowError{s.update.Name, s.tree.path, err})
			continue
		}
		done = append(done, Followed{s.update.Name, s.tree.path})
	}
	return done, errors.Join(errs...)
}

// indexRetries bounds the wait for an index lock: 20, 40, 80 … ms, 2.5 s in all.
const indexRetries = 7

func (f *follower) readTree(ctx context.Context, s step, options ...string) error {
	args := append([]string{"read-tree"}, options...)
	args = append(args, "-u", "-m", s.old, s.update.New)
	wait := 20 * time.Millisecond
	for attempt := 0; ; attempt++ {
		_, err := f.in(s, args...).run(ctx)
		if err == nil || attempt == indexRetries || !strings.Contains(err.Error(), "index.lock") {
			return err
		}
		time.Sleep(wait)
		wait *= 2
	}
}

// in prepares git in the work tree of s.
func (f *follower) in(s step, args ...string) call {
	return call{args: args, dir: s.tree.path, env: s.tree.env}
}

var quoted = lazyregexp.New(`'([^']+)'`)

// dirty turns git's refusal, which stops at the first file, into all of them:
// files that differ from the old tree, or are in the way, and that change.
func (f *follower) dirty(ctx context.Context, s step, refusal error) error {
	e := &DirtyError{Ref: s.update.Name, Worktree: s.tree.path, Reason: refusal.Error()}
	changes, err := f.repo.Diff(ctx, s.update.Old, s.update.New)
	if err != nil {
		return err
	}
	out, err := f.in(s, "diff-index", "-z", "--name-only", "--no-renames", s.old, "--").run(ctx)
	if err != nil {
		return fmt.Errorf("comparing %s with its branch: %w", s.tree.path, err)
	}
	differ := map[string]bool{}
	for name := range strings.SplitSeq(string(out), "\x00") {
		differ[name] = true
	}
	for _, c := range changes {
		_, err := os.Lstat(filepath.Join(s.tree.path, filepath.FromSlash(c.Path)))
		if differ[c.Path] || (c.OldBlob == "" && err == nil) {
			e.Paths = append(e.Paths, c.Path)
		}
	}
	if m := quoted.FindStringSubmatch(e.Reason); len(e.Paths) == 0 && m != nil {
		e.Paths = []string{m[1]}
	}
	return e
}
