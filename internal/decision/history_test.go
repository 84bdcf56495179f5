package decision

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/period"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// TestPastOfATeam: earlier changes that say no team are charged to those who
// answered for them by the catalogue that judges.
func TestPastOfATeam(t *testing.T) {
	b := &base{
		dir: &store.Directory{Teams: map[string]record.Team{"ops": {Members: []string{"alice"}}, "shop": {Members: []string{"bob"}}}},
		book: &book{byID: map[string]map[string]map[string]any{"service": {
			"mail": {"owner": "team:ops"}, "disk": {"owner": "team:ops"}, "wiki": {"owner": "person:bob"}, "lone": {"owner": "person:carol"},
		}}},
	}
	k, _ := record.Builtin().ByName("change")
	seen := newPage()
	ended := func(owner, outcome string, services ...any) {
		seen.see(&record.Record{Kind: k, Fields: map[string]any{"owner": owner, "services": services, "implementation": map[string]any{"outcome": outcome, "finished_at": "2026-11-10T10:00:00Z"}}})
	}
	ended("team:ops", "successful", "mail")
	ended("", "failed", "mail", "disk") // both are ops': one change all the same
	ended("person:alice", "failed", "wiki")
	ended("person:carol", "backed-out", "mail") // who is in no team
	ended("", "failed", "wiki")
	ended("", "failed", "lone", "unheard-of") // nobody's, as are the next
	ended("person:carol", "successful", "lone")
	ended("person:carol", "failed")

	rec := &record.Record{Kind: k, Fields: map[string]any{"owner": "person:bob"}}
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	past := &past{pages: []*page{seen}}
	got := map[string]string{}
	for _, owner := range []string{"team:ops", "person:bob"} {
		rec.Fields["owner"] = owner
		for _, row := range b.history(past, rec, []string{"mail"}, period.At(now)) {
			r := row.(map[string]any)
			got[fmt.Sprint(r["kind"], ":", r["id"])] = fmt.Sprintf("%v of %v", r["recent_failed"], r["recent_total"])
		}
	}
	want := map[string]string{"service:mail": "2 of 3", "team:ops": "3 of 4", "team:shop": "1 of 1", "no-team:": "2 of 3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTeams: whose earlier failures a change is charged with.
func TestTeams(t *testing.T) {
	gone := false
	b := &base{
		dir: &store.Directory{Teams: map[string]record.Team{
			"ops": {Members: []string{"alice"}}, "shop": {Members: []string{"alice", "bob"}}, "old": {Members: []string{"bob"}, Active: &gone},
		}},
		book: &book{byID: map[string]map[string]map[string]any{"service": {
			"mail": {"owner": "team:ops"}, "wiki": {"owner": "person:bob"}, "lone": {"owner": "person:carol"},
		}}},
	}
	for name, tt := range map[string]struct {
		owner    string
		services []string
		want     []string
	}{
		"a team":                       {"team:shop", []string{"mail"}, []string{"team:shop"}},
		"a person of two teams":        {"person:alice", nil, []string{"team:ops", "team:shop"}},
		"no owner":                     {"", []string{"mail", "wiki"}, []string{"team:ops", "team:shop"}},
		"a person without a team":      {"person:carol", []string{"mail"}, []string{"team:ops"}},
		"nobody knows":                 {"", []string{"lone", "unheard-of"}, nil},
		"no owner and no service even": {"", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := b.teams(tt.owner, tt.services)
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
