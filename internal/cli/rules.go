package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/policy"
)

// compiled is the policy of the work tree's store, or of the default pack
// where there is no store.
func (env *Env) compiled(ctx context.Context, dir string) (*ruleset, error) {
	if dir == "" {
		s, err := env.workTree(ctx)
		if err == nil {
			return env.judges().Policy(ctx, s)
		}
		if !errors.Is(err, store.ErrNoStore) {
			return nil, err
		}
	}
	var fsys fs.FS = policy.FS
	name := store.PolicyDir
	if dir != "" {
		if !filepath.IsAbs(dir) {
			name, dir = filepath.ToSlash(dir), filepath.Join(env.workDir(), dir)
		}
		if _, err := os.Stat(dir); err != nil {
			return nil, usage("%v", err)
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, fmt.Errorf("opening %s: %w", dir, err)
		}
		fsys = root.FS()
	}
	src, err := store.ReadPolicy(fsys, name)
	if err != nil {
		return nil, err
	}
	return env.compile(ctx, src)
}

func (env *Env) rules(ctx context.Context) ([]rule, error) {
	p, err := env.compiled(ctx, "")
	if err != nil {
		return nil, err
	}
	return p.Rules(), nil
}

// defaultRules are the rules of the pack that init copies.
func (env *Env) defaultRules(ctx context.Context) ([]rule, error) {
	src, err := store.ReadPolicy(policy.FS, store.PolicyDir)
	if err != nil {
		return nil, err
	}
	p, err := env.compile(ctx, src)
	if err != nil {
		return nil, err
	}
	return p.Rules(), nil
}

func (env *Env) testPolicy(ctx context.Context, list []string, run string, coverage bool) (*testReport, error) {
	dir := ""
	if len(list) == 1 {
		dir = list[0]
	}
	env.wary()
	p, err := env.compiled(ctx, dir)
	if err != nil {
		return nil, err
	}
	return p.Test(ctx, testOptions{Run: run, Coverage: coverage})
}
