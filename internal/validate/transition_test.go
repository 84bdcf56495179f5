package validate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/validate"
)

// both opens the scene with a file before and after edits of it.
func both(t *testing.T, file string, before, after []edit) (was, is *record.Record) {
	t.Helper()
	s := open(t, before...)
	was = at(t, s, file)
	s = open(t, append(append([]edit{}, before...), after...)...)
	return was, at(t, s, file)
}

func TestTransition(t *testing.T) {
	in := func(state string) []edit { return []edit{{changeFile, "state: scheduled", "state: " + state}} }
	to := func(from, state string) edit { return edit{changeFile, "state: " + from, "state: " + state} }
	started := edit{changeFile, "plan:", "implementation:\n  started_at: 2026-11-24T20:01:00Z\n  implementer: alice\nplan:"}
	finished := edit{changeFile, "plan:", "implementation:\n  finished_at: 2026-11-24T21:01:00Z\n  outcome: successful\nplan:"}
	correction := "corrections:\n  - {corrected_at: 2026-11-26T09:00:00Z, corrected_by: alice, field: /title, value: T, reason: R}\n"
	tests := []struct {
		name          string
		file          string
		before, after []edit
		want, fix     []string
	}{
		{"nothing", changeFile, nil, nil, nil, nil},
		{"start", changeFile, nil, []edit{to("scheduled", "implementing"), started}, nil, nil},
		{"LIF001 skipped", changeFile, nil, []edit{to("scheduled", "review")},
			[]string{`6:8-14 LIF001 a normal change cannot go from scheduled to review`},
			[]string{"start it first, which makes it implementing, then finish it; allowed from here: cancelled (cancel), implementing (start), scheduled (reschedule)"}},
		{"LIF001 backwards", changeFile, in("closed"), []edit{to("closed", "review")},
			[]string{`6:8-14 LIF001 a normal change cannot go from closed to review`},
			[]string{"nothing leaves this state: append to corrections, or file a new record"}},
		{"LIF001 an implementing change is backed out, not cancelled", changeFile, in("implementing"), []edit{to("implementing", "cancelled")},
			[]string{`6:8-17 LIF001 a normal change cannot go from implementing to cancelled`}, []string{"work has begun, so it is backed out: gitsm change backout 7k3f2m"}},
		{"LIF001 an emergency is never scheduled", changeFile, nil, []edit{{changeFile, "type: normal", "type: emergency"}},
			[]string{`6:8-17 LIF001 an emergency change cannot go from new to scheduled`}, nil},
		{"normal to standard", changeFile, nil, []edit{{changeFile, "type: normal", "type: standard"}}, nil, nil},
		{"LIF001 not where the schema speaks", changeFile, nil, []edit{to("scheduled", "approved")}, nil, nil},
		{"material edit while scheduled is re-authorisation", changeFile, nil, []edit{{changeFile, "title: Upgrade", "title: Update"}}, nil, nil},
		{"LIF002 material edit on the way out", changeFile, nil, []edit{to("scheduled", "implementing"), started, {changeFile, "title: Upgrade", "title: Update"}},
			[]string{`4:1-6 LIF002 title cannot change in the step from scheduled to implementing: it was authorised as it stood`},
			[]string{"restore it, or first gitsm change reschedule 7k3f2m"}},
		{"LIF002 once work has begun", changeFile, in("implementing"), []edit{{changeFile, "[checkout]", "[search]"}},
			[]string{`8:1-9 LIF002 services cannot change: the change is being implemented`}, nil},
		{"LIF002 taken out", changeFile, in("review"), []edit{{changeFile, "assets: [db-1]\n", ""}},
			[]string{`1:1-1 LIF002 assets cannot change: the change is under review`}, nil},
		{"lifecycle fields may change", changeFile, in("implementing"), []edit{to("implementing", "review"), finished}, nil, nil},
		{"immaterial by policy may change", changeFile, in("implementing"), []edit{{changeFile, "plan:", "links: [{url: 'https://example.org'}]\nplan:"}}, nil, nil},
		{"LIF002 closed", changeFile, in("closed"), []edit{started},
			[]string{`13:1-15 LIF002 implementation cannot change: the change is closed`}, []string{"restore it, and append what is right to corrections"}},
		{"corrections are appended", changeFile, in("closed"), []edit{{changeFile, "plan:", correction + "plan:"}}, nil, nil},
		{"LIF002 corrections are not taken back", changeFile, append(in("closed"), edit{changeFile, "plan:", correction + "plan:"}), []edit{{changeFile, "value: T", "value: U"}},
			[]string{`13:1-12 LIF002 corrections may only be appended to`}, nil},
		{"LIF006 begun, and nobody says when or who", changeFile, nil, []edit{to("scheduled", "implementing")},
			[]string{`6:8-20 LIF006 implementation.implementer is not said, and the change is implementing`, `6:8-20 LIF006 implementation.started_at is not said, and the change is implementing`},
			[]string{"gitsm change start 7k3f2m writes it"}},
		{"LIF006 ended, and nobody says when or how", changeFile, in("implementing"), []edit{to("implementing", "review")},
			[]string{`6:8-14 LIF006 implementation.finished_at is not said, and the change is review`, `6:8-14 LIF006 implementation.outcome is not said, and the change is review`},
			[]string{"gitsm change finish 7k3f2m writes it"}},
		{"LIF007 begun before it began", changeFile, nil, []edit{started},
			[]string{`14:15-35 LIF007 implementation.started_at says what has not happened: the change is scheduled`}, nil},
		{"LIF007 ended before it ended", changeFile, in("implementing"), []edit{finished},
			[]string{`14:16-36 LIF007 implementation.finished_at says what has not happened: the change is implementing`, `15:12-22 LIF007 implementation.outcome says what has not happened: the change is implementing`}, nil},
		{"LIF007 cancelled, and yet it ended", changeFile, nil, []edit{to("scheduled", "cancelled"), finished},
			[]string{`14:16-36 LIF007 implementation.finished_at says what has not happened: the change is cancelled`, `15:12-22 LIF007 implementation.outcome says what has not happened: the change is cancelled`}, nil},
		{"who will do it may be planned", changeFile, nil, []edit{{changeFile, "plan:", "implementation: {implementer: alice}\nplan:"}}, nil, nil},
		{"catalogue records have no frozen fields", "services/search.yaml", nil, []edit{{"services/search.yaml", "tier: 2", "tier: 0"}}, nil, nil},
		{"LIF005 id", "services/search.yaml", nil, []edit{{"services/search.yaml", "id: search", "id: find"}},
			[]string{`3:5-9 LIF005 id changes from search to find`}, []string{"write id: search; gitsm service rename search find lets it be called so as well"}},
		{"LIF005 kind", "services/search.yaml", nil, []edit{{"services/search.yaml", "kind: service", "kind: asset"}},
			[]string{`2:7-12 LIF005 kind changes from service to asset`}, nil},
		{"an id that was missing may be filled in", "services/search.yaml", []edit{{"services/search.yaml", "id: search\n", ""}},
			[]edit{{"services/search.yaml", "title: S", "id: search\ntitle: S"}}, nil, nil},
		{"LIF004 that stood before is not raised again", changeFile, []edit{{changeFile, "T22:", "T19:"}, {changeFile, "scheduled", "implementing"}}, []edit{to("implementing", "review"), finished}, nil, nil},
		{"LIF004 of what is set now", changeFile, in("implementing"), []edit{to("implementing", "review"),
			{changeFile, "plan:", "implementation:\n  started_at: 2026-11-24T20:01:00Z\n  finished_at: 2026-11-24T20:00:00Z\n  outcome: failed\nplan:"}},
			[]string{`15:16-36 LIF004 implementation.finished_at (2026-11-24T20:00:00Z) is before implementation.started_at (2026-11-24T20:01:00Z)`}, nil},
	}
	immaterial := append(record.AlwaysImmaterial(), "links")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			was, is := both(t, tt.file, tt.before, tt.after)
			got := validate.New().Transition(was, is, immaterial)
			complete(t, got)
			if diff := cmp.Diff(tt.want, lines(got), cmp.Transformer("sorted", sorted)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for i, fix := range tt.fix {
				if len(got) > i && !anyFix(got, fix) {
					t.Errorf("no fix %q in %+v", fix, got)
				}
			}
		})
	}
}

func TestTransitionNew(t *testing.T) {
	const begun, ended = "started_at: 2026-11-24T20:01:00Z, implementer: alice", ", finished_at: 2026-11-24T20:31:00Z, outcome: failed"
	said := map[string]string{"scheduled": "plan:", "implementing": "implementation: {" + begun + "}\nplan:", "review": "implementation: {" + begun + ended + "}\nplan:", "closed": "plan:"}
	tests := []struct {
		name, typ, state string
		want             []string
	}{
		{"scheduled", "normal", "scheduled", nil},
		{"normal cannot begin in the middle", "normal", "implementing", []string{`6:8-20 LIF001 a normal change cannot go from new to implementing`}},
		{"emergency may", "emergency", "implementing", nil},
		{"emergency may be over", "emergency", "review", nil},
		{"emergency is never scheduled", "emergency", "scheduled", []string{`6:8-17 LIF001 an emergency change cannot go from new to scheduled`}},
		{"nothing begins closed", "standard", "closed", []string{`6:8-14 LIF001 a standard change cannot go from new to closed`}},
		{"what no type is, is the schema's business", "nromal", "closed", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, edit{changeFile, "type: normal", "type: " + tt.typ}, edit{changeFile, "state: scheduled", "state: " + tt.state}, edit{changeFile, "plan:", said[tt.state]})
			got := validate.New().Transition(nil, at(t, s, changeFile), record.AlwaysImmaterial())
			complete(t, got)
			if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestTransitionDeleted(t *testing.T) {
	s := open(t)
	for file, want := range map[string]string{
		"people/bob.yaml":      "restore the file and write active: false",
		"services/search.yaml": "restore the file and write state: retired",
		changeFile:             "restore the file; gitsm change cancel 7k3f2m takes a scheduled change back",
	} {
		rec := at(t, s, file)
		got := validate.New().Transition(rec, nil, nil)
		complete(t, got)
		if len(got) != 1 || got[0].Code != "LIF003" || got[0].File != file || got[0].Fix != want {
			t.Errorf("%s: %+v", file, got)
		}
	}
	if got := validate.New().Transition(nil, nil, nil); got != nil {
		t.Errorf("nothing to nothing: %v", got)
	}
}

func TestTransitionOtherRecord(t *testing.T) {
	s := open(t)
	got := validate.New().Transition(at(t, s, "services/search.yaml"), at(t, s, "services/checkout.yaml"), nil)
	want := []string{`3:5-13 LIF005 service search becomes service checkout`}
	if diff := cmp.Diff(want, lines(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestTransitionDeclared: states that no schema lists are still held to.
func TestTransitionDeclared(t *testing.T) {
	kinds := edit{"gitsm.yaml", "", `apiVersion: gitsm/v1
kind: config
kinds:
  - name: risk
    plural: risks
    path: risks/{id}.yaml
    states: [open, closed]
    initial: open
    terminal: [closed]
    transitions: [{from: open, to: closed, verb: close}]
`}
	file := "risks/flood.yaml"
	for state, want := range map[string][]string{
		"open":   nil,
		"closed": nil,
		"opne":   {`1:8-12 LIF001 a risk cannot go from open to opne`},
	} {
		was, is := both(t, file, []edit{kinds, {file, "", "state: open\n"}}, []edit{{file, "", "state: " + state + "\n"}})
		got := validate.New().Transition(was, is, record.AlwaysImmaterial())
		complete(t, got)
		if diff := cmp.Diff(want, lines(got)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", state, diff)
		}
	}
}

// TestTransitionStuck: where a declared kind has no step, the store's own words
// say what to do, and a new record begins in the first of its states.
func TestTransitionStuck(t *testing.T) {
	kinds := edit{"gitsm.yaml", "", "apiVersion: gitsm/v1\nkind: config\nkinds:\n" +
		"  - {name: risk, plural: risks, path: 'risks/{id}.yaml', states: [open, held, closed], terminal: [closed]}\n"}
	file := "risks/flood.yaml"
	for _, tt := range []struct{ from, to, want string }{
		{"", "open", ""}, // a new record
		{"", "held", "allowed from here: open (new)"},
		{"open", "held", "write state: open again, or add the step to the transitions of kind risk in gitsm.yaml"},
		{"closed", "open", "write state: closed again, or file a new record: closed is terminal"},
	} {
		was, is := both(t, file, []edit{kinds, {file, "", "state: " + tt.from + "\n"}}, []edit{{file, "", "state: " + tt.to + "\n"}})
		if tt.from == "" {
			was = nil
		}
		got := ""
		for _, f := range validate.New().Transition(was, is, record.AlwaysImmaterial()) {
			got += f.Fix
		}
		if got != tt.want {
			t.Errorf("from %s to %s: %q, want %q", tt.from, tt.to, got, tt.want)
		}
	}
}

func TestTimes(t *testing.T) {
	tests := []struct {
		name, file string
		old, new   string
		want       []string
	}{
		{"in order", changeFile, "title", "title", nil},
		{"acknowledged after it was restored", incidentFile, "title", "title", nil},
		{"window", changeFile, "end: 2026-11-24T22:00:00Z", "end: 2026-11-24T19:00:00Z",
			[]string{`12:8-28 LIF004 window.end (2026-11-24T19:00:00Z) is before window.start (2026-11-24T20:00:00Z)`}},
		{"an empty window", changeFile, "end: 2026-11-24T22:00:00Z", "end: 2026-11-24T21:00:00+01:00",
			[]string{`12:8-33 LIF004 window.end (2026-11-24T21:00:00+01:00) is the same moment as window.start (2026-11-24T20:00:00Z)`}},
		{"offsets count", changeFile, "end: 2026-11-24T22:00:00Z", "end: 2026-11-24T19:30:00-05:00", nil},
		{"no moment is the schema's business", changeFile, "end: 2026-11-24T22:00:00Z", "end: soon", nil},
		{"the same moment may do", incidentFile, "detected_at: 2026-11-19T08:05:00Z", "detected_at: 2026-11-19T08:00:00Z", nil},
		{"incident", incidentFile, "detected_at: 2026-11-19T08:05:00Z", "detected_at: 2026-11-19T07:05:00Z",
			[]string{`8:14-34 LIF004 detected_at (2026-11-19T07:05:00Z) is before started_at (2026-11-19T08:00:00Z)`}},
		{"resolved before restored", incidentFile, "resolved_at: 2026-11-19T10:00:00Z", "resolved_at: 2026-11-19T08:30:00Z",
			[]string{`11:14-34 LIF004 resolved_at (2026-11-19T08:30:00Z) is before restored_at (2026-11-19T09:00:00Z)`}},
		{"key", "people/alice.yaml", "valid_before: 2027", "valid_before: 2025",
			[]string{`10:19-39 LIF004 signing_keys[0].valid_before (2025-01-01T00:00:00Z) is before signing_keys[0].valid_after (2026-01-01T00:00:00Z)`}},
		{"problem", problemFile, "resolved_at: 2026-11-24", "resolved_at: 2026-11-19",
			[]string{`13:14-34 LIF004 resolved_at (2026-11-19T22:00:00Z) is before known_error_at (2026-11-20T10:00:00Z)`}},
		{"request", requestFile, "approved_at: 2026-11-20T09", "approved_at: 2026-11-20T11",
			[]string{`13:15-35 LIF004 fulfilled_at (2026-11-20T10:00:00Z) is before approved_at (2026-11-20T11:00:00Z)`}},
		{"window that ends before it starts", "windows/sunday-night.yaml", "end: 2026-11-23", "end: 2026-11-21",
			[]string{`8:6-31 LIF004 end (2026-11-21T02:00:00+01:00) is before start (2026-11-22T22:00:00+01:00)`}},
		{"waiver that is over before it begins", "waivers/no-test-system.yaml", "expires: 2027-03-31", "expires: 2026-11-20",
			[]string{`11:10-30 LIF004 expires (2026-11-20T00:00:00Z) is the same moment as valid_from (2026-11-20T00:00:00Z)`}},
		{"model", "models/database-access.yaml", "expires: 2027", "expires: 2025",
			[]string{`19:10-30 LIF004 expires (2025-11-01T00:00:00Z) is before valid_from (2026-11-01T00:00:00Z)`}},
		{"no times", "services/search.yaml", "title", "title", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := openMore(t, edit{tt.file, tt.old, tt.new})
			got := validate.New().Times(at(t, s, tt.file))
			complete(t, got)
			if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
