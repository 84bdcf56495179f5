# METADATA
# title: changes
# description: What a change must have, and when it may be carried out.
package gitsm.change

import data.gitsm.banking

# What is asked of a change's content is asked when it is filed, and again when
# somebody edits what its approval covers.
authorising if not input.before

authorising if {
	input.transition.to == "scheduled"
	some field in object.keys(input.record) | object.keys(input.before)
	not field in data.config.immaterial.change
	object.get(input.record, field, null) != object.get(input.before, field, null)
}

plan := object.get(input.record, "plan", {})

window := object.get(input.record, "window", {})

# answer is what the questionnaire says, "" where it says nothing.
answer(field) := object.get(object.get(input.record, "questionnaire", {}), field, "")

filled(object_, field) if not trim(lower(object.get(object_, field, "")), " .\n") in data.config.placeholders

edit(field) := sprintf("gitsm change edit %s --set %s=…", [input.record.id, field])

# tiers are the services at stake by tier: those that the change names, and
# those that go down with what it names. A name that nobody knows is as critical
# as any.
tiers contains {"id": service.id, "tier": service.tier} if some service in input.services

tiers contains {"id": dependent.id, "tier": dependent.tier} if {
	some dependent in input.impact
	dependent.kind == "service"
}

tiers contains {"id": id, "tier": 0} if {
	some id in input.record.services
	not id in {service.id | some service in input.services}
}

vital := sort([t.id | some t in tiers; t.tier == 0])

# METADATA
# title: every change is normal
# description: Standard changes and emergencies have a policy of their own; see the example emergency.
# custom:
#   id: BNK010
#   fix: file a normal change
deny contains {"msg": sprintf("%s changes are not for this store", [input.record.type]), "path": "/type"} if {
	input.record.type != "normal"
}

# METADATA
# title: a change is described
# description: Reason, impact and plan are what approvers weigh and auditors read.
# custom:
#   id: BNK001
#   controls: [SOC2-CC8.1, ISO27001-A.8.32]
#   fix: fill it in; placeholders do not count
deny contains {"msg": sprintf("%s missing", [field]), "path": sprintf("/%s", [field]), "fix": edit(field)} if {
	authorising
	some field in ["reason", "impact"]
	not filled(input.record, field)
}

# METADATA
# title: a change has a plan
# description: How it is carried out, tested, verified and undone is what is approved.
# custom:
#   id: BNK002
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, PCI-6.5.1]
#   fix: write the steps in order; placeholders do not count
deny contains {"msg": sprintf("plan.%s missing", [part]), "path": sprintf("/plan/%s", [part]), "fix": edit(sprintf("plan.%s", [part]))} if {
	authorising
	some part in ["implement", "test", "backout", "verify"]
	not filled(plan, part)
}

# METADATA
# title: a change has a security impact
# description: Somebody has thought about confidentiality, integrity, access and monitoring. "None" alone is no thought; "none, because …" is one.
# custom:
#   id: BNK003
#   controls: [ISO27001-A.8.32, PCI-6.5.1, DORA-RTS-17]
#   fix: say what the change does to security, or why it does nothing
deny contains {"msg": "security impact missing", "path": "/security_impact", "fix": edit("security_impact")} if {
	authorising
	not filled(input.record, "security_impact")
}

# METADATA
# title: a change has a window
# description: A change may start only inside its window.
# custom:
#   id: BNK004
#   controls: [SOC2-CC8.1]
#   fix: say when the change starts and ends, within ten days
deny contains {"msg": msg, "path": "/window", "fix": edit("window.start")} if {
	authorising
	msg := no_window
}

no_window := "window has no start or no end" if not bounded

no_window := "window is empty, or longer than ten days" if {
	bounded
	not window_sound
}

bounded if {
	window.start
	window.end
}

window_sound if {
	length := banking.ns(window.end) - banking.ns(window.start)
	length > 0
	length <= 10 * banking.ns_per_day
}

# METADATA
# title: month ends are left alone
# description: On the last banking days of a month the books are closed. No tier-0 service is changed, nor anything that would take one down.
# custom:
#   id: BNK005
#   controls: [DORA-RTS-17]
#   fix: choose a day after the end of the month
deny contains {"msg": sprintf("%s is a closing day of %s", [banking.date(d), concat(", ", vital)]), "path": "/window", "fix": edit("window.start")} if {
	authorising
	window_sound
	count(vital) > 0
	some d in banking.days(window)
	banking.is_closing_day(d)
}

# METADATA
# title: tier 0 is changed at night
# description: On banking days between 8 and 18 o'clock no tier-0 service is changed, nor anything that would take one down.
# custom:
#   id: BNK006
#   controls: [DORA-RTS-17]
#   fix: choose an evening or a weekend
deny contains {
	"msg": sprintf("business hours of %s on %s", [concat(", ", vital), concat(", ", sort([banking.date(d) | some d in busy]))]),
	"path": "/window",
	"fix": edit("window.start"),
} if {
	authorising
	window_sound
	count(vital) > 0
	busy := banking.busy(window)
	count(busy) > 0
}

# METADATA
# title: a change starts inside its window
# description: The window is what was approved and what others planned around.
# custom:
#   id: BNK007
#   controls: [SOC2-CC8.1]
#   fix: wait for the window, or move it with gitsm change reschedule
deny contains {"msg": sprintf("the window is from %s to %s", [window.start, window.end]), "path": "/window"} if {
	input.transition.verb == "start"
	not inside
}

inside if {
	banking.ns(input.now) >= banking.ns(window.start)
	banking.ns(input.now) < banking.ns(window.end)
}

# METADATA
# title: a change is reviewed before it is closed
# description: By somebody else than its implementer where it did not simply succeed.
# custom:
#   id: BNK008
#   controls: [SOC2-CC7.4, SOX-SOD]
#   fix: have somebody else review it with gitsm change review
deny contains {"msg": "review by somebody else missing", "path": "/review"} if {
	input.transition.verb == "close"
	input.record.implementation.outcome != "successful"
	not reviewed
}

reviewed if {
	review := input.record.review
	filled(review, "summary")
	review.reviewer != input.record.implementation.implementer
}
