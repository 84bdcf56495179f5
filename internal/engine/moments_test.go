package engine

import (
	"cmp"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/period"
)

// TestMoments: what policy compares the moment with bounds the period in which
// it says the same, and a policy that does anything else with it has none. now is
// 2026-11-20T09:00:00Z; the record's window is from the 21st to the 22nd, noon.
func TestMoments(t *testing.T) {
	const head = `package gitsm.change
# METADATA
# title: t
# custom: {id: CHG900}
`
	cases := []struct {
		name, rule string
		lost       bool
		after      string
		before     string
	}{
		{name: "no use of it", rule: `deny contains "x" if input.record.title == "y"`},
		{name: "a function that reads moments", rule: `deny contains "x" if data.gitsm.lib.ns(input.now) >= data.gitsm.lib.ns(input.record.window.end)`, before: "2026-11-22T12:00:00Z"},
		{name: "a function of a function", rule: `deny contains "x" if data.gitsm.lib.again(input.now) >= data.gitsm.lib.ns(input.record.window.end)`, before: "2026-11-22T12:00:00Z"},
		{name: "the other way round", rule: `deny contains "x" if time.parse_rfc3339_ns(input.record.window.end) < time.parse_rfc3339_ns(input.now)`, before: "2026-11-22T12:00:00Z"},
		{name: "two comparisons", rule: `deny contains "x" if {
			data.gitsm.lib.ns(input.now) < data.gitsm.lib.ns(input.record.window.start)
			data.gitsm.lib.ns(input.now) > data.gitsm.lib.ns("2026-11-01T00:00:00Z")
		}`, after: "2026-11-01T00:00:01Z", before: "2026-11-21T12:00:00Z"},
		{name: "the second is not reached", rule: `deny contains "x" if {
			data.gitsm.lib.ns(input.now) > data.gitsm.lib.ns(input.record.window.start)
			data.gitsm.lib.ns(input.now) > data.gitsm.lib.ns(input.record.window.end)
		}`, before: "2026-11-21T12:00:00Z"},
		{name: "age", rule: `deny contains "x" if data.gitsm.lib.ns(input.now) - data.gitsm.lib.ns("2026-11-18T12:00:00Z") > 5 * 24 * 3600 * 1000000000`, before: "2026-11-23T12:00:00Z"},
		{name: "notice", rule: `deny contains "x" if data.gitsm.lib.ns(input.record.window.start) - data.gitsm.lib.ns(input.now) < 24 * 3600 * 1000000000`, before: "2026-11-20T12:00:00Z"},
		{name: "notice and some", rule: `deny contains "x" if 1000000000 + (data.gitsm.lib.ns(input.record.window.start) - data.gitsm.lib.ns(input.now)) <= 24 * 3600 * 1000000000`, before: "2026-11-20T12:00:01Z"},
		{name: "a rule that is the moment", rule: `deny contains "x" if data.gitsm.lib.now > data.gitsm.lib.ns(input.record.window.end)`, before: "2026-11-22T12:00:00Z"},
		{name: "a local", rule: `deny contains "x" if { n := data.gitsm.lib.now; e := data.gitsm.lib.ns(input.record.window.end); not n > e }`, before: "2026-11-22T12:00:00Z"},
		{name: "every", rule: `deny contains "x" if { every m in ["2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z"] { data.gitsm.lib.ns(m) > data.gitsm.lib.now } }`, before: "2026-11-25T00:00:00Z"},
		{name: "a comprehension", rule: `deny contains "x" if count([m | some m in ["2026-11-25T00:00:00Z", "2026-11-12T00:00:00Z"]; data.gitsm.lib.ns(m) > data.gitsm.lib.now]) == 1`,
			after: "2026-11-12T00:00:01Z", before: "2026-11-25T00:00:00Z"},
		{name: "not a moment at all", rule: `deny contains "x" if data.gitsm.lib.now > input.record.title`},
		{name: "this very second", rule: `deny contains "x" if data.gitsm.lib.now >= data.gitsm.lib.ns("2026-11-20T09:00:00Z")`, lost: true},
		{name: "parts of a second", rule: `deny contains "x" if data.gitsm.lib.now >= data.gitsm.lib.ns("2026-11-20T09:00:00.25Z")`, before: "2026-11-20T09:00:00.25Z"},
		{name: "too far away", rule: `deny contains "x" if data.gitsm.lib.now >= -9000000000000000000`, lost: true},
		{name: "no whole number", rule: `deny contains "x" if data.gitsm.lib.now >= 1.5`, lost: true},

		{name: "printed", rule: `deny contains sprintf("at %s", [input.now])`, lost: true},
		{name: "its text", rule: `deny contains "x" if startswith(input.now, "2026")`, lost: true},
		{name: "its text compared", rule: `deny contains "x" if input.now > "2026"`, lost: true},
		{name: "its text equal", rule: `deny contains "x" if input.now == "2026-11-20T09:00:00Z"`, lost: true},
		{name: "equal", rule: `deny contains "x" if data.gitsm.lib.now == data.gitsm.lib.ns(input.record.window.end)`, lost: true},
		{name: "weekday", rule: `deny contains "x" if time.weekday(data.gitsm.lib.now) == "Friday"`, lost: true},
		{name: "scaled", rule: `deny contains "x" if data.gitsm.lib.now / 1000 > 5`, lost: true},
		{name: "twice", rule: `deny contains "x" if data.gitsm.lib.now + data.gitsm.lib.now > 5`, lost: true},
		{name: "in a message", rule: `deny contains {"msg": "x", "path": sprintf("/%d", [data.gitsm.lib.now])}`, lost: true},
		{name: "the whole input", rule: `deny contains "x" if { some k; input[k] == "2026-11-20T09:00:00Z" }`, lost: true},
		{name: "the input as a value", rule: `deny contains "x" if json.marshal(input) != ""`, lost: true},
		{name: "as a key", rule: `deny contains "x" if {"2026-11-20T09:00:00Z": true}[input.now]`, lost: true},
		{name: "in a set", rule: `deny contains "x" if input.now in {"2026-11-20T09:00:00Z"}`, lost: true},
		{name: "to a function", rule: `deny contains "x" if data.gitsm.lib.late(input.now)`, lost: true},
		{name: "a rule of the package by any name", rule: `deny contains "x" if { some k; data.gitsm.when[k] == 5 }`, lost: true},
		{name: "the package", rule: `deny contains "x" if count(data.gitsm.when) > 0`, lost: true},
		{name: "another input", rule: `deny contains "x" if data.gitsm.lib.now > 5 with input.now as "2026-11-20T10:00:00Z"`, lost: true},
		{name: "held against nothing", rule: `deny contains "x" if not data.gitsm.lib.now`, lost: true},
		{name: "in a list", rule: `deny contains "x" if max([data.gitsm.lib.now, 5]) > 5`, lost: true},
		{name: "in a set that it makes", rule: `deny contains "x" if count({x | some x in [data.gitsm.lib.now, 1]}) > 5`, lost: true},
	}
	const lib = `package gitsm.lib
ns(moment) := time.parse_rfc3339_ns(moment)
again(m) := ns(m)
now := ns(input.now)
`
	const when = "package gitsm.when\nmoment := data.gitsm.lib.now\nother := 5\n"
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			more := ""
			if c.name == "to a function" {
				more = "late(m) if ns(m) > 5\n"
			}
			p, err := Compile(t.Context(), source(t, map[string]string{"policy/change.rego": head + c.rule + "\n", "policy/lib.rego": lib + more, "policy/when.rego": when}))
			if err != nil {
				t.Fatal(err)
			}
			in := input()
			in["record"].(map[string]any)["window"] = map[string]any{"start": "2026-11-21T12:00:00Z", "end": "2026-11-22T12:00:00Z"}
			clock := period.At(at)
			if _, err := p.Messages(t.Context(), "change", in, nil, clock); err != nil {
				t.Fatal(err)
			}
			got, ok := clock.Span()
			if ok == c.lost {
				t.Fatalf("a period was found: %v, want %v", ok, !c.lost)
			}
			if want := (period.Span{After: cmp.Or(instant(t, c.after), firstMoment), Before: cmp.Or(instant(t, c.before), lastMoment)}); ok && (!got.After.Equal(want.After) || !got.Before.Equal(want.Before)) {
				t.Errorf("the period is %v, want %v", got, want)
			}
		})
	}
}

func instant(t *testing.T, text string) (at time.Time) {
	t.Helper()
	if text == "" {
		return at
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
