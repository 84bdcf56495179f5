package render

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/graph"
)

// TestPullBody holds what reviewers are told on the page where they approve, and
// that what others wrote is text there.
func TestPullBody(t *testing.T) {
	d := &decision.Decision{
		Record: "CHG-20261120-AAAAAA", Verb: "new", Risk: decision.Risk{Score: 42, Band: "medium"},
		Signals:      []decision.Signal{{Points: 20, Message: "no rehearsal", Mitigation: "rehearse it"}},
		Conflicts:    []calendar.Conflict{{Other: "CHG-20261119-BBBBBB", Title: "Move <img src=x> the cache", Start: "2026-11-21T10:00:00Z", End: "2026-11-21T11:00:00Z", Reason: "same service"}},
		Requirements: []approval.Node{{ID: "owner", From: []string{"team:ops"}, Need: 1, Msg: "ops runs it", Reason: "0 of 1 given; waiting for bob", Ignored: []approval.Ignored{{Who: "alice", Why: "requested this change"}}}},
		Impact:       []graph.Impact{{ID: "shop-front", Via: []string{"checkout"}}, {ID: "x](javascript:1)", Via: []string{"checkout"}}},
	}
	got := PullBody(d, [][2]string{{"services", "checkout, orders"}})
	for _, want := range []string{
		"| services | checkout\\, orders |", "### Risk: 42, medium", "| +20 | no rehearsal | rehearse it |", "### In the way", "same service",
		`| 0 of 1 | team\:ops | ops runs it | 0 of 1 given\; waiting for bob\; not counted\: alice requested this change |`,
		"```mermaid\ngraph RL\n  n_checkout[checkout] --> n_shop_front[shop-front]\n```",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q:\n%s", want, got)
		}
	}
	for _, never := range []string{"<img", "javascript:1"} {
		if strings.Contains(got, never) {
			t.Errorf("it holds %q:\n%s", never, got)
		}
	}
}

// TestPullBodyFits holds that what is too long is cut where GitHub would refuse
// the whole.
func TestPullBodyFits(t *testing.T) {
	d := &decision.Decision{Record: "x", Risk: decision.Risk{Band: "high"}}
	for i := range 5000 {
		d.Signals = append(d.Signals, decision.Signal{Points: i, Message: strings.Repeat("é", 50)})
	}
	for name, got := range map[string]string{"pull request": PullBody(d, nil), "comment": GateComment(d, fmt.Sprintf("%040d", 1))} {
		if len([]rune(got)) > 65536 || !strings.HasSuffix(got, "The rest does not fit here.\n") {
			t.Errorf("the %s has %d characters and ends with %q", name, len([]rune(got)), got[len(got)-60:])
		}
	}
}
