package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/scaffold"
)

// initFields are the fields of --json.
var initFields = []string{"path", "action", "why"}

// listSteps is what was, or would be, done about each file.
func listSteps(steps []scaffold.Step) render.List {
	l := render.List{Fields: initFields, Items: []map[string]any{}}
	for _, st := range steps {
		action := "create"
		if st.Keep {
			action = "keep"
		}
		l.Items = append(l.Items, map[string]any{"path": st.Path, "action": action, "why": st.Why})
	}
	return l
}

// showPlan prints each file a run would make.
func (env *Env) showPlan(ctx context.Context, o *initOptions, s *site, steps []scaffold.Step) error {
	env.sayKept(steps)
	env.say("dry run: nothing was written; the first commit would go to branch %s in %s", s.branch, s.top)
	return env.showSteps(ctx, o, steps)
}

// showSteps prints the files that would be made.
func (env *Env) showSteps(ctx context.Context, o *initOptions, steps []scaffold.Step) error {
	if o.out.given() {
		return o.out.write(ctx, env, listSteps(steps))
	}
	for _, st := range steps {
		if st.Keep {
			continue
		}
		if err := render.Diff(env.Out, st.Path, nil, st.Content, env.style()); err != nil {
			return err
		}
	}
	return nil
}

func (env *Env) sayKept(steps []scaffold.Step) {
	for _, st := range steps {
		if st.Keep {
			env.say("kept %s as it is", st.Path)
		}
	}
}

// nothingToDo is the second run.
func (env *Env) nothingToDo(ctx context.Context, o *initOptions, s *site) error {
	opts := scaffold.Options{Dir: s.dir}
	if f, err := env.founder(ctx); err == nil { // nobody needs to be known for this
		opts.Name, opts.Email = f.Name, f.Email
	}
	files, err := scaffold.Files(opts)
	if err != nil {
		return err
	}
	steps, err := scaffold.Plan(files, s.trees()...)
	if err != nil {
		return err
	}
	var kept []scaffold.Step
	for _, st := range steps {
		if st.Keep {
			kept = append(kept, st)
		}
	}
	env.say("nothing to do: branch %s holds a store in %s", s.store, s.absolute())
	if !o.out.given() {
		return nil
	}
	return o.out.write(ctx, env, listSteps(kept))
}

// reportInit says what was done and what to do next.
func (env *Env) reportInit(ctx context.Context, o *initOptions, s *site, steps []scaffold.Step, f *founder, id git.OID) error {
	if o.out.given() {
		if err := o.out.write(ctx, env, listSteps(steps)); err != nil {
			return err
		}
	}
	for _, st := range steps {
		if st.Keep || o.out.given() {
			continue
		}
		if _, err := fmt.Fprintln(env.Out, render.Terminal(st.Path)); err != nil {
			return err
		}
	}
	env.sayKept(steps)
	if s.made {
		env.say("made a git repository in %s", s.top)
	}
	if s.branch != "main" {
		env.say("main_branch is %s, the branch that is checked out", s.branch)
	}
	you := scaffold.Slug(f.Name, f.Email)
	if f.signer == nil {
		env.say("git has no SSH key to sign with, so your approvals count as claimed (git config gpg.format ssh, git config user.signingkey KEY.pub, and the key into people/%s.yaml)", you)
	}
	env.say("the store begins with %s on branch %s; you are person:%s", short(id), s.branch, you)
	switch {
	case s.remote != "" && o.forge == scaffold.GitHub:
		env.next("%sgit push -u %s %s %s && gitsm doctor", env.cd(s), s.remote, s.branch, evidence.Branch)
		return nil
	case s.remote != "":
		env.next("git push %s %s %s", s.remote, s.branch, evidence.Branch)
		return nil
	case o.forge == scaffold.GitHub:
		env.next("%sgit remote add origin https://github.com/OWNER/NAME.git && git push -u origin %s %s && gitsm doctor", env.cd(s), s.branch, evidence.Branch)
		return nil
	}
	env.next("%sgitsm service new checkout --title Checkout --owner team:%s --tier 2", env.cd(s), scaffold.Team)
	return nil
}

// cd is how to get into the store from where the user is.
func (env *Env) cd(s *site) string {
	rel, err := filepath.Rel(env.realDir(), s.absolute())
	if err != nil || rel == "." || strings.HasPrefix(rel, "..") {
		return ""
	}
	if strings.ContainsFunc(rel, func(r rune) bool { return !strings.ContainsRune("/._-", r) && !isWord(r) }) {
		rel = "'" + strings.ReplaceAll(rel, "'", `'\''`) + "'"
	}
	return "cd " + rel + " && "
}

func isWord(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// refuseInit prints what was found in a store that must not begin.
func (env *Env) refuseInit(err error) error {
	var unsound *unsoundError
	if !errors.As(err, &unsound) || unsound.report == nil {
		return err
	}
	rep := unsound.report
	if perr := render.NewReport(rep.Findings, rep.Covered, rep.Records, rep.Rules).Text(env.Err, render.Style{}); perr != nil {
		return perr
	}
	return err
}
