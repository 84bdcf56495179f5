package record

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lifecycle is every step that there is; whatever is not in it is refused.
var lifecycle = map[string]map[string]string{ // "kind type" → "from→to" → verb
	"change normal": {
		"→scheduled": "new", "scheduled→scheduled": "reschedule", "scheduled→implementing": "start", "scheduled→cancelled": "cancel",
		"implementing→review": "finish", "review→closed": "close",
	},
	"change standard": {
		"→scheduled": "new", "scheduled→scheduled": "reschedule", "scheduled→implementing": "start", "scheduled→cancelled": "cancel",
		"implementing→review": "finish", "review→closed": "close",
	},
	"change emergency": {
		"→implementing": "new", "→review": "new", "implementing→review": "finish", "review→closed": "close",
	},
	"incident ": {
		"→open": "open", "open→acknowledged": "acknowledge", "open→restored": "restore", "open→resolved": "resolve",
		"acknowledged→restored": "restore", "acknowledged→resolved": "resolve", "restored→resolved": "resolve", "resolved→closed": "close",
	},
}

func TestTransitions(t *testing.T) {
	for what, steps := range lifecycle {
		name, typ, _ := strings.Cut(what, " ")
		k := kind(t, name)
		states := append([]string{"", "no-such-state"}, k.States...)
		for _, from := range states {
			for _, to := range states {
				err := CheckTransition(k, typ, from, to)
				_, allowed := steps[from+"→"+to]
				if from == to {
					allowed = true // staying is an edit, and judged by CheckEdit
				}
				if (err == nil) != allowed {
					t.Errorf("%s from %q to %q: %v", what, from, to, err)
				}
				var te *TransitionError
				if err != nil && !errors.As(err, &te) {
					t.Errorf("%s from %q to %q: %T", what, from, to, err)
				}
			}
		}
		for step, verb := range steps {
			from, to, _ := strings.Cut(step, "→")
			if from == to {
				verb = "edit" // whether it is a reschedule depends on what changed
			}
			if got := VerbOf(k, typ, from, to); got != verb {
				t.Errorf("%s %s is %q, want %q", what, step, got, verb)
			}
		}
	}
}

// A type that no row knows can go nowhere.
func TestTransitionsOfUnknownType(t *testing.T) {
	k := kind(t, "change")
	for _, typ := range []string{"", "Normal", "minor"} {
		if err := CheckTransition(k, typ, "", "scheduled"); err == nil {
			t.Errorf("type %q may be scheduled", typ)
		}
		if err := CheckTransition(k, typ, "scheduled", "implementing"); err == nil {
			t.Errorf("type %q may start", typ)
		}
	}
	if err := CheckTransition(kind(t, "service"), "", "live", "whatever"); err != nil {
		t.Errorf("a kind without states: %v", err)
	}
}

func TestTransitionError(t *testing.T) {
	for _, tt := range []struct{ kind, typ, from, to, msg, next string }{
		{"change", "normal", "scheduled", "closed", "a normal change cannot go from scheduled to closed",
			"start it first, which makes it implementing, then finish it; allowed from here: cancelled (cancel), implementing (start), scheduled (reschedule)"},
		{"change", "emergency", "", "scheduled", "an emergency change cannot go from new to scheduled", "allowed from here: implementing (new), review (new)"},
		{"change", "normal", "closed", "scheduled", "a normal change cannot go from closed to scheduled",
			"nothing leaves this state: append to corrections, or file a new record"},
		{"incident", "", "resolved", "open", "an incident cannot go from resolved to open", "allowed from here: closed (close)"},
	} {
		var te *TransitionError
		if err := CheckTransition(kind(t, tt.kind), tt.typ, tt.from, tt.to); !errors.As(err, &te) || te.Error() != tt.msg || te.Next() != tt.next {
			t.Errorf("%v / %v", err, te.Next())
		}
	}
}

func TestVerbOfWhatHasNoVerb(t *testing.T) {
	if got := VerbOf(kind(t, "service"), "", "", ""); got != "new" {
		t.Errorf("a new service: %q", got)
	}
	if got := VerbOf(kind(t, "service"), "", "live", "retired"); got != "edit" {
		t.Errorf("an edited service: %q", got)
	}
}

const changed = `apiVersion: gitsm/v1
kind: change
id: CHG-20261120-7K3F2M
title: Upgrade
type: normal
state: STATE
reason: support ends
corrections:
  - field: /reason
    note: first
`

func TestCheckEdit(t *testing.T) {
	immaterial := ImmaterialFields(kind(t, "change"), []string{"title"})
	tests := []struct {
		name, state string
		edit        []string // old, new, old, new, …
		want        []string
	}{
		{"nothing", "closed", nil, nil},
		{"material while scheduled", "scheduled", []string{"support ends", "because"}, nil},
		{"material while implementing", "implementing", []string{"support ends", "because"}, []string{"reason"}},
		{"material in review", "review", []string{"support ends", "because"}, []string{"reason"}},
		{"immaterial while implementing", "implementing", []string{"Upgrade", "Update"}, nil},
		{"immaterial once closed", "closed", []string{"Upgrade", "Update"}, []string{"title"}},
		{"immaterial once cancelled", "cancelled", []string{"Upgrade", "Update"}, []string{"title"}},
		{"added field", "implementing", []string{"type: normal", "type: normal\nimpact: none"}, []string{"impact"}},
		{"removed field", "implementing", []string{"reason: support ends\n", ""}, []string{"reason"}},
		{"state once closed", "closed", []string{"state: closed", "state: review"}, []string{"state"}},
		{"id", "scheduled", []string{"7K3F2M", "7K3F2N"}, []string{"id"}},
		{"kind", "scheduled", []string{"kind: change", "kind: incident"}, []string{"kind"}},
		{"apiVersion once closed", "closed", []string{"gitsm/v1", "gitsm/v2"}, []string{"apiVersion"}},
		{"correction appended once closed", "closed", []string{"note: first", "note: first\n  - field: /title\n    note: second"}, nil},
		{"correction rewritten", "scheduled", []string{"note: first", "note: other"}, []string{"corrections"}},
		{"correction rewritten once closed", "closed", []string{"note: first", "note: other"}, []string{"corrections"}},
		{"corrections removed", "closed", []string{"corrections:\n  - field: /reason\n    note: first\n", ""}, []string{"corrections"}},
		{"corrections no list", "scheduled", []string{"corrections:\n  - field: /reason\n    note: first\n", "corrections: none\n"}, []string{"corrections"}},
		{"implementation while implementing", "implementing", []string{"type: normal", "type: normal\nimplementation: {notes: on it}"}, nil},
		{"implementation once closed", "closed", []string{"type: normal", "type: normal\nimplementation: {notes: on it}"}, []string{"implementation"}},
	}
	for _, tt := range tests {
		before := strings.Replace(changed, "STATE", tt.state, 1)
		after := strings.NewReplacer(tt.edit...).Replace(before)
		if before == after && tt.edit != nil {
			t.Fatalf("%s: the edit changes nothing", tt.name)
		}
		got := CheckEdit(kind(t, "change"), parse(t, before), parse(t, after), immaterial)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestCheckEditOfOtherKinds(t *testing.T) {
	service := parse(t, "kind: service\nid: checkout\nowner: team:a\n")
	if got := CheckEdit(kind(t, "service"), service, parse(t, "kind: service\nid: checkout\nowner: team:b\ntier: 1\n"), nil); got != nil {
		t.Errorf("a service is edited: %v", got)
	}
	if got := CheckEdit(kind(t, "service"), service, parse(t, "kind: service\nid: other\nowner: team:a\n"), nil); !slices.Equal(got, []string{"id"}) {
		t.Errorf("a service is renamed: %v", got)
	}
	incident := parse(t, "kind: incident\nid: INC-20261120-7K3F2M\nstate: resolved\nimpact: high\n")
	if got := CheckEdit(kind(t, "incident"), incident, parse(t, "kind: incident\nid: INC-20261120-7K3F2M\nstate: closed\nimpact: low\n"), nil); got != nil {
		t.Errorf("an incident that is not closed: %v", got)
	}
	closed := parse(t, "kind: incident\nid: INC-20261120-7K3F2M\nstate: closed\nimpact: high\n")
	if got := CheckEdit(kind(t, "incident"), closed, parse(t, "kind: incident\nid: INC-20261120-7K3F2M\nstate: closed\nimpact: low\n"), nil); !slices.Equal(got, []string{"impact"}) {
		t.Errorf("a closed incident: %v", got)
	}
}

func TestChanged(t *testing.T) {
	for _, tt := range []struct {
		before, after string
		want          []string
	}{
		{"a: 1\nb: [1, {c: 2}]\n", "b: [1, {c: 2}]\na: 1\n", nil},
		{"a: 1\n", "a: '1'\n", []string{"a"}},
		{"a: null\n", "b: null\n", []string{"a", "b"}},
		{"a: {b: [1]}\nz: 1\n", "a: {b: [1, 2]}\nc: x\nz: 1\n", []string{"a", "c"}},
	} {
		if diff := cmp.Diff(tt.want, Changed(parse(t, tt.before), parse(t, tt.after))); diff != "" {
			t.Errorf("%q to %q (-want +got):\n%s", tt.before, tt.after, diff)
		}
	}
}

func TestPlaceholder(t *testing.T) {
	for _, s := range []string{"", " ", "N/A", "n/a ", "TBC", "None", "…", "...", "?", "See above", "\tTODO\n", "No", "--", "(?)", "n.a.", "[to do]", "To be confirmed.", "none!", "€", "\u00a0"} {
		if !Placeholder(s) {
			t.Errorf("%q counts as filled in", s)
		}
	}
	for _, s := range []string{"none of the replicas", "restore the snapshot", "0", "no-op", "testing", "later today", "x1"} {
		if Placeholder(s) {
			t.Errorf("%q counts as a placeholder", s)
		}
	}
}

// How a change ended is written once: a later edit must not make a failure a
// success, or move its beginning.
func TestRewritten(t *testing.T) {
	k, _ := Builtin().ByName("change")
	with := func(key, v string) map[string]any {
		return map[string]any{"state": "review", "implementation": map[string]any{key: v}}
	}
	for _, key := range []string{"started_at", "implementer", "finished_at", "outcome"} {
		if got := Rewritten(k, with(key, "a"), with(key, "b")); len(got) != 1 || got[0][1] != key {
			t.Errorf("%s changed: got %v", key, got)
		}
		if got := Rewritten(k, with(key, "a"), with("notes", "b")); len(got) != 1 {
			t.Errorf("%s removed: got %v", key, got)
		}
		if got := Rewritten(k, with("notes", "a"), with(key, "b")); len(got) != 0 {
			t.Errorf("%s written: got %v", key, got)
		}
		if got := Rewritten(k, with(key, "a"), with(key, "a")); len(got) != 0 {
			t.Errorf("%s kept: got %v", key, got)
		}
	}
	incident, _ := Builtin().ByName("incident")
	if got := Rewritten(incident, with("outcome", "a"), with("outcome", "b")); len(got) != 0 {
		t.Errorf("an incident has no such facts: %v", got)
	}
}
