package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/doctor"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/render"
)

// doctorFields are what doctor prints as JSON.
var doctorFields = []string{"check", "status", "message", "fix"}

func newDoctorCmd(env *Env) *cobra.Command {
	var out outputFlags
	var which string
	var source int64
	cmd := &cobra.Command{
		Use: "doctor", Short: "Check the set-up, and say what mends it", Args: args(cobra.NoArgs),
		Long: `Check what gitsm relies on around the store: git's version, how the repository
is kept, whether history is whole, who git says you are and what you sign with,
where the evidence is, what main follows, line ends, hooks, the clock. For a store
whose proposals are reviewed on GitHub also its workflows and CODEOWNERS as main
has them, and, with your token, the rules of its branches, who may go past them,
pull requests that no workflow looks at, and GitHub's clock. Nothing is changed;
what is not right comes with the command that mends it.

--ruleset prints a ruleset as GitHub's API takes it: main demands pull requests
and the gate's status from the app that posts it, and leaves approvals to the
gate; main and evidence lose no history, and nobody is exempt.

It exits with 1 if something fails, with 3 if something could not be looked at,
and with 0 where nothing is left but warnings.`,
		Example: "  $ gitsm doctor\n  $ gitsm doctor --json check,status --jq '.[] | select(.status != \"pass\")'\n" +
			"  $ gitsm doctor --ruleset main | gh api --method POST repos/acme/shop/rulesets --input -",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if which != "" {
				return printRuleset(cmd.Context(), env, which, source)
			}
			return runDoctor(cmd.Context(), env, &out)
		},
	}
	f := cmd.Flags()
	f.StringVar(&which, "ruleset", "", "print the ruleset that is recommended for `BRANCH`: main or evidence; or recorder, which keeps the latter for an app of your own")
	f.Int64Var(&source, "source", 0, "number of the `APP` that posts the gate's status (default: that of workflows on github.com)")
	out.register(cmd)
	return cmd
}

func runDoctor(ctx context.Context, env *Env, out *outputFlags) error {
	results, err := env.examine(ctx)
	if err != nil {
		return err
	}
	if err := showDoctor(ctx, env, results, out); err != nil {
		return err
	}
	switch doctor.Worst(results) {
	case doctor.Fail:
		return exit(ExitFindings)
	case doctor.Unknown:
		return exit(ExitFailure)
	}
	return nil
}

// printRuleset prints the rules that a branch should have.
func printRuleset(ctx context.Context, env *Env, which string, source int64) error {
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	if which == doctor.RulesetMain && source == 0 {
		if place, err := env.place(ctx, d); err == nil && !place.Own() {
			return usage("on %s the app of workflows has a number of its own", place.Host).
				hint("--source $(gh api --hostname %s apps/github-actions --jq .id)", place.Host)
		}
		source = doctor.ActionsApp
	}
	if which == doctor.RulesetRecorder && source == 0 {
		return usage("--ruleset recorder keeps the evidence branch for an app of your own").hint("--source $(gh api apps/NAME --jq .id)")
	}
	branch := map[string]string{doctor.RulesetMain: d.Main, doctor.RulesetEvidence: evidence.Branch, doctor.RulesetRecorder: evidence.Branch}[which]
	if branch == "" {
		return usage("--ruleset %q is none of %s, %s and %s", which, doctor.RulesetMain, doctor.RulesetEvidence, doctor.RulesetRecorder)
	}
	text, err := doctor.RecommendedRuleset(which, branch, source)
	if err != nil {
		return err
	}
	_, err = env.Out.Write(text)
	return err
}

// examine makes every check that there is something to check for.
func (env *Env) examine(ctx context.Context) ([]doctor.Result, error) {
	d, err := env.desk(ctx, false)
	if errors.Is(err, git.ErrTooOld) {
		return doctor.OldGit(err), nil
	}
	if err != nil {
		return nil, err
	}
	f, err := env.localFacts(ctx, d)
	if err != nil {
		return nil, err
	}
	results := doctor.Examine(f)
	if !f.Store.OnGitHub {
		return results, nil
	}
	g, err := env.githubFacts(ctx, d)
	if err != nil {
		return nil, err
	}
	return append(results, doctor.ExamineGitHub(g)...), nil
}

func showDoctor(ctx context.Context, env *Env, results []doctor.Result, out *outputFlags) error {
	if !out.given() {
		return env.into("", func(w io.Writer, style render.Style) error { return writeDoctor(w, results) })
	}
	l := render.List{Fields: doctorFields, Items: []map[string]any{}}
	for _, r := range results {
		l.Items = append(l.Items, map[string]any{"check": r.Check, "status": r.Status, "message": r.Message, "fix": notNil(r.Fix)})
	}
	return out.write(ctx, env, l)
}

// writeDoctor prints a line for each check, and beneath it what mends it.
func writeDoctor(w io.Writer, results []doctor.Result) error {
	count := map[doctor.Status]int{}
	widest := 0
	for _, r := range results {
		widest = max(widest, len(r.Check))
	}
	for _, r := range results {
		count[r.Status]++
		if r.Status == doctor.NotApplicable {
			continue
		}
		text := fmt.Sprintf("%-7s  %-*s  %s\n", r.Status, widest, r.Check, render.Terminal(r.Message))
		for _, f := range r.Fix {
			text += strings.Repeat(" ", 9) + "fix  " + render.Terminal(f) + "\n"
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s: %d fail, %d unknown, %s\n",
		finding.Counted(len(results)-count[doctor.NotApplicable], "check"), count[doctor.Fail], count[doctor.Unknown], finding.Counted(count[doctor.Warning], "warning"))
	return err
}
