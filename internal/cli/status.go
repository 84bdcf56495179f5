package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
)

func newStatusCmd(env *Env, k *record.Kind) *cobra.Command {
	var out outputFlags
	var watch bool
	cmd := &cobra.Command{
		Use: "status [ID]", Short: "Say where it stands, what is missing and who must act", Args: args(cobra.MaximumNArgs(1)),
		Long:    "Say where the record stands, what is missing and who must act.\n\n" + idArg(k),
		Example: "  $ gitsm " + k.Name + " status ID\n\n  # until it may land\n  $ gitsm " + k.Name + " status ID --watch",
		RunE: func(cmd *cobra.Command, list []string) error {
			ctx := cmd.Context()
			if watch && out.given() {
				return usage("--watch is for people, and prints nothing but text")
			}
			if watch {
				return watchStatus(ctx, env, list, k.Name)
			}
			t, dec, err := env.standing(ctx, list, k.Name)
			if err != nil {
				return err
			}
			if out.given() {
				return out.write(ctx, env, single(decisionFields, decisionValues(dec, t)))
			}
			return env.printStatus(t, dec)
		},
	}
	cmd.Flags().BoolVar(&watch, "watch", false, "say so again whenever it changes, until the proposal may land or is denied")
	out.register(cmd)
	return cmd
}

// standing judges a record by what everybody else has sent as well.
func (env *Env) standing(ctx context.Context, list []string, kind string) (*proposal.Target, *decision.Decision, error) {
	d, err := env.desk(ctx, false)
	if err != nil {
		return nil, nil, err
	}
	if err := env.catchUp(ctx, d); err != nil {
		return nil, nil, err
	}
	return env.decide(ctx, list, kind)
}

// catchUp fetches what the forge has, where there is one.
func (env *Env) catchUp(ctx context.Context, d *proposal.Desk) error {
	notes, err := d.CatchUp(ctx)
	for _, n := range notes {
		env.say("%s", n)
	}
	return err
}

// lookEvery is how long watching rests between two looks, which on a forge are a
// dozen requests each.
const lookEvery = 15 * time.Second

// watchStatus says where a record stands, and again whenever that has changed.
// It ends once there is no open proposal that waits, as gate would.
func watchStatus(ctx context.Context, env *Env, list []string, kind string) error {
	var seen []string
	for {
		t, dec, err := env.standing(ctx, list, kind)
		switch {
		case errors.Is(err, forge.ErrUnreachable) || errors.Is(err, forge.ErrLimited):
			env.say("%v", err) // it may be back at the next look
		case err != nil:
			return err
		default:
			if now := statusLines(t, dec); !slices.Equal(now, seen) {
				if seen != nil {
					env.say("at %s", env.Clock().UTC().Format(time.TimeOnly))
				}
				seen = now
				if err := env.printStatus(t, dec); err != nil {
					return err
				}
			}
			if t.Proposal == nil {
				return nil
			}
			if dec.Verdict != approval.Pending {
				return exit(verdictCode(dec.Verdict))
			}
		}
		if err := env.Sleep(ctx, lookEvery); err != nil {
			return err
		}
	}
}

// printStatus says where a record stands and what comes next.
func (env *Env) printStatus(t *proposal.Target, dec *decision.Decision) error {
	for _, l := range statusLines(t, dec) {
		if _, err := fmt.Fprintln(env.Out, render.Terminal(l)); err != nil {
			return err
		}
	}
	switch {
	case t.Proposal != nil:
		env.sayNext(afterGate(t, dec))
	case dec.Owed() && dec.Verdict == approval.Pending:
		env.sayNext(fmt.Sprintf("%s runs gitsm change approve %s", t.Landed.Str("authoriser"), t.ID))
	default:
		env.sayNext(nextStep(t, dec))
	}
	return nil
}

func statusLines(t *proposal.Target, dec *decision.Decision) []string {
	lines := []string{fmt.Sprintf("%s  %s  %s", t.Arg(), stage(t), title(t))}
	if t.Proposal != nil {
		lines = append(lines, fmt.Sprintf("%s on branch %s: %s", t.Proposal.Verb, t.Proposal.Branch, dec.Verdict))
		if said := t.Proposal.Said; said != nil {
			lines = append(lines, fmt.Sprintf("pull request %d: %s", said.Pull.Number, said.Pull.URL))
		}
		for _, f := range dec.Findings {
			lines = append(lines, fmt.Sprintf("%s %s %s", f.Severity, f.Code, f.Message))
		}
		for _, f := range dec.Waived {
			lines = append(lines, fmt.Sprintf("waived %s %s (%s)", f.Code, f.Message, f.Waiver))
		}
		for _, b := range dec.Blockers {
			lines = append(lines, fmt.Sprintf("blocked by %s: %s", b.Who, b.Why))
		}
	}
	if t.Proposal != nil || dec.Owed() {
		lines = append(lines, requirementLines(dec)...)
	}
	return lines
}
