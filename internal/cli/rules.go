package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/validate"
	"github.com/gitsm/gitsm/policy"
)

// compiled is the policy of the work tree's store, or of the default pack
// where there is no store.
func (env *Env) compiled(ctx context.Context, dir string) (*ruleset, error) {
	p, _, err := env.tried(ctx, dir)
	return p, err
}

// compiledAt is the policy as main had it; where at is "", as the work tree has it.
func (env *Env) compiledAt(ctx context.Context, at string) (*ruleset, error) {
	if at == "" {
		return env.compiled(ctx, "")
	}
	s, err := env.landedAt(ctx, at)
	if err != nil {
		return nil, err
	}
	return env.judges().Policy(ctx, s)
}

// tried is a policy with the store it is of, nil where it is of none, in which
// case its fixtures are in files.
func (env *Env) tried(ctx context.Context, dir string) (p *ruleset, of fixtureSource, err error) {
	if dir == "" {
		s, err := env.workTree(ctx)
		if err == nil {
			p, err := env.judges().Policy(ctx, s)
			return p, fixtureSource{store: s}, err
		}
		if !errors.Is(err, store.ErrNoStore) {
			return nil, of, err
		}
	}
	of = fixtureSource{files: policy.FS, name: store.PolicyDir}
	if dir != "" {
		if !filepath.IsAbs(dir) {
			of.name, dir = filepath.ToSlash(dir), filepath.Join(env.workDir(), dir)
		}
		if _, err := os.Stat(dir); err != nil {
			return nil, of, usage("%v", err)
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, of, fmt.Errorf("opening %s: %w", dir, err)
		}
		of.files = root.FS()
	}
	src, err := store.ReadPolicy(of.files, of.name)
	if err != nil {
		return nil, of, err
	}
	p, err = env.compile(ctx, src)
	return p, of, err
}

// fixtureSource is where the fixtures of a policy are: in a store, or else in
// the files of a directory.
type fixtureSource struct {
	store *store.Store
	files fs.FS
	name  string
}

// read returns the fixtures. If any does not conform to its kind, the error
// says all that is wrong with them, as with the policy itself.
func (of fixtureSource) read() (map[string]fixture, error) {
	read := func() ([]store.Fixture, []finding.Finding, error) { return store.ReadFixtures(of.files, of.name) }
	if of.store != nil {
		read = of.store.Fixtures
	}
	list, wrong, err := read()
	if err != nil {
		return nil, err
	}
	out := map[string]fixture{}
	v := validate.New()
	for _, f := range list {
		kind, found, err := v.Fixture(of.store, f.Doc)
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, found...)
		out[f.Name] = fixture{Kind: kind, Record: f.Doc.Value()}
	}
	if len(wrong) == 0 {
		return out, nil
	}
	finding.Sort(wrong)
	e := &compileError{}
	for _, f := range wrong { // their fixes are for records of a store
		e.Problems = append(e.Problems, policyProblem{Code: f.Code, File: f.File, Line: f.Line, Column: f.Column, Message: f.Message})
	}
	return nil, e
}

// rules are those of the work tree's policy, or of main's at a revision or date.
func (env *Env) rules(ctx context.Context, at string) ([]rule, error) {
	p, err := env.compiledAt(ctx, at)
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

// testPolicy runs the tests of a policy; byData counts those that fail for what
// data.yaml says, as numbers has it.
func (env *Env) testPolicy(ctx context.Context, list []string, run string) (rep *testReport, byData int, err error) {
	dir := ""
	if len(list) == 1 {
		dir = list[0]
	}
	p, of, err := env.tried(ctx, dir)
	if err != nil {
		return nil, 0, err
	}
	fixtures, err := of.read()
	if err != nil {
		return nil, 0, err
	}
	o := testOptions{Run: run, Coverage: true, Fixtures: fixtures}
	if rep, err = p.Test(ctx, o); err == nil && len(rep.Tests) > 0 && rep.Failed() {
		byData, err = env.numbers(ctx, of, o, rep)
	}
	return rep, byData, err
}
