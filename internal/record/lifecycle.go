package record

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// TransitionError says why a record may not go from one state to another.
type TransitionError struct {
	Kind, Type, From, To string
	Allowed              []Transition // what may leave From instead
	Way                  []Transition // the shortest that leads to To all the same; empty where none does
}

func (e *TransitionError) Error() string {
	from := e.From
	if from == "" {
		from = "new"
	}
	what, article := strings.TrimSpace(e.Type+" "+e.Kind), "a"
	if what != "" && strings.ContainsRune("aeiou", rune(what[0])) {
		article = "an"
	}
	return fmt.Sprintf("%s %s cannot go from %s to %s", article, what, from, e.To)
}

// Next says which steps are allowed, for the fix of a finding.
func (e *TransitionError) Next() string {
	if len(e.Allowed) == 0 {
		return "nothing leaves this state: append to corrections, or file a new record"
	}
	var verbs []string
	for _, t := range e.Allowed {
		verbs = append(verbs, fmt.Sprintf("%s (%s)", t.To, t.Verb))
	}
	slices.Sort(verbs)
	allowed := "allowed from here: " + strings.Join(slices.Compact(verbs), ", ")
	if len(e.Way) > 1 {
		return fmt.Sprintf("%s it first, which makes it %s, then %s it; %s", e.Way[0].Verb, e.Way[0].To, e.Way[1].Verb, allowed)
	}
	return allowed
}

// CheckTransition judges a step of a record of the given type ("" for kinds
// without types). Kinds without states allow everything; staying in a state is
// an edit, judged by CheckEdit.
func CheckTransition(k *Kind, typ, from, to string) error {
	if len(k.States) == 0 || from == to {
		return nil
	}
	allowed := k.Leaving(typ, from)
	for _, t := range allowed {
		if t.To == to {
			return nil
		}
	}
	return &TransitionError{Kind: k.Name, Type: typ, From: from, To: to, Allowed: allowed, Way: k.way(typ, from, to)}
}

// way returns the shortest chain of steps from one state to another.
func (k *Kind) way(typ, from, to string) []Transition {
	ways := [][]Transition{nil}
	seen := map[string]bool{from: true}
	for i := 0; i < len(ways); i++ {
		at := from
		if n := len(ways[i]); n > 0 {
			at = ways[i][n-1].To
		}
		if at == to {
			return ways[i]
		}
		for _, t := range k.Leaving(typ, at) {
			if !seen[t.To] {
				seen[t.To] = true
				ways = append(ways, append(slices.Clone(ways[i]), t))
			}
		}
	}
	return nil
}

// Leaving returns the transitions that leave state from for a record type.
func (k *Kind) Leaving(typ, from string) []Transition {
	var out []Transition
	for _, t := range k.Transitions {
		if t.From == from && (len(t.Types) == 0 || slices.Contains(t.Types, typ)) {
			out = append(out, t)
		}
	}
	return out
}

// Taken returns the transition that takes a record of a type from one state to
// another.
func (k *Kind) Taken(typ, from, to string) (Transition, bool) {
	for _, t := range k.Leaving(typ, from) {
		if t.To == to && from != to {
			return t, true
		}
	}
	return Transition{}, false
}

// Ahead returns the facts that steps still ahead of a state write, sorted: in
// that state they have not happened yet.
func (k *Kind) Ahead(typ, state string) []string {
	var all, done []string
	for _, t := range k.Transitions {
		all = append(all, t.Writes...)
		if k.reaches(typ, t.To, state, map[string]bool{}) {
			done = append(done, t.Writes...)
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(f string) bool { return slices.Contains(done, f) })
}

func (k *Kind) reaches(typ, from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	return slices.ContainsFunc(k.Leaving(typ, from), func(t Transition) bool { return k.reaches(typ, t.To, to, seen) })
}

// VerbOf returns the lifecycle verb that takes a record from before to after:
// "new" or the kind's own for a new record, "edit" where the state stays.
func VerbOf(k *Kind, typ, from, to string) string {
	if t, ok := k.Taken(typ, from, to); ok {
		return t.Verb
	}
	if from == "" {
		return "new"
	}
	return "edit"
}

// CheckEdit judges which fields of a record may change, from before to after,
// given the fields that approvals are not bound to. A scheduled change may be
// edited (materially: re-authorisation); once work began its material fields
// are history, and a terminal record only gains corrections. It returns the
// offending fields, sorted.
func CheckEdit(k *Kind, before, after map[string]any, immaterial []string) []string {
	state := Str(before, k.StateKey())
	var offending []string
	for _, f := range Changed(before, after) {
		switch {
		case f == k.IDKey() || !k.Foreign && (f == "kind" || f == "apiVersion"):
			offending = append(offending, f)
		case len(k.Terminal) == 0:
		case k.terminal(state):
			if f != "corrections" || !appended(before[f], after[f]) {
				offending = append(offending, f)
			}
		case f == "corrections" && !appended(before[f], after[f]):
			offending = append(offending, f)
		case k.Name == "change" && state != "scheduled" && !slices.Contains(immaterial, f):
			offending = append(offending, f)
		}
	}
	return offending
}

// once are the facts of a change that are written when they happen and then
// stand; what is wrong with them is said in corrections.
var once = [][]string{{"implementation", "started_at"}, {"implementation", "implementer"}, {"implementation", "finished_at"}, {"implementation", "outcome"}}

// Rewritten returns the facts that an edit changes although they were written
// already, as paths.
func Rewritten(k *Kind, before, after map[string]any) [][]string {
	if k.Name != "change" {
		return nil
	}
	var out [][]string
	for _, path := range once {
		if was := Str(before, path...); was != "" && was != Str(after, path...) {
			out = append(out, path)
		}
	}
	return out
}

// Changed returns the top-level fields that differ, sorted.
func Changed(before, after map[string]any) []string {
	var out []string
	for k, v := range after {
		if old, ok := before[k]; !ok || !reflect.DeepEqual(old, v) {
			out = append(out, k)
		}
	}
	for k := range before {
		if _, ok := after[k]; !ok {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// appended reports whether list b begins with list a.
func appended(a, b any) bool {
	before, _ := a.([]any)
	after, ok := b.([]any)
	return ok && len(after) >= len(before) &&
		slices.EqualFunc(before, after[:len(before)], func(x, y any) bool { return reflect.DeepEqual(x, y) })
}

// placeholders are what people type to get past a mandatory field, in lower
// case. The default policy begins with the same list, which a test keeps so;
// there it is its owners' to change. This one is for what gitsm asks for itself,
// in stores without that policy too.
var placeholders = []string{"n/a", "na", "n.a", "none", "nil", "null", "no", "tbc", "tbd", "tba", "todo", "to do", "fixme", "x", "xx", "xxx", "test", "asdf", "foo", "same", "as above", "see above", "unknown", "later", "pending", "to be confirmed", "to be decided", "to be defined", "to be done", "not applicable", "not tested", "untested", "not yet", "not needed", "not required", "nothing", "no tests", "no testing"}

// Placeholder reports whether s does not count as filled in: one of the list,
// whatever its case and the punctuation around it, or punctuation alone.
func Placeholder(s string) bool {
	text := strings.ToLower(strings.Trim(strings.TrimSpace(s), " .,:;!?…-_()[]<>\"'"))
	blank := func(r rune) bool {
		return unicode.IsPunct(r) || unicode.IsSymbol(r) || unicode.IsSpace(r) || unicode.Is(unicode.Z, r)
	}
	return slices.Contains(placeholders, text) || strings.TrimLeftFunc(s, blank) == ""
}
