package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/zone"
)

// The years up to which changes of clocks are looked at, and up to which they
// are written one by one where no yearly rule tells them.
const (
	icsLastYear   = 2120
	icsLastListed = 2050
)

// observance is a time of a zone, and when it begins: at each of on, and from
// the last of them on every year where rule is not "".
type observance struct {
	zone.Change // the first of them
	on          []time.Time
	rule        string
}

// zone writes a VTIMEZONE that is right from z.from on, for ever where clocks
// are changed by a rule.
func (p *icsWriter) zone(z usedZone) {
	p.raw("BEGIN", "VTIMEZONE")
	p.raw("TZID", z.loc.String())
	for _, o := range observances(z.loc, z.from) {
		kind := "STANDARD"
		if o.Summer {
			kind = "DAYLIGHT"
		}
		p.raw("BEGIN", kind)
		p.text("TZNAME", o.Name)
		p.raw("TZOFFSETFROM", icsOffset(o.Before))
		p.raw("TZOFFSETTO", icsOffset(o.After))
		p.raw("DTSTART", o.on[0].Format(icsClock))
		for _, t := range o.on[1:] {
			p.raw("RDATE", t.Format(icsClock))
		}
		if o.rule != "" {
			p.raw("RRULE", o.rule)
		}
		p.raw("END", kind)
	}
	p.raw("END", "VTIMEZONE")
}

// observances are the times of a zone that are in force at from and later, in
// order.
func observances(loc *time.Location, from time.Time) []observance {
	var out []observance
	for _, alike := range alikes(zone.Changes(loc, from, time.Date(icsLastYear+1, 1, 1, 0, 0, 0, 0, time.UTC))) {
		listed := len(alike)
		rule := ""
		if last := alike[len(alike)-1]; last.At.Year() == icsLastYear {
			listed, rule = yearly(alike)
		}
		if rule != "" {
			out = append(out, observance{Change: alike[listed], on: []time.Time{alike[listed].Wall()}, rule: rule})
		} else {
			listed = slices.IndexFunc(alike, func(c zone.Change) bool { return c.At.Year() > icsLastListed })
			if listed < 0 {
				listed = len(alike)
			}
		}
		if listed > 0 {
			o := observance{Change: alike[0]}
			for _, c := range alike[:listed] {
				o.on = append(o.on, icsWall(c))
			}
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b observance) int { return a.on[0].Compare(b.on[0]) })
	return out
}

// icsWall is what clocks show at a change; where there was none, a time before
// any window.
func icsWall(c zone.Change) time.Time {
	if c.At.IsZero() {
		return time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return c.Wall()
}

// alikes puts changes from and to the same time together.
func alikes(changes []zone.Change) [][]zone.Change {
	var out [][]zone.Change
	for _, c := range changes {
		i := slices.IndexFunc(out, func(g []zone.Change) bool {
			return g[0].Before == c.Before && g[0].After == c.After && g[0].Name == c.Name && g[0].Summer == c.Summer
		})
		if i < 0 {
			out = append(out, []zone.Change{c})
		} else {
			out[i] = append(out[i], c)
		}
	}
	return out
}

// yearly finds the rule by which the last of some changes take place year by
// year, and from which of them on; "" where there is none.
func yearly(alike []zone.Change) (from int, rule string) {
	best := len(alike)
	for _, nth := range []int{-1, 1, 2, 3, 4} {
		i := len(alike) - 1
		last := alike[i].Wall()
		for ; i >= 0; i-- {
			w := alike[i].Wall()
			expected := onDay(last.Year()-(len(alike)-1-i), last.Month(), nth, last.Weekday())
			if alike[i].At.IsZero() || !expected.Equal(w.Truncate(24*time.Hour)) || w.Sub(expected) != last.Sub(last.Truncate(24*time.Hour)) {
				break
			}
		}
		if i+1 < best {
			best = i + 1
			rule = fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", last.Month(), nth, strings.ToUpper(last.Weekday().String()[:2]))
		}
	}
	if len(alike)-best < 10 {
		return len(alike), "" // a coincidence
	}
	return best, rule
}

// onDay is the nth day of the week in a month, the last for -1.
func onDay(year int, month time.Month, nth int, day time.Weekday) time.Time {
	if nth < 0 {
		end := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
		return end.AddDate(0, 0, -int((end.Weekday()-day+7)%7))
	}
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, int((day-first.Weekday()+7)%7)+7*(nth-1))
}

func icsOffset(d time.Duration) string {
	sign := "+"
	if d < 0 {
		sign, d = "-", -d
	}
	s := int(d / time.Second)
	out := fmt.Sprintf("%s%02d%02d", sign, s/3600, s/60%60)
	if s%60 != 0 {
		out += fmt.Sprintf("%02d", s%60)
	}
	return out
}
