package decision_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/decision"
)

const restart = "apiVersion: gitsm/v1\nkind: model\nid: restart\ntitle: Restart\nuse: change\nowner: team:payments\nstate: active\nscope: {services: [checkout]}\n"

// used is a change made from a model, with how it ended.
func used(outcome string) string {
	return strings.Replace(change(idA, "checkout"), "normal", "standard", 1) + "model: restart\nimplementation: {finished_at: 2026-11-10T00:00:00Z, outcome: " + outcome + "}\n"
}

// TestStanding: what suspends a model is what went wrong with changes made from
// it since it was last approved, and nothing else.
func TestStanding(t *testing.T) {
	caused := incidentOf("open") + "caused_by: " + idA + "\ndetected_at: 2026-11-12T00:00:00Z\n"
	tests := []struct {
		name, model, change, incident string
		want                          []string
	}{
		{"never used", restart, "", "", nil},
		{"used well", restart, used("successful"), "", nil},
		{"failed", restart, used("failed"), "", []string{"it is suspended: " + idA + " failed at 2026-11-10T00:00:00Z"}},
		{"backed out", restart, used("backed-out"), "", []string{"it is suspended: " + idA + " was backed out at 2026-11-10T00:00:00Z"}},
		{"failed, by another model", restart, strings.Replace(used("failed"), "model: restart", "model: reboot", 1), "", nil},
		{"caused an incident", restart, used("successful"), caused, []string{"it is suspended: " + idA + " caused INC-20261120-CCCCCC at 2026-11-12T00:00:00Z"}},
		{"an incident of something else", restart, used("successful"), strings.Replace(caused, idA, idB, 1), nil},
		{"approved since", restart + "approved_at: 2026-11-10T00:00:00Z\n", used("failed"), "", nil},
		{"approved before", restart + "approved_at: 2026-11-09T23:59:59Z\n", used("failed"), "", []string{"it is suspended: " + idA + " failed at 2026-11-10T00:00:00Z"}},
		{"approved in the future", restart + "approved_at: 2026-12-01T00:00:00Z\n", "", "", []string{"its approved_at, 2026-12-01T00:00:00Z, lies in the future"}},
		{"failed, nobody knows when", restart + "approved_at: 2026-11-19T00:00:00Z\n", strings.Replace(used("failed"), "finished_at: 2026-11-10T00:00:00Z, ", "", 1), "",
			[]string{"it is suspended: " + idA + " failed, and nothing says when"}},
		{"not valid", restart + "open: [answer]\n", "", "", []string{"it is not valid: answer is left open, and no change has such a field (SCH008)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, with(scene(), "models/restart.yaml", tt.model, pathA, tt.change, incident, tt.incident))
			m, err := s.Get("model", "restart")
			if err != nil {
				t.Fatal(err)
			}
			got, err := decision.NewJudge().Standing(s, m, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
			if err != nil {
				t.Fatal(err)
			}
			if got.InForce != (len(tt.want) == 0) || !slices.Equal(got.WhyNot, tt.want) {
				t.Errorf("in force: %v, for %q; want %q", got.InForce, got.WhyNot, tt.want)
			}
		})
	}
}
