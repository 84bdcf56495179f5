package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/schema"
)

func newSchemaCmd(env *Env) *cobra.Command {
	return &cobra.Command{
		Use: "schema [KIND]", Short: "Print the JSON Schema of a kind", Args: args(cobra.MaximumNArgs(1)),
		Long: `Print the JSON Schema of a kind, for editors and other tools: draft-07, or of a
kind that the store declares the schema as it lies in the work tree. Without a
kind, list the kinds there are.`,
		Example: "  $ gitsm schema change\n  $ gitsm schema config",
		RunE: func(cmd *cobra.Command, list []string) error {
			if len(list) == 0 {
				return listKinds(cmd.Context(), env)
			}
			return runSchema(cmd.Context(), env, list[0])
		},
	}
}

// listKinds lists the kinds of the store, or outside a store the built-in ones.
func listKinds(ctx context.Context, env *Env) error {
	kinds := record.Builtin()
	s, err := env.workTree(ctx)
	switch {
	case err == nil:
		kinds = s.Kinds
	case !errors.Is(err, store.ErrNoStore):
		env.say("the kinds of this store are left out: %v", err)
	}
	for _, k := range kinds.All() {
		if _, err := fmt.Fprintln(env.Out, k.Name); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(env.Out, "config")
	return err
}

func runSchema(ctx context.Context, env *Env, word string) error {
	name := word
	if k, ok := record.Builtin().ByName(word); ok {
		name = k.Schema
	}
	if b, ok := schema.Kind(name); ok {
		_, err := env.Out.Write(b)
		return err
	}
	none := usage("no kind is called %q", word).hint("gitsm schema lists them")
	s, err := env.workTree(ctx)
	if errors.Is(err, store.ErrNoStore) {
		return none
	}
	if err != nil {
		return err
	}
	k, ok := s.Kinds.ByName(word)
	if !ok {
		return none
	}
	b, err := s.Schema(k)
	if err != nil {
		return err
	}
	if b == nil {
		return usage("%s have no schema, so their fields are not checked", k.Plural).hint("write one, and schema: PATH.json beside name: %s in %s", k.Name, s.Doc.Name)
	}
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(b.Files)), func(p string) bool { return p == b.Root })
	if len(others) > 0 {
		env.say("it refers to %s", strings.Join(others, ", "))
	}
	_, err = env.Out.Write(b.Files[b.Root])
	return err
}
