package cli

import (
	"context"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
)

// standings says how models stand, by what main has or, with at, had; nil of
// anything else. One that has not landed was approved by nobody.
func (env *Env) standings(d *proposal.Desk, at string) func(context.Context, *proposal.Target) (*decision.Standing, error) {
	var s *store.Store
	return func(ctx context.Context, t *proposal.Target) (*decision.Standing, error) {
		switch {
		case t.Kind == nil || t.Kind.Name != "model":
			return nil, nil
		case t.Landed == nil:
			return &decision.Standing{Status: "unapproved", WhyNot: []string{"it has not landed"}}, nil
		case t.Landed.Str("use") != "change":
			return &decision.Standing{Status: t.Landed.State(), InForce: t.Landed.State() == "active", WhyNot: []string{}}, nil
		}
		var err error
		if s == nil && at != "" {
			s, err = env.past(ctx, d, at)
		} else if s == nil {
			var w *proposal.World
			if w, err = d.Look(ctx); err == nil {
				s = w.Base
			}
		}
		if err != nil {
			return nil, err
		}
		st, err := d.Judge.Standing(s, t.Landed, d.Now())
		return &st, err
	}
}

// stand adds to the values of a model how it stands.
func stand(values map[string]any, st *decision.Standing) {
	values["standing"], values["in_force"], values["why_not"] = st.Status, st.InForce, st.WhyNot
}

// candidateFields are what model candidates prints as JSON.
var candidateFields = []string{"title", "tiers", "services", "assets", "environments", "owners", "runs", "clean", "bad", "locked", "differs"}

func newCandidatesCmd(env *Env) *cobra.Command {
	var out outputFlags
	var least int
	var services []string
	cmd := &cobra.Command{
		Use: "candidates", Short: "List changes that went well so often that they could become standard", Args: args(cobra.NoArgs),
		Long: `List what main's history has that could be authorised in advance: normal changes
carried out by the same steps, with the same way back, in the same environment
and on services of the same tiers, whose latest runs were all successful and
caused no incident. What a model in force already allows is left out.

With each stands what it rests on: the runs, what went wrong before them, which
fields were the same in all of them and could be locked, and which were not.`,
		Example: "  $ gitsm model candidates\n  $ gitsm model candidates --min-runs 20 --service checkout\n  $ gitsm model candidates --json title,clean,locked",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if least < 1 {
				return usage("--min-runs takes a number of at least 1, not %d", least)
			}
			return runCandidates(cmd.Context(), env, least, services, &out)
		},
	}
	cmd.Flags().IntVar(&least, "min-runs", 5, "only what was done well at least `N` times in a row")
	cmd.Flags().StringSliceVar(&services, "service", nil, "only what was done to one of these `SERVICES`")
	out.register(cmd)
	return cmd
}

func runCandidates(ctx context.Context, env *Env, least int, services []string, out *outputFlags) error {
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	w, err := d.Look(ctx)
	if err != nil {
		return err
	}
	found, err := d.Judge.Candidates(w.Base, least, d.Now())
	if err != nil {
		return err
	}
	for i, name := range services {
		services[i] = w.Base.Unaliased(name, "service")
	}
	found = slices.DeleteFunc(found, func(c decision.Candidate) bool {
		return len(services) > 0 && !slices.ContainsFunc(c.Services, func(s string) bool { return slices.Contains(services, s) })
	})
	if out.given() {
		items := []map[string]any{}
		for _, c := range found {
			item, err := asMap(c)
			if err != nil {
				return err
			}
			items = append(items, item)
		}
		return out.write(ctx, env, render.List{Fields: candidateFields, Items: items,
			Columns: []render.Column{{Field: "clean"}, {Field: "title"}, {Field: "services"}, {Field: "tiers"}}})
	}
	if len(found) == 0 {
		env.say("nothing was done well %d times in a row by the same steps", least)
		return nil
	}
	return env.into("", func(w io.Writer, s render.Style) error { return render.Candidates(w, found, s) })
}
