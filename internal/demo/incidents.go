package demo

import (
	"fmt"
	"time"

	"github.com/gitsm/gitsm/internal/proposal"
)

// trouble is an incident that no change of ours caused.
type trouble struct {
	service         string
	assets          []string
	title           string
	seen            string // what is first noted
	impact, urgency string

	remedy, backout string // of the emergency change that ends it
}

func troubles() []trouble {
	return []trouble{
		{"payments", []string{"acquirer-link-a"}, "Card payments time out over the first line", "Half of the authorisations time out; the carrier sees packet loss.", "high", "high",
			"Move all traffic to acquirer-link-b and take acquirer-link-a out of the routing.", "Put acquirer-link-a back into the routing once the carrier reports it clean."},
		{"payments", []string{"hsm-1"}, "One of the security modules refuses to sign", "hsm-1 answers with a tamper alarm since a power dip in hall 2.", "high", "high",
			"Take hsm-1 out of the pool and let hsm-2 sign alone until the supplier has looked at it.", "Put hsm-1 back into the pool; its keys were not touched."},
		{"checkout", []string{"checkout-app-1", "checkout-app-2", "checkout-app-3"}, "Orders are taken twice when customers press the button again", "Forty customers were charged twice since nine o'clock.", "high", "high",
			"Deploy the fix that makes the order button send one key per basket.", "Deploy the release before; double orders are then refunded by hand as today."},
		{"gateway", []string{"lb-edge-1", "lb-edge-2"}, "A flood of requests from one network", "Two hundred times the usual rate from a single provider; customers wait for seconds.", "high", "high",
			"Block the provider's addresses at both edge load balancers.", "Remove the block; both devices keep the rules of before."},
		{"identity", []string{"identity-db-1"}, "Logins fail: the session table is full", "The clean-up of old sessions stopped a week ago and the disk is full.", "high", "high",
			"Delete expired sessions in batches and turn the clean-up on again.", "Stop the batches; customers whose session is gone have to log in again."},
		{"storefront", []string{"web-2"}, "One web server serves last week's prices", "web-2 has lost its connection to the catalogue and serves what it had.", "medium", "high",
			"Take web-2 out of rotation and start it from the current image.", "Leave web-2 out; the other two carry the load."},
		{"orders", []string{"bus-1", "bus-2", "bus-3"}, "Orders arrive late in the warehouse", "The consumer stopped at a message it cannot read.", "medium", "high",
			"Skip the unreadable message, keep a copy of it, and start the consumer.", "Stop the consumer; messages wait without loss."},
		{"search", []string{"search-node-2"}, "Search finds nothing for words with accents", "Queries with accents come back empty from search-node-2.", "low", "medium", "", ""},
		{"notifications", []string{"mail-relay-1"}, "Mail to one provider is delayed", "The provider limits us because of a complaint.", "low", "medium", "", ""},
		{"reporting", []string{"etl-runner-1"}, "The nightly load did not finish", "It waited for a lock that a query of the day before still held.", "low", "low", "", ""},
		{"catalogue", []string{"catalogue-db-2"}, "Stock levels are an hour old", "The standby that answers reads has fallen behind.", "medium", "medium", "", ""},
		{"fraud-screening", []string{"fraud-app-1"}, "Too many payments wait for a person", "The model scores all payments from one new shop as unusual.", "medium", "medium", "", ""},
	}
}

// outage is an incident that nobody caused. An urgent one is ended by an
// emergency change.
func (b *builder) outage(urgent bool) error {
	var fit []trouble
	for _, t := range troubles() {
		if !urgent || t.remedy != "" {
			fit = append(fit, t)
		}
	}
	t := pick(b, fit)
	who := pick(b, b.team(b.owners[t.service]))
	begun := b.now.Add(-b.between(3*time.Minute, 40*time.Minute))
	id, err := b.open(who, begun, map[string]any{"title": t.title, "services": []any{t.service}, "assets": anys(t.assets),
		"impact": t.impact, "urgency": t.urgency}, t.seen)
	if err != nil {
		return err
	}
	if urgent {
		b.agenda.plan(b.after(5*time.Minute, 15*time.Minute), who, func() error { return b.emergency(t, id, who) })
	}
	b.follow(id, who, b.between(25*time.Minute, 3*time.Hour), "")
	return nil
}

// caused is the incident that a change causes when it goes wrong. It lasts a
// little longer than the change.
func (b *builder) caused(w *work, begun, over time.Time) error {
	who := pick(b, b.team(b.owners[w.service]))
	impact := "medium"
	for _, s := range services() {
		if s.id == w.service && s.tier == 0 {
			impact = "high"
		}
	}
	id, err := b.open(who, begun.Add(b.now.Sub(begun)/2).Truncate(time.Second), map[string]any{
		"title": w.text(w.job.incident), "services": []any{w.service}, "assets": anys(w.assets), "impact": impact, "urgency": "high",
		"suspects": []any{w.id},
	}, fmt.Sprintf("Seen while %s was being carried out.", w.id))
	if err != nil {
		return err
	}
	w.incident = id
	b.follow(id, who, over.Sub(b.now)+b.between(3*time.Minute, 25*time.Minute), w.id)
	return nil
}

// open files an incident, which lands at once.
func (b *builder) open(who string, begun time.Time, fields map[string]any, note string) (string, error) {
	fields["started_at"], fields["detected_at"] = begun.Format(timeFormat), b.now.Format(timeFormat)
	fields["timeline"] = []any{map[string]any{"at": b.now.Format(timeFormat), "by": who, "note": note}}
	d := b.desk(who)
	dr, err := d.NewDraft(b.ctx, b.kind("incident"), "", fields)
	if err != nil {
		return "", err
	}
	dr.Verb = "open"
	b.outages++
	out, err := d.Propose(b.ctx, dr)
	if err == nil && !out.Landed {
		err = fmt.Errorf("incident %s did not land", dr.ID)
	}
	return dr.ID, err
}

// follow plans the further life of an incident that is over after lasting.
func (b *builder) follow(id, who string, lasting time.Duration, cause string) {
	over := b.now.Add(lasting)
	solved := atOffice(over.Add(b.between(time.Hour, 9*time.Hour)))
	for _, s := range []struct {
		at   time.Time
		step proposal.Step
	}{
		{b.now.Add(b.between(time.Minute, 9*time.Minute)), proposal.Step{Verb: "acknowledge"}},
		{over, proposal.Step{Verb: "restore"}},
		{solved, proposal.Step{Verb: "resolve", Cause: cause}},
		{addWorkdays(solved, 1+b.chance.IntN(3)), proposal.Step{Verb: "close"}},
	} {
		b.agenda.plan(s.at, who, func() error {
			out, err := b.desk(who).Advance(b.ctx, "incident", id, s.step)
			if err == nil && !out.Landed {
				err = fmt.Errorf("%s of %s did not land", s.step.Verb, id)
			}
			return err
		})
	}
}
