package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/gitsm/gitsm/internal/zone"
)

// The bounds of recurrence. Windows are planned by people; what goes beyond is
// a mistake, or meant to keep the machine busy.
const (
	maxSteps    = 100_000 // occurrences of one rule that are looked at to expand it
	maxPerDay   = 24      // times of day in one rule
	maxInterval = 1000
	maxCount    = 10_000
	maxPerYear  = maxSteps / (lastYear - firstYear + 1) // of a rule that has to be walked through from its start
)

// TooManyError says that a rule recurs too often to be expanded.
type TooManyError struct {
	Window string
	Until  time.Time
}

func (e *TooManyError) Error() string {
	return fmt.Sprintf("window %s recurs more than %d times before %s: let it start later, or recur less often", e.Window, maxSteps, e.Until.UTC().Format(time.DateOnly))
}

// rule is a recurrence. It is expanded on a wall clock that is never changed,
// and each reading is turned into a moment afterwards: what recurs is the time
// of day, and the library is wrong about the days on which clocks are changed.
type rule struct {
	option rrule.ROption
	until  time.Time // the last moment an occurrence may start at; zero for none
	loc    *time.Location
}

// parts are those of RFC 5545 3.3.10 that make sense for windows.
var parts = []string{"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYHOUR", "BYMINUTE", "BYSECOND", "BYMONTH", "BYMONTHDAY", "BYSETPOS", "BYWEEKNO", "BYYEARDAY"}

// parseRule reads the value of an RRULE for a window that first starts at
// start. The error is for people.
func parseRule(text string, start time.Time) (*rule, error) {
	r := &rule{loc: start.Location()}
	seen := map[string]bool{}
	var kept []string
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(part, "=")
		switch {
		case !slices.Contains(parts, name):
			return nil, fmt.Errorf("%q is no part of a recurrence; these are: %s", name, strings.Join(parts, ", "))
		case seen[name]:
			return nil, fmt.Errorf("%s is given twice", name)
		}
		seen[name] = true
		if name == "UNTIL" {
			var err error
			if r.until, err = parseUntil(value, start); err != nil {
				return nil, err
			}
			continue
		}
		kept = append(kept, part)
	}
	option, err := rrule.StrToROption(strings.Join(kept, ";"))
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	r.option = *option
	r.option.Dtstart = zone.Wall(start)
	if err := r.check(seen); err != nil {
		return nil, err
	}
	if err := r.begins(start); err != nil {
		return nil, err
	}
	return r, r.sparse()
}

// sparse refuses a rule that could not be expanded some years from now: one by
// months that means days.
func (r *rule) sparse() error {
	if r.option.Count > 0 || r.option.Freq == rrule.DAILY || r.option.Freq == rrule.WEEKLY {
		return nil
	}
	const years = 4
	n, last := 0, r.option.Dtstart.AddDate(years, 0, 0)
	err := r.walk(func(wall time.Time) bool {
		n++
		return n <= years*maxPerYear && wall.Before(last)
	})
	if err == nil && n > years*maxPerYear {
		return fmt.Errorf("it recurs more than %d times a year, which is for FREQ=DAILY or WEEKLY", maxPerYear)
	}
	return err
}

// parseUntil reads UNTIL: a moment in UTC, a time of the window's own clock, or
// a date, which is meant with the whole of its day.
func parseUntil(value string, start time.Time) (time.Time, error) {
	until, err := time.Parse(rrule.DateTimeFormat, value)
	if err != nil {
		if until, err = time.Parse(rrule.LocalDateTimeFormat, value); err == nil {
			until = zone.At(until, start.Location())
		}
	}
	if err != nil {
		if until, err = time.Parse(rrule.DateFormat, value); err == nil {
			until = zone.At(until.AddDate(0, 0, 1), start.Location()).Add(-time.Second)
		}
	}
	switch {
	case err != nil:
		return until, fmt.Errorf("UNTIL=%s is no time; write it as 20271231T225959Z", value)
	case until.Before(start):
		return until, fmt.Errorf("UNTIL=%s is before the start", value)
	}
	return until, nil
}

// check refuses rules that are too much, and those the library would misread or
// fail on.
func (r *rule) check(given map[string]bool) error {
	o := r.option
	ordinals := 0
	for _, d := range o.Byweekday {
		ordinals = max(ordinals, d.N(), -d.N())
	}
	inMonth := o.Freq == rrule.MONTHLY || o.Freq == rrule.YEARLY && given["BYMONTH"]
	narrow := len(given) // parts that say when, besides those that say how often
	for _, name := range []string{"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYSETPOS"} {
		if given[name] {
			narrow--
		}
	}
	switch {
	case o.Freq > rrule.DAILY:
		return fmt.Errorf("FREQ=%s is too often: a window recurs DAILY at most", o.Freq)
	case given["INTERVAL"] && (o.Interval < 1 || o.Interval > maxInterval):
		return fmt.Errorf("INTERVAL=%d is not between 1 and %d", o.Interval, maxInterval)
	case given["COUNT"] && (o.Count < 1 || o.Count > maxCount):
		return fmt.Errorf("COUNT=%d is not between 1 and %d", o.Count, maxCount)
	case given["COUNT"] && given["UNTIL"]:
		return errors.New("COUNT and UNTIL exclude each other")
	case max(1, len(o.Byhour))*max(1, len(o.Byminute))*max(1, len(o.Bysecond)) > maxPerDay:
		return fmt.Errorf("it recurs more than %d times a day", maxPerDay)
	case given["BYWEEKNO"] && o.Freq != rrule.YEARLY:
		return fmt.Errorf("BYWEEKNO goes with FREQ=YEARLY, not with %s", o.Freq)
	case given["BYYEARDAY"] && o.Freq != rrule.YEARLY:
		return fmt.Errorf("BYYEARDAY goes with FREQ=YEARLY, not with %s", o.Freq)
	case given["BYMONTHDAY"] && o.Freq == rrule.WEEKLY:
		return errors.New("BYMONTHDAY does not go with FREQ=WEEKLY")
	case ordinals > 0 && (o.Freq > rrule.MONTHLY || given["BYWEEKNO"]):
		return errors.New("a number before a day of BYDAY goes with FREQ=MONTHLY or YEARLY, and without BYWEEKNO")
	case ordinals > 5 && inMonth:
		return fmt.Errorf("no month has %d of one day of the week", ordinals)
	case given["BYSETPOS"] && narrow == 0:
		return errors.New("BYSETPOS picks from what another BY part gives, and there is none")
	}
	return nil
}

// begins makes sure that the start is the first occurrence: calendars disagree
// about rules that their own start does not follow.
func (r *rule) begins(start time.Time) error {
	first, err := r.first()
	switch {
	case err != nil:
		return err
	case first.IsZero():
		return errors.New("it never takes place")
	case !first.Equal(start):
		return fmt.Errorf("start is none of its occurrences: the first would be at %s", first.Format(time.RFC3339))
	}
	return nil
}

func (r *rule) first() (first time.Time, err error) {
	err = r.walk(func(wall time.Time) bool {
		first = zone.At(wall, r.loc)
		return false
	})
	return first, err
}

// walk visits the occurrences on the wall clock until visit wants no more.
func (r *rule) walk(visit func(wall time.Time) bool) (err error) {
	defer func() {
		if p := recover(); p != nil { // an index out of range, in a rule nobody has thought of
			err = fmt.Errorf("cannot be expanded: %v", p)
		}
	}()
	rule, err := rrule.NewRRule(r.option)
	if err != nil {
		return err
	}
	for next := rule.Iterator(); ; {
		wall, ok := next()
		if !ok || !visit(wall) {
			return nil
		}
	}
}

// later is the same rule as far as what it gives from from on: without the days
// or weeks before, which would all have to be walked through. What counts its
// occurrences, or goes by months, is left as it is.
func (r *rule) later(from time.Time) *rule {
	days := max(1, r.option.Interval)
	if r.option.Freq == rrule.WEEKLY {
		days *= 7
	}
	ahead := int(zone.Wall(from.In(r.loc)).Sub(r.option.Dtstart)/(24*time.Hour))/days - 2 // begun periods are left whole
	if r.option.Freq != rrule.DAILY && r.option.Freq != rrule.WEEKLY || r.option.Count > 0 || ahead <= 0 {
		return r
	}
	out := *r
	out.option.Dtstart = r.option.Dtstart.AddDate(0, 0, ahead*days)
	return &out
}

// starts are the moments before end at which the rule begins, from from on,
// sorted. ok is false where there were too many on the way.
func (r *rule) starts(from, end time.Time) (out []time.Time, ok bool, err error) {
	steps := 0
	last := zone.Wall(end.In(r.loc)).Add(24 * time.Hour) // no clock is put forward by more
	err = r.later(from).walk(func(wall time.Time) bool {
		if steps++; steps > maxSteps || !wall.Before(last) {
			return false
		}
		t := zone.At(wall, r.loc)
		if !r.until.IsZero() && t.After(r.until) {
			return false
		}
		if !t.Before(from) && t.Before(end) {
			out = append(out, t)
		}
		return true
	})
	slices.SortFunc(out, time.Time.Compare)
	out = slices.CompactFunc(out, time.Time.Equal) // a gap can make one moment of two readings
	return out, steps <= maxSteps, err
}

// String is the rule as calendars want it: UNTIL in UTC.
func (r *rule) String() string {
	o := r.option
	o.Dtstart, o.Until = time.Time{}, r.until
	return o.RRuleString()
}

// duration reads a duration such as 2h30m: hours, minutes and seconds.
func duration(text string) (time.Duration, error) {
	rest, total := text, time.Duration(0)
	for _, unit := range []struct {
		letter string
		length time.Duration
	}{{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}} {
		number, after, found := strings.Cut(rest, unit.letter)
		if !found {
			continue
		}
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || n > 999_999 {
			return 0, fmt.Errorf("duration %q cannot be read; write it as 2h30m", text)
		}
		total, rest = total+time.Duration(n)*unit.length, after
	}
	if rest != "" || text == "" {
		return 0, fmt.Errorf("duration %q cannot be read; write it as 2h30m", text)
	}
	return total, nil
}
