package demo

import (
	"fmt"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// windowRecords are the organisation's windows: nights in which its books may
// be worked on, and the weeks before Christmas in which nothing is. The zones
// are those of the people who are up at that time.
func windowRecords() map[string]yamldoc.Map {
	scope := func(key string, value any) yamldoc.Entry {
		return entry("scope", yamldoc.Map{entry(key, value)})
	}
	return map[string]yamldoc.Map{
		"ledger-nights": envelope("window", "ledger-nights", entry("title", "Maintenance of the ledger"), entry("type", calendar.Maintenance),
			entry("state", "active"), entry("start", "2025-05-20T22:00:00+02:00"), entry("duration", "5h"), entry("timezone", "Europe/Amsterdam"),
			entry("rrule", "FREQ=WEEKLY;BYDAY=TU,TH"), entry("exdates", []string{"2025-12-23T22:00:00+01:00", "2025-12-25T22:00:00+01:00", "2025-12-30T22:00:00+01:00", "2026-12-22T22:00:00+01:00", "2026-12-24T22:00:00+01:00", "2026-12-29T22:00:00+01:00", "2026-12-31T22:00:00+01:00"}),
			scope("services", []string{"ledger"}), entry("owner", "team:payments"), entry("reason", "Settlement with the acquirer runs until 21:30.")),
		"christmas": envelope("window", "christmas", entry("title", "Christmas trade"), entry("type", calendar.Freeze), entry("strength", calendar.Hard),
			entry("state", "active"), entry("start", "2025-12-20T00:00:00+01:00"), entry("end", "2026-01-01T00:00:00+01:00"), entry("timezone", "Europe/Amsterdam"),
			entry("rrule", "FREQ=YEARLY;COUNT=2"), scope("all", true), entry("owner", "team:change-managers"), entry("reason", "A third of the year's orders.")),
		"stocktaking": envelope("window", "stocktaking", entry("title", "Stocktaking"), entry("type", calendar.Freeze), entry("strength", calendar.Soft),
			entry("state", "active"), entry("start", "2026-12-07T06:00:00+01:00"), entry("end", "2026-12-09T20:00:00+01:00"), entry("timezone", "Europe/Amsterdam"),
			scope("services", []string{"catalogue", "orders"}), entry("owner", "team:storefront"), entry("reason", "Counts would not match what is sold meanwhile.")),
	}
}

// patience is how many windows are drawn before one at night is taken.
const patience = 12

// freeWindow draws windows until one is in nobody's way: people look at the
// calendar before they choose.
func (b *builder) freeWindow(w *work) (from, to time.Time, err error) {
	j := w.job
	for n := range 40 * patience {
		j.night = w.job.night || n >= patience
		from, to = b.drawWindow(j, n/4)
		free, err := b.free(w, from, to)
		if err != nil {
			return from, to, err
		}
		if free {
			return from, to, nil
		}
	}
	return from, to, fmt.Errorf("no window is free for work on %s", w.service)
}

// free reports whether nothing is in the way of a window, among what has landed
// and what others have planned, and keeps it for the work then.
func (b *builder) free(w *work, from, to time.Time) (bool, error) {
	if b.now.Before(opening) {
		return true, nil // the archive has no calendar
	}
	at, err := b.desk(w.requester).Look(b.ctx)
	if err != nil {
		return false, err
	}
	plan, err := b.judge.Plan(at.Base)
	if err != nil {
		return false, err
	}
	mine := calendar.Booking{ID: w.id, Services: []string{w.service}, Assets: w.assets, Span: calendar.Span{Start: from, End: to}}
	if mine.ID == "" {
		b.drawn++
		mine.ID = fmt.Sprint(b.drawn) // not filed yet
	}
	b.planned = slices.DeleteFunc(b.planned, func(o calendar.Booking) bool { return o.Span.End.Before(b.now) })
	found, err := plan.InTheWay(&mine, b.now, b.planned...)
	if err != nil || len(found) > 0 {
		return false, err
	}
	b.planned = append(b.planned, mine)
	return true, nil
}
