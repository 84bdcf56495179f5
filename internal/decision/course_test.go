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
			f.Authority = map[string]decision.Authority{idA: tt.authority}
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

// TestUnmet: what came into the way of a change since it was authorised is found
// when it starts, unless nobody looked for what was in its way then.
func TestUnmet(t *testing.T) {
	planned := change(idA, "search") + "window: {start: 2026-11-20T10:00:00Z, end: 2026-11-20T13:00:00Z}\n"
	const other = "CHG-20261119-0VERDU"
	started := strings.Replace(planned, "scheduled", "implementing", 1) + "implementation: {started_at: 2026-11-20T11:00:00Z, implementer: alice}\n"
	freeze := func(strength, end string) map[string]string {
		return map[string]string{"windows/stocktaking.yaml": "apiVersion: gitsm/v1\nkind: window\nid: stocktaking\ntitle: Stocktaking\ntype: freeze\nstrength: " + strength +
			"\nstate: active\nowner: team:discovery\nscope: {services: [search]}\nstart: 2026-11-20T09:00:00Z\nend: " + end + "\n"}
	}
	nights := map[string]string{"windows/nights.yaml": "apiVersion: gitsm/v1\nkind: window\nid: nights\ntitle: Nights\ntype: maintenance\nstate: active\nowner: team:discovery\n" +
		"scope: {services: [search]}\nstart: 2026-11-20T01:00:00Z\nend: 2026-11-20T02:00:00Z\n"}
	beside := func(end string) map[string]string {
		return map[string]string{"changes/2026/11/" + other + ".yaml": strings.NewReplacer(idA, other, "scheduled", "implementing").Replace(change(idA, "search")) +
			"window: {start: 2026-11-20T08:00:00Z, end: " + end + "}\nimplementation: {started_at: 2026-11-20T08:00:00Z, implementer: carol}\n"}
	}
	met := func(what ...string) []string { return append([]string{}, what...) }
	tests := []struct {
		name string
		main map[string]string
		met  []string
		want string
	}{
		{"soft freeze", freeze("soft", "2026-11-20T15:00:00Z"), met(), "soft freeze stocktaking, from 2026-11-20T10:00:00Z to 2026-11-20T13:00:00Z, was not there when this was authorised"},
		{"soft freeze that was known", freeze("soft", "2026-11-20T15:00:00Z"), met(decision.Meeting("freeze", "stocktaking")), ""},
		{"soft freeze that is over", freeze("soft", "2026-11-20T11:00:00Z"), met(), ""},
		{"soft freeze, and nobody looked", freeze("soft", "2026-11-20T15:00:00Z"), nil, ""},
		{"hard freeze, of which policy decides", freeze("hard", "2026-11-20T15:00:00Z"), met(), ""},
		{"maintenance moved", nights, met(), "search is maintained in windows, and this is outside of them; it was not when this was authorised"},
		{"outside of maintenance as ever", nights, met(decision.Meeting("outside-maintenance", "search")), ""},
		{"other not over", beside("2026-11-20T10:00:00Z"), met(), other + " should have been over by now and is still being implemented: both change search"},
		{"other with time left", beside("2026-11-20T12:30:00Z"), met(), ""},
		{"other not over, as was known", beside("2026-11-20T10:00:00Z"), met(decision.Meeting("same-service", other)), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := scene()
			for path, text := range tt.main {
				files = with(files, path, text)
			}
			f := facts(t, idA, with(files, pathA, planned), with(files, pathA, started))
			f.Authority = map[string]decision.Authority{idA: {Met: tt.met}}
			got := ""
			for _, x := range decide(t, f).Findings {
				if x.Code == "LIF011" {
					got += x.Message
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
