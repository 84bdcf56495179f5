# METADATA
# title: changes
# description: What every change must have, and who approves a normal one.
package gitsm.change

# What is asked of a change's content is asked when it is filed, and again when
# somebody edits what its approval covers.
authorising if not input.before

authorising if {
	input.transition.to == "scheduled"
	some field in object.keys(input.record) | object.keys(input.before)
	not field in data.config.immaterial.change
	object.get(input.record, field, null) != object.get(input.before, field, null)
}

filled(object_, field) if not lower(trim_space(object.get(object_, field, ""))) in data.config.placeholders

plan := object.get(input.record, "plan", {})

window := object.get(input.record, "window", {})

ns(moment) := time.parse_rfc3339_ns(moment)

edit(field) := sprintf("gitsm change edit %s --set %s=…", [input.record.id, field])

normal if input.record.type == "normal"

# METADATA
# title: a change says why it is made
# description: Without a reason nobody can weigh a change against its risk.
# custom:
#   id: CHG001
#   fix: say what happens without the change
deny contains {"msg": "reason missing", "path": "/reason", "fix": edit("reason")} if {
	authorising
	not filled(input.record, "reason")
}

# METADATA
# title: a change can be reversed
# description: An emergency even more than a normal change, since nobody has tested it.
# custom:
#   id: CHG012
#   fix: write how the previous state is restored
deny contains {"msg": "back-out plan missing", "path": "/plan/backout", "fix": edit("plan.backout")} if {
	authorising
	not filled(plan, "backout")
}

# METADATA
# title: there are no standard changes
# description: A standard change follows a model, and this store has none.
# custom:
#   id: CHG005
#   fix: file a normal change
deny contains {"msg": "standard changes are not for this store", "path": "/type"} if {
	input.record.type == "standard"
}

# METADATA
# title: a normal change has a window, and starts inside it
# description: The window is what was approved and what others planned around. An emergency has none.
# custom:
#   id: CHG007
#   fix: set the window, wait for it, or move it with gitsm change reschedule
deny contains {"msg": msg, "path": "/window", "fix": edit("window.start")} if {
	normal
	msg := outside
}

outside := "window has no start or no end" if {
	authorising
	not bounded
}

outside := sprintf("the window is from %s to %s", [window.start, window.end]) if {
	input.transition.verb == "start"
	not inside
}

bounded if {
	window.start
	window.end
}

inside if {
	ns(input.now) >= ns(window.start)
	ns(input.now) < ns(window.end)
}

# METADATA
# title: risk
# description: As high as the most critical service that is named or goes down. An unknown service is as critical as any.
# custom:
#   id: CHG100
risk := {"score": 100 - (20 * tier), "band": data.config.bands[sprintf("%d", [tier])]}

tier := min(named | taken_down | unknown)

named := {s.tier | some s in input.services}

taken_down := {i.tier | some i in input.impact; i.kind == "service"}

unknown := {0 | some id in input.record.services; not id in {s.id | some s in input.services}}

# METADATA
# title: owners approve
# description: Whoever answers for a service decides whether it is changed.
# custom:
#   id: CHG201
approvals contains {"id": sprintf("owner-%s", [replace(owner, ":", "-")]), "from": [owner], "count": 1, "msg": sprintf("%s owns a service that is changed", [owner])} if {
	normal
	authorising
	some owner in {s.owner | some s in input.services}
}
