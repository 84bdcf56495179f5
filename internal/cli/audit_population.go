package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/render"
)

// periodFlags choose a stretch of time.
type periodFlags struct{ since, until string }

func (p *periodFlags) register(f *pflag.FlagSet) {
	f.StringVar(&p.since, "since", "", "from this `TIME` on (RFC 3339 or a date)")
	f.StringVar(&p.until, "until", "", "before this `TIME`")
}

func (p *periodFlags) period() (out audit.Period, err error) {
	if out.Since, err = day(p.since); err != nil {
		return out, err
	}
	if out.Until, err = day(p.until); err != nil {
		return out, err
	}
	if !out.Until.IsZero() && !out.Since.Before(out.Until) {
		return out, usage("the period ends before it begins: --since %s, --until %s", p.since, p.until)
	}
	return out, nil
}

type populationOptions struct {
	period periodFlags
	out    outputFlags
}

func newAuditPopulationCmd(env *Env) *cobra.Command {
	o := &populationOptions{}
	cmd := &cobra.Command{
		Use: "population", Short: "List every change of a period", Args: args(cobra.NoArgs),
		Long: `List every change that something happened to in a period: with a commit on main in
it, or rejected or withdrawn in it. Which question was asked of which commits is
said with it.

Exit codes: 0 there are changes, 3 there are none, which proves nothing.`,
		Example: "  $ gitsm audit population --since 2026-10-01 --until 2027-01-01\n  $ gitsm audit population -o csv=population.csv",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runAuditPopulation(cmd.Context(), env, o) },
	}
	o.period.register(cmd.Flags())
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

func runAuditPopulation(ctx context.Context, env *Env, o *populationOptions) error {
	p, err := o.period.period()
	if err != nil {
		return err
	}
	a, err := env.auditor(ctx)
	if err != nil {
		return err
	}
	pop, err := a.Population(ctx, p)
	if err != nil {
		return err
	}
	items := []map[string]any{}
	for _, m := range pop.Members {
		items = append(items, memberItem(m))
	}
	if err := o.out.write(ctx, env, render.List{Fields: memberFields, Columns: memberColumns(), Items: items}); err != nil {
		return err
	}
	env.sayPopulation(pop)
	if len(pop.Members) == 0 {
		return exit(ExitFailure)
	}
	return nil
}

// sayPopulation says what a population is the answer to.
func (env *Env) sayPopulation(p *audit.Population) {
	env.say("%d changes: %s", len(p.Members), p.Query)
	env.say("main %s, evidence %s, gitsm %s", p.Main, strings.Join(p.Evidence, " "), p.Tool)
	if p.Genesis > 0 {
		env.say("%d changes that came with the genesis commit, and that nothing happened to since, are not among them", p.Genesis)
	}
	for _, n := range p.Notes {
		env.say("note: %s", n)
	}
}
