package gitsm.change_test

import data.gitsm.change

# model is one in force from which nothing differs.
model := {
	"id": "index", "title": "Index upgrade", "state": "active", "use": "change", "owner": "team:discovery",
	"in_force": true, "why_not": [], "suspended": [], "locked": ["environment"], "defaults": [], "open": [], "differs": [], "approvals": [],
}

standard(fields) := object.union(with_record({"type": "standard", "model": "index"}), {"model": object.union(model, fields)})

# starting is a standard change whose window is open and that starts.
starting(fields) := object.union(
	object.union(at("scheduled", "implementing", {"type": "standard", "model": "index"}), {"now": "2026-11-24T10:30:00Z"}),
	{"model": object.union(model, fields)},
)

test_standard_without_model if {
	messages(change.deny) == {"standard change without a model in force: it names none"} with input as with_record({"type": "standard"})
}

test_standard_with_unknown_model if {
	messages(change.deny) == {"standard change without a model in force: there is no model idnex"} with input as with_record({"type": "standard", "model": "idnex"})
}

test_standard_with_model if {
	change.deny == set() with input as standard({})
	change.approvals == set() with input as standard({})
}

test_model_out_of_force if {
	messages(change.deny) == {"standard change without a model in force: index: it is retired; it expired at 2026-11-01T00:00:00Z"} with input as standard({
		"in_force": false, "why_not": ["it is retired", "it expired at 2026-11-01T00:00:00Z"],
	})
}

# A normal change may name a model without following it.
test_normal_change_with_model if {
	change.deny == set() with input as object.union(with_record({"model": "index"}), {"model": object.union(model, {"in_force": false})})
}

differing(d) := standard({"differs": [object.union({"field": "environment", "path": "/environment", "msg": "environment differs from what it locks", "locked": true, "want": ""}, d)]})

test_locked_field if {
	some m in change.deny with input as differing({"want": "production"})
	m.msg == "not as model index has it: environment differs from what it locks"
	m.path == "/environment"
	m.fix == "gitsm change edit 7k3f2m --set 'environment=production'"
}

test_locked_field_that_no_shell_takes if {
	every want in ["", "it's", "two\nlines"] {
		some m in change.deny with input as differing({"want": want})
		m.fix == "make it a normal change, or write environment as gitsm model view index shows it"
	}
}

test_closed_field if {
	some m in change.deny with input as differing({"locked": false})
	m.fix == "make it a normal change, or keep to what the model leaves open"
}

test_start_from_suspended_model if {
	some m in change.deny with input as starting({
		"in_force": false, "why_not": ["it is suspended: CHG-20261110-0A1B2C failed at 2026-11-10T00:00:00Z"],
		"suspended": [{"change": "CHG-20261110-0A1B2C", "why": "failed", "at": "2026-11-10T00:00:00Z"}],
	})
	m.path == "/model"
	m.msg == "model index no longer stands: it is suspended: CHG-20261110-0A1B2C failed at 2026-11-10T00:00:00Z"
}

test_start_from_retired_model if {
	some m in change.deny with input as starting({"in_force": false, "state": "retired", "why_not": ["it is retired"]})
	m.msg == "model index no longer stands: it is retired"
}

# What was scheduled while the model was valid may start after it expired.
test_start_from_expired_model if {
	change.deny == set() with input as starting({"in_force": false, "why_not": ["it expired at 2026-11-22T00:00:00Z"]})
}

test_approvals_of_a_model if {
	some a in change.approvals with input as standard({"approvals": [{"from": ["person:bob"], "count": 1}]})
	a == {"id": "model-1", "from": ["person:bob"], "count": 1, "msg": "model index asks for it at each use"}
}
