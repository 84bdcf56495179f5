package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// FormatICS is iCalendar (RFC 5545), which calendar programs subscribe to.
const FormatICS = "ics"

// ICalendar is a calendar for other programs to show.
type ICalendar struct {
	Tool   string // version of gitsm
	Name   string
	Zone   string // IANA zone in which people read it
	Events []ICalEvent
}

// ICalEvent is something in an ICalendar, once or again and again.
type ICalEvent struct {
	UID        string // the same in every version of the calendar
	Sequence   int    // which of two versions is newer
	Modified   time.Time
	Status     string    // CONFIRMED, TENTATIVE, CANCELLED
	Start, End time.Time // where it recurs, on the clock of the location it recurs on
	Rule       string    // value of RRULE, "" for once
	Exdates    []time.Time
	Category   string
	Summary    string
	Details    []string // lines of the description
}

// The forms of a moment: on a clock, and in UTC.
const (
	icsClock = "20060102T150405"
	icsUTC   = icsClock + "Z"
)

// Write renders the calendar. Events that recur are on the clock of their zone,
// which is described in full, so that every program knows when clocks are
// changed; the others are in UTC, which needs no description.
func (c ICalendar) Write(w io.Writer) error {
	var p icsWriter
	p.raw("BEGIN", "VCALENDAR")
	p.raw("VERSION", "2.0")
	p.text("PRODID", "-//gitsm//gitsm "+c.Tool+"//EN")
	p.raw("CALSCALE", "GREGORIAN")
	p.raw("METHOD", "PUBLISH")
	// Names from before RFC 7986, by which Apple and Google still go.
	p.text("X-WR-CALNAME", c.Name)
	p.text("X-WR-TIMEZONE", c.Zone)
	p.text("NAME", c.Name)
	p.raw("REFRESH-INTERVAL;VALUE=DURATION", "PT1H")
	p.raw("X-PUBLISHED-TTL", "PT1H")
	for _, z := range c.zones() {
		p.zone(z)
	}
	for _, e := range c.Events {
		p.event(e)
	}
	p.raw("END", "VCALENDAR")
	return write(w, p.b.String())
}

// usedZone is a zone that events recur in, and since when.
type usedZone struct {
	loc  *time.Location
	from time.Time
}

func (c ICalendar) zones() []usedZone {
	var out []usedZone
	for _, e := range c.Events {
		if !e.onClock() {
			continue
		}
		i := slices.IndexFunc(out, func(z usedZone) bool { return z.loc.String() == e.Start.Location().String() })
		if i < 0 {
			out = append(out, usedZone{e.Start.Location(), e.Start})
		} else if e.Start.Before(out[i].from) {
			out[i].from = e.Start
		}
	}
	slices.SortFunc(out, func(a, b usedZone) int { return cmp.Compare(a.loc.String(), b.loc.String()) })
	return out
}

// onClock reports whether the event is written on the clock of a zone.
func (e ICalEvent) onClock() bool { return e.Rule != "" && e.Start.Location() != time.UTC }

func (p *icsWriter) event(e ICalEvent) {
	p.raw("BEGIN", "VEVENT")
	p.text("UID", e.UID)
	p.raw("SEQUENCE", fmt.Sprint(e.Sequence))
	p.raw("DTSTAMP", e.Modified.UTC().Format(icsUTC))
	p.raw("LAST-MODIFIED", e.Modified.UTC().Format(icsUTC))
	p.moment("DTSTART", e, e.Start)
	p.moment("DTEND", e, e.End)
	if e.Rule != "" {
		p.raw("RRULE", e.Rule)
	}
	for _, x := range e.Exdates {
		p.moment("EXDATE", e, x)
	}
	p.raw("STATUS", e.Status)
	p.raw("TRANSP", "TRANSPARENT") // it takes up nobody's time who only subscribes
	p.text("CATEGORIES", e.Category)
	p.text("SUMMARY", e.Summary)
	p.text("DESCRIPTION", strings.Join(e.Details, "\n"))
	p.raw("END", "VEVENT")
}

func (p *icsWriter) moment(name string, e ICalEvent, t time.Time) {
	if !e.onClock() {
		p.raw(name, t.UTC().Format(icsUTC))
		return
	}
	loc := e.Start.Location()
	p.raw(name+";TZID="+loc.String(), t.In(loc).Format(icsClock))
}

// icsWriter writes content lines.
type icsWriter struct{ b strings.Builder }

// raw writes a property whose value is ours.
func (p *icsWriter) raw(name, value string) { p.line(name + ":" + value) }

// text writes a property whose value is somebody's; an empty one is left out.
func (p *icsWriter) text(name, value string) {
	if value = ICalText(value); value != "" {
		p.raw(name, value)
	}
}

// icsLine is how many octets a line may have, without its end.
const icsLine = 75

// line writes a content line, folded where it is too long, but never within a
// character.
func (p *icsWriter) line(s string) {
	for room := icsLine; len(s) > room; room = icsLine - 1 { // the blank that marks the rest counts
		cut := room
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		p.b.WriteString(s[:cut] + "\r\n ")
		s = s[cut:]
	}
	p.b.WriteString(s + "\r\n")
}
