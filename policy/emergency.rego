package gitsm.change

import data.gitsm.lib

# METADATA
# title: an emergency is of the incident that it names
# description: The incident is what justifies doing without approval beforehand. One that was over before the work began, or that is of other things, justifies nothing; whoever approves the emergency afterwards is told. An emergency that is recorded once its incident is resolved is as it should be.
# custom:
#   id: CHG034
#   severity: warning
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, PCI-6.5.1]
#   fix: name the incident that the work was for, or file a normal change
warn contains {"msg": why, "path": "/incident", "fix": edit("incident")} if {
	filing
	emergency
	input.record.incident
	some why in unjustified
}

unjustified contains sprintf("main has no incident %s", [input.record.incident]) if not input.incident

unjustified contains sprintf("%s was over at %s, before the work began", [input.incident.id, input.incident.resolved_at]) if {
	lib.ns(input.incident.resolved_at) < lib.ns(input.record.implementation.started_at)
}

unjustified contains sprintf("%s is %s, and nothing says since when", [input.incident.id, input.incident.state]) if {
	input.incident.state in {"resolved", "closed"}
	not input.incident.resolved_at
}

unjustified contains sprintf("%s is of %s, and this touches nothing that they need", [input.incident.id, concat(", ", impaired)]) if {
	impaired := array.concat(input.incident.services, input.incident.assets)
	count({id | some id in impaired} & touched) == 0
}

# touched are what the change names and what depends on it.
touched := {id | some id in input.record.services} | {id | some id in input.record.assets} | {i.id | some i in input.impact}

# METADATA
# title: an emergency is recorded while it can be approved
# description: Whoever authorised it approves it within hours of its start. One that is recorded later can be approved in time by nobody, and its audit fails for good.
# custom:
#   id: CHG035
#   severity: warning
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, PCI-6.5.1]
#   fix: record emergencies at once; settle this one in the exceptions register
warn contains {
	"msg": sprintf("work began at %s, more than %d hours ago, so no approval comes in time", [input.record.implementation.started_at, hours]),
	"path": "/implementation/started_at",
} if {
	filing
	emergency
	hours := data.config.clocks.retro_approval_hours
	lib.ns(input.now) > lib.ns(input.record.implementation.started_at) + (hours * 3600000000000)
}
