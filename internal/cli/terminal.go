package cli

import (
	"fmt"
	"os"

	"golang.org/x/term"

	"github.com/gitsm/gitsm/internal/render"
)

// terminal reports whether a person can be asked: both ends are terminals.
func (env *Env) terminal() bool {
	return !env.noInput && env.getenv("CI") == "" && isTerminal(env.In) && isTerminal(env.Err)
}

func isTerminal(v any) bool {
	f, ok := v.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// style says what stdout can show.
func (env *Env) style() render.Style {
	if env.shown != nil {
		return *env.shown
	}
	s := render.Style{TTY: isTerminal(env.Out)}
	if f, ok := env.Out.(*os.File); ok && s.TTY {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			s.Width = w
		}
	}
	switch env.color {
	case "always":
		s.Color = true
	case "never":
	default:
		s.Color = (s.TTY && env.getenv("NO_COLOR") == "" && env.getenv("TERM") != "dumb") || truthy(env.getenv("CLICOLOR_FORCE"))
	}
	return s
}

func truthy(s string) bool { return s != "" && s != "0" }

// say talks to the person on stderr.
func (env *Env) say(format string, args ...any) {
	if !env.quiet {
		fmt.Fprintln(env.Err, render.Talk(fmt.Sprintf(format, args...)))
	}
}

// next says what to do now.
func (env *Env) next(format string, args ...any) {
	env.say("next: "+format, args...)
}
