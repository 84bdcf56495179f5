package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/record"
)

type renameOptions struct {
	kind   *record.Kind
	title  string
	dryRun bool
	out    outputFlags
}

// newRenameCmd gives a record of a kind a further name.
func newRenameCmd(env *Env, k *record.Kind) *cobra.Command {
	o := &renameOptions{kind: k}
	cmd := &cobra.Command{
		Use: "rename OLD NEW", Short: "Let the " + k.Name + " be called by another name as well", Args: args(cobra.ExactArgs(2)),
		Long: fmt.Sprintf(`Let the %[1]s be called NEW from now on, wherever a command takes its id; OLD goes
on to work. Its id, the name of its file and the references to it stay as they
are: approvals, history and audit go by the id, and what is over cannot be
changed. A reference that is given as NEW is written as the id.

OLD is an id or an alias; NEW has the form of an id and names no other record.`, k.Name),
		Example: fmt.Sprintf("  # the shop is called storefront now\n  $ gitsm %s rename shop storefront --%s Storefront", k.Name, k.Title),
		RunE: func(cmd *cobra.Command, list []string) error {
			return runRename(cmd.Context(), env, o, list[0], list[1])
		},
	}
	cmd.Flags().StringVar(&o.title, k.Title, "", "new `TITLE`, as people read it")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "show what would change and write nothing")
	o.out.register(cmd)
	return cmd
}

func runRename(ctx context.Context, env *Env, o *renameOptions, old, name string) error {
	d, err := env.writingDesk(ctx, o.dryRun)
	if err != nil {
		return err
	}
	out, err := d.Rename(ctx, o.kind, old, name, o.title)
	return reportWrite(ctx, env, d, out, err, &o.out)
}
