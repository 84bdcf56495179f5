package gitsm.change_test

import data.gitsm.change

# A normal change of low risk that has everything, filed in time.
base := {
	"now": "2026-11-20T09:00:00Z",
	"record": data.fixtures.index_upgrade,
	"transition": {"from": "", "to": "scheduled", "verb": "new"},
	"actor": {"id": "alice", "known": true},
	"services": [{"id": "search", "title": "Search", "owner": "team:discovery", "tier": 3, "state": "live", "data_classification": "public"}],
	"assets": [],
	"impact": [],
	"windows": [],
	"conflicts": [],
	"history": [
		{"kind": "service", "id": "search", "total": 7, "successful": 7, "failed": 0, "backed_out": 0, "recent_total": 3, "recent_failed": 0},
		{"kind": "team", "id": "discovery", "total": 9, "successful": 9, "failed": 0, "backed_out": 0, "recent_total": 4, "recent_failed": 0},
	],
	"incidents": [],
	"files": [],
}

# with_record changes fields of the record, and empties nested ones only where
# they are given.
with_record(fields) := object.union(base, {"record": fields})

without(field) := object.union(object.remove(base, ["record"]), {"record": object.remove(base.record, [field])})

# at is the base taking a step.
at(from, to, fields) := object.union(with_record(object.union(fields, {"state": to})), {
	"transition": {"from": from, "to": to},
	"before": object.union(base.record, {"state": from}),
})

# edited is the scheduled base with fields changed.
edited(fields) := object.union(at("scheduled", "scheduled", fields), {"transition": {"verb": "edit"}})

outage := {"id": "INC-20261120-0A1B2C", "title": "Search is slow", "state": "open", "services": ["search"], "assets": []}

emergency(fields) := object.union(
	object.union(object.remove(base, ["record"]), {"record": object.remove(base.record, ["window", "reason"])}),
	{
		"record": object.union(
			{
				"type": "emergency",
				"state": "implementing",
				"incident": "INC-20261120-0A1B2C",
				"authoriser": "mallory",
				"implementation": {"started_at": "2026-11-20T08:50:00Z", "implementer": "bob"},
			},
			fields,
		),
		"transition": {"to": "implementing"},
		"incident": outage,
	},
)

catalog := {
	"teams": {"change-managers": {"members": ["mallory", "alice", "bob", "gone"]}, "dissolved": {"members": ["mallory"], "active": false}},
	"people": {
		"alice": {"id": "alice", "name": "Alice", "active": true},
		"bob": {"id": "bob", "name": "Bob", "active": true},
		"eve": {"id": "eve", "name": "Eve", "active": true},
		"gone": {"id": "gone", "name": "Gone", "active": false},
		"mallory": {"id": "mallory", "name": "Mallory", "active": true},
	},
}

messages(set_) := {m.msg | some m in set_}

test_clean if {
	change.deny == set() with input as base
	change.warn == set() with input as base
}

# The command of a fix sets the field that the message points to.
test_fixes if {
	every in_ in [without("reason"), without("window"), without("plan"), with_record({"window": {"end": "2026-11-01T00:00:00Z"}}), with_record({"type": "standard"}), emergency({"authoriser": "eve"})] {
		found := change.deny | change.warn with input as in_
		every m in found {
			field := replace(trim_prefix(m.path, "/"), "/", ".")
			object.get(m, "fix", edit(field)) == edit(field)
		}
	}
}

edit(field) := sprintf("gitsm change edit 7k3f2m --set %s=…", [field])

test_reason_missing if {
	messages(change.deny) == {"reason missing"} with input as without("reason")
}

test_reason_placeholder if {
	change.deny == {{"msg": "reason missing", "path": "/reason", "fix": "gitsm change edit 7k3f2m --set reason=…"}} with input as with_record({"reason": "TBC"})
}

test_window_missing if {
	messages(change.deny) == {"window has no start", "window has no end"} with input as without("window")
}

test_window_without_end if {
	messages(change.deny) == {"window has no end"} with input as object.union(without("window"), {"record": {"window": {"start": "2026-11-24T10:00:00Z"}}})
}

test_window_ends_before_it_starts if {
	messages(change.deny) == {"window ends before it starts"} with input as with_record({"window": {"end": "2026-11-24T09:59:59Z"}})
}

test_window_of_no_length if {
	messages(change.deny) == {"window ends before it starts"} with input as with_record({"window": {"end": "2026-11-24T11:00:00+01:00"}})
}

test_implementation_plan_missing if {
	messages(change.deny) == {"implementation plan missing"} with input as with_record({"plan": {"implement": "-"}})
}

test_plan_missing if {
	messages(change.deny) == {"implementation plan missing", "back-out plan missing"} with input as without("plan")
}

test_backout_placeholder if {
	every text in ["", "N/A", "tbd", "none", "..."] {
		messages(change.deny) == {"back-out plan missing"} with input as with_record({"plan": {"backout": text}})
	}
}

test_backout_of_an_emergency if {
	messages(change.deny) == {"back-out plan missing"} with input as emergency({"plan": {"backout": "n/a"}})
		with data.catalog as catalog
}

test_retired_service if {
	some m in change.deny with input as object.union(base, {"services": [{"id": "search", "title": "Search", "owner": "team:discovery", "tier": 3, "state": "retired"}]})
	m.msg == "service search is retired"
	m.path == "/services/0"
}

# What is in force is not held against rules that came later, unless what was
# approved is edited.
test_immaterial_edit if {
	change.deny == set() with input as edited({"links": [{"url": "https://example.org"}], "plan": {"backout": ""}})
		with input.before as object.union(base.record, {"plan": {"backout": ""}})
}

test_material_edit if {
	messages(change.deny) == {"back-out plan missing"} with input as edited({"plan": {"backout": ""}})
}

test_edit_without_a_past if {
	messages(change.deny) == {"back-out plan missing"} with input as object.remove(edited({"plan": {"backout": ""}}), ["before"])
}

test_steps_do_not_ask_again if {
	change.deny == set() with input as at("implementing", "review", {"reason": "", "implementation": {"outcome": "successful"}})
}

test_start_inside_the_window if {
	every now in ["2026-11-24T10:00:00Z", "2026-11-24T10:59:59Z", "2026-11-24T11:30:00+01:00"] {
		change.deny == set() with input as object.union(at("scheduled", "implementing", {}), {"now": now})
	}
}

test_start_too_early if {
	messages(change.deny) == {"the window opens only at 2026-11-24T10:00:00Z"} with input as object.union(at("scheduled", "implementing", {}), {"now": "2026-11-24T09:59:59Z"})
}

test_start_too_late if {
	messages(change.deny) == {"the window closed at 2026-11-24T11:00:00Z"} with input as object.union(at("scheduled", "implementing", {}), {"now": "2026-11-24T11:00:00Z"})
}

test_start_without_a_window if {
	in_ := at("scheduled", "implementing", {})
	messages(change.deny) == {"the window is not set"} with input as object.union(object.remove(in_, ["record"]), {"record": object.remove(in_.record, ["window"])})
}

test_close_without_review_after_failure if {
	every outcome in ["failed", "backed-out"] {
		messages(change.deny) == {sprintf("review missing: the change ended %s", [outcome])} with input as at("review", "closed", {"implementation": {"outcome": outcome}})
	}
}

test_close_without_review_of_high_risk if {
	in_ := object.union(at("review", "closed", {"implementation": {"outcome": "successful"}, "questionnaire": {"data_change": "irreversible"}}), {})
	change.deny == {{"msg": "review missing: its risk was high", "path": "/review/summary", "fix": "gitsm change review 7k3f2m -m …"}} with input as in_
}

test_close_without_review_of_an_emergency if {
	messages(change.deny) == {"review missing: it was an emergency, its risk was high"} with input as object.union(
		emergency({"state": "closed", "implementation": {"outcome": "successful"}}),
		{"transition": {"from": "review", "to": "closed"}},
	)
}

test_close_with_review if {
	change.deny == set() with input as at("review", "closed", {"implementation": {"outcome": "failed"}, "review": {"summary": "The index was too large; it is split next time"}})
}

test_close_of_low_risk if {
	change.deny == set() with input as at("review", "closed", {"implementation": {"outcome": "successful"}})
}

test_correction_of_a_closed_change if {
	change.deny == set() with input as at("closed", "closed", {"implementation": {"outcome": "failed"}})
}

test_cancel_scheduled if {
	change.deny == set() with input as at("scheduled", "cancelled", {})
}

test_emergency if {
	change.deny == set() with input as emergency({}) with data.catalog as catalog
	change.warn == set() with input as emergency({}) with data.catalog as catalog
}

test_emergency_without_incident if {
	in_ := emergency({})
	messages(change.deny) == {"emergency change without an incident"} with input as object.union(object.remove(in_, ["record"]), {"record": object.remove(in_.record, ["incident"])})
		with data.catalog as catalog
}

test_emergency_without_authoriser if {
	in_ := emergency({})
	messages(change.deny) == {"emergency change without an authoriser"} with input as object.union(object.remove(in_, ["record"]), {"record": object.remove(in_.record, ["authoriser"])})
		with data.catalog as catalog
}

test_emergency_authorised_by_anybody if {
	messages(change.deny) == {"eve is not of the emergency authority (team:change-managers)"} with input as emergency({"authoriser": "eve"})
		with data.catalog as catalog
}

# Whoever left, or is in a team that is no more, could not approve it afterwards.
test_emergency_authorised_by_who_left if {
	messages(change.deny) == {"gone is not of the emergency authority (team:change-managers)"} with input as emergency({"authoriser": "gone"})
		with data.catalog as catalog
	messages(change.deny) == {"mallory is not of the emergency authority (team:dissolved)"} with input as emergency({})
		with data.catalog as catalog
		with data.config.emergency_authority as ["team:dissolved"]
}

test_emergency_authorised_by_a_named_person if {
	change.deny == set() with input as emergency({"authoriser": "eve"})
		with data.catalog as catalog
		with data.config.emergency_authority as ["person:eve"]
}

test_emergency_authorised_by_the_requester if {
	messages(change.deny) == {"alice is both authoriser and requester"} with input as emergency({"authoriser": "alice"})
		with data.catalog as catalog
}

test_emergency_authorised_by_the_implementer if {
	messages(change.deny) == {"bob is both authoriser and implementer"} with input as emergency({"authoriser": "bob"})
		with data.catalog as catalog
}

test_test_evidence if {
	change.warn == {{"msg": "no test evidence", "path": "/plan/test", "fix": "gitsm change edit 7k3f2m --set plan.test=…"}} with input as with_record({"plan": {"test": "tbd"}})
}

# A change of high risk says what it does to security, one of low risk need not.
test_security_impact if {
	asked := {"security impact missing at high risk"}
	risky := {"questionnaire": {"data_change": "irreversible"}}
	messages(change.warn) == asked with input as with_record(risky)
	messages(change.warn) == asked with input as with_record(object.union(risky, {"security_impact": "none"}))
	messages(change.warn) == set() with input as with_record(object.union(risky, {"security_impact": "Nobody gains access"}))
	messages(change.warn) == set() with input as with_record(object.union(risky, {"type": "standard"}))
	messages(change.warn) == set() with input as base
}

test_window_over if {
	messages(change.warn) == {"the window closed at 2026-11-24T11:00:00Z"} with input as object.union(base, {"now": "2026-11-25T00:00:00Z"})
}

contradicted(in_) := paths if {
	warnings := change.warn with input as in_
	paths := {m.path | some m in warnings; contains(m.path, "questionnaire")}
}

test_answers_that_agree if {
	contradicted(with_record({"questionnaire": {"done_before": "often", "backout_tested": true, "tested": "fully", "teams": 1}})) == set()
	contradicted(object.union(with_record({"questionnaire": {"done_before": "never"}}), {"history": []})) == set()
}

test_answers_that_contradict if {
	contradicted(object.union(with_record({"questionnaire": {"done_before": "often"}}), {"history": []})) == {"/questionnaire/done_before"}
	contradicted(with_record({"questionnaire": {"done_before": "never"}})) == {"/questionnaire/done_before"}
	contradicted(with_record({"questionnaire": {"backout_tested": true}, "plan": {"backout": "tbd"}})) == {"/questionnaire/backout_tested"}
	contradicted(with_record({"questionnaire": {"tested": "fully"}, "plan": {"test": "tbd"}})) == {"/questionnaire/tested"}
	contradicted(object.union(with_record({"questionnaire": {"teams": 1}}), {"assets": [{"id": "db-1", "title": "DB", "type": "database", "owner": "team:data"}]})) == {"/questionnaire/teams"}
}
