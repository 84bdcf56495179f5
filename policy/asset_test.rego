package gitsm.asset_test

import data.gitsm.asset

record := {
	"apiVersion": "gitsm/v1",
	"kind": "asset",
	"id": "orders-db",
	"title": "Orders database",
	"type": "database",
	"owner": "team:payments",
	"depends_on": ["host-1"],
	"state": "in-use",
}

# filed is the input of a new asset.
filed := {
	"now": "2026-11-20T12:00:00Z",
	"record": record,
	"transition": {"from": "", "to": "in-use", "verb": "new"},
	"actor": {"id": "alice", "known": true},
	"services": [],
	"assets": [],
	"impact": [],
	"windows": [],
	"conflicts": [],
	"history": [],
	"incidents": [],
	"files": [],
}

edited(fields) := object.union(filed, {
	"before": record,
	"record": fields,
	"transition": {"from": "in-use", "to": object.get(fields, "state", "in-use"), "verb": "edit"},
})

teams := {
	"payments": {"members": ["alice", "bob"]},
	"platform": {"members": ["carol"]},
	"change-managers": {"members": ["carol"]},
}

people := {
	"alice": {"id": "alice", "name": "Alice", "active": true},
	"bob": {"id": "bob", "name": "Bob", "active": true},
	"carol": {"id": "carol", "name": "Carol", "active": true},
}

# asked is of whom an approval is asked, and why.
asked(in_, people_) := {sprintf("%s: %s", [a.from[0], a.msg]) | some a in approvals} if {
	approvals := asset.approvals with input as in_ with data.catalog.teams as teams with data.catalog.people as people_
}

payments := "team:payments: team:payments owns orders-db"

test_new_is_approved_by_the_owner_it_names if asked(filed, people) == {payments}

test_every_field_that_bears_on_changes_is_the_owners if {
	every fields in [{"type": "cache"}, {"depends_on": []}, {"state": "retired"}, {"title": "Orders"}, {"environment": "staging"}, {"location": "Malmö"}] {
		asked(edited(fields), people) == {payments}
	}
}

test_a_change_of_owner_takes_both if {
	asked(edited({"owner": "team:platform"}), people) == {payments, "team:platform: team:platform is to own orders-db"}
}

test_owner_and_field_at_once if {
	asked(edited({"owner": "team:platform", "state": "retired"}), people) == {payments, "team:platform: team:platform is to own orders-db"}
}

test_each_owner_is_asked_once if {
	{a.id | some a in asset.approvals} == {"owner-team-payments", "owner-team-platform"} with input as edited({"owner": "team:platform"})
		with data.catalog.teams as teams
		with data.catalog.people as people
}

test_change_managers_stand_in_for_who_left if {
	asked(edited({"owner": "team:platform"}), object.union(people, {"alice": {"active": false}, "bob": {"active": false}})) == {
		"team:change-managers: team:payments owns orders-db",
		"team:platform: team:platform is to own orders-db",
	}
}

test_change_managers_stand_in_for_a_team_that_is_no_more if {
	approvals := asset.approvals with input as edited({"title": "Kasse"})
		with data.catalog.teams as object.union(teams, {"payments": {"active": false}})
		with data.catalog.people as people
	{a.from[0] | some a in approvals} == {"team:change-managers"}
}

# A record on main that says no owner got there past every check.
test_change_managers_stand_in_where_main_names_no_owner if {
	ownerless := object.union(object.remove(edited({}), ["before"]), {"before": object.remove(record, ["owner"])})
	asked(ownerless, people) == {"team:change-managers: nobody is known to own orders-db", "team:payments: team:payments is to own orders-db"}
	theirs := object.union(ownerless, {"record": {"owner": "team:change-managers"}})
	asked(theirs, people) == {"team:change-managers: nobody is known to own orders-db"}
}

test_change_managers_take_over_from_who_left if {
	gone := object.union(people, {"alice": {"active": false}, "bob": {"active": false}})
	asked(edited({"owner": "team:change-managers"}), gone) == {"team:change-managers: team:payments owns orders-db"}
}

test_one_who_is_left_is_enough if {
	asked(edited({"state": "retired"}), object.union(people, {"alice": {"active": false}})) == {payments}
}

test_no_edit_takes_nobody if asked(edited({}), people) == set()
