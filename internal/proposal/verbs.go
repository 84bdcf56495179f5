package proposal

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Step is a lifecycle verb a user asks for, with what it needs to know.
type Step struct {
	Verb    string
	Outcome string // finish
	Notes   string // finish, backout, cancel; for an incident an entry of its timeline
	Summary string // review
	Start   string // reschedule, RFC 3339
	End     string
	Zone    string
	Cause   string         // incident resolve: id of the change that caused it
	Also    []yamldoc.Edit // what else a verb of another kind sets
}

// Advance moves a record that has landed one step on. It is a proposal like
// any other: where policy needs nobody's approval it lands at once.
func (d *Desk) Advance(ctx context.Context, kind, short string, s Step) (*Outcome, error) {
	w, err := d.Sync(ctx)
	if err != nil {
		return nil, err
	}
	rec, err := d.landed(ctx, w, kind, short)
	if err != nil {
		return nil, err
	}
	actor, _, err := d.Actor(w.Base)
	if err != nil {
		return nil, err
	}
	if cause, err := d.expand(ctx, []string{"change"}, s.Cause, false); err != nil {
		return nil, err
	} else if id, ok := cause.(string); ok {
		s.Cause = id
	}
	remake := func(rec *record.Record) ([]byte, error) {
		edits, err := s.edits(rec, actor, d.Now())
		if err != nil {
			return nil, err
		}
		return Apply(rec, edits)
	}
	content, err := remake(rec)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(content, rec.Doc.Source) {
		return nil, &RefusedError{What: fmt.Sprintf("%s is %s already", rec.ID, rec.State())}
	}
	return d.Propose(ctx, Draft{Kind: rec.Kind, ID: rec.ID, Path: rec.Path, Verb: s.Verb, Content: content, Title: rec.Title(),
		Target: &Target{Kind: rec.Kind, ID: rec.ID, Landed: rec}, Remake: remake})
}

// Apply splices edits into a record.
func Apply(rec *record.Record, edits []yamldoc.Edit) ([]byte, error) {
	content, err := rec.Kind.Edit(rec.Doc, edits...)
	if err != nil {
		return nil, fmt.Errorf("editing %s: %w", rec.ID, err)
	}
	return content, nil
}

// landed finds a record on main; one that only an open proposal knows has
// nothing to advance yet.
func (d *Desk) landed(ctx context.Context, w *World, kind, short string) (*record.Record, error) {
	resolve := d.Resolve
	if !strings.HasPrefix(short, branchPrefix) { // how many proposals it has is no matter of a step that main takes
		resolve = func(ctx context.Context, w *World, short string, kinds ...string) (*Target, error) {
			t, _, err := d.find(ctx, w, short, kinds)
			return t, err
		}
	}
	t, err := resolve(ctx, w, short, kind)
	if err != nil {
		return nil, err
	}
	if t.Landed == nil {
		return nil, &RefusedError{What: t.ID + " is not authorised yet: its proposal has not landed",
			Fix: fmt.Sprintf("gitsm %[1]s status %[2]s says what it waits for; gitsm %[1]s edit %[2]s changes it", kind, t.ID)}
	}
	return t.Landed, nil
}

// edits are what the step writes into the record.
func (s Step) edits(rec *record.Record, actor decision.Actor, now time.Time) ([]yamldoc.Edit, error) {
	if !actor.Known && slices.Contains([]string{"start", "review"}, s.Verb) {
		return nil, &RefusedError{What: "nobody in people/ has your e-mail address, so it could not be said who does this",
			Fix: "gitsm person new ID --name NAME --email ADDRESS"}
	}
	switch rec.Kind.Name {
	case "incident":
		return s.incidentEdits(rec, actor, stamp(now)), nil
	case "change":
		return s.changeEdits(rec, actor, now)
	}
	return s.plainEdits(rec, stamp(now))
}

// plainEdits move a record along the table of its kind: its state, when that
// came about where the kind has a field for it, and what the user adds.
func (s Step) plainEdits(rec *record.Record, at string) ([]yamldoc.Edit, error) {
	to := ""
	for _, t := range slices.Concat(rec.Kind.Leaving(rec.Str("type"), rec.State()), rec.Kind.Transitions) {
		if t.Verb == s.Verb && to == "" {
			to = t.To // one that is not allowed from here is a finding, which says what is
		}
	}
	if to == "" {
		return nil, fmt.Errorf("a %s has no step %q", rec.Kind.Name, s.Verb)
	}
	edits := set(yamldoc.Pointer(rec.Kind.StateKey()), to)
	field := strings.ReplaceAll(to, "-", "_") + "_at"
	if _, has := rec.Kind.Fields().Field(field); has && rec.Str(field) == "" {
		edits = append(edits, set("/"+field, at)...)
	}
	return append(edits, s.Also...), nil
}

func (s Step) changeEdits(rec *record.Record, actor decision.Actor, now time.Time) ([]yamldoc.Edit, error) {
	if s.Verb == "review" && rec.State() != "review" {
		return nil, &RefusedError{What: fmt.Sprintf("%s is %s: a change is reviewed once it is finished", rec.ID, rec.State()), Fix: "gitsm change finish " + rec.ID}
	}
	if done := s.done(rec); done != "" {
		return nil, &RefusedError{What: fmt.Sprintf("%s is %s already: %s", rec.ID, rec.State(), done), Fix: "what is wrong in a record is said in its corrections: gitsm change edit " + rec.ID}
	}
	at := stamp(now)
	switch s.Verb {
	case "start":
		return set("/state", "implementing", "/implementation/started_at", at, "/implementation/implementer", actor.ID), nil
	case "finish":
		return s.noted(set("/state", "review", "/implementation/finished_at", at, "/implementation/outcome", s.Outcome)), nil
	case "backout":
		return s.noted(set("/state", "review", "/implementation/finished_at", at, "/implementation/outcome", "backed-out")), nil
	case "review":
		return set("/review/reviewer", actor.ID, "/review/reviewed_at", at, "/review/summary", s.Summary), nil
	case "close":
		return set("/state", "closed"), nil
	case "cancel":
		return s.noted(set("/state", "cancelled")), nil
	case "reschedule":
		return s.reschedule(), nil
	}
	return nil, fmt.Errorf("a change has no step %q", s.Verb)
}

// done says when and how a change took this step, where it has: what is written
// of it is written once.
func (s Step) done(rec *record.Record) string {
	switch {
	case s.Verb == "start" && rec.State() == "implementing":
		return fmt.Sprintf("%s started it at %s", rec.Str("implementation", "implementer"), rec.Str("implementation", "started_at"))
	case (s.Verb == "finish" || s.Verb == "backout") && rec.State() == "review":
		return fmt.Sprintf("it ended %s at %s", rec.Str("implementation", "outcome"), rec.Str("implementation", "finished_at"))
	}
	return ""
}

func (s Step) noted(edits []yamldoc.Edit) []yamldoc.Edit {
	if s.Notes != "" {
		edits = append(edits, set("/implementation/notes", s.Notes)...)
	}
	return edits
}

func (s Step) reschedule() []yamldoc.Edit {
	var out []yamldoc.Edit
	for _, e := range set("/window/start", s.Start, "/window/end", s.End, "/window/timezone", s.Zone) {
		if e.Value != "" {
			out = append(out, e)
		}
	}
	return out
}

// incidentEdits note each moment once: who asks for a step again, say to name
// the cause, does not make it happen later.
func (s Step) incidentEdits(rec *record.Record, actor decision.Actor, at string) []yamldoc.Edit {
	states := map[string]string{"acknowledge": "acknowledged", "restore": "restored", "resolve": "resolved", "close": "closed"}
	edits := set("/state", states[s.Verb])
	if moment := states[s.Verb] + "_at"; s.Verb != "close" && rec.Str(moment) == "" {
		edits = append(edits, set("/"+moment, at)...)
	}
	if s.Cause != "" {
		edits = append(edits, set("/caused_by", s.Cause)...)
	}
	if s.Notes != "" {
		entry := map[string]any{"at": at, "note": s.Notes}
		if actor.Known {
			entry["by"] = actor.ID
		}
		edits = append(edits, yamldoc.Edit{Pointer: "/timeline", Value: entry, Append: true})
	}
	return edits
}

// set makes edits of pointer, value pairs.
func set(pairs ...string) []yamldoc.Edit {
	var out []yamldoc.Edit
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, yamldoc.Edit{Pointer: pairs[i], Value: pairs[i+1]})
	}
	return out
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
