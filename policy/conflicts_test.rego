package gitsm.change_test

import data.gitsm.change

other := {
	"id": "CHG-20261119-AAAAAA", "title": "Move the index", "kind": "same-service", "type": "normal", "state": "scheduled",
	"reason": "both change search", "start": "2026-11-24T10:00:00Z", "end": "2026-11-24T10:30:00Z",
	"path": ["search"], "owners": ["team:platform"],
}

freeze := {
	"id": "christmas", "title": "Christmas", "kind": "freeze", "type": "freeze", "strength": "hard", "reason": "hard freeze: Christmas",
	"start": "2026-11-24T10:00:00Z", "end": "2026-11-24T11:00:00Z", "path": [], "owners": ["team:shop"],
}

maintenance := {
	"id": "search", "title": "search", "kind": "outside-maintenance", "type": "maintenance", "reason": "search is maintained in windows, and this is outside of them",
	"start": "2026-11-24T10:00:00Z", "end": "2026-11-24T11:00:00Z", "path": [], "owners": ["team:discovery"],
}

# beside is an input with something in the way.
beside(in_, list) := object.union(in_, {"conflicts": list})

named(id) := [a | some a in change.approvals; a.id == id]

test_hard_freeze_is_denied if {
	"inside the hard freeze christmas, from 2026-11-24T10:00:00Z to 2026-11-24T11:00:00Z" in messages(change.deny) with input as beside(base, [freeze])
}

test_hard_freeze_holds_for_standard_changes_and_starts if {
	every in_ in [with_record({"type": "standard"}), at("scheduled", "implementing", {})] {
		some m in messages(change.deny) with input as object.union(beside(in_, [freeze]), {"now": "2026-11-24T10:00:00Z"})
		startswith(m, "inside the hard freeze christmas")
	}
}

test_freeze_stops_no_other_step if {
	every step in [["implementing", "review"], ["review", "closed"], ["scheduled", "cancelled"]] {
		every m in messages(change.deny) {
			not startswith(m, "inside")
		} with input as beside(at(step[0], step[1], {}), [freeze])
	}
}

test_soft_freeze_asks_its_owner if {
	soft := object.union(freeze, {"strength": "soft", "reason": "soft freeze: Christmas"})
	named("freeze-christmas") == [{"id": "freeze-christmas", "from": ["team:shop"], "count": 1, "msg": "soft freeze: Christmas"}] with input as beside(base, [soft])
	change.deny == set() with input as beside(base, [soft])
}

test_the_owner_in_the_way_is_asked if {
	named("conflict-chg-20261119-aaaaaa") == [{
		"id": "conflict-chg-20261119-aaaaaa", "from": {"team:platform"}, "count": 1, "shared": true,
		"msg": "CHG-20261119-AAAAAA at the same time: both change search",
	}] with input as beside(base, [other])
}

test_one_change_in_the_way_twice_is_asked_once if {
	twice := [other, object.union(other, {"kind": "implementer", "reason": "alice carries out both"})]
	[a.msg | some a in named("conflict-chg-20261119-aaaaaa")] == ["CHG-20261119-AAAAAA at the same time: alice carries out both; both change search"] with input as beside(base, twice)
}

test_every_planned_type_asks if {
	count(named("conflict-chg-20261119-aaaaaa")) == 1 with input as beside(with_record({"type": "standard"}), [other])
}

test_steps_do_not_ask_again if {
	named("conflict-chg-20261119-aaaaaa") == [] with input as beside(at("scheduled", "implementing", {}), [other])
}

test_outside_maintenance_asks_its_owner if {
	[a.from | some a in named("outside-maintenance-search")] == [["team:discovery"]] with input as beside(base, [maintenance])
}

running(kind) := object.union(other, {"kind": kind, "type": "emergency", "state": "implementing"})

test_no_start_beside_an_emergency if {
	"emergency CHG-20261119-AAAAAA is being implemented: both change search" in messages(change.deny) with input as beside(at("scheduled", "implementing", {}), [running("same-service")])
}

test_start_beside_what_was_agreed_on if {
	every m in messages(change.deny) {
		not contains(m, "CHG-20261119-AAAAAA")
	} with input as beside(at("scheduled", "implementing", {}), [other])
}

test_whoever_starts_a_second_change_is_told if {
	doubled := object.union(other, {"kind": "implementer", "state": "implementing"})
	started := at("scheduled", "implementing", {"implementation": {"implementer": "bob"}})
	"bob is implementing CHG-20261119-AAAAAA at the same time" in messages(change.warn) with input as beside(started, [doubled])
}

test_an_emergency_is_told if {
	in_ := beside(emergency({}), [other, freeze])
	messages(change.warn) == {"CHG-20261119-AAAAAA: both change search", "christmas: hard freeze: Christmas"} with input as in_ with data.catalog as catalog
	messages(change.deny) == set() with input as in_ with data.catalog as catalog
}
