# The rules of the default pack that tools which read one file at a time can
# hold a change against, written for them. Left out is what concerns a step from
# one state to the next, and what rests on other records or on the moment.
package main

planned if input.type in {"standard", "normal"}

unstarted if input.state == "scheduled"

placeholders := {"n/a", "na", "none", "nil", "null", "no", "tbc", "tbd", "tba", "todo", "fixme", "x", "test", "unknown", "later", "pending"}

filled(fields, name) if {
	text := trim_space(object.get(fields, name, ""))
	text != ""
	not lower(text) in placeholders
}

plan := object.get(input, "plan", {})

window := object.get(input, "window", {})

deny contains "CHG001 reason missing" if {
	unstarted
	planned
	not filled(input, "reason")
}

deny contains sprintf("CHG002 window has no %s", [bound]) if {
	unstarted
	planned
	some bound in ["start", "end"]
	not window[bound]
}

deny contains "CHG003 window ends before it starts" if {
	unstarted
	time.parse_rfc3339_ns(window.end) <= time.parse_rfc3339_ns(window.start)
}

deny contains "CHG004 implementation plan missing" if {
	unstarted
	planned
	not filled(plan, "implement")
}

deny contains "CHG008 outcome missing" if {
	input.state == "review"
	not input.implementation.outcome
}

deny contains "CHG011 emergency change without an incident" if {
	unstarted
	input.type == "emergency"
	not input.incident
}

deny contains "CHG012 back-out plan missing" if {
	unstarted
	input.type in {"normal", "emergency"}
	not filled(plan, "backout")
}

warn contains "CHG020 no test evidence" if {
	unstarted
	planned
	not filled(plan, "test")
}
