// Package period owns the time during which a result stays what it is: whoever
// works something out at a moment says with which other moments it compared it,
// and between the nearest of those every comparison comes out the same.
//
// It imports nothing of gitsm, and it never reads a clock. Where somebody used
// the moment in a way that no list of comparisons can describe, there is no
// period: unknown is never taken for unchanged.
package period

import (
	"sync"
	"time"
)

// Clock is the moment at which something is worked out, and remembers what it
// was compared with. It is safe for concurrent use. A nil Clock remembers
// nothing, for results that nobody wants to keep.
type Clock struct {
	now time.Time

	mu   sync.Mutex
	span Span
	lost bool
}

// At returns a Clock that stands at now.
func At(now time.Time) *Clock { return &Clock{now: now} }

// Now is where the clock stands.
func (c *Clock) Now() time.Time { return c.now }

// Meet says that the clock was compared with t, before, after or equal.
func (c *Clock) Meet(t time.Time) { c.meet(t, 0) }

// MeetSecond says that the second in which the clock stands was compared with t.
func (c *Clock) MeetSecond(t time.Time) { c.meet(t, time.Second) }

// meet bounds the period by t. Until t plus slack is over, nobody can say on
// which side of t a moment lies of which only a coarser one was compared.
func (c *Clock) meet(t time.Time, slack time.Duration) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch past := t.Add(slack); {
	case t.After(c.now):
		if c.span.Before.IsZero() || t.Before(c.span.Before) {
			c.span.Before = t
		}
	case past.Before(c.now):
		if past.After(c.span.After) {
			c.span.After = past
		}
	default:
		c.lost = true
	}
}

// Lose says that the clock was used in another way than to compare it.
func (c *Clock) Lose() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost = true
}

// Span is the period in which everything said of the clock comes out the same;
// ok is false where there is none.
func (c *Clock) Span() (s Span, ok bool) {
	if c == nil {
		return Span{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.span, !c.lost
}

// Join adds what another clock, which stands at the same moment, was compared
// with.
func (c *Clock) Join(o *Clock) {
	if c == nil {
		return
	}
	s, ok := o.Span()
	if !ok || !o.now.Equal(c.now) {
		c.Lose()
		return
	}
	for _, t := range []time.Time{s.After, s.Before} {
		if !t.IsZero() {
			c.Meet(t)
		}
	}
}

// Span is an open period; a zero end has no bound.
type Span struct{ After, Before time.Time }

// Holds reports whether a moment lies in a period.
func (s Span) Holds(t time.Time) bool {
	return (s.After.IsZero() || t.After(s.After)) && (s.Before.IsZero() || t.Before(s.Before))
}
