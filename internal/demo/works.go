package demo

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/proposal"
)

// work is one change on its way through its life, with the fate that chance
// has in store for it.
type work struct {
	job     job
	service string
	assets  []string

	id        string
	requester string
	from, to  time.Time      // window
	spare     map[string]any // a part of the plan that is written only after check asked for it

	fate     string // successful, successful-with-issues, failed, backed-out
	rejected int    // how often a reviewer will ask for changes
	dropped  bool   // withdrawn before it lands
	called   bool   // called off after it landed
	moved    bool   // moved to another window
	approved []string
	incident string // what it caused
	urgent   bool   // an emergency
	risky    bool   // has to be reviewed before it is closed

	text func(string) string // fills in what it is done to
}

// planAll fills the agenda: when which change is filed, and which incidents
// nobody caused.
func (b *builder) planAll() {
	all := max(0, min(b.opts.Changes, b.opts.Recent)-planted)
	urgent := all * 4 / 100
	for _, at := range b.moments(all - urgent) {
		b.agenda.plan(at, "", func() error {
			w, err := b.newWork()
			if err != nil {
				return err
			}
			return b.file(w)
		})
	}
	for i, at := range b.moments(urgent + all*6/100) {
		b.agenda.plan(at.Add(b.between(0, 14*time.Hour)), "", func() error { return b.outage(i < urgent) })
	}
	b.planStaff()
}

// moments spreads n moments of working time over the eighteen months, sorted,
// each in a slice of its own so that no month is left empty.
func (b *builder) moments(n int) []time.Time {
	var out []time.Time
	span := lastOf.Sub(firstOf)
	for i := range n {
		from := firstOf.Add(span / time.Duration(n) * time.Duration(i))
		at := atOffice(from.Add(b.between(0, span/time.Duration(n))).Truncate(time.Minute).Add(b.between(0, time.Minute)))
		out = append(out, at)
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// newWork draws a job, what it is done to, who asks for it and how it will end.
func (b *builder) newWork() (*work, error) {
	w := &work{job: b.drawJob()}
	w.assets, w.service = b.drawAssets(w.job)
	w.requester = pick(b, b.team(b.owners[w.service]))
	var err error
	if w.from, w.to, err = b.freeWindow(w); err != nil {
		return nil, err
	}
	w.fate = "successful"
	if b.percent(w.job.risky) {
		w.fate = pick(b, []string{"failed", "backed-out", "backed-out", "successful-with-issues"})
	} else if b.percent(6) {
		w.fate = "successful-with-issues"
	}
	switch n := b.chance.IntN(100); {
	case n < 6:
		w.rejected = 1
	case n < 9:
		w.dropped = true
	case n < 12:
		w.called = true
	case n < 17:
		w.moved = true
	}
	return w, nil
}

func (b *builder) drawJob() job {
	sum := 0
	for _, j := range b.jobs {
		sum += j.often
	}
	n := b.chance.IntN(sum)
	for _, j := range b.jobs {
		if n -= j.often; n < 0 {
			return j
		}
	}
	return b.jobs[0]
}

// drawAssets finds what a job is done to: one asset, or all the servers of a
// service where it is released.
func (b *builder) drawAssets(j job) (ids []string, service string) {
	var fit []string
	for _, a := range assets() {
		if a.kind == j.on && b.uses[a.id] != "" && (j.only == "" || b.uses[a.id] == j.only) {
			fit = append(fit, a.id)
		}
	}
	one := pick(b, fit)
	service = b.uses[one]
	if strings.Contains(j.title, "{asset}") {
		return []string{one}, service
	}
	for _, id := range fit {
		if b.uses[id] == service {
			ids = append(ids, id)
		}
	}
	return ids, service
}

// drawWindow finds a window some days ahead: in the morning or afternoon of a
// working day, or in one of the two nights of the week kept for maintenance.
func (b *builder) drawWindow(j job, later int) (from, to time.Time) {
	day := addWorkdays(b.now, 3+later+b.chance.IntN(6))
	hour := pick(b, []int{9, 10, 11, 13, 14})
	if j.night {
		for day.Weekday() != time.Tuesday && day.Weekday() != time.Thursday {
			day = day.AddDate(0, 0, 1)
		}
		hour = 21 + b.chance.IntN(2)
	}
	from = time.Date(day.Year(), day.Month(), day.Day(), hour, 30*b.chance.IntN(2), 0, 0, time.UTC)
	length := time.Duration(j.length) * time.Minute
	return from, from.Add((length + length/2).Round(15 * time.Minute))
}

// team lists the active members of a team.
func (b *builder) team(id string) []string {
	for _, t := range teams() {
		if t.id == id {
			return b.active(t.members())
		}
	}
	return nil
}

// file files the change, then asks what it takes to land it.
func (b *builder) file(w *work) error {
	fields := b.fields(w)
	if b.percent(9) { // written in a hurry
		w.spare = map[string]any{"/plan/backout": fields["plan"].(map[string]any)["backout"]}
		fields["plan"].(map[string]any)["backout"] = "tbc"
	}
	d := b.desk(w.requester)
	dr, err := d.NewDraft(b.ctx, b.kind("change"), "", fields)
	if err != nil {
		return err
	}
	if _, err := d.Propose(b.ctx, dr); err != nil {
		return err
	}
	w.id = dr.ID
	b.count()
	if w.spare != nil {
		b.agenda.plan(atOffice(b.after(5*time.Minute, 50*time.Minute)), w.requester, func() error { return b.mend(w) })
		return nil
	}
	return b.ask(w)
}

func (b *builder) count() {
	b.filed++
	if b.opts.Progress != nil {
		b.opts.Progress(b.filed, b.opts.Changes)
	}
}

// target is the change as the desk finds it now.
func (b *builder) target(d *proposal.Desk, id string) (*proposal.Target, error) {
	at, err := d.Look(b.ctx)
	if err != nil {
		return nil, err
	}
	return d.Resolve(b.ctx, at, id, "change")
}

// ask has the gate say what is missing, and plans for it to be seen to.
func (b *builder) ask(w *work) error {
	d := b.desk(w.requester)
	t, err := b.target(d, w.id)
	if err != nil {
		return err
	}
	dec, err := d.Gate(b.ctx, t)
	if err != nil {
		return err
	}
	return b.route(w, dec)
}

// route plans the next step of an open proposal by what the gate said of it.
func (b *builder) route(w *work, dec *decision.Decision) error {
	switch {
	case w.dropped && len(w.approved) == len(dec.Requirements)-1:
		b.agenda.plan(atOffice(b.after(2*time.Hour, 20*time.Hour)), w.requester, func() error { return b.withdraw(w) })
		return nil
	case dec.Allowed():
		b.agenda.plan(atOffice(b.after(4*time.Minute, time.Hour)), w.requester, func() error { return b.merge(w) })
		return nil
	}
	for _, r := range dec.Requirements {
		if asked := b.active(r.Candidates); !r.Met && len(asked) > 0 {
			who := pick(b, asked)
			b.agenda.plan(atOffice(b.after(15*time.Minute, 7*time.Hour)), who, func() error { return b.review(w, who) })
			return nil
		}
	}
	for _, f := range dec.Findings {
		return fmt.Errorf("%s: %s %s", w.id, f.Code, f.Message)
	}
	return fmt.Errorf("%s: nobody can approve it: %s", w.id, strings.Join(dec.Reasons, "; "))
}

// mend writes the part of the plan that was missing.
func (b *builder) mend(w *work) error {
	if err := b.edit(w, w.spare); err != nil {
		return err
	}
	return b.ask(w)
}

// review is a reviewer's word: yes, or first some changes.
func (b *builder) review(w *work, who string) error {
	if w.rejected > 0 {
		w.rejected--
		return b.reject(w, who)
	}
	op, err := b.desk(who).Approve(b.ctx, w.id, "change")
	var refused *proposal.RefusedError
	if errors.As(err, &refused) && refused.Decision != nil {
		// The risk moved since they were asked, so that others decide now.
		return b.route(w, refused.Decision)
	}
	if err != nil {
		return err
	}
	w.approved = append(w.approved, who)
	return b.route(w, op.Decision)
}

// reject asks for changes, which the requester makes; whoever asked for them is
// asked again.
func (b *builder) reject(w *work, who string) error {
	if _, err := b.desk(who).Reject(b.ctx, w.id, "change"); err != nil {
		return err
	}
	b.agenda.plan(atOffice(b.after(time.Hour, 6*time.Hour)), w.requester, func() error {
		if err := b.edit(w, map[string]any{"/plan/verify": w.text(w.job.verify) + "\nWhoever is on call watches for another hour."}); err != nil {
			return err
		}
		b.agenda.plan(atOffice(b.after(30*time.Minute, 5*time.Hour)), who, func() error { return b.review(w, who) })
		return nil
	})
	return nil
}

// withdraw takes the proposal back.
func (b *builder) withdraw(w *work) error {
	d := b.desk(w.requester)
	t, err := b.target(d, w.id)
	if err != nil {
		return err
	}
	_, err = d.Withdraw(b.ctx, t)
	return err
}

// merge lands the proposal, unless the gate has found something else by now.
func (b *builder) merge(w *work) error {
	out, err := b.desk(w.requester).Merge(b.ctx, w.id, "change")
	if err != nil {
		return err
	}
	if !out.Landed {
		return b.route(w, out.Decision)
	}
	w.risky = w.risky || slices.Contains([]string{"high", "critical"}, out.Decision.Risk.Band)
	return b.landed(w)
}
