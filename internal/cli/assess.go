package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
)

type assessOptions struct {
	verbose bool
	at      string
	out     outputFlags
}

func newAssessCmd(env *Env) *cobra.Command {
	k, _ := record.Builtin().ByName("change")
	o := &assessOptions{}
	cmd := &cobra.Command{
		Use: "assess [ID]", Short: "Show the risk of a change and what it needs", Args: args(cobra.MaximumNArgs(1)),
		Long: `Show the risk with the signals it is the sum of, what the change touches, whose approval it
needs and why, and what is missing. Works offline and writes nothing.

With --at, the change as main had it then is judged as if it had been filed then: by
the policy, catalogue, calendar and history of that commit, at its moment or at the
date given; --now says another. Approvals do not count: gitsm audit show has them.

` + idArg(k),
		Example: `  $ gitsm change assess 7k3f2m

  # with every rule that was looked at, and what would lower the risk
  $ gitsm change assess 7k3f2m -v

  # what it would have been before the last edit of the services
  $ gitsm change assess 7k3f2m --at main~1`,
		RunE: func(cmd *cobra.Command, list []string) error { return runAssess(cmd.Context(), env, list, o) },
	}
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "show every rule that was looked at, and what each mitigation would come to")
	cmd.Flags().StringVar(&o.at, "at", "", atHelp)
	o.out.register(cmd)
	return cmd
}

func runAssess(ctx context.Context, env *Env, list []string, o *assessOptions) error {
	if o.verbose && !o.out.given() {
		t, x, err := env.assessed(ctx, list, o.at)
		if err != nil {
			return err
		}
		return env.into("", func(w io.Writer, s render.Style) error {
			if err := render.Assessment(w, x.Decision, title(t), s); err != nil {
				return err
			}
			if _, err := fmt.Fprintln(w, "\nrules"); err != nil {
				return err
			}
			return writeExplanation(w, x, s)
		})
	}
	t, dec, err := env.foresee(ctx, list, o.at)
	if err != nil {
		return err
	}
	if o.out.given() {
		return o.out.write(ctx, env, single(decisionFields, decisionValues(dec, t)))
	}
	return env.into("", func(w io.Writer, s render.Style) error { return render.Assessment(w, dec, title(t), s) })
}

// assessed explains a change: as it stands or, with --at, as it stood.
func (env *Env) assessed(ctx context.Context, list []string, at string) (*proposal.Target, *decision.Explanation, error) {
	if at == "" {
		return env.explain(ctx, list, "change")
	}
	d, t, f, err := env.stood(ctx, list, at)
	if err != nil {
		return nil, nil, err
	}
	x, err := d.Judge.Explain(ctx, *f)
	return t, x, err
}

// stood is what a change was when main had it at a revision or date.
func (env *Env) stood(ctx context.Context, list []string, at string) (*proposal.Desk, *proposal.Target, *decision.Facts, error) {
	d, err := env.desk(ctx, false)
	if err != nil {
		return nil, nil, nil, err
	}
	t, s, err := env.targetAt(ctx, d, list, at, "change")
	if err != nil {
		return nil, nil, nil, err
	}
	now := d.Now()
	if env.now == "" {
		if now, err = env.moment(ctx, at); err != nil {
			return nil, nil, nil, err
		}
	}
	f, err := d.Stood(s, t, now)
	return d, t, f, err
}

// foresee judges a change as decide does or, where its forge cannot be asked,
// without what was said there; with --at, as it stood.
func (env *Env) foresee(ctx context.Context, list []string, at string) (*proposal.Target, *decision.Decision, error) {
	if at != "" {
		d, t, f, err := env.stood(ctx, list, at)
		if err != nil {
			return nil, nil, err
		}
		dec, err := d.Judge.Decide(ctx, *f)
		return t, dec, err
	}
	d, t, err := env.decided(ctx, list, "change")
	if err != nil {
		return nil, nil, err
	}
	dec, err := d.Assess(ctx, t)
	if unheard, ok := errors.AsType[*forge.Error](err); ok {
		env.say("without the reviews on GitHub: %v", unheard)
		env.say("  hint: %s", unheard.Fix)
		dec, err = d.Foresee(ctx, t)
	}
	return t, dec, err
}
