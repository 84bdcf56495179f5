package calendar

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/zone"
)

// What a window does, and how much.
const (
	Maintenance = "maintenance"
	Freeze      = "freeze"
	Hard        = "hard"
	Soft        = "soft"
)

// Window is a time in which changes may be carried out, or may not.
type Window struct {
	ID, Title, Type string
	Reason          string
	Strength        string // of a freeze
	Owner           string
	Cancelled       bool
	Scope           Scope
	First           Span // the first occurrence, on the window's own clock
	Sequence        int

	rule    *rule // nil where it happens once
	exdates []time.Time
}

// Scope is what a window is for.
type Scope struct {
	All              bool
	Services, Assets []string
	Tiers            []int
	Environments     []string // none means any
}

// Problem is what makes a window unusable, at a field of its record.
type Problem struct {
	Path    []string
	Message string
	Known   bool // the record does not conform, and that is found without a calendar
}

// Windows take place in these years: outside, a year was mistyped, and
// expanding would take long.
const firstYear, lastYear = 1970, 2199

// Read makes a window of its record. zoneName is the zone of a record that
// names none. Where the record cannot be what it says, the window is nil and
// the problems say why.
func Read(rec *record.Record, zoneName string) (*Window, []Problem) {
	w := &Window{ID: rec.ID, Title: rec.Title(), Type: rec.Str("type"), Reason: rec.Str("reason"), Owner: rec.Str("owner"), Cancelled: rec.Terminal(),
		Scope: scopeOf(rec), Sequence: integer(rec.Fields["sequence"])}
	if w.Type == Freeze {
		w.Strength = cmp.Or(rec.Str("strength"), Hard)
	}
	r := reader{rec: rec}
	if w.Scope.empty() {
		r.known("the scope names nothing, so the window is for nothing", "scope")
	}
	if name := rec.Str("timezone"); name != "" {
		zoneName = name
	}
	loc, err := zone.Load(zoneName)
	if err != nil {
		r.known(err.Error(), "timezone")
		return nil, r.problems
	}
	r.when(w, loc)
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	return w, nil
}

// reader collects what is wrong with a record.
type reader struct {
	rec      *record.Record
	problems []Problem
}

func (r *reader) problem(message string, path ...string) {
	r.problems = append(r.problems, Problem{Path: path, Message: message})
}

func (r *reader) known(message string, path ...string) {
	r.problems = append(r.problems, Problem{Path: path, Message: message, Known: true})
}

// when reads when the window takes place.
func (r *reader) when(w *Window, loc *time.Location) {
	start, ok := r.rec.Time("start")
	if !ok {
		r.known("it has no start", "start")
		return
	}
	w.First = Span{Start: start.In(loc)}
	end, hasEnd := r.rec.Time("end")
	length := r.rec.Str("duration")
	switch {
	case hasEnd == (length != ""):
		r.known("it has not one of end and duration", "start")
		return
	case hasEnd:
		w.First.End = end.In(loc)
	default:
		d, err := duration(length)
		if err != nil {
			r.known(err.Error(), "duration")
			return
		}
		w.First.End = w.First.Start.Add(d)
	}
	switch {
	case !w.First.Valid():
		r.known(fmt.Sprintf("it ends at %s, which is not after its start", w.First.End.Format(time.RFC3339)), "start")
		return
	case w.First.Start.Year() < firstYear || w.First.End.Year() > lastYear:
		r.problem(fmt.Sprintf("it is not between the years %d and %d", firstYear, lastYear), "start")
		return
	}
	r.recurs(w)
}

// recurs reads how often it takes place.
func (r *reader) recurs(w *Window) {
	for _, text := range r.rec.Strs("exdates") {
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			w.exdates = append(w.exdates, t.In(w.First.Start.Location()))
		}
	}
	slices.SortFunc(w.exdates, time.Time.Compare)
	text := r.rec.Str("rrule")
	if text == "" {
		return
	}
	rule, err := parseRule(text, w.First.Start)
	if err != nil {
		r.problem("rrule: "+err.Error(), "rrule")
		return
	}
	w.rule = rule
}

func scopeOf(rec *record.Record) Scope {
	s := Scope{Services: rec.Strs("scope", "services"), Assets: rec.Strs("scope", "assets"), Environments: rec.Strs("scope", "environments")}
	s.All, _ = record.Value(rec.Fields, "scope", "all").(bool)
	tiers, _ := record.Value(rec.Fields, "scope", "tiers").([]any)
	for _, t := range tiers {
		s.Tiers = append(s.Tiers, integer(t))
	}
	return s
}

func integer(v any) int {
	n, _ := v.(json.Number)
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return int(i)
}

func (s Scope) empty() bool {
	return !s.All && len(s.Services) == 0 && len(s.Assets) == 0 && len(s.Tiers) == 0
}

// Length is how long each occurrence lasts, exactly.
func (w *Window) Length() time.Duration { return w.First.End.Sub(w.First.Start) }

// Recurs reports whether the window takes place more than once.
func (w *Window) Recurs() bool { return w.rule != nil }

// Rule is the value of its RRULE, with UNTIL in UTC; "" where it happens once.
func (w *Window) Rule() string {
	if w.rule == nil {
		return ""
	}
	return w.rule.String()
}

// Exdates are the starts of occurrences that do not take place, on the
// window's clock, sorted.
func (w *Window) Exdates() []time.Time { return w.exdates }

// Idle are the exdates at which nothing would take place anyway.
func (w *Window) Idle() ([]time.Time, error) {
	var out []time.Time
	for _, x := range w.exdates {
		starts, err := w.starts(x, x.Add(time.Second))
		if err != nil {
			return nil, err
		}
		if len(starts) == 0 || !starts[0].Equal(x) {
			out = append(out, x)
		}
	}
	return out, nil
}

// Occurrences are the times the window takes place within a period, or partly,
// sorted, on the window's clock. A cancelled window takes place no more.
func (w *Window) Occurrences(period Span) ([]Span, error) {
	if w.Cancelled {
		return nil, nil
	}
	return w.planned(period)
}

// planned are the occurrences there are, or were before the window was
// cancelled.
func (w *Window) planned(period Span) ([]Span, error) {
	if !period.Valid() {
		return nil, nil
	}
	starts, err := w.starts(period.Start.Add(-w.Length()), period.End)
	if err != nil {
		return nil, err
	}
	var out []Span
	for _, t := range starts {
		s := Span{t, t.Add(w.Length())}
		if s.Overlaps(period) && !slices.ContainsFunc(w.exdates, t.Equal) {
			out = append(out, s)
		}
	}
	return out, nil
}

// starts are the starts in [from, end), those that exdates exclude as well.
func (w *Window) starts(from, end time.Time) ([]time.Time, error) {
	if w.rule == nil {
		if s := w.First.Start; !s.Before(from) && s.Before(end) {
			return []time.Time{s}, nil
		}
		return nil, nil
	}
	out, ok, err := w.rule.starts(from, end)
	if err != nil {
		return nil, fmt.Errorf("expanding window %s: %w", w.ID, err)
	}
	if !ok {
		return nil, &TooManyError{Window: w.ID, Until: end}
	}
	return out, nil
}

// Covers reports whether the window is for a change: whether the change names a
// service or asset of its scope. A change that
// does not say in which environment it takes place is in all of them, and a
// service whose tier nobody knows is in every tier that is frozen.
func (w *Window) Covers(b *Booking, services map[string]Service) bool {
	if !w.where(b.place(services)) {
		return false
	}
	return w.Scope.All && len(b.Services)+len(b.Assets) > 0 ||
		slices.ContainsFunc(b.Services, func(id string) bool { return w.service(id, services) }) ||
		slices.ContainsFunc(b.Assets, func(id string) bool { return slices.Contains(w.Scope.Assets, id) })
}

func (w *Window) where(environment string) bool {
	return environment == "" || len(w.Scope.Environments) == 0 ||
		slices.ContainsFunc(w.Scope.Environments, func(e string) bool { return strings.EqualFold(e, environment) })
}

// service reports whether the scope names a service.
func (w *Window) service(id string, services map[string]Service) bool {
	if w.Scope.All || slices.Contains(w.Scope.Services, id) {
		return true
	}
	s, known := services[id]
	if !known || s.Tier < 0 {
		return w.Type == Freeze && len(w.Scope.Tiers) > 0
	}
	return slices.Contains(w.Scope.Tiers, s.Tier)
}
