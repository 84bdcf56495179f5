package gitsm.change_test

import data.gitsm.change

# A change that has everything, on its way into force.
good := {
	"now": "2026-11-20T09:00:00Z",
	"record": {
		"apiVersion": "gitsm/v1",
		"kind": "change",
		"id": "CHG-20261120-7K3F2M",
		"title": "Renew the certificate",
		"type": "normal",
		"state": "scheduled",
		"requester": "alice",
		"services": ["mailer"],
		"window": {"start": "2026-11-24T10:00:00Z", "end": "2026-11-24T11:00:00Z"},
		"reason": "It expires on 30 November",
		"plan": {"implement": "Run the playbook", "backout": "Restore the old one"},
		"questionnaire": {"backout_tested": true},
	},
	"transition": {"from": "", "to": "scheduled", "verb": "new"},
	"actor": {"id": "alice", "known": true},
	"services": [{"id": "mailer", "title": "Mailer", "owner": "team:web", "tier": 3}],
	"assets": [],
	"impact": [],
	"windows": [],
	"conflicts": [],
	"history": [],
	"files": [],
}

with_record(fields) := object.union(good, {"record": fields})

without(field) := json.remove(good, [sprintf("record/%s", [field])])

# at is the good change on its way from one state to another.
at(verb, from, to, fields) := object.union(with_record(object.union({"state": to}, fields)), {
	"before": object.union(good.record, {"state": from}),
	"transition": {"from": from, "to": to, "verb": verb},
})

messages(set_) := {m.msg | some m in set_}

test_good if {
	change.deny == set() with input as good
	change.risk == {"score": 10, "band": "low"} with input as good
}

test_only_normal_changes if {
	messages(change.deny) == {"emergency changes are not for this store"} with input as with_record({"type": "emergency"})
}

test_reason if {
	messages(change.deny) == {"reason missing"} with input as without("reason")
	messages(change.deny) == {"reason missing"} with input as with_record({"reason": " TBC "})
}

test_window if {
	messages(change.deny) == {"window has no start", "window has no end"} with input as without("window")
}

test_plan if {
	messages(change.deny) == {"plan.implement missing", "plan.backout missing"} with input as without("plan")
}

test_edit_is_judged_again if {
	in_ := at("reschedule", "scheduled", "scheduled", {"reason": ""})
	messages(change.deny) == {"reason missing"} with input as in_
	count(change.approvals) == 1 with input as in_
}

test_immaterial_edit_asks_nobody if {
	change.approvals == set() with input as at("edit", "scheduled", "scheduled", {"links": [{"url": "https://example.org"}]})
}

test_start_inside_the_window if {
	in_ := at("start", "scheduled", "implementing", {})
	change.deny == set() with input as object.union(in_, {"now": "2026-11-24T10:00:00Z"})
	every now in ["2026-11-24T09:59:59Z", "2026-11-24T11:00:00Z"] {
		count(change.deny) == 1 with input as object.union(in_, {"now": now})
	}
}

test_review_of_what_failed if {
	closing := at("close", "review", "closed", {"implementation": {"outcome": "backed-out"}})
	messages(change.deny) == {"review missing"} with input as closing
	change.deny == set() with input as object.union(closing, {"record": {"review": {"summary": "The snapshot was too old"}}})
}

test_tier_of_what_depends_on_it if {
	dependent := {"impact": [{"id": "shop", "kind": "service", "tier": 1, "depth": 1, "via": ["mailer"]}]}
	change.risk == {"score": 30, "band": "medium"} with input as object.union(good, dependent)
}

test_high if {
	in_ := object.union(with_record({"questionnaire": {"backout_tested": false}}), {"services": [{"id": "shop", "title": "Shop", "owner": "team:web", "tier": 1}]})
	change.risk == {"score": 45, "band": "high"} with input as in_
	{a.id | some a in change.approvals} == {"owner-team-web", "change-manager"} with input as in_
}

test_owner_approves if {
	change.approvals == {{"id": "owner-team-web", "from": ["team:web"], "count": 1, "msg": "team:web owns mailer"}} with input as good
}
