package forge

import "errors"

// What went wrong, as far as it decides what to do next. Every error of a forge
// wraps one of them.
var (
	ErrAuth        = errors.New("the token is missing or not accepted")
	ErrForbidden   = errors.New("the token may not do this")
	ErrNotFound    = errors.New("there is no such thing, or the token may not see it")
	ErrConflict    = errors.New("it changed meanwhile")
	ErrRefused     = errors.New("the forge refuses this")
	ErrLimited     = errors.New("too many requests")
	ErrUnreachable = errors.New("the forge did not answer")
	ErrBroken      = errors.New("the answer could not be understood")
)

// ErrHidden says that something is there, and that the token may not look at it.
var ErrHidden = errors.New("shown to administrators alone")

// Error is a call that did not end as it should.
type Error struct {
	What string // in words, with a gerund: "reading pull request 7 of acme/shop"
	Kind error  // one of the errors above
	Why  string // the forge's words, without secrets
	Fix  string // what to do about it
	// Uncertain says that the call may have been carried out all the same:
	// look before doing it again.
	Uncertain bool
}

func (e *Error) Error() string {
	msg := e.What + ": " + e.Kind.Error()
	if e.Why != "" {
		msg += ": " + e.Why
	}
	return msg
}

// Unwrap returns the kind.
func (e *Error) Unwrap() error { return e.Kind }

// Uncertain reports whether a call that failed may have been carried out.
func Uncertain(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Uncertain
}
