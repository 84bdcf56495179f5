package render

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/teambition/rrule-go"

	"github.com/gitsm/gitsm/internal/zone"
)

func TestICalendar(t *testing.T) {
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	loc := load(t, "Australia/Lord_Howe")
	cal := ICalendar{Tool: "v1", Name: "Ops, Inc.", Zone: "UTC", Events: []ICalEvent{
		{UID: "a@x", Sequence: 3, Modified: at, Status: "CONFIRMED", Category: "Change", Start: at, End: at.Add(time.Hour),
			Summary: "a\x1b[31m; b,\u202e c\\d\r\nBEGIN:VEVENT", Details: []string{"one", strings.Repeat("ä€😀", 12)}},
		{UID: "b@x", Modified: at, Status: "CANCELLED", Category: "Freeze", Summary: "F", Start: at.In(loc), End: at.Add(time.Hour).In(loc),
			Rule: "FREQ=WEEKLY", Exdates: []time.Time{at.AddDate(0, 0, 7).In(loc)}},
	}}
	var b strings.Builder
	if err := cal.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//gitsm//gitsm v1//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:Ops\, Inc.
X-WR-TIMEZONE:UTC
NAME:Ops\, Inc.
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
BEGIN:VTIMEZONE
TZID:Australia/Lord_Howe
BEGIN:DAYLIGHT
TZNAME:+11
TZOFFSETFROM:+1030
TZOFFSETTO:+1100
DTSTART:20261004T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU
END:DAYLIGHT
BEGIN:STANDARD
TZNAME:+1030
TZOFFSETFROM:+1100
TZOFFSETTO:+1030
DTSTART:20270404T020000
RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:a@x
SEQUENCE:3
DTSTAMP:20261120T090000Z
LAST-MODIFIED:20261120T090000Z
DTSTART:20261120T090000Z
DTEND:20261120T100000Z
STATUS:CONFIRMED
TRANSP:TRANSPARENT
CATEGORIES:Change
SUMMARY:a[31m\; b\, c\\d\nBEGIN:VEVENT
DESCRIPTION:one\nä€😀ä€😀ä€😀ä€😀ä€😀ä€😀ä
 €😀ä€😀ä€😀ä€😀ä€😀ä€😀
END:VEVENT
BEGIN:VEVENT
UID:b@x
SEQUENCE:0
DTSTAMP:20261120T090000Z
LAST-MODIFIED:20261120T090000Z
DTSTART;TZID=Australia/Lord_Howe:20261120T200000
DTEND;TZID=Australia/Lord_Howe:20261120T210000
RRULE:FREQ=WEEKLY
EXDATE;TZID=Australia/Lord_Howe:20261127T200000
STATUS:CANCELLED
TRANSP:TRANSPARENT
CATEGORIES:Freeze
SUMMARY:F
END:VEVENT
END:VCALENDAR
`
	if diff := cmp.Diff(strings.ReplaceAll(want, "\n", "\r\n"), b.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestObservances expands the description of a zone as a calendar would, and
// holds it against the database: week by week, and around each change.
func TestObservances(t *testing.T) {
	for _, name := range []string{"Europe/London", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "America/Nuuk", "Australia/Lord_Howe", "Australia/Sydney",
		"Asia/Gaza", "Asia/Tehran", "Asia/Kathmandu", "Africa/Casablanca", "Africa/Cairo", "Africa/Monrovia", "Pacific/Apia", "Antarctica/Troll", "Etc/GMT+5"} {
		for _, year := range []int{1970, 1996, 2026} {
			loc, from := load(t, name), time.Date(year, 2, 1, 0, 0, 0, 0, time.UTC)
			offset := expanded(t, observances(loc, from))
			probe := func(at time.Time) {
				_, want := at.In(loc).Zone()
				if got := offset(at); got != time.Duration(want)*time.Second {
					t.Errorf("%s from %d: at %s the offset is %ds, described as %s", name, year, at.Format(time.RFC3339), want, got)
				}
			}
			until := time.Date(2049, 12, 31, 0, 0, 0, 0, time.UTC)
			for at := from; at.Before(until); at = at.AddDate(0, 0, 7) {
				probe(at)
			}
			for _, c := range zone.Changes(loc, from, until)[1:] {
				probe(c.At)
				probe(c.At.Add(-time.Second))
			}
		}
	}
}

// expanded is the offset at a moment, as RFC 5545 3.6.5 has it: that of the
// observance which began last.
func expanded(t *testing.T, list []observance) func(time.Time) time.Duration {
	t.Helper()
	type onset struct {
		at    time.Time
		after time.Duration
	}
	var onsets []onset
	for _, o := range list {
		walls := o.on
		if o.rule != "" {
			option, err := rrule.StrToROption(o.rule)
			if err != nil {
				t.Fatal(err)
			}
			option.Dtstart = o.on[0]
			rule, err := rrule.NewRRule(*option)
			if err != nil {
				t.Fatal(err)
			}
			walls = rule.Between(o.on[0], time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC), true)
		}
		for _, w := range walls {
			onsets = append(onsets, onset{w.Add(-o.Before), o.After})
		}
	}
	return func(at time.Time) time.Duration {
		best := onset{}
		for _, o := range onsets {
			if !o.at.After(at) && o.at.After(best.at) {
				best = o
			}
		}
		return best.after
	}
}

func load(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := zone.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
