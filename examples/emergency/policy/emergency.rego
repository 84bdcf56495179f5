# Emergencies: started on somebody's word because an incident demands it, and
# approved afterwards. That word is the only control, so it must be somebody
# else's.
package gitsm.change

emergency if input.record.type == "emergency"

# members are the persons that a list of references stands for.
members := {person |
	some ref in data.config.emergency_authority
	some person in of(ref)
}

of(ref) := {trim_prefix(ref, "person:")} if startswith(ref, "person:")

of(ref) := {person | some person in data.catalog.teams[trim_prefix(ref, "team:")].members} if startswith(ref, "team:")

# METADATA
# title: an emergency resolves an incident
# description: The incident is what justifies doing without approval beforehand.
# custom:
#   id: CHG011
#   controls: [SOC2-CC8.1, ISO27001-A.8.32]
#   fix: name the incident, or file a normal change
deny contains {"msg": "emergency without an incident", "path": "/incident", "fix": edit("incident")} if {
	emergency
	not input.record.incident
}

# METADATA
# title: an emergency is authorised by somebody who may
# description: A duty manager decides on the spot, and answers for it afterwards.
# custom:
#   id: CHG013
#   controls: [SOC2-CC8.1, ISO27001-A.8.32]
#   fix: name a member of the emergency authority as authoriser
deny contains {"msg": msg, "path": "/authoriser", "fix": edit("authoriser")} if {
	emergency
	not input.before
	msg := unauthorised
}

unauthorised := "emergency without an authoriser" if not input.record.authoriser

unauthorised := sprintf("%s may not authorise emergencies, these may: %s", [input.record.authoriser, concat(", ", sort(members))]) if {
	not input.record.authoriser in members
}

# METADATA
# title: nobody authorises themselves
# description: Whoever asks for an emergency change or carries it out does not authorise it.
# custom:
#   id: CHG014
#   controls: [SOC2-CC8.1, SOX-SOD, PCI-6.5.4]
#   fix: call another duty manager
deny contains {"msg": sprintf("%s is authoriser and %s", [input.record.authoriser, role]), "path": "/authoriser", "fix": edit("authoriser")} if {
	emergency
	some role in involved
}

involved contains "requester" if input.record.authoriser == input.record.requester

involved contains "implementer" if input.record.authoriser == input.record.implementation.implementer

# METADATA
# title: emergencies and failures are reviewed
# description: A post-implementation review, before the change is closed and by somebody who did not carry it out.
# custom:
#   id: CHG009
#   controls: [SOC2-CC7.4, COBIT-BAI06]
#   fix: write the review with gitsm change review
deny contains {
	"msg": sprintf("no review by somebody else, and it was %s", [concat(" and ", sort(reviewable))]),
	"path": "/review",
	"fix": sprintf("gitsm change review %s -m …", [input.record.id]),
} if {
	input.transition.verb == "close"
	count(reviewable) > 0
	not reviewed
}

reviewable contains "an emergency" if emergency

reviewable contains input.record.implementation.outcome if input.record.implementation.outcome in {"failed", "backed-out"}

reviewed if {
	filled(input.record.review, "summary")
	input.record.review.reviewer != input.record.implementation.implementer
}

# METADATA
# title: emergencies are approved afterwards
# description: By whoever authorised it, in person, before the clock runs out. It holds nothing up; one that is late or missing fails the audit.
# custom:
#   id: CHG203
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, PCI-6.5.1]
approvals contains {
	"id": "retro-approval",
	"from": [sprintf("person:%s", [input.record.authoriser])],
	"count": 1,
	"retro": true,
	"msg": sprintf("%s authorised it, and approves within %d hours of its start", [input.record.authoriser, data.config.clocks.retro_approval_hours]),
} if {
	emergency
	input.record.authoriser
}
