package gitsm.incident_test

import data.gitsm.incident

base := {
	"now": "2026-11-20T12:00:00Z",
	"record": {
		"apiVersion": "gitsm/v1",
		"kind": "incident",
		"id": "INC-20261120-0A1B2C",
		"title": "Orders fail",
		"services": ["checkout"],
		"state": "resolved",
		"started_at": "2026-11-20T08:00:00Z",
		"detected_at": "2026-11-20T08:05:00Z",
		"acknowledged_at": "2026-11-20T08:06:00Z",
		"restored_at": "2026-11-20T09:00:00Z",
		"resolved_at": "2026-11-20T11:00:00Z",
		"caused_by": "CHG-20261119-ABCDEF",
		"timeline": [{"at": "2026-11-20T08:05:00Z", "by": "alice", "note": "alert of the order rate"}],
	},
	"transition": {"from": "restored", "to": "resolved", "verb": "resolve"},
	"actor": {"id": "alice", "known": true},
	"services": [],
	"assets": [],
	"impact": [],
	"windows": [],
	"conflicts": [],
	"history": [],
	"files": [],
}

with_record(fields) := object.union(base, {"record": fields})

without(field) := object.union(object.remove(base, ["record"]), {"record": object.remove(base.record, [field])})

messages(set_) := {m.msg | some m in set_}

test_clean if {
	incident.deny == set() with input as base
	incident.warn == set() with input as base
}

test_order if {
	incident.deny == {{"msg": "restored_at is before acknowledged_at", "path": "/restored_at"}} with input as with_record({"acknowledged_at": "2026-11-20T09:30:00Z"})
}

test_order_across_what_is_missing if {
	in_ := without("acknowledged_at")
	messages(incident.deny) == {"restored_at is before detected_at", "resolved_at is before detected_at"} with input as object.union(in_, {"record": {"detected_at": "2026-11-20T11:30:00Z"}})
}

test_order_in_two_zones if {
	incident.deny == set() with input as with_record({"acknowledged_at": "2026-11-20T09:06:00+01:00"})
}

test_future if {
	messages(incident.deny) == {"resolved_at is in the future"} with input as with_record({"resolved_at": "2026-11-20T12:00:01Z"})
}

test_no_cause if {
	messages(incident.warn) == {"no change named as cause or suspect"} with input as without("caused_by")
}

test_suspects_will_do if {
	incident.warn == set() with input as object.union(without("caused_by"), {"record": {"suspects": ["CHG-20261119-ABCDEF"]}})
}

test_no_timeline if {
	messages(incident.warn) == {"timeline is empty: nothing says what happened"} with input as without("timeline")
}

test_timeline_of_placeholders if {
	messages(incident.warn) == {"timeline is empty: nothing says what happened"} with input as with_record({"timeline": [{"at": "2026-11-20T08:05:00Z", "by": "alice", "note": "tbd"}]})
}

test_open_incident_needs_no_cause if {
	incident.warn == set() with input as object.union(without("caused_by"), {"transition": {"from": "", "to": "open", "verb": "open"}})
}

test_correction_is_not_asked_again if {
	incident.warn == set() with input as object.union(without("caused_by"), {"transition": {"from": "closed", "to": "closed", "verb": "edit"}})
}
