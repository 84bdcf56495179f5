package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/doctor"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/render"
)

// doctorFields are what doctor prints as JSON.
var doctorFields = []string{"check", "status", "message", "fix"}

func newDoctorCmd(env *Env) *cobra.Command {
	var out outputFlags
	cmd := &cobra.Command{
		Use: "doctor", Short: "Check the set-up, and say what mends it", Args: args(cobra.NoArgs),
		Long: `Check what gitsm relies on around the store: git's version, how the repository
is kept, whether history is whole, who git says you are and what you sign with,
where the evidence is, what main follows, line ends, hooks, the clock. Nothing is
changed; what is not right comes with the command that mends it.

It exits with 1 if something fails, with 3 if something could not be looked at,
and with 0 where nothing is left but warnings.`,
		Example: "  $ gitsm doctor\n  $ gitsm doctor --json check,status --jq '.[] | select(.status != \"pass\")'",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd.Context(), env, &out) },
	}
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

// examine makes every check that there is something to check for.
func (env *Env) examine(ctx context.Context) ([]doctor.Result, error) {
	f, err := env.localFacts(ctx)
	if errors.Is(err, git.ErrTooOld) {
		return doctor.OldGit(err), nil
	}
	if err != nil {
		return nil, err
	}
	return doctor.Examine(f), nil
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
	for _, r := range results {
		count[r.Status]++
		if r.Status == doctor.NotApplicable {
			continue
		}
		text := fmt.Sprintf("%-7s  %-10s  %s\n", r.Status, r.Check, render.Terminal(r.Message))
		for _, f := range r.Fix {
			text += strings.Repeat(" ", 9) + "fix  " + render.Terminal(f) + "\n"
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d checks: %d fail, %d unknown, %d warnings\n",
		len(results)-count[doctor.NotApplicable], count[doctor.Fail], count[doctor.Unknown], count[doctor.Warning])
	return err
}
