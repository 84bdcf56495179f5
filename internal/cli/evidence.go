package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
)

func newEvidenceCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use: "evidence", Short: "Record what a forge says, and compare it", Args: args(cobra.NoArgs),
		Long:    "On git alone every verb records its own evidence. What is said on GitHub is copied\nfrom there into the evidence branch, so that an audit needs no GitHub.",
		Example: "  $ gitsm evidence record --pr 7\n  $ gitsm evidence verify --remote",
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newEvidenceRecordCmd(env), newEvidenceVerifyCmd(env))
	return cmd
}

type recordOptions struct {
	gateOptions
	commit string
	since  time.Duration
}

func newEvidenceRecordCmd(env *Env) *cobra.Command {
	o := &recordOptions{}
	cmd := &cobra.Command{
		Use: "record", Short: "Record reviews and landings of pull requests", Args: args(cobra.NoArgs),
		Long: `Copy what GitHub says of pull requests into the evidence branch: each review with
the person, the account's number and what it was about; how a pull request ended;
of one that landed the decision, made again with what was known then, with
contributors, checks and rules. What is recorded already is passed over, so it may
be run as often as one likes. Without a flag it looks at every pull request that
something happened to in the last 30 days.

What it records is GitHub's word, repeated by whoever runs it: give nobody else
the right to push to the evidence branch.`,
		Example: "  $ gitsm evidence record --pr 7\n\n  # heal a run that was missed\n  $ gitsm evidence record --commit 1a2b3c4",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runEvidenceRecord(cmd.Context(), env, o) },
	}
	f := cmd.Flags()
	f.IntSliceVar(&o.pulls, "pr", nil, "record pull request `N`")
	f.BoolVar(&o.event, "event", false, "record what started the GitHub workflow that this runs in")
	f.StringVar(&o.commit, "commit", "", "record the pull request that `COMMIT` of main came from")
	f.DurationVar(&o.since, "since", 30*24*time.Hour, "how long ago something may have happened")
	f.BoolVar(&o.dryRun, "dry-run", false, "look, and write nothing")
	o.out.register(cmd)
	return cmd
}

var recordedFields = []string{"pull", "paths"}

// differenceFields are what evidence verify prints as JSON of what differs.
var differenceFields = []string{"path", "why"}

func runEvidenceRecord(ctx context.Context, env *Env, o *recordOptions) error {
	d, err := env.writingDesk(ctx, o.dryRun)
	if err != nil {
		return err
	}
	done, err := o.record(ctx, env, d)
	items := []map[string]any{}
	for _, r := range done {
		for _, n := range r.Notes {
			env.say("%s", n)
		}
		items = append(items, map[string]any{"pull": r.Pull, "paths": r.Paths})
		if !o.out.given() {
			for _, p := range r.Paths {
				env.say("pull request %d: recorded %s", r.Pull, p)
			}
		}
	}
	if o.out.given() {
		cols := []render.Column{{Field: "pull"}, {Field: "paths"}}
		return errors.Join(err, o.out.write(ctx, env, render.List{Fields: recordedFields, Columns: cols, Items: items}))
	}
	return err
}

// record records what is meant. One pull request that cannot be recorded does
// not keep the others from it.
func (o *recordOptions) record(ctx context.Context, env *Env, d *proposal.Desk) ([]*proposal.Recorded, error) {
	if o.commit != "" {
		repo, err := env.repository(ctx)
		if err != nil {
			return nil, err
		}
		id, err := repo.Resolve(ctx, o.commit)
		if err != nil {
			return nil, err
		}
		r, err := d.RecordCommit(ctx, id)
		if err != nil {
			return nil, err
		}
		return []*proposal.Recorded{r}, nil
	}
	numbers, err := o.numbers(ctx, env, d)
	if err != nil {
		return nil, err
	}
	var done []*proposal.Recorded
	var errs []error
	for _, n := range numbers {
		r, err := d.RecordPull(ctx, n)
		if r != nil {
			done = append(done, r)
		}
		if e, ok := errors.AsType[*proposal.IncompleteError](err); ok && o.sweeps() && !e.Landed.IsZero() && d.Now().Sub(e.Landed) > settled {
			env.say("%v; %s", e, e.Fix)
			continue
		}
		errs = append(errs, err)
		if errors.Is(err, forge.ErrLimited) {
			break // so would be every other
		}
	}
	return done, errors.Join(errs...)
}

// settled is how long after a landing a forge may still come to say more of it.
// A sweep that went on to fail for what nobody will ever tell would hide what else
// it misses; audits fail for it as long as it stands.
const settled = 24 * time.Hour

// sweeps reports whether nobody said which pull requests are meant.
func (o *recordOptions) sweeps() bool { return len(o.pulls) == 0 && o.commit == "" }

func (o *recordOptions) numbers(ctx context.Context, env *Env, d *proposal.Desk) ([]int, error) {
	if len(o.pulls) > 0 {
		return o.pulls, nil
	}
	if o.event {
		e, ok, err := env.event()
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, usage("--event works in GitHub workflows, and GITHUB_EVENT_PATH is not set").hint("gitsm evidence record --pr N")
		}
		switch {
		case e.PullRequest.Number != 0:
			return []int{e.PullRequest.Number}, nil
		case e.Name == "push", e.Name == "workflow_run":
			// What a review came to may have landed, which such a run does not say. What
			// happened longer ago is for the sweep.
			numbers, err := d.RecentPulls(ctx, d.Now().Add(-time.Hour))
			numbers = append(numbers, e.runsPulls()...)
			slices.Sort(numbers)
			return slices.Compact(numbers), err
		}
	}
	return d.RecentPulls(ctx, d.Now().Add(-o.since))
}

func newEvidenceVerifyCmd(env *Env) *cobra.Command {
	var remote bool
	var out outputFlags
	cmd := &cobra.Command{
		Use: "verify", Short: "Compare recorded evidence with what GitHub says today", Args: args(cobra.NoArgs),
		Long: `Hold every statement that repeats what GitHub said against what it says today:
reviews that are not there, or are somebody else's, and pull requests that ended
otherwise. What the upstream's gitsm-evidence lacks of what this clone has is said
as well: that branch was deleted or set back there. Without the network, gitsm audit verify judges the evidence as such.

Exit codes: 0 nothing differs, 1 something does, 3 GitHub could not be asked.`,
		Example: "  $ gitsm evidence verify --remote",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !remote {
				return usage("say what to compare the evidence with").hint("--remote compares it with GitHub; gitsm audit verify judges it offline")
			}
			return runEvidenceVerify(cmd.Context(), env, &out)
		},
	}
	cmd.Flags().BoolVar(&remote, "remote", false, "compare with what GitHub says today")
	out.register(cmd)
	return cmd
}

func runEvidenceVerify(ctx context.Context, env *Env, out *outputFlags) error {
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	checked, list, err := d.CompareRemote(ctx)
	if err != nil {
		return err
	}
	items := []map[string]any{}
	for _, x := range list {
		items = append(items, map[string]any{"path": x.Path, "why": x.Why})
	}
	cols := []render.Column{{Field: "path"}, {Field: "why"}}
	if err := out.write(ctx, env, render.List{Fields: differenceFields, Columns: cols, Items: items}); err != nil {
		return err
	}
	env.say("%d statements compared, %d differ", checked, len(list))
	if len(list) > 0 {
		return exit(ExitFindings)
	}
	return nil
}
