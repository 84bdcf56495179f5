# METADATA
# title: incidents
# description: What an incident's record says once it is over. Nothing here asks for approval; an incident is filed at once.
package gitsm.incident

import data.gitsm.lib

# steps are the moments of an incident, in the order in which they happen.
steps := ["started_at", "detected_at", "acknowledged_at", "restored_at", "resolved_at"]

# METADATA
# title: the moments of an incident are in order
# description: Time to acknowledge and time to restore are worked out from these moments; out of order they are negative.
# custom:
#   id: INC001
#   severity: error
#   controls: [SOC2-CC7.4]
#   fix: correct the earlier or the later moment
deny contains {"msg": sprintf("%s is before %s", [later, earlier]), "path": sprintf("/%s", [later])} if {
	some i, earlier in steps
	some j, later in steps
	i < j
	lib.ns(input.record[later]) < lib.ns(input.record[earlier])
}

# METADATA
# title: no moment lies in the future
# description: A moment that has not come yet was not observed.
# custom:
#   id: INC002
#   severity: error
#   controls: [SOC2-CC7.4]
#   fix: write when it happened
deny contains {"msg": sprintf("%s is in the future", [step]), "path": sprintf("/%s", [step])} if {
	some step in steps
	lib.ns(input.record[step]) > lib.ns(input.now)
}

resolving if {
	input.transition.to in {"resolved", "closed"}
	not input.transition.from in {"resolved", "closed"}
}

# METADATA
# title: a resolved incident has a cause
# description: Which change caused an incident is what failure rates and risk are learnt from.
# custom:
#   id: INC010
#   severity: warning
#   controls: [SOC2-CC7.4]
#   fix: name the change, or the changes suspected; where none was the cause, say so in the timeline
warn contains {"msg": "no change named as cause or suspect", "path": "/caused_by"} if {
	resolving
	not input.record.caused_by
	count(object.get(input.record, "suspects", [])) == 0
}

# METADATA
# title: a resolved incident says what happened
# description: Without a note of what was seen and done nobody learns from it.
# custom:
#   id: INC011
#   severity: warning
#   controls: [SOC2-CC7.4]
#   fix: add the main events to the timeline
warn contains {"msg": "timeline is empty: nothing says what happened", "path": "/timeline"} if {
	resolving
	count([entry | some entry in input.record.timeline; not lib.placeholder(object.get(entry, "note", ""))]) == 0
}
