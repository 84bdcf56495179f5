package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// worktree is one work tree of the repository and the branch checked out there.
type worktree struct {
	path   string
	branch string // full name, "" when detached
	env    []string
}

// CheckedOut says whether the ref is checked out in any work tree.
func (r *Repo) CheckedOut(ctx context.Context, ref string) (bool, error) {
	trees, err := r.worktrees(ctx)
	if err != nil {
		return false, err
	}
	for _, w := range trees {
		if w.branch == ref {
			return true, nil
		}
	}
	return false, nil
}

// worktrees lists the work trees that exist: this one as it was opened, and
// every other as git lists it.
func (r *Repo) worktrees(ctx context.Context) ([]worktree, error) {
	var trees []worktree
	if r.root != "" {
		branch, err := r.HeadBranch(ctx)
		if err != nil {
			return nil, err
		}
		trees = append(trees, worktree{path: r.root, branch: branch, env: r.plumbing})
	}
	if _, err := os.Stat(filepath.Join(r.commonDir, "worktrees")); errors.Is(err, fs.ErrNotExist) {
		return trees, nil // none was ever linked, which is how most repositories are
	}
	out, err := r.git("worktree", "list", "--porcelain", "-z").run(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing work trees: %w", err)
	}
	elsewhere := without(r.plumbing, "GIT_DIR", "GIT_WORK_TREE")
	for i, block := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00\x00") {
		w, usable := parseWorktree(block)
		own := r.sameDir(w.path) || (i == 0 && r.gitDir == r.commonDir)
		if usable && !own {
			w.env = elsewhere
			trees = append(trees, w)
		}
	}
	return trees, nil
}

// sameDir says whether path is this repository's own work tree.
func (r *Repo) sameDir(path string) bool {
	a, aerr := os.Stat(path)
	b, berr := os.Stat(r.root)
	return aerr == nil && berr == nil && os.SameFile(a, b)
}

// parseWorktree reads one block of `git worktree list --porcelain -z`. Bare
// ones and those whose directory is gone have no files to care for.
func parseWorktree(block string) (w worktree, usable bool) {
	usable = true
	for line := range strings.SplitSeq(block, "\x00") {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "worktree":
			w.path = value
		case "branch":
			w.branch = value
		case "bare", "prunable":
			usable = false
		}
	}
	if _, err := os.Stat(w.path); err != nil {
		usable = false
	}
	return w, usable
}
