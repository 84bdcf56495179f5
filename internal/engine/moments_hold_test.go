package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/period"
)

// TestMomentsHold: whatever way policy takes to the moment, what it says at one
// it says at every other in the period that its comparisons leave.
func TestMomentsHold(t *testing.T) {
	const rest = `
noon := "2026-11-21T12:00:00Z"
e := time.parse_rfc3339_ns(noon)
at := time.parse_rfc3339_ns(input.now)
`
	tricks := map[string]string{
		"walk":                 `deny contains "x" if { walk(input, [["now"], v]); v > "2026-11-21" }`,
		"object.get":           `deny contains "x" if object.get(input, "now", "") > "2026-11-21"`,
		"object.get path":      `deny contains "x" if object.get(input, ["now"], "") > "2026-11-21"`,
		"json.filter":          `deny contains json.filter(input, ["now"]).now`,
		"json.remove":          `deny contains json.marshal(json.remove(input, ["record"]))`,
		"object.filter":        `deny contains object.filter(input, ["now"]).now`,
		"a key in a variable":  `deny contains input[k] if k := "now"`,
		"a key of a rule":      "deny contains input[key]\nkey := \"now\"",
		"a key joined":         `deny contains input[concat("", ["n", "ow"])]`,
		"a function's input":   "deny contains f(input)\nf(x) := x.now",
		"a function's result":  "deny contains whole(1).now\nwhole(_) := input",
		"a rule that is input": "deny contains all.now\nall := input",
		"comprehension":        `deny contains concat(",", [v | some v in input; is_string(v)])`,
		"object comprehension": `deny contains {k: v | some k, v in input; k == "now"}.now`,
		"every":                `deny contains "x" if every k, _ in input { k != "now" }`,
		"every over it":        `deny contains "x" if every c in split(input.now, "T") { c > "2026-11-20" }`,
		"with":                 "deny contains \"x\" if late with input.record as {}\nlate if at > e",
		"with now of now":      "deny contains \"x\" if late with input.record.title as input.now\nlate if input.record.title > \"2026-11-21\"",
		"a function mocked":    "deny contains \"x\" if late with data.gitsm.change.e as 5\nlate if at > e",
		"a default":            "default late := false\nlate if at > e\ndeny contains \"x\" if late",
		"a default that is it": "default when := 0\nwhen := at if input.record.title == \"no\"\ndeny contains \"x\" if when == 0",
		"else":                 "when := 1 if at < e else := 2\ndeny contains sprintf(\"%d\", [when])",
		"else that is it":      "when := 1 if input.record.title == \"no\" else := at\ndeny contains \"x\" if when > e",
		"else printed":         "when := 1 if input.record.title == \"no\" else := at\ndeny contains sprintf(\"%d\", [when])",
		"a partial object":     "m[k] := v if { some k in [\"a\"]; v := at }\ndeny contains \"x\" if m.a > e",
		"a partial object key": "m[k] := 1 if k := at\ndeny contains \"x\" if { some k, _ in m; k > e }",
		"a nested name":        "m.a.b := at\ndeny contains \"x\" if m.a.b > e",
		"a nested name, all":   "m.a.b := at\ndeny contains \"x\" if { some v in m.a; v > e }",
		"a name with a key":    "m[\"a b\"] := at\ndeny contains \"x\" if m[\"a b\"] > e",
		"a partial set":        "m contains at\ndeny contains \"x\" if { some v in m; v > e }",
		"two definitions":      "w := at if input.record.title\nw := at if input.record.id\ndeny contains \"x\" if w > e",
		"two texts":            "w := input.now if input.record.title\ndeny contains \"x\" if time.parse_rfc3339_ns(w) > e",
		"an alias":             "w := at\nv := w\ndeny contains \"x\" if v > e",
		"unified":              `deny contains "x" if { some v in [at, 1]; v > e }`,
		"destructured":         `deny contains "x" if { [a, b] := [at, e]; a > b }`,
		"destructured object":  `deny contains "x" if { {"a": a} := {"a": at}; a > e }`,
		"destructured input":   `deny contains "x" if { {"now": n, "record": _} = object.filter(input, ["now", "record"]); n > "2026-11-21" }`,
		"an index of an array": `deny contains "x" if [at][0] > e`,
		"its clock":            `deny contains sprintf("%v", [time.clock(at)])`,
		"its difference":       `deny contains sprintf("%v", [time.diff(at, e)])`,
		"its date later":       `deny contains "x" if time.add_date(at, 0, 0, 1) > e`,
		"parsed otherwise":     `deny contains "x" if time.parse_ns("2006-01-02T15:04:05Z07:00", input.now) > e`,
		"split":                `deny contains "x" if to_number(split(input.now, "-")[0]) > 2025`,
		"remainder":            `deny contains "x" if at % 2 == 0`,
		"absolute":             `deny contains "x" if abs(at - e) > 5`,
		"negative":             `deny contains "x" if e - at < 0 - 1000000000`,
		"minus minus":          `deny contains "x" if 5 - (e - at) > 0`,
		"both sides":           `deny contains "x" if at > at - 5`,
		"mixed":                `deny contains "x" if at < e - at`,
		"doubled":              `deny contains "x" if { a := at + at; a > e * 2 }`,
		"not":                  `deny contains "x" if not at > e`,
		"not not":              "late if not early\nearly if at < e\ndeny contains \"x\" if late",
		"the answer kept":      `deny contains sprintf("%v", [b]) if b := at > e`,
		"the answer in a list": `deny contains sprintf("%v", [[at > e, at < e]])`,
		"compared as equal":    `deny contains "x" if at != e`,
		"max":                  `deny contains "x" if max({at, e}) == e`,
		"sort":                 `deny contains "x" if sort([at, e])[0] == e`,
		"set minus":            `deny contains "x" if count({at} - {e}) == 1`,
		"in":                   `deny contains "x" if at in [e]`,
		"in a key":             `deny contains "x" if {e: 1}[at]`,
		"numbers.range":        `deny contains "x" if count(numbers.range(floor(at / 86400000000000), 20800)) > 3`,
		"a template":           `deny contains $"at {input.now}"`,
		"a function on text":   "late(n) if n > \"2026-11-21\"\ndeny contains \"x\" if late(input.now)",
		"a function that asks": "late(x) if { x; at > e }\ndeny contains \"x\" if late(true)",
		"a function of two":    "late(x, y) if x > y\ndeny contains \"x\" if late(at, e)",
		"a parser of two":      "p(x) := time.parse_rfc3339_ns(x) if x != \"\"\ndeny contains \"x\" if p(input.now) > e",
		"a parser with else":   "p(x) := time.parse_rfc3339_ns(x) if x < \"2026-11-21\" else := 0\ndeny contains \"x\" if p(input.now) > 5",
		"a parser by value":    "p(\"2026-11-20T09:00:00Z\") := 1\np(x) := 2 if x != \"2026-11-20T09:00:00Z\"\ndeny contains sprintf(\"%d\", [p(input.now)])",
		"all of data":          `deny contains "x" if { walk(data.gitsm.other, [_, v]); is_number(v); v > e }`,
		"a package in a name":  `deny contains "x" if { p := data.gitsm.other; p.moment > e }`,
		"a package, some":      `deny contains "x" if { some _, v in data.gitsm.other; v > e }`,
		"a package joined":     `deny contains "x" if data.gitsm.other[concat("", ["mom", "ent"])] > e`,
		"a package's rule":     `deny contains "x" if data.gitsm.other.moment > e`,
		"a package's text":     `deny contains data.gitsm.other.text`,
		"an undefined moment":  "w := at if at > e\ndeny contains \"x\" if not w > 5",
		"a moment compared so": "w := at if at > e\ndeny contains \"x\" if w > 5",
		"a message's path":     `deny contains {"msg": "x", "path": concat("/", ["", input.now])}`,
		"a warning":            `warn contains "x" if { some i in [1, 2]; at > e + (i * 3600000000000) }`,
		"a fraction":           `deny contains "x" if at + 0.5 > e`,
		"far":                  `deny contains "x" if at > 1e30`,
		"the windows":          `deny contains "x" if { some w in array.concat(input.windows, [{"now": input.now}]); w.now > "2026-11-21" }`,
		"a patch":              `deny contains json.patch({"a": 1}, [{"op": "add", "path": "/b", "value": input.now}]).b`,
		"reachable":            `deny contains "x" if count(graph.reachable({input.now: []}, [input.now])) == 1`,
		"glob":                 `deny contains "x" if glob.match("2026-11-2?T*", [], input.now)`,
		"replaced":             `deny contains strings.replace_n({"a": input.now}, "a")`,
		"a type":               `deny contains type_name(input.now)`,
		"only there":           `deny contains "x" if input.now`,
		"only there, parsed":   `deny contains "x" if at`,
		"unused":               `deny contains "x" if { _ = at }`,
		"an unused one":        `deny contains "x" if { _ := input.now; true }`,
	}
	const head = "package gitsm.change\n# METADATA\n# title: t\n# custom: {id: CHG900}\n"
	const other = "package gitsm.other\nmoment := time.parse_rfc3339_ns(input.now)\ntext := input.now\nnested.moment := 5\n"
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	kept := 0
	for name, rule := range tricks {
		t.Run(name, func(t *testing.T) {
			lines := strings.Split(rule, "\n")
			asks := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "deny") || strings.HasPrefix(line, "warn") })
			lines[0], lines[asks] = lines[asks], lines[0] // METADATA is of what follows it
			mods := map[string]string{"policy/change.rego": head + strings.Join(lines, "\n") + rest}
			if strings.Contains(rule, "other") {
				o := other
				if !strings.Contains(rule, "text") {
					o = strings.Replace(o, "text := input.now\n", "", 1)
				}
				mods["policy/other.rego"] = o
			}
			p, err := Compile(t.Context(), source(t, mods))
			if err != nil {
				t.Fatal(err)
			}
			ask := func(now time.Time, clock *period.Clock) string {
				in := input()
				in["now"] = now.Format(time.RFC3339)
				res, err := p.Messages(t.Context(), "change", in, nil, clock)
				return fmt.Sprintf("%+v %v", res, err)
			}
			clock := period.At(at)
			said := ask(at, clock)
			span, ok := clock.Span()
			if !ok {
				return
			}
			kept++
			moments := []time.Time{at.AddDate(-400, 0, 0), at.AddDate(-100, 0, 0), at.AddDate(0, 0, -1), at.Add(-time.Second), at.Add(time.Second), at.AddDate(0, 0, 2), at.AddDate(100, 0, 0), at.AddDate(400, 0, 0)}
			for _, hours := range []int{26, 27, 28, 29} { // about noon of the 21st
				moments = append(moments, at.Add(time.Duration(hours)*time.Hour), at.Add(time.Duration(hours)*time.Hour-time.Second))
			}
			for _, now := range moments {
				if !span.Holds(now) {
					continue
				}
				if got := ask(now, nil); got != said {
					t.Errorf("at %v, in %v, it says %s and not %s", now, span, got, said)
				}
			}
		})
	}
	if kept < 10 {
		t.Errorf("only %d policies have a period", kept)
	}
}
