package cli

import (
	"context"
	"errors"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/store"
)

// checkStaged checks what the index changes against HEAD, by the policy of HEAD
// where that has a store.
func checkStaged(ctx context.Context, env *Env) (*check.Report, inLines, error) {
	if env.config != "" {
		env.rehearse() // the tree of the index is not for a repository that is looked at
	}
	repo, err := env.repository(ctx)
	if err != nil {
		return nil, nil, err
	}
	dir, err := env.storeDir(repo)
	if err != nil {
		return nil, nil, err
	}
	tree, err := repo.IndexTree(ctx)
	if err != nil {
		return nil, nil, err
	}
	env.keepParts(repo.CommonDir())
	open := func(id git.OID) (*store.Store, error) {
		fsys, err := reader{repo, env}.FS(ctx, id)
		if err != nil {
			return nil, err
		}
		return store.Open(fsys, store.InDirectory(dir), store.WithCache(env.snapshots()))
	}
	after, err := open(tree)
	if err != nil {
		return nil, nil, err
	}
	var before *store.Store
	head, err := headOf(ctx, repo)
	if err != nil {
		return nil, nil, err
	}
	if head != "" { // else this is the first commit
		if before, err = open(head); err != nil && !errors.Is(err, store.ErrNoStore) {
			return nil, nil, err
		}
	}
	changes, err := repo.Diff(ctx, head, tree)
	if err != nil {
		return nil, nil, err
	}
	if before == nil {
		rep, err := env.checkWith(ctx, check.Options{Head: after, Changed: paths(changes)}, judging{})
		return rep, nil, err
	}
	rep, lines, err := env.checkProposed(ctx, proposed{base: before, head: after, changes: changes})
	if err != nil || len(rep.Findings) == 0 {
		return rep, lines, err
	}
	main := env.lookAtMain(ctx)
	defer main.wait()
	rep.Findings = env.inFiles(ctx, after, rep.Findings, main)
	return rep, lines, nil
}

// heads is what is known of the commit that is checked out.
type heads interface {
	HeadBranch(ctx context.Context) (string, error)
	Ref(ctx context.Context, name string) (git.OID, error)
	Resolve(ctx context.Context, rev string) (git.OID, error)
}

// headOf is the commit that is checked out, "" before the first one.
func headOf(ctx context.Context, repo heads) (git.OID, error) {
	branch, err := repo.HeadBranch(ctx)
	switch {
	case err != nil:
		return "", err
	case branch != "":
		return repo.Ref(ctx, branch)
	}
	return repo.Resolve(ctx, "HEAD")
}
