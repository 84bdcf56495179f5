package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// early reads the flags that say which store it is about, before there is a
// command that could.
func (env *Env) early(words []string) {
	for i, w := range words {
		for flag, into := range map[string]*string{"-C": &env.dir, "--directory": &env.dir, "--config": &env.config} {
			if v, ok := strings.CutPrefix(w, flag+"="); ok {
				*into = v
			} else if w == flag && i+1 < len(words) {
				*into = words[i+1]
			}
		}
		if w == "--" {
			return
		}
	}
}

// addNouns adds the kinds that the store declares, where a command line may be
// about one of them: reading them takes the repository, so what names another
// command does without. A store that cannot be read has none, and why is kept
// for whoever asks for one of them.
func (env *Env) addNouns(ctx context.Context, root *cobra.Command, words []string) {
	first := firstWord(words)
	if i := slices.Index(words, first); first == cobra.ShellCompRequestCmd || first == cobra.ShellCompNoDescRequestCmd || first == "help" {
		first = firstWord(words[i+1:])
	}
	if first == "" && slices.Contains(words, "--version") {
		return
	}
	if cmd, _, err := root.Find([]string{first}); first != "" && err == nil && cmd != root {
		return
	}
	kinds, err := env.known(ctx, completing(words))
	if err != nil {
		env.kindsErr = err
		return
	}
	env.table = kinds
	for _, k := range kinds.All() {
		if isDeclared(k) {
			add(root, "records", newKindCmd(env, k, names(words, k)))
		}
	}
}

// known is the table of kinds, for completion that of the work tree: git would
// take longer than somebody who types waits.
func (env *Env) known(ctx context.Context, fast bool) (*record.Kinds, error) {
	if !fast || env.config != "" {
		return env.kinds(ctx)
	}
	if s := (&completer{env: env}).store(); s != nil {
		return s.Kinds, nil
	}
	return record.Builtin(), nil
}

// kinds is the table of kinds in force: main's, or of a store without a main
// yet that of the work tree.
func (env *Env) kinds(ctx context.Context) (*record.Kinds, error) {
	d, err := env.desk(ctx, false)
	if err == nil {
		w, err := d.Look(ctx)
		if err == nil {
			return w.Base.Kinds, nil
		}
	}
	s, inTree := env.workTree(ctx)
	switch {
	case inTree == nil:
		return s.Kinds, nil
	case err != nil && !errors.Is(err, store.ErrNoStore):
		return nil, err
	}
	return nil, inTree
}

// isDeclared reports whether a kind is the store's own.
func isDeclared(k *record.Kind) bool {
	_, builtin := record.Builtin().ByName(k.Name)
	return !builtin
}

// noNoun explains a first word that is no command: perhaps it is a kind that
// could not be read.
func (env *Env) noNoun(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, list []string) error {
		err := check(cmd, list)
		var invalid *store.InvalidError
		var e *Error
		switch {
		case err == nil:
			return nil
		case errors.As(env.kindsErr, &invalid), errors.As(env.kindsErr, &e):
			return env.kindsErr
		}
		return err
	}
}
