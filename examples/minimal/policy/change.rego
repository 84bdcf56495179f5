# METADATA
# title: changes
# description: What a change must have, how risky it is, and who approves it.
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

filled(object_, field) if {
	not lower(trim_space(object.get(object_, field, ""))) in data.config.placeholders
}

plan := object.get(input.record, "plan", {})

window := object.get(input.record, "window", {})

ns(moment) := time.parse_rfc3339_ns(moment)

edit(field) := sprintf("gitsm change edit %s --set %s=…", [input.record.id, field])

# METADATA
# title: every change is normal
# description: This store knows neither standard changes nor emergencies; see the example emergency for a policy that does.
# custom:
#   id: CHG005
#   fix: file a normal change
deny contains {"msg": sprintf("%s changes are not for this store", [input.record.type]), "path": "/type"} if {
	input.record.type != "normal"
}

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
# title: a change has a window
# description: A change may start only inside its window.
# custom:
#   id: CHG002
#   fix: say when the change starts and ends
deny contains {"msg": sprintf("window has no %s", [bound]), "path": "/window", "fix": edit(sprintf("window.%s", [bound]))} if {
	authorising
	some bound in ["start", "end"]
	not window[bound]
}

# METADATA
# title: a change is carried out and undone as planned
# description: What is approved is the plan, and the way back is part of it.
# custom:
#   id: CHG012
#   fix: write the steps in order
deny contains {"msg": sprintf("plan.%s missing", [part]), "path": sprintf("/plan/%s", [part]), "fix": edit(sprintf("plan.%s", [part]))} if {
	authorising
	some part in ["implement", "backout"]
	not filled(plan, part)
}

# METADATA
# title: a change starts inside its window
# description: The window is what was approved and what others planned around.
# custom:
#   id: CHG007
#   fix: wait for the window, or move it with gitsm change reschedule
deny contains {"msg": sprintf("the window is from %s to %s", [window.start, window.end]), "path": "/window"} if {
	input.transition.verb == "start"
	not inside
}

inside if {
	ns(input.now) >= ns(window.start)
	ns(input.now) < ns(window.end)
}

# METADATA
# title: what went wrong is reviewed
# description: A change that failed or was backed out is reviewed before it is closed.
# custom:
#   id: CHG009
#   fix: write the review with gitsm change review
deny contains {"msg": "review missing", "path": "/review/summary"} if {
	input.transition.verb == "close"
	input.record.implementation.outcome in {"failed", "backed-out"}
	not filled(object.get(input.record, "review", {}), "summary")
}

# METADATA
# title: criticality
# description: The tier of the most critical service that is touched, or that goes down with what is touched.
# custom:
#   id: CHG101
signals contains {"id": "tier", "points": data.config.tier[sprintf("%d", [tier])], "msg": sprintf("touches tier %d", [tier])} if {
	tier := min(array.concat([s.tier | some s in input.services], [i.tier | some i in input.impact; i.kind == "service"]))
}

# METADATA
# title: untested back-out
# description: A way back that nobody has walked may be none.
# custom:
#   id: CHG112
signals contains {
	"id": "backout-untested",
	"points": data.config.backout_untested,
	"msg": "nobody has tried the back-out",
	"mitigation": "try it, and set questionnaire.backout_tested",
	"path": "/questionnaire/backout_tested",
} if {
	not input.record.questionnaire.backout_tested
}

# METADATA
# title: risk
# description: The sum of all signals.
# custom:
#   id: CHG100
risk := {"score": score, "band": band} if {
	score := sum([s.points | some s in signals])
	reached := [name | some name in ["medium", "high"]; score >= data.config.bands[name]]
	all_bands := array.concat(["low"], reached)
	band := all_bands[count(reached)]
}

# METADATA
# title: owners approve
# description: Whoever answers for a service decides whether it is changed.
# custom:
#   id: CHG201
approvals contains {"id": sprintf("owner-%s", [replace(owner, ":", "-")]), "from": [owner], "count": 1, "msg": sprintf("%s owns %s", [owner, concat(", ", owned)])} if {
	authorising
	some owner in {s.owner | some s in input.services}
	owned := sort([s.id | some s in input.services; s.owner == owner])
}

# METADATA
# title: the change managers approve what is risky
# description: From high risk on somebody who sees all changes decides as well.
# custom:
#   id: CHG202
approvals contains {"id": "change-manager", "from": ["team:change-managers"], "count": 1, "msg": sprintf("the risk is high (%d points)", [risk.score])} if {
	authorising
	risk.band == "high"
}
