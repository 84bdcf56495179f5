package history

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Events derives what happened, in the order of main's own line: before each
// landing the commits and opinions of its proposal, and opinions on proposals
// that never landed where main first commits to them. Trust is left empty.
func (h *History) Events(ctx context.Context, f Filter) ([]Event, error) {
	events, _, err := h.EventsByLanding(ctx, f)
	return events, err
}

// EventsByLanding derives what Events does, and says how many of them come up to
// and with each landing of the line.
func (h *History) EventsByLanding(ctx context.Context, f Filter) (events []Event, upTo []int, err error) {
	services, err := h.concerned(ctx, f)
	if err != nil {
		return nil, nil, err
	}
	d := &derivation{h: h, f: f, services: services, records: map[version]*record.Record{}}
	d.peeker = h.newPeeker(ctx, d.wants)
	defer d.peeker.end()
	for i, l := range h.Line {
		if err := d.peeker.ahead(ctx, i); err != nil {
			return nil, nil, err
		}
		d.opinions(h.loose[l.Index])
		if err := d.landing(ctx, i, l); err != nil {
			return nil, nil, err
		}
		upTo = append(upTo, len(d.out))
	}
	d.opinions(h.loose[Unanchored])
	return d.out, upTo, nil
}

// derivation collects events.
type derivation struct {
	h        *History
	f        Filter
	services map[string]bool // nil without a filter of services
	peeker   *peeker
	records  map[version]*record.Record // parsed lately
	glance   yamldoc.Glance
	out      []Event
}

func (d *derivation) add(e Event) {
	if d.f.allows(e) {
		e.Time = e.Time.UTC()
		d.out = append(d.out, e)
	}
}

func (d *derivation) wants(kind, id string) bool {
	return d.f.about(kind, id) && (d.services == nil || d.services[kind+" "+id])
}

// landing derives the events of the landing at a place of the line.
func (d *derivation) landing(ctx context.Context, at int, l *Landing) error {
	if l.Index == 0 && d.wants("", "") {
		d.add(d.event(l, Touch{}, Genesis, fmt.Sprintf("the store begins, with %s; nothing gates this commit", finding.Counted(len(l.Touches), "record"))))
	}
	for i, t := range l.Touches {
		if !d.wants(t.Kind.Name, t.ID) {
			continue
		}
		if err := d.touch(ctx, l, t, d.peeker.sight(at, i)); err != nil {
			return err
		}
	}
	if len(l.Rules) > 0 && l.Index > 0 && d.wants("", "") {
		d.rules(l)
	}
	return nil
}

// touch derives the events of one record in one landing.
func (d *derivation) touch(ctx context.Context, l *Landing, t Touch, ahead sight) error {
	known, after := d.peeker.trail(t), ahead.after
	before, err := d.peeker.before(ctx, t, known, ahead)
	if err != nil {
		return err
	}
	reverted := known.landed(t.NewBlob) || d.h.since != nil && d.h.since.Landed(t.Kind.Name, t.Path, t.NewBlob)
	typ, detail, err := d.step(ctx, l, t, before, after, reverted)
	if err != nil {
		return err
	}
	if after != nil && after.why != "" {
		detail += ": " + after.why
	}
	d.proposal(l, t, typ == Landed)
	d.add(d.event(l, t, typ, detail))
	known.land(t.NewBlob, after)
	return nil
}

// event fills in what every event of a landing says alike.
func (d *derivation) event(l *Landing, t Touch, typ, detail string) Event {
	e := Event{Time: l.Committer.When, Type: typ, Record: t.ID, Commit: l.OID, Actor: l.Before.Actor(l.Author), Detail: detail}
	if t.Kind != nil {
		e.Kind = t.Kind.Name
	}
	if l.Merge != nil {
		e.Evidence = l.Merge.Path
	}
	return e
}

// step names what a landing did to a record.
func (d *derivation) step(ctx context.Context, l *Landing, t Touch, before, after *glimpse, reverted bool) (typ, detail string, err error) {
	if typ, detail, err = d.change(ctx, t, before, after, reverted); err != nil {
		return "", "", err
	}
	switch l.Way(t) {
	case AtGenesis:
		return Genesis, detail, nil
	case Bootstrap:
		return Bootstraps, detail, nil
	case Pushed:
		return DirectPush, d.h.display(t.Path) + ": " + detail, nil
	}
	return typ, detail, nil
}

// change compares two versions of a record.
func (d *derivation) change(ctx context.Context, t Touch, before, after *glimpse, reverted bool) (typ, detail string, err error) {
	switch {
	case t.NewBlob == "":
		return Deleted, "removed", nil
	case !after.valid:
		return Edited, "what is there cannot be read as a record", nil
	case before == nil || !before.valid:
		typ, detail = opening(t.Kind, after)
		return typ, detail, nil
	case t.Moved != "" && t.OldBlob == t.NewBlob:
		return Edited, "moved from " + d.h.display(t.Moved), nil
	}
	if from, to := before.state, after.state; from != to && !reverted {
		typ, detail = advance(t.Kind, after, from, to)
		return typ, detail, nil
	}
	fields, err := d.fields(ctx, t)
	if err != nil {
		return "", "", err
	}
	detail = strings.Join(fields, ", ")
	if len(fields) == 0 {
		detail = "only its form"
	}
	if reverted {
		return Reverted, "as an earlier version: " + detail, nil
	}
	return stay(before, after, fields), detail, nil
}

// opening is the event of a record that was not there before.
func opening(k *record.Kind, after *glimpse) (typ, detail string) {
	if after.state == "" {
		return Landed, "new"
	}
	verb := record.VerbOf(k, after.typ, "", after.state)
	if typ = happened(verb); typ == Moved {
		typ = Landed
	}
	return typ, "new, " + after.state
}

// advance is the event of a record that took a step of its lifecycle.
func advance(k *record.Kind, after *glimpse, from, to string) (typ, detail string) {
	verb := record.VerbOf(k, after.typ, from, to)
	typ, detail = happened(verb), from+" → "+to
	if typ == "finished" && after.outcome != "" {
		detail += ", " + after.outcome
		if after.outcome == "backed-out" {
			typ = BackedOut
		}
	}
	if typ == Moved || typ == Edited {
		typ = Moved
	}
	return typ, detail
}

// stay is the event of an edit that keeps the state.
func stay(before, after *glimpse, fields []string) string {
	if after.reviewed != before.reviewed {
		return Reviewed
	}
	if slices.Contains(fields, "window") {
		return Rescheduled
	}
	return Edited
}

// proposal derives the commits and opinions that led to a landing, unless its
// author proposed and landed it in one go: that is one thing that happened.
func (d *derivation) proposal(l *Landing, t Touch, always bool) {
	var commits []*Commit
	for _, c := range l.Brought {
		if slices.ContainsFunc(c.Changes, func(x git.FileChange) bool { return x.Path == d.h.display(t.Path) }) {
			commits = append(commits, c)
		}
	}
	var opinions []Statement
	for _, s := range d.h.attached[l] {
		if s.Record == t.ID && (s.Kind == "" || s.Kind == t.Kind.Name) {
			opinions = append(opinions, s)
		}
	}
	if len(commits) == 0 || !always && len(commits) == 1 && len(opinions) == 0 && l.Before.Actor(commits[0].Author) == l.Before.Actor(l.Author) {
		d.opinions(opinions)
		return
	}
	for i, c := range commits {
		e := Event{Time: c.Committer.When, Type: Edited, Record: t.ID, Kind: t.Kind.Name, Commit: c.OID, Actor: l.Before.Actor(c.Author), Detail: subject(c)}
		if i == 0 {
			e.Type = Proposed
		}
		d.add(e)
		opinions = d.until(opinions, c.order, commits, i)
	}
	d.opinions(opinions)
}

// until adds the opinions on heads that come before the next commit of the
// record, and returns the others.
func (d *derivation) until(opinions []Statement, order int, commits []*Commit, i int) []Statement {
	next := 1 // after every commit: orders are at most 0
	if i+1 < len(commits) {
		next = commits[i+1].order
	}
	var now, later []Statement
	for _, s := range opinions {
		// What was said of a commit that a rebase has replaced comes last.
		if c := d.h.Commits[s.Head]; c != nil && c.order < next && (c.order >= order || i == 0) {
			now = append(now, s)
		} else {
			later = append(later, s)
		}
	}
	d.opinions(now)
	return later
}

// opinions adds what people said.
func (d *derivation) opinions(list []Statement) {
	for _, s := range list {
		if !d.wants(s.Kind, s.Record) {
			continue
		}
		e := Event{Time: s.Time, Type: opinion(s.Type), Record: s.Record, Kind: s.Kind, Commit: s.Head, Actor: s.Person, Evidence: s.Path, Detail: s.Branch}
		if s.Branch == "" {
			e.Detail = "after it had landed"
		}
		d.add(e)
	}
}

// opinion is the type of the event that a statement of some type is.
func opinion(statement string) string {
	switch statement {
	case "approval":
		return Approved
	case "rejection":
		return Rejected
	case "withdrawal":
		return Withdrawn
	}
	return ""
}

// rules adds a change of policy or config.
func (d *derivation) rules(l *Landing) {
	var paths []string
	for _, c := range l.Rules {
		paths = append(paths, c.Path)
	}
	typ := map[Way]string{Gated: Edited, Bootstrap: Bootstraps, Pushed: DirectPush}[l.RulesWay()]
	d.add(d.event(l, Touch{}, typ, strings.Join(paths, ", ")))
}

func subject(c *Commit) string {
	line, _, _ := strings.Cut(strings.TrimSpace(c.Message), "\n")
	return line
}
