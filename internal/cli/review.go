package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
)

type reviewOptions struct {
	kind   *record.Kind
	dryRun bool
	draft  bool   // submit
	watch  bool   // submit
	method string // merge
	out    outputFlags
}

func newApproveCmd(env *Env, k *record.Kind) *cobra.Command {
	return newReviewCmd(env, k, "approve", "Approve an open proposal",
		`Approve the open proposal as it stands now. The approval is a statement bound
to the content of the record, signed with the key git signs with, on the
evidence branch. It dies when the content changes materially. An approval that
could not count, such as your own, is refused with the reason.

On GitHub it is a review under your own account, which carries the statement
where you have a key to sign it with.`,
		(*proposal.Desk).Approve)
}

func newRejectCmd(env *Env, k *record.Kind) *cobra.Command {
	return newReviewCmd(env, k, "reject", "Ask for changes to an open proposal",
		"Reject the open proposal: it cannot land until you approve it. On GitHub -m says\nwhy, in the review; elsewhere say it where you talk to each other, as evidence\nholds no free text.",
		(*proposal.Desk).Reject)
}

func newReviewCmd(env *Env, k *record.Kind, verb, shortText, long string,
	opine func(*proposal.Desk, context.Context, string, ...string) (*proposal.Opinion, error),
) *cobra.Command {
	o := &reviewOptions{kind: k}
	var remark string
	cmd := &cobra.Command{
		Use: verb + " [ID]", Short: shortText, Long: long + "\n\n" + idArg(k), Args: args(cobra.MaximumNArgs(1)),
		Example: "  $ gitsm " + k.Name + " " + verb + " ID",
		RunE: func(cmd *cobra.Command, list []string) error {
			ctx := cmd.Context()
			d, err := env.writingDesk(ctx, o.dryRun)
			if err != nil {
				return err
			}
			id, err := env.id(ctx, d, list, k.Name)
			if err != nil {
				return err
			}
			d.Remark = strings.TrimSpace(remark)
			op, err := opine(d, ctx, id, k.Name)
			if err != nil {
				return err
			}
			return reportOpinion(ctx, env, op, &o.out)
		},
	}
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "show what would be recorded and write nothing")
	if verb == "reject" {
		cmd.Flags().StringVarP(&remark, "message", "m", "", "on GitHub, why: it is said in the review")
	}
	o.out.register(cmd)
	return cmd
}

var opinionFields = []string{"id", "kind", "person", "state", "trust", "evidence", "material", "verdict", "reasons", "stands", "dry_run", "url"}

func reportOpinion(ctx context.Context, env *Env, op *proposal.Opinion, out *outputFlags) error {
	for _, n := range op.Notes {
		env.say("%s", n)
	}
	verdict, reasons := "", []string{}
	if op.Decision != nil {
		verdict, reasons = string(op.Decision.Verdict), op.Decision.Reasons
	}
	if out.given() {
		return out.write(ctx, env, single(opinionFields, map[string]any{"id": op.ID, "kind": op.Kind, "person": op.Person, "state": op.State,
			"trust": op.Trust, "evidence": op.Evidence, "material": op.Material, "verdict": verdict, "reasons": reasons, "stands": op.Stands, "dry_run": op.DryRun, "url": op.URL}))
	}
	switch {
	case op.Stands:
		env.say("%s is %s by %s (%s) already, with the content it has now: nothing was written", op.ID, op.State, op.Person, op.Trust)
	case op.DryRun:
		env.say("dry run: would record: %s %s by %s (%s)", op.ID, op.State, op.Person, op.Trust)
	default:
		env.say("%s %s by %s (%s)", op.ID, op.State, op.Person, op.Trust)
	}
	if op.Decision != nil {
		sayVerdict(env, op.Kind, op.Arg, op.Decision)
	}
	return nil
}

func sayVerdict(env *Env, kind, id string, dec *decision.Decision) {
	switch {
	case dec.Verdict == approval.Allow && dec.Owed():
		env.say("the emergency owes no further approval")
		return
	case kind == "" || kind == "proposal":
		kind = "change"
	}
	switch dec.Verdict {
	case approval.Allow:
		env.next("gitsm %s merge %s", kind, id)
	case approval.Pending:
		sayPending(env, kind, id, dec, false)
	default:
		for _, r := range dec.Reasons {
			env.say("%s", r)
		}
	}
}

func newMergeCmd(env *Env, k *record.Kind) *cobra.Command {
	o := &reviewOptions{kind: k}
	cmd := &cobra.Command{
		Use: "merge [ID]", Short: "Land an open proposal that the gate allows", Args: args(cobra.MaximumNArgs(1)),
		Long: `Land the open proposal on main, if the gate allows it now. Landing a scheduled
change authorises it. Main, the evidence branch and the proposal's branch move
together or not at all. On GitHub the pull request is merged there, at the commit
that was decided about, or put into the merge queue.

Exit codes: 0 landed, 1 denied, 8 approvals are missing or the queue is not done.

` + idArg(k),
		Example: "  $ gitsm " + k.Name + " merge ID",
		RunE:    func(cmd *cobra.Command, list []string) error { return runMerge(cmd.Context(), env, o, list) },
	}
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "decide, and write nothing")
	cmd.Flags().StringVar(&o.method, "method", "", "on GitHub, land by `METHOD`: merge, squash or rebase; the first that the repository allows where none is given")
	o.out.register(cmd)
	return cmd
}

func runMerge(ctx context.Context, env *Env, o *reviewOptions, list []string) error {
	d, err := env.writingDesk(ctx, o.dryRun)
	if err != nil {
		return err
	}
	id, err := env.id(ctx, d, list, o.kind.Name)
	if err != nil {
		return err
	}
	out, err := d.MergeBy(ctx, proposal.MergeOptions{Method: o.method}, id, o.kind.Name)
	if err != nil {
		return err
	}
	if !out.Decision.Allowed() {
		return reportDenied(ctx, env, out, &o.out)
	}
	return reportWrite(ctx, env, d, out, nil, &o.out)
}

// reportDenied says why a proposal did not land.
func reportDenied(ctx context.Context, env *Env, out *proposal.Outcome, flags *outputFlags) error {
	if flags.given() {
		if err := flags.write(ctx, env, single(writtenFields, written(out))); err != nil {
			return err
		}
	}
	if err := render.Gate(env.Err, out.Decision, render.Style{}); err != nil {
		return err
	}
	switch dec := out.Decision; { // what is needed has been said
	case dec.Verdict != approval.Pending:
	case slices.ContainsFunc(dec.Requirements, unmet):
		sayWho(env, out.Kind, out.Arg(), dec, out.Unpublished)
	case len(dec.Requirements) > 0:
		sayWaits(env, dec)
	}
	return exit(verdictCode(out.Decision.Verdict))
}

func newSubmitCmd(env *Env, k *record.Kind) *cobra.Command {
	o := &reviewOptions{kind: k}
	cmd := &cobra.Command{
		Use: "submit [ID]", Short: "Check a proposal, push it, and say who must act", Args: args(cobra.MaximumNArgs(1)),
		Long: `Check the open proposal (exit code 1 if it has errors), push it where there is
an upstream, and say who must act. Nothing else is written. What has been rejected
may be submitted again, as whoever rejected it has to see what became of it.

On GitHub it opens the pull request in your name and asks for the reviews that
are missing. Run again, it brings the same pull request up to date; without
--draft a draft becomes one that is reviewed.

Exit codes: 0 it is submitted, whatever it waits for, 1 it has errors, 3 it could
not be judged.

` + idArg(k),
		Example: "  $ gitsm " + k.Name + " submit ID\n\n  # and say so when it may land\n  $ gitsm " + k.Name + " submit ID --watch",
		RunE:    func(cmd *cobra.Command, list []string) error { return runSubmit(cmd.Context(), env, o, list) },
	}
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "check, and push nothing")
	cmd.Flags().BoolVar(&o.draft, "draft", false, "open the pull request as a draft")
	cmd.Flags().BoolVar(&o.watch, "watch", false, "then go on as status --watch does")
	o.out.register(cmd)
	return cmd
}

func runSubmit(ctx context.Context, env *Env, o *reviewOptions, list []string) error {
	d, err := env.desk(ctx, true)
	if err != nil {
		return err
	}
	d.DryRun = o.dryRun
	if o.watch && (o.dryRun || o.out.given()) {
		return usage("--watch is for people, and for what was submitted")
	}
	t, err := env.target(ctx, d, list, o.kind.Name)
	if err != nil {
		return err
	}
	out, err := d.Submit(ctx, t, proposal.Submission{Draft: o.draft})
	var refused *proposal.RefusedError
	if errors.As(err, &refused) && refused.Decision != nil {
		if perr := printFindings(env, refused.Decision); perr != nil {
			return perr
		}
		return &Error{Msg: refused.What, Code: ExitFindings, Hints: []string{t.Edit()}}
	}
	if err != nil {
		return err
	}
	for _, n := range out.Notes {
		env.say("%s", n)
	}
	if o.out.given() {
		values := decisionValues(out.Decision, t)
		values["pull"], values["url"] = out.Pull, out.URL
		if err := o.out.write(ctx, env, single(decisionFields, values)); err != nil {
			return err
		}
		return exit(judged(out.Decision))
	}
	if o.watch {
		return watchStatus(ctx, env, []string{t.Arg()}, o.kind.Name)
	}
	if _, err := fmt.Fprintln(env.Out, out.Subject()); err != nil {
		return err
	}
	sayVerdict(env, out.Kind, out.Arg(), out.Decision)
	return exit(judged(out.Decision))
}

// judged is how submitting ends: whether it may land yet is another question
// than whether that could be told.
func judged(dec *decision.Decision) int {
	if dec.Verdict == approval.Error {
		return ExitFailure
	}
	return ExitOK
}

func newDiffCmd(env *Env, k *record.Kind) *cobra.Command {
	return &cobra.Command{
		Use: "diff [ID]", Short: "Show what an open proposal changes", Args: args(cobra.MaximumNArgs(1)),
		Long: "Show what the open proposal changes on main.\n\n" + idArg(k), Example: "  $ gitsm " + k.Name + " diff ID",
		RunE: func(cmd *cobra.Command, list []string) error {
			ctx := cmd.Context()
			d, err := env.desk(ctx, false)
			if err != nil {
				return err
			}
			t, err := env.target(ctx, d, list, k.Name)
			if err != nil {
				return err
			}
			if t.Proposal == nil {
				return usage("%s has no open proposal", t.ID)
			}
			for _, c := range t.Proposal.Facts.Changes {
				if err := render.Diff(env.Out, t.Proposal.Facts.Base.Display(c.Path), bytesOf(c.Before), bytesOf(c.After), env.style()); err != nil {
					return err
				}
			}
			for _, f := range t.Proposal.Facts.Files {
				if _, err := fmt.Fprintf(env.Out, "%s %s\n", f.Status, render.Terminal(f.Path)); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func bytesOf(r *record.Record) []byte {
	if r == nil {
		return nil
	}
	return r.Doc.Source
}

func newInboxCmd(env *Env) *cobra.Command {
	var out outputFlags
	cmd := &cobra.Command{
		Use: "inbox", Short: "List what waits for you", Args: args(cobra.NoArgs),
		Long:    "List the open proposals that wait for your approval, your own that can be submitted or\nmerged or need mending, and changes of yours that are under way.",
		Example: "  $ gitsm inbox",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runInbox(cmd.Context(), env, &out) },
	}
	out.register(cmd)
	return cmd
}

var inboxFields = []string{"id", "kind", "todo", "risk", "why", "title", "command", "branch"}

func runInbox(ctx context.Context, env *Env, out *outputFlags) error {
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	if err := env.catchUp(ctx, d); err != nil {
		return err
	}
	todos, err := d.Inbox(ctx)
	if err != nil {
		return err
	}
	items := []map[string]any{}
	for _, t := range todos {
		items = append(items, map[string]any{"id": t.ID, "kind": t.Kind, "todo": t.Todo, "risk": t.Risk, "why": strings.Join(t.Why, "; "),
			"title": t.Title, "command": t.Command, "branch": t.Branch})
		if t.Todo == "mend" {
			env.say("broken: %s: %s", t.Branch, strings.Join(t.Why, "; "))
		}
	}
	if len(items) == 0 && !out.given() {
		env.say("nothing waits for you")
		upstream, err := d.Unasked(ctx)
		if err != nil {
			return err
		}
		if upstream != "" {
			env.next("git fetch %s, for what others have sent since the last time", upstream)
		}
	}
	cols := []render.Column{{Field: "todo"}, {Field: "id"}, {Field: "risk"}, {Field: "title"}, {Field: "command"}}
	return out.write(ctx, env, render.List{Fields: slices.Clone(inboxFields), Columns: cols, Items: items})
}
