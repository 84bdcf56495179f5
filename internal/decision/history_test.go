package decision

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

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
			got := b.teams(&record.Record{Fields: map[string]any{"owner": tt.owner}}, tt.services)
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
