// Package cli owns the command line: flags, prompts, what goes to which stream
// and the exit code. One file holds one verb, or one family of verbs that
// differ in a row of a table.
//
// It may import everything beneath it, and is the only package that imports
// cobra or reads the clock and the environment. It never decides: it parses,
// calls, and prints what came back. Git, OPA and forges are constructed in
// env.go alone.
//
// Rules of the streams: stdout is data, stderr is talk. Messages begin in
// lower case and end without a period. A command that did something says what
// to do next, in one line, on stderr.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
)

// The exit codes scripts may rely on.
const (
	ExitOK          = 0
	ExitFindings    = 1 // findings, or denied
	ExitUsage       = 2 // wrong usage, or no store here
	ExitFailure     = 3 // could not evaluate: never to be read as a pass
	ExitAuth        = 4
	ExitPending     = 8 // waiting for an approval or a window
	ExitInterrupted = 130
)

// Error is bad news for the person at the keyboard, with what to do about it.
type Error struct {
	Msg   string
	Hints []string
	Code  int
	Quiet bool // everything has been said already
}

func (e *Error) Error() string { return e.Msg }

// usage is an error about how a command was called.
func usage(format string, args ...any) *Error {
	return &Error{Msg: fmt.Sprintf(format, args...), Code: ExitUsage}
}

func (e *Error) hint(format string, args ...any) *Error {
	e.Hints = append(e.Hints, fmt.Sprintf(format, args...))
	return e
}

// exit ends a command with a code after everything was printed.
func exit(code int) error {
	if code == ExitOK {
		return nil
	}
	return &Error{Code: code, Quiet: true}
}

// Main runs gitsm with args and returns its exit code.
func Main(ctx context.Context, args []string, env *Env) int {
	root := newRootCmd(env, args)
	env.early(args)
	env.addNouns(ctx, root, args)
	if completing(args) {
		(&completer{env: env}).fit(root)
	}
	root.SetArgs(bareJSON(args))
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	err := root.ExecuteContext(ctx)
	env.close()
	if e := new(Error); ctx.Err() != nil && errors.As(err, &e) && e.Code == ExitInterrupted {
		e.print(env.Err)
		return e.Code
	}
	if ctx.Err() != nil {
		fmt.Fprintln(env.Err, "gitsm: interrupted; nothing that was not reported as done was done")
		return ExitInterrupted
	}
	if err == nil {
		return ExitOK
	}
	e := explain(err)
	if !e.Quiet {
		e.print(env.Err)
	}
	return e.Code
}

func (e *Error) print(w io.Writer) {
	fmt.Fprintf(w, "gitsm: %s\n", render.TalkLines(e.Msg))
	for _, h := range e.Hints {
		fmt.Fprintf(w, "  hint: %s\n", render.TalkLines(h))
	}
}

// explain turns any error into one with an exit code. What is not known to be
// the user's doing counts as "could not evaluate".
func explain(err error) *Error {
	var e *Error
	var refused *proposal.RefusedError
	var wrong *proposal.UsageError
	var incomplete *proposal.IncompleteError
	var missing *proposal.NotFoundError
	var ambiguous *store.AmbiguousError
	var conflict *git.ConflictError
	var argument *check.ArgumentError
	var expression *render.ExpressionError
	var said *forge.Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &refused):
		return withFix(&Error{Msg: refused.Error(), Code: ExitFindings}, refused.Fix)
	case errors.As(err, &wrong):
		return withFix(&Error{Msg: wrong.What, Code: ExitUsage}, wrong.Fix)
	case errors.As(err, &incomplete):
		return withFix(&Error{Msg: err.Error(), Code: ExitFailure}, incomplete.Fix)
	case errors.As(err, &missing):
		e := &Error{Msg: missing.Error(), Code: ExitUsage}
		if missing.Upstream != "" {
			e.Hints = []string{"git fetch " + missing.Upstream + " gets what others have sent since the last time"}
		}
		return e
	case errors.As(err, &ambiguous):
		return &Error{Msg: ambiguous.Error(), Code: ExitUsage, Hints: []string{"give more of the id"}}
	case errors.As(err, &said):
		return withFix(&Error{Msg: err.Error(), Code: forgeCode(said)}, said.Fix)
	case errors.Is(err, store.ErrNoStore), errors.Is(err, git.ErrNotRepository):
		return &Error{Msg: err.Error(), Code: ExitUsage, Hints: []string{"gitsm init makes a store here; gitsm demo builds one to try"}}
	case errors.As(err, &conflict):
		return &Error{Msg: err.Error(), Code: ExitFindings, Hints: []string{"merge main into the proposal's branch by hand: git switch BRANCH && git merge main"}}
	case errors.Is(err, errNoPolicy):
		return &Error{Msg: err.Error(), Code: ExitFailure, Hints: []string{
			"rules are .rego files in policy/, in package gitsm.KIND; gitsm init in an empty directory writes some to begin with",
			"without a rule: gitsm check --config gitsm.yaml holds records of the store's own kinds against schema, references and lifecycle",
		}}
	case errors.As(err, &expression):
		return &Error{Msg: expression.Error(), Code: ExitUsage}
	case errors.As(err, &argument):
		return &Error{Msg: argument.Error(), Code: ExitUsage}
	case isUsage(err):
		return &Error{Msg: err.Error(), Code: ExitUsage}
	}
	return &Error{Msg: err.Error(), Code: ExitFailure}
}

// forgeCode is what a refusal of a forge means for whoever runs gitsm.
func forgeCode(e *forge.Error) int {
	switch e.Kind {
	case forge.ErrAuth, forge.ErrForbidden:
		return ExitAuth
	case forge.ErrRefused, forge.ErrConflict:
		return ExitFindings
	}
	return ExitFailure
}

func withFix(e *Error, fix string) *Error {
	if fix != "" {
		e.Hints = append(e.Hints, fix)
	}
	return e
}

// usageError marks what cobra and pflag say about a command line.
type usageError struct{ error }

func isUsage(err error) bool {
	var u usageError
	return errors.As(err, &u)
}

// args wraps a check of positional arguments so that its error is one of usage.
// A word that is no subcommand gets the nearest one as a hint.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, list []string) error {
		err := check(cmd, list)
		switch {
		case err == nil:
			return nil
		case !cmd.HasSubCommands() || len(list) == 0:
			return usage("%s", miscounted(cmd, list)).hint("usage: %s", cmd.UseLine())
		}
		e := usage("%s has no command %q", cmd.CommandPath(), list[0])
		cmd.SuggestionsMinimumDistance = 2
		for _, s := range cmd.SuggestionsFor(list[0]) {
			e = e.hint("did you mean %s %s?", cmd.CommandPath(), s)
		}
		return e.hint("%s --help lists them", cmd.CommandPath())
	}
}

// miscounted says which argument that a command's usage names is missing, or
// which one it has no use for.
func miscounted(cmd *cobra.Command, list []string) string {
	names := strings.Fields(strings.TrimSuffix(cmd.Use, " [flags]"))[1:]
	switch n := len(list); {
	case n < len(names):
		return fmt.Sprintf("%s needs %s", cmd.CommandPath(), strings.TrimSuffix(names[n], "..."))
	case len(names) == 0:
		return fmt.Sprintf("%s takes no argument, and got %q", cmd.CommandPath(), list[0])
	default:
		return fmt.Sprintf("%s takes no further argument, and got %q", cmd.CommandPath(), list[len(names)])
	}
}

// flagError is a mistake in a command's flags, with the nearest flag as a hint.
func flagError(cmd *cobra.Command, err error) error {
	e := usage("%v", err)
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && len(unknown.GetSpecifiedName()) > 1 { // every letter is near to something
		near := &cobra.Command{SuggestionsMinimumDistance: 2}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			near.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
		})
		for _, s := range near.SuggestionsFor(unknown.GetSpecifiedName()) {
			e = e.hint("did you mean --%s?", s)
		}
	}
	return e.hint("%s --help lists the flags", cmd.CommandPath())
}
