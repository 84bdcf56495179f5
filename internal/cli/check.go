package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
)

type checkOptions struct {
	all     bool
	base    string
	at      string
	staged  bool
	formats []string
	failOn  string
	max     int
	noCache bool
	fix     bool
	dryRun  bool
	watch   bool
	outs    []render.Output // formats, understood
}

func newCheckCmd(env *Env) *cobra.Command {
	o := &checkOptions{}
	cmd := &cobra.Command{
		Use: "check [PATH|ID …]", Short: "Check records against schema, references, lifecycle and policy",
		Long: `Check the records of the work tree, untracked files and policy included: advice
while you work. Named paths and ids are checked alone; the id of an open
proposal checks that proposal, by the policy of main.

With --base, check what HEAD changes against REV and what that affects: policy,
people and config are those of REV, transitions are judged from it to HEAD.

With --staged, check what the next commit would change in HEAD: the index, not
the work tree. This is what a hook runs before a commit.

With --at, check the store as a commit has it, by the policy it has.

With --fix, settle in the files of the work tree what leaves no choice, and check
again: a missing apiVersion, kind or id, a word in other letter case than its
schema has it, a moment without seconds or T, an alias that stands for an id.
With --dry-run the difference is shown instead, and nothing is written.

With --watch, check again whenever a record, gitsm.yaml, policy or a schema
changes, until you interrupt it (exit code 130).

Exit codes: 0 no errors, 1 errors, 3 could not check.`,
		Example: `  # while editing
  $ gitsm check

  # a change that was just filed
  $ gitsm check 7k3f2m

  # in CI, with annotations on the changed lines
  $ gitsm check --base origin/main -o github

  # what would be settled without asking
  $ gitsm check --fix --dry-run`,
		RunE: func(cmd *cobra.Command, list []string) error { return runCheck(cmd.Context(), env, o, list) },
	}
	f := cmd.Flags()
	f.BoolVar(&o.all, "all", false, "check every record of the store, whatever directory this is")
	f.StringVar(&o.base, "base", "", "check what HEAD changes against `REV`")
	f.StringVar(&o.at, "at", "", atHelp)
	f.BoolVar(&o.staged, "staged", false, "check what is staged against HEAD")
	f.BoolVar(&o.noCache, "no-cache", false, "read every record, also those found sound by the check before")
	f.BoolVar(&o.fix, "fix", false, "settle in the work tree what leaves no choice, and check again")
	f.BoolVar(&o.dryRun, "dry-run", false, "with --fix: write nothing, and show what would change")
	f.BoolVar(&o.watch, "watch", false, "check again whenever a file changes, until interrupted")
	f.StringVar(&o.failOn, "fail-on", "error", "exit 1 on: error, warning or none")
	f.IntVar(&o.max, "max", 0, "show the `N` worst findings as text; the summary counts all")
	f.StringArrayVarP(&o.formats, "output", "o", nil, "`FORMAT[=FILE]`, repeatable: "+strings.Join(render.ReportFormats(), ", "))
	return cmd
}

func runCheck(ctx context.Context, env *Env, o *checkOptions, list []string) error {
	if err := o.check(list); err != nil {
		return err
	}
	if o.watch {
		return watchTree(ctx, env, o, list)
	}
	return checkOnce(ctx, env, o, list)
}

// check holds the flags against each other.
func (o *checkOptions) check(list []string) error {
	var err error
	if o.outs, err = render.ParseOutputs(o.formats, render.ReportFormats()); err != nil {
		return usageError{err}
	}
	if o.failOn != "error" && o.failOn != "warning" && o.failOn != "none" {
		return usage("--fail-on takes error, warning or none, not %q", o.failOn)
	}
	if o.max < 0 {
		return usage("--max takes a number of findings, not %d", o.max)
	}
	switch {
	case o.watch && (o.at != "" || o.fix || o.staged || o.base != ""):
		return usage("--watch checks the work tree, so it takes neither --at, nor --base, nor --staged, nor --fix")
	case o.at != "" && (o.fix || o.staged || o.base != ""):
		return usage("--at checks what a commit has, so it takes neither --base, nor --staged, nor --fix")
	case o.dryRun && (!o.fix || len(o.formats) > 0):
		return usage("--dry-run shows what --fix would change, so it takes no --output")
	case o.fix && (o.staged || o.base != ""):
		return usage("--fix writes files of the work tree, so it takes neither --staged nor --base")
	case o.staged && (o.base != "" || o.all || len(list) > 0):
		return usage("--staged checks what is staged against HEAD, so it takes neither --base, nor paths, nor --all")
	case o.base != "" && (len(list) > 0 || o.all):
		return usage("--base checks what HEAD changes, so it takes neither paths nor --all")
	}
	if o.dryRun {
		o.outs = nil // stdout has the difference
	}
	return nil
}

// checkOnce checks and prints. Where it could not check, the files that were
// asked for say so: whoever reads one must not take an old or a missing one for
// a pass.
func checkOnce(ctx context.Context, env *Env, o *checkOptions, list []string) error {
	var rep *check.Report
	var changed func(file string, line int) bool
	var err error
	switch {
	case o.fix:
		rep, err = checkFixed(ctx, env, o, list)
	case o.staged:
		rep, changed, err = checkStaged(ctx, env)
	case o.at != "":
		rep, err = checkAt(ctx, env, o.at, list)
	case o.base != "":
		rep, changed, err = checkBase(ctx, env, o.base)
	default:
		rep, err = checkTree(ctx, env, list, o.noCache)
	}
	if err != nil {
		return errors.Join(err, o.unchecked(ctx, env, err))
	}
	if err := o.print(env, rep, changed); err != nil {
		return err
	}
	errs, warnings := finding.Count(rep.Findings)
	if (o.failOn == "error" && errs > 0) || (o.failOn == "warning" && errs+warnings > 0) {
		return exit(ExitFindings)
	}
	return nil
}

// checkTree checks the work tree: all of it, or the paths and ids named. Ids
// of open proposals are checked where they are: on their branches.
func checkTree(ctx context.Context, env *Env, list []string, noCache bool) (*check.Report, error) {
	paths, ids := split(env, list)
	total := &check.Report{}
	var rest []string
	for _, id := range ids {
		rep, err := checkProposal(ctx, env, id)
		if err != nil {
			return nil, err
		}
		if rep == nil {
			rest = append(rest, id)
			continue
		}
		sum(total, rep)
	}
	if len(list) > 0 && len(rest)+len(paths) == 0 {
		return total, nil
	}
	if len(list) == 0 {
		return checkAll(ctx, env, noCache)
	}
	main := env.lookAtMain(ctx)
	defer main.wait()
	rep, err := checkFiles(ctx, env, paths, rest, noCache, main)
	if err != nil {
		return nil, err
	}
	sum(total, rep)
	return total, nil
}

// checkFiles checks files of the work tree, all of them where none is named.
func checkFiles(ctx context.Context, env *Env, paths, ids []string, noCache bool, main *mainView) (*check.Report, error) {
	s, err := env.workTree(ctx)
	if err != nil {
		return nil, err
	}
	only, err := env.inStore(ctx, paths)
	if err != nil {
		return nil, err
	}
	if len(only)+len(ids) == 0 {
		return checkTreeOf(ctx, env, s, noCache, main)
	}
	return env.checkHere(ctx, s, append(only, ids...), nil, main)
}

// checkAt checks the store as a commit has it: all of it, or the paths and ids
// named.
func checkAt(ctx context.Context, env *Env, at string, list []string) (*check.Report, error) {
	s, err := env.landedAt(ctx, at)
	if err != nil {
		return nil, err
	}
	paths, ids := split(env, list)
	only, err := env.inStore(ctx, paths)
	if err != nil {
		return nil, err
	}
	return env.check(ctx, s, append(only, ids...), nil)
}

// checkProposal checks the open proposal of an id; nil where it has none, or
// where this is no repository yet.
func checkProposal(ctx context.Context, env *Env, id string) (*check.Report, error) {
	d, err := env.desk(ctx, false)
	if err != nil {
		return nil, err
	}
	w, err := d.Look(ctx)
	if err != nil {
		return nil, err
	}
	t, err := d.Resolve(ctx, w, id)
	var missing *proposal.NotFoundError
	if errors.As(err, &missing) {
		return nil, nil // perhaps it is in the work tree alone
	}
	if err != nil || t.Proposal == nil {
		return nil, err
	}
	dec, err := d.Decide(ctx, t.Proposal)
	if err != nil {
		return nil, err
	}
	rep := &check.Report{Findings: dec.Findings, Covered: dec.Waived}
	rep.Records, rep.Rules, rep.Waived = len(t.Proposal.Facts.Changes), dec.Rules, len(dec.Waived)
	for _, c := range t.Proposal.Facts.Changes {
		file := t.Proposal.Facts.Head.Display(c.Path)
		in := func(f finding.Finding) bool { return f.File == file }
		if c.After != nil && !slices.ContainsFunc(dec.Findings, in) && !slices.ContainsFunc(dec.Waived, in) {
			rep.Sound = append(rep.Sound, file)
		}
	}
	return rep, nil
}
