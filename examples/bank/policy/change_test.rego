package gitsm.change_test

import data.gitsm.change

# A change of the core ledger that has everything, on its way into force.
good := {
	"now": "2026-11-20T09:00:00Z",
	"record": {
		"apiVersion": "gitsm/v1",
		"kind": "change",
		"id": "CHG-20261120-7K3F2M",
		"title": "Upgrade the ledger",
		"type": "normal",
		"state": "scheduled",
		"requester": "dave",
		"services": ["core-ledger"],
		"window": {"start": "2026-11-24T20:00:00+01:00", "end": "2026-11-24T22:00:00+01:00"},
		"reason": "Version 7 is out of support",
		"impact": "None to be noticed",
		"security_impact": "None: same accounts, same ports, log format unchanged",
		"plan": {"implement": "Run the playbook", "test": "Rehearsed on 12 November", "backout": "Restore the snapshot", "verify": "Trial balance"},
		"questionnaire": {"done_before": "often", "tested": "fully", "backout_tested": true, "data_change": "none"},
	},
	"transition": {"from": "", "to": "scheduled", "verb": "new"},
	"actor": {"id": "dave", "known": true},
	"services": [{"id": "core-ledger", "title": "Core ledger", "owner": "team:platform", "tier": 0}],
	"assets": [],
	"impact": [],
	"windows": [],
	"conflicts": [],
	"history": [],
	"files": [],
}

with_record(fields) := object.union(good, {"record": fields})

without(path) := json.remove(good, [sprintf("record/%s", [path])])

in_window(start, end) := with_record({"window": {"start": start, "end": end}})

# of is the good change of one service that nothing depends on.
of(id, tier) := object.union(with_record({"services": [id]}), {"services": [{"id": id, "title": id, "owner": "team:platform", "tier": tier}]})

ledger_down := [{"id": "core-ledger", "kind": "service", "tier": 0, "depth": 1, "via": ["ledger-db-1", "ledger-db-2"]}]

# at is the good change on its way from one state to another.
at(verb, from, to, fields) := object.union(with_record(object.union({"state": to}, fields)), {
	"before": object.union(good.record, {"state": from}),
	"transition": {"from": from, "to": to, "verb": verb},
})

messages(set_) := {m.msg | some m in set_}

test_good if change.deny == set() with input as good

test_only_normal_changes if {
	messages(change.deny) == {"standard changes are not for this store"} with input as with_record({"type": "standard"})
}

test_every_field_is_needed if {
	every field in ["reason", "impact"] {
		messages(change.deny) == {sprintf("%s missing", [field])} with input as without(field)
	}
	every part in ["implement", "test", "backout", "verify"] {
		messages(change.deny) == {sprintf("plan.%s missing", [part])} with input as without(sprintf("plan/%s", [part]))
	}
}

test_security_impact if {
	messages(change.deny) == {"security impact missing"} with input as without("security_impact")
}

test_security_impact_of_placeholders if {
	every text in ["None", "none.", " N/A\n", "TBC", "…"] {
		messages(change.deny) == {"security impact missing"} with input as with_record({"security_impact": text})
	}
}

test_window if {
	messages(change.deny) == {"window has no start or no end"} with input as without("window/end")
	messages(change.deny) == {"window is empty, or longer than ten days"} with input as in_window("2026-11-24T20:00:00Z", "2026-11-24T20:00:00Z")
	messages(change.deny) == {"window is empty, or longer than ten days"} with input as in_window("2026-11-24T20:00:00Z", "2027-11-24T20:00:00Z")
}

test_month_end if {
	messages(change.deny) == {"2026-11-27 is a closing day of core-ledger"} with input as in_window("2026-11-27T20:00:00+01:00", "2026-11-27T22:00:00+01:00")
	change.deny == set() with input as in_window("2026-11-28T08:00:00+01:00", "2026-11-29T20:00:00+01:00")
}

test_business_hours if {
	messages(change.deny) == {"business hours of core-ledger on 2026-11-24"} with input as in_window("2026-11-24T10:00:00+01:00", "2026-11-24T11:00:00+01:00")
}

test_other_tiers_are_free if {
	in_ := object.union(of("databases", 2), {"record": {"window": {"start": "2026-11-27T10:00:00+01:00", "end": "2026-11-30T11:00:00+01:00"}}})
	change.deny == set() with input as in_
}

test_what_goes_down_counts if {
	in_ := object.union(of("databases", 2), {
		"record": {"window": {"start": "2026-11-24T10:00:00+01:00", "end": "2026-11-24T11:00:00+01:00"}},
		"impact": ledger_down,
	})
	messages(change.deny) == {"business hours of core-ledger on 2026-11-24"} with input as in_
}

test_unknown_service_is_vital if {
	in_ := object.union(in_window("2026-11-24T10:00:00+01:00", "2026-11-24T11:00:00+01:00"), {"services": []})
	messages(change.deny) == {"business hours of core-ledger on 2026-11-24"} with input as in_
}

test_reschedule_is_judged_again if {
	in_ := at("reschedule", "scheduled", "scheduled", {"window": {"start": "2026-11-30T20:00:00+01:00", "end": "2026-11-30T22:00:00+01:00"}})
	messages(change.deny) == {"2026-11-30 is a closing day of core-ledger"} with input as in_
	count(change.approvals) == 2 with input as in_
}

test_links_ask_nobody if {
	change.approvals == set() with input as at("edit", "scheduled", "scheduled", {"links": [{"url": "https://example.org/7"}]})
}

test_start_inside_the_window if {
	in_ := at("start", "scheduled", "implementing", {})
	change.deny == set() with input as object.union(in_, {"now": "2026-11-24T19:00:00Z"})
	every now in ["2026-11-24T18:59:59Z", "2026-11-24T21:00:00Z"] {
		count(change.deny) == 1 with input as object.union(in_, {"now": now})
	}
}

closing(outcome, reviewer) := at("close", "review", "closed", {
	"implementation": {"implementer": "dave", "outcome": outcome},
	"review": {"reviewer": reviewer, "summary": "The snapshot was too old"},
})

test_review if {
	change.deny == set() with input as closing("successful", "dave")
	change.deny == set() with input as closing("backed-out", "carol")
	messages(change.deny) == {"review by somebody else missing"} with input as closing("backed-out", "dave")
	messages(change.deny) == {"review by somebody else missing"} with input as json.remove(closing("failed", "carol"), ["record/review"])
}
