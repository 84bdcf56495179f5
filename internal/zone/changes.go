package zone

import "time"

// Change is a moment at which the clocks of a zone are changed, or their time
// gets another name.
type Change struct {
	At            time.Time     // in UTC
	Before, After time.Duration // offsets from UTC
	Name          string        // of the time that begins: CET, CEST
	Summer        bool          // whether that is daylight saving time
}

// Wall is what the clocks show at the change, had they not been changed yet.
func (c Change) Wall() time.Time { return c.At.Add(c.Before) }

// Changes are those of a zone before until, in order. The first is the one that
// made the time in force at from, whenever it was; where there was none, At is
// zero.
func Changes(loc *time.Location, from, until time.Time) []Change {
	t := began(from.In(loc))
	out := []Change{changeTo(t)}
	for {
		next, ok := ends(t)
		if !ok || !next.Before(until) {
			return out
		}
		if !same(t, next) {
			out = append(out, changeTo(next))
		}
		t = next
	}
}

// began is when the time in force at t began; t itself where it always was.
// ZoneBounds alone does not say so: where a rule tells when clocks are changed,
// it takes the turn of the year for a change.
func began(t time.Time) time.Time {
	for {
		start, _ := t.ZoneBounds()
		if start.IsZero() {
			return t
		}
		if before := start.Add(-time.Second); same(before, t) {
			t = before
			continue
		}
		return start
	}
}

// ends is a later moment up to which the time in force at t is, which need not
// be when it changes. ok is false where that is for ever.
func ends(t time.Time) (next time.Time, ok bool) {
	_, end := t.ZoneBounds()
	if end.IsZero() {
		return t, false
	}
	if !end.After(t) { // on the last day of a leap year it is the day itself
		end = t.Add(24 * time.Hour)
	}
	return end, true
}

func same(a, b time.Time) bool {
	aName, aOffset := a.Zone()
	bName, bOffset := b.Zone()
	return aName == bName && aOffset == bOffset && a.IsDST() == b.IsDST()
}

// changeTo is the change that made the time in force at t, when it began.
func changeTo(t time.Time) Change {
	name, _ := t.Zone()
	c := Change{Before: offset(t), After: offset(t), Name: name, Summer: t.IsDST()}
	if start, _ := t.ZoneBounds(); start.Equal(t) {
		c.At, c.Before = t.UTC(), offset(t.Add(-time.Second))
	}
	return c
}
