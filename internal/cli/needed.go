package cli

import (
	"context"
	"errors"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
)

type neededOptions struct {
	diff     string
	exitCode bool
	out      outputFlags
}

// neededFields are what change needed prints as JSON.
var neededFields = []string{"needed", "type", "models", "reasons", "records", "without", "policy_digest"}

func newNeededCmd(env *Env) *cobra.Command {
	o := &neededOptions{}
	cmd := &cobra.Command{
		Use: "needed PATH… | --diff REV", Short: "Say whether files may be changed without a change", Args: args(cobra.ArbitraryArgs),
		Long: `Say whether changing these files needs a change, of which type, and why: by the
rules of the policy's package gitsm.needed, and the lists that it reads in
data.config.needed. Paths are asked of main's policy and need not exist; with
--diff, what HEAD changes since REV is asked of the policy of REV.

Records, policy and config of the store itself are proposals of their own, which
the gate decides on, and need no change besides.

Exit codes: 0 answered, whatever the answer; with --exit-code 1 where a change is
needed; 3 the policy does not say.`,
		Example: "  # in CI, before a pull request is merged\n  $ gitsm change needed --diff origin/main --exit-code\n\n  $ gitsm change needed deploy/checkout.yaml --json needed,type",
		RunE:    func(cmd *cobra.Command, list []string) error { return runNeeded(cmd.Context(), env, o, list) },
	}
	cmd.Flags().StringVar(&o.diff, "diff", "", "ask about what HEAD changes since `REV`")
	cmd.Flags().BoolVar(&o.exitCode, "exit-code", false, "exit 1 where a change is needed")
	o.out.register(cmd)
	return cmd
}

func runNeeded(ctx context.Context, env *Env, o *neededOptions, list []string) error {
	if (o.diff == "") == (len(list) == 0) {
		return usage("name paths, or --diff REV, and not both")
	}
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	s, files, err := o.files(ctx, env, d, list)
	if err != nil {
		return err
	}
	actor, _, err := d.Actor(s)
	if err != nil {
		return err
	}
	answer, err := d.Judge.Needed(ctx, s, files, actor, d.Now())
	if errors.Is(err, decision.ErrNoNeeded) {
		return &Error{Msg: "the policy does not say which files need a change: it has no package gitsm.needed", Code: ExitFailure,
			Hints: []string{"add policy/needed.rego, and the key needed to policy/data.yaml: gitsm init in an empty directory writes both"}}
	}
	if err != nil {
		return err
	}
	if o.out.given() {
		var item map[string]any
		if item, err = asMap(answer); err == nil {
			err = o.out.write(ctx, env, single(neededFields, item))
		}
	} else {
		err = env.into("", func(w io.Writer, s render.Style) error { return render.Needed(w, answer, s) })
	}
	if err == nil && answer.Needed && o.exitCode {
		err = exit(ExitFindings)
	}
	if answer.Needed && !o.out.given() {
		env.sayNext(toFile(answer))
	}
	return err
}

// toFile is how the change that is needed is filed.
func toFile(answer *decision.Needed) string {
	if answer.Type == "standard" && len(answer.Models) == 1 {
		return "gitsm change new --model " + answer.Models[0]
	}
	return "gitsm change new"
}

// files are those that are asked about, and the snapshot whose policy is asked.
func (o *neededOptions) files(ctx context.Context, env *Env, d *proposal.Desk, list []string) (*store.Store, []decision.File, error) {
	var out []decision.File
	if o.diff == "" {
		w, err := d.Look(ctx)
		if err != nil {
			return nil, nil, err
		}
		for i, p := range list {
			if !filepath.IsAbs(p) {
				list[i] = filepath.Join(env.workDir(), p)
			}
		}
		paths, err := env.inStore(ctx, list)
		for _, p := range paths {
			out = append(out, decision.File{Path: p, Status: "modified"})
		}
		return w.Base, out, err
	}
	repo, err := env.repository(ctx)
	if err != nil {
		return nil, nil, err
	}
	base, err := env.resolveBase(ctx, o.diff)
	if err != nil {
		return nil, nil, usage("--diff: %v", err).hint(noBase)
	}
	head, err := repo.Resolve(ctx, "HEAD")
	if err != nil {
		return nil, nil, err
	}
	fork, err := repo.Fork(ctx, base, head)
	if err != nil {
		return nil, nil, err
	}
	changes, err := repo.Diff(ctx, fork, head)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range changes {
		f := decision.File{Path: c.Path, Status: "modified"}
		switch {
		case c.OldBlob == "":
			f.Status = "added"
		case c.NewBlob == "":
			f.Status = "deleted"
		}
		out = append(out, f)
	}
	s, err := env.past(ctx, d, string(base))
	return s, out, err
}
