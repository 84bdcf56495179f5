package record

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/yamldoc"
)

func recordOf(t *testing.T, kindName, text string) *Record {
	t.Helper()
	doc, findings := yamldoc.Parse("test.yaml", []byte(text))
	if doc == nil || len(findings) > 0 {
		t.Fatalf("%v", findings)
	}
	return New(kind(t, kindName), "x", "test.yaml", "", doc)
}

func TestRecordFields(t *testing.T) {
	r := recordOf(t, "change", `
title: Upgrade
state: closed
window: {start: 2026-11-24T20:00:00+01:00, end: tomorrow}
services: [a, 1, b, [c]]
owner: 5
`)
	at, ok := r.Time("window", "start")
	if !ok || !at.Equal(time.Date(2026, 11, 24, 19, 0, 0, 0, time.UTC)) {
		t.Errorf("start %v, %v", at, ok)
	}
	if _, ok := r.Time("window", "end"); ok {
		t.Error("tomorrow is a moment")
	}
	if r.Title() != "Upgrade" || r.State() != "closed" || !r.Terminal() || r.Str("owner") != "" || r.Str("window") != "" || r.Str("title", "x") != "" {
		t.Errorf("%q %q %v %q", r.Title(), r.State(), r.Terminal(), r.Str("owner"))
	}
	if diff := cmp.Diff([]string{"a", "b"}, r.Strs("services")); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	if r.Strs("title") != nil || r.Strs("none", "such") != nil || Value(r.Fields, "window", "start", "x") != nil {
		t.Error("something stands where nothing does")
	}
}

func TestDecode(t *testing.T) {
	var p Person
	r := recordOf(t, "person", "name: Alice\nemails: [a@example.org]\ngithub: {id: 4711}\nactive: false\nunknown: field\n")
	if err := r.Decode(&p); err != nil || p.Name != "Alice" || p.GitHub.ID != 4711 || p.IsActive() {
		t.Errorf("%+v, %v", p, err)
	}
	if err := recordOf(t, "person", "name: [Alice]\n").Decode(&Person{}); err == nil {
		t.Error("a list is a name")
	}
	if (Person{}).IsActive() != true || (Team{}).IsActive() != true {
		t.Error("who does not say so is inactive")
	}
}

func TestRefs(t *testing.T) {
	r := recordOf(t, "service", `
owner: team:payments
depends_on: [search, "asset:db-1", "team:x", {need: 1, of: [db-2, "service:b", 7]}, 5, ""]
`)
	both := []string{"service", "asset"}
	want := []RefValue{
		{"/owner", "team", "payments", []string{"team"}},
		{"/depends_on/0", "", "search", both},
		{"/depends_on/1", "asset", "db-1", []string{"asset"}},
		{"/depends_on/2", "", "team:x", both}, // no team may stand here, so it names nothing
		{"/depends_on/3/of/0", "", "db-2", both},
		{"/depends_on/3/of/1", "service", "b", []string{"service"}},
	}
	if diff := cmp.Diff(want, r.Refs()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r = recordOf(t, "change", "requester: alice\nreview: {reviewer: bob, actions: [{owner: 'person:bob'}, {description: x}]}\nservices: none\nimplementation: []\n")
	want = []RefValue{
		{"/requester", "", "alice", []string{"person"}},
		{"/review/reviewer", "", "bob", []string{"person"}},
		{"/review/actions/0/owner", "person", "bob", []string{"person"}},
	}
	if diff := cmp.Diff(want, r.Refs()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
