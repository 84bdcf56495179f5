package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/zone"
)

// calendarFields are what calendar prints as JSON.
var calendarFields = []string{"start", "end", "kind", "strength", "id", "state", "scope", "environments", "title", "type", "owner", "timezone", "rrule", "branch"}

type calendarOptions struct {
	week, month, from, to  string
	services, environments []string
	at                     string
	out                    outputFlags
}

func newCalendarCmd(env *Env) *cobra.Command {
	o := &calendarOptions{out: outputFlags{own: []string{render.FormatICS}}}
	cmd := &cobra.Command{
		Use: "calendar", Short: "List changes, freezes and maintenance windows by time", Args: args(cobra.NoArgs),
		Long: `List what takes place in a period: freezes and maintenance windows, occurrence by
occurrence, and changes. A change that was carried out is listed when it was, any
other when it is meant to be. What only an open proposal has is listed as proposed,
with its branch; what was cancelled is not listed.

Without a period it is the four weeks from today on. Times and days are those of
the store's time zone. A period begins with its first moment and ends before its
last, so that what ends as another begins is not listed with it.

-o ics prints a calendar that other programs subscribe to (RFC 5545). It holds
each window that takes place in the period once, with its recurrence, also where
it was cancelled. Publish it from a clone with all of main's history.`,
		Example: `  $ gitsm calendar
  $ gitsm calendar --week=2026-12-21 --service checkout

  # publish what is ahead, for others to subscribe to
  $ gitsm calendar --from 2026-11-01 --to 2027-10-31 -o ics=public/changes.ics`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runCalendar(cmd.Context(), env, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.week, "week", "", "the week, from Monday on, of today or of this `DATE`")
	f.StringVar(&o.month, "month", "", "the month of today or of this `DATE`")
	f.Lookup("week").NoOptDefVal, f.Lookup("month").NoOptDefVal = today, today
	f.StringVar(&o.from, "from", "", "from this `DATE` or time on; from today on where not given")
	f.StringVar(&o.to, "to", "", "to the end of this `DATE`, or to a time; for four weeks where not given")
	f.StringSliceVar(&o.services, "service", nil, "only what is about these `SERVICES`")
	f.StringSliceVar(&o.environments, "environment", nil, "only what is about these `ENVIRONMENTS`; what names none is about all")
	f.StringVar(&o.at, "at", "", atHelp)
	o.out.register(cmd)
	return cmd
}

// sheet is what a calendar is made from.
type sheet struct {
	store   *store.Store
	main    git.OID // of which it is
	zone    *time.Location
	period  calendar.Span
	entries []calendar.Entry
	heads   map[string]git.OID // of open proposals, by branch
}

func runCalendar(ctx context.Context, env *Env, o *calendarOptions) error {
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	s, broken, err := o.sheet(ctx, env, d)
	if err != nil {
		return err
	}
	o.out.writeOwn, err = env.icalendar(ctx, d, s, o.out.formats)
	if err != nil {
		return err
	}
	items := []map[string]any{}
	for _, e := range s.entries {
		if !e.Cancelled() {
			items = append(items, s.item(e))
		}
	}
	if len(items) == 0 && !o.out.given() {
		env.say("nothing takes place from %s to %s", s.period.Start.Format(time.RFC3339), s.period.End.Format(time.RFC3339))
	}
	err = o.out.write(ctx, env, render.List{Fields: calendarFields, Items: items, Columns: []render.Column{{Field: "start"}, {Field: "end"}, {Field: "kind"},
		{Field: "strength"}, {Field: "id"}, {Field: "state"}, {Field: "scope"}, {Field: "title"}}})
	if err != nil || len(broken) == 0 {
		return err
	}
	for _, b := range broken {
		env.say("window %s cannot be placed in time: %s", b.Record.ID, b.Problems[0].Message)
	}
	return exit(ExitFailure) // they may belong in the calendar
}

// sheet reads what takes place in the period that is asked for. Windows that
// nobody can place in time are returned apart.
func (o *calendarOptions) sheet(ctx context.Context, env *Env, d *proposal.Desk) (*sheet, []calendar.Broken, error) {
	w, err := d.Look(ctx)
	if err != nil {
		return nil, nil, err
	}
	s := &sheet{store: w.Base, main: w.Main}
	if o.at != "" {
		if s.main, err = env.revision(ctx, d, o.at); err != nil {
			return nil, nil, err
		}
		if s.store, err = env.past(ctx, d, s.main); err != nil {
			return nil, nil, err
		}
	}
	if s.zone, err = zone.Load(s.store.Config.Timezone); err != nil {
		return nil, nil, fmt.Errorf("reading timezone of %s: %w", store.ConfigFile, err)
	}
	if s.period, err = o.period(d.Now(), s.zone); err != nil {
		return nil, nil, err
	}
	windows, broken, err := calendar.WindowsOf(s.store)
	if err != nil {
		return nil, nil, err
	}
	services, err := calendar.ServicesOf(s.store)
	if err != nil {
		return nil, nil, err
	}
	bookings, err := s.listed(d.Now())
	if err != nil {
		return nil, nil, err
	}
	if o.at == "" {
		proposed, err := d.Proposed(ctx, w)
		if err != nil {
			return nil, nil, err
		}
		bookings = append(bookings, s.news(proposed, bookings, d.Now())...)
	}
	s.entries, err = calendar.Entries(windows, bookings, services, o.selection(s))
	return s, broken, err
}

func (o *calendarOptions) selection(s *sheet) calendar.Selection {
	sel := calendar.Selection{Period: s.period, Environments: o.environments}
	for _, name := range o.services {
		sel.Services = append(sel.Services, s.store.Unaliased(name, "service"))
	}
	return sel
}

// listed are the changes that have a time within the period. They are read
// directory by directory, since only few of all that there are have.
func (s *sheet) listed(now time.Time) ([]calendar.Booking, error) {
	parts, err := s.store.Parts("change")
	if err != nil {
		return nil, err
	}
	var out []calendar.Booking
	for _, p := range parts {
		recs, err := p.Records()
		if err != nil {
			return nil, err
		}
		for _, r := range recs {
			if b, ok := calendar.Listed(r, now); ok && b.Span.Overlaps(s.period) {
				out = append(out, b)
			}
		}
	}
	return out, nil
}

// news are the changes of open proposals that main does not have at that time.
func (s *sheet) news(proposed []proposal.ProposedChange, landed []calendar.Booking, now time.Time) []calendar.Booking {
	var out []calendar.Booking
	s.heads = map[string]git.OID{}
	for _, p := range proposed {
		b, ok := calendar.BookingOf(p.Record, now)
		if !ok || slices.ContainsFunc(landed, func(l calendar.Booking) bool { return l.ID == b.ID && l.Span == b.Span }) {
			continue
		}
		b.Branch, s.heads[p.Branch] = p.Branch, p.Head
		out = append(out, b)
	}
	return out
}

// item is an entry as it is printed.
func (s *sheet) item(e calendar.Entry) map[string]any {
	item := map[string]any{"start": e.Span.Start.In(s.zone).Format(time.RFC3339), "end": e.Span.End.In(s.zone).Format(time.RFC3339),
		"kind": e.Kind, "id": e.ID(), "scope": scopeOf(e), "strength": "", "type": "", "timezone": "", "rrule": "", "branch": ""}
	if w := e.Window; w != nil {
		item["title"], item["owner"], item["strength"], item["rrule"] = w.Title, w.Owner, w.Strength, w.Rule()
		item["environments"], item["timezone"], item["state"] = notNil(w.Scope.Environments), w.First.Start.Location().String(), "active"
		return item
	}
	b := e.Booking
	item["title"], item["owner"], item["type"], item["state"], item["branch"], item["environments"] = b.Title, b.Owner, b.Type, b.State, b.Branch, []string{}
	if b.Environment != "" {
		item["environments"] = []string{b.Environment}
	}
	if b.Branch != "" {
		item["state"] = "proposed"
	}
	return item
}

// scopeOf are the ids of services and assets an entry is about, and what else
// a window is for.
func scopeOf(e calendar.Entry) []string {
	if b := e.Booking; b != nil {
		return slices.Concat([]string{}, b.Services, b.Assets)
	}
	scope := e.Window.Scope
	out := slices.Concat([]string{}, scope.Services, scope.Assets)
	for _, t := range scope.Tiers {
		out = append(out, fmt.Sprintf("tier %d", t))
	}
	if scope.All {
		out = append(out, "everything")
	}
	return out
}

// today is --week and --month without a date.
const today = "today"

// period is the time that is asked for.
func (o *calendarOptions) period(now time.Time, loc *time.Location) (calendar.Span, error) {
	span := calendar.Span{}
	ranged := o.from != "" || o.to != ""
	if o.week != "" && o.month != "" || ranged && o.week+o.month != "" {
		return span, usage("--week, --month, and --from with --to exclude each other")
	}
	var err error
	date := func(text string) (day time.Time) {
		if day = zone.Wall(now.In(loc)); text == "" || text == today {
			return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
		}
		if day, err = time.Parse(time.DateOnly, text); err != nil {
			err = usage("%q is no date", text).hint("write it as 2026-11-20")
		}
		return day
	}
	first, last := date(o.week+o.month), time.Time{}
	switch {
	case err != nil:
		return span, err
	case o.week != "":
		first = first.AddDate(0, 0, -int((first.Weekday()+6)%7))
		last = first.AddDate(0, 0, 7)
	case o.month != "":
		first = first.AddDate(0, 0, 1-first.Day())
		last = first.AddDate(0, 1, 0)
	default:
		return o.fromTo(first, loc)
	}
	return calendar.Span{Start: zone.At(first, loc), End: zone.At(last, loc)}, nil
}

// fourWeeks is how much is listed where nothing else is asked for, in days.
const fourWeeks = 28

// fromTo is the period of --from and --to.
func (o *calendarOptions) fromTo(first time.Time, loc *time.Location) (span calendar.Span, err error) {
	span.Start = zone.At(first, loc)
	if o.from != "" {
		if span.Start, err = moment(o.from, 0, loc); err != nil {
			return span, err
		}
	}
	span.End = zone.At(zone.Wall(span.Start).AddDate(0, 0, fourWeeks), loc)
	if o.to != "" {
		if span.End, err = moment(o.to, 1, loc); err != nil {
			return span, err
		}
	}
	if !span.Valid() {
		return span, usage("the period ends at %s, which is not after its start, %s", span.End.Format(time.RFC3339), span.Start.Format(time.RFC3339))
	}
	return span, nil
}

// moment reads a time, or a date in a zone: its first moment, or that of the day
// so many days later.
func moment(text string, days int, loc *time.Location) (time.Time, error) {
	t, err := day(text)
	if err != nil {
		return t, err
	}
	if strings.Contains(text, "T") {
		return t.In(loc), nil
	}
	return zone.At(t.AddDate(0, 0, days), loc), nil
}
