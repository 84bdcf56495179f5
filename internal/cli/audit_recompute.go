package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/render"
)

func newAuditRecomputeCmd(env *Env) *cobra.Command {
	var out outputFlags
	cmd := &cobra.Command{
		Use: "recompute ID", Short: "Evaluate recorded decisions once more", Args: args(cobra.ExactArgs(1)),
		Long: `Take the input of every recorded decision on a record out of the evidence, by its
digest, have the policy that main had then judge it at the time that was recorded,
and compare. A difference is named: the policy, the part of the input, or what
came of it.

Exit codes: 0 the same comes out, 1 something else does, 3 it cannot be told:
another version decided, the input is not kept, or no decision is recorded.`,
		Example: "  $ gitsm audit recompute 7k3f2m\n  $ gitsm audit recompute 7k3f2m --json verdict,differs",
		RunE: func(cmd *cobra.Command, list []string) error {
			return runAuditRecompute(cmd.Context(), env, list[0], &out)
		},
	}
	out.register(cmd)
	return cmd
}

var recomputedFields = []string{"evidence", "base", "landed", "now", "policy_digest", "input_digest", "recorded", "again", "tool", "verdict", "reason", "differs"}

func runAuditRecompute(ctx context.Context, env *Env, id string, out *outputFlags) error {
	a, err := env.auditor(ctx)
	if err != nil {
		return err
	}
	done := env.watch(a)
	list, err := a.Recompute(ctx, id)
	done()
	if err != nil {
		return err
	}
	if out.given() {
		items := []map[string]any{}
		for _, r := range list {
			items = append(items, map[string]any{"evidence": r.Evidence, "base": r.Base, "landed": r.Landed, "now": r.Now, "policy_digest": r.PolicyDigest, "input_digest": r.InputDigest,
				"recorded": r.Recorded, "again": r.Again, "tool": r.Tool, "verdict": r.Verdict, "reason": r.Reason, "differs": r.Differs})
		}
		err = out.write(ctx, env, render.List{Fields: recomputedFields, Items: items})
	} else {
		err = env.into("", func(w io.Writer, _ render.Style) error { return writeRecomputed(w, list) })
	}
	if err != nil {
		return err
	}
	if len(list) == 0 {
		env.say("no decision on %s is recorded", id)
	}
	return exit(auditCode(audit.WorstOf(list)))
}

// writeRecomputed prints each decision with what it was made of.
func writeRecomputed(w io.Writer, list []audit.Recomputed) error {
	for _, r := range list {
		if _, err := fmt.Fprintf(w, "%s  %s: %s\n  policy %s of %s, input %s, at %s\n", r.Verdict, r.Evidence, render.Terminal(r.Reason),
			short(r.PolicyDigest), short(r.Base), short(r.InputDigest), render.Terminal(r.Now)); err != nil {
			return err
		}
	}
	return nil
}
