package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
)

// explanationFields are what policy explain prints as JSON.
var explanationFields = append(slices.Clone(decisionFields), "rules", "mitigations")

func newPolicyExplainCmd(env *Env) *cobra.Command {
	var out outputFlags
	cmd := &cobra.Command{
		Use: "explain ID [RULE …]", Short: "Show every rule that was looked at for a record, and what decided it", Args: args(cobra.MinimumNArgs(1)),
		Long: `Show every rule of the policy in force that was looked at for a record: those
that held and those that did not, with the expression that decided, what it
read, and where it is written. Then what would lower the risk, and to what: each
mitigation that the policy states as data is tried by judging the record again.

With a RULE, show that rule alone, by its id.`,
		Example: "  $ gitsm policy explain 7k3f2m\n  $ gitsm policy explain 7k3f2m CHG112",
		RunE: func(cmd *cobra.Command, list []string) error {
			return runPolicyExplain(cmd.Context(), env, list[0], list[1:], &out)
		},
	}
	out.register(cmd)
	return cmd
}

func runPolicyExplain(ctx context.Context, env *Env, id string, only []string, out *outputFlags) error {
	t, x, err := env.explain(ctx, []string{id})
	if err != nil {
		return err
	}
	for i := range only {
		only[i] = strings.ToUpper(only[i])
		if !slices.ContainsFunc(x.Traces, func(t decision.Trace) bool { return t.Rule.ID == only[i] }) {
			return usage("no rule %s was looked at for %s", only[i], t.ID).hint("gitsm policy explain %s lists those that were", t.Arg())
		}
	}
	if len(only) > 0 {
		x.Traces = slices.DeleteFunc(x.Traces, func(t decision.Trace) bool { return !slices.Contains(only, t.Rule.ID) })
		x.Mitigations = nil
	}
	if out.given() {
		return out.write(ctx, env, single(explanationFields, explanationValues(x, t)))
	}
	return env.into("", func(w io.Writer, s render.Style) error { return writeExplanation(w, x, s) })
}

// explain assesses a record and traces the rules that judged it.
func (env *Env) explain(ctx context.Context, list []string, kinds ...string) (*proposal.Target, *decision.Explanation, error) {
	d, err := env.desk(ctx, false)
	if err != nil {
		return nil, nil, err
	}
	t, err := env.target(ctx, d, list, kinds...)
	if err != nil {
		return nil, nil, err
	}
	x, err := d.Explain(ctx, t)
	return t, x, err
}

func writeExplanation(w io.Writer, x *decision.Explanation, s render.Style) error {
	if len(x.Traces) == 0 {
		_, err := fmt.Fprintln(w, "no rule was looked at: the record does not conform to its schema, or its kind has no policy")
		return err
	}
	if err := render.Rules(w, x.Traces, s); err != nil {
		return err
	}
	return render.Mitigations(w, x.Mitigations, s)
}

func explanationValues(x *decision.Explanation, t *proposal.Target) map[string]any {
	out := decisionValues(x.Decision, t)
	rules := []map[string]any{}
	for _, r := range x.Traces {
		rules = append(rules, map[string]any{"id": r.Rule.ID, "rule": r.Rule.Name, "title": r.Rule.Title, "file": r.Rule.File, "line": r.Rule.Line,
			"held": r.Held, "because": notNil(r.Because)})
	}
	out["rules"], out["mitigations"] = rules, notNil(x.Mitigations)
	return out
}
