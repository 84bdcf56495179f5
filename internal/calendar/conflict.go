package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The kinds of conflict.
const (
	SameService        = "same-service"
	SameAsset          = "same-asset"
	Dependency         = "dependency"  // one depends on what the other touches
	Redundancy         = "redundancy"  // together they take down what neither does alone
	Implementer        = "implementer" // one person would carry out both
	InFreeze           = "freeze"
	OutsideMaintenance = "outside-maintenance"
)

// Conflict is something in the way of a change. Other is the id of the other
// change, of the freeze, or of the service or asset outside whose maintenance
// windows it lies.
type Conflict struct {
	Kind     string   `json:"kind"`
	Change   string   `json:"change"`
	Other    string   `json:"other"`
	Title    string   `json:"title"`    // of the other
	State    string   `json:"state"`    // of the other change; "" of a window
	Type     string   `json:"type"`     // of the other change, or of the window
	Strength string   `json:"strength"` // of a freeze
	Start    string   `json:"start"`    // of the overlap, RFC 3339 in UTC, half-open
	End      string   `json:"end"`
	Path     []string `json:"path"`    // how the two are connected, from this change's side
	Owners   []string `json:"owners"`  // who can agree to it: team:… or person:…
	Overdue  bool     `json:"overdue"` // they overlap because the other is not over when it should have been
	Branch   string   `json:"branch"`  // of the open proposal the other is in; "" where it has landed
	Reason   string   `json:"reason"`
}

// Neighbours says how services and assets are connected.
type Neighbours interface {
	// Near returns what ids depend on and what depends on them, within depth
	// steps, with the path that leads there from one of ids, both ends
	// included.
	Near(depth int, ids ...string) map[string][]string
	// Falls returns what goes down when all of ids do, sorted.
	Falls(ids ...string) []string
}

// Conflicts are what is in the way of a change among what has landed, and among
// open, the bookings of open proposals. depth is how many steps of dependency
// connect two changes. The order is that of kind, other, start.
func (a *Agenda) Conflicts(b *Booking, near Neighbours, depth int, open ...Booking) ([]Conflict, error) {
	c := collision{a: a, b: b, near: near, reach: near.Near(depth, b.things()...)}
	for _, o := range slices.Concat(a.Bookings(b.Span), open) {
		if o.ID != b.ID && o.Span.Overlaps(b.Span) {
			c.with(&o)
		}
	}
	if err := c.windows(); err != nil {
		return nil, err
	}
	slices.SortFunc(c.out, func(x, y Conflict) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Other, y.Other), cmp.Compare(x.Start, y.Start), cmp.Compare(x.Branch, y.Branch))
	})
	return c.out, nil
}

// collision is one change being held against the others.
type collision struct {
	a     *Agenda
	b     *Booking
	near  Neighbours
	reach map[string][]string
	falls []string // what b alone takes down
	asked bool
	out   []Conflict
}

// with holds the change against one that overlaps it. Of several ways in which
// they touch the same things the nearest is said.
func (c *collision) with(o *Booking) {
	if mine, theirs := c.b.Implementer, o.Implementer; mine != "" && mine == theirs {
		c.add(Implementer, o, nil, fmt.Sprintf("%s carries out both", theirs))
	} else if mine != "" && theirs != "" && c.a.human(mine) == c.a.human(theirs) {
		c.add(Implementer, o, nil, fmt.Sprintf("%s and %s, who carry out one each, are the same human", mine, theirs))
	}
	if both := shared(c.b.Assets, o.Assets); len(both) > 0 {
		c.add(SameAsset, o, both[:1], "both touch "+strings.Join(both, ", "))
		return
	}
	if here, there := c.b.place(c.a.services), o.place(c.a.services); here != "" && there != "" && here != there {
		return // another environment is another service
	}
	if both := shared(c.b.Services, o.Services); len(both) > 0 {
		c.add(SameService, o, both[:1], "both change "+strings.Join(both, ", "))
		return
	}
	if path := c.path(o); path != nil {
		c.add(Dependency, o, path, fmt.Sprintf("%s and %s depend on each other", path[0], path[len(path)-1]))
		return
	}
	if lost := c.lost(o); len(lost) > 0 {
		c.add(Redundancy, o, lost[:1], "neither alone takes down "+strings.Join(lost, ", ")+", both together do")
	}
}

// path is the shortest path to something the other change names.
func (c *collision) path(o *Booking) []string {
	var best []string
	for _, id := range o.things() {
		if p := c.reach[id]; p != nil && (best == nil || len(p) < len(best)) {
			best = p
		}
	}
	return best
}

// lost is what goes down with both changes and with neither alone.
func (c *collision) lost(o *Booking) []string {
	if !c.asked {
		c.falls, c.asked = c.near.Falls(c.b.things()...), true
	}
	both := besides(c.near.Falls(slices.Concat(c.b.things(), o.things())...), c.falls)
	if len(both) == 0 {
		return nil
	}
	both = besides(both, c.near.Falls(o.things()...))
	return slices.DeleteFunc(both, func(id string) bool { return slices.Contains(c.b.Services, id) || slices.Contains(o.Services, id) })
}

func (c *collision) add(kind string, o *Booking, path []string, reason string) {
	s := c.b.Span.Intersect(o.Span)
	if kind != Implementer && kind != SameAsset {
		reason += c.anywhere()
	}
	c.out = append(c.out, Conflict{Kind: kind, Change: c.b.ID, Other: o.ID, Title: o.Title, State: o.State, Type: o.Type,
		Start: stamp(s.Start), End: stamp(s.End), Path: append([]string{}, path...), Owners: c.a.owners(o), Branch: o.Branch, Reason: reason,
		Overdue: !o.Due.IsZero() && !o.Due.After(c.b.Span.Start)})
}

// windows holds the change against freezes and maintenance windows.
func (c *collision) windows() error {
	for _, w := range c.a.Windows {
		if w.Type != Freeze || !w.Covers(c.b, c.a.services) {
			continue
		}
		times, err := w.Occurrences(c.b.Span)
		if err != nil {
			return err
		}
		for _, s := range times {
			c.window(InFreeze, w.ID, w.Title, w.Strength, c.b.Span.Intersect(s), []string{w.Owner}, fmt.Sprintf("%s freeze: %s", w.Strength, w.Title))
		}
	}
	for _, id := range c.b.Services {
		if err := c.maintenance(id, func(w *Window) bool { return w.service(id, c.a.services) }); err != nil {
			return err
		}
	}
	for _, id := range c.b.Assets {
		if err := c.maintenance(id, func(w *Window) bool { return slices.Contains(w.Scope.Assets, id) }); err != nil {
			return err
		}
	}
	return nil
}

// maintenance holds the change against the maintenance windows of one of its
// services or assets. A change that is in all environments has to be inside those
// of each.
func (c *collision) maintenance(id string, of func(*Window) bool) error {
	for _, place := range c.places(of) {
		outside, owners, err := c.outside(place, of)
		if err != nil {
			return err
		}
		if len(outside) > 0 {
			c.window(OutsideMaintenance, id, id, "", outside[0], owners, id+" is maintained in windows, and this is outside of them")
			return nil
		}
	}
	return nil
}

// places are the environments whose maintenance the change is held against.
func (c *collision) places(of func(*Window) bool) []string {
	place := c.b.place(c.a.services)
	out := []string{}
	for _, w := range c.a.Windows {
		if place == "" && w.Type == Maintenance && !w.Cancelled && of(w) {
			for _, e := range w.Scope.Environments {
				out = append(out, strings.ToLower(e))
			}
		}
	}
	if len(out) == 0 {
		return []string{place}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// outside are the parts of the change that lie outside of maintenance in one
// environment, with the owners of the windows; none where there are no windows.
// All windows together may hold it. What is for everything permits work on an
// asset as well, and gives it no windows of its own.
func (c *collision) outside(place string, of func(*Window) bool) (parts []Span, owners []string, err error) {
	var times []Span
	has := false
	for _, w := range c.a.Windows {
		own := of(w)
		if w.Type != Maintenance || w.Cancelled || !w.where(place) || !own && !w.Scope.All {
			continue
		}
		found, err := w.Occurrences(c.b.Span)
		if err != nil {
			return nil, nil, err
		}
		times = append(times, found...)
		if own {
			has, owners = true, append(owners, w.Owner)
		}
	}
	if !has {
		return nil, nil, nil
	}
	slices.Sort(owners)
	return without(c.b.Span, times), slices.Compact(owners), nil
}

func (c *collision) window(kind, id, title, strength string, s Span, owners []string, reason string) {
	typ := Freeze
	if kind == OutsideMaintenance {
		typ = Maintenance
	}
	c.out = append(c.out, Conflict{Kind: kind, Change: c.b.ID, Other: id, Title: title, Type: typ, Strength: strength,
		Start: stamp(s.Start), End: stamp(s.End), Path: []string{}, Owners: owners, Reason: reason + c.anywhere()})
}

// anywhere says that the change names an environment which nobody knows.
func (c *collision) anywhere() string {
	if c.b.Environment == "" || c.b.place(c.a.services) != "" {
		return ""
	}
	return fmt.Sprintf("; none of its services has an environment %s, so it counts as in all", c.b.Environment)
}

// besides are the ids of a list that are not in a sorted one.
func besides(list, sorted []string) []string {
	return slices.DeleteFunc(list, func(id string) bool {
		_, found := slices.BinarySearch(sorted, id)
		return found
	})
}

// shared are the ids in both lists, sorted.
func shared(a, b []string) []string {
	var out []string
	for _, id := range a {
		if slices.Contains(b, id) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
