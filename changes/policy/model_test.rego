package gitsm.model_test

import data.gitsm.model

base := {
	"now": "2026-11-20T09:00:00Z",
	"record": {
		"apiVersion": "gitsm/v1", "kind": "model", "id": "index", "title": "Index upgrade", "use": "change", "owner": "team:discovery",
		"state": "active", "scope": {"services": ["search"]}, "approved_at": "2026-11-01T00:00:00Z", "expires": "2027-01-01T00:00:00Z",
	},
	"transition": {"from": "", "to": "active", "verb": "new"},
	"actor": {"id": "alice", "known": true},
	"services": [], "assets": [], "impact": [], "windows": [], "conflicts": [], "history": [], "incidents": [], "files": [],
}

with_record(fields) := object.union(base, {"record": fields})

test_sound if {
	model.deny == set() with input as base
	model.warn == set() with input as base
}

test_approved_in_the_future if {
	some m in model.deny with input as with_record({"approved_at": "2026-11-20T09:00:01Z"})
	m.msg == "approved_at lies in the future"
	m.fix == "gitsm model edit index --set approved_at=…"
}

test_approved_earlier if {
	some m in model.deny with input as object.union(base, {"before": object.union(base.record, {"approved_at": "2026-11-10T00:00:00Z"})})
	m.msg == "approved_at was 2026-11-10T00:00:00Z and becomes earlier"
}

test_expired if {
	some m in model.warn with input as with_record({"expires": "2026-11-20T09:00:00Z"})
	m.path == "/expires"
	model.warn == set() with input as with_record({"expires": "2026-11-20T09:00:00Z", "state": "retired"})
}
