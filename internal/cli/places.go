package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gitsm/gitsm/internal/store"
)

// place is where a repository is.
type place interface {
	Bare() bool
	Root() string // of the work tree
	Prefix(dir string) (string, error)
}

// storeDir finds the store: the nearest directory upward that holds
// gitsm.yaml, as a path within the repository.
func (env *Env) storeDir(repo place) (string, error) {
	if repo.Bare() || env.config != "" {
		return "", nil // --config takes the whole repository for a store
	}
	top := repo.Root()
	for dir := env.realDir(); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, store.ConfigFile)); err == nil {
			return repo.Prefix(dir)
		}
		if dir == top || dir == filepath.Dir(dir) {
			return "", nil // perhaps another branch is checked out: main says
		}
	}
}

func (env *Env) realDir() string {
	if real, err := filepath.EvalSymlinks(env.workDir()); err == nil {
		return real
	}
	return env.workDir()
}

// workTree opens the store as it lies in the work tree, untracked files and
// all, without following links out of it.
func (env *Env) workTree(ctx context.Context) (*store.Store, error) {
	return env.tree(ctx, func(tree fs.FS) fs.FS { return tree })
}

// tree opens the work tree as workTree does, and reads it through what view
// makes of it.
func (env *Env) tree(ctx context.Context, view func(fs.FS) fs.FS) (*store.Store, error) {
	top, dir := env.workDir(), ""
	repo, err := env.repository(ctx)
	switch {
	case err == nil && repo.Bare():
		return nil, usage("this repository has no work tree").hint("gitsm check --base REV, or an id, works here")
	case err == nil:
		top = repo.Root()
		if dir, err = env.storeDir(repo); err != nil {
			return nil, err
		}
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", top, err)
	}
	tree, err := env.outside(view(newWorkTree(root)))
	if err != nil {
		return nil, err
	}
	return store.Open(tree, store.InDirectory(dir))
}
