package calendar_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/graph"
)

// shop: checkout needs orders and two of three web servers; orders needs db-1.
func shop() *graph.Graph {
	return graph.Build([]graph.Node{
		{ID: "checkout", Kind: "service", DependsOn: []graph.Dep{{IDs: []string{"orders"}, Need: 1}, {IDs: []string{"web-1", "web-2", "web-3"}, Need: 2}}},
		{ID: "orders", Kind: "service", DependsOn: []graph.Dep{{IDs: []string{"db-1"}, Need: 1}}},
		{ID: "search", Kind: "service"},
		{ID: "db-1", Kind: "asset"}, {ID: "web-1", Kind: "asset"}, {ID: "web-2", Kind: "asset"}, {ID: "web-3", Kind: "asset"},
	})
}

var services = map[string]calendar.Service{"checkout": {Tier: 1}, "orders": {Tier: 2, Owner: "team:orders"}, "search": {Tier: 3}, "odd": {Tier: -1},
	"shop": {Tier: 2, Environments: []string{"production", "staging"}}}

// booking is a change of the evening of 20 November, from hour to hour.
func booking(id string, from, to int, things ...string) calendar.Booking {
	b := calendar.Booking{ID: id, Title: "Change " + id, Type: "normal", State: "scheduled", Owner: "team:" + id}
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	b.Span = calendar.Span{Start: day.Add(time.Duration(from) * time.Hour), End: day.Add(time.Duration(to) * time.Hour)}
	for _, x := range things {
		if _, service := services[x]; service {
			b.Services = append(b.Services, x)
		} else {
			b.Assets = append(b.Assets, x)
		}
	}
	return b
}

func TestConflictsWithChanges(t *testing.T) {
	by := func(b calendar.Booking, who string) calendar.Booking { b.Implementer = who; return b }
	in := func(b calendar.Booking, where string) calendar.Booking { b.Environment = where; return b }
	tests := []struct {
		name   string
		mine   calendar.Booking
		theirs calendar.Booking
		depth  int
		want   []string
	}{
		{"same service", booking("a", 10, 12, "orders"), booking("b", 11, 13, "orders"), 1, []string{"same-service b 11-12 [orders]"}},
		{"at another time", booking("a", 10, 12, "orders"), booking("b", 13, 14, "orders"), 1, nil},
		{"one after the other", booking("a", 10, 12, "orders"), booking("b", 12, 14, "orders"), 1, nil},
		{"one before the other", booking("a", 10, 12, "orders"), booking("b", 8, 10, "orders"), 1, nil},
		{"itself", booking("a", 10, 12, "orders"), booking("a", 10, 12, "orders"), 1, nil},
		{"same asset, and the service is said no more", booking("a", 10, 12, "orders", "db-1"), booking("b", 11, 12, "orders", "db-1"), 1, []string{"same-asset b 11-12 [db-1]"}},
		{"what it depends on", booking("a", 10, 12, "orders"), booking("b", 10, 12, "db-1"), 1, []string{"dependency b 10-12 [orders db-1]"}},
		{"what depends on it", booking("a", 10, 12, "orders"), booking("b", 10, 12, "checkout"), 1, []string{"dependency b 10-12 [orders checkout]"}},
		{"two steps away, one looked at", booking("a", 10, 12, "db-1"), booking("b", 10, 12, "checkout"), 1, nil},
		{"two steps away, two looked at", booking("a", 10, 12, "db-1"), booking("b", 10, 12, "checkout"), 2, []string{"dependency b 10-12 [db-1 orders checkout]"}},
		{"no steps", booking("a", 10, 12, "orders"), booking("b", 10, 12, "db-1"), 0, nil},
		{"unrelated", booking("a", 10, 12, "orders"), booking("b", 10, 12, "search"), 3, nil},
		{"one replica each: two of three are down", booking("a", 10, 12, "web-1"), booking("b", 10, 12, "web-2"), 1, []string{"redundancy b 10-12 [checkout]"}},
		{"the same person", by(booking("a", 10, 12, "orders"), "alice"), by(booking("b", 11, 12, "search"), "alice"), 1, []string{"implementer b 11-12 []"}},
		{"the same human", by(booking("a", 10, 12, "orders"), "alice"), by(booking("b", 11, 12, "search"), "alice-admin"), 1, []string{"implementer b 11-12 []"}},
		{"another human", by(booking("a", 10, 12, "orders"), "alice"), by(booking("b", 11, 12, "search"), "bob"), 1, nil},
		{"nobody is nobody's double", booking("a", 10, 12, "orders"), booking("b", 11, 12, "search"), 1, nil},
		{"another environment", in(booking("a", 10, 12, "orders"), "production"), in(booking("b", 10, 12, "orders"), "staging"), 1, nil},
		{"any environment", in(booking("a", 10, 12, "orders"), "production"), booking("b", 10, 12, "orders"), 1, []string{"same-service b 10-12 [orders]"}},
		{"another spelling of the environment", in(booking("a", 10, 12, "orders"), "Production"), in(booking("b", 10, 12, "orders"), "production"), 1, []string{"same-service b 10-12 [orders]"}},
		{"environments that the service has", in(booking("a", 10, 12, "shop"), "production"), in(booking("b", 10, 12, "shop"), "Staging"), 1, nil},
		{"an environment that the service has not", in(booking("a", 10, 12, "shop"), "prod"), in(booking("b", 10, 12, "shop"), "production"), 1, []string{"same-service b 10-12 [shop]"}},
		{"an asset stands in one place", in(booking("a", 10, 12, "db-1"), "production"), in(booking("b", 10, 12, "db-1"), "staging"), 1, []string{"same-asset b 10-12 [db-1]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := calendar.NewAgenda(nil, []calendar.Booking{tt.theirs}, services, humans)
			check(t, a, &tt.mine, tt.depth, tt.want)
			reverse := calendar.NewAgenda(nil, []calendar.Booking{tt.mine}, services, humans)
			if got, err := reverse.Conflicts(&tt.theirs, shop(), tt.depth); err != nil || len(got) != len(tt.want) {
				t.Errorf("the other way round it is %v, %v", got, err)
			}
		})
	}
}

func humans(person string) string { return strings.TrimSuffix(person, "-admin") }

func check(t *testing.T, a *calendar.Agenda, b *calendar.Booking, depth int, want []string) {
	t.Helper()
	found, err := a.Conflicts(b, shop(), depth)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range found {
		got = append(got, fmt.Sprintf("%s %s %s-%s %v", c.Kind, c.Other, c.Start[11:13], c.End[11:13], c.Path))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestConflictsWithWindows(t *testing.T) {
	const (
		evening = "start: 2026-11-20T18:00:00Z\nend: 2026-11-20T22:00:00Z\n"
		night   = "start: 2026-11-20T22:00:00Z\nend: 2026-11-21T02:00:00Z\n"
	)
	w := func(id, fields string) *calendar.Window { return window(t, id, fields) }
	staging := booking("a", 18, 20, "orders")
	staging.Environment = "staging"
	in := func(b calendar.Booking, where string) calendar.Booking { b.Environment = where; return b }
	nights := []*calendar.Window{w("m", "type: maintenance\nscope: {services: [shop], environments: [staging]}\n"+evening),
		w("n", "type: maintenance\nscope: {services: [shop], environments: [Production]}\n"+night)}
	unknown := booking("a", 19, 20)
	unknown.Services = []string{"new-one"}
	tests := []struct {
		name    string
		mine    calendar.Booking
		windows []*calendar.Window
		want    []string
	}{
		{"no windows", booking("a", 10, 12, "orders"), nil, nil},
		{"inside maintenance", booking("a", 18, 22, "orders"), []*calendar.Window{w("m", "type: maintenance\nscope: {services: [orders]}\n"+evening)}, nil},
		{"outside", booking("a", 10, 12, "orders"), []*calendar.Window{w("m", "type: maintenance\nscope: {services: [orders]}\n"+evening)}, []string{"outside-maintenance orders 10-12 []"}},
		{"partly outside", booking("a", 21, 23, "orders"), []*calendar.Window{w("m", "type: maintenance\nscope: {services: [orders]}\n"+evening)}, []string{"outside-maintenance orders 22-23 []"}},
		{"across two that touch", booking("a", 21, 23, "orders"), []*calendar.Window{
			w("m", "type: maintenance\nscope: {services: [orders]}\n"+evening), w("n", "type: maintenance\nscope: {tiers: [2]}\n"+night)}, nil},
		{"of a service without windows", booking("a", 10, 12, "search"), []*calendar.Window{w("m", "type: maintenance\nscope: {services: [orders]}\n"+evening)}, nil},
		{"of one service with and one without", booking("a", 10, 12, "search", "orders"), []*calendar.Window{w("m", "type: maintenance\nscope: {services: [orders]}\n"+evening)}, []string{"outside-maintenance orders 10-12 []"}},
		{"cancelled maintenance is none", booking("a", 10, 12, "orders"), []*calendar.Window{w("m", "type: maintenance\nstate: cancelled\nscope: {services: [orders]}\n"+evening)}, nil},
		{"maintenance of another environment", staging, []*calendar.Window{w("m", "type: maintenance\nscope: {services: [orders], environments: [production]}\n"+night)}, nil},
		{"inside a freeze", booking("a", 21, 23, "orders"), []*calendar.Window{w("f", "type: freeze\n"+night)}, []string{"freeze f 22-23 []"}},
		{"up to a freeze", booking("a", 21, 22, "orders"), []*calendar.Window{w("f", "type: freeze\n"+night)}, nil},
		{"freeze of a tier", booking("a", 19, 20, "orders"), []*calendar.Window{w("f", "type: freeze\nscope: {tiers: [2]}\n"+evening)}, []string{"freeze f 19-20 []"}},
		{"freeze of another tier", booking("a", 19, 20, "orders"), []*calendar.Window{w("f", "type: freeze\nscope: {tiers: [0, 1]}\n"+evening)}, nil},
		{"freeze of a tier, of a service nobody knows", unknown, []*calendar.Window{w("f", "type: freeze\nscope: {tiers: [0]}\n"+evening)}, []string{"freeze f 19-20 []"}},
		{"freeze of a tier, of a service without one", booking("a", 19, 20, "odd"), []*calendar.Window{w("f", "type: freeze\nscope: {tiers: [0]}\n"+evening)}, []string{"freeze f 19-20 []"}},
		{"maintenance of a tier, of a service without one", booking("a", 10, 12, "odd"), []*calendar.Window{w("m", "type: maintenance\nscope: {tiers: [0]}\n"+evening)}, nil},
		{"freeze of an asset", booking("a", 19, 20, "db-1"), []*calendar.Window{w("f", "type: freeze\nscope: {assets: [db-1]}\n"+evening)}, []string{"freeze f 19-20 []"}},
		{"freeze of another asset", booking("a", 19, 20, "db-1"), []*calendar.Window{w("f", "type: freeze\nscope: {assets: [web-1]}\n"+evening)}, nil},
		{"freeze of an environment", staging, []*calendar.Window{w("f", "type: freeze\nscope: {all: true, environments: [staging]}\n"+evening)}, []string{"freeze f 18-20 []"}},
		{"freeze of an environment, of a change that names none", booking("a", 18, 20, "orders"), []*calendar.Window{w("f", "type: freeze\nscope: {all: true, environments: [staging]}\n"+evening)}, []string{"freeze f 18-20 []"}},
		{"maintenance of its environment", staging, []*calendar.Window{w("m", "type: maintenance\nscope: {services: [orders], environments: [staging]}\n"+night)}, []string{"outside-maintenance orders 18-20 []"}},
		{"outside of the maintenance of its asset", booking("a", 10, 12, "orders", "db-1"), []*calendar.Window{w("m", "type: maintenance\nscope: {assets: [db-1]}\n"+evening)}, []string{"outside-maintenance db-1 10-12 []"}},
		{"inside the maintenance of its asset", booking("a", 19, 20, "orders", "db-1"), []*calendar.Window{w("m", "type: maintenance\nscope: {assets: [db-1]}\n"+evening)}, nil},
		{"maintenance of another asset", booking("a", 10, 12, "orders", "db-1"), []*calendar.Window{w("m", "type: maintenance\nscope: {assets: [web-1]}\n"+evening)}, nil},
		{"outside of its asset's, in that of everything", booking("a", 22, 23, "db-1"), []*calendar.Window{
			w("m", "type: maintenance\nscope: {assets: [db-1]}\n"+evening), w("n", "type: maintenance\nscope: {all: true}\n"+night)}, nil},
		{"freeze of another environment", staging, []*calendar.Window{w("f", "type: freeze\nscope: {all: true, environments: [production]}\n"+evening)}, nil},
		{"freeze of its environment, spelt otherwise", in(booking("a", 18, 20, "orders"), "STAGING"), []*calendar.Window{w("f", "type: freeze\nscope: {all: true, environments: [staging]}\n"+evening)}, []string{"freeze f 18-20 []"}},
		{"freeze, in an environment that its service has not", in(booking("a", 18, 20, "shop"), "prod"), []*calendar.Window{w("f", "type: freeze\nscope: {all: true, environments: [production]}\n"+evening)}, []string{"freeze f 18-20 []"}},
		{"freeze, in another one that its service has", in(booking("a", 18, 20, "shop"), "staging"), []*calendar.Window{w("f", "type: freeze\nscope: {all: true, environments: [production]}\n"+evening)}, nil},
		{"inside the maintenance of one environment, in all", booking("a", 18, 20, "shop"), nights, []string{"outside-maintenance shop 18-20 []"}},
		{"inside the maintenance of its environment", in(booking("a", 18, 20, "shop"), "staging"), nights, nil},
		{"inside the maintenance of the one environment there is, in all", booking("a", 18, 20, "shop"), nights[:1], nil},
		{"cancelled freeze", booking("a", 19, 20, "orders"), []*calendar.Window{w("f", "type: freeze\nstate: cancelled\n"+evening)}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			check(t, calendar.NewAgenda(tt.windows, nil, services, nil), &tt.mine, 1, tt.want)
		})
	}
}

// TestConflictOwners: whoever can agree to an overlap is never nobody.
func TestConflictOwners(t *testing.T) {
	owned := booking("b", 10, 12, "orders")
	ownerless := owned
	ownerless.Owner, ownerless.Requester = "", "bob"
	orphan := booking("b", 10, 12, "search")
	orphan.Owner, orphan.Requester = "", "bob"
	for _, tt := range []struct {
		other calendar.Booking
		want  []string
	}{{owned, []string{"team:b"}}, {ownerless, []string{"team:orders"}}, {orphan, []string{"person:bob"}}} {
		mine := booking("a", 10, 12, tt.other.Services...)
		got, err := calendar.NewAgenda(nil, []calendar.Booking{tt.other}, services, nil).Conflicts(&mine, shop(), 1)
		if err != nil || len(got) != 1 {
			t.Fatalf("got %v, %v", got, err)
		}
		if diff := cmp.Diff(tt.want, got[0].Owners); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

func TestBookingOf(t *testing.T) {
	now := at(t, "2026-11-20T12:00:00Z")
	const windowed = "window: {start: '2026-11-20T10:00:00Z', end: '2026-11-20T11:00:00Z'}\n"
	tests := []struct{ name, fields, want string }{
		{"scheduled", "state: scheduled\n" + windowed, "10:00:00-11:00:00"},
		{"scheduled without a window", "state: scheduled\n", ""},
		{"over", "state: review\n" + windowed, ""},
		{"cancelled", "state: cancelled\n" + windowed, ""},
		{"longer than planned", "state: implementing\nimplementation: {started_at: '2026-11-20T10:30:00Z'}\n" + windowed, "10:00:00-12:00:01"},
		{"an emergency without a window", "state: implementing\nimplementation: {started_at: '2026-11-20T11:50:00Z'}\n", "11:50:00-12:00:01"},
	}
	for _, tt := range tests {
		got := ""
		if b, ok := calendar.BookingOf(rec(t, "change", "c", tt.fields), now); ok {
			got = b.Span.Start.Format(time.TimeOnly) + "-" + b.Span.End.Format(time.TimeOnly)
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// What a claim keeps of a change is all that its booking says.
func TestClaim(t *testing.T) {
	now := at(t, "2026-11-20T12:00:00Z")
	for _, state := range []string{"scheduled", "implementing", "review"} {
		whole := rec(t, "change", "c", "title: T\ntype: normal\nstate: "+state+`
owner: team:o
requester: r
environment: production
services: [checkout]
assets: [db-1]
window: {start: '2026-11-20T10:00:00Z', end: '2026-11-20T11:00:00Z'}
implementation: {started_at: '2026-11-20T09:30:00Z', implementer: i}
plan: {implement: many words}
`)
		claim := calendar.Claim(whole)
		want, wantOK := calendar.BookingOf(whole, now)
		got, ok := calendar.BookingOf(claim, now)
		if diff := cmp.Diff(want, got); diff != "" || ok != wantOK {
			t.Errorf("%s: %t, -whole +claim:\n%s", state, ok, diff)
		}
		b := reflect.ValueOf(want)
		for i := range b.NumField() {
			if name := b.Type().Field(i).Name; ok && b.Field(i).IsZero() && name != "Branch" {
				t.Errorf("%s: nothing stands in %s, so nothing shows that a claim keeps it", state, name)
			}
		}
		if claim.Doc != nil || claim.Fields["plan"] != nil {
			t.Errorf("%s: a claim keeps what no booking says", state)
		}
	}
}

func TestNextFree(t *testing.T) {
	tests := []struct {
		name     string
		mine     calendar.Booking
		windows  []*calendar.Window
		bookings []calendar.Booking
		want     string
	}{
		{"nothing in the way", booking("a", 10, 12, "orders"), nil, nil, "2026-11-20T09:00/2026-11-20T11:00"},
		{"its own old place is free", booking("a", 9, 11, "orders"), nil, []calendar.Booking{booking("a", 9, 11, "orders")}, "2026-11-20T09:00/2026-11-20T11:00"},
		{"after another change", booking("a", 10, 12, "orders"), nil, []calendar.Booking{booking("b", 9, 11, "orders")}, "2026-11-20T11:00/2026-11-20T13:00"},
		{"not between two, where it does not fit", booking("a", 10, 12, "orders"), nil, []calendar.Booking{booking("b", 9, 11, "orders"), booking("c", 12, 13, "db-1")}, "2026-11-20T13:00/2026-11-20T15:00"},
		{"exactly between two", booking("a", 10, 11, "orders"), nil, []calendar.Booking{booking("b", 9, 11, "orders"), booking("c", 12, 13, "db-1")}, "2026-11-20T11:00/2026-11-20T12:00"},
		{"when maintenance begins", booking("a", 10, 11, "orders"), []*calendar.Window{window(t, "m", "type: maintenance\nstart: 2026-11-22T01:00:00Z\nduration: 2h\nrrule: FREQ=WEEKLY\n")}, nil, "2026-11-22T01:00/2026-11-22T02:00"},
		{"when maintenance begins next, since now there is somebody", booking("a", 10, 12, "orders"),
			[]*calendar.Window{window(t, "m", "type: maintenance\nstart: 2026-11-20T20:00:00Z\nduration: 2h\nrrule: FREQ=WEEKLY\n")}, []calendar.Booking{booking("b", 21, 22, "orders")}, "2026-11-27T20:00/2026-11-27T22:00"},
		{"after a freeze", booking("a", 10, 12, "orders"), []*calendar.Window{window(t, "f", "type: freeze\nstart: 2026-11-19T00:00:00Z\nend: 2026-12-01T00:00:00Z\n")}, nil, "2026-12-01T00:00/2026-12-01T02:00"},
		{"longer than any maintenance", booking("a", 10, 14, "orders"), []*calendar.Window{window(t, "m", "type: maintenance\nstart: 2026-11-22T01:00:00Z\nduration: 2h\nrrule: FREQ=WEEKLY\n")}, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := calendar.NewAgenda(tt.windows, tt.bookings, services, nil)
			slot, ok, err := a.NextFree(&tt.mine, at(t, "2026-11-20T09:00:00Z"), shop(), 1)
			if err != nil {
				t.Fatal(err)
			}
			const short = "2006-01-02T15:04"
			got := ""
			if ok {
				got = slot.Start.Format(short) + "/" + slot.End.Format(short)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if _, _, err := calendar.NewAgenda(nil, nil, nil, nil).NextFree(&calendar.Booking{ID: "a"}, at(t, "2026-11-20T09:00:00Z"), shop(), 1); err == nil || !strings.Contains(err.Error(), "no length") {
		t.Errorf("a change without a window has no length: %v", err)
	}
}
