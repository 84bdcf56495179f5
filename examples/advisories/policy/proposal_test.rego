package gitsm.proposal_test

import data.gitsm.proposal

proposed := {"number": 2, "title": "Two readers", "status": "accepted", "authors": ["alice"]}

at(from, to) := {"record": object.union(proposed, {"status": to}), "transition": {"from": from, "to": to, "verb": "edit"}}

config := {"reviewers": ["person:bob"]}

test_decided if {
	some to in ["accepted", "declined"]
	some a in proposal.approvals with input as at("provisional", to) with data.config as config
	a.from == ["person:bob"]
}

test_edit_is_free if {
	count(proposal.approvals) == 0 with input as at("accepted", "accepted") with data.config as config
}

test_takes_its_own_place if {
	own := {"record": object.union(proposed, {"superseded_by": 2})}
	some f in proposal.deny with input as own with data.config as config
	f.path == "/superseded_by"
}

test_good if {
	count(proposal.deny) == 0 with input as at("provisional", "accepted") with data.config as config
}
