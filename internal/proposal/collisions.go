package proposal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
)

// Collisions are what is in the way of a change as rec has it, in what has
// landed and in other open proposals.
func (d *Desk) Collisions(ctx context.Context, w *World, rec *record.Record) ([]calendar.Conflict, error) {
	plan, err := d.Judge.Plan(w.Base)
	if err != nil {
		return nil, err
	}
	open, err := d.Bookings(ctx, w)
	if err != nil {
		return nil, err
	}
	return plan.Conflicts(rec, d.Now(), open...)
}

// Bookings are the changes of open proposals, each as its branch has it.
func (d *Desk) Bookings(ctx context.Context, w *World) ([]calendar.Booking, error) {
	recs, err := d.Proposed(ctx, w)
	if err != nil {
		return nil, err
	}
	var out []calendar.Booking
	for _, p := range recs {
		if b, ok := calendar.BookingOf(p.Record, d.Now()); ok {
			b.Branch = p.Branch
			out = append(out, b)
		}
	}
	return out, nil
}

// ProposedChange is a change as an open proposal has it.
type ProposedChange struct {
	Branch string
	Head   git.OID
	Record *record.Record
}

// Proposed reads the changes of all open proposals, and nothing else of them;
// one that cannot be read is warned of, and left to its own check.
func (d *Desk) Proposed(ctx context.Context, w *World) ([]ProposedChange, error) {
	open, err := d.Open(ctx, w)
	if err != nil {
		return nil, err
	}
	var out []ProposedChange
	for _, p := range open {
		k, ok := w.Base.Kinds.OfID(p.ID)
		if !ok || k.Name != "change" || p.Head == "" {
			continue
		}
		s, err := d.open(ctx, p.Head)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil { // one bad branch must not hide the others
			d.warn(fmt.Sprintf("broken: %s: %v", p.Branch, err))
			continue
		}
		rec, _, err := s.At(k.PathOf(p.ID))
		if err != nil {
			return nil, err
		}
		if rec != nil {
			out = append(out, ProposedChange{p.Branch, p.Head, rec})
		}
	}
	return out, nil
}

// foretell adds to a decision, for whoever reads it, what other open proposals
// would be in the way of: the first of them to land wins. It is no part of the
// decision, since nobody who decides again later knows what was open.
func (d *Desk) foretell(ctx context.Context, l *Loaded, dec *decision.Decision) error {
	c := l.Facts.Primary()
	if c == nil || c.After == nil || c.Kind.Name != "change" {
		return nil
	}
	w, err := d.Look(ctx)
	if err != nil {
		return err
	}
	found, err := d.Collisions(ctx, w, c.After)
	if err != nil {
		return err
	}
	code, _ := finding.Lookup("CAL004")
	for _, x := range found {
		if x.Branch == "" {
			continue // policy has spoken of it
		}
		f := finding.Finding{Code: code.ID, Severity: code.Severity, File: c.After.Doc.Name, Record: c.ID, Why: code.Explain, Fix: "gitsm change reschedule, or agree with " + strings.Join(x.Owners, ", "),
			Message: fmt.Sprintf("%s is proposed for the same time, from %s to %s: %s", x.Other, x.Start, x.End, x.Reason)}
		f.Line, f.Column, f.EndLine, f.EndColumn = c.After.Doc.Span("/window")
		f.Frame = c.After.Doc.Line(f.Line)
		dec.Findings = append(dec.Findings, f)
	}
	finding.Sort(dec.Findings)
	return nil
}

// Hint is what is in the way of a change, and when it would fit instead.
type Hint struct {
	Conflicts []calendar.Conflict
	Free      calendar.Span // not Valid where nothing is
}

// hintAmong is how many changes main may have for a hint to be looked for: it
// reads them all, and filing a change waits for it.
const hintAmong = 500

// HintOf looks, for whoever has just filed a change, for what is in its way and,
// where that is something main has, for the next time after the one it asks for
// at which nothing is. In a store of many changes assessing it says that.
func (d *Desk) HintOf(ctx context.Context, rec *record.Record) (Hint, error) {
	h := Hint{}
	if _, ok := calendar.BookingOf(rec, d.Now()); !ok || rec.State() != "scheduled" {
		return h, nil // an emergency waits for nothing
	}
	w, err := d.Look(ctx)
	if err != nil {
		return h, err
	}
	if ids, err := w.Base.IDs("change"); err != nil || len(ids) > hintAmong {
		return h, err
	}
	if h.Conflicts, err = d.Collisions(ctx, w, rec); err != nil {
		return h, err
	}
	if !slices.ContainsFunc(h.Conflicts, func(c calendar.Conflict) bool { return c.Branch == "" }) {
		return h, nil
	}
	plan, err := d.Judge.Plan(w.Base)
	if err != nil {
		return h, err
	}
	from := d.Now()
	if start, ok := rec.Time("window", "start"); ok && start.After(from) {
		from = start
	}
	h.Free, _, err = plan.NextFree(rec, from, d.Now())
	return h, err
}

// NextFree is when a landed change fits next, as soon as it may begin.
func (d *Desk) NextFree(ctx context.Context, short string) (slot calendar.Span, ok bool, err error) {
	w, err := d.Sync(ctx)
	if err != nil {
		return slot, false, err
	}
	rec, err := d.landed(ctx, w, "change", short)
	if err != nil {
		return slot, false, err
	}
	plan, err := d.Judge.Plan(w.Base)
	if err != nil {
		return slot, false, err
	}
	return plan.NextFree(rec, plan.Soonest(rec, d.Now()), d.Now())
}

// FreeFor is the next time from a moment on, as long as that, at which a change
// with these fields would be in nobody's way; ok is false where there is none.
func (d *Desk) FreeFor(ctx context.Context, fields map[string]any, from time.Time, length time.Duration) (slot calendar.Span, ok bool, err error) {
	w, err := d.Look(ctx)
	if err != nil {
		return slot, false, err
	}
	k, _ := record.Builtin().ByName("change")
	planned := maps.Clone(fields)
	planned["state"] = k.Initial()
	planned["window"] = map[string]any{"start": stamp(from), "end": stamp(from.Add(length))}
	content, err := render(k, planned)
	if err != nil {
		return slot, false, fmt.Errorf("planning a change: %w", err)
	}
	doc, found := k.Parse("the new change", content)
	if doc == nil || len(found) > 0 {
		return slot, false, &InvalidError{What: "the new change", Findings: found}
	}
	plan, err := d.Judge.Plan(w.Base)
	if err != nil {
		return slot, false, err
	}
	return plan.NextFree(record.New(k, "", "", "", doc), from, d.Now())
}
