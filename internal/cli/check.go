package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
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
	f.StringVar(&o.failOn, "fail-on", "error", "exit 1 on: error, warning or none")
	f.IntVar(&o.max, "max", 0, "show the `N` worst findings as text; the summary counts all")
	f.StringArrayVarP(&o.formats, "output", "o", nil, "`FORMAT[=FILE]`, repeatable: "+strings.Join(render.ReportFormats(), ", "))
	return cmd
}

func runCheck(ctx context.Context, env *Env, o *checkOptions, list []string) error {
	outs, err := render.ParseOutputs(o.formats, render.ReportFormats())
	if err != nil {
		return usageError{err}
	}
	if o.failOn != "error" && o.failOn != "warning" && o.failOn != "none" {
		return usage("--fail-on takes error, warning or none, not %q", o.failOn)
	}
	if o.max < 0 {
		return usage("--max takes a number of findings, not %d", o.max)
	}
	var rep *check.Report
	var changed func(file string, line int) bool
	switch {
	case o.at != "" && (o.fix || o.staged || o.base != ""):
		return usage("--at checks what a commit has, so it takes neither --base, nor --staged, nor --fix")
	case o.dryRun && (!o.fix || len(o.formats) > 0):
		return usage("--dry-run shows what --fix would change, so it takes no --output")
	case o.fix && (o.staged || o.base != ""):
		return usage("--fix writes files of the work tree, so it takes neither --staged nor --base")
	case o.fix:
		rep, err = checkFixed(ctx, env, o, list)
	case o.staged && (o.base != "" || o.all || len(list) > 0):
		return usage("--staged checks what is staged against HEAD, so it takes neither --base, nor paths, nor --all")
	case o.staged:
		rep, changed, err = checkStaged(ctx, env)
	case o.at != "":
		rep, err = checkAt(ctx, env, o.at, list)
	case o.base != "" && (len(list) > 0 || o.all):
		return usage("--base checks what HEAD changes, so it takes neither paths nor --all")
	case o.base != "":
		rep, changed, err = checkBase(ctx, env, o.base)
	default:
		rep, err = checkTree(ctx, env, list, o.noCache)
	}
	if err != nil {
		return err
	}
	r, err := env.report(rep)
	if err != nil {
		return err
	}
	r.Max, r.Changed = o.max, changed
	if o.dryRun {
		outs = nil // stdout has the difference
	}
	for _, out := range outs {
		if err := env.into(out.File, func(w io.Writer, s render.Style) error { return r.Write(w, out.Format, s) }); err != nil {
			return err
		}
	}
	errs, warnings := finding.Count(rep.Findings)
	if (o.failOn == "error" && errs > 0) || (o.failOn == "warning" && errs+warnings > 0) {
		return exit(ExitFindings)
	}
	return nil
}

// report is what is printed of a check.
func (env *Env) report(rep *check.Report) (render.Report, error) {
	now, err := env.at()
	r := render.NewReport(rep.Findings, rep.Covered, rep.Records, rep.Rules)
	r.Tool, r.At = env.Version, now
	return r, err
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
	rep, err := checkFiles(ctx, env, paths, rest, noCache)
	if err != nil {
		return nil, err
	}
	sum(total, rep)
	if len(list) == 0 {
		sayUnchecked(ctx, env)
	}
	return total, nil
}

// checkFiles checks files of the work tree, all of them where none is named.
func checkFiles(ctx context.Context, env *Env, paths, ids []string, noCache bool) (*check.Report, error) {
	s, err := env.workTree(ctx)
	if err != nil {
		return nil, err
	}
	only, err := env.inStore(ctx, paths)
	if err != nil {
		return nil, err
	}
	if len(only)+len(ids) == 0 && !noCache {
		return env.checkKept(ctx, s)
	}
	return env.check(ctx, s, append(only, ids...), nil)
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

// sum adds a report to a total.
func sum(total, rep *check.Report) {
	total.Findings = append(total.Findings, rep.Findings...)
	total.Covered = append(total.Covered, rep.Covered...)
	total.Records += rep.Records
	total.Rules = max(total.Rules, rep.Rules)
	total.Waived += rep.Waived
}

// split tells paths from ids: what exists, or looks like a file, is a path. The
// branch of a proposal stands for its id.
func split(env *Env, list []string) (paths, ids []string) {
	for _, a := range list {
		p := a
		if !filepath.IsAbs(p) {
			p = filepath.Join(env.workDir(), p)
		}
		if _, err := os.Lstat(p); err == nil || strings.ContainsAny(a, `/\.`) && !strings.HasPrefix(a, "gitsm/") {
			paths = append(paths, p)
			continue
		}
		ids = append(ids, a)
	}
	return paths, ids
}

// inStore turns paths into paths of the repository.
func (env *Env) inStore(ctx context.Context, paths []string) ([]string, error) {
	var out []string
	top := env.workDir()
	if repo, err := env.repository(ctx); err == nil {
		top = repo.Root()
	}
	if real, err := filepath.EvalSymlinks(top); err == nil {
		top = real
	}
	for _, p := range paths {
		dir, base := filepath.Split(p)
		if real, err := filepath.EvalSymlinks(filepath.Clean(dir)); err == nil {
			p = filepath.Join(real, base) // the file itself may be a link, which check refuses
		}
		rel, err := filepath.Rel(top, p)
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return nil, usage("%s is outside the repository", p)
		}
		out = append(out, path.Clean(filepath.ToSlash(rel)))
	}
	return out, nil
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
	return rep, nil
}

// sayUnchecked reminds of proposals that a check of the work tree leaves out.
func sayUnchecked(ctx context.Context, env *Env) {
	d, err := env.desk(ctx, false)
	if err != nil {
		return // a work tree without main is checked all the same
	}
	w, err := d.Look(ctx)
	if err != nil {
		return
	}
	branch, err := env.branch(ctx)
	if err != nil {
		return
	}
	open, err := d.Open(ctx, w)
	if err != nil {
		return
	}
	var ids []string
	for _, p := range open {
		if p.Branch != branch && !p.Remote {
			ids = append(ids, p.ID)
		}
	}
	if n := len(ids); n > 0 && n <= 3 {
		env.say("not in this work tree: gitsm check %s", strings.Join(ids, " "))
	} else if n > 3 {
		env.say("%s", fmt.Sprintf("not in this work tree: %d open proposals; gitsm check ID checks one", n))
	}
}
