package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
)

// newRootCmd builds the whole tree. To add a command: write newXCmd in a file
// of its own and add it to its group here.
//
// A kind's verbs have a flag for every field, so they are built only for the
// kind that words, the command line, names; for all where it names none.
// The nouns of kinds that a store declares are added by addNouns.
func newRootCmd(env *Env, words []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "gitsm",
		Short: "IT service management in a git repository",
		Long: `gitsm keeps changes, services, assets, incidents, problems, requests, teams,
people and the calendar as YAML records in git. Policy written in Rego says how
risky a change is and whose approval it needs; approvals are signed statements
bound to content; the audit trail is computed from commit history, by anybody
with a clone.`,
		Version:       env.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          env.noNoun(args(cobra.NoArgs)),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("gitsm {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if f := cmd.Flags().Lookup("dry-run"); f != nil && f.Value.String() == "true" {
			env.rehearse()
		}
		if err := env.checkFields(cmd); err != nil {
			return err
		}
		if info, err := os.Stat(env.workDir()); env.dir != "" && (err != nil || !info.IsDir()) {
			return usage("-C %s: there is no such directory", env.dir)
		}
		return nil
	}
	p := root.PersistentFlags()
	p.StringVar(&env.now, "now", "", "act as if it were this `TIME` (RFC 3339): for reading, --dry-run and simulations")
	p.StringVarP(&env.dir, "directory", "C", "", "run as if started in `DIR`")
	p.StringVar(&env.config, "config", "", "look at this repository, without writing to it, as the gitsm.yaml in `FILE` has it read")
	p.BoolVarP(&env.quiet, "quiet", "q", false, "say nothing but errors on stderr")
	p.BoolVar(&env.noInput, "no-input", false, "never ask; name the missing flag instead")
	p.StringVar(&env.color, "color", "auto", "colour: auto, always or never")

	root.AddGroup(&cobra.Group{ID: "start", Title: "Get started:"}, &cobra.Group{ID: "records", Title: "Records:"},
		&cobra.Group{ID: "decide", Title: "Check and decide:"}, &cobra.Group{ID: "audit", Title: "Audit:"})
	add(root, "start", newInitCmd(env), newDemoCmd(env), newDoctorCmd(env))
	for _, k := range record.Builtin().All() {
		add(root, "records", newKindCmd(env, k, names(words, k)))
	}
	add(root, "records", newConfigCmd(env, names(words, proposal.ConfigKind())))
	add(root, "decide", newCheckCmd(env), newFmtCmd(env), newGateCmd(env), newInboxCmd(env), newCalendarCmd(env), newConflictsCmd(env), newPolicyCmd(env), newExplainCmd(env), newSchemaCmd(env))
	add(root, "audit", newEvidenceCmd(env), newAuditCmd(env))
	root.AddCommand(newVersionCmd(env))
	return root
}

func add(root *cobra.Command, group string, cmds ...*cobra.Command) {
	for _, c := range cmds {
		c.GroupID = group
		root.AddCommand(c)
	}
}

func newVersionCmd(env *Env) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: args(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(env.Out, "gitsm "+env.Version)
			return err
		},
	}
}

// names reports whether a command line may be about a kind: unless it names
// another command.
func names(words []string, k *record.Kind) bool {
	if completing(words) && len(words) > 2 {
		words = words[1 : len(words)-1] // what is completed is no word yet
		if firstWord(words) == "" {
			return false
		}
	}
	first := firstWord(words)
	if slices.Contains(append([]string{"", "help", "completion", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd, k.Name, k.Plural}, k.Aliases...), first) {
		return first != "" || !slices.Contains(words, "--version")
	}
	return false
}

// firstWord is the first word that is no flag. The value of a flag may be
// taken for it, which only means that more is built than needed.
func firstWord(words []string) string {
	for i := 0; i < len(words); i++ {
		switch w := words[i]; {
		case w == "-C" || w == "--directory" || w == "--config" || w == "--now" || w == "--color":
			i++
		case !strings.HasPrefix(w, "-"):
			return w
		}
	}
	return ""
}
