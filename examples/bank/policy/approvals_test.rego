package gitsm.change_test

import data.gitsm.change

asked(set_) := {[a.id, a.from, a.msg] | some a in set_}

test_tier_0_needs_two if {
	asked(change.approvals) == {
		["owner-team-platform", ["team:platform"], "team:platform owns core-ledger"],
		["change-manager", ["team:change-managers"], "at stake: core-ledger (tier 0)"],
	} with input as good
}

test_tier_1_needs_two if {
	count(change.approvals) == 2 with input as of("e-banking", 1)
}

test_tier_2_needs_its_owner if {
	asked(change.approvals) == {["owner-team-platform", ["team:platform"], "team:platform owns databases"]} with input as of("databases", 2)
}

test_what_goes_down_needs_two if {
	count(change.approvals) == 2 with input as object.union(of("databases", 2), {"impact": ledger_down})
}

test_steps_ask_nobody if {
	change.approvals == set() with input as at("start", "scheduled", "implementing", {})
	change.approvals == set() with input as at("finish", "implementing", "review", {})
	change.approvals == set() with input as at("close", "review", "closed", {})
}
