package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"charm.land/huh/v2"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// change asks at most six questions: title, services, reason, back-out plan, and
// of the window its start and length. What can be told otherwise is said and
// not asked: the services that the directory and the branch are about are
// chosen already, their owner owns the change, and the window is the next that
// is free.
func (a *asker) change(ctx context.Context, d *proposal.Desk, fields map[string]any) error {
	w, err := d.Look(ctx)
	if err != nil {
		return err
	}
	if err := a.what(ctx, d, w, fields); err != nil {
		return err
	}
	if owner := ownerOf(w.Base, fields); owner != "" && fields["owner"] == nil {
		fields["owner"] = owner
		a.env.say("owner: %s, who owns what it touches", owner)
	}
	if fields["window"] != nil {
		return nil
	}
	return a.window(ctx, d, fields)
}

// what asks for everything but the window.
func (a *asker) what(ctx context.Context, d *proposal.Desk, w *proposal.World, fields map[string]any) error {
	services, err := serviceOptions(w.Base)
	if err != nil {
		return err
	}
	t := &typing{mu: new(sync.Mutex)}
	var qs []huh.Field
	if fields["title"] == nil {
		qs = append(qs, huh.NewInput().Title("What changes?").Accessor(keyed[string]{t, &t.Title}).Validate(filledIn))
	}
	if fields["services"] == nil {
		t.Services = a.env.touched(ctx, d, w)
		qs = append(qs, huh.NewMultiSelect[string]().Title("Which services?").Options(services...).Accessor(keyed[[]string]{t, &t.Services}).Validate(atLeastOne))
	}
	if fields["reason"] == nil {
		qs = append(qs, huh.NewInput().Title("Why?").Accessor(keyed[string]{t, &t.Reason}))
	}
	if record.Value(fields, "plan", "backout") == nil {
		qs = append(qs, huh.NewInput().Title("How is it backed out?").Accessor(keyed[string]{t, &t.Backout}))
	}
	if len(qs) == 0 {
		return nil
	}
	if !a.accessible {
		qs = append(qs, a.foreseen(ctx, d, fields, t))
	}
	if err := a.form(qs...); err != nil {
		return err
	}
	maps.Copy(fields, t.into(fields))
	return nil
}

// usualLength is how long a change takes that nobody said anything of.
const usualLength = time.Hour

// later is the start of a change whose window somebody will settle later.
const later = "later"

// window asks when it starts and how long it takes, and proposes the next time
// at which it would be in nobody's way.
func (a *asker) window(ctx context.Context, d *proposal.Desk, fields map[string]any) error {
	start, length, free := "", "", later
	from := d.Now().UTC().Truncate(time.Hour).Add(time.Hour)
	slot, ok, err := d.FreeFor(ctx, fields, from, usualLength)
	switch {
	case err != nil:
		a.env.say("the next free time cannot be told: %v", err)
	case ok:
		free = slot.Start.UTC().Format(time.RFC3339)
		a.env.say("the next free hour is from %s", free)
	default:
		a.env.say("no hour is free for it within three months")
	}
	err = a.form(huh.NewInput().Title("When does it start? Nothing means "+free).Placeholder("a time, or later").Value(&start).Validate(timeOrLater),
		huh.NewInput().Title("How long may it take? Nothing means 1h").Placeholder("1h").Value(&length).Validate(durationOK))
	if err != nil {
		return err
	}
	return putWindow(fields, cmp.Or(start, free), cmp.Or(length, usualLength.String()))
}

func serviceOptions(s *store.Store) ([]huh.Option[string], error) {
	recs, err := s.List("service")
	if err != nil {
		return nil, err
	}
	if len(recs) == 0 {
		return nil, usage("the store has no services yet, and a change is of services").hint("gitsm service new ID --title … --owner team:… --tier 2")
	}
	var out []huh.Option[string]
	for _, r := range recs {
		out = append(out, huh.NewOption(fmt.Sprintf("%s (%s)", r.Title(), r.ID), r.ID))
	}
	return out, nil
}

// touched are the services that the directory one is in, or a file that the
// branch checked out changes, is named after. It is a proposal that can be
// declined, so what cannot be looked at is left out.
func (env *Env) touched(ctx context.Context, d *proposal.Desk, w *proposal.World) []string {
	repo, err := env.repository(ctx)
	if err != nil {
		return nil
	}
	var places []string
	if dir, err := repo.Prefix(env.realDir()); err == nil {
		places = append(places, dir)
	}
	if head, err := repo.Resolve(ctx, "HEAD"); err == nil && head != w.Main {
		if _, _, changes, err := d.Compare(ctx, w.Main, head); err == nil {
			for _, c := range changes {
				places = append(places, c.Path)
			}
		}
	}
	recs, err := w.Base.List("service")
	if err != nil {
		return nil
	}
	return namedAfter(recs, places)
}

// namedAfter returns the services that one of the places is named after, by id
// or alias: a directory on the way, or the file without its extension.
func namedAfter(services []*record.Record, places []string) []string {
	var out []string
	for _, s := range services {
		names := append([]string{s.ID}, s.Aliases()...)
		if slices.ContainsFunc(places, func(p string) bool {
			parts := strings.Split(strings.TrimSuffix(p, path.Ext(p)), "/")
			return slices.ContainsFunc(parts, func(part string) bool { return slices.Contains(names, part) })
		}) {
			out = append(out, s.ID)
		}
	}
	return out
}

// ownerOf is who owns all the services of a change, "" where that is nobody or
// several.
func ownerOf(s *store.Store, fields map[string]any) string {
	owner := ""
	for _, id := range record.Strs(fields, "services") {
		rec, err := s.Get("service", id)
		if err != nil || owner != "" && rec.Str("owner") != owner {
			return ""
		}
		owner = rec.Str("owner")
	}
	return owner
}

// sayApprovers says whose approval a change that was just filed needs.
func (env *Env) sayApprovers(ctx context.Context, id string) error {
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	w, err := d.Look(ctx)
	if err != nil {
		return err
	}
	t, err := d.Resolve(ctx, w, id, "change")
	if err != nil || t.Proposal == nil {
		return err
	}
	dec, err := d.Decide(ctx, t.Proposal)
	if err != nil {
		return err
	}
	for _, n := range dec.Requirements {
		if !n.Met {
			env.say("needs %d of %s: %s", n.Need-n.Given, strings.Join(n.From, ", "), n.Msg)
		}
	}
	return nil
}
