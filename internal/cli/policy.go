package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/render"
)

func newPolicyCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use: "policy", Short: "List, test, explain and back-test the rules that decide", Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPolicyListCmd(env), newPolicyTestCmd(env), newPolicyExplainCmd(env), newPolicyReplayCmd(env))
	return cmd
}

func newPolicyListCmd(env *Env) *cobra.Command {
	var out outputFlags
	cmd := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List the rules of the policy", Args: args(cobra.NoArgs),
		Long:    "List the rules of the store's policy as it is in the work tree, or of the default pack outside\na store.",
		Example: "  $ gitsm policy list\n  $ gitsm policy list --json id,title,controls",
		RunE: func(cmd *cobra.Command, _ []string) error {
			rules, err := env.rules(cmd.Context())
			if err != nil {
				return err
			}
			items := []map[string]any{}
			for _, r := range rules {
				items = append(items, map[string]any{"id": r.ID, "rule": r.Name, "package": r.Package, "title": r.Title, "description": r.Description,
					"severity": r.Severity, "fix": r.Fix, "controls": notNil(r.Controls), "waivable": r.Waivable, "file": r.File, "line": r.Line})
			}
			return out.write(cmd.Context(), env, render.List{
				Fields:  ruleFields,
				Columns: []render.Column{{Field: "id"}, {Field: "package"}, {Field: "rule"}, {Field: "title"}}, Items: items,
			})
		},
	}
	out.register(cmd)
	return cmd
}

type policyTestOptions struct {
	run      string
	coverage bool
	min      float64
}

func newPolicyTestCmd(env *Env) *cobra.Command {
	o := &policyTestOptions{}
	cmd := &cobra.Command{
		Use: "test [DIR]", Short: "Run the policy's own tests", Args: args(cobra.MaximumNArgs(1)),
		Long: `Run the tests of the policy (rules named test_… in *_test.rego) in the same
sandbox, and against the same schemas, as the gate.

With coverage, a rule that no test made hold is a finding: nobody knows whether
it ever would.

Exit codes: 0 passed, 1 a test failed, a rule never held or coverage is too low,
3 the policy could not be compiled or holds no test.`,
		Example: "  $ gitsm policy test\n  $ gitsm policy test policy --coverage --run backout",
		RunE:    func(cmd *cobra.Command, list []string) error { return runPolicyTest(cmd.Context(), env, o, list) },
	}
	cmd.Flags().StringVar(&o.run, "run", "", "only tests whose package.name matches this `REGEXP`")
	cmd.Flags().BoolVar(&o.coverage, "coverage", false, "list the lines of each rule that no test evaluated")
	cmd.Flags().Float64Var(&o.min, "min-coverage", 0, "exit 1 where less than `PERCENT` of a rule is covered")
	return cmd
}

func runPolicyTest(ctx context.Context, env *Env, o *policyTestOptions, list []string) error {
	rep, err := env.testPolicy(ctx, list, o.run, o.coverage || o.min > 0)
	if err != nil {
		return err
	}
	if len(rep.Tests) == 0 {
		return &Error{Msg: "no test was run: an untested policy proves nothing", Code: ExitFailure, Hints: []string{"tests are rules named test_… in files named *_test.rego"}}
	}
	failed := 0
	for _, t := range rep.Tests {
		if !t.Pass {
			failed++
			fmt.Fprintf(env.Out, "FAIL  %s.%s (%s:%d)\n", render.Terminal(t.Package), render.Terminal(t.Name), render.Terminal(t.File), t.Line)
			if t.Error != "" {
				fmt.Fprintf(env.Out, "%s\n", indent(render.TerminalLines(t.Error)))
			}
			if t.Output != "" {
				fmt.Fprintf(env.Out, "%s\n", indent(render.TerminalLines(t.Output)))
			}
		}
	}
	low, idle := 0, 0
	for _, c := range rep.Coverage {
		if !c.Exercised && c.Rule.ID != "" {
			idle++
		}
		if !c.Exercised || c.Percentage < o.min {
			low++
		}
		if !c.Exercised || len(c.Uncovered) > 0 {
			fmt.Fprintf(env.Out, "%s  %5.1f %%  %s (%s:%d)%s\n", c.Rule.ID, c.Percentage, render.Terminal(c.Rule.Title), render.Terminal(c.Rule.File), c.Rule.Line, uncovered(c))
		}
	}
	if _, err := fmt.Fprintf(env.Out, "%d passed, %d failed\n", len(rep.Tests)-failed, failed); err != nil {
		return err
	}
	if failed > 0 || idle > 0 || (o.min > 0 && low > 0) {
		return exit(ExitFindings)
	}
	return nil
}

// uncovered says what of a rule no test reached.
func uncovered(c ruleCoverage) string {
	if !c.Exercised && c.Rule.ID != "" {
		return ", never held in any test"
	}
	if len(c.Uncovered) == 0 {
		return ""
	}
	words := make([]string, len(c.Uncovered))
	for i, l := range c.Uncovered {
		words[i] = fmt.Sprint(l)
	}
	return ", not evaluated: " + strings.Join(words, ", ")
}

// ruleFields are what policy list prints of a rule as JSON.
var ruleFields = []string{"id", "rule", "package", "title", "description", "severity", "fix", "controls", "waivable", "file", "line"}
