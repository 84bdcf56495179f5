package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/schema"
)

func newExplainCmd(env *Env) *cobra.Command {
	return &cobra.Command{
		Use: "explain CODE", Short: "Explain the code of a finding", Args: args(cobra.MaximumNArgs(1)),
		Long:    "Explain what a finding's code means, why it matters and how to mend it. Without a code, list\nthem all. Codes of policy rules are explained by the store's policy, else by the default pack.",
		Example: "  $ gitsm explain YML003\n  $ gitsm explain CHG012",
		RunE: func(cmd *cobra.Command, list []string) error {
			if len(list) == 0 {
				return listCodes(env)
			}
			return runExplain(cmd.Context(), env, strings.ToUpper(list[0]))
		},
	}
}

func listCodes(env *Env) error {
	var rows [][]string
	for _, c := range finding.Codes() {
		rows = append(rows, []string{c.ID, string(c.Severity), c.Title})
	}
	return render.Table(env.Out, []string{"CODE", "SEVERITY", "TITLE"}, rows, env.style())
}

func runExplain(ctx context.Context, env *Env, id string) error {
	if c, ok := finding.Lookup(id); ok {
		_, err := fmt.Fprint(env.Out, explainCode(c))
		return err
	}
	rules, err := env.rules(ctx)
	if err != nil {
		return err
	}
	builtin, err := env.defaultRules(ctx)
	if err != nil {
		return err
	}
	for _, r := range slices.Concat(rules, builtin) {
		if r.ID == id {
			_, err := fmt.Fprint(env.Out, explainRule(r))
			return err
		}
	}
	return usage("no finding has the code %q", id).hint("gitsm explain lists the codes, gitsm policy list those of policy")
}

func explainCode(c finding.Code) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s (%s)\n\n%s\n", c.ID, c.Title, c.Severity, c.Explain)
	if c.Example != "" {
		fmt.Fprintf(&b, "\nexample\n%s\n", indent(c.Example))
	}
	fmt.Fprintf(&b, "\nfix\n%s\n", indent(c.Fix))
	return b.String()
}

func explainRule(r rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s\n\n%s\n", r.ID, render.Terminal(r.Title), render.TerminalLines(strings.TrimSpace(r.Description)))
	if r.Fix != "" {
		fmt.Fprintf(&b, "\nfix\n%s\n", indent(render.TerminalLines(r.Fix)))
	}
	if len(r.Controls) > 0 {
		fmt.Fprintf(&b, "\ncontrols  %s\n", render.Terminal(strings.Join(r.Controls, ", ")))
	}
	fmt.Fprintf(&b, "\nrule  %s in %s:%d\n", render.Terminal(r.Name), render.Terminal(r.File), r.Line)
	return b.String()
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n  ")
}

func newSchemaCmd(env *Env) *cobra.Command {
	return &cobra.Command{
		Use: "schema [KIND]", Short: "Print the JSON Schema of a kind", Args: args(cobra.MaximumNArgs(1)),
		Long:    "Print the JSON Schema (draft-07) of a kind, for editors and other tools. Without a kind, list\nthe kinds there are.",
		Example: "  $ gitsm schema change\n  $ gitsm schema config",
		RunE: func(_ *cobra.Command, list []string) error {
			if len(list) == 0 {
				for _, k := range record.Builtin().All() {
					if _, err := fmt.Fprintln(env.Out, k.Name); err != nil {
						return err
					}
				}
				_, err := fmt.Fprintln(env.Out, "config")
				return err
			}
			name := list[0]
			if k, ok := record.Builtin().ByName(name); ok {
				name = k.Schema
			}
			b, ok := schema.Kind(name)
			if !ok {
				return usage("no kind is called %q", list[0]).hint("gitsm schema lists them")
			}
			_, err := env.Out.Write(b)
			return err
		},
	}
}
