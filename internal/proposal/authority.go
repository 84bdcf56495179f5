package proposal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/record"
)

// Authority is how the change with an id was put into force, by the evidence
// that main names. A check asks it from several goroutines.
func (d *Desk) Authority(ctx context.Context, id string) (decision.Authority, error) {
	d.asking.Lock()
	defer d.asking.Unlock()
	w, err := d.Look(ctx)
	if err != nil {
		return decision.Authority{}, err
	}
	if err := d.whole(ctx, w); err != nil {
		return decision.Authority{}, err
	}
	rec, err := w.Base.Get("change", id)
	if errors.Is(err, fs.ErrNotExist) {
		return authority(id, nil), nil // it is not in force
	}
	if err != nil {
		return decision.Authority{}, err
	}
	return d.authorised(ctx, w, rec)
}

// authorised is how a change was put into force that stands on main as rec. What
// evidence has under its own name says so, but where the change landed with a
// proposal about something else: the evidence of that knows then.
func (d *Desk) authorised(ctx context.Context, w *World, rec *record.Record) (decision.Authority, error) {
	if w.Evidence == "" {
		return authority(rec.ID, nil), nil
	}
	fsys, err := d.Repo.FS(ctx, w.Evidence)
	if err != nil {
		return decision.Authority{}, err
	}
	entries, err := d.Said.Read(fsys, rec.ID)
	if err != nil {
		return decision.Authority{}, fmt.Errorf("reading the evidence of %s: %w", rec.ID, err)
	}
	if !accounted(entries, rec) {
		besides, err := d.besides(ctx, w, fsys, rec)
		if err != nil {
			return decision.Authority{}, err
		}
		entries = append(slices.Clone(entries), besides...)
		slices.SortStableFunc(entries, func(a, b *evidence.Entry) int { return a.Statement.Predicate.Time.Compare(b.Statement.Predicate.Time) })
	}
	return authority(rec.ID, entries), nil
}

// authorities notes how each change was put into force of which a proposal says
// how the work goes.
func (d *Desk) authorities(ctx context.Context, w *World, l *Loaded) error {
	l.Facts.Authority = map[string]decision.Authority{}
	for i := range l.Facts.Changes {
		c := &l.Facts.Changes[i]
		if !decision.Rests(c) {
			continue
		}
		by, err := d.authorised(ctx, w, c.Before)
		if err != nil {
			return err
		}
		if err := d.meet(ctx, w, c, &by); err != nil {
			return err
		}
		l.Facts.Authority[c.ID] = by
	}
	return nil
}

// meet adds to how a change that starts was put into force what was asked about
// when what is in its way was.
func (d *Desk) meet(ctx context.Context, w *World, c *decision.Change, by *decision.Authority) error {
	if !decision.Starts(c) {
		return nil
	}
	plan, err := d.Judge.Plan(w.Base)
	if err != nil {
		return err
	}
	conflicts, err := plan.Conflicts(c.After, d.Now())
	if err != nil {
		return err
	}
	return by.Meet(c.ID, conflicts, func(other string) (decision.Authority, error) {
		rec, err := w.Base.Get("change", other)
		if err != nil {
			return decision.Authority{}, err
		}
		return d.authorised(ctx, w, rec)
	})
}

// accounted reports whether decisions under a record's own name account for all that
// became of it: each begins with what the one before left, and the last left it
// as main has it.
func accounted(entries []*evidence.Entry, rec *record.Record) bool {
	var left any
	for _, e := range entries {
		p := e.Statement.Predicate
		if p.Decision == nil || p.Decision.Verdict != string(approval.Allow) {
			continue
		}
		var in struct{ Before, Record any }
		if json.Unmarshal(p.Decision.Input, &in) != nil || !reflect.DeepEqual(in.Before, left) {
			return false
		}
		left = in.Record
	}
	now, err := record.Canonical(rec.Fields)
	var is any
	return err == nil && json.Unmarshal(now, &is) == nil && reflect.DeepEqual(is, left)
}

// authority reads how a change was put into force from statements, oldest first:
// the last landing that asked for approvals says whose it rests on, and the last
// that changed what approvals cover since when it stands as it does, and the last
// that put the change into force what was in its way.
// Decisions are recorded where something landed, and nowhere else.
func authority(id string, entries []*evidence.Entry) decision.Authority {
	out := decision.Authority{Met: []string{}}
	material := ""
	for _, e := range entries {
		p := e.Statement.Predicate
		if m := p.Merge; m != nil && m.LandedMaterial != material {
			material, out.At = m.LandedMaterial, p.Time.Truncate(time.Second)
		}
		if d := p.Decision; d != nil && d.Verdict == string(approval.Allow) {
			if d.Risk.Band != "" && !slices.Contains(out.Bands, d.Risk.Band) {
				out.Bands = append(out.Bands, d.Risk.Band)
			}
			if len(d.Requirements) > 0 {
				out.Approvers = approvers(d.Requirements)
			}
			if met, ok := met(d.Input); ok && p.ID() == id {
				out.Met = met
			} else if p.ID() != id {
				out.Met = nil // of this change nobody wrote down what was in its way
			}
		}
	}
	return out
}

func approvers(reqs []evidence.Requirement) []string {
	var out []string
	for _, r := range reqs {
		for _, a := range r.Approvers {
			out = append(out, a.Person)
		}
	}
	return out
}

// met are the conflicts in what policy saw when a change was put into force; ok
// is false for what it saw of another step.
func met(input json.RawMessage) (out []string, ok bool) {
	var in struct {
		Record     struct{ Kind string }
		Transition struct{ To string }
		Conflicts  []struct{ ID, Kind string }
	}
	if json.Unmarshal(input, &in) != nil || in.Record.Kind != "change" || in.Transition.To != "scheduled" {
		return nil, false
	}
	out = []string{}
	for _, c := range in.Conflicts {
		out = append(out, decision.Meeting(c.Kind, c.ID))
	}
	return out, true
}
