package calendar_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// rec makes a record of a kind from the lines of its fields.
func rec(t testing.TB, kind, id, fields string) *record.Record {
	t.Helper()
	doc, found := yamldoc.Parse(id+".yaml", []byte("id: "+id+"\n"+fields))
	if doc == nil || len(found) > 0 {
		t.Fatalf("%s: %v", fields, found)
	}
	k, ok := record.Builtin().ByName(kind)
	if !ok {
		k = &record.Kind{Name: kind, Title: "title", Terminal: []string{"cancelled"}}
	}
	return record.New(k, id, id+".yaml", "", doc)
}

func window(t testing.TB, id, fields string) *calendar.Window {
	t.Helper()
	if !strings.Contains(fields, "scope:") {
		fields += "scope: {all: true}\n"
	}
	w, problems := calendar.Read(rec(t, "window", id, fields), "UTC")
	if w == nil {
		t.Fatalf("%s: %v", fields, problems)
	}
	return w
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	m, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func span(t testing.TB, from, to string) calendar.Span {
	t.Helper()
	return calendar.Span{Start: at(t, from), End: at(t, to)}
}

func TestOccurrences(t *testing.T) {
	tests := []struct {
		name, fields, from, to string
		want                   []string // start/end on the window's clock
	}{
		{
			"London in spring: 01:30 is skipped and is 02:30",
			"start: 2026-03-22T01:30:00Z\nduration: 1h\ntimezone: Europe/London\nrrule: FREQ=WEEKLY;BYDAY=SU\n",
			"2026-03-22T00:00:00Z", "2026-04-06T00:00:00Z",
			[]string{"2026-03-22T01:30:00Z/2026-03-22T02:30:00Z", "2026-03-29T02:30:00+01:00/2026-03-29T03:30:00+01:00", "2026-04-05T01:30:00+01:00/2026-04-05T02:30:00+01:00"},
		},
		{
			"London in autumn: 01:30 comes twice and is the first; it lasts an hour, not two",
			"start: 2026-10-18T01:30:00+01:00\nduration: 1h\ntimezone: Europe/London\nrrule: FREQ=WEEKLY\n",
			"2026-10-18T00:00:00Z", "2026-11-02T00:00:00Z",
			[]string{"2026-10-18T01:30:00+01:00/2026-10-18T02:30:00+01:00", "2026-10-25T01:30:00+01:00/2026-10-25T01:30:00Z", "2026-11-01T01:30:00Z/2026-11-01T02:30:00Z"},
		},
		{
			"London: an occurrence across the change lasts as long as any other",
			"start: 2026-03-21T22:00:00Z\nend: 2026-03-22T04:00:00Z\ntimezone: Europe/London\nrrule: FREQ=WEEKLY\n",
			"2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z",
			[]string{"2026-03-28T22:00:00Z/2026-03-29T05:00:00+01:00"},
		},
		{
			"New York in spring: 02:30 is 03:30",
			"start: 2026-03-01T02:30:00-05:00\nduration: 30m\ntimezone: America/New_York\nrrule: FREQ=WEEKLY;BYDAY=SU\n",
			"2026-03-02T00:00:00Z", "2026-03-16T00:00:00Z",
			[]string{"2026-03-08T03:30:00-04:00/2026-03-08T04:00:00-04:00", "2026-03-15T02:30:00-04:00/2026-03-15T03:00:00-04:00"},
		},
		{
			"New York in autumn: the first 01:30",
			"start: 2026-10-25T01:30:00-04:00\nduration: 2h\ntimezone: America/New_York\nrrule: FREQ=WEEKLY\n",
			"2026-10-26T00:00:00Z", "2026-11-09T00:00:00Z",
			[]string{"2026-11-01T01:30:00-04:00/2026-11-01T02:30:00-05:00", "2026-11-08T01:30:00-05:00/2026-11-08T03:30:00-05:00"},
		},
		{
			"Lord Howe in spring: half an hour is skipped",
			"start: 2026-09-27T02:15:00+10:30\nduration: 1h\ntimezone: Australia/Lord_Howe\nrrule: FREQ=WEEKLY\n",
			"2026-09-28T00:00:00Z", "2026-10-12T00:00:00Z",
			[]string{"2026-10-04T02:45:00+11:00/2026-10-04T03:45:00+11:00", "2026-10-11T02:15:00+11:00/2026-10-11T03:15:00+11:00"},
		},
		{
			"Lord Howe in autumn: half an hour comes twice",
			"start: 2026-03-29T01:45:00+11:00\nduration: 1h\ntimezone: Australia/Lord_Howe\nrrule: FREQ=WEEKLY\n",
			"2026-03-30T00:00:00Z", "2026-04-13T00:00:00Z",
			[]string{"2026-04-05T01:45:00+11:00/2026-04-05T02:15:00+10:30", "2026-04-12T01:45:00+10:30/2026-04-12T02:45:00+10:30"},
		},
		{
			"twice a day, one of which the gap moves onto the other",
			"start: 2026-03-28T01:30:00Z\nduration: 15m\ntimezone: Europe/London\nrrule: FREQ=DAILY;BYHOUR=1,2;BYMINUTE=30\n",
			"2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z",
			[]string{"2026-03-29T02:30:00+01:00/2026-03-29T02:45:00+01:00"},
		},
		{
			"once",
			"start: 2026-12-20T00:00:00Z\nend: 2027-01-04T00:00:00Z\n",
			"2026-12-24T00:00:00Z", "2026-12-25T00:00:00Z",
			[]string{"2026-12-20T00:00:00Z/2027-01-04T00:00:00Z"},
		},
		{"once, and what touches is not in it", "start: 2026-12-20T00:00:00Z\nend: 2026-12-21T00:00:00Z\n", "2026-12-21T00:00:00Z", "2026-12-22T00:00:00Z", nil},
		{"once, and it only touches", "start: 2026-12-20T00:00:00Z\nend: 2026-12-21T00:00:00Z\n", "2026-12-19T00:00:00Z", "2026-12-20T00:00:00Z", nil},
		{
			"an exception, compared as a moment",
			"start: 2026-11-01T22:00:00Z\nduration: 2h\nrrule: FREQ=WEEKLY\nexdates: ['2026-11-09T00:00:00+02:00']\n",
			"2026-11-01T00:00:00Z", "2026-11-16T00:00:00Z",
			[]string{"2026-11-01T22:00:00Z/2026-11-02T00:00:00Z", "2026-11-15T22:00:00Z/2026-11-16T00:00:00Z"},
		},
		{
			"the last Friday of a month, three times",
			"start: 2026-10-30T20:00:00Z\nduration: 4h\nrrule: FREQ=MONTHLY;BYDAY=-1FR;COUNT=3\n",
			"2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z",
			[]string{"2026-10-30T20:00:00Z/2026-10-31T00:00:00Z", "2026-11-27T20:00:00Z/2026-11-28T00:00:00Z", "2026-12-25T20:00:00Z/2026-12-26T00:00:00Z"},
		},
		{
			"UNTIL as a date is the whole day of the window's clock",
			"start: 2026-11-01T23:30:00-05:00\nduration: 1h\ntimezone: America/New_York\nrrule: FREQ=DAILY;UNTIL=20261102\n",
			"2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z",
			[]string{"2026-11-01T23:30:00-05:00/2026-11-02T00:30:00-05:00", "2026-11-02T23:30:00-05:00/2026-11-03T00:30:00-05:00"},
		},
		{
			"UNTIL as a moment is the last start",
			"start: 2026-11-01T10:00:00Z\nduration: 1h\nrrule: FREQ=DAILY;UNTIL=20261102T100000Z\n",
			"2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z",
			[]string{"2026-11-01T10:00:00Z/2026-11-01T11:00:00Z", "2026-11-02T10:00:00Z/2026-11-02T11:00:00Z"},
		},
		{"cancelled", "state: cancelled\nstart: 2026-11-01T10:00:00Z\nduration: 1h\n", "2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			spans, err := window(t, "w", "type: maintenance\n"+tt.fields).Occurrences(span(t, tt.from, tt.to))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range spans {
				got = append(got, s.Start.Format(time.RFC3339)+"/"+s.End.Format(time.RFC3339))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	const good = "type: maintenance\nscope: {all: true}\nstart: 2026-11-02T22:00:00Z\nduration: 2h\n"
	recurring := func(rule string) string { return good + "rrule: " + rule + "\n" }
	tests := []struct{ name, fields, want string }{
		{"ends before it starts", "type: freeze\nscope: {all: true}\nstart: 2026-11-02T22:00:00Z\nend: 2026-11-02T21:00:00Z\n", "it ends at"},
		{"ends as it starts", "type: freeze\nscope: {all: true}\nstart: 2026-11-02T22:00:00Z\nend: 2026-11-02T22:00:00Z\n", "it ends at"},
		{"no length", "type: freeze\nscope: {all: true}\nstart: 2026-11-02T22:00:00Z\nduration: 0h\n", "it ends at"},
		{"no end", "type: freeze\nscope: {all: true}\nstart: 2026-11-02T22:00:00Z\n", "it has not one of end and duration"},
		{"two ends", good + "end: 2026-11-03T00:00:00Z\n", "it has not one of end and duration"},
		{"a duration in the wrong order", "type: freeze\nscope: {all: true}\nstart: 2026-11-02T22:00:00Z\nduration: 30m2h\n", "duration"},
		{"another millennium", "type: freeze\nscope: {all: true}\nstart: 0001-11-02T22:00:00Z\nduration: 1h\n", "it is not between the years 1970"},
		{"no scope", "type: freeze\nscope: {environments: [production]}\nstart: 2026-11-02T22:00:00Z\nduration: 2h\n", "the scope names nothing"},
		{"scope of nothing", "type: freeze\nscope: {all: false}\nstart: 2026-11-02T22:00:00Z\nduration: 2h\n", "the scope names nothing"},
		{"unknown zone", good + "timezone: Mars/Olympus\n", "there is no time zone"},
		{"every second for ever", recurring("FREQ=SECONDLY"), "rrule: FREQ=SECONDLY is too often"},
		{"every hour", recurring("FREQ=HOURLY;COUNT=3"), "rrule: FREQ=HOURLY is too often"},
		{"every second of the day", recurring("FREQ=DAILY;BYSECOND=0,1,2,3,4,5,6,7,8,9;BYMINUTE=0,1,2,3"), "rrule: it recurs more than 24 times a day"},
		{"never", recurring("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), "rrule: it never takes place"},
		{"never, by position", recurring("FREQ=YEARLY;BYDAY=MO;BYSETPOS=300"), "rrule: it never takes place"},
		{"starts on a day that is not its own", recurring("FREQ=WEEKLY;BYDAY=SU"), "rrule: start is none of its occurrences: the first would be at 2026-11-08T22:00:00Z"},
		{"starts in the repeated hour, the second time", "type: freeze\nscope: {all: true}\nstart: 2026-10-25T01:30:00Z\nduration: 2h\ntimezone: Europe/London\nrrule: FREQ=YEARLY\n", "rrule: start is none"},
		{"no frequency", recurring("BYDAY=MO"), "rrule: cannot be read"},
		{"unknown frequency", recurring("FREQ=OFTEN"), "rrule: cannot be read"},
		{"unknown part", recurring("FREQ=DAILY;BYEASTER=1"), `rrule: "BYEASTER" is no part`},
		{"a part twice", recurring("FREQ=DAILY;FREQ=WEEKLY"), "rrule: FREQ is given twice"},
		{"a giant interval", recurring("FREQ=DAILY;INTERVAL=9223372036854775807"), "rrule: INTERVAL"},
		{"no interval", recurring("FREQ=DAILY;INTERVAL=0"), "rrule: INTERVAL"},
		{"COUNT of nothing", recurring("FREQ=DAILY;COUNT=0"), "rrule: COUNT=0"},
		{"COUNT without end", recurring("FREQ=DAILY;COUNT=100000000"), "rrule: COUNT"},
		{"COUNT and UNTIL", recurring("FREQ=DAILY;COUNT=2;UNTIL=20271231T000000Z"), "rrule: COUNT and UNTIL"},
		{"UNTIL before the start", recurring("FREQ=DAILY;UNTIL=20251231T000000Z"), "rrule: UNTIL=20251231T000000Z is before"},
		{"UNTIL of no time", recurring("FREQ=DAILY;UNTIL=2026"), "rrule: UNTIL=2026 is no time"},
		{"the 53rd Monday of a month", recurring("FREQ=MONTHLY;BYDAY=53MO"), "rrule: no month has 53"},
		{"a numbered day every week", recurring("FREQ=WEEKLY;BYDAY=2MO"), "rrule: a number before a day"},
		{"a position of nothing", recurring("FREQ=YEARLY;BYSETPOS=1"), "rrule: BYSETPOS picks"},
		{"the 400th day", recurring("FREQ=YEARLY;BYYEARDAY=400"), "rrule: byyearday"},
		{"every hour of every month", recurring("FREQ=MONTHLY;BYMONTHDAY=2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20;BYHOUR=22,23"), "rrule: it recurs more than 434 times a year"},
		{"the week of a month", recurring("FREQ=MONTHLY;BYWEEKNO=3"), "rrule: BYWEEKNO"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, problems := calendar.Read(rec(t, "window", "w", tt.fields), "UTC")
			var got []string
			for _, p := range problems {
				got = append(got, p.Message)
			}
			if w != nil || !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, tt.want) }) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if w, problems := calendar.Read(rec(t, "window", "w", good), "UTC"); w == nil {
		t.Errorf("a good window is refused: %v", problems)
	}
}

// TestExpandingIsBounded: what recurs without end is expanded within the period
// alone, and what recurs too often before it is said.
func TestExpandingIsBounded(t *testing.T) {
	daily := window(t, "daily", "type: maintenance\nstart: 1970-01-01T00:00:00Z\nduration: 1h\nrrule: FREQ=DAILY\n")
	got, err := daily.Occurrences(span(t, "2199-01-01T00:00:00Z", "2199-01-03T00:00:00Z"))
	if err != nil || len(got) != 2 {
		t.Errorf("got %v, %v", got, err)
	}
	busy := window(t, "busy", "type: maintenance\nstart: 1970-01-01T00:00:00Z\nduration: 1m\nrrule: FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23\n")
	if got, err := busy.Occurrences(span(t, "2199-01-01T00:00:00Z", "2199-01-03T00:00:00Z")); err != nil || len(got) != 48 {
		t.Errorf("got %d occurrences, %v", len(got), err)
	}
	if got, err := busy.Occurrences(span(t, "1970-01-01T00:00:00Z", "2199-01-03T00:00:00Z")); err == nil || !strings.Contains(err.Error(), "window busy recurs more than 100000 times") {
		t.Errorf("got %d occurrences, %v", len(got), err)
	}
}

// TestExpandingFromLater: what is left out before a period changes nothing in it.
func TestExpandingFromLater(t *testing.T) {
	for _, rule := range []string{"FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,MO", "FREQ=WEEKLY;INTERVAL=3;WKST=SU;BYDAY=SU,TH", "FREQ=WEEKLY;BYDAY=MO,TH,FR;BYSETPOS=-2",
		"FREQ=DAILY;BYHOUR=1,22;BYMONTH=1,3", "FREQ=DAILY;UNTIL=20280301T000000Z"} {
		w := window(t, "w", "type: maintenance\nstart: 2026-01-01T01:30:00Z\nduration: 1h\ntimezone: Europe/London\nrrule: "+rule+"\n")
		whole, err := w.Occurrences(span(t, "2026-01-01T00:00:00Z", "2029-01-01T00:00:00Z"))
		if err != nil {
			t.Fatal(rule, err)
		}
		for from := at(t, "2026-01-01T00:00:00Z"); from.Year() < 2029; from = from.AddDate(0, 0, 5) {
			period := calendar.Span{Start: from, End: from.AddDate(0, 0, 30)}
			want := slices.DeleteFunc(slices.Clone(whole), func(s calendar.Span) bool {
				return !s.Overlaps(period) || !s.Start.Before(at(t, "2029-01-01T00:00:00Z"))
			})
			got, err := w.Occurrences(period)
			got = slices.DeleteFunc(got, func(s calendar.Span) bool { return !s.Start.Before(at(t, "2029-01-01T00:00:00Z")) })
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("%s from %s: got %v, want %v, %v", rule, from, got, want, err)
			}
		}
	}
}

func TestIdleExdates(t *testing.T) {
	w := window(t, "w", "type: maintenance\nstart: 2026-11-01T22:00:00Z\nduration: 2h\nrrule: FREQ=WEEKLY\nexdates: ['2026-11-08T22:00:00Z', '2026-11-09T22:00:00Z']\n")
	got, err := w.Idle()
	if err != nil || len(got) != 1 || !got[0].Equal(at(t, "2026-11-09T22:00:00Z")) {
		t.Errorf("got %v, %v", got, err)
	}
}

func FuzzRule(f *testing.F) {
	for _, seed := range []string{"FREQ=DAILY", "FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=-2", "FREQ=YEARLY;BYWEEKNO=53;WKST=SU", "FREQ=YEARLY;BYYEARDAY=-366;BYHOUR=1,2", "FREQ=YEARLY;BYMONTH=2;BYDAY=5MO,-5TU;INTERVAL=7"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "'\n\r\\") {
			return
		}
		doc, found := yamldoc.Parse("w.yaml", []byte("type: freeze\nscope: {all: true}\nstart: 2026-11-02T22:00:00Z\nduration: 2h\nrrule: '"+text+"'\n"))
		if doc == nil || len(found) > 0 || len(text) > 500 {
			return
		}
		k := &record.Kind{Name: "window", Title: "title"}
		w, _ := calendar.Read(record.New(k, "w", "w.yaml", "", doc), "Europe/London")
		if w == nil {
			return
		}
		spans, err := w.Occurrences(calendar.Span{Start: w.First.Start, End: w.First.Start.AddDate(3, 0, 0)})
		if err == nil && (len(spans) == 0 || !spans[0].Start.Equal(w.First.Start)) {
			t.Errorf("%s: the start is not the first of %v", text, spans)
		}
	})
}
