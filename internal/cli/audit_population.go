package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/render"
)

type populationOptions struct {
	period periodFlags
	out    outputFlags
}

func newAuditPopulationCmd(env *Env) *cobra.Command {
	o := &populationOptions{}
	cmd := &cobra.Command{
		Use: "population [RANGE]", Short: "List every change of a period", Args: args(cobra.MaximumNArgs(1)),
		Long: `List every change that something happened to in a period: with a commit on main in
it, or rejected or withdrawn in it. Which question was asked of which commits is
said with it.

` + periodHelp + `

Exit codes: 0 there are changes, 3 there are none, which proves nothing.`,
		Example: "  $ gitsm audit population --since 2026-10-01 --until 2027-01-01\n  $ gitsm audit population v1.0.0..v1.1.0\n  $ gitsm audit population -o csv=population.csv",
		RunE:    func(cmd *cobra.Command, list []string) error { return runAuditPopulation(cmd.Context(), env, o, list) },
	}
	o.period.registerPast(cmd.Flags())
	o.out.documents = true
	o.out.register(cmd)
	return cmd
}

var memberFields = []string{"record", "title", "type", "state", "risk", "outcome", "services", "weekend", "way", "time", "commit", "landings", "approvers"}

func memberItem(m audit.Member) map[string]any {
	return map[string]any{"record": m.Record, "title": m.Title, "type": m.Type, "state": m.State, "risk": m.Risk, "outcome": m.Outcome, "services": notNil(m.Services),
		"weekend": m.Weekend, "way": m.Way, "time": m.Time.UTC().Format(time.RFC3339), "commit": m.Commit, "landings": m.Landings, "approvers": notNil(m.Approvers)}
}

func memberColumns(first ...render.Column) []render.Column {
	return append(first, []render.Column{{Field: "record"}, {Field: "type"}, {Field: "risk"}, {Field: "state"}, {Field: "time"}, {Field: "title"}}...)
}

func runAuditPopulation(ctx context.Context, env *Env, o *populationOptions, list []string) error {
	pop, err := o.period.population(ctx, env, list)
	if err != nil {
		return err
	}
	items := []map[string]any{}
	for _, m := range pop.Members {
		items = append(items, memberItem(m))
	}
	if err := o.out.write(ctx, env, render.List{Title: "gitsm audit population: " + pop.Query, Notes: populationNotes(pop), Fields: memberFields, Columns: memberColumns(), Items: items}); err != nil {
		return err
	}
	env.sayPopulation(pop)
	if len(pop.Members) == 0 {
		return exit(ExitFailure)
	}
	return nil
}
