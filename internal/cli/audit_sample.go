package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/render"
)

var sampleFields = append([]string{"stratum"}, memberFields...)

type sampleOptions struct {
	period   periodFlags
	n        int
	seed     string
	stratify []string
	out      outputFlags
}

func newAuditSampleCmd(env *Env) *cobra.Command {
	o := &sampleOptions{}
	cmd := &cobra.Command{
		Use: "sample [RANGE]", Short: "Draw changes of a period to look at", Args: args(cobra.MaximumNArgs(1)),
		Long: `Draw changes from the population of a period. The same seed draws the same changes
on every machine, so let the auditor choose it. Every stratum gives at least one
where the size allows it.

` + periodHelp + `

Exit codes: 0 changes were drawn, 3 there were none.`,
		Example: "  # Twenty-five, with emergencies and weekends among them.\n  $ gitsm audit sample --n 25 --seed 4711 --stratify type,risk,weekend",
		RunE:    func(cmd *cobra.Command, list []string) error { return runAuditSample(cmd.Context(), env, o, list) },
	}
	f := cmd.Flags()
	f.IntVarP(&o.n, "n", "n", 25, "how many")
	f.StringVar(&o.seed, "seed", "", "any `TEXT`, chosen by whoever audits")
	f.StringSliceVar(&o.stratify, "stratify", nil, "draw from each group by these `NAMES`: "+strings.Join(audit.Strata(), ", "))
	o.period.registerPast(f)
	o.out.documents = true
	o.out.register(cmd)
	return cmd
}

func (o *sampleOptions) check() error {
	switch {
	case o.n < 1:
		return usage("--n %d draws nothing", o.n)
	case o.seed == "":
		return usage("--seed is missing").hint("let whoever audits choose it: the same seed draws the same sample")
	}
	for _, s := range o.stratify {
		if !slices.Contains(audit.Strata(), s) {
			return usage("--stratify knows no %q", s).hint("names: %s", strings.Join(audit.Strata(), ", "))
		}
	}
	return nil
}

func runAuditSample(ctx context.Context, env *Env, o *sampleOptions, list []string) error {
	if err := o.check(); err != nil {
		return err
	}
	pop, err := o.period.population(ctx, env, list)
	if err != nil {
		return err
	}
	sample := pop.Draw(o.n, o.seed, o.stratify)
	items := []map[string]any{}
	for _, m := range sample.Members {
		item := memberItem(m)
		item["stratum"] = sample.Stratum[m.Record]
		items = append(items, item)
	}
	rows := render.List{Title: fmt.Sprintf("gitsm audit sample: %d of %d, seed %q", len(sample.Members), len(pop.Members), o.seed), Notes: populationNotes(pop), Fields: sampleFields, Columns: memberColumns(render.Column{Field: "stratum"}), Items: items}
	if err := o.out.write(ctx, env, rows); err != nil {
		return err
	}
	env.say("%d of %d drawn, seed %q", len(sample.Members), len(pop.Members), o.seed)
	for _, s := range sample.Strata {
		if s.Name != "" { // all of them are one where nobody asked for more
			env.say("%s: %d of %d", s.Name, s.Drawn, s.Population)
		}
	}
	env.sayPopulation(pop)
	if len(sample.Members) == 0 {
		return exit(ExitFailure)
	}
	return nil
}
