package decision_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/period"
)

// telltale is a policy that tells all of its input that may depend on the moment,
// and compares the moment with a window.
const telltale = `package gitsm.change

# METADATA
# title: over
# custom: {id: CHG021}
warn contains "over" if time.parse_rfc3339_ns(input.now) >= time.parse_rfc3339_ns(input.record.window.end)
`

func tells(part string) string {
	return "\n# METADATA\n# title: tells\n# custom: {id: CHG901}\nwarn contains json.marshal(input." + part + ")\n"
}

var stamp = regexp.MustCompile(`2026-\d\d-\d\dT\d\d:\d\d:\d\dZ`)

// TestPeriod holds what advice says at many moments, those at which anything
// could begin or end among them, against the period for which it said so.
func TestPeriod(t *testing.T) {
	planned := change(idA, "checkout") + "window: {start: 2026-11-22T20:00:00Z, end: 2026-11-22T22:00:00Z}\nmodel: restart\n"
	running := strings.Replace(change(idB, "checkout"), "scheduled", "implementing", 1) +
		"window: {start: 2026-11-22T19:00:00Z, end: 2026-11-22T21:00:00Z}\nimplementation: {started_at: 2026-11-22T19:30:00Z, implementer: bob}\n"
	ended := strings.Replace(change("CHG-20261101-DDDDDD", "checkout"), "scheduled", "closed", 1) + "model: restart\nimplementation: {finished_at: 2026-11-10T00:00:00Z, outcome: failed}\n"
	base := with(scene(), pathA, planned, pathB, running, "changes/2026/11/CHG-20261101-DDDDDD.yaml", ended,
		"models/restart.yaml", restart+"approved_at: 2026-11-09T00:00:00Z\nvalid_from: 2026-11-11T00:00:00Z\nexpires: 2026-11-25T00:00:00Z\n",
		"windows/stocktaking.yaml", "apiVersion: gitsm/v1\nkind: window\nid: stocktaking\ntitle: Stocktaking\ntype: freeze\nstrength: hard\nstate: active\nowner: team:payments\nscope: {all: true}\nstart: 2026-11-22T21:30:00Z\nend: 2026-11-23T00:00:00Z\n",
		"waivers/no-way-back.yaml", strings.NewReplacer("CHG012", "CHG021", "2026-12-31", "2026-11-26", "expires", "valid_from: 2026-11-24T00:00:00Z\nexpires").Replace(waiver))
	var moments []time.Time
	for _, text := range base {
		for _, m := range stamp.FindAllString(text, -1) {
			at, err := time.Parse(time.RFC3339, m)
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range []time.Time{at, at.AddDate(0, 0, 90)} {
				for _, by := range []time.Duration{-time.Hour, -time.Second, -time.Nanosecond, 0, time.Nanosecond, time.Second, time.Hour} {
					moments = append(moments, at.Add(by))
				}
			}
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	moments = slices.CompactFunc(moments, time.Time.Equal)
	cases := []struct{ tells, path, missing string }{
		{path: pathA}, {path: "waivers/no-way-back.yaml"}, {path: pathB},
		{tells: "history", path: pathA}, {tells: "model", path: pathA}, {tells: "windows", path: pathB},
		{tells: "conflicts", path: pathA}, {tells: "conflicts", path: pathB, missing: pathB},
	}
	for _, c := range cases {
		policy := telltale
		if c.tells != "" {
			policy += tells(c.tells)
		}
		head := open(t, with(base, "policy/change.rego", policy))
		judging := head
		if c.missing != "" {
			judging = open(t, with(base, "policy/change.rego", policy, c.missing, ""))
		}
		said, held := make([]string, len(moments)), make([]period.Span, len(moments))
		periods := 0
		for i, now := range moments {
			a, err := judge.Advise(t.Context(), judging, head, decision.Actor{}, now)
			if err != nil {
				t.Fatal(err)
			}
			found, _, err := a.Judge(t.Context(), nil, get(t, head, c.path))
			if err != nil {
				t.Fatal(err)
			}
			kept, waived := a.Waive(found)
			b, err := json.Marshal([]any{kept, waived})
			if err != nil {
				t.Fatal(err)
			}
			said[i] = string(b)
			var ok bool
			if held[i], ok = a.Period(); !ok {
				held[i] = period.Span{After: now, Before: now} // holds at no moment
				continue
			}
			periods++
			if !held[i].Holds(now) {
				t.Fatalf("%v: what is said at %s holds %v", c, now, held[i])
			}
		}
		for i := range moments {
			for k, now := range moments {
				if held[i].Holds(now) && said[k] != said[i] {
					t.Fatalf("%v: what was said at %s is to hold at %s\n%s\n%s", c, moments[i].Format(time.RFC3339Nano), now.Format(time.RFC3339Nano), said[i], said[k])
				}
			}
		}
		if len(slices.Compact(slices.Sorted(slices.Values(said)))) < 2 || periods < len(moments)/5 {
			t.Errorf("%v: %d of %d moments have a period", c, periods, len(moments))
		}
	}
}
