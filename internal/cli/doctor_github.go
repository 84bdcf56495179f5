package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/doctor"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/scaffold"
	"github.com/gitsm/gitsm/internal/workflow"
)

// githubFacts gathers what can be seen of the store's repository on GitHub: in
// the files of main, and by asking.
func (env *Env) githubFacts(ctx context.Context, d *proposal.Desk) (*doctor.GitHub, error) {
	w, err := d.Look(ctx)
	if err != nil {
		return nil, err
	}
	f := &doctor.GitHub{MainBranch: d.Main, Dir: d.Dir, Evidence: evidence.Branch, Judging: scaffold.Judging(d.Dir), Now: d.Now(), Unseen: map[string]error{}}
	tree, err := d.Repo.FS(ctx, w.Main)
	if err != nil {
		return nil, err
	}
	if err := workflowFacts(f, tree); err != nil {
		return nil, err
	}
	if f.CodeOwners, err = codeOwners(tree); err != nil {
		return nil, err
	}
	dir, err := w.Base.Directory()
	if err != nil {
		return nil, err
	}
	for id, p := range dir.People {
		if p.IsActive() && p.GitHub.ID == 0 {
			f.Strangers = append(f.Strangers, id)
		}
	}
	slices.Sort(f.Strangers)
	return f, env.ask(ctx, d, f)
}

// workflowFacts reads the workflows that have to do with gitsm.
func workflowFacts(f *doctor.GitHub, tree fs.FS) error {
	const dir = ".github/workflows"
	entries, err := fs.ReadDir(tree, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the workflows of main: %w", err)
	}
	for _, e := range entries {
		if ext := path.Ext(e.Name()); e.IsDir() || ext != ".yml" && ext != ".yaml" {
			continue
		}
		name := path.Join(dir, e.Name())
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return fmt.Errorf("reading the workflows of main: %w", err)
		}
		if !strings.Contains(string(text), "gitsm") {
			continue
		}
		w, err := workflow.Parse(name, text)
		if err != nil {
			f.Broken = append(f.Broken, err.Error())
		} else {
			f.Workflows = append(f.Workflows, w)
		}
	}
	return nil
}

// codeOwners is the file that GitHub takes, nil where there is none.
func codeOwners(tree fs.FS) ([]byte, error) {
	for _, dir := range []string{".github", ".", "docs"} {
		text, err := fs.ReadFile(tree, path.Join(dir, "CODEOWNERS"))
		if err == nil {
			return text, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reading CODEOWNERS: %w", err)
		}
	}
	return nil, nil
}

// remoteChecks are what takes a token to look at.
var remoteChecks = []string{doctor.CheckToken, doctor.CheckDefault, doctor.CheckEnabled, doctor.CheckRules, doctor.CheckRequired, doctor.CheckMain, doctor.CheckBypass, doctor.CheckBranch,
	doctor.CheckEnvironment, doctor.CheckOwnerErrors, doctor.CheckBots, doctor.CheckGitHubClock}

// asking notes what GitHub says, and by check what it does not say.
type asking struct {
	*doctor.GitHub
	ctx context.Context
}

func (f asking) unseen(err error, checks ...string) {
	for _, c := range checks {
		if err != nil && f.Unseen[c] == nil {
			f.Unseen[c] = err
		}
	}
}

// hub is what doctor asks GitHub.
type hub interface {
	Viewer(ctx context.Context) (who forge.Account, scopes []string, err error)
	Rules(ctx context.Context, branch string) ([]forge.Rule, error)
	Protection(ctx context.Context, branch string) (*forge.Protection, error)
	Pulls(ctx context.Context, branch string) ([]forge.Pull, error)
	Environment(ctx context.Context, name string) (branches []string, protected bool, err error)
	Workflows(ctx context.Context) (states map[string]string, err error)
	Date(ctx context.Context) (time.Time, error)
}

// ask asks GitHub. What it does not say is in the facts with the reason.
func (env *Env) ask(ctx context.Context, d *proposal.Desk, facts *doctor.GitHub) error {
	f := asking{facts, ctx}
	place, err := env.place(ctx, d)
	if err != nil {
		f.unseen(err, remoteChecks...)
		return nil
	}
	f.Repo, f.Host = place.String(), place.Host
	c, err := env.gitHub(ctx, d)
	if err != nil {
		return err
	}
	if !f.token(c) {
		return nil
	}
	repo, err := c.Repository(ctx)
	if f.unseen(err, doctor.CheckToken, doctor.CheckDefault); err == nil {
		f.Token.MayPush, f.Token.Private, f.DefaultBranch = repo.MayPush, repo.Private, repo.DefaultBranch
	}
	f.branches(c)
	for _, id := range rulesets(f.Rules, slices.DeleteFunc(slices.Clone(f.EvidenceRules), doctor.Reserves)) {
		set, err := c.Ruleset(ctx, id)
		if f.unseen(err, doctor.CheckBypass); err != nil {
			continue
		}
		s := doctor.Ruleset{ID: id, Name: set.Name}
		if set.Actors != nil {
			s.Actors = []string{}
		}
		for _, a := range set.Actors {
			s.Actors = append(s.Actors, a.String())
		}
		f.Rulesets = append(f.Rulesets, s)
	}
	f.environments(c)
	f.enabled(c)
	wrong, err := c.CodeownersErrors(ctx, d.Main)
	if !errors.Is(err, forge.ErrNotFound) { // there is no such file, which is said elsewhere
		f.unseen(err, doctor.CheckOwnerErrors)
	}
	for _, e := range wrong {
		f.OwnerErrors = append(f.OwnerErrors, fmt.Sprintf("%s:%d: %s", e.Path, e.Line, firstLine(e.Message)))
	}
	return nil
}

// token asks whose the token is, and reports whether GitHub takes it.
func (f asking) token(c hub) bool {
	who, scopes, err := c.Viewer(f.ctx)
	if err != nil && !errors.Is(err, forge.ErrForbidden) { // a workflow's token is nobody's
		f.unseen(err, doctor.CheckToken)
		if said, ok := errors.AsType[*forge.Error](err); ok {
			err = &forge.Error{What: "looking", Kind: said.Kind, Fix: "as for " + doctor.CheckToken}
		}
		f.unseen(err, remoteChecks...)
		return false
	}
	f.Token = doctor.Token{Login: who.Login, Scopes: scopes}
	return true
}

// branches asks for the rules of main and evidence, for what is open, and for
// the time.
func (f asking) branches(c hub) {
	var err error
	f.Rules, err = f.rules(c, f.MainBranch)
	f.unseen(err, doctor.CheckRules, doctor.CheckRequired, doctor.CheckMain, doctor.CheckBypass)
	f.EvidenceRules, err = f.rules(c, f.Evidence)
	f.unseen(err, doctor.CheckBranch, doctor.CheckBypass)
	f.Pulls, err = c.Pulls(f.ctx, "")
	f.unseen(err, doctor.CheckBots)
	f.Date, err = c.Date(f.ctx)
	f.unseen(err, doctor.CheckGitHubClock)
}

// environments asks who may use those that the gate and the recorder work in.
func (f asking) environments(c hub) {
	var names []string
	for _, w := range f.Workflows {
		for _, j := range w.Jobs {
			if j.Environment != "" && (w.Runs("gate") || w.Runs("evidence")) {
				names = append(names, j.Environment)
			}
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		branches, protected, err := c.Environment(f.ctx, name)
		f.unseen(err, doctor.CheckEnvironment)
		f.Environments = append(f.Environments, doctor.Environment{Name: name, Branches: branches, Protected: protected})
	}
}

// enabled asks which of the workflows that run gitsm GitHub starts.
func (f asking) enabled(c hub) {
	states, err := c.Workflows(f.ctx)
	f.unseen(err, doctor.CheckEnabled)
	for _, w := range f.Workflows {
		switch state, known := states[w.Path]; {
		case err == nil && !known:
			f.Disabled = append(f.Disabled, w.Path+" (it knows no such workflow)")
		case known && state != "active":
			f.Disabled = append(f.Disabled, w.Path+" ("+state+")")
		}
	}
}

// rules are those of rulesets and of the branch's own protection. Whoever the
// latter does not hold is not held by what it alone demands.
func (f asking) rules(c hub, branch string) ([]forge.Rule, error) {
	list, err := c.Rules(f.ctx, branch)
	if err != nil {
		return nil, err
	}
	own, err := c.Protection(f.ctx, branch)
	if errors.Is(err, forge.ErrHidden) {
		f.Veiled = append(f.Veiled, branch)
		return list, nil
	}
	if err != nil || own == nil {
		return list, err
	}
	if exempt := own.Spared(list); len(exempt) > 0 {
		f.Rulesets = append(f.Rulesets, doctor.Ruleset{Name: "the " + forge.BranchProtection + " of " + branch, Actors: exempt})
	}
	return append(list, own.Rules...), nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// rulesets are those that rules come from, sorted.
func rulesets(lists ...[]forge.Rule) []int64 {
	var ids []int64
	for _, rules := range lists {
		for _, r := range rules {
			if r.Ruleset != 0 {
				ids = append(ids, r.Ruleset)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
