package gitsm.change

# What is in a change's way counts when it is put into force, and once more when
# it starts. An emergency is held up by nothing; it is told.
collidable if {
	authorising
	planned
	input.transition.to == "scheduled"
}

starting if {
	input.transition.from == "scheduled"
	input.transition.to == "implementing"
}

# with_changes are the kinds of conflict whose other side is a change.
with_changes := {"same-service", "same-asset", "dependency", "redundancy", "implementer"}

# METADATA
# title: nothing is changed in a hard freeze
# description: A hard freeze is decided on by those who answer for the business in that time; no approval of a change goes past it.
# custom:
#   id: CHG030
#   severity: error
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, NIST-CM-3]
#   fix: choose a window outside of the freeze; gitsm change reschedule --next finds one
deny contains {"msg": sprintf("inside the hard freeze %s, from %s to %s", [c.id, c.start, c.end]), "path": "/window"} if {
	collidable_or_starting
	some c in input.conflicts
	c.kind == "freeze"
	c.strength == "hard"
}

collidable_or_starting if collidable

collidable_or_starting if starting

# METADATA
# title: nothing starts beside an emergency on the same things
# description: Emergencies ask nobody beforehand, so nobody has agreed that this change goes on beside one.
# custom:
#   id: CHG031
#   severity: error
#   controls: [SOC2-CC8.1, ISO27001-A.8.32]
#   fix: wait until the emergency is finished, or reschedule
deny contains {"msg": sprintf("emergency %s is being implemented: %s", [c.id, c.reason]), "path": "/window"} if {
	starting
	some c in input.conflicts
	c.kind in with_changes
	c.type == "emergency"
}

# METADATA
# title: whoever carries out two changes at once is told
# description: Whoever is in the middle of one change does not see what goes wrong with another. Whoever answers for the other was asked where it was known when this one was authorised; where it was not, gitsm itself holds the start up (LIF011).
# custom:
#   id: CHG032
#   severity: warning
#   controls: [ISO27001-A.8.32]
#   fix: finish the other change first, or let a colleague start this one
warn contains {"msg": sprintf("%s is implementing %s at the same time", [input.record.implementation.implementer, c.id]), "path": "/implementation/implementer"} if {
	starting
	some c in input.conflicts
	c.kind == "implementer"
	c.state == "implementing"
}

# METADATA
# title: an emergency is told what it runs into
# description: It is held up by nothing; whoever carries it out should know what else goes on.
# custom:
#   id: CHG033
#   severity: warning
#   controls: [ISO27001-A.8.32]
#   fix: tell the owners of what is in the way
warn contains {"msg": sprintf("%s: %s", [c.id, c.reason]), "path": "/services"} if {
	filing
	emergency
	some c in input.conflicts
}

# METADATA
# title: whoever is in the way agrees
# description: Two changes of the same or of dependent things at one time cannot be told apart when something breaks. The owner of the change that was there first agrees to it, or one of the two moves.
# custom:
#   id: CHG204
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, NIST-CM-4]
approvals contains {
	"id": sprintf("conflict-%s", [lower(id)]),
	"from": {owner | some c in between; some owner in c.owners},
	"count": 1,
	"shared": true,
	"msg": sprintf("%s at the same time: %s", [id, concat("; ", sort({c.reason | some c in between}))]),
} if {
	collidable
	some id in {c.id | some c in input.conflicts; c.kind in with_changes}
	between := [c | some c in input.conflicts; c.kind in with_changes; c.id == id]
}

# METADATA
# title: a soft freeze needs one approval more
# description: Whoever decided on the freeze decides on exceptions from it.
# custom:
#   id: CHG205
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, NIST-CM-3]
approvals contains {
	"id": sprintf("freeze-%s", [c.id]),
	"from": c.owners,
	"count": 1,
	"msg": c.reason,
} if {
	collidable
	some c in input.conflicts
	c.kind == "freeze"
	c.strength == "soft"
}

# METADATA
# title: work outside of maintenance is agreed on
# description: Where a service or asset has maintenance windows its users were told of those, and of no other time.
# custom:
#   id: CHG206
#   controls: [SOC2-CC8.1, ISO27001-A.8.32]
approvals contains {
	"id": sprintf("outside-maintenance-%s", [c.id]),
	"from": c.owners,
	"count": 1,
	"shared": true,
	"msg": c.reason,
} if {
	collidable
	some c in input.conflicts
	c.kind == "outside-maintenance"
}
