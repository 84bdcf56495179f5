package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/scaffold"
	"github.com/gitsm/gitsm/internal/store"
)

type initOptions struct {
	mainBranch string
	title      string
	timezone   string
	dryRun     bool
	out        outputFlags
	forgeOptions
}

func newInitCmd(env *Env) *cobra.Command {
	o := &initOptions{}
	cmd := &cobra.Command{
		Use: "init [DIR]", Short: "Make a store, here or in DIR", Args: args(cobra.MaximumNArgs(1)),
		Long: `Make a store: gitsm.yaml, a directory for each kind of record, the default
policy with its tests, schemas for editors, you as the first person and the
team of change managers with you in it. All of it is the store's first commit,
on the branch that is checked out; a second branch, gitsm-evidence, takes the
approvals from then on.

A git repository is made where there is none. In one that exists, files that
are there are kept as they are, and work that is not committed is not touched.
Where there is a store already, nothing is done, but that --forge github adds the
files that GitHub reads and that are not there: workflows that check, decide and
record, CODEOWNERS for what judges, and a template for pull requests. They go
into the work tree, to be committed.

Your name, address and signing key are those of git.`,
		Example: `  # a store of its own
  $ gitsm init itsm

  # inside a repository that holds other things too; look first
  $ gitsm init changes --title 'Shop' --dry-run
  $ gitsm init changes --title 'Shop'

  # with what GitHub needs to review proposals, here or in a store that exists
  $ gitsm init --forge github --codeowner @acme/change-managers`,
		RunE: func(cmd *cobra.Command, list []string) error {
			return runInit(cmd.Context(), env, o, append(list, ".")[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.mainBranch, "main-branch", "", "the `BRANCH` whose records are in force (main in a new repository, else the one checked out)")
	f.StringVar(&o.title, "title", "", "`NAME` of the store, for the heads of reports")
	f.StringVar(&o.timezone, "timezone", "", "IANA `ZONE` in which times are shown (default: this computer's)")
	f.BoolVar(&o.dryRun, "dry-run", false, "show each file that would be made and write nothing")
	o.forgeOptions.register(f)
	o.out.register(cmd)
	return cmd
}

func runInit(ctx context.Context, env *Env, o *initOptions, dir string) (err error) {
	if err := env.readOnly(); err != nil {
		return err
	}
	if env.now != "" && !o.dryRun {
		return usage("--now cannot be given to a command that writes: times are what they are").hint("add --dry-run")
	}
	if o.mainBranch != "" && !isBranch(o.mainBranch) {
		return usage("--main-branch %q is no name for a branch", o.mainBranch).hint("letters, digits, and - _ . / between them")
	}
	if err := o.forgeOptions.check(); err != nil {
		return err
	}
	if dir, err = env.resolve(dir); err != nil {
		return err
	}
	made, undo, err := env.begin(ctx, dir, o.branch(), o.dryRun)
	if err != nil {
		return err
	}
	undo = sync.OnceValue(undo)
	defer func() {
		if err == nil {
			return
		}
		if uerr := undo(); uerr != nil {
			err = errors.Join(err, uerr)
		}
	}()
	return env.beginStore(ctx, o, dir, made, undo)
}

// beginStore begins a store in dir, unless there is one.
func (env *Env) beginStore(ctx context.Context, o *initOptions, dir string, made bool, undo func() error) error {
	repo, err := env.repository(ctx)
	if err != nil {
		return err
	}
	s, err := newSite(ctx, repo, o, dir, made)
	if err != nil {
		return err
	}
	switch {
	case s.store != "" && o.forge == scaffold.GitHub:
		return env.equip(ctx, o, s)
	case s.store != "":
		return env.nothingToDo(ctx, o, s)
	}
	steps, f, err := env.plan(ctx, o, s)
	if err == nil && o.dryRun {
		// Before anything is printed: a pager that is left ends the process.
		if err := undo(); err != nil {
			return err
		}
		return env.showPlan(ctx, o, s, steps)
	}
	var id git.OID
	if err == nil {
		id, err = f.begin(ctx, repo, s, steps)
	}
	if err == nil {
		return env.reportInit(ctx, o, s, steps, f, id)
	}
	// What stands in the way may be what another run has just made.
	if again, aerr := newSite(ctx, repo, o, dir, false); aerr == nil && again.store != "" && !o.dryRun {
		return env.nothingToDo(ctx, o, again)
	}
	return env.refuseInit(err)
}

// branch is the name of the first branch of a new repository.
func (o *initOptions) branch() string {
	if o.mainBranch == "" {
		return "main"
	}
	return o.mainBranch
}

// isBranch accepts the names for a branch that nobody has to quote, fewer than
// git does.
func isBranch(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if !branchPart.MatchString(part) || strings.Contains(part, "..") || strings.HasSuffix(part, ".lock") {
			return false
		}
	}
	return true
}

var branchPart = lazyregexp.New(`^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?$`)

// plan says what becomes of each file of a new store.
func (env *Env) plan(ctx context.Context, o *initOptions, s *site) ([]scaffold.Step, *founder, error) {
	f, err := env.founder(ctx)
	if err != nil {
		return nil, nil, err
	}
	zone, err := env.timezone(o.timezone)
	if err != nil {
		return nil, nil, err
	}
	opts := scaffold.Options{Dir: s.dir, Title: strings.TrimSpace(o.title), MainBranch: s.branch, Timezone: zone, Name: f.Name, Email: f.Email, Key: f.key}
	o.into(&opts)
	files, err := scaffold.Files(opts)
	if err != nil {
		return nil, nil, refusedOption(err)
	}
	steps, err := scaffold.Plan(files, s.trees()...)
	var blocked *scaffold.BlockedError
	if errors.As(err, &blocked) {
		return nil, nil, usage("%v", err).hint(ownDirectory)
	}
	if err != nil {
		return nil, nil, err
	}
	return steps, f, env.fits(ctx, s, steps)
}

const ownDirectory = "gitsm init DIR makes a directory of its own for the store"

// fits checks the store as it would be, so that what is there already, such as
// other YAML in a directory called services, is no broken store's.
func (env *Env) fits(ctx context.Context, s *site, steps []scaffold.Step) error {
	fsys, err := scaffold.Preview(s.tree, s.dir, steps)
	if err != nil {
		return err
	}
	st, err := store.Open(fsys, store.InDirectory(s.dir))
	if err != nil {
		return err
	}
	rep, err := env.check(ctx, st, nil, nil)
	if err != nil {
		return &unsoundError{err: s.explain(steps, ExitFailure, "the store cannot be checked as it would be: %v", err)}
	}
	if errs, _ := finding.Count(rep.Findings); errs > 0 {
		return &unsoundError{report: rep, err: s.explain(steps, ExitFindings, "the store would not be sound, so nothing was written")}
	}
	return nil
}

// unsoundError is about a store that must not begin as it would be.
type unsoundError struct {
	report *check.Report // nil where it could not even be checked
	err    *Error
}

func (e *unsoundError) Error() string { return e.err.Error() }

func (e *unsoundError) Unwrap() error { return e.err }

// some names the first few of many.
func some(names []string) string {
	if n := len(names); n > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), n-3)
	}
	return strings.Join(names, ", ")
}

// explain says what about the place can be the reason: what is there already,
// or what is kept but in no commit, and so in no store.
func (s *site) explain(steps []scaffold.Step, code int, format string, args ...any) *Error {
	e := &Error{Msg: fmt.Sprintf(format, args...), Code: code}
	var loose []string
	for _, st := range steps {
		if st.Keep && !holds(s.tree, st.Path) {
			loose = append(loose, st.Path)
		}
	}
	if len(loose) > 0 {
		e.hint("what would be kept is in no commit: commit it first, or move it away: %s", some(loose))
	}
	if s.tree != nil {
		e.hint(ownDirectory)
	}
	return e
}
