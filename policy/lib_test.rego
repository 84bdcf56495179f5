package gitsm.lib_test

import data.gitsm.lib

test_placeholder if {
	every text in [
		"", " ", "N/A", "n/a.", "n.a.", "NA", "none", "None.", "nil", "no", "TBC", "tbd", " tba ", "todo", "TODO:", "to do", "-", "--", ".", "...", "…", "?", "???",
		"x", "XXX", "test", "asdf", "foo", "same", "See above.", "unknown", "later", "(pending)", "to be confirmed", "\n", "—", "!!",
	] {
		lib.placeholder(text)
	}
}

test_no_placeholder if {
	every text in [
		"restore the snapshot", "none: the switch is read-only", "no outage", "tested in staging", "run make rollback", "1", "git revert", "x86 only",
		"-1", "не нужно", "再起動", "n/a because the table is new",
	] {
		not lib.placeholder(text)
	}
}

test_filled if lib.filled({"title": "x-ray"}, "title")

test_not_filled if not lib.filled({"title": "x"}, "title")

test_absent_is_not_filled if not lib.filled({}, "title")

test_handle if lib.handle("CHG-20261120-7K3F2M") == "7k3f2m"

test_handle_of_a_slug if lib.handle("db") == "db"

test_minutes if {
	lib.minutes("09:30") == 570
	lib.minutes("00:00") == 0
	lib.minutes("17:05") == 1025
	lib.minutes("10:08") == 608
}

test_ns if lib.ns("1970-01-01T00:00:01Z") == 1000000000

test_standing if {
	teams := {"ops": {"members": ["bob", "carol", "dave"]}, "gone": {"members": ["carol"], "active": false}}
	people := {"bob": {"active": false}, "carol": {"active": true}, "erin": {"active": true}}
	lib.standing(["team:ops", "team:absent", "person:erin", "person:bob"]) == {"carol", "erin"} with data.catalog.teams as teams with data.catalog.people as people
	lib.standing(["team:gone"]) == set() with data.catalog.teams as teams with data.catalog.people as people
}

test_answering if {
	teams := {"ops": {"members": ["bob", "carol"]}, "gone": {"members": ["bob"]}}
	people := {"bob": {"active": false}, "carol": {"active": true}}
	every owner, who in {"team:ops": "team:ops", "person:carol": "person:carol", "team:gone": "team:change-managers", "person:bob": "team:change-managers", "team:absent": "team:change-managers"} {
		lib.answering(owner) == who with data.catalog.teams as teams with data.catalog.people as people
	}
}
