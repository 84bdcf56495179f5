package validate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/validate"
)

func TestAffected(t *testing.T) {
	retired := edit{"services/checkout.yaml", "tier: 1", "tier: 1\nstate: retired"}
	left := edit{"people/bob.yaml", "name: Bob", "name: Bob\nactive: false"}
	owner := edit{"gitsm.yaml", "team:payments", "person:bob"}
	checkout, bob := validate.Target{Kind: "service", ID: "checkout"}, validate.Target{Kind: "person", ID: "bob"}
	tests := []struct {
		name       string
		base, head *store.Store
		targets    []validate.Target
		skip       string
		judged     int
		want       []string
	}{
		{"nothing changes", open(t), open(t, retired), nil, "", 0, nil},
		{"harmless", open(t), open(t), []validate.Target{checkout}, "", 2, nil},
		{"retired", open(t), open(t, retired), []validate.Target{checkout}, "", 2, []string{
			`8:12-20 REF003 service checkout is retired`, `5:12-20 warning REF003 service checkout is retired`}},
		{"judged whole elsewhere", open(t), open(t, retired), []validate.Target{checkout}, changeFile, 1,
			[]string{`5:12-20 warning REF003 service checkout is retired`}},
		{"retired before", open(t, retired), open(t, retired), []validate.Target{checkout}, "", 2, nil},
		{"nobody knows before", nil, open(t, retired), []validate.Target{checkout}, changeFile, 1,
			[]string{`5:12-20 warning REF003 service checkout is retired`}},
		{"over by now", open(t), open(t, retired, edit{changeFile, "scheduled", "closed"}, edit{incidentFile, "state: resolved", "state: closed"}), []validate.Target{checkout}, "", 0, nil},
		{"an owner leaves", open(t, owner), open(t, owner, left), []validate.Target{bob}, "", 1, []string{
			`5:18-21 REF003 person bob is no longer active`, `4:12-22 REF003 person bob is no longer active`}},
		{"an owner left before", open(t, owner, left), open(t, owner, left), []validate.Target{bob}, "", 1, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			judged, got, err := validate.New().Affected(tt.base, tt.head, tt.targets, map[string]bool{tt.skip: true})
			if err != nil {
				t.Fatal(err)
			}
			complete(t, got)
			if judged != tt.judged {
				t.Errorf("judged %d records, want %d", judged, tt.judged)
			}
			if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
