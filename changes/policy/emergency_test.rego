package gitsm.change_test

import data.gitsm.change

# citing is the emergency with another incident.
citing(incident) := object.union(object.remove(emergency({}), ["incident"]), {"incident": object.union(outage, incident)})

test_emergency_for_an_incident_that_was_over if {
	messages(change.warn) == {"INC-20261120-0A1B2C was over at 2026-11-20T08:49:59Z, before the work began"} with input as citing({"state": "closed", "resolved_at": "2026-11-20T08:49:59Z"}) with data.catalog as catalog
	messages(change.warn) == {"INC-20261120-0A1B2C is resolved, and nothing says since when"} with input as citing({"state": "resolved"}) with data.catalog as catalog
}

test_emergency_recorded_once_its_incident_is_resolved if {
	change.warn == set() with input as citing({"state": "closed", "resolved_at": "2026-11-20T08:50:00Z"}) with data.catalog as catalog
	change.warn == set() with input as citing({"state": "restored"}) with data.catalog as catalog
}

test_emergency_for_an_incident_of_other_things if {
	messages(change.warn) == {"INC-20261120-0A1B2C is of mail, db-1, and this touches nothing that they need"} with input as citing({"services": ["mail"], "assets": ["db-1"]}) with data.catalog as catalog
	change.warn == set() with input as object.union(citing({"services": ["mail"]}), {"impact": [{"id": "mail", "kind": "service", "depth": 1, "via": ["search"]}]}) with data.catalog as catalog
	change.warn == set() with input as object.union(citing({"services": ["mail"], "assets": ["db-1"]}), {"record": {"assets": ["db-1"]}}) with data.catalog as catalog
}

test_emergency_for_an_incident_that_main_does_not_have if {
	messages(change.warn) == {"main has no incident INC-20261120-0A1B2C"} with input as object.remove(emergency({}), ["incident"]) with data.catalog as catalog
}

test_emergency_recorded_late if {
	messages(change.warn) == {"work began at 2026-11-20T08:50:00Z, more than 24 hours ago, so no approval comes in time"} with input as object.union(emergency({}), {"now": "2026-11-21T08:50:01Z"}) with data.catalog as catalog
	change.warn == set() with input as object.union(emergency({}), {"now": "2026-11-21T08:50:00Z"}) with data.catalog as catalog
}
