package cli

import (
	"fmt"
	"strings"
	"sync"
)

// often is after how many things done a terminal is told of it.
const often = 50

// barWidth is that of a bar, and progressWidth that of all that is shown of
// progress, in columns: a line that wraps could not be taken away.
const (
	barWidth      = 20
	progressWidth = 60
)

// bar shows which part of all is done.
func bar(done, all int) string {
	full := barWidth * done / all
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", barWidth-full) + "]"
}

// progress tells a terminal how far a long work of one kind has come; done takes
// that away again.
func (env *Env) progress(what string) (tell func(done, all int), done func()) {
	told, done := env.progresses()
	if told == nil {
		return nil, done
	}
	return func(n, all int) { told(what, n, all) }, done
}

// progresses is progress of work of several kinds, of which some may not know
// how much there is: all is 0 then. Nobody is told where stderr is no terminal,
// or by --quiet and --no-input.
func (env *Env) progresses() (tell func(what string, done, all int), done func()) {
	if !isTerminal(env.Err) || env.quiet || env.noInput {
		return nil, func() {}
	}
	var mu sync.Mutex
	ended := false
	tell = func(what string, n, all int) {
		if n%often != 0 && n != all {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		text := fmt.Sprintf("%d %s", n, what)
		if all > 0 {
			text = fmt.Sprintf("%s %d of %d %s", bar(n, all), n, all, what)
		}
		if !ended {
			fmt.Fprintf(env.Err, "\r%-*s", progressWidth, text)
		}
	}
	return tell, func() {
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			fmt.Fprintf(env.Err, "\r%*s\r", progressWidth, "")
		}
		ended = true
	}
}
