package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/finding"
)

// frozen holds the moment at which work began against the freezes that were in
// force then, part of SCH-1. A hard freeze forbids it unless a waiver covers
// that; a soft one unless it was known when the change was authorised: whether
// it had the approvals that policy then asked for is APR-1's.
func frozen(auth, start *step, at time.Time, rests []string) answer {
	if start.ruling == nil || start.ruling.err != nil {
		return unverifiable(rests, "work began at %s, within the approved window; whether that was in a freeze cannot be told: %s", utc(at), start.ruling.unjudged().reason)
	}
	dec := start.ruling.decision
	if slices.ContainsFunc(dec.Findings, func(f finding.Finding) bool { return f.Code == unplacedCode }) {
		return unverifiable(rests, "work began at %s, within the approved window; a window that cannot be placed in time may have been a freeze then", utc(at))
	}
	waived := ""
	for _, c := range freezesAt(dec.Conflicts, at) {
		switch {
		case c.Strength == calendar.Soft && (auth.ruling == nil || auth.ruling.err != nil):
			return unverifiable(rests, "work began at %s, in the soft freeze %s; whether it was authorised for that cannot be told: %s", utc(at), c.Other, auth.ruling.unjudged().reason)
		case c.Strength == calendar.Soft && known(auth, c):
			continue
		case c.Strength == calendar.Soft:
			return failed(rests, "work began at %s, in the soft freeze %s, which there was not when it was authorised", utc(at), c.Other)
		}
		i := slices.IndexFunc(dec.Waived, func(f finding.Finding) bool { return speaksOf(f, c.Other) })
		if i < 0 {
			return failed(rests, "work began at %s, in the hard freeze %s", utc(at), c.Other)
		}
		waived = fmt.Sprintf(", and in the hard freeze %s, which waiver %s covers", c.Other, dec.Waived[i].Waiver)
	}
	if waived == "" {
		waived = " and outside of freezes"
	}
	return passed(rests, "work began at %s by its own record, within the approved window%s", utc(at), waived)
}

// unplacedCode is the finding of a window that cannot be placed in time.
const unplacedCode = "GAT008"

// speaksOf reports whether what policy found is about a freeze: which rule that
// is, is policy's business, so it has to name it.
func speaksOf(f finding.Finding, freeze string) bool {
	words := strings.FieldsFunc(f.Message, func(r rune) bool { return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return slices.Contains(words, freeze)
}

// freezesAt are the freezes that hold at a moment.
func freezesAt(conflicts []calendar.Conflict, at time.Time) []calendar.Conflict {
	return slices.DeleteFunc(slices.Clone(conflicts), func(c calendar.Conflict) bool {
		from, err1 := time.Parse(time.RFC3339, c.Start)
		to, err2 := time.Parse(time.RFC3339, c.End)
		return c.Kind != calendar.InFreeze || err1 != nil || err2 != nil || at.Before(from) || !at.Before(to)
	})
}

// known reports whether a freeze was in the way when the change was authorised,
// so that policy had its say about it.
func known(auth *step, freeze calendar.Conflict) bool {
	return slices.ContainsFunc(auth.ruling.decision.Conflicts, func(c calendar.Conflict) bool {
		return c.Kind == calendar.InFreeze && c.Other == freeze.Other
	})
}
