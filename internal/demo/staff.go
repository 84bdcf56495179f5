package demo

import (
	"fmt"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// leaver is the one person who leaves in these eighteen months. They take no
// new work for their last weeks.
const leaver = "ben"

var lastDay = time.Date(2026, 6, 30, 15, 0, 0, 0, time.UTC)

// planStaff plans what changes about people and services: somebody leaves, and
// search turns out to be more important than was thought.
func (b *builder) planStaff() {
	b.left[leaver] = lastDay.AddDate(0, 0, -60)
	b.agenda.plan(lastDay, "tomas", func() error {
		return b.reorganise("tomas", manager, "team", "payments", "/members", b.team("payments"), func() error {
			return b.reorganise("tomas", manager, "person", leaver, "/active", false, func() error { return nil })
		})
	})
	b.agenda.plan(time.Date(2026, 2, 9, 10, 12, 0, 0, time.UTC), "yusuf", func() error {
		colleague := slices.DeleteFunc(b.team(b.owners["search"]), func(id string) bool { return id == "yusuf" })[0]
		return b.reorganise("yusuf", colleague, "service", "search", "/sla",
			yamldoc.Map{entry("availability", 99.5), entry("restore_within", "4h")}, func() error { return nil })
	})
}

// reorganise edits a person, team or service, which somebody else has to
// approve, and goes on once that has landed.
func (b *builder) reorganise(who, approver, kind, id, pointer string, value any, then func() error) error {
	if err := b.amend(who, kind, id, pointer, value); err != nil {
		return err
	}
	b.agenda.plan(b.after(20*time.Minute, time.Hour), approver, func() error {
		if _, err := b.desk(approver).Approve(b.ctx, id, kind); err != nil {
			return err
		}
		b.agenda.plan(b.after(5*time.Minute, 20*time.Minute), who, func() error {
			out, err := b.desk(who).Merge(b.ctx, id, kind)
			if err == nil && !out.Landed {
				err = fmt.Errorf("%s did not land: %v", id, out.Decision.Reasons)
			}
			if err != nil {
				return err
			}
			return then()
		})
		return nil
	})
	return nil
}

// amend edits one field of a record on main.
func (b *builder) amend(who, kind, id, pointer string, value any) error {
	d := b.desk(who)
	at, err := d.Look(b.ctx)
	if err != nil {
		return err
	}
	t, err := d.Resolve(b.ctx, at, id, kind)
	if err != nil {
		return err
	}
	content, err := t.Kind.Edit(t.Landed.Doc, yamldoc.Edit{Pointer: pointer, Value: value})
	if err != nil {
		return fmt.Errorf("editing %s: %w", id, err)
	}
	_, err = d.Propose(b.ctx, proposal.Draft{Kind: t.Kind, ID: id, Path: t.Landed.Path, Verb: "edit", Content: content, Title: t.Landed.Title(), Target: t})
	return err
}
