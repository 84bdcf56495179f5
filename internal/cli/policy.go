package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
)

func newPolicyCmd(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use: "policy", Short: "List, test, explain, back-test and change the rules that decide", Args: args(cobra.NoArgs),
		Long: `List, test, explain and back-test the rules that decide, and change them. Rules are
code: they are edited on a branch named gitsm/store/ and anything, which is then
submitted, approved by their owners and merged as every other proposal is.`,
		Example: "  $ git switch -c gitsm/store/tickets main\n  $ gitsm policy test\n  $ git commit -a -m 'Ask for tickets'\n  $ gitsm policy submit",
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPolicyListCmd(env), newPolicyTestCmd(env), newPolicyExplainCmd(env), newPolicyReplayCmd(env))
	addStoreVerbs(env, cmd, proposal.PolicyKind())
	return cmd
}

// policyArg describes the argument of the verbs of proposed policy.
const policyArg = "BRANCH is needed only where several proposals of the policy are open, and none of\nthem is checked out."

// policyTarget finds the proposal of the policy that a verb is about.
func (env *Env) policyTarget(ctx context.Context, d *proposal.Desk, w *proposal.World, list []string) (*proposal.Target, error) {
	t, err := env.storeTarget(ctx, w, list, d.Policy)
	if err == nil && t.Proposal == nil {
		return nil, usage("nobody proposes another policy").hint("git switch -c gitsm/store/NAME %s, and commit there what the rules should be", d.Main)
	}
	return t, err
}

func newPolicyListCmd(env *Env) *cobra.Command {
	var out outputFlags
	var at string
	cmd := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List the rules of the policy", Args: args(cobra.NoArgs),
		Long: `List the rules of the store's policy as it is in the work tree, with --at as main
had it, or of the default pack outside a store.`,
		Example: "  $ gitsm policy list\n  $ gitsm policy list --at 2026-11-20\n  $ gitsm policy list --json id,title,controls",
		RunE: func(cmd *cobra.Command, _ []string) error {
			rules, err := env.rules(cmd.Context(), at)
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
	cmd.Flags().StringVar(&at, "at", "", atHelp)
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

Records for tests may be written as YAML: policy/fixtures/NAME/record.yaml is
data.fixtures.NAME in tests, and nothing anywhere else. It names its kind, and
is held to the schema of that kind as a record of the store is.

A rule with an id that no test made hold is a finding: nobody knows whether it
ever would. Coverage is of the lines on which a rule's head or an expression
begins: a head counts once the rule held, an expression once it was evaluated.

Exit codes: 0 passed, 1 a test failed, a rule never held or coverage is too low,
3 the policy could not be compiled, a fixture is not valid, or there is no test.`,
		Example: "  $ gitsm policy test\n  $ gitsm policy test policy --coverage --run backout",
		RunE:    func(cmd *cobra.Command, list []string) error { return runPolicyTest(cmd.Context(), env, o, list) },
	}
	cmd.Flags().StringVar(&o.run, "run", "", "only tests whose package.name matches this `REGEXP`; rules that others test are no findings then")
	cmd.Flags().BoolVar(&o.coverage, "coverage", false, "list the lines of each rule and function that no test evaluated; with --run, of those that held")
	cmd.Flags().Float64Var(&o.min, "min-coverage", 0, "exit 1 where less than `PERCENT` of a rule or function is covered, and list it")
	return cmd
}

func runPolicyTest(ctx context.Context, env *Env, o *policyTestOptions, list []string) error {
	if o.run != "" && o.min > 0 {
		return usage("some of the tests say nothing of how much all of them cover: leave out --run or --min-coverage")
	}
	rep, byData, err := env.testPolicy(ctx, list, o.run)
	if err != nil {
		return err
	}
	if len(rep.Tests) == 0 {
		return &Error{Msg: "no test was run: an untested policy proves nothing", Code: ExitFailure, Hints: []string{"tests are rules named test_… in files named *_test.rego"}}
	}
	failed, later := env.printTests(rep)
	poor := env.printCoverage(rep, o)
	last := fmt.Sprintf("%d passed, %d failed", len(rep.Tests)-failed-later, failed)
	if later > 0 {
		last += fmt.Sprintf(", %d skipped", later)
	}
	if _, err := fmt.Fprintln(env.Out, last); err != nil {
		return err
	}
	if byData > 0 {
		env.say("%d of those that failed pass with the policy/data.yaml that gitsm comes with: they say what rules make of its numbers", byData)
		env.next("where yours are meant, change what these tests expect, in the same proposal; or give a test its numbers: with data.config.… as …")
	}
	if failed > 0 || poor {
		return exit(ExitFindings)
	}
	return nil
}

// printTests prints the tests that did not pass, and counts them: those that
// failed, and those that their names, todo_test_…, put off.
func (env *Env) printTests(rep *testReport) (failed, later int) {
	for _, t := range rep.Tests {
		word := "FAIL"
		switch {
		case t.Pass:
			continue
		case t.Skipped:
			word = "SKIP"
			later++
		default:
			failed++
		}
		fmt.Fprintf(env.Out, "%s  %s.%s (%s:%d)\n", word, render.Terminal(t.Package), render.Terminal(t.Name), render.Terminal(t.File), t.Line)
		for _, text := range []string{t.Error, t.Output} {
			if text != "" {
				fmt.Fprintf(env.Out, "%s\n", indent(render.TerminalLines(text)))
			}
		}
	}
	return failed, later
}

// printCoverage prints what no test evaluated, as far as somebody asked, and
// tells whether that is too much: a rule that decides never held, or the least
// coverage is not reached.
func (env *Env) printCoverage(rep *testReport, o *policyTestOptions) (poor bool) {
	for _, c := range rep.Coverage {
		idle := !c.Exercised && c.Rule.ID != "" && o.run == ""
		poor = poor || idle || o.min > 0 && c.Percentage < o.min
		asked := o.coverage && (o.run == "" || c.Exercised) || c.Percentage < o.min
		if len(c.Uncovered) == 0 || !asked && !idle {
			continue
		}
		name := c.Rule.ID + "  " + c.Rule.Title
		if c.Rule.ID == "" {
			name = strings.TrimPrefix(c.Rule.Package+".", "gitsm.") + c.Rule.Name
		}
		fmt.Fprintf(env.Out, "%5.1f %%  %s (%s:%d)%s\n", c.Percentage, render.Terminal(name), render.Terminal(c.Rule.File), c.Rule.Line, uncovered(c, idle))
	}
	return poor
}

// uncovered says what of a rule no test reached.
func uncovered(c ruleCoverage, idle bool) string {
	words := make([]string, len(c.Uncovered))
	for i, l := range c.Uncovered {
		words[i] = fmt.Sprint(l)
	}
	out := ", not evaluated: " + strings.Join(words, ", ")
	if idle {
		out = ", never held in any test" + out
	}
	return out
}

// ruleFields are what policy list prints of a rule as JSON.
var ruleFields = []string{"id", "rule", "package", "title", "description", "severity", "fix", "controls", "waivable", "file", "line"}
