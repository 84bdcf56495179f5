package gitsm.change

import data.gitsm.lib

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
	"try": [{"path": "/plan/backout", "value": "restore the state of before"}],
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
	"try": [{"path": "/questionnaire/backout_tested", "value": true}],
} if {
	lib.filled(plan, "backout")
	doubt := untested
}

untested := {"why": "questionnaire.backout_tested is false", "path": "/questionnaire/backout_tested"} if answers.backout_tested == false

untested := {"why": "plan.test says nothing", "path": "/plan/test"} if {
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
	"try": [{"path": "/plan/verify", "value": "watch errors and latency"}],
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
	"msg": when,
	"mitigation": "move the window into business hours",
	"path": "/window",
	"try": shift(into_hours),
} if {
	not within_hours
}

when := "carried out outside business hours" if window_set

else := "when it is carried out is unknown, and counts as outside business hours"

# shift moves the window by nanoseconds; a window that is not set cannot move.
shift(by) := [{"path": sprintf("/window/%s", [bound]), "value": time.format(lib.ns(window[bound]) + by)} | some bound in ["start", "end"]]

# into_hours is how far the window is from opening time on the same day, or on
# the Monday after where that is no working day.
into_hours := ((lib.minutes(hours.from) - minute_of_day(start)) * minute) + (days_off(time.weekday(start)) * day) if {
	hours := data.config.business_hours
	start := [lib.ns(window.start), object.get(window, "timezone", hours.timezone)]
}

else := 0

minute := 60000000000

day := 1440 * minute

days_off(weekday) := 0 if weekday in data.config.business_hours.days

days_off(weekday) := {"Saturday": 2, "Sunday": 1}[weekday] if not weekday in data.config.business_hours.days

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
	"try": [{"path": "/services", "value": array.slice(input.record.services, 0, data.config.risk.many_services - 1)}],
} if {
	number := count(input.record.services)
	number >= data.config.risk.many_services
}

# METADATA
# title: no test evidence
# description: What was not tried out before is tried out on users. An answer that is missing counts as no.
# custom:
#   id: CHG117
#   controls: [SOC2-CC8.1, NIST-CM-4, PCI-6.5.1]
signals contains {
	"id": "untested",
	"points": untested_points,
	"msg": {"no": "not tested before production, as far as is known", "partly": "only partly tested before production", "fully": "tested before production"}[tested],
	"mitigation": "try it out, say how in plan.test and answer questionnaire.tested",
	"path": "/plan/test",
	"try": [
		{"path": "/plan/test", "value": "rehearsed, log attached"},
		{"path": "/questionnaire/tested", "value": "fully"},
	],
} if {
	untested_points > 0
}

untested_points := object.get(points.untested, tested, most(points.untested))

tested := "no" if not lib.filled(plan, "test")

else := object.get(answers, "tested", "fully")

# METADATA
# title: several owners
# description: Each owner more is one more who has to know, agree and stand by.
# custom:
#   id: CHG118
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "several-owners",
	"points": min([points.several_owners * (number - 1), points.several_owners_most]),
	"msg": sprintf("touches what %d owners answer for: %s", [number, concat(", ", sort(owners))]),
	"mitigation": "split it into one change for each owner",
	"path": "/services",
} if {
	number := count(owners)
	number > 1
}

owners contains thing.owner if some thing in array.concat(input.services, input.assets)

# METADATA
# title: recent failures
# description: What failed lately fails more often again, whoever and whatever the reason was. Points grow with the share that failed; the smaller the sample, the less it says, so one failure of few counts as one in data.config.history.least_sample. A team that nobody can name counts as the worst; failures of changes whose team nobody can name count as this one's, as they may be.
# custom:
#   id: CHG119
#   controls: [NIST-CM-4, ISO27001-A.8.32, SOC2-CC7.4]
signals contains {
	"id": sprintf("recent-failures-%s", [failures.of]),
	"points": failures.points,
	"msg": failures.msg,
	"mitigation": failures.mitigation,
	"path": failures.path,
} if {
	some failures in recent_failures
}

recent_failures contains {
	"of": sprintf("%s-%s", [row.kind, row.id]),
	"points": ceil((points.recent_failures * row.recent_failed) / max([row.recent_total, data.config.history.least_sample])),
	"msg": sprintf("%d of %d changes of %s %s in the last %d days failed or were backed out", [row.recent_failed, row.recent_total, row.kind, row.id, data.config.history.recent_days]),
	"mitigation": "review why they failed, and carry this one out in smaller steps",
	"path": {"service": "/services", "team": "/owner"}[row.kind],
} if {
	some row in input.history
	row.kind in {"service", "team"}
	row.recent_failed > 0
}

recent_failures contains {
	"of": "no-team",
	"points": ceil((points.recent_failures * row.recent_failed) / max([row.recent_failed, data.config.history.least_sample])),
	"msg": sprintf("whose team answered for %d of the changes that failed or were backed out in the last %d days is unknown, and counts as this one", [row.recent_failed, data.config.history.recent_days]),
	"mitigation": "give the services of those changes an owner",
	"path": "/owner",
} if {
	"team" in {r.kind | some r in input.history}
	some row in input.history
	row.kind == "no-team"
	row.recent_failed > 0
}

recent_failures contains {
	"of": "team-unknown",
	"points": points.recent_failures,
	"msg": "whose team answers for it is unknown, and counts as one whose recent changes all failed",
	"mitigation": "set owner to a team, or the owners of its services",
	"path": "/owner",
} if {
	not "team" in {row.kind | some row in input.history}
}

# METADATA
# title: late filing
# description: What is filed shortly before it is carried out has been thought about by few. Days are counted from the date of filing in the id to the window's start.
# custom:
#   id: CHG120
#   controls: [SOC2-CC8.1, NIST-CM-4]
signals contains {
	"id": "late-filing",
	"points": points.late_filing,
	"msg": late.msg,
	"mitigation": "carry it out later",
	"path": "/window/start",
	"try": late.try,
} if {
	planned
	late
}

late := {
	"msg": sprintf("filed %s before its window; usual is %s", [lib.days(notice), lib.days(data.config.risk.notice_days)]),
	"try": shift((data.config.risk.notice_days - notice) * day),
} if {
	notice < data.config.risk.notice_days
}

late := {"msg": "when it starts is unknown, and counts as at once", "try": []} if not window.start

notice := floor((lib.ns(window.start) - filed) / day)

filed := time.parse_ns("20060102", split(input.record.id, "-")[1])

# METADATA
# title: incident on the service
# description: A service that is impaired already has people busy, and symptoms in which those of the change are lost.
# custom:
#   id: CHG122
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "incident-open",
	"points": points.incident_open,
	"msg": sprintf("%s on %s is not over", [concat(", ", sort([i.id | some i in unrelated])), concat(", ", sort({s | some i in unrelated; some s in i.services}))]),
	"mitigation": "wait until it is over",
	"path": "/services",
} if {
	unrelated := [i | some i in input.incidents; not i.id == object.get(input.record, "incident", "")]
	count(unrelated) > 0
}

# METADATA
# title: changes at the same time nearby
# description: When something breaks while several changes of the same or of dependent things go on, nobody can tell which of them did it. Without a window that is unknown, and counts as the worst.
# custom:
#   id: CHG123
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "concurrent",
	"points": beside.points,
	"msg": beside.msg,
	"mitigation": "move it to a time of its own: gitsm change reschedule --next",
	"path": "/window",
} if {
	planned
	beside
}

beside := {
	"points": min([points.concurrent * count(neighbours), points.concurrent_most]),
	"msg": sprintf("%s at the same time: %s", [concat(", ", sort(object.keys(neighbours))), concat("; ", sort({reason | some reasons in neighbours; some reason in reasons}))]),
} if {
	window_set
	count(neighbours) > 0
}

beside := {"points": points.concurrent_most, "msg": "when it is carried out is unknown, and so is what goes on beside it"} if not window_set

# neighbours are the changes of the same or of dependent things at the same time,
# each with why it is one.
neighbours[id] contains c.reason if {
	some c in input.conflicts
	c.kind in with_changes - {"implementer"}
	id := c.id
}

# METADATA
# title: large change
# description: Much that is changed at once is much that nobody has read to the end.
# custom:
#   id: CHG124
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": "large",
	"points": points.large,
	"msg": sprintf("changes %d assets and files", [number]),
	"mitigation": "split it into smaller changes",
	"path": "/assets",
} if {
	number := count(object.get(input.record, "assets", [])) + count(input.files)
	number >= data.config.risk.large
}
