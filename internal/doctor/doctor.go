// Package doctor owns what a set-up needs so that gitsm can be relied on in it:
// of the clone, of whoever works in it, and of the forge. Each check says what
// it saw and, where that is not right, the command that mends it.
//
// It may import the values of git and of forges, and workflow. It never looks
// anywhere: whoever asks hands over what was seen as facts, and what could not
// be seen as the reason why. What could not be seen is never right.
package doctor

import (
	"errors"

	"github.com/gitsm/gitsm/internal/forge"
)

// Status is what a check came to.
type Status string

// The statuses.
const (
	Pass          Status = "pass"
	Warning       Status = "warning" // works, with a limit that one should know
	Fail          Status = "fail"
	Unknown       Status = "unknown" // could not look
	NotApplicable Status = "not-applicable"
)

// Result is what one check says.
type Result struct {
	Check   string   `json:"check"`
	Status  Status   `json:"status"`
	Message string   `json:"message"`       // what was seen
	Fix     []string `json:"fix,omitempty"` // commands, or what to do where there is none; set unless it passes
}

// Worst is the status that decides about all of them: a failure, else what
// could not be seen, else a pass. A warning passes. Nothing at all is unknown.
func Worst(results []Result) Status {
	worst := Pass
	if len(results) == 0 {
		worst = Unknown
	}
	for _, r := range results {
		switch {
		case r.Status == Fail:
			return Fail
		case r.Status == Unknown:
			worst = Unknown
		}
	}
	return worst
}

// check is one row of a table of checks over facts of type F.
type check[F any] struct {
	name string
	look func(f F) Result
}

// run makes every check of a table. One whose facts could not be gathered is
// unknown, and says why.
func run[F any](checks []check[F], f F, unseen map[string]error) []Result {
	out := make([]Result, len(checks))
	for i, c := range checks {
		if err := unseen[c.name]; err != nil {
			out[i] = Result{Status: Unknown, Message: err.Error(), Fix: []string{fixOf(err)}}
		} else {
			out[i] = c.look(f)
		}
		out[i].Check = c.name
	}
	return out
}

// fixOf is what an error says that is to be done.
func fixOf(err error) string {
	if e, ok := errors.AsType[*forge.Error](err); ok && e.Fix != "" {
		return e.Fix
	}
	return "mend what is named there, and run gitsm doctor again"
}

func pass(message string) Result { return Result{Status: Pass, Message: message} }

func warning(message string, fix ...string) Result {
	return Result{Status: Warning, Message: message, Fix: fix}
}

func fail(message string, fix ...string) Result {
	return Result{Status: Fail, Message: message, Fix: fix}
}

func notApplicable(message string) Result { return Result{Status: NotApplicable, Message: message} }
