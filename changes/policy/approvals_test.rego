package gitsm.change_test

import data.gitsm.change

two_owners := object.union(with_record({"services": ["search", "pages", "shop"]}), {"services": [
	{"id": "pages", "title": "Pages", "owner": "team:discovery", "tier": 3},
	{"id": "search", "title": "Search", "owner": "team:discovery", "tier": 3},
	{"id": "shop", "title": "Shop", "owner": "person:carol", "tier": 4},
]})

ids(set_) := {a.id | some a in set_}

test_owner_approves if {
	change.approvals == {{"id": "owner-team-discovery", "from": ["team:discovery"], "count": 1, "msg": "team:discovery owns search"}} with input as base
}

test_every_owner_approves_once if {
	{a.msg | some a in change.approvals} == {"team:discovery owns pages, search", "person:carol owns shop"} with input as two_owners
}

test_change_managers_from_high if {
	in_ := with_record({"questionnaire": {"data_change": "irreversible"}})
	some a in change.approvals with input as in_
	a.id == "change-manager"
	a.from == ["team:change-managers"]
	a.msg == "the risk is high (30 points)"
}

test_change_managers_at_critical if {
	tier_0 := object.union(base, {"services": [{"id": "search", "title": "Search", "owner": "team:discovery", "tier": 0, "data_classification": "public"}]})
	some a in change.approvals with input as object.union(tier_0, {"record": {"plan": {"backout": "", "verify": ""}}})
	a.msg == "the risk is critical (80 points)"
}

test_unknown_service_goes_to_the_change_managers if {
	ids(change.approvals) == {"change-manager"} with input as object.union(base, {"services": []})
}

test_service_of_nobody_goes_to_the_change_managers if {
	some a in change.approvals with input as object.union(base, {"services": [{"id": "search", "title": "Search", "tier": 3, "data_classification": "public"}]})
	a == {"id": "change-manager", "from": ["team:change-managers"], "count": 1, "msg": "nobody is known to own search"}
}

test_reschedule_asks_again if {
	ids(change.approvals) == {"owner-team-discovery"} with input as edited({"window": {"end": "2026-11-24T12:00:00Z"}})
}

test_a_new_title_asks_again if {
	ids(change.approvals) == {"owner-team-discovery"} with input as edited({"title": "Drop the search index"})
}

test_immaterial_edit_asks_nobody if {
	change.approvals == set() with input as edited({"links": [{"url": "https://example.org"}]})
}

test_steps_ask_nobody if {
	every step in [["scheduled", "implementing"], ["implementing", "review"], ["review", "closed"], ["scheduled", "cancelled"]] {
		change.approvals == set() with input as at(step[0], step[1], {})
	}
}

test_standard_asks_nobody if {
	change.approvals == set() with input as with_record({"type": "standard"})
}

test_emergency_is_approved_afterwards if {
	change.approvals == {{
		"id": "retro-approval",
		"from": ["person:mallory"],
		"count": 1,
		"retro": true,
		"msg": "mallory authorised this emergency, and approves it within 24 hours of its start",
	}} with input as emergency({})
}
