package calendar

import (
	"cmp"
	"slices"
	"time"
)

// Contradiction is maintenance that a hard freeze forbids: both say something
// else of one time and one service or asset.
type Contradiction struct {
	Maintenance, Freeze *Window
	Over                Span // the first time they share
}

// ahead is how far recurring windows are held against each other.
const ahead = 2 * 366 * 24 * time.Hour

// Contradictions are those that one window is part of, each with the first time
// it happens, sorted by the other window.
func Contradictions(w *Window, all []*Window, services map[string]Service) ([]Contradiction, error) {
	var out []Contradiction
	for _, o := range all {
		c := Contradiction{Maintenance: w, Freeze: o}
		if w.Type == Freeze {
			c = Contradiction{Maintenance: o, Freeze: w}
		}
		if c.Maintenance.Type != Maintenance || c.Freeze.Strength != Hard || o.ID == w.ID || !meet(c.Maintenance, c.Freeze, services) {
			continue
		}
		over, err := firstShared(c.Freeze, c.Maintenance)
		if err != nil {
			return nil, err
		}
		if c.Over = over; over.Valid() {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Contradiction) int {
		return cmp.Or(cmp.Compare(a.Maintenance.ID, b.Maintenance.ID), cmp.Compare(a.Freeze.ID, b.Freeze.ID))
	})
	return out, nil
}

// meet reports whether two windows are for a thing in common.
func meet(a, b *Window, services map[string]Service) bool {
	if len(a.Scope.Environments) > 0 && len(b.Scope.Environments) > 0 && len(shared(a.Scope.Environments, b.Scope.Environments)) == 0 {
		return false
	}
	if a.Scope.All || b.Scope.All || len(shared(a.Scope.Assets, b.Scope.Assets)) > 0 {
		return true
	}
	for id := range services {
		if a.service(id, services) && b.service(id, services) {
			return true
		}
	}
	return false
}

// firstShared is the first time of both windows.
func firstShared(a, b *Window) (Span, error) {
	from := a.First.Start
	if b.First.Start.After(from) {
		from = b.First.Start
	}
	period := Span{from, from.Add(ahead)}
	times, err := a.Occurrences(period)
	if err != nil {
		return Span{}, err
	}
	for _, s := range times {
		others, err := b.Occurrences(s)
		if err != nil {
			return Span{}, err
		}
		if len(others) > 0 {
			return s.Intersect(others[0]), nil
		}
	}
	return Span{}, nil
}
