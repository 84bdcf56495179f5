package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/store"
)

// rulesFS is the directory of a configuration outside the repository, in which
// the file may have any name.
type rulesFS struct {
	fs.FS
	name string
}

// Open opens a file beside the configuration, or the configuration itself.
func (r rulesFS) Open(name string) (fs.File, error) {
	if name == store.ConfigFile {
		name = r.name
	}
	return r.FS.Open(name)
}

// outside is a tree as --config has it read: as it is where none is given.
func (env *Env) outside(tree fs.FS) (fs.FS, error) {
	if env.config == "" {
		return tree, nil
	}
	if env.beside == nil {
		file := env.config
		if !filepath.IsAbs(file) {
			file = filepath.Join(env.workDir(), file)
		}
		if info, err := os.Stat(file); err != nil {
			return nil, usage("--config: %v", err)
		} else if info.IsDir() {
			return nil, usage("--config %s is a directory", env.config).hint("--config %s", filepath.Join(env.config, store.ConfigFile))
		}
		root, err := os.OpenRoot(filepath.Dir(file))
		if err != nil {
			return nil, fmt.Errorf("opening %s: %w", filepath.Dir(file), err)
		}
		env.beside = rulesFS{root.FS(), filepath.Base(file)}
	}
	return store.Outside{FS: tree, Rules: env.beside, Name: filepath.ToSlash(env.config)}, nil
}

// readOnly refuses whatever would write to a repository that --config looks at:
// its own gitsm.yaml, if it has one, says something else.
func (env *Env) readOnly() error {
	if env.config == "" {
		return nil
	}
	return usage("--config looks at a repository as it is, and nothing is written to it").hint("to write, put the file into the repository as %s and leave --config out", store.ConfigFile)
}

// mainBranch is the branch whose records are in force.
func (env *Env) mainBranch(ctx context.Context, repo reader, dir string) (string, error) {
	if env.config == "" {
		return proposal.FindMain(ctx, repo, dir)
	}
	return env.mainOutside(ctx, repo)
}

// mainOutside is the branch to look at with --config: the one that the file
// names, else main where there is one, else the one that is checked out.
func (env *Env) mainOutside(ctx context.Context, repo reader) (string, error) {
	head, err := repo.Resolve(ctx, "HEAD")
	if err != nil {
		return "", err
	}
	tree, err := repo.FS(ctx, head)
	if err != nil {
		return "", err
	}
	s, err := store.Open(tree)
	if err != nil {
		return "", err
	}
	if _, given := s.Doc.Node("/main_branch"); given {
		return s.Config.MainBranch, nil
	}
	for _, ref := range []string{"refs/heads/main", "refs/remotes/origin/main"} {
		if id, err := repo.Ref(ctx, ref); err != nil || id != "" {
			return "main", err
		}
	}
	branch, err := env.branch(ctx)
	if err == nil && branch == "" {
		err = usage("no branch is checked out, and there is no main").hint("write main_branch: … into %s", env.config)
	}
	return branch, err
}
