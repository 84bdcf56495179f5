package validate

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// order is a rule that one moment comes before another.
type order struct {
	first, second []string
	apart         bool // the same moment will not do
}

// orders returns the rules for a record. Moments that are absent, or no
// moments, are the schema's and policy's business.
func orders(rec *record.Record) []order {
	switch rec.Kind.Name {
	case "change":
		return []order{
			{first: []string{"window", "start"}, second: []string{"window", "end"}, apart: true},
			{first: []string{"implementation", "started_at"}, second: []string{"implementation", "finished_at"}},
			{first: []string{"implementation", "finished_at"}, second: []string{"review", "reviewed_at"}},
		}
	case "incident":
		// Restoring may come before acknowledging: it can be over before
		// anybody saw it.
		return []order{
			{first: []string{"started_at"}, second: []string{"detected_at"}},
			{first: []string{"detected_at"}, second: []string{"acknowledged_at"}},
			{first: []string{"started_at"}, second: []string{"restored_at"}},
			{first: []string{"restored_at"}, second: []string{"resolved_at"}},
			{first: []string{"detected_at"}, second: []string{"resolved_at"}},
		}
	case "problem":
		return []order{{first: []string{"known_error_at"}, second: []string{"resolved_at"}}}
	case "request":
		return []order{{first: []string{"approved_at"}, second: []string{"fulfilled_at"}}}
	case "window":
		return []order{{first: []string{"start"}, second: []string{"end"}, apart: true}}
	case "model", "waiver":
		return []order{{first: []string{"valid_from"}, second: []string{"expires"}, apart: true}}
	case "person":
		var out []order
		keys, _ := rec.Fields["signing_keys"].([]any)
		for i := range keys {
			key := []string{"signing_keys", strconv.Itoa(i)}
			out = append(out, order{first: append(key[:2:2], "valid_after"), second: append(key[:2:2], "valid_before"), apart: true})
		}
		return out
	}
	return nil
}

// Times judges whether the moments of a record are in order.
func (v *Validator) Times(rec *record.Record) []finding.Finding {
	return times(nil, rec)
}

// times judges the moments that differ from before: those that stood were
// judged when they landed, and may be frozen by now.
func times(before, after *record.Record) []finding.Finding {
	var out []finding.Finding
	for _, o := range orders(after) {
		first, ok := moment(after, o.first)
		second, ok2 := moment(after, o.second)
		if !ok || !ok2 || first.Before(second) || (!o.apart && first.Equal(second)) {
			continue
		}
		if before != nil && same(before, after, o.first) && same(before, after, o.second) {
			continue
		}
		words := "before"
		if first.Equal(second) {
			words = "the same moment as"
		}
		out = append(out, of(after, yamldoc.Pointer(o.second...), "LIF004", fmt.Sprintf("%s (%v) is %s %s (%v)",
			name(o.second), valueAt(after.Fields, o.second), words, name(o.first), valueAt(after.Fields, o.first))))
	}
	return out
}

func moment(rec *record.Record, path []string) (time.Time, bool) {
	text, _ := valueAt(rec.Fields, path).(string)
	t, err := time.Parse(time.RFC3339, text)
	return t, err == nil
}

func same(before, after *record.Record, path []string) bool {
	return reflect.DeepEqual(valueAt(before.Fields, path), valueAt(after.Fields, path))
}
