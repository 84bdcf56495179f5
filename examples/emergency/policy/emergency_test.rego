package gitsm.change_test

import data.gitsm.change

teams := {"duty-managers": {"members": ["carol", "dave"]}}

urgent := object.union(json.remove(good, ["record/window"]), {
	"record": {
		"type": "emergency",
		"state": "implementing",
		"incident": "INC-20261120-0A1B2C",
		"authoriser": "dave",
		"implementation": {"implementer": "alice", "started_at": "2026-11-20T09:00:00Z"},
	},
	"transition": {"from": "", "to": "implementing", "verb": "new"},
})

test_emergency if {
	change.deny == set() with input as urgent with data.catalog.teams as teams
}

test_emergency_is_approved_afterwards if {
	change.approvals == {{
		"id": "retro-approval",
		"from": ["person:dave"],
		"count": 1,
		"retro": true,
		"msg": "dave authorised it, and approves within 24 hours of its start",
	}} with input as urgent with data.catalog.teams as teams
}

test_no_incident if {
	in_ := json.remove(urgent, ["record/incident"])
	messages(change.deny) == {"emergency without an incident"} with input as in_ with data.catalog.teams as teams
}

test_no_authoriser if {
	in_ := json.remove(urgent, ["record/authoriser"])
	messages(change.deny) == {"emergency without an authoriser"} with input as in_ with data.catalog.teams as teams
}

test_authorised_by_anybody if {
	in_ := object.union(urgent, {"record": {"authoriser": "bob"}})
	messages(change.deny) == {"bob may not authorise emergencies, these may: carol, dave"} with input as in_ with data.catalog.teams as teams
}

test_authorised_by_a_person_named_in_the_data if {
	in_ := object.union(urgent, {"record": {"authoriser": "bob"}})
	change.deny == set() with input as in_ with data.config.emergency_authority as ["person:bob"]
}

test_authorised_by_oneself if {
	in_ := object.union(urgent, {"record": {"requester": "dave", "implementation": {"implementer": "dave"}}})
	messages(change.deny) == {"dave is authoriser and requester", "dave is authoriser and implementer"} with input as in_ with data.catalog.teams as teams
}

closing(review) := at(object.union(urgent, {"record": {"implementation": {"outcome": "backed-out"}, "review": review}}), "close", "review", "closed")

test_normal_success_needs_no_review if {
	change.deny == set() with input as at(object.union(good, {"record": {"implementation": {"outcome": "successful"}}}), "close", "review", "closed")
}

test_review if {
	change.deny == set() with input as closing({"reviewer": "carol", "summary": "The standby was behind"})
	every review in [{}, {"reviewer": "carol", "summary": "tbd"}, {"reviewer": "alice", "summary": "The standby was behind"}] {
		messages(change.deny) == {"no review by somebody else, and it was an emergency and backed-out"} with input as closing(review)
	}
}
