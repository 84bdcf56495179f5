package validate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Transition judges the step from before (nil for a new record) to after (nil
// for a deleted one): whether the lifecycle has it, which fields it may touch,
// and whether the times it sets are in order. immaterial is the list of fields
// approvals are not bound to.
func (v *Validator) Transition(before, after *record.Record, immaterial []string) []finding.Finding {
	var out []finding.Finding
	switch {
	case before == nil && after == nil:
		return nil
	case after == nil:
		return []finding.Finding{deleted(before)}
	case before != nil:
		out = append(out, renamed(before, after)...)
		out = append(out, frozen(before, after, immaterial)...)
		out = append(out, rewritten(before, after)...)
	}
	out = append(out, step(before, after)...)
	out = append(out, times(before, after)...)
	out = append(out, facts(before, after)...)
	finding.Sort(out)
	return out
}

// rewritten reports facts of implementation that were written before and are
// changed: how a change ended is not for a later edit to say.
func rewritten(before, after *record.Record) []finding.Finding {
	var out []finding.Finding
	for _, path := range record.Rewritten(after.Kind, before.Fields, after.Fields) {
		f := of(after, yamldoc.Pointer(path...), "LIF002", fmt.Sprintf("%s was written already and is changed", strings.Join(path, ".")))
		f.Fix = fmt.Sprintf("write %s back as %s; what is wrong with it is said in corrections", strings.Join(path, "."), show(before.Str(path...)))
		out = append(out, f)
	}
	return out
}

func deleted(rec *record.Record) finding.Finding {
	f := coded("LIF003", fmt.Sprintf("%s %s is deleted", rec.Kind.Name, rec.ID))
	f.File, f.Record, f.Line, f.Column = rec.Doc.Name, rec.ID, 1, 1
	switch {
	case rec.Kind.Name == "person" || rec.Kind.Name == "team":
		f.Fix = "restore the file and write active: false"
	case rec.Kind.Name == "waiver":
		f.Fix = "restore the file; gitsm waiver revoke " + rec.ID + " ends it"
	case rec.Kind.Name == "exception":
		f.Fix = "restore the file and let it end: an earlier until"
	case rec.Kind.Name == "window":
		f.Fix = "restore the file; gitsm window cancel " + rec.ID + " takes it back"
	case rec.Kind.Catalogue:
		f.Fix = "restore the file and write state: retired"
	case slices.Contains(rec.Kind.Terminal, "cancelled"):
		f.Fix = "restore the file; gitsm change cancel " + short(rec) + " takes a scheduled change back"
	}
	return f
}

// renamed reports changes of what says which record this is.
func renamed(before, after *record.Record) []finding.Finding {
	var out []finding.Finding
	if before.Kind.Name != after.Kind.Name || before.ID != after.ID {
		out = append(out, of(after, yamldoc.Pointer(after.Kind.IDPath()...), "LIF005", fmt.Sprintf("%s %s becomes %s %s", before.Kind.Name, before.ID, after.Kind.Name, after.ID)))
	}
	fields := [][]string{{"apiVersion"}, after.Kind.IDPath(), {"kind"}}
	if after.Kind.Foreign {
		fields = fields[1:2]
	}
	for _, path := range fields {
		field, was, is := strings.Join(path, "."), before.Str(path...), after.Str(path...)
		if was == is || was == "" || len(out) > 0 {
			continue
		}
		f := of(after, yamldoc.Pointer(path...), "LIF005", fmt.Sprintf("%s changes from %s to %s", field, was, is))
		f.Fix = fmt.Sprintf("write %s: %s", field, was)
		if field == "id" && before.Kind.Aliased {
			f.Fix += fmt.Sprintf("; gitsm %s rename %s %s lets it be called so as well", before.Kind.Name, was, is)
		}
		out = append(out, f)
	}
	return out
}

// step judges the change of state, and of a type that has its own states.
func step(before, after *record.Record) []finding.Finding {
	k, typ, from, to := after.Kind, after.Str("type"), "", after.State()
	if before != nil {
		from = before.State()
	}
	if builtin(k) && (!slices.Contains(k.States, to) || !typed(k, typ)) {
		return nil // the schema says which states and types there are
	}
	err := record.CheckTransition(k, typ, from, to)
	if err == nil && before != nil && before.Str("type") != typ && typed(k, typ) {
		err = record.CheckTransition(k, typ, "", to) // could a record of the new type be there at all?
	}
	var illegal *record.TransitionError
	if !errors.As(err, &illegal) {
		return nil
	}
	f := of(after, yamldoc.Pointer(k.StateKey()), "LIF001", illegal.Error())
	f.Fix = illegal.Next()
	if !builtin(k) && len(illegal.Allowed) == 0 {
		f.Fix = stuck(after, from)
	}
	if k.Name == "change" && from == "implementing" && to == "cancelled" {
		f.Fix = "work has begun, so it is backed out: gitsm change backout " + short(after)
	}
	return []finding.Finding{f}
}

// stuck is the way out for a record of a declared kind whose state no step
// leaves: the store says which steps there are.
func stuck(rec *record.Record, from string) string {
	switch {
	case from == "":
		return "write the kind's initial state"
	case len(rec.Kind.Terminal) > 0 && slices.Contains(rec.Kind.Terminal, from):
		return fmt.Sprintf("write %s: %s again, or file a new record: %s is terminal", rec.Kind.StateKey(), from, from)
	}
	return fmt.Sprintf("write %s: %s again, or add the step to the transitions of kind %s in %s", rec.Kind.StateKey(), from, rec.Kind.Name, store.ConfigFile)
}

// typed reports whether typ is a type that the kind's transitions know; kinds
// whose transitions name none take any.
func typed(k *record.Kind, typ string) bool {
	any := true
	for _, t := range k.Transitions {
		if slices.Contains(t.Types, typ) {
			return true
		}
		any = any && len(t.Types) == 0
	}
	return any
}

// frozen reports edits of fields that are history.
func frozen(before, after *record.Record, immaterial []string) []finding.Finding {
	fields := record.CheckEdit(after.Kind, before.Fields, after.Fields, immaterial)
	fields = append(fields, carried(before, after, immaterial)...)
	slices.Sort(fields)
	var out []finding.Finding
	for _, field := range slices.Compact(fields) {
		if field == after.Kind.StateKey() || field == after.Kind.IDKey() || field == "kind" || field == "apiVersion" {
			continue // LIF001 and LIF005
		}
		out = append(out, frozenField(before, after, field))
	}
	return out
}

// carried returns the material fields that a step out of the scheduled state
// alters on the way: what was authorised is not what would be carried out.
func carried(before, after *record.Record, immaterial []string) []string {
	if before.Kind.Name != "change" || before.State() != "scheduled" || after.State() == "scheduled" {
		return nil
	}
	var out []string
	for _, f := range record.Changed(before.Fields, after.Fields) {
		if !slices.Contains(immaterial, f) {
			out = append(out, f)
		}
	}
	return out
}

func frozenField(before, after *record.Record, field string) finding.Finding {
	state := before.State()
	f := of(after, "/"+field, "LIF002", "")
	if _, kept := after.Fields[field]; kept {
		f = atKey(after.Doc, after.ID, "/"+field, "LIF002", "")
	}
	switch {
	case field == "corrections":
		f.Message = "corrections may only be appended to"
		f.Fix = "restore the entries that were there, and append another"
	case before.Terminal():
		f.Message = fmt.Sprintf("%s cannot change: the %s is %s", field, before.Kind.Name, state)
		f.Fix = "restore it"
		if before.Kind.Name == "change" {
			f.Fix = "restore it, and append what is right to corrections"
		}
	case state == "scheduled":
		f.Message = fmt.Sprintf("%s cannot change in the step from %s to %s: it was authorised as it stood", field, state, after.State())
		f.Fix = "restore it, or first gitsm change reschedule " + short(after)
	default:
		f.Message = fmt.Sprintf("%s cannot change: the %s is %s", field, before.Kind.Name, strings.TrimSpace(stateWords(state)))
		f.Fix = "restore it; what differed from the plan belongs in implementation.notes"
	}
	return f
}

func stateWords(state string) string {
	switch state {
	case "implementing":
		return "being implemented"
	case "review":
		return "under review"
	}
	return state
}
