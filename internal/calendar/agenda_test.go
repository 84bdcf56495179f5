package calendar_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/graph"
)

// TestBookingsProperty: a search finds what looking at every booking finds.
func TestBookingsProperty(t *testing.T) {
	epoch := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	span := rapid.Custom(func(t *rapid.T) calendar.Span {
		start := epoch.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "start")) * time.Hour)
		return calendar.Span{Start: start, End: start.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "length")) * time.Hour)}
	})
	rapid.Check(t, func(t *rapid.T) {
		var all []calendar.Booking
		for i, s := range rapid.SliceOfN(span, 0, 30).Draw(t, "bookings") {
			all = append(all, calendar.Booking{ID: fmt.Sprintf("c%02d", i), Span: s})
		}
		period := span.Draw(t, "period")
		var want, got []string
		for _, b := range all {
			if b.Span.Overlaps(period) {
				want = append(want, b.ID)
			}
		}
		found := calendar.NewAgenda(nil, all, nil, nil).Bookings(period)
		if !slices.IsSortedFunc(found, func(x, y calendar.Booking) int { return x.Span.Start.Compare(y.Span.Start) }) {
			t.Fatal("not in order")
		}
		for _, b := range found {
			got = append(got, b.ID)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	})
}

// BenchmarkConflicts holds each of 10,000 scheduled changes of a year, with one
// that takes all of it, against the others.
func BenchmarkConflicts(b *testing.B) {
	const changes, services = 10_000, 200
	epoch := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var nodes []graph.Node
	known := map[string]calendar.Service{}
	for i := range services {
		n := graph.Node{ID: fmt.Sprintf("s%03d", i), Kind: "service"}
		if i > 0 {
			n.DependsOn = []graph.Dep{{IDs: []string{fmt.Sprintf("s%03d", i/2)}, Need: 1}}
		}
		nodes, known[n.ID] = append(nodes, n), calendar.Service{Tier: 2, Owner: "team:ops"}
	}
	var all []calendar.Booking
	for i := range changes {
		start := epoch.Add(time.Duration(i) * 50 * time.Minute)
		all = append(all, calendar.Booking{ID: fmt.Sprintf("c%05d", i), Services: []string{fmt.Sprintf("s%03d", i*37%services)}, Span: calendar.Span{Start: start, End: start.Add(3 * time.Hour)}})
	}
	all[0].Span.End = epoch.AddDate(1, 0, 0)
	g := graph.Build(nodes)
	for b.Loop() {
		a := calendar.NewAgenda(nil, all, known, nil)
		for i := range all {
			if _, err := a.Conflicts(&all[i], g, 1); err != nil {
				b.Fatal(err)
			}
		}
	}
}
