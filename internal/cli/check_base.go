package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/store"
)

// proposed is a tree that is checked against what is in force.
type proposed struct {
	base, head *store.Store
	changes    []git.FileChange
	// authority is what evidence has of a change; nil knows nothing.
	authority func(ctx context.Context, id string) (decision.Authority, error)
}

// checkBase checks what HEAD changes against a revision.
func checkBase(ctx context.Context, env *Env, rev string) (*check.Report, inLines, error) {
	d, err := env.desk(ctx, false)
	if err != nil {
		return nil, nil, err
	}
	repo, err := env.repository(ctx)
	if err != nil {
		return nil, nil, err
	}
	base, err := env.resolveBase(ctx, rev)
	if err != nil {
		return nil, nil, usage("%v", err).hint(noBase)
	}
	head, err := repo.Resolve(ctx, "HEAD")
	if err != nil {
		return nil, nil, err
	}
	p := proposed{authority: d.Authority}
	if p.base, p.head, p.changes, err = d.Compare(ctx, base, head); err != nil {
		return nil, nil, err
	}
	rep, lines, err := env.checkProposed(ctx, p)
	if err == nil && p.changesPolicy() {
		env.say("policy changes, and is no record: it compiles, and gitsm policy test runs its tests")
	}
	return rep, lines, err
}

// changesPolicy reports whether any change is of policy.
func (p proposed) changesPolicy() bool {
	return slices.ContainsFunc(paths(p.changes), func(name string) bool { return strings.HasPrefix(name, p.base.Display(store.PolicyDir)+"/") })
}

// noBase says what to do about a base that is not here.
const noBase = "git branch -a shows what is here; fetch what is missing (in CI, actions/checkout needs fetch-depth: 0)"

// resolveBase finds the commit that a check starts from. A clone in which nobody
// checked out a branch has it as the branch of origin alone, which is said.
func (env *Env) resolveBase(ctx context.Context, rev string) (git.OID, error) {
	repo, err := env.repository(ctx)
	if err != nil {
		return "", err
	}
	base, err := repo.Resolve(ctx, rev)
	if err == nil {
		return base, nil
	}
	if theirs, other := repo.Resolve(ctx, "refs/remotes/origin/"+rev); other == nil {
		env.say("there is no branch %[1]s here: origin/%[1]s is taken for it", rev)
		return theirs, nil
	}
	return base, err
}

// inLines reports whether a proposal changes a line of a file.
type inLines func(file string, line int) bool

// checkProposed checks what a tree changes by what is in force, and says which
// lines of the files with findings it changes.
func (env *Env) checkProposed(ctx context.Context, p proposed) (*check.Report, inLines, error) {
	now, err := env.at()
	if err != nil {
		return nil, nil, err
	}
	changed := paths(p.changes)
	if p.changesPolicy() {
		// It judges nothing yet, but once it landed nothing could be judged.
		if _, err := env.judges().Advise(ctx, p.head, p.head, decision.Actor{}, now); err != nil {
			return nil, nil, fmt.Errorf("the policy as it is proposed: %w", err)
		}
	}
	facts := &decision.Facts{Base: p.base, Head: p.head, Now: now}
	if err := facts.Classify(p.changes); err != nil {
		return nil, nil, err
	}
	o := check.Options{Head: p.head, Base: p.base, Changed: changed}
	unjudged, err := env.lawless(p.base)
	if err != nil {
		return nil, nil, err
	}
	if !unjudged {
		o.Beside = func(ctx context.Context) ([]finding.Finding, error) { return env.judges().Rest(ctx, facts) }
		if unjudged, err = env.judges().Mends(ctx, facts); err != nil {
			return nil, nil, err
		}
	}
	rep, err := env.checkWith(ctx, o, judging{unjudged: unjudged, authority: p.authority})
	if err != nil {
		return nil, nil, err
	}
	lines, err := check.ChangedLines(p.base, p.head, rep.Findings)
	return rep, func(file string, line int) bool { return lines[file][line] }, err
}

// paths are the files that changes are of: none is an empty list, which is not
// the same as one that was not given.
func paths(changes []git.FileChange) []string {
	out := make([]string, len(changes))
	for i, c := range changes {
		out[i] = c.Path
	}
	return out
}

// check checks records of a tree, all of them where none is named, by the policy
// of that tree.
func (env *Env) check(ctx context.Context, s *store.Store, only []string, cache *check.Cache) (*check.Report, error) {
	return env.checkWith(ctx, check.Options{Head: s, Only: only, Cache: cache}, judging{})
}

// checkHere checks records of the work tree, which its gitsm.yaml may be about to
// change the rules for.
func (env *Env) checkHere(ctx context.Context, s *store.Store, only []string, cache *check.Cache, main *mainView) (*check.Report, error) {
	rep, err := env.checkWith(ctx, check.Options{Head: s, Only: only, Cache: cache,
		Beside: func(context.Context) ([]finding.Finding, error) { return env.reconfigured(s, only, main) }}, judging{})
	if err == nil {
		rep.Findings = env.inFiles(ctx, s, rep.Findings, main)
	}
	return rep, err
}

// judging is how policy takes part in a check.
type judging struct {
	unjudged  bool // there is no rule that could be asked
	authority func(ctx context.Context, id string) (decision.Authority, error)
}

// checkWith runs a check with the policy that applies to it.
func (env *Env) checkWith(ctx context.Context, o check.Options, by judging) (*check.Report, error) {
	now, err := env.at()
	if err != nil {
		return nil, err
	}
	force := o.Head
	if o.Base != nil {
		force = o.Base
	}
	o.Validator, o.Chosen = env.judges().Validator, env.limitMemory
	if !by.unjudged {
		if by.unjudged, err = env.lawless(force); err != nil {
			return nil, err
		}
	}
	if !by.unjudged {
		judge := env.judges()
		o.Law = func(ctx context.Context) (check.Law, error) {
			advice, err := judge.Advise(ctx, force, o.Head, decision.Actor{}, now)
			if err != nil {
				return check.Law{}, err
			}
			advice.Authority = by.authority
			return check.Law{Policy: advice, Waive: advice.Waive, Immaterial: advice.Immaterial}, nil
		}
	}
	return check.Run(ctx, o)
}

// lawless reports whether a repository that --config looks at has no policy and
// no change that would need one: then schemas, references and lifecycles are all
// there is to check by, which is said.
func (env *Env) lawless(s *store.Store) (bool, error) {
	if env.config == "" {
		return false, nil
	}
	src, err := s.Policy()
	if err != nil || len(src.Modules) > 0 {
		return false, err
	}
	changes, err := s.IDs("change")
	if err != nil || len(changes) > 0 {
		return false, err
	}
	env.say("there is no policy beside %s, so no rule judges anything", env.config)
	return true, nil
}
