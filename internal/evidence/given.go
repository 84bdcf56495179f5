package evidence

import (
	"iter"
	"time"
)

// Given says when each of some statements of opinion was given, by one clock where
// there is one: what somebody signed for a review is as old as the review, which the
// forge says, and not as old as their own clock has it. That a review was dismissed
// takes the place of the review, so that it takes back nothing that was said later.
func Given(all iter.Seq[*Entry]) func(*Entry) time.Time {
	submitted := map[string]time.Time{}
	for e := range all {
		if p := e.Statement.Predicate; p.Forge != nil && p.Forge.Statement != "" {
			submitted[p.Forge.Statement] = p.Time
		}
	}
	return func(e *Entry) time.Time {
		if at, ok := submitted[e.Path]; ok {
			return at
		}
		return e.Statement.Predicate.Time
	}
}
