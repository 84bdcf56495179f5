package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/record"
)

// newKindCmd is the noun of a kind. Every kind has new, edit, view and list;
// kinds with a lifecycle add its verbs.
func newKindCmd(env *Env, k *record.Kind, whole bool) *cobra.Command {
	cmd := &cobra.Command{
		Use:     k.Name,
		Aliases: append([]string{k.Plural}, k.Aliases...),
		Short:   "File, edit and look at " + k.Plural,
		Args:    args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	if !whole {
		return cmd
	}
	if k.Name == "incident" {
		cmd.AddCommand(newNewCmd(env, k, "open", []string{"new"}))
	} else {
		cmd.AddCommand(newNewCmd(env, k, "new", nil))
	}
	cmd.AddCommand(newEditCmd(env, k), newViewCmd(env, k), newListCmd(env, k))
	if k.Aliased {
		cmd.AddCommand(newRenameCmd(env, k))
	}
	if k.Name == "service" || k.Name == "asset" {
		cmd.AddCommand(newImpactCmd(env, k))
	}
	if k.Name == "model" {
		cmd.AddCommand(newCandidatesCmd(env))
	}
	if k.Name == "service" {
		cmd.AddCommand(newGraphCmd(env))
	}
	switch k.Name {
	case "change":
		addChangeVerbs(env, cmd)
		return cmd
	case "incident":
		addIncidentVerbs(env, cmd)
	default:
		addLifecycleVerbs(env, cmd, k)
	}
	cmd.AddCommand(newSubmitCmd(env, k), newApproveCmd(env, k), newRejectCmd(env, k), newMergeCmd(env, k), newStatusCmd(env, k), newDiffCmd(env, k))
	return cmd
}

func addChangeVerbs(env *Env, cmd *cobra.Command) {
	k, _ := record.Builtin().ByName("change")
	cmd.AddCommand(newAssessCmd(env), newSubmitCmd(env, k), newStatusCmd(env, k), newApproveCmd(env, k), newRejectCmd(env, k), newMergeCmd(env, k), newDiffCmd(env, k), newNeededCmd(env))
	cmd.AddCommand(changeSteps(env)...)
}

// idArg describes the id argument the same way everywhere.
func idArg(k *record.Kind) string {
	switch {
	case k.Name == "config":
		return configArg
	case k.Name == "policy":
		return policyArg
	case k.Dated():
		return fmt.Sprintf("ID is a whole id or any unique end of one (%s-20261120-7K3F2M or 7k3f2m).\nOn a proposal's own branch it may be left out.", k.Prefix)
	}
	return "ID is the slug that the file is named by, or an alias.\nOn a proposal's own branch it may be left out."
}
