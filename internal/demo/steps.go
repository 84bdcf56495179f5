package demo

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// landed plans what happens to a change that has just been authorised.
func (b *builder) landed(w *work) error {
	ahead := w.from.Sub(b.now)
	switch {
	case w.called && ahead > time.Hour:
		b.agenda.plan(b.after(20*time.Minute, ahead-20*time.Minute), w.requester, func() error { return b.cancel(w) })
	case w.moved && ahead > time.Hour:
		b.agenda.plan(b.after(20*time.Minute, ahead-20*time.Minute), w.requester, func() error { return b.move(w) })
	case b.now.After(w.to.Add(-20 * time.Minute)): // approved too late
		b.agenda.plan(b.after(5*time.Minute, time.Hour), w.requester, func() error { return b.move(w) })
	default:
		at := b.now.Add(3 * time.Minute)
		if first := w.from.Add(b.between(time.Minute, 10*time.Minute)); first.After(at) {
			at = first
		}
		who := b.implementer(w)
		b.agenda.plan(at, who, func() error { return b.start(w, who) })
	}
	return nil
}

// implementer is who asked for the change or, now and then, somebody of their
// team who did not approve it.
func (b *builder) implementer(w *work) string {
	free := slices.DeleteFunc(b.team(b.staff[w.requester].team), func(id string) bool { return slices.Contains(w.approved, id) })
	if len(free) > 0 && (b.percent(25) || len(b.active([]string{w.requester})) == 0) {
		return pick(b, free)
	}
	return w.requester
}

// step moves the change one step on; it has to land at once.
func (b *builder) step(w *work, who string, s proposal.Step) error {
	out, err := b.desk(who).Advance(b.ctx, "change", w.id, s)
	if err == nil && !out.Landed {
		err = fmt.Errorf("%s of %s waits for approvals", s.Verb, w.id)
	}
	return err
}

func (b *builder) cancel(w *work) error {
	return b.step(w, w.requester, proposal.Step{Verb: "cancel", Notes: pick(b, calledOff())})
}

// move asks for another window, which has to be approved anew.
func (b *builder) move(w *work) error {
	w.moved = false
	from, to, err := b.freeWindow(w)
	if err != nil {
		return err
	}
	out, err := b.desk(w.requester).Advance(b.ctx, "change", w.id,
		proposal.Step{Verb: "reschedule", Start: from.Format(timeFormat), End: to.Format(timeFormat)})
	if err != nil {
		return err
	}
	w.from, w.to, w.approved = from, to, nil
	if out.Landed {
		return b.landed(w)
	}
	return b.route(w, out.Decision)
}

func (b *builder) start(w *work, who string) error {
	err := b.step(w, who, proposal.Step{Verb: "start"})
	var refused *proposal.RefusedError
	if errors.As(err, &refused) && refused.Decision != nil { // an emergency came first, or another change of the same person
		return b.move(w)
	}
	if err != nil {
		return err
	}
	length := time.Duration(w.job.length) * time.Minute
	begun := b.now
	end := b.after(length*6/10, length*11/10)
	if w.fate == "failed" || w.fate == "backed-out" {
		end = b.after(length, length*3/2)
		if w.job.incident != "" && b.percent(70) {
			b.agenda.plan(b.after(length/3, length*2/3), who, func() error { return b.caused(w, begun, end) })
		}
	}
	b.agenda.plan(end, who, func() error { return b.finish(w, who) })
	return nil
}

func (b *builder) finish(w *work, who string) error {
	s := proposal.Step{Verb: "finish", Outcome: w.fate}
	switch w.fate {
	case "backed-out":
		s = proposal.Step{Verb: "backout", Notes: w.text(w.job.trouble) + " Backed out as planned."}
	case "failed":
		s.Notes = w.text(w.job.trouble) + " The rest of the window was used to restore the state before."
	case "successful-with-issues":
		s.Notes = pick(b, hitches())
	}
	if err := b.step(w, who, s); err != nil {
		return err
	}
	at := atOffice(b.now.Add(b.between(18*time.Hour, 80*time.Hour)))
	if w.fate == "successful" && !w.risky {
		b.agenda.plan(at, w.requester, func() error { return b.close(w) })
		return nil
	}
	b.agenda.plan(at, w.requester, func() error { return b.lookBack(w) })
	return nil
}

// lookBack writes the post-implementation review and plans the end.
func (b *builder) lookBack(w *work) error {
	if err := b.step(w, w.requester, proposal.Step{Verb: "review", Summary: pick(b, lessons(w))}); err != nil {
		return err
	}
	b.agenda.plan(atOffice(b.after(10*time.Minute, 30*time.Hour)), w.requester, func() error { return b.close(w) })
	return nil
}

// close closes the change, after a review where the gate asks for one.
func (b *builder) close(w *work) error {
	err := b.step(w, w.requester, proposal.Step{Verb: "close"})
	var refused *proposal.RefusedError
	if errors.As(err, &refused) && !w.risky {
		w.risky = true
		return b.lookBack(w)
	}
	if err == nil && w.incident != "" {
		b.story = w.id
	}
	return err
}

// edit changes fields of the change as its open proposal has it, or of the one
// on main.
func (b *builder) edit(w *work, fields map[string]any) error {
	d := b.desk(w.requester)
	t, err := b.target(d, w.id)
	if err != nil {
		return err
	}
	var edits []yamldoc.Edit
	for _, pointer := range sorted(fields) {
		edits = append(edits, yamldoc.Edit{Pointer: pointer, Value: fields[pointer]})
	}
	rec := t.Current()
	content, err := rec.Kind.Edit(rec.Doc, edits...)
	if err != nil {
		return fmt.Errorf("editing %s: %w", w.id, err)
	}
	_, err = d.Propose(b.ctx, proposal.Draft{Kind: t.Kind, ID: t.ID, Path: rec.Path, Verb: "edit", Content: content, Title: rec.Title(), Target: t})
	return err
}
