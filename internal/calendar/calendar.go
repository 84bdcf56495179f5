// Package calendar owns time that is spoken for: when maintenance windows and
// freezes take place, which changes get in each other's way, and when there is
// room for one more.
//
// It may import record, to read windows and changes, and zone. It is a pure
// function of what it is given: it never reads a store, a clock or the
// machine's time zones, and never decides what a conflict leads to, which is
// policy's business.
package calendar

import (
	"cmp"
	"slices"
	"time"
)

// Span is a half-open interval: End itself is outside, so that spans which
// touch do not overlap.
type Span struct{ Start, End time.Time }

// Valid reports whether the span has a length.
func (s Span) Valid() bool { return s.Start.Before(s.End) }

// Overlaps reports whether two spans share a moment.
func (s Span) Overlaps(o Span) bool { return s.Start.Before(o.End) && o.Start.Before(s.End) }

// Contains reports whether a moment lies in the span.
func (s Span) Contains(t time.Time) bool { return !t.Before(s.Start) && t.Before(s.End) }

// Intersect is what two overlapping spans share.
func (s Span) Intersect(o Span) Span {
	if o.Start.After(s.Start) {
		s.Start = o.Start
	}
	if o.End.Before(s.End) {
		s.End = o.End
	}
	return s
}

// compareSpans orders spans by start, then by end.
func compareSpans(a, b Span) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) }

// union joins spans that overlap or touch; the result is sorted.
func union(spans []Span) []Span {
	sorted := slices.SortedFunc(slices.Values(spans), compareSpans)
	var out []Span
	for _, s := range sorted {
		if n := len(out) - 1; n >= 0 && !s.Start.After(out[n].End) {
			if s.End.After(out[n].End) {
				out[n].End = s.End
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// without is what is left of a span outside of others, sorted.
func without(s Span, others []Span) []Span {
	var out []Span
	for _, o := range union(others) {
		if !s.Overlaps(o) {
			continue
		}
		if s.Start.Before(o.Start) {
			out = append(out, Span{s.Start, o.Start})
		}
		s.Start = o.End
	}
	if s.Valid() {
		out = append(out, s)
	}
	return out
}
