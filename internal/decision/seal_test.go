package decision_test

import (
	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
)

// sealCases are about what signatures of commits prove of who made them.
var sealCases = []pullCase{
	{"commit whose signature is bad", func(p *pull) { p.seal(decision.Seal{Bad: "made by another key"}) },
		func(p *pull) {
			p.work("c2", "alice", false).Seal = decision.Seal{Bad: "made by another key"}
		}, approval.Pending, "whose signature is bad (made by another key)"},
	{"bad signature where nobody is asked", func(p *pull) { p.unasked(); p.seal(decision.Seal{Bad: "made by another key"}) },
		func(p *pull) { p.unasked() }, approval.Pending, "whose signature is bad"},
	{"commit that its maker could have signed", func(p *pull) { p.seal(decision.Seal{Owed: "which is unsigned, and alice has a signing key"}) },
		func(p *pull) { p.seal(decision.Seal{Trust: approval.Signed}) }, approval.Pending, "alice has a signing key: have it signed"},
	{"step that its maker could have signed", func(p *pull) {
		p.step()
		p.seal(decision.Seal{Owed: "which is unsigned, and alice has a signing key"})
	}, func(p *pull) {
		p.unasked()
		p.seal(decision.Seal{Owed: "which is unsigned, and alice has a signing key"})
	}, approval.Pending, "alice has a signing key: have it signed"},
	{"commit that is worth less than an approval", func(p *pull) { p.risky(); p.signed[1] = true; p.seal(decision.Seal{Trust: approval.Observed}) },
		func(p *pull) { p.risky(); p.signed[1] = true; p.seal(decision.Seal{Trust: approval.Signed}) }, approval.Pending, "which is observed, and approvals of it have to be signed"},
	{"commit that is worth nothing, for what nobody is asked", func(p *pull) { p.risky(); p.signed[1] = true; p.seal(decision.Seal{Trust: approval.Claimed}) },
		func(p *pull) { p.unasked(); p.seal(decision.Seal{Trust: approval.Claimed}) }, approval.Pending, "which is claimed"},
}

func (p *pull) seal(s decision.Seal) { p.h.Work[0].Seal = s }

// unasked makes it another title of a service, for which nobody is asked.
func (p *pull) unasked() {
	p.id = "orders"
	p.push("h1", edited(p.t, p.base, "services/orders.yaml", "title: orders", "title: Orders"))
	p.h.Said.Reviews = nil
}

// step makes it the beginning of work, which rests on who approved it.
func (p *pull) step() {
	p.base = with(p.base, pathA, change(idA, "orders"))
	p.push("h1", p.edited("state: scheduled", "state: implementing\nimplementation: {started_at: 2026-11-20T11:59:00Z, implementer: alice}"))
	p.h.Said.Reviews = nil
}
