package decision_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
)

// TestCourse holds what a hand-made proposal says of the work against the
// clock, the window, and who approved.
func TestCourse(t *testing.T) {
	windowed := change(idA, "search") + "window: {start: 2026-11-20T10:00:00Z, end: 2026-11-20T13:00:00Z}\n"
	in := func(state string, more ...string) string {
		return strings.Replace(windowed, "scheduled", state, 1) + strings.Join(more, "")
	}
	began := func(at, who string) string {
		return "implementation: {started_at: " + at + ", implementer: " + who + "}\n"
	}
	ended := func(at, outcome string) string {
		return "implementation: {started_at: 2026-11-20T10:30:00Z, implementer: alice, finished_at: " + at + ", outcome: " + outcome + "}\n"
	}
	const review = "review: {reviewer: alice, reviewed_at: 2026-11-20T11:30:00Z, summary: took long}\n"
	authority := decision.Authority{At: noon.Add(-2 * time.Hour), Approvers: []string{"bob"}, Bands: []string{"low"}}
	risky := authority
	risky.Bands = []string{"high", "low"}
	tests := []struct {
		name          string
		before, after string
		authority     decision.Authority
		want          []string
	}{
		{"started", windowed, in("implementing", began("2026-11-20T11:59:00Z", "alice")), authority, nil},
		{"started at this moment", windowed, in("implementing", began("2026-11-20T12:00:00Z", "alice")), authority, nil},
		{"started in the future", windowed, in("implementing", began("2026-11-20T12:00:01Z", "alice")), authority,
			[]string{"LIF008 implementation.started_at (2026-11-20T12:00:01Z) is in the future"}},
		{"started before the window", windowed, in("implementing", began("2026-11-20T09:59:59Z", "alice")), decision.Authority{},
			[]string{"LIF008 work began at 2026-11-20T09:59:59Z by the record, outside its window from 2026-11-20T10:00:00Z to 2026-11-20T13:00:00Z"}},
		{"started before it was authorised", windowed, in("implementing", began("2026-11-20T10:30:00Z", "alice")), decision.Authority{At: noon.Add(-time.Hour)},
			[]string{"LIF008 work began at 2026-11-20T10:30:00Z by the record, before it was authorised at 2026-11-20T11:00:00Z"}},
		{"started by who approved", windowed, in("implementing", began("2026-11-20T11:59:00Z", "bob")), authority,
			[]string{"LIF009 bob approved " + idA + ", so somebody else carries it out"}},
		{"planned for who approved", windowed, windowed + "implementation: {implementer: bob}\n", authority,
			[]string{"LIF009 bob approved " + idA + ", so somebody else carries it out"}},
		{"finished", in("implementing", began("2026-11-20T10:30:00Z", "alice")), in("review", ended("2026-11-20T11:00:00Z", "failed")), authority, nil},
		{"finished in the future", in("implementing", began("2026-11-20T10:30:00Z", "alice")), in("review", ended("2026-11-20T13:00:00Z", "failed")), authority,
			[]string{"LIF008 implementation.finished_at (2026-11-20T13:00:00Z) is in the future"}},
		{"closed", in("review", ended("2026-11-20T11:00:00Z", "successful")), in("closed", ended("2026-11-20T11:00:00Z", "successful")), authority, nil},
		{"closed after it failed", in("review", ended("2026-11-20T11:00:00Z", "failed")), in("closed", ended("2026-11-20T11:00:00Z", "failed")), authority,
			[]string{"LIF010 review missing: it ended failed"}},
		{"closed after it was risky", in("review", ended("2026-11-20T11:00:00Z", "successful")), in("closed", ended("2026-11-20T11:00:00Z", "successful")), risky,
			[]string{"LIF010 review missing: its risk was high"}},
		{"reviewed by nobody", in("review", ended("2026-11-20T11:00:00Z", "failed")),
			in("closed", ended("2026-11-20T11:00:00Z", "failed"), "review: {summary: took long}\n"), authority,
			[]string{"LIF010 the review names no reviewer: it ended failed"}},
		{"reviewed", in("review", ended("2026-11-20T11:00:00Z", "failed")), in("closed", ended("2026-11-20T11:00:00Z", "failed"), review), authority, nil},
		{"reviewed in the future", in("review", ended("2026-11-20T11:00:00Z", "failed")),
			in("review", ended("2026-11-20T11:00:00Z", "failed"), strings.Replace(review, "T11:30", "T12:30", 1)), authority,
			[]string{"LIF008 review.reviewed_at (2026-11-20T12:30:00Z) is in the future"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := facts(t, idA, with(scene(), pathA, tt.before), with(scene(), pathA, tt.after))
			f.Authority = tt.authority
			d := decide(t, f)
			var got []string
			for _, x := range d.Findings {
				if strings.HasPrefix(x.Code, "LIF") {
					got = append(got, x.Code+" "+x.Message)
					if x.Line < 2 || x.Why == "" || x.Fix == "" || x.Severity != finding.Error {
						t.Errorf("incomplete: %+v", x)
					}
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if len(tt.want) > 0 && d.Verdict != approval.Deny {
				t.Errorf("it is %s", d.Verdict)
			}
		})
	}
}
