package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/schema"
)

// configArg describes the argument of the verbs of gitsm.yaml.
const configArg = "BRANCH is needed only where several proposals of gitsm.yaml are open, and none of\nthem is checked out."

// newConfigCmd is the noun of gitsm.yaml: the one record that is of no kind. Its
// verbs are those of the kinds, and name a proposal instead of an id; they are
// built where whole says so, as theirs are.
func newConfigCmd(env *Env, whole bool) *cobra.Command {
	cmd := &cobra.Command{
		Use: "config", Short: "Look at gitsm.yaml and edit it", Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	if whole {
		cmd.AddCommand(newConfigViewCmd(env), newConfigEditCmd(env))
		addStoreVerbs(env, cmd, proposal.ConfigKind())
	}
	return cmd
}

// addStoreVerbs adds the verbs of a proposal that is about no record, and is named
// by its branch.
func addStoreVerbs(env *Env, cmd *cobra.Command, k *record.Kind) {
	for verb, c := range map[string]*cobra.Command{"submit": newSubmitCmd(env, k), "approve": newApproveCmd(env, k),
		"reject": newRejectCmd(env, k), "merge": newMergeCmd(env, k), "status": newStatusCmd(env, k)} {
		c.Use, c.Example = verb+" [BRANCH]", "  $ gitsm "+k.Name+" "+verb
		cmd.AddCommand(c)
	}
}

func newConfigViewCmd(env *Env) *cobra.Command {
	var out outputFlags
	cmd := &cobra.Command{
		Use: "view [BRANCH]", Aliases: []string{"show"}, Short: "Show gitsm.yaml", Args: args(cobra.MaximumNArgs(1)),
		Long:    "Show gitsm.yaml: as its open proposal has it where there is one, else as main has it.\n\n" + configArg,
		Example: "  $ gitsm config view\n  $ gitsm config view --json owners --jq .owners.policy",
		RunE:    func(cmd *cobra.Command, list []string) error { return runConfigView(cmd.Context(), env, list, &out) },
	}
	out.register(cmd)
	return cmd
}

func runConfigView(ctx context.Context, env *Env, list []string, out *outputFlags) error {
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	t, err := env.target(ctx, d, list, proposal.ConfigKind().Name)
	if err != nil {
		return err
	}
	rec := t.Current()
	if out.given() {
		values := map[string]any{"branch": "", "path": rec.Doc.Name}
		if t.Proposal != nil {
			values["branch"] = t.Proposal.Branch
		}
		for key, v := range rec.Fields {
			values[key] = v
		}
		return out.write(ctx, env, single(configFields(), values))
	}
	if t.Proposal != nil {
		env.say("%s · proposed on %s", rec.Doc.Name, t.Proposal.Branch)
	}
	return env.into("", func(w io.Writer, _ render.Style) error {
		_, err := io.WriteString(w, render.TerminalLines(string(rec.Doc.Source)))
		return err
	})
}

func newConfigEditCmd(env *Env) *cobra.Command {
	k := proposal.ConfigKind()
	cmd := newEditCmd(env, k)
	cmd.Use, cmd.Short = "edit [BRANCH] [flags]", "Edit gitsm.yaml"
	cmd.Long = `Edit gitsm.yaml in your editor, or set single fields with flags. An open
proposal of it is edited where there is one; else a new one is made. It lands at
once while the store bootstraps; afterwards one of owners.config has to approve.

Bootstrap ends here, once two people can approve: --bootstrap false. From then on
the owners named in gitsm.yaml approve what changes people, policy, windows,
models and gitsm.yaml itself. There is no way back.

` + configArg
	cmd.Example = `  # in your editor
  $ gitsm config edit

  # who has to approve changes of policy
  $ gitsm config edit --set 'owners.policy=["team:platform"]'

  # end bootstrap
  $ gitsm config edit --bootstrap false`
	return cmd
}

// storeTarget finds what is no record of a kind, with the proposal of the named
// branch, or of the only one, or of the one that is checked out.
func (env *Env) storeTarget(ctx context.Context, w *proposal.World, list []string,
	find func(ctx context.Context, w *proposal.World, branch, here string) (*proposal.Target, error),
) (*proposal.Target, error) {
	if len(list) == 1 {
		return find(ctx, w, list[0], "")
	}
	here, err := env.branch(ctx)
	if err != nil {
		return nil, err
	}
	return find(ctx, w, "", here)
}

// configBranch names the proposal of gitsm.yaml that a verb is about.
func configBranch(t *proposal.Target) (string, error) {
	if t.Proposal == nil {
		return "", usage("%s has no open proposal", store.ConfigFile).hint("gitsm config edit")
	}
	return t.Proposal.Branch, nil
}

// configFields are what config view prints as JSON.
func configFields() []string {
	return append(schema.Properties(proposal.ConfigKind().Schema), "branch", "path")
}
