package decision_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/approval"
)

// An incident that suspends a model is anybody's to edit, but for what suspends
// it: that takes the owners of models.
func TestLifted(t *testing.T) {
	caused := incidentOf("open") + "caused_by: " + idA + "\ndetected_at: 2026-11-12T00:00:00Z\n"
	const approved = "approved_at: 2026-11-09T00:00:00Z\n"
	main := func(model, incidentText string) map[string]string {
		return with(scene(), "gitsm.yaml", strings.Replace(config, "config:", `models: ["team:hr"], config:`, 1),
			"models/restart.yaml", model, pathA, used("successful"), incident, incidentText)
	}
	later := restart + "approved_at: 2026-11-13T00:00:00Z\n"
	for _, tt := range []struct {
		name, model, was, old, is string
		asked                     bool
	}{
		{"another cause", restart + approved, caused, "caused_by: " + idA + "\n", "", true},
		{"noticed before the model was approved", restart + approved, caused, "detected_at: 2026-11-12", "detected_at: 2026-11-08", true},
		{"noticed earlier, and after", restart + approved, caused, "detected_at: 2026-11-12", "detected_at: 2026-11-11", false},
		{"noticed earlier, of a model that was never approved", restart, caused, "detected_at: 2026-11-12", "detected_at: 2026-11-08", false},
		{"of a model that was approved since", later, caused, "caused_by: " + idA + "\n", "", false},
		{"of a model that is retired", strings.Replace(restart, "active", "retired", 1), caused, "caused_by: " + idA + "\n", "", false},
		{"another title", restart + approved, caused, "title: Orders fail", "title: Orders failed", false},
		{"a cause that was not known", restart + approved, incidentOf("open"), "state: open", "state: open\ncaused_by: " + idA, false},
	} {
		base := main(tt.model, tt.was)
		f := facts(t, "INC-20261120-CCCCCC", base, with(base, incident, strings.Replace(tt.was, tt.old, tt.is, 1)))
		d := decide(t, f)
		asked := slices.ContainsFunc(d.Requirements, func(n approval.Node) bool { return n.ID == "owners-models" && !n.Met })
		if asked != tt.asked || d.Allowed() == tt.asked {
			t.Errorf("%s: %s %v %v", tt.name, d.Verdict, d.Requirements, d.Findings)
		}
	}
}
