package calendar

import (
	"fmt"
	"slices"
	"time"
)

// Horizon is how far ahead NextFree looks.
const Horizon = 90 * 24 * time.Hour

// NextFree is the next time, from from on, into which a change fits as it is:
// as long as its span, without conflict with what has landed. ok is false where
// there is none within the Horizon. Slots begin where something else ends, so
// no free time is overlooked; without anything in the way the change begins at
// from itself.
func (a *Agenda) NextFree(b *Booking, from time.Time, near Neighbours, depth int) (slot Span, ok bool, err error) {
	length := b.Span.End.Sub(b.Span.Start)
	if length <= 0 {
		return slot, false, fmt.Errorf("%s has no length to look for", b.ID)
	}
	period := Span{from, from.Add(Horizon)}
	starts, err := a.starts(b, period, length)
	if err != nil {
		return slot, false, err
	}
	for _, s := range starts {
		try := *b
		try.Span = Span{s, s.Add(length)}
		found, err := a.Conflicts(&try, near, depth)
		if err != nil {
			return slot, false, err
		}
		if len(found) == 0 {
			return try.Span, true, nil
		}
	}
	return slot, false, nil
}

// starts are the moments at which room can begin: at once, where another change
// or a freeze ends, and where maintenance begins.
func (a *Agenda) starts(b *Booking, period Span, length time.Duration) ([]time.Time, error) {
	out := []time.Time{period.Start}
	for _, o := range a.Bookings(period) {
		out = append(out, o.Span.End)
	}
	for _, w := range a.Windows {
		if !w.Covers(b, a.services) {
			continue
		}
		times, err := w.Occurrences(period)
		if err != nil {
			return nil, err
		}
		for _, s := range times {
			at := s.End
			if w.Type == Maintenance {
				at = s.Start
			}
			out = append(out, at)
		}
	}
	out = slices.DeleteFunc(out, func(t time.Time) bool { return t.Before(period.Start) || t.Add(length).After(period.End) })
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal), nil
}
