package validate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/pgpsig"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/sshsig"
	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/schema"
)

// together judges what a schema cannot say about the fields of a record: those
// that need, exclude or contradict each other. It is asked of records that
// conform to their schema.
func together(rec *record.Record) []finding.Finding {
	switch rec.Kind.Name {
	case "service", "asset":
		return dependencyFields(rec)
	case "person":
		return keyFields(rec)
	case "window":
		return append(windowFields(rec), scopeFields(rec, "services", "tiers", "assets")...)
	case "waiver":
		return append(waiverFields(rec), scopeFields(rec, "records", "services", "kinds")...)
	case "model":
		return append(modelFields(rec), scopeFields(rec, "services", "tiers", "assets")...)
	}
	return nil
}

func windowFields(rec *record.Record) []finding.Finding {
	var out []finding.Finding
	_, end := rec.Fields["end"]
	_, lasts := rec.Fields["duration"]
	switch {
	case end && lasts:
		out = append(out, contradiction(rec, "/duration", "end and duration both say how long the window lasts", "take one of them out"))
	case !end && !lasts:
		out = append(out, contradiction(rec, "/start", "nothing says when the window is over", setCommand(rec, []string{"duration"}, "4h")+", or set end"))
	}
	if d, err := time.ParseDuration(rec.Str("duration")); err == nil && d == 0 {
		out = append(out, contradiction(rec, "/duration", "a window of no length holds nothing", setCommand(rec, []string{"duration"}, "4h")))
	}
	if rec.Str("type") == "maintenance" && rec.Str("strength") != "" {
		out = append(out, contradiction(rec, "/strength", "a maintenance window permits: only a freeze has a strength", "take strength out"))
	}
	if rule := rec.Str("rrule"); rule != "" && !slices.ContainsFunc(strings.Split(rule, ";"), func(part string) bool { return strings.HasPrefix(part, "FREQ=") }) {
		out = append(out, contradiction(rec, "/rrule", "rrule does not say how often: it has no FREQ", setCommand(rec, []string{"rrule"}, "FREQ=WEEKLY;"+rule)))
	}
	if rec.Str("rrule") == "" && len(rec.Strs("exdates")) > 0 {
		out = append(out, contradiction(rec, "/exdates", "a window without rrule happens once, so no occurrence can be left out", "take exdates out, or say in rrule how the window recurs"))
	}
	return out
}

// dependencyFields wants a group of replicas to have as many as are needed: one
// that never has them would be down whatever is touched, or up, as one reads it.
func dependencyFields(rec *record.Record) []finding.Finding {
	var out []finding.Finding
	items, _ := rec.Fields["depends_on"].([]any)
	for i, item := range items {
		group, _ := item.(map[string]any)
		n, _ := group["need"].(json.Number)
		need, err := n.Int64()
		if of := len(record.Strs(group, "of")); err == nil && need > int64(of) {
			out = append(out, contradiction(rec, fmt.Sprintf("/depends_on/%d/need", i),
				fmt.Sprintf("depends_on[%d] needs %d of %d", i, need, of), "need fewer of them, or name more in of"))
		}
	}
	return out
}

// keyFields reads each key of a person: of one that only looks like a key no
// signature is ever good, and nobody notices before it is needed.
func keyFields(rec *record.Record) []finding.Finding {
	var out []finding.Finding
	items, _ := rec.Fields["signing_keys"].([]any)
	for i, item := range items {
		key, _ := item.(map[string]any)
		text := record.Str(key, "key")
		var err error
		if strings.HasPrefix(text, pgpsig.BeginKey) {
			_, err = pgpsig.ParseKeys(text)
		} else {
			_, err = sshsig.ParseAuthorized(text)
		}
		if err != nil {
			f := of(rec, fmt.Sprintf("/signing_keys/%d/key", i), "SCH005", fmt.Sprintf("signing_keys[%d].key is no key: %v", i, err))
			f.Why = "signatures are held against it, and none would ever be good"
			f.Fix = "copy the whole line of the .pub file, or all that gpg --armor --export prints"
			out = append(out, f)
		}
	}
	return out
}

func waiverFields(rec *record.Record) []finding.Finding {
	if who := rec.Str("approver"); who != "" && who == rec.Str("requested_by") {
		return []finding.Finding{contradiction(rec, "/approver", fmt.Sprintf("%s asks for the waiver and cannot answer for it as well", who), "name somebody else as approver")}
	}
	return nil
}

// scopeFields wants a scope to say what it is for: leaving everything out is
// not the same as meaning everything.
func scopeFields(rec *record.Record, lists ...string) []finding.Finding {
	all, _ := record.Value(rec.Fields, "scope", "all").(bool)
	var given []string
	for _, name := range lists {
		if items, _ := record.Value(rec.Fields, "scope", name).([]any); len(items) > 0 {
			given = append(given, name)
		}
	}
	switch {
	case all && len(given) > 0:
		return []finding.Finding{contradiction(rec, "/scope/all", "scope names everything and "+strings.Join(given, ", ")+" besides", "take all out, or "+strings.Join(given, ", "))}
	case !all && len(given) == 0:
		return []finding.Finding{contradiction(rec, "/scope", "scope names nothing, so it covers nothing", fmt.Sprintf("name %s, or say all: true", strings.Join(lists, ", ")))}
	}
	return nil
}

// modelFields wants a locked field to have a value, and each field to be
// locked, filled in or left open, not two of these.
func modelFields(rec *record.Record) []finding.Finding {
	var out []finding.Finding
	locked, defaults := leaves(rec.Fields["locked"]), leaves(rec.Fields["defaults"])
	for _, l := range locked {
		pointer := yamldoc.Pointer(append([]string{"locked"}, l.path...)...)
		if text, ok := l.value.(string); l.value == nil || ok && record.Placeholder(text) {
			out = append(out, contradiction(rec, pointer, fmt.Sprintf("%s is locked and says nothing", name(l.path)), "fill it in, or leave it out of locked"))
		}
	}
	for _, d := range defaults {
		if slices.ContainsFunc(locked, func(l leaf) bool { return slices.Equal(l.path, d.path) }) {
			pointer := yamldoc.Pointer(append([]string{"defaults"}, d.path...)...)
			out = append(out, contradiction(rec, pointer, fmt.Sprintf("%s is locked as well", name(d.path)), "leave it out of locked or of defaults"))
		}
	}
	for i, open := range rec.Strs("open") {
		pointer := fmt.Sprintf("/open/%d", i)
		at := slices.IndexFunc(locked, func(l leaf) bool {
			field := strings.Join(l.path, ".")
			return field == open || strings.HasPrefix(field, open+".")
		})
		if at >= 0 {
			out = append(out, contradiction(rec, pointer, fmt.Sprintf("%s is left open, and %s is locked", open, strings.Join(locked[at].path, ".")), "leave it out of locked or of open"))
			continue
		}
		if _, known := schema.FieldOf(rec.Str("use"), strings.Split(open, ".")...); !known {
			out = append(out, contradiction(rec, pointer, fmt.Sprintf("%s is left open, and no %s has such a field", open, rec.Str("use")),
				"gitsm schema "+rec.Str("use")+" shows the fields there are"))
		}
	}
	return out
}

// leaf is a value of a template with the way to it. Lists are values.
type leaf struct {
	path  []string
	value any
}

func leaves(v any, path ...string) []leaf {
	m, ok := v.(map[string]any)
	if !ok {
		if len(path) == 0 {
			return nil
		}
		return []leaf{{path, v}}
	}
	if len(m) == 0 && len(path) > 0 {
		return []leaf{{path, nil}}
	}
	var out []leaf
	for _, key := range keysOf(m) {
		out = append(out, leaves(m[key], append(path[:len(path):len(path)], key)...)...)
	}
	return out
}

func contradiction(rec *record.Record, pointer, message, fix string) finding.Finding {
	f := of(rec, pointer, "SCH008", message)
	f.Fix = fix
	return f
}
