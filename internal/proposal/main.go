package proposal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/store"
)

// FindMain returns the name of the branch whose records are in force. It is
// the branch that its own gitsm.yaml names, so that no proposal that happens
// to be checked out can say that it is main.
func FindMain(ctx context.Context, repo interface {
	Reader
	Resolve(ctx context.Context, rev string) (git.OID, error)
}, dir string) (string, error) {
	names := []string{"main"}
	named := "" // what a store that is checked out calls main
	if id, err := repo.Resolve(ctx, "HEAD"); err == nil {
		if s, err := openAt(ctx, repo, id, dir); err == nil {
			if named = s.Config.MainBranch; named != "main" {
				names = append(names, named)
			}
		}
	}
	var broken error
	var seen git.OID // what was looked into
	for _, name := range names {
		for _, ref := range []string{"refs/heads/" + name, "refs/remotes/origin/" + name} {
			id, err := repo.Ref(ctx, ref)
			if err != nil {
				return "", err
			}
			if id == "" {
				continue
			}
			seen = id
			s, err := openAt(ctx, repo, id, dir)
			if err == nil && s.Config.MainBranch == name {
				return name, nil
			}
			if err != nil && !errors.Is(err, store.ErrNoStore) {
				broken = err
			}
		}
	}
	if broken != nil {
		return "", broken
	}
	if origin, err := repo.Refs(ctx, "refs/remotes/origin/"); err == nil && named != "" && len(origin) > 0 {
		return "", &IncompleteError{What: fmt.Sprintf("branch %s, whose records are in force, is not in this clone", named),
			Fix: fmt.Sprintf("git fetch origin '+refs/heads/%[1]s:refs/remotes/origin/%[1]s' '+refs/heads/gitsm*:refs/remotes/origin/gitsm*'", named)}
	}
	at := path.Join(dir, store.ConfigFile)
	looked := fmt.Sprintf("looked for %s on %s", at, strings.Join(names, ", "))
	if id, err := repo.Resolve(ctx, "HEAD"); err == nil {
		if below := storesBelow(ctx, repo, id, dir); len(below) > 0 {
			looked += "; there is one in " + strings.Join(below, ", ")
		}
	}
	if dir != "" {
		if elsewhere := storesBelow(ctx, repo, seen, ""); len(elsewhere) > 0 {
			looked += fmt.Sprintf("; it has one in %s, and if that was moved here, this is a store once %s has the move", strings.Join(elsewhere, ", "), names[0])
		}
	}
	return "", fmt.Errorf("%w (%s)", store.ErrNoStore, looked)
}

// storesBelow are the directories near beneath dir that are stores, at a commit.
func storesBelow(ctx context.Context, repo Reader, id git.OID, dir string) (out []string) {
	tree, err := repo.FS(ctx, id)
	if err != nil {
		return nil
	}
	for _, pattern := range []string{"*", "*/*"} {
		found, err := fs.Glob(tree, path.Join(dir, pattern, store.ConfigFile))
		if err != nil {
			return nil // the directory itself holds the marks of a pattern
		}
		for _, name := range found {
			out = append(out, path.Dir(name))
		}
	}
	return out
}

func openAt(ctx context.Context, repo Reader, id git.OID, dir string) (*store.Store, error) {
	fsys, err := repo.FS(ctx, id)
	if err != nil {
		return nil, err
	}
	return store.Open(fsys, store.InDirectory(dir))
}
