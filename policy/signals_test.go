package policy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/engine"
)

// signal is what a risk signal is expected to say.
type signal struct {
	rule, id   string
	points     int
	msg        string
	mitigation string // what it holds, at least
}

// quiet is the input of a change that no signal says anything of but its tier,
// with parts of it in the place of its own: null takes one away.
func quiet(t *testing.T, parts string) map[string]any {
	t.Helper()
	const base = `{
		"now": "2026-11-20T09:00:00Z",
		"record": {
			"apiVersion": "gitsm/v1", "kind": "change", "id": "CHG-20261120-7K3F2M", "title": "Upgrade the search index",
			"type": "normal", "state": "scheduled", "requester": "alice", "services": ["search"],
			"window": {"start": "2026-11-24T10:00:00Z", "end": "2026-11-24T11:00:00Z"}, "reason": "Support ends",
			"plan": {"implement": "Run the playbook", "test": "Rehearsed in staging", "backout": "Restore the snapshot", "verify": "Error rate"}
		},
		"transition": {"from": "", "to": "scheduled", "verb": "new"}, "actor": {"id": "alice", "known": true},
		"services": [{"id": "search", "title": "Search", "owner": "team:discovery", "tier": 4, "data_classification": "public"}],
		"assets": [], "impact": [], "windows": [], "conflicts": [], "files": [], "incidents": [],
		"history": [
			{"kind": "service", "id": "search", "total": 7, "successful": 7, "failed": 0, "backed_out": 0, "recent_total": 3, "recent_failed": 0},
			{"kind": "team", "id": "discovery", "total": 9, "successful": 9, "failed": 0, "backed_out": 0, "recent_total": 4, "recent_failed": 0}
		]
	}`
	read := func(text string) (v map[string]any) {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return v
	}
	return merged(read(base), read(parts))
}

// merged is RFC 7386 over what JSON decodes to.
func merged(into, parts map[string]any) map[string]any {
	for k, v := range parts {
		part, isMap := v.(map[string]any)
		old, wasMap := into[k].(map[string]any)
		switch {
		case v == nil:
			delete(into, k)
		case isMap && wasMap:
			into[k] = merged(old, part)
		default:
			into[k] = v
		}
	}
	return into
}

const (
	least   = `tier 4: search`
	service = `{"id": "search", "title": "Search", "owner": "team:discovery", "tier": 4, "data_classification": "public"}`
	zeros   = `{"kind": "service", "id": "search", "total": 0, "successful": 0, "failed": 0, "backed_out": 0, "recent_total": 0, "recent_failed": 0}`
	team    = `{"kind": "team", "id": "discovery", "total": 9, "successful": 9, "failed": 0, "backed_out": 0, "recent_total": 4, "recent_failed": 0}`
	rival   = `{"id": "CHG-20261119-AAAAAA", "title": "Other", "kind": "same-service", "reason": "both change search", "start": "2026-11-24T10:00:00Z", "end": "2026-11-24T11:00:00Z", "path": ["search"], "owners": ["team:discovery"], "type": "normal", "state": "scheduled"}`
)

// TestSignals holds every signal of the pack: what it is told, the points that
// come of it, its mitigation, and that the score is the sum. What is not known
// scores as the worst that the same signal could say, and says that it is not
// known; a rule of which nothing can be unknown says why.
func TestSignals(t *testing.T) {
	tests := []struct {
		name   string
		parts  string // of the input
		want   []signal
		worst  bool // an unknown of its rule: it scores as many points as any other row of the rule
		asWell []string
	}{
		{"nothing but the tier", `{}`, nil, false, nil},

		{"the most critical tier", `{"services": [` + strings.Replace(service, "4", "0", 1) + `]}`, []signal{{"CHG101", "tier", 40, "tier 0: search", "touch fewer critical services"}}, false, nil},
		{"a dependent is more critical", `{"impact": [{"id": "shop", "kind": "service", "tier": 1, "depth": 1, "via": ["search"]}]}`, []signal{
			{"CHG101", "tier", 30, "tier 1: shop, which depends on it", "touch fewer"}, {"CHG103", "blast-radius", 5, "1 depends on it", "in steps"}}, false, nil},
		{"the tier is unknown", `{"services": [` + strings.Replace(service, `"tier": 4, `, "", 1) + `]}`, []signal{{"CHG101", "tier", 40, "tier 0: search, whose tier is unknown", ""}}, true, nil},
		{"a dependent's tier is unknown", `{"impact": [{"id": "shop", "kind": "service", "depth": 1, "via": ["search"]}]}`, []signal{
			{"CHG101", "tier", 40, "tier 0: shop, which depends on it and whose tier is unknown", ""}}, true, []string{"blast-radius"}},
		{"a service is unknown", `{"record": {"services": ["serach"]}, "services": []}`, []signal{
			{"CHG101", "tier", 40, "tier 0: serach, which is unknown", ""},
			{"CHG102", "unknown-service", 10, "service serach is unknown, and counts as tier 0", "add services/serach.yaml"},
			{"CHG105", "exposure", 10, "the data of serach is unknown, and counts as restricted", "add services/serach.yaml"},
			{"CHG121", "hard-rule-unknown-service", 0, "touches an unknown service: at least high", "remove the reason"},
		}, true, nil},
		{"twenty dependents", `{"impact": [` + many(20, `{"id": "a%d", "kind": "asset", "depth": 1, "via": ["search"]}`) + `]}`, []signal{{"CHG103", "blast-radius", 20, "20 depend on it", "each with fewer dependents"}}, false, nil},
		{"data changed beyond recall", `{"record": {"questionnaire": {"data_change": "irreversible"}}}`, []signal{
			{"CHG104", "irreversible-data", 20, "stored data is changed beyond recall", "keep the old data"},
			{"CHG121", "hard-rule-irreversible-data", 0, "changes data beyond recall: at least high", "remove the reason"}}, false, nil},
		{"restricted data", `{"services": [` + strings.Replace(service, "public", "restricted", 1) + `]}`, []signal{{"CHG105", "exposure", 10, "search handles restricted data", "keep the data out"}}, false, nil},
		{"its data are unknown", `{"services": [` + strings.Replace(service, `, "data_classification": "public"`, "", 1) + `]}`, []signal{
			{"CHG105", "exposure", 10, "the data of search is unknown, and counts as restricted", "set data_classification in services/search.yaml"}}, true, nil},

		{"no back-out", `{"record": {"plan": {"backout": "none"}}}`, []signal{{"CHG111", "backout-missing", 30, "there is no back-out plan", "write plan.backout"}}, true, nil},
		{"a back-out of which nothing is said", `{"record": {"plan": {"test": null}}}`, []signal{{"CHG112", "backout-untested", 15, "nothing shows that the back-out works: plan.test says nothing", "try the back-out"}}, true, []string{"untested"}},
		{"a back-out that nobody tried", `{"record": {"questionnaire": {"backout_tested": false}}}`, []signal{{"CHG112", "backout-untested", 15, "nothing shows that the back-out works: questionnaire.backout_tested is false", "set questionnaire.backout_tested"}}, false, nil},
		{"no verification", `{"record": {"plan": {"verify": null}}}`, []signal{{"CHG113", "verification-missing", 10, "nobody checks whether it worked", "write plan.verify"}}, true, nil},
		{"at night", `{"record": {"window": {"start": "2026-11-24T22:00:00Z", "end": "2026-11-24T23:00:00Z"}}}`, []signal{{"CHG114", "out-of-hours", 10, "carried out outside business hours", "move the window"}}, false, nil},
		{"no window", `{"record": {"window": null}}`, []signal{
			{"CHG114", "out-of-hours", 10, "when it is carried out is unknown, and counts as outside business hours", "move the window"},
			{"CHG120", "late-filing", 5, "when it starts is unknown, and counts as at once", "carry it out later"},
			{"CHG123", "concurrent", 15, "when it is carried out is unknown, and so is what goes on beside it", "--next"}}, true, nil},
		{"never done", `{"record": {"questionnaire": {"done_before": "never"}}}`, []signal{{"CHG115", "first-time", 10, "no earlier change of this kind is known", "rehearse it"}}, false, nil},
		{"nothing is known of earlier changes", `{"history": [` + zeros + `, ` + team + `]}`, []signal{{"CHG115", "first-time", 10, "no earlier change of this kind is known", "answer questionnaire.done_before"}}, true, nil},
		{"three services", `{"record": {"services": ["search", "pages", "shop"]}, "services": [` + service + `, ` + strings.ReplaceAll(service, `"search"`, `"pages"`) + `, ` + strings.ReplaceAll(service, `"search"`, `"shop"`) + `]}`,
			[]signal{{"CHG116", "many-services", 10, "touches 3 services", "split it"}}, false, []string{"tier"}},
		{"partly tested", `{"record": {"questionnaire": {"tested": "partly"}}}`, []signal{{"CHG117", "untested", 5, "only partly tested before production", "try it out"}}, false, nil},
		{"not tested", `{"record": {"questionnaire": {"tested": "no"}}}`, []signal{{"CHG117", "untested", 10, "not tested before production, as far as is known", "answer questionnaire.tested"}}, false, nil},
		{"whether it was tested is unknown", `{"record": {"plan": {"test": "n/a"}, "questionnaire": {"backout_tested": true}}}`, []signal{{"CHG117", "untested", 10, "not tested before production, as far as is known", "say how in plan.test"}}, true, nil},
		{"nine owners", `{"assets": [` + many(8, `{"id": "a%[1]d", "title": "A", "type": "host", "owner": "team:t%[1]d"}`) + `]}`, []signal{{"CHG118", "several-owners", 15,
			"touches what 9 owners answer for: team:discovery, team:t0, team:t1, team:t2, team:t3, team:t4, team:t5, team:t6, team:t7", "one change for each owner"}}, false, nil},
		{"all of the service's failed", `{"history": [` + strings.NewReplacer(`"total": 0`, `"total": 9`, `"recent_total": 0`, `"recent_total": 6`, `"recent_failed": 0`, `"recent_failed": 6`).Replace(zeros) + `, ` + team + `]}`,
			[]signal{{"CHG119", "recent-failures-service-search", 20, "6 of 6 changes of service search in the last 90 days failed or were backed out", "review why they failed"}}, false, nil},
		{"one of the team's few failed", `{"history": [` + strings.Replace(zeros, `"total": 0`, `"total": 9`, 1) + `, ` + strings.NewReplacer(`"recent_total": 4`, `"recent_total": 2`, `"recent_failed": 0`, `"recent_failed": 1`).Replace(team) + `]}`,
			[]signal{{"CHG119", "recent-failures-team-discovery", 4, "1 of 2 changes of team discovery in the last 90 days failed or were backed out", "in smaller steps"}}, false, nil},
		{"nobody knows whose team it is", `{"history": [` + strings.Replace(zeros, `"total": 0`, `"total": 9`, 1) + `]}`,
			[]signal{{"CHG119", "recent-failures-team-unknown", 20, "whose team answers for it is unknown, and counts as one whose recent changes all failed", "set owner to a team"}}, true, nil},
		{"nobody knows whose failures some were", `{"history": [` + strings.Replace(zeros, `"total": 0`, `"total": 9`, 1) + `, ` + team + `, {"kind": "no-team", "id": "", "total": 4, "successful": 2, "failed": 2, "backed_out": 0, "recent_total": 4, "recent_failed": 2}]}`,
			[]signal{{"CHG119", "recent-failures-no-team", 8, "whose team answered for 2 of the changes that failed or were backed out in the last 90 days is unknown, and counts as this one", "an owner"}}, false, nil}, // how many is known
		{"filed on the day", `{"record": {"window": {"start": "2026-11-20T10:00:00Z", "end": "2026-11-20T11:00:00Z"}}}`, []signal{{"CHG120", "late-filing", 5, "filed 0 days before its window; usual is 1 day", "carry it out later"}}, false, nil},
		{"tier 0 and nothing shows a way back", `{"services": [` + strings.Replace(service, "4", "0", 1) + `], "record": {"questionnaire": {"backout_tested": false}}}`,
			[]signal{{"CHG121", "hard-rule-tier-0-without-tested-backout", 0, "touches tier 0 without a tested back-out: at least high", "remove the reason"}}, false, []string{"tier", "backout-untested"}},
		{"an emergency", `{"record": {"type": "emergency", "state": "implementing", "incident": "INC-20261120-0A1B2C", "authoriser": "bob"}, "transition": {"to": "implementing"}}`,
			[]signal{{"CHG121", "hard-rule-emergency", 0, "is an emergency: at least high", "remove the reason"}}, false, nil},
		{"an incident is open", `{"incidents": [{"id": "INC-20261120-0A1B2C", "title": "Slow", "state": "open", "services": ["search"]}]}`, []signal{{"CHG122", "incident-open", 10, "INC-20261120-0A1B2C on search is not over", "wait until it is over"}}, false, nil},
		{"one beside it", `{"conflicts": [` + rival + `]}`, []signal{{"CHG123", "concurrent", 5, "CHG-20261119-AAAAAA at the same time: both change search", "reschedule --next"}}, false, nil},
		{"five beside it", `{"conflicts": [` + many(5, strings.Replace(rival, "AAAAAA", "AAAAA%d", 1)) + `]}`, []signal{{"CHG123", "concurrent", 15,
			"CHG-20261119-AAAAA0, CHG-20261119-AAAAA1, CHG-20261119-AAAAA2, CHG-20261119-AAAAA3, CHG-20261119-AAAAA4 at the same time: both change search", ""}}, false, nil},
		{"ten files", `{"files": [` + many(10, `{"path": "f%d", "status": "modified"}`) + `]}`, []signal{{"CHG124", "large", 10, "changes 10 assets and files", "split it"}}, false, nil},
	}
	// What can be unknown of nobody is here, with why.
	known := map[string]string{
		"CHG103": "what depends on something is computed from the catalogue; that of what is not in it is CHG102",
		"CHG104": "the questionnaire is optional: nobody is held to have changed data for not answering",
		"CHG116": "the record names them",
		"CHG118": "an owner is required; where there is none there is nobody to ask either",
		"CHG122": "incidents are read from main, whole",
		"CHG124": "the record and the difference name them",
	}
	p, most, unknown, points := pack(t), map[string]int{}, map[string]bool{}, map[string][]int{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := p.Eval(context.Background(), "change", quiet(t, tt.parts), nil)
			if err != nil {
				t.Fatal(err)
			}
			sum := 0
			var got []signal
			for _, s := range res.Signals {
				sum += s.Points
				one := signal{s.Rule, s.ID, s.Points, s.Msg, s.Mitigation}
				if s.Mitigation == "" {
					t.Errorf("%s has no mitigation", s.ID)
				}
				if s.Points == 5 && s.Msg == least || slices.Contains(tt.asWell, s.ID) {
					continue
				}
				for _, w := range tt.want {
					if w.id == one.id && strings.Contains(one.mitigation, w.mitigation) {
						one.mitigation = w.mitigation
					}
				}
				got = append(got, one)
			}
			slices.SortFunc(got, func(a, b signal) int { return strings.Compare(a.rule+a.id, b.rule+b.id) })
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(signal{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if res.Risk.Score != sum {
				t.Errorf("the score is %d, and the points come to %d", res.Risk.Score, sum)
			}
			for _, w := range tt.want {
				most[w.rule] = max(most[w.rule], w.points)
				if tt.worst {
					unknown[w.rule], points[w.rule] = true, append(points[w.rule], w.points)
				}
			}
		})
	}
	complete(t, p.Rules(), most, unknown, points, known)
}

// complete holds that every rule of signals is in the table, with its unknown.
func complete(t *testing.T, rules []engine.Rule, most map[string]int, unknown map[string]bool, points map[string][]int, known map[string]string) {
	t.Helper()
	signals := 0
	for _, r := range rules {
		if r.Package != "gitsm.change" || r.Name != "signals" {
			continue
		}
		signals++
		_, listed := most[r.ID]
		switch {
		case !listed:
			t.Errorf("%s %s is in no row", r.ID, r.Title)
		case unknown[r.ID] == (known[r.ID] != "") && r.ID != "CHG121": // of which CHG121 only repeats
			t.Errorf("%s %s: either a row says what comes of not knowing, or why nothing can be unknown", r.ID, r.Title)
		}
		for _, n := range points[r.ID] {
			if n != most[r.ID] {
				t.Errorf("%s %s: what is unknown has %d points, and the worst has %d", r.ID, r.Title, n, most[r.ID])
			}
		}
	}
	if signals == 0 {
		t.Error("the pack has no signals")
	}
}

// many repeats an element of a list, numbered from 0.
func many(n int, format string) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(format, i))
	}
	return strings.Join(out, ", ")
}
