package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/replay"
	"github.com/gitsm/gitsm/internal/store"
)

// replayFormats are what policy replay writes.
var replayFormats = []string{render.FormatText, render.FormatJSON, render.FormatMarkdown}

type replayOptions struct {
	from, to  string
	candidate string
	noCache   bool
	formats   []string
}

func newPolicyReplayCmd(env *Env) *cobra.Command {
	o := &replayOptions{}
	cmd := &cobra.Command{
		Use: "replay", Short: "Back-test a policy against the changes that were decided here", Args: args(cobra.NoArgs),
		Long: `Decide every change again exactly as it stood when it was decided: its content,
the catalogue, people and history of that commit, at that moment. Once under the
policy then in force, once under the candidate. What differs is listed: newly
denied, newly allowed, approvals added and dropped, moves of the risk band; the
failures that the candidate would have caught, flagged or missed; the added work
for each approver; and how many of the failures are among the changes that it
holds to be riskiest, beside the number of services and assets, and chance.

Changes that landed are decided as of their landing; proposals that were rejected
or withdrawn by the record that evidence keeps; those still open on main as it is.

What was decided before from the same commits, by the same rules and this build
of gitsm, is remembered in the git directory, where it may be deleted at any
time. A replay says the same without it; it is advice, and nothing that decides
reads what it remembers.

Exit codes: 0 done, 3 something could not be decided again.`,
		Example: `  # what the policy in this work tree would have changed
  $ gitsm policy replay

  # a branch, over half a year, for a comment on its pull request
  $ gitsm policy replay --candidate stricter --from 2026-01-01 --to 2026-07-01 -o markdown`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runPolicyReplay(cmd.Context(), env, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.from, "from", "", "only decisions from this `REV|DATE` on")
	f.StringVar(&o.to, "to", "", "only decisions before this `REV|DATE`")
	f.StringVar(&o.candidate, "candidate", "", "the policy of this `REV|DIR`; the work tree's where not given")
	f.BoolVar(&o.noCache, "no-cache", false, "decide everything again, also what a replay before remembers")
	f.StringArrayVarP(&o.formats, "output", "o", nil, "`FORMAT[=FILE]`, repeatable: text, json, markdown")
	return cmd
}

func runPolicyReplay(ctx context.Context, env *Env, o *replayOptions) error {
	outs, err := render.ParseOutputs(o.formats, replayFormats)
	if err != nil {
		return usageError{err}
	}
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	repo, err := env.repository(ctx)
	if err != nil {
		return err
	}
	opts := replay.Options{Repo: repo, Judge: d.Judge, Cache: d.Cache.Passing(), Dir: d.Dir, Main: d.Main, Build: env.build()}
	if !o.noCache && env.config == "" { // with --config nothing is written
		opts.Kept = keptFile{dir: filepath.Join(repo.CommonDir(), "gitsm", "replay"), name: "decided"}
	}
	if opts.Candidate, err = env.candidate(ctx, d, o.candidate); err != nil {
		return err
	}
	if opts.From, err = env.moment(ctx, o.from); err != nil {
		return err
	}
	if opts.To, err = env.moment(ctx, o.to); err != nil {
		return err
	}
	if opts.Open, err = env.openProposals(ctx, d); err != nil {
		return err
	}
	tell, done := env.progress("decisions")
	opts.Progress = tell
	rep, err := replay.Run(ctx, opts)
	done()
	if err != nil {
		return err
	}
	for _, out := range outs {
		if err := env.into(out.File, func(w io.Writer, s render.Style) error {
			switch out.Format {
			case render.FormatJSON:
				return render.JSON(w, rep)
			case render.FormatMarkdown:
				return writeReplayMarkdown(w, rep)
			}
			return writeReplay(w, rep, s)
		}); err != nil {
			return err
		}
	}
	if rep.Summary.Undecided > 0 {
		return exit(ExitFailure)
	}
	return nil
}

// candidate reads the policy to try: of a directory, else of a revision, else
// of the work tree.
func (env *Env) candidate(ctx context.Context, d *proposal.Desk, name string) (*store.Policy, error) {
	if name == "" {
		s, err := env.workTree(ctx)
		if err != nil {
			return nil, err
		}
		return s.Policy()
	}
	dir := name
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(env.workDir(), dir)
	}
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, fmt.Errorf("opening %s: %w", name, err)
		}
		defer root.Close()
		p, err := store.ReadPolicy(root.FS(), filepath.ToSlash(name))
		if err == nil && len(p.Modules) == 0 {
			return nil, usage("%s holds no policy", name).hint("name the directory that the .rego files are in, or a revision")
		}
		return p, err
	}
	repo, err := env.repository(ctx)
	if err != nil {
		return nil, err
	}
	id, err := repo.Resolve(ctx, name)
	if err != nil {
		return nil, usage("%s is neither a directory nor a revision: %v", name, err)
	}
	fsys, err := repo.FS(ctx, id)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(fsys, store.InDirectory(d.Dir), store.WithCache(d.Cache))
	if err != nil {
		return nil, fmt.Errorf("reading the store at %s: %w", name, err)
	}
	return s.Policy()
}

// moment reads a time, a date, or a revision, which stands for the moment at
// which it was committed.
func (env *Env) moment(ctx context.Context, name string) (time.Time, error) {
	t, err := day(name)
	if err == nil {
		return t, nil
	}
	repo, rerr := env.repository(ctx)
	if rerr != nil {
		return t, rerr
	}
	id, rerr := repo.Resolve(ctx, name)
	if rerr != nil {
		return t, usage("%q is neither a time, a date nor a revision", name).hint("write 2026-11-20, 2026-11-20T14:00:00Z, or what git log takes")
	}
	c, err := repo.Commit(ctx, id)
	if err != nil {
		return t, err
	}
	return c.Committer.When, nil
}

// openProposals lists the proposals that have not landed, as of their commits.
func (env *Env) openProposals(ctx context.Context, d *proposal.Desk) ([]replay.Open, error) {
	w, err := d.Look(ctx)
	if err != nil {
		return nil, err
	}
	list, err := d.Open(ctx, w)
	if err != nil {
		return nil, err
	}
	repo, err := env.repository(ctx)
	if err != nil {
		return nil, err
	}
	var out []replay.Open
	for _, p := range list {
		c, err := repo.Commit(ctx, p.Head)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("reading %s", p.Branch), err)
		}
		out = append(out, replay.Open{Record: p.ID, Head: p.Head, At: c.Committer.When})
	}
	slices.SortFunc(out, func(a, b replay.Open) int { return a.At.Compare(b.At) })
	return out, nil
}
