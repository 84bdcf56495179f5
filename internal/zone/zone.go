// Package zone owns time zones: the IANA database that decisions are computed
// with, and what a wall clock's reading means on the days when clocks are
// changed.
//
// It may import nothing of this module. It never asks the machine for zones:
// what a window means would otherwise depend on when somebody updated their
// system, and a decision could not be computed again elsewhere.
package zone

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// database is lib/time/zoneinfo.zip of a Go distribution, uncompressed within.
// It is copied from there on purpose, by a commit of its own: another database
// may move windows that lie ahead.
//
//go:embed zoneinfo.zip
var database string

// Load returns the zone of an IANA name such as Europe/London, or UTC. The
// names "" and "Local" are none: they mean another zone on every machine.
func Load(name string) (*time.Location, error) {
	if name == "UTC" {
		return time.UTC, nil
	}
	if name == "" || name == "Local" || strings.ContainsAny(name, `\:`) || !fs.ValidPath(name) {
		return nil, unknown(name)
	}
	data, ok := find(name)
	if !ok {
		return nil, unknown(name)
	}
	return time.LoadLocationFromTZData(name, []byte(data))
}

// find returns a file of the database, by its directory at the end: archive/zip
// takes two milliseconds to read all of that. Entries are stored, not
// compressed, and the archive is our own, so nothing is checked twice.
func find(name string) (string, bool) {
	const endSize, entrySize, headerSize = 22, 46, 30
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16([]byte(database[at : at+2]))) }
	u32 := func(at int) int { return int(binary.LittleEndian.Uint32([]byte(database[at : at+4]))) }
	end := len(database) - endSize
	at := u32(end + 16)
	for range u16(end + 10) {
		length := u16(at + 28)
		if database[at+entrySize:at+entrySize+length] == name {
			header := u32(at + 42)
			start := header + headerSize + u16(header+26) + u16(header+28)
			return database[start : start+u32(at+24)], !strings.HasSuffix(name, "/")
		}
		at += entrySize + length + u16(at+30) + u16(at+32)
	}
	return "", false
}

func unknown(name string) error { return fmt.Errorf("there is no time zone %q", name) }

// Wall is what a clock shows at t in its zone, as a time in UTC: moments of
// wall clocks are computed with as if no clock were ever changed.
func Wall(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// At is the moment a clock in loc shows wall (see Wall), as RFC 5545 3.3.5
// reads it: a reading that the clocks skip is taken by the offset before the
// gap, so 02:30 in a gap from 02:00 to 03:00 is 03:30; one that occurs twice is
// the first.
func At(wall time.Time, loc *time.Location) time.Time {
	guess := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), loc)
	from, until := guess.ZoneBounds()
	first := time.Time{}
	for _, near := range []time.Time{from.Add(-1), guess, until} {
		t := wall.Add(-offset(near)).In(loc)
		if Wall(t).Equal(wall) && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if !first.IsZero() {
		return first
	}
	// In a gap: it lies at the beginning or the end of what Go took it for.
	for _, change := range []time.Time{from, until} {
		before := offset(change.Add(-1))
		if t := wall.Add(-before).In(loc); !t.Before(change) && t.Before(change.Add(offset(change)-before)) {
			return t
		}
	}
	return guess
}

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}
