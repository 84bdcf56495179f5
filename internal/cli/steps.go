package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
)

// outcomes of a change that finish takes; backout has its own verb.
var outcomes = []string{"successful", "successful-with-issues", "failed"}

type stepOptions struct {
	kind   *record.Kind
	fields *fieldFlags // nil for a verb that has flags of its own
	step   proposal.Step
	next   bool // reschedule to the next free slot
	dryRun bool
	wait   time.Duration // for the gate of a forge
	out    outputFlags
}

// gateWait is how long a verb waits for the gate of a forge where nobody says
// otherwise.
const gateWait = 5 * time.Minute

// changeSteps are the verbs that move an authorised change through its life.
func changeSteps(env *Env) []*cobra.Command {
	k, _ := record.Builtin().ByName("change")
	step := func(verb, short, long string) (*stepOptions, *cobra.Command) {
		return newStep(env, k, verb, short, long)
	}
	_, start := step("start", "Begin to implement an authorised change", "Refused outside the change's window. Exit code 8 means: not started.")
	fo, finish := step("finish", "Say how implementing ended", "")
	finish.Flags().StringVar(&fo.step.Outcome, "outcome", "", "`OUTCOME`: "+strings.Join(outcomes, ", "))
	noted(fo, finish, "what happened, in a sentence or two")
	bo, backout := step("backout", "Say that a change was backed out", "")
	noted(bo, backout, "why it was backed out")
	ro, review := step("review", "Write the post-implementation review", "")
	review.Flags().StringVarP(&ro.step.Summary, "message", "m", "", "what was learnt")
	_, closing := step("close", "Close a change", "")
	so, reschedule := step("reschedule", "Move a scheduled change to another window",
		"Another window is another authorisation: the approvals are asked for again.\n--next takes the next time that is free of other changes and freezes, and within\nmaintenance where there is any. It is never this very moment, and no sooner after\nthe filing than policy takes for usual (risk.notice_days in policy/data.yaml).")
	reschedule.Flags().BoolVar(&so.next, "next", false, "take the next free time of the same length")
	reschedule.Flags().StringVar(&so.step.Start, "start", "", "new beginning (RFC 3339)")
	reschedule.Flags().StringVar(&so.step.End, "end", "", "new end (RFC 3339)")
	reschedule.Flags().StringVar(&so.step.Zone, "timezone", "", "IANA time zone of the window")
	return []*cobra.Command{start, finish, backout, review, closing, reschedule, newCancelCmd(env, k)}
}

// noted gives a step the flag for implementation.notes, which may be called as
// the field is.
func noted(o *stepOptions, cmd *cobra.Command, what string) {
	cmd.Flags().StringVarP(&o.step.Notes, "message", "m", "", what+" (the field implementation.notes)")
	cmd.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "notes" {
			name = "message"
		}
		return pflag.NormalizedName(name)
	})
}

func addIncidentVerbs(env *Env, cmd *cobra.Command) {
	k, _ := record.Builtin().ByName("incident")
	step := func(verb, short string) (*stepOptions, *cobra.Command) {
		o, c := newStep(env, k, verb, short, "")
		c.Flags().StringVarP(&o.step.Notes, "message", "m", "", "what was seen or done, for the timeline")
		return o, c
	}
	_, ack := step("acknowledge", "Say that somebody is on it")
	_, restore := step("restore", "Say that the service works again")
	ro, resolve := step("resolve", "Say that the cause is gone")
	resolve.Flags().StringVar(&ro.step.Cause, "caused-by", "", "the change that caused it")
	_, closing := step("close", "Close an incident")
	cmd.AddCommand(ack, restore, resolve, closing)
}

// verbHelp says what a verb of a kind's lifecycle is for, and which fields it
// has flags for. A verb without a row gets a line made from its states.
var verbHelp = map[string]struct {
	short  string
	fields []string
}{
	"problem diagnose":  {"Say that the cause is known: the problem is a known error", []string{"root_cause", "workaround"}},
	"problem resolve":   {"Say that the cause is removed", []string{"root_cause", "changes"}},
	"problem close":     {"Close a problem", nil},
	"request authorise": {"Propose that a request be fulfilled", nil},
	"request fulfil":    {"Say that the requester has what was asked for", []string{"change", "notes"}},
	"request close":     {"Close a request, or decline one that was not fulfilled", []string{"notes"}},
	"model retire":      {"Retire a model: nothing can be made from it any more", nil},
	"window cancel":     {"Cancel a window: it no longer counts", nil},
	"waiver revoke":     {"Revoke a waiver: its rule holds again", nil},
}

// addLifecycleVerbs adds a verb for every step of a kind's transitions.
func addLifecycleVerbs(env *Env, cmd *cobra.Command, k *record.Kind) {
	var done []string
	for _, t := range k.Transitions {
		if t.From == "" || t.Verb == "" || slices.Contains(done, t.Verb) {
			continue
		}
		done = append(done, t.Verb)
		help := verbHelp[k.Name+" "+t.Verb]
		if help.short == "" {
			help.short = fmt.Sprintf("Move the %s to state %s", k.Name, t.To)
		}
		o, step := newStep(env, k, t.Verb, help.short, "")
		if isDeclared(k) { // which facts belong to a step, its policy says
			o.fields = registerFields(step.Flags(), k)
		} else {
			o.fields = &fieldFlags{kind: k, flags: step.Flags()}
		}
		for _, field := range help.fields {
			o.fields.register(field)
		}
		cmd.AddCommand(step)
	}
}

func newStep(env *Env, k *record.Kind, verb, short, long string) (*stepOptions, *cobra.Command) {
	o := &stepOptions{kind: k, step: proposal.Step{Verb: verb}}
	cmd := &cobra.Command{
		Use: verb + " [ID]", Short: short, Args: args(cobra.MaximumNArgs(1)), Example: "  $ gitsm " + k.Name + " " + verb + " " + exampleOf(k, verb),
		Long: strings.TrimSpace(short + ". " + long + "\n\n" + idArg(k)),
		RunE: func(cmd *cobra.Command, list []string) error { return runStep(cmd.Context(), env, o, list) },
	}
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "show what would be written and write nothing")
	cmd.Flags().DurationVar(&o.wait, "wait", gateWait, "on GitHub, how long to wait for the gate; exit code 8 means that it is not done")
	o.out.register(cmd)
	return o, cmd
}

func exampleOf(k *record.Kind, verb string) string {
	id := "7k3f2m"
	switch verb {
	case "finish":
		return id + " --outcome successful"
	case "backout", "review":
		return id + " -m 'the new index was slower'"
	case "reschedule":
		return id + " --start 2026-11-28T22:00:00Z --end 2026-11-28T23:00:00Z"
	case "diagnose":
		return id + " --root-cause 'the pool is too small' --workaround 'restart the pool'"
	}
	if !k.Dated() {
		return "ID"
	}
	return id
}

func runStep(ctx context.Context, env *Env, o *stepOptions, list []string) error {
	if err := o.check(); err != nil {
		return err
	}
	d, err := env.writingDesk(ctx, o.dryRun)
	if err != nil {
		return err
	}
	d.Wait = o.wait
	id, err := env.id(ctx, d, list, o.kind.Name)
	if err != nil {
		return err
	}
	if o.fields != nil {
		if o.step.Also, err = o.fields.edits(); err != nil {
			return err
		}
		if err := d.Expand(ctx, o.kind, o.step.Also); err != nil {
			return err
		}
	}
	if o.next {
		if err := o.takeNext(ctx, env, d, id); err != nil {
			return err
		}
	}
	out, err := d.Advance(ctx, o.kind.Name, id, o.step)
	if err == nil && o.step.Verb == "finish" && unverified(out.Record) {
		env.say("warning: nothing says whether it worked: there is no plan.verify, and -m was not given\nVER-1 of the audit fails until its review says so: gitsm change review %s -m TEXT", out.ID)
	}
	if err == nil && o.step.Verb == "start" {
		for _, f := range out.Findings { // what would have held it up is an error, and never comes here
			env.say("warning: %s %s; %s", f.Code, f.Message, f.Fix)
		}
	}
	return reportWrite(ctx, env, d, out, err, &o.out)
}

// unverified reports whether an audit would find a change that ended well
// without a word on whether it worked. A standard change has its model's.
func unverified(r *record.Record) bool {
	return r != nil && r.Kind.Name == "change" && r.Str("type") != "standard" && r.Str("implementation", "outcome") != "failed" &&
		record.Placeholder(r.Str("plan", "verify")) && record.Placeholder(r.Str("implementation", "notes")) && record.Placeholder(r.Str("review", "summary"))
}

// takeNext makes the step one to the next free time, and says which that is.
func (o *stepOptions) takeNext(ctx context.Context, env *Env, d *proposal.Desk, id string) error {
	slot, ok, err := d.NextFree(ctx, id)
	if err != nil {
		return err
	}
	if !ok {
		return &Error{Msg: fmt.Sprintf("nothing is free for %s within %d days", id, int(calendar.Horizon.Hours()/24)), Code: ExitFindings,
			Hints: []string{"gitsm conflicts says what is in the way; --start and --end take a time all the same"}}
	}
	o.step.Start, o.step.End = slot.Start.UTC().Format(time.RFC3339), slot.End.UTC().Format(time.RFC3339)
	env.say("the next free time is from %s to %s", o.step.Start, o.step.End)
	return nil
}

// check names what a step needs before anything is looked at.
func (o *stepOptions) check() error {
	s := o.step
	switch {
	case s.Verb == "finish" && s.Outcome == "backed-out":
		return usage("a change that was backed out has its own verb").hint("gitsm change backout ID")
	case s.Verb == "finish" && s.Outcome != "" && !slices.Contains(outcomes, s.Outcome):
		return usage("--outcome %q is none: use one of %s", s.Outcome, strings.Join(outcomes, ", "))
	case s.Verb == "finish" && s.Outcome == "":
		return usage("finish needs --outcome: one of %s", strings.Join(outcomes, ", "))
	case s.Verb == "review" && record.Placeholder(s.Summary):
		return usage("review needs -m with what was learnt")
	case s.Verb == "reschedule" && o.next && s.Start+s.End != "":
		return usage("--next finds --start and --end itself")
	case s.Verb == "reschedule" && !o.next && s.Start == "" && s.End == "":
		return usage("reschedule needs --next, --start, --end or both").hint("--start 2026-11-28T22:00:00Z --end 2026-11-28T23:00:00Z")
	}
	for flag, v := range map[string]string{"--start": s.Start, "--end": s.End} {
		if _, err := time.Parse(time.RFC3339, v); v != "" && err != nil {
			return usage("%s %q is not a time", flag, v).hint("write it as 2026-11-28T22:00:00Z")
		}
	}
	return nil
}

// newCancelCmd cancels a scheduled change, or withdraws a proposal that never
// landed: both end the matter, and both leave evidence.
func newCancelCmd(env *Env, k *record.Kind) *cobra.Command {
	o, cmd := newStep(env, k, "cancel", "Cancel a scheduled change, or withdraw a proposal that has not landed",
		"Where the change has an open proposal, cancel withdraws that, and what main has of the change\nstays as it is. Where it has none, cancel calls off the scheduled change on main. The output,\nand --dry-run, say which of the two it is. A change that is being implemented is backed out,\nnever cancelled.")
	noted(o, cmd, "why")
	cmd.RunE = func(cmd *cobra.Command, list []string) error { return runCancel(cmd.Context(), env, o, list) }
	return cmd
}

func runCancel(ctx context.Context, env *Env, o *stepOptions, list []string) error {
	d, err := env.writingDesk(ctx, o.dryRun)
	if err != nil {
		return err
	}
	t, err := env.target(ctx, d, list, o.kind.Name)
	if err != nil {
		return err
	}
	if t.Proposal == nil {
		if err := runStep(ctx, env, o, []string{t.ID}); err != nil {
			return err
		}
		would := ""
		if o.dryRun {
			would = "dry run: would be "
		}
		env.say("%s %scalled off on %s; it stays there as cancelled", t.ID, would, d.Main)
		return nil
	}
	op, err := d.Withdraw(ctx, t)
	if err != nil {
		return err
	}
	return reportOpinion(ctx, env, op, &o.out)
}
