package gitsm.change_test

import data.gitsm.change

# A normal change that has everything, on its way into force.
good := {
	"now": "2026-11-20T09:00:00Z",
	"record": {
		"apiVersion": "gitsm/v1",
		"kind": "change",
		"id": "CHG-20261120-7K3F2M",
		"title": "Upgrade the seats database",
		"type": "normal",
		"state": "scheduled",
		"requester": "alice",
		"services": ["box-office"],
		"window": {"start": "2026-11-24T03:00:00Z", "end": "2026-11-24T04:00:00Z"},
		"reason": "Version 14 is out of support",
		"plan": {"implement": "Run the playbook", "backout": "Restore the snapshot"},
	},
	"transition": {"from": "", "to": "scheduled", "verb": "new"},
	"actor": {"id": "alice", "known": true},
	"services": [{"id": "box-office", "title": "Box office", "owner": "team:tickets", "tier": 0}],
	"assets": [],
	"impact": [],
	"windows": [],
	"conflicts": [],
	"history": [],
	"files": [],
}

with_record(fields) := object.union(good, {"record": fields})

without(path) := json.remove(good, [sprintf("record/%s", [path])])

# at is a change on its way from one state to another.
at(change_, verb, from, to) := object.union(change_, {
	"record": {"state": to},
	"before": object.union(change_.record, {"state": from}),
	"transition": {"from": from, "to": to, "verb": verb},
})

messages(set_) := {m.msg | some m in set_}

test_good if {
	change.deny == set() with input as good
	change.risk == {"score": 100, "band": "high"} with input as good
	{a.id | some a in change.approvals} == {"owner-team-tickets"} with input as good
}

test_reason if messages(change.deny) == {"reason missing"} with input as with_record({"reason": "TBC"})

test_backout if messages(change.deny) == {"back-out plan missing"} with input as without("plan/backout")

test_no_standard_changes if {
	messages(change.deny) == {"standard changes are not for this store"} with input as with_record({"type": "standard"})
}

test_window if messages(change.deny) == {"window has no start or no end"} with input as without("window/end")

test_start_inside_the_window if {
	in_ := at(good, "start", "scheduled", "implementing")
	change.deny == set() with input as object.union(in_, {"now": "2026-11-24T03:00:00Z"})
	messages(change.deny) == {"the window is from 2026-11-24T03:00:00Z to 2026-11-24T04:00:00Z"} with input as in_
}

test_reschedule_is_approved_again if {
	in_ := object.union(at(good, "reschedule", "scheduled", "scheduled"), {"record": {"window": {"start": "2026-11-24T02:00:00Z"}}})
	count(change.approvals) == 1 with input as in_
}

test_risk_of_what_goes_down if {
	in_ := object.union(good, {
		"services": [{"id": "box-office", "title": "Box office", "owner": "team:tickets", "tier": 4}],
		"impact": [{"id": "shop", "kind": "service", "tier": 2, "depth": 1, "via": ["box-office"]}],
	})
	change.risk == {"score": 60, "band": "medium"} with input as in_
}

test_unknown_service_is_as_critical_as_any if {
	change.risk.band == "high" with input as object.union(good, {"services": []})
}
