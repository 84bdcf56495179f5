# METADATA
# title: advisories
# description: What an advisory says before the world reads it.
package gitsm.advisory

publishing if {
	input.transition.to == "published"
	input.transition.from != "published"
}

edit(field) := sprintf("gitsm advisory edit %s --set %s=…", [input.record.id, field])

# METADATA
# title: a published advisory has a score
# description: Readers sort by it, and so do their tools.
# custom:
#   id: ADV001
#   fix: score it
deny contains {"msg": "severity missing", "path": "/severity", "fix": edit("severity")} if {
	input.record.status == "published"
	not input.record.severity
}

# METADATA
# title: a published advisory says what to move to
# description: Without a fixed version there is nothing that a reader can do.
# custom:
#   id: ADV002
#   severity: warning
#   fix: name the first version without it, once there is one
warn contains {"msg": "no fixed version", "path": sprintf("/affected/%d", [i])} if {
	input.record.status == "published"
	some i, range in input.record.affected
	not range.fixed
}

# METADATA
# title: an advisory is withdrawn with a reason
# description: Whoever acted on it wants to know why it does not hold.
# custom:
#   id: ADV003
#   fix: say why
deny contains {"msg": "reason missing", "path": "/withdrawn", "fix": edit("withdrawn")} if {
	input.record.status == "withdrawn"
	not input.record.withdrawn
}

readers := 2 if input.record.severity >= data.config.critical

else := 1

# METADATA
# title: somebody else reads what is published
# description: Its author is the last to see what is wrong with it; what is critical is read twice.
# custom:
#   id: ADV201
approvals contains {"id": "readers", "from": data.config.reviewers, "count": readers, "msg": "publication is final"} if publishing
