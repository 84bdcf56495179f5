package decision

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/graph"
	"github.com/gitsm/gitsm/internal/period"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Plan is what a snapshot has of the calendar: its windows, and the changes that
// are scheduled or being implemented. It rests on the directories of windows,
// services, assets, people and changes, and on conflict_depth of policy's data: whoever
// remembers what is judged of a change remembers it for those.
type Plan struct {
	Windows []*calendar.Window
	Broken  []calendar.Broken // windows that nobody can place in time

	graph    *graph.Graph
	depth    int
	notice   int // days from filing to window that policy takes for usual
	services map[string]calendar.Service
	dir      *store.Directory
	past     *pasts // of which changes take up time; not read before somebody asks

	mu     sync.Mutex // guards what follows
	at     time.Time
	agenda *calendar.Agenda
	turns  *period.Clock // stands at at, and has met the moments that agenda depends on
}

// defaultDepth is how many steps of dependency connect two changes where policy
// data does not say.
const defaultDepth = 1

// newPlan reads the calendar of a snapshot.
func newPlan(s *store.Store, b *base) (*Plan, error) {
	p := &Plan{graph: b.graph, depth: defaultDepth, dir: b.dir, past: b.past}
	if n, ok := b.data["conflict_depth"].(json.Number); ok {
		if d, err := n.Int64(); err == nil && d >= 0 {
			p.depth = int(min(d, 100))
		}
	}
	if n, ok := record.Value(b.data, "risk", "notice_days").(json.Number); ok {
		if d, err := n.Int64(); err == nil && d >= 0 {
			p.notice = int(min(d, 1000))
		}
	}
	var err error
	if p.Windows, p.Broken, err = calendar.WindowsOf(s); err != nil {
		return nil, err
	}
	p.services, err = calendar.ServicesOf(s)
	return p, err
}

// Plan returns the calendar of the snapshot that judges.
func (j *Judge) Plan(s *store.Store) (*Plan, error) {
	b, err := j.base(s)
	if err != nil {
		return nil, err
	}
	return b.plan, nil
}

// Agenda is the calendar at a moment: what is being implemented takes until
// then at least.
func (p *Plan) Agenda(now time.Time) (*calendar.Agenda, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.agenda != nil && p.at.Equal(now) {
		return p.agenda, nil
	}
	past, err := p.past.get()
	if err != nil {
		return nil, err
	}
	live, err := past.records(func(page *page) *shown { return &page.live })
	if err != nil {
		return nil, err
	}
	var bookings []calendar.Booking
	turns := period.At(now)
	for _, r := range live {
		steady(r, turns)
		if b, ok := calendar.BookingOf(r, now); ok {
			bookings = append(bookings, b)
		}
	}
	p.at, p.turns, p.agenda = now, turns, calendar.NewAgenda(p.Windows, bookings, p.services, p.dir.Human)
	return p.agenda, nil
}

// steady tells a clock how long a change takes the time that it does.
func steady(rec *record.Record, clock *period.Clock) {
	until, ok := calendar.Steady(rec, clock.Now())
	switch {
	case !ok:
		clock.Lose()
	case !until.IsZero():
		clock.Meet(until)
	}
}

// conflicts is Conflicts, and tells the clock how long they are those.
func (p *Plan) conflicts(rec *record.Record, clock *period.Clock) ([]calendar.Conflict, error) {
	steady(rec, clock)
	found, err := p.Conflicts(rec, clock.Now())
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.agenda != nil { // nobody asked for it where the change takes up no time
		clock.Join(p.turns)
	}
	return found, err
}

// Conflicts are what is in the way of a change as rec has it, which takes up
// time only while it is scheduled or being implemented. It is the one place
// where conflicts are worked out. open are bookings of other open proposals.
func (p *Plan) Conflicts(rec *record.Record, now time.Time, open ...calendar.Booking) ([]calendar.Conflict, error) {
	b, ok := calendar.BookingOf(rec, now)
	if !ok {
		return nil, nil
	}
	return p.InTheWay(&b, now, open...)
}

// InTheWay is Conflicts of something that is no record yet.
func (p *Plan) InTheWay(b *calendar.Booking, now time.Time, open ...calendar.Booking) ([]calendar.Conflict, error) {
	agenda, err := p.Agenda(now)
	if err != nil {
		return nil, err
	}
	found, err := agenda.Conflicts(b, p.graph, p.depth, open...)
	if err != nil {
		return nil, fmt.Errorf("looking for what is in the way of %s: %w", b.ID, err)
	}
	return found, nil
}

// NextFree is the next time, from from on, into which a change fits as it is.
func (p *Plan) NextFree(rec *record.Record, from, now time.Time) (slot calendar.Span, ok bool, err error) {
	b, ok := calendar.BookingOf(rec, now)
	if !ok {
		return slot, false, nil
	}
	agenda, err := p.Agenda(now)
	if err != nil {
		return slot, false, err
	}
	return agenda.NextFree(&b, from, p.graph, p.depth)
}

// quarter is what a time that is offered is rounded up to.
const quarter = 15 * time.Minute

// Soonest is when a change may begin at the earliest: not in this very moment,
// for which nobody could approve it, and as many days after the day of its filing
// as policy takes for usual.
func (p *Plan) Soonest(rec *record.Record, now time.Time) time.Time {
	at := now.UTC().Truncate(quarter).Add(quarter)
	if parts := strings.Split(rec.ID, "-"); len(parts) == 3 {
		if filed, err := time.Parse("20060102", parts[1]); err == nil && filed.AddDate(0, 0, p.notice).After(at) {
			return filed.AddDate(0, 0, p.notice)
		}
	}
	return at
}

// takesTime reports whether a change is in the calendar.
func takesTime(r *record.Record) bool {
	return r.State() == "scheduled" || r.State() == "implementing"
}

// windows are those that cover a change and overlap it, by occurrence.
func (p *Plan) windows(rec *record.Record, clock *period.Clock) ([]any, error) {
	out := []any{}
	steady(rec, clock)
	b, ok := calendar.BookingOf(rec, clock.Now())
	if !ok {
		return out, nil
	}
	for _, w := range p.Windows {
		if !w.Covers(&b, p.services) {
			continue
		}
		times, err := w.Occurrences(b.Span)
		if err != nil {
			return nil, err
		}
		for _, s := range times {
			m := map[string]any{"id": w.ID, "title": w.Title, "type": w.Type, "owner": w.Owner,
				"start": s.Start.UTC().Format(time.RFC3339), "end": s.End.UTC().Format(time.RFC3339)}
			if w.Strength != "" {
				m["strength"] = w.Strength
			}
			out = append(out, m)
		}
	}
	return out, nil
}

// conflictsInput is what policy sees of conflicts. Only main's are among them:
// what open proposals would do is not known to whoever decides again later.
func conflictsInput(found []calendar.Conflict) []any {
	out := []any{}
	for _, c := range found {
		m := map[string]any{"id": c.Other, "title": c.Title, "kind": c.Kind, "reason": c.Reason, "start": c.Start, "end": c.End,
			"path": anys(c.Path), "owners": anys(c.Owners), "type": c.Type}
		for key, v := range map[string]string{"state": c.State, "strength": c.Strength} {
			if v != "" {
				m[key] = v
			}
		}
		out = append(out, m)
	}
	return out
}

// unplaced are the windows on main that cannot be placed in time and that the
// proposal does not mend: whether a change lies in one of them nobody can say.
func unplaced(pol *engine.Policy, b *base, f *Facts) []finding.Finding {
	planned := func(c Change) bool { return c.Kind.Name == "change" && c.After != nil && !c.After.Terminal() }
	if !pol.Judges("change") || !slices.ContainsFunc(f.Changes, planned) {
		return nil
	}
	var out []finding.Finding
	for _, w := range b.plan.Broken {
		if slices.ContainsFunc(f.Changes, func(c Change) bool { return c.Path == w.Record.Path }) {
			continue
		}
		var why []string
		for _, p := range w.Problems {
			why = append(why, p.Message)
		}
		out = append(out, gate("GAT008", w.Record.Doc.Name, fmt.Sprintf("%s cannot be placed in time on %s: %s", w.Record.Doc.Name, b.store.Config.MainBranch, strings.Join(why, "; "))))
	}
	return out
}
