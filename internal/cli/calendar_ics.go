package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
)

// icalendar prepares a calendar for other programs, where formats ask for it.
// Its events have the same names in every clone and at every time, and numbers
// that grow whenever a record lands.
func (env *Env) icalendar(ctx context.Context, d *proposal.Desk, s *sheet, formats []string) (func(io.Writer, string, render.Style) error, error) {
	if !slices.ContainsFunc(formats, func(f string) bool { return f == render.FormatICS || strings.HasPrefix(f, render.FormatICS+"=") }) {
		return nil, nil
	}
	repo, err := env.repository(ctx)
	if err != nil {
		return nil, err
	}
	if repo.Shallow() {
		return nil, errors.New("this clone is shallow, so it cannot be told which version of a record is newer: git fetch --unshallow")
	}
	genesis, err := proposal.Genesis(ctx, d.Repo, d.Dir, s.main)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range s.entries {
		files = append(files, s.file(e))
	}
	slices.Sort(files)
	landed, err := d.Revisions(ctx, s.main, slices.Compact(files))
	if err != nil {
		return nil, err
	}
	p := publisher{d: d, sheet: s, domain: "@" + short(genesis) + ".gitsm", landed: landed}
	cal := render.ICalendar{Tool: env.Version, Name: cmp.Or(s.store.Config.Title, "gitsm"), Zone: s.zone.String()}
	if cal.Events, err = p.events(ctx); err != nil {
		return nil, err
	}
	return func(w io.Writer, _ string, _ render.Style) error { return cal.Write(w) }, nil
}

// file is where main has, or would have, an entry's record.
func (s *sheet) file(e calendar.Entry) string {
	name := "change"
	if e.Window != nil {
		name = "window"
	}
	k, _ := s.store.Kinds.ByName(name)
	return k.PathOf(e.ID())
}

// publisher makes events of the entries of a sheet.
type publisher struct {
	d      *proposal.Desk
	sheet  *sheet
	domain string
	landed map[string]proposal.Revision // by file
}

func (p *publisher) events(ctx context.Context) ([]render.ICalEvent, error) {
	var out []render.ICalEvent
	seen := map[string]bool{}
	for _, e := range p.sheet.entries {
		ev := render.ICalEvent{UID: p.uid(e), Status: "CONFIRMED", Summary: summary(e), Details: details(e), Start: e.Span.Start, End: e.Span.End}
		if seen[ev.UID] {
			continue // another occurrence of the same window
		}
		seen[ev.UID] = true
		r := p.landed[p.sheet.file(e)]
		ev.Sequence, ev.Modified = r.Count, r.At
		switch {
		case e.Window != nil:
			ev.Sequence += e.Window.Sequence
			ev.Start, ev.End, ev.Rule, ev.Exdates = e.Window.First.Start, e.Window.First.End, e.Window.Rule(), e.Window.Exdates()
		case e.Booking.Branch != "":
			ev.Status, ev.Sequence = "TENTATIVE", 0
			head, err := p.d.Repo.Commit(ctx, p.sheet.heads[e.Booking.Branch])
			if err != nil {
				return nil, err
			}
			ev.Modified = head.Committer.When
		}
		if e.Cancelled() {
			ev.Status = "CANCELLED"
		}
		ev.Category = strings.ToUpper(e.Kind[:1]) + e.Kind[1:]
		out = append(out, ev)
	}
	return out, nil
}

// uid names an event for ever. What is proposed beside what has landed, or
// beside another proposal, is another event.
func (p *publisher) uid(e calendar.Entry) string {
	if e.Window != nil {
		return "window/" + e.Window.ID + p.domain
	}
	b := e.Booking
	alone := func() bool {
		return !slices.ContainsFunc(p.sheet.entries, func(o calendar.Entry) bool {
			return o.Booking != nil && o.Booking.ID == b.ID && o.Booking.Branch != b.Branch
		})
	}
	if b.Branch != "" && (p.landed[p.sheet.file(e)].Count > 0 || !alone()) {
		return strings.TrimPrefix(b.Branch, "gitsm/") + p.domain
	}
	return b.ID + p.domain
}

// summary is what a calendar shows in the little room it has.
func summary(e calendar.Entry) string {
	switch w, b := e.Window, e.Booking; {
	case w != nil && w.Type == calendar.Freeze:
		return strings.ToUpper(w.Strength[:1]) + w.Strength[1:] + " freeze: " + w.Title
	case w != nil:
		return "Maintenance: " + w.Title
	case b.Branch != "":
		return "Proposed: " + b.Title + " (" + b.ID + ")"
	default:
		return b.Title + " (" + b.ID + ")"
	}
}

// details say what an event is about, without what people wrote at length.
func details(e calendar.Entry) []string {
	var out []string
	line := func(name, value string) {
		if value != "" {
			out = append(out, name+": "+value)
		}
	}
	line("For", strings.Join(scopeOf(e), ", "))
	if w := e.Window; w != nil {
		line("Environments", strings.Join(w.Scope.Environments, ", "))
		line("Owner", w.Owner)
		line("Why", w.Reason)
		return out
	}
	b := e.Booking
	line("Environment", b.Environment)
	line("Type", b.Type)
	if b.Branch != "" {
		line("Proposed in", b.Branch)
	} else {
		line("State", b.State)
	}
	line("Owner", b.Owner)
	return out
}
