package demo

import (
	"fmt"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/proposal"
)

// emergency files and lands the change that ends an incident: done first, with
// a change manager's word, and approved by that change manager afterwards.
func (b *builder) emergency(t trouble, incident, who string) error {
	w := &work{service: t.service, requester: who, fate: "successful", urgent: true, risky: true}
	authoriser := pick(b, slices.DeleteFunc(b.team(changeManagers), func(id string) bool { return id == who }))
	d := b.desk(who)
	dr, err := d.NewDraft(b.ctx, b.kind("change"), "", map[string]any{
		"title": "Emergency: " + t.title, "type": "emergency", "owner": "team:" + b.owners[t.service], "services": []any{t.service},
		"assets": anys(t.assets), "environment": "production", "incident": incident, "authoriser": authoriser,
		"reason": t.seen, "impact": "Customers are affected until this is done.",
		"plan": map[string]any{"implement": t.remedy, "backout": t.backout, "verify": "The error rate is back to normal for a quarter of an hour."},
	})
	if err != nil {
		return err
	}
	if _, err := d.Propose(b.ctx, dr); err != nil {
		return err
	}
	w.id = dr.ID
	b.count()
	b.agenda.plan(b.after(time.Minute, 4*time.Minute), who, func() error { return b.landEmergency(w, authoriser) })
	return nil
}

func (b *builder) landEmergency(w *work, authoriser string) error {
	out, err := b.desk(w.requester).Merge(b.ctx, w.id, "change")
	if err != nil {
		return err
	}
	if !out.Landed {
		return fmt.Errorf("emergency %s did not land: %v", w.id, out.Decision.Reasons)
	}
	b.agenda.plan(b.after(6*time.Minute, 20*time.Minute), w.requester, func() error {
		return b.step(w, w.requester, proposal.Step{Verb: "finish", Outcome: w.fate, Notes: "The service recovered within minutes."})
	})
	b.agenda.plan(b.after(40*time.Minute, 6*time.Hour), authoriser, func() error {
		_, err := b.desk(authoriser).Approve(b.ctx, w.id, "change")
		return err
	})
	b.agenda.plan(addWorkdays(atOffice(b.now), 1).Add(b.between(0, time.Hour)), w.requester, func() error { return b.lookBack(w) })
	return nil
}
