package calendar

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/record"
)

// Booking is a change as the calendar sees it: when, and what it touches.
type Booking struct {
	ID, Title, Type, State string
	Owner, Requester       string // team:… or person:…, a person id; "" where it names none
	Implementer            string // person id, "" before somebody is named
	Environment            string // "" where it does not say
	Services, Assets       []string
	Span                   Span
	Due                    time.Time // the end of its window, which Span may go beyond; zero where it has none
	Branch                 string    // of an open proposal; "" for what has landed
}

// BookingOf reads the booking of a change. ok is false for what takes up no
// time: a change without a window, one that is over, or a record of another
// kind. A change that is being implemented takes until now at least, and one
// without a window from the moment it started.
func BookingOf(rec *record.Record, now time.Time) (b Booking, ok bool) {
	state := rec.State()
	if rec.Kind.Name != "change" || state != "scheduled" && state != "implementing" {
		return b, false
	}
	b = booking(rec)
	b.Span.Start, ok = rec.Time("window", "start")
	end, hasEnd := rec.Time("window", "end")
	b.Span.End, b.Due = end, end
	if state == "implementing" {
		if started, has := rec.Time("implementation", "started_at"); has && (!ok || started.Before(b.Span.Start)) {
			b.Span.Start, ok = started, true
		}
		if still := now.Truncate(time.Second).Add(time.Second); !hasEnd || b.Span.End.Before(still) {
			b.Span.End, hasEnd = still, true
		}
	}
	return b, ok && hasEnd && b.Span.Valid()
}

// Steady is until when BookingOf says of a change what it says now and did
// before: zero is always, and ok is false where it says another thing each
// second, of a change that is still being implemented when it should be over.
func Steady(rec *record.Record, now time.Time) (until time.Time, ok bool) {
	if rec.Kind.Name != "change" || rec.State() != "implementing" {
		return until, true
	}
	end, ok := rec.Time("window", "end")
	until = end.Add(-time.Second)
	return until, ok && now.Before(until)
}

// ClaimPaths are the fields that BookingOf and Steady read of a record of a kind,
// those that are lists with [] behind.
func ClaimPaths(k *record.Kind) []string {
	return []string{k.StateKey(), k.Title, "type", "owner", "requester", "environment", "services[]", "assets[]",
		"window.start", "window.end", "implementation.started_at", "implementation.implementer"}
}

// Claim is a change with no more than BookingOf reads of it. There may be many
// that wait for whoever asks, and a whole record takes ten times the room.
func Claim(rec *record.Record) *record.Record {
	out := &record.Record{Kind: rec.Kind, ID: rec.ID, Path: rec.Path, Blob: rec.Blob, Fields: map[string]any{}}
	for _, p := range ClaimPaths(rec.Kind) {
		key, _, _ := strings.Cut(strings.TrimSuffix(p, "[]"), ".")
		if v, ok := rec.Fields[key]; ok {
			out.Fields[key] = v
		}
	}
	return out
}

// booking reads what a change says of itself besides its time.
func booking(rec *record.Record) Booking {
	return Booking{
		ID: rec.ID, Title: rec.Title(), Type: rec.Str("type"), State: rec.State(), Owner: rec.Str("owner"), Requester: rec.Str("requester"),
		Implementer: rec.Str("implementation", "implementer"), Environment: rec.Str("environment"),
		Services: rec.Strs("services"), Assets: rec.Strs("assets"),
	}
}

// things are the services and assets a booking names, sorted.
func (b *Booking) things() []string {
	out := slices.Concat(b.Services, b.Assets)
	slices.Sort(out)
	return slices.Compact(out)
}

// Service is what the calendar knows of a service of the catalogue.
type Service struct {
	Tier         int      // below 0 where nobody knows
	Owner        string   // team:… or person:…
	Environments []string // none where it does not say
}

// place is the environment that a change is carried out in, in lower case; "" is
// any: it says none, or one that none of its services has. Were that another
// place, a misspelt word would lie outside of every freeze. Where its services do
// not say which they have, the word of the change is taken.
func (b *Booking) place(services map[string]Service) string {
	known := false
	for _, id := range b.Services {
		for _, e := range services[id].Environments {
			if strings.EqualFold(e, b.Environment) {
				return strings.ToLower(b.Environment)
			}
			known = true
		}
	}
	if known {
		return ""
	}
	return strings.ToLower(b.Environment)
}

// Agenda is what has landed of a store's calendar. It is never changed once it
// is made.
type Agenda struct {
	Windows  []*Window // sorted by id
	human    func(person string) string
	services map[string]Service
	bookings []Booking   // sorted by start, then id
	ends     []time.Time // of bookings taken as a tree: see latest
}

// NewAgenda puts windows and bookings in order. human is the id that stands for
// everybody who is the same human as a person; nil where each is another.
func NewAgenda(windows []*Window, bookings []Booking, services map[string]Service, human func(person string) string) *Agenda {
	if human == nil {
		human = func(person string) string { return person }
	}
	a := &Agenda{Windows: slices.Clone(windows), human: human, services: services, bookings: slices.Clone(bookings)}
	slices.SortFunc(a.Windows, func(x, y *Window) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(a.bookings, func(x, y Booking) int { return cmp.Or(x.Span.Start.Compare(y.Span.Start), cmp.Compare(x.ID, y.ID)) })
	a.ends = make([]time.Time, len(a.bookings))
	a.latest(0, len(a.bookings))
	return a
}

// latest fills in ends for the bookings in [from, to), whose root is the one in
// the middle: when the last of them all is over. So one that takes a year does
// not make every search look at everything before it.
func (a *Agenda) latest(from, to int) time.Time {
	if from >= to {
		return time.Time{}
	}
	mid := (from + to) / 2
	end := a.bookings[mid].Span.End
	for _, t := range []time.Time{a.latest(from, mid), a.latest(mid+1, to)} {
		if t.After(end) {
			end = t
		}
	}
	a.ends[mid] = end
	return end
}

// Bookings are those that overlap a period, sorted by start, then id.
func (a *Agenda) Bookings(period Span) []Booking {
	var out []Booking
	var search func(from, to int)
	search = func(from, to int) {
		mid := (from + to) / 2
		if from >= to || !a.ends[mid].After(period.Start) {
			return
		}
		search(from, mid)
		if b := a.bookings[mid]; b.Span.Start.Before(period.End) {
			if b.Span.Overlaps(period) {
				out = append(out, b)
			}
			search(mid+1, to)
		}
	}
	search(0, len(a.bookings))
	return out
}

// owners are who answers for a change: its owner, or else those of its
// services, or else whoever asked for it.
func (a *Agenda) owners(b *Booking) []string {
	if b.Owner != "" {
		return []string{b.Owner}
	}
	out := []string{}
	for _, id := range b.Services {
		if s := a.services[id]; s.Owner != "" {
			out = append(out, s.Owner)
		}
	}
	if len(out) == 0 && b.Requester != "" {
		out = append(out, "person:"+b.Requester)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
