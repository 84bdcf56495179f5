package calendar

import (
	"cmp"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/record"
)

// Change is the kind of an Entry that is a change; the others are the types of
// windows.
const Change = "change"

// Entry is one line of a calendar: a change, or one occurrence of a window.
type Entry struct {
	Kind    string // Change, Freeze, Maintenance
	Span    Span
	Window  *Window  // nil of a change
	Booking *Booking // nil of a window
}

// ID is that of the entry's record.
func (e Entry) ID() string {
	if e.Window != nil {
		return e.Window.ID
	}
	return e.Booking.ID
}

// Cancelled reports whether the entry does not take place.
func (e Entry) Cancelled() bool {
	if e.Window != nil {
		return e.Window.Cancelled
	}
	return e.Booking.State == "cancelled"
}

// Selection is what of a calendar is asked for.
type Selection struct {
	Period       Span
	Services     []string // none means all
	Environments []string // none means all
}

// Entries are the windows and changes that take place within a period, or
// partly, also those that were cancelled, sorted by start.
func Entries(windows []*Window, bookings []Booking, services map[string]Service, sel Selection) ([]Entry, error) {
	var out []Entry
	for _, w := range windows {
		if !sel.window(w, services) {
			continue
		}
		times, err := w.planned(sel.Period)
		if err != nil {
			return nil, err
		}
		for _, s := range times {
			out = append(out, Entry{Kind: w.Type, Span: s, Window: w})
		}
	}
	for _, b := range bookings {
		if b.Span.Overlaps(sel.Period) && sel.booking(&b) {
			out = append(out, Entry{Kind: Change, Span: b.Span, Booking: &b})
		}
	}
	slices.SortStableFunc(out, func(a, b Entry) int {
		return cmp.Or(compareSpans(a.Span, b.Span), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID(), b.ID()))
	})
	return out, nil
}

func (sel Selection) window(w *Window, services map[string]Service) bool {
	return anyOf(sel.Environments, w.where) && anyOf(sel.Services, func(id string) bool { return w.service(id, services) })
}

func (sel Selection) booking(b *Booking) bool {
	return anyOf(sel.Environments, func(env string) bool { return b.Environment == "" || b.Environment == env }) &&
		anyOf(sel.Services, func(id string) bool { return slices.Contains(b.Services, id) })
}

// anyOf reports whether one of what was asked for fits; nothing asked for is
// everything.
func anyOf(list []string, fits func(string) bool) bool {
	return len(list) == 0 || slices.ContainsFunc(list, fits)
}

// Listed is a change as a calendar lists it. Other than a booking, it may be over
// or cancelled: what was carried out is listed when it was, and everything else
// when it was meant to be. ok is false for what has no time.
func Listed(rec *record.Record, now time.Time) (b Booking, ok bool) {
	if b, ok = BookingOf(rec, now); ok || rec.Kind.Name != "change" {
		return b, ok
	}
	b = booking(rec)
	for _, span := range [][2][]string{{{"implementation", "started_at"}, {"implementation", "finished_at"}}, {{"window", "start"}, {"window", "end"}}} {
		start, _ := rec.Time(span[0]...)
		end, _ := rec.Time(span[1]...)
		if b.Span = (Span{start, end}); !start.IsZero() && b.Span.Valid() {
			return b, true
		}
	}
	return b, false
}
