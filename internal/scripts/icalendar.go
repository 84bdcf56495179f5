package scripts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the parsers take zones from the machine, which may have none

	ics "github.com/arran4/golang-ical"
	"github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/teambition/rrule-go"
)

// icalendar FILE LIST FROM TO reads a calendar with two parsers that are
// strangers to each other, and demands that each finds in the period what LIST,
// printed by gitsm calendar --json id,start,end, has.
func icalendar(ts *testscript.TestScript, neg bool, args []string) {
	src := []byte(ts.ReadFile(args[0]))
	var period [2]time.Time
	for i := range period {
		var err error
		period[i], err = time.Parse(time.RFC3339, args[2+i])
		ts.Check(err)
	}
	ts.Check(conventions(src))
	want := []string{}
	var list []struct{ ID, Start, End string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &list))
	for _, e := range list {
		start, err := time.Parse(time.RFC3339, e.Start)
		ts.Check(err)
		end, err := time.Parse(time.RFC3339, e.End)
		ts.Check(err)
		want = append(want, seen(e.ID, start, end))
	}
	slices.Sort(want)
	for name, parse := range map[string]func([]byte, [2]time.Time) ([]string, error){"golang-ical": arran4, "go-ical": emersion} {
		got, err := parse(src, period)
		ts.Check(err)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			ts.Fatalf("%s: -listed +found:\n%s", name, diff)
		}
	}
}

// conventions are those of RFC 5545 that parsers forgive.
func conventions(src []byte) error {
	if bytes.Count(src, []byte("\n")) != bytes.Count(src, []byte("\r\n")) || bytes.Count(src, []byte("\r")) != bytes.Count(src, []byte("\r\n")) {
		return fmt.Errorf("lines do not end with CRLF alone")
	}
	uids := map[string]bool{}
	for line := range strings.SplitSeq(string(src), "\r\n") {
		if len(line) > 75 {
			return fmt.Errorf("a line of %d octets: %s", len(line), line)
		}
		if uid, ok := strings.CutPrefix(line, "UID:"); ok && uids[uid] {
			return fmt.Errorf("%s names two events", uid)
		} else if ok {
			uids[uid] = true
		}
	}
	return nil
}

func seen(id string, start, end time.Time) string {
	return fmt.Sprintf("%s %s %s", id, start.UTC().Format(time.RFC3339), end.UTC().Format(time.RFC3339))
}

// idOf is the id of the record that an event is about.
func idOf(uid string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(uid, "window/"), "@")
	id, _, _ = strings.Cut(id, "/")
	return id
}

// within are the occurrences of an event in a period.
func within(uid string, length time.Duration, set *rrule.Set, period [2]time.Time) []string {
	var out []string
	for _, t := range set.Between(period[0].Add(-length), period[1], true) {
		if t.Add(length).After(period[0]) && t.Before(period[1]) {
			out = append(out, seen(idOf(uid), t, t.Add(length)))
		}
	}
	return out
}

func arran4(src []byte, period [2]time.Time) ([]string, error) {
	cal, err := ics.ParseCalendar(bytes.NewReader(src))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range cal.Events() {
		if e.GetProperty(ics.ComponentPropertyStatus).Value == "CANCELLED" {
			continue
		}
		start, err := e.GetStartAt()
		if err != nil {
			return nil, err
		}
		end, err := e.GetEndAt()
		if err != nil {
			return nil, err
		}
		set := &rrule.Set{}
		set.RDate(start)
		if p := e.GetProperty(ics.ComponentPropertyRrule); p != nil {
			option, err := rrule.StrToROption(p.Value)
			if err != nil {
				return nil, err
			}
			option.Dtstart = start
			rule, err := rrule.NewRRule(*option)
			if err != nil {
				return nil, err
			}
			set.RRule(rule)
		}
		for _, x := range e.GetProperties(ics.ComponentPropertyExdate) {
			t, err := time.ParseInLocation("20060102T150405", x.Value, start.Location())
			if err != nil {
				return nil, err
			}
			set.ExDate(t)
		}
		out = append(out, within(e.Id(), end.Sub(start), set, period)...)
	}
	return out, nil
}

func emersion(src []byte, period [2]time.Time) ([]string, error) {
	cal, err := ical.NewDecoder(bytes.NewReader(src)).Decode()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range cal.Events() {
		if status, err := e.Status(); err != nil || status == ical.EventCancelled {
			continue
		}
		uid, err := e.Props.Text(ical.PropUID)
		if err != nil {
			return nil, err
		}
		start, err := e.DateTimeStart(time.UTC)
		if err != nil {
			return nil, err
		}
		end, err := e.DateTimeEnd(time.UTC)
		if err != nil {
			return nil, err
		}
		set, err := e.RecurrenceSet(start.Location())
		if err != nil {
			return nil, err
		}
		if set == nil {
			set = &rrule.Set{}
			set.RDate(start)
		}
		out = append(out, within(uid, end.Sub(start), set, period)...)
	}
	return out, nil
}
