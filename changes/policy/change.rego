# METADATA
# title: changes
# description: What a change must have, and what its steps demand.
package gitsm.change

import data.gitsm.lib

# What is asked of a change's content is asked when it is put into force: filed,
# or edited in what its approval covers. Later steps are not stopped by a rule
# that did not exist when the change was authorised.
authorising if filing

authorising if {
	input.transition.from == "scheduled"
	input.transition.to == "scheduled"
	material
}

filing if input.transition.from == ""

material if not input.before

material if object.remove(input.record, unbound) != object.remove(input.before, unbound)

unbound := array.concat(object.get(data.config, ["immaterial", "change"], []), ["state", "implementation", "review", "corrections"])

# An emergency is planned by nobody; what it must have is its own.
planned if input.record.type in {"standard", "normal"}

emergency if input.record.type == "emergency"

plan := object.get(input.record, "plan", {})

window := object.get(input.record, "window", {})

# edit is the command that sets a field of this change.
edit(field) := sprintf("gitsm change edit %s --set %s=…", [lib.handle(input.record.id), field])

# METADATA
# title: a change says why it is made
# description: Without a reason neither approver nor auditor can weigh a change against its risk.
# custom:
#   id: CHG001
#   severity: error
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, PCI-6.5.1]
#   fix: say why the change is needed and what happens without it
deny contains {"msg": "reason missing", "path": "/reason", "fix": edit("reason")} if {
	authorising
	planned
	not lib.filled(input.record, "reason")
}

# METADATA
# title: a change has a window
# description: A change may start only inside its window, and conflicts are found by it.
# custom:
#   id: CHG002
#   severity: error
#   controls: [SOC2-CC8.1, ISO27001-A.8.32]
#   fix: say when the change starts and ends
deny contains {
	"msg": sprintf("window has no %s", [bound]),
	"path": sprintf("/window/%s", [bound]),
	"fix": edit(sprintf("window.%s", [bound])),
} if {
	authorising
	planned
	some bound in ["start", "end"]
	not window[bound]
}

# METADATA
# title: a window ends after it starts
# description: A window without length can never be met.
# custom:
#   id: CHG003
#   severity: error
#   controls: [SOC2-CC8.1]
#   fix: set an end after the start
deny contains {"msg": "window ends before it starts", "path": "/window/end", "fix": edit("window.end")} if {
	authorising
	lib.ns(window.end) <= lib.ns(window.start)
}

# METADATA
# title: a change says how it is carried out
# description: What is approved is the plan; without its steps an approval covers nothing.
# custom:
#   id: CHG004
#   severity: error
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, NIST-CM-3]
#   fix: write the steps in order
deny contains {"msg": "implementation plan missing", "path": "/plan/implement", "fix": edit("plan.implement")} if {
	authorising
	planned
	not lib.filled(plan, "implement")
}

# METADATA
# title: every change can be reversed
# description: When a change goes wrong nobody has the time to think of a way back. Steps, and the sign that tells the implementer to take them, are written before it starts.
# custom:
#   id: CHG012
#   severity: error
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, PCI-6.5.1, NIST-CM-3]
#   fix: write how the previous state is restored
deny contains {"msg": "back-out plan missing", "path": "/plan/backout", "fix": edit("plan.backout")} if {
	authorising
	input.record.type in {"normal", "emergency"}
	not lib.filled(plan, "backout")
}

# METADATA
# title: a retired service is not changed
# description: What is retired is no longer run; a change to it is a mistake in the change or in the catalogue.
# custom:
#   id: CHG006
#   severity: error
#   controls: [ISO27001-A.8.32]
#   fix: name the service that is meant, or bring this one back to live first
deny contains {"msg": sprintf("service %s is retired", [id]), "path": sprintf("/services/%d", [i])} if {
	authorising
	some i, id in input.record.services
	some service in input.services
	service.id == id
	service.state == "retired"
}

# METADATA
# title: a change starts inside its window
# description: The window is what was approved and what others planned around.
# custom:
#   id: CHG007
#   severity: error
#   controls: [SOC2-CC8.1, ISO27001-A.8.32]
#   fix: wait for the window, or move it with gitsm change reschedule
deny contains {"msg": sprintf("the window %s", [outside]), "path": "/window"} if {
	input.transition.from == "scheduled"
	input.transition.to == "implementing"
	outside
}

# outside says why now is not in the window.
outside := sprintf("opens only at %s", [window.start]) if lib.ns(input.now) < lib.ns(window.start)

outside := sprintf("closed at %s", [window.end]) if {
	lib.ns(input.now) >= lib.ns(window.start)
	lib.ns(input.now) >= lib.ns(window.end)
}

outside := "is not set" if not window_set

window_set if {
	window.start
	window.end
}

# METADATA
# title: what went wrong or could have is reviewed
# description: A change that failed, was backed out, was an emergency or was of high risk is reviewed before it is closed, so that something is learnt from it.
# custom:
#   id: CHG009
#   severity: error
#   controls: [SOC2-CC7.4, ISO27001-A.8.32, COBIT-BAI06]
#   fix: write the review with gitsm change review
deny contains {
	"msg": sprintf("review missing: %s", [why]),
	"path": "/review/summary",
	"fix": sprintf("gitsm change review %s -m …", [lib.handle(input.record.id)]),
} if {
	input.transition.to == "closed"
	input.transition.from != "closed"
	why := concat(", ", sort(reviewable))
	why != ""
	not lib.filled(object.get(input.record, "review", {}), "summary")
}

reviewable contains sprintf("the change ended %s", [input.record.implementation.outcome]) if {
	input.record.implementation.outcome in {"failed", "backed-out"}
}

reviewable contains "it was an emergency" if emergency

reviewable contains sprintf("its risk was %s", [risk.band]) if risk.band in {"high", "critical"}

# METADATA
# title: an emergency change resolves an incident
# description: The incident is what justifies doing without approval beforehand.
# custom:
#   id: CHG011
#   severity: error
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, PCI-6.5.1]
#   fix: name the incident, or file a normal change
deny contains {"msg": "emergency change without an incident", "path": "/incident", "fix": edit("incident")} if {
	filing
	emergency
	not input.record.incident
}

# METADATA
# title: an emergency change is authorised by somebody who may
# description: The emergency authority named in the policy's data decides on the spot, and answers for it afterwards.
# custom:
#   id: CHG013
#   severity: error
#   waivable: false
#   controls: [SOC2-CC8.1, ISO27001-A.8.32]
#   fix: name a member of the emergency authority as authoriser
deny contains {"msg": msg, "path": "/authoriser", "fix": edit("authoriser")} if {
	filing
	emergency
	msg := unauthorised
}

unauthorised := "emergency change without an authoriser" if not input.record.authoriser

unauthorised := sprintf("%s is not of the emergency authority (%s)", [input.record.authoriser, concat(", ", data.config.emergency_authority)]) if {
	not input.record.authoriser in lib.standing(data.config.emergency_authority)
}

# METADATA
# title: nobody authorises what they ask for or carry out
# description: The authoriser of an emergency is its only control; it is void where they authorise themselves.
# custom:
#   id: CHG014
#   severity: error
#   waivable: false
#   controls: [SOC2-CC8.1, SOX-SOD, PCI-6.5.4]
#   fix: have another member of the emergency authority authorise it
deny contains {"msg": sprintf("%s is both authoriser and %s", [input.record.authoriser, role]), "path": "/authoriser"} if {
	emergency
	not input.transition.from in {"closed", "cancelled"}
	some role in involved
}

involved contains "requester" if input.record.authoriser == input.record.requester

involved contains "implementer" if input.record.authoriser == input.record.implementation.implementer

# METADATA
# title: a change was tested
# description: A change that nobody tried out is tried out on its users.
# custom:
#   id: CHG020
#   severity: warning
#   controls: [SOC2-CC8.1, PCI-6.5.1]
#   fix: say how it was tested and where the result can be seen
warn contains {"msg": "no test evidence", "path": "/plan/test", "fix": edit("plan.test")} if {
	authorising
	planned
	not lib.filled(plan, "test")
}

# METADATA
# title: a window lies ahead
# description: A change whose window is over can never start.
# custom:
#   id: CHG021
#   severity: warning
#   fix: choose another window
warn contains {"msg": sprintf("the window closed at %s", [window.end]), "path": "/window/end", "fix": edit("window.end")} if {
	authorising
	planned
	lib.ns(input.now) >= lib.ns(window.end)
}

# METADATA
# title: answers agree with what is known
# description: The risk rests on the questionnaire where facts are missing. An answer that a fact contradicts is a mistake in one of the two.
# custom:
#   id: CHG022
#   severity: warning
#   controls: [SOC2-CC8.1, NIST-CM-4]
#   fix: correct the answer, or what it contradicts
warn contains {"msg": c.msg, "path": c.path} if {
	authorising
	some c in contradictions
}

contradictions contains {
	"msg": sprintf("done_before is %s, and no earlier change of %s is known", [answers.done_before, concat(", ", input.record.services)]),
	"path": "/questionnaire/done_before",
} if {
	answers.done_before in {"once", "often"}
	earlier == 0
}

contradictions contains {
	"msg": sprintf("done_before is never, and %d earlier changes of these services ended", [earlier]),
	"path": "/questionnaire/done_before",
} if {
	answers.done_before == "never"
	earlier >= data.config.history.least_sample
}

contradictions contains {"msg": "backout_tested is true, and there is no back-out plan", "path": "/questionnaire/backout_tested"} if {
	answers.backout_tested
	not lib.filled(plan, "backout")
}

contradictions contains {"msg": sprintf("tested is %s, and plan.test does not say how", [answers.tested]), "path": "/questionnaire/tested"} if {
	answers.tested in {"partly", "fully"}
	not lib.filled(plan, "test")
}

contradictions contains {"msg": sprintf("teams is %d, and %d own what it touches", [answers.teams, count(owners)]), "path": "/questionnaire/teams"} if {
	answers.teams < count(owners)
}

earlier := sum([row.total | some row in input.history; row.kind == "service"])

# METADATA
# title: what a risky change does to security is said
# description: Auditors ask of a change of high risk what it does to security, and a record that has landed answers for good.
# custom:
#   id: CHG023
#   severity: warning
#   controls: [PCI-6.5.1, NIST-CM-4]
#   fix: say what it does to security, and why where it does nothing
warn contains {"msg": sprintf("security impact missing at %s risk", [risk.band]), "path": "/security_impact", "fix": edit("security_impact")} if {
	authorising
	count(deny) == 0 # what is missing may be all that makes it risky
	input.record.type == "normal"
	not lib.filled(input.record, "security_impact")
	risk.band in {"high", "critical"}
}
