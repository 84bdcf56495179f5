package cli

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/calendar"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
)

// conflictFields are what conflicts prints as JSON.
var conflictFields = []string{"change", "kind", "other", "title", "state", "type", "strength", "start", "end", "path", "owners", "overdue", "branch", "reason"}

func newConflictsCmd(env *Env) *cobra.Command {
	var out outputFlags
	var at string
	cmd := &cobra.Command{
		Use: "conflicts [ID]", Short: "List what is in the way of changes", Args: args(cobra.MaximumNArgs(1)),
		Long: `List what is in the way of a change, or of all that are scheduled, being
implemented or proposed: other changes of the same or of dependent services and
assets at the same time, freezes, times outside of maintenance, and a person who
would carry out two changes at once. What is in an open proposal has its branch. With
--at, what main had then is looked at alone: which proposals were open is not in it.`,
		Example: "  $ gitsm conflicts 7k3f2m\n  $ gitsm conflicts --json change,other,kind,start,end\n  $ gitsm conflicts --at 2026-11-20",
		RunE: func(cmd *cobra.Command, list []string) error {
			return runConflicts(cmd.Context(), env, list, at, &out)
		},
	}
	cmd.Flags().StringVar(&at, "at", "", atHelp)
	out.register(cmd)
	return cmd
}

func runConflicts(ctx context.Context, env *Env, list []string, at string, out *outputFlags) error {
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	b, err := env.blotter(ctx, d, list, at)
	if err != nil {
		return err
	}
	items := []map[string]any{}
	seen := map[[3]string]bool{}
	for _, rec := range b.changes {
		found, err := b.collisions(rec)
		if err != nil {
			return err
		}
		for _, c := range found {
			if seen[[3]string{c.Kind, c.Other, c.Change}] {
				continue // said from the other side
			}
			seen[[3]string{c.Kind, c.Change, c.Other}] = true
			item, err := asMap(c)
			if err != nil {
				return err
			}
			items = append(items, item)
		}
	}
	_, broken, err := calendar.WindowsOf(b.store)
	if err != nil {
		return err
	}
	if len(items) == 0 && len(broken) == 0 && !out.given() {
		env.say("nothing is in the way")
		return nil
	}
	err = out.write(ctx, env, render.List{
		Fields:  conflictFields,
		Columns: []render.Column{{Field: "change"}, {Field: "kind"}, {Field: "other"}, {Field: "start"}, {Field: "end"}, {Field: "branch"}, {Field: "reason"}}, Items: items})
	if err != nil || len(broken) == 0 {
		return err
	}
	for _, b := range broken {
		env.say("window %s cannot be placed in time: %s", b.Record.ID, b.Problems[0].Message)
	}
	return exit(ExitFailure) // they may be in the way
}

// blotter is what is looked at for conflicts.
type blotter struct {
	store      *store.Store
	changes    []*record.Record
	collisions func(*record.Record) ([]calendar.Conflict, error)
}

// blotter opens main with the open proposals or, where at is given, main alone as
// it was.
func (env *Env) blotter(ctx context.Context, d *proposal.Desk, list []string, at string) (*blotter, error) {
	if at == "" {
		w, err := d.Look(ctx)
		if err != nil {
			return nil, err
		}
		b := &blotter{store: w.Base, collisions: func(rec *record.Record) ([]calendar.Conflict, error) { return d.Collisions(ctx, w, rec) }}
		b.changes, err = conflicting(ctx, d, w, list)
		return b, err
	}
	s, err := env.past(ctx, d, at)
	if err != nil {
		return nil, err
	}
	plan, err := d.Judge.Plan(s)
	if err != nil {
		return nil, err
	}
	b := &blotter{store: s, collisions: func(rec *record.Record) ([]calendar.Conflict, error) { return plan.Conflicts(rec, d.Now()) }}
	if len(list) == 1 {
		rec, err := s.Find(list[0], "change")
		b.changes = []*record.Record{rec}
		return b, err
	}
	b.changes, err = booked(s, d.Now())
	return b, err
}

// booked are the changes of a snapshot that take up time.
func booked(s *store.Store, now time.Time) ([]*record.Record, error) {
	recs, err := s.List("change")
	return slices.DeleteFunc(slices.Clone(recs), func(r *record.Record) bool {
		_, ok := calendar.BookingOf(r, now)
		return !ok
	}), err
}

// conflicting are the changes that are asked about: the one that is named, or
// all that take up time, as main and then as open proposals have them.
func conflicting(ctx context.Context, d *proposal.Desk, w *proposal.World, list []string) ([]*record.Record, error) {
	if len(list) == 1 {
		t, err := d.Resolve(ctx, w, list[0], "change")
		if err != nil {
			return nil, err
		}
		rec := t.Current()
		if rec == nil {
			return nil, &Error{Msg: t.ID + " cannot be read", Code: ExitFailure, Hints: []string{"gitsm check " + t.ID}}
		}
		return []*record.Record{rec}, nil
	}
	out, err := booked(w.Base, d.Now())
	if err != nil {
		return nil, err
	}
	open, err := d.Proposed(ctx, w)
	for _, p := range open {
		out = append(out, p.Record)
	}
	return out, err
}

// asMap is a value as its JSON has it, for lists.
func asMap(v any) (map[string]any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	return out, json.Unmarshal(b, &out)
}
