package gitsm.change

import data.gitsm.lib

# Every signal is of one of two sorts: those named here say how bad it would be
# if the change went wrong, all others how likely that is.
impact_signals := {"tier", "unknown-service", "blast-radius", "irreversible-data"}

points := data.config.risk.points

answers := object.get(input.record, "questionnaire", {})

# unknown are the services that the catalogue does not have, with their place.
unknown[i] := id if {
	some i, id in input.record.services
	not id in {service.id | some service in input.services}
}

# tiers are the services at stake by tier: those named, those that depend on
# them, and the unknown ones, which are as critical as any could be.
tiers contains {"tier": service.tier, "what": service.id} if some service in input.services

tiers contains {"tier": dependent.tier, "what": sprintf("%s, which depends on it", [dependent.id])} if {
	some dependent in input.impact
	dependent.kind == "service"
}

tiers contains {"tier": 0, "what": sprintf("%s, which is unknown", [id])} if some id in unknown

# METADATA
# title: criticality
# description: The tier of the most critical service that the change touches, or that depends on what it touches.
# custom:
#   id: CHG101
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "tier",
	"points": points.tier[sprintf("%d", [tier])],
	"msg": sprintf("tier %d: %s", [tier, concat("; ", sort([t.what | some t in tiers; t.tier == tier]))]),
	"mitigation": "touch fewer critical services, or one of several replicas at a time",
	"path": "/services",
} if {
	tier := min([t.tier | some t in tiers])
}

# METADATA
# title: unknown service
# description: A service that is not in the catalogue has no owner to ask and no dependents to count.
# custom:
#   id: CHG102
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "unknown-service",
	"points": points.unknown_service,
	"msg": sprintf("service %s is unknown, and counts as tier 0", [id]),
	"mitigation": sprintf("add services/%s.yaml with its owner, tier and dependencies", [id]),
	"path": sprintf("/services/%d", [i]),
} if {
	some i, id in unknown
}

# METADATA
# title: blast radius
# description: How many services and assets go down with what the change touches.
# custom:
#   id: CHG103
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "blast-radius",
	"points": max([row.points | some row in points.blast_radius; dependents >= row.from]),
	"msg": sprintf("%d depend on it", [dependents]),
	"mitigation": "carry it out in steps, each with fewer dependents",
	"path": "/services",
} if {
	dependents := count(input.impact)
	dependents > 0
}

# METADATA
# title: irreversible change of data
# description: Backing out restores the software, not the data.
# custom:
#   id: CHG104
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "irreversible-data",
	"points": points.irreversible_data,
	"msg": "stored data is changed beyond recall",
	"mitigation": "keep the old data until the change has proved itself",
	"path": "/questionnaire/data_change",
} if {
	answers.data_change == "irreversible"
}

# METADATA
# title: no back-out plan
# description: Without a way back a failure lasts until somebody finds one.
# custom:
#   id: CHG111
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "backout-missing",
	"points": points.backout_missing,
	"msg": "there is no back-out plan",
	"mitigation": "write plan.backout",
	"path": "/plan/backout",
} if {
	not lib.filled(plan, "backout")
}

# METADATA
# title: untested back-out
# description: A way back that nobody has walked may be none.
# custom:
#   id: CHG112
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "backout-untested",
	"points": points.backout_untested,
	"msg": sprintf("nothing shows that the back-out works: %s", [doubt.why]),
	"mitigation": "try the back-out, say so in plan.test and set questionnaire.backout_tested",
	"path": doubt.path,
} if {
	lib.filled(plan, "backout")
	doubt := untested
}

untested := {"why": "questionnaire.backout_tested is false", "path": "/questionnaire/backout_tested"} if answers.backout_tested == false

untested := {"why": "plan.test is empty", "path": "/plan/test"} if {
	not "backout_tested" in object.keys(answers)
	not lib.filled(plan, "test")
}

# METADATA
# title: no verification
# description: Without a check afterwards the first to notice a failure are users.
# custom:
#   id: CHG113
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "verification-missing",
	"points": points.verification_missing,
	"msg": "nobody checks whether it worked",
	"mitigation": "write plan.verify",
	"path": "/plan/verify",
} if {
	not lib.filled(plan, "verify")
}

# METADATA
# title: out of hours
# description: Outside business hours fewer people are at hand to notice and to help. A missing window is as bad as any.
# custom:
#   id: CHG114
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "out-of-hours",
	"points": points.out_of_hours,
	"msg": "carried out outside business hours",
	"mitigation": "move the window into business hours, or say who stands by",
	"path": "/window",
} if {
	not within_hours
}

# Both ends of the window lie on one working day, read on the clock of the
# window's own time zone.
within_hours if {
	hours := data.config.business_hours
	zone := object.get(window, "timezone", hours.timezone)
	start := [lib.ns(window.start), zone]
	end := [lib.ns(window.end), zone]
	time.weekday(start) in hours.days
	time.date(start) == time.date(end)
	minute_of_day(start) >= lib.minutes(hours.from)
	minute_of_day(end) <= lib.minutes(hours.to)
}

minute_of_day(moment) := (hour * 60) + minute if [hour, minute, _] := time.clock(moment)

# METADATA
# title: first time
# description: What was never done here is done by people who never did it. Missing history is no history.
# custom:
#   id: CHG115
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "first-time",
	"points": points.first_time,
	"msg": "no earlier change of this kind is known",
	"mitigation": "rehearse it elsewhere first, and answer questionnaire.done_before",
	"path": "/questionnaire/done_before",
} if {
	first_time
}

first_time if answers.done_before == "never"

first_time if {
	not answers.done_before
	sum([h.total | some h in input.history; h.kind == "service"]) == 0
}

# METADATA
# title: many services at once
# description: The more is touched, the more can go wrong, and the harder it is to say what did.
# custom:
#   id: CHG116
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "many-services",
	"points": points.many_services,
	"msg": sprintf("touches %d services", [number]),
	"mitigation": "split it into changes of fewer services",
	"path": "/services",
} if {
	number := count(input.record.services)
	number >= data.config.risk.many_services
}

# METADATA
# title: hard rule
# description: Some things make a change risky however few points it has. A hard rule adds none; it raises the band.
# custom:
#   id: CHG121
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": sprintf("hard-rule-%s", [replace(name, "_", "-")]),
	"points": 0,
	"msg": sprintf("%s: at least %s", [why, data.config.risk.at_least[name]]),
	"mitigation": "remove the reason named",
} if {
	some name, why in hard_rules
}

hard_rules["tier_0_without_tested_backout"] := "touches tier 0 without a tested back-out" if {
	some service in input.services
	service.tier == 0
	not backout_tested
}

hard_rules["unknown_service"] := "touches an unknown service" if count(unknown) > 0

hard_rules["irreversible_data"] := "changes data beyond recall" if answers.data_change == "irreversible"

hard_rules["emergency"] := "is an emergency" if emergency

backout_tested if {
	lib.filled(plan, "backout")
	not untested
}

likelihood := sum([s.points | some s in signals; not s.id in impact_signals])

impact := sum([s.points | some s in signals; s.id in impact_signals])

level(sum_, limits) := "high" if sum_ >= limits.high

level(sum_, limits) := "medium" if {
	sum_ < limits.high
	sum_ >= limits.medium
}

level(sum_, limits) := "low" if {
	sum_ < limits.high
	sum_ < limits.medium
}

bands := ["low", "medium", "high", "critical"]

# METADATA
# title: risk
# description: The score is the sum of all signals. The band is read off the matrix of likelihood and impact, or is what a hard rule demands if that is higher.
# custom:
#   id: CHG100
#   controls: [NIST-CM-4, ISO27001-A.8.32]
risk := {"score": likelihood + impact, "band": bands[max(ranks)]} if {
	config := data.config.risk
	read := config.matrix[level(likelihood, config.likelihood)][level(impact, config.impact)]
	demanded := {config.at_least[name] | some name, _ in hard_rules}
	ranks := {i | some i, band in bands; band in (demanded | {read})}
}
