package gitsm.advisory_test

import data.gitsm.advisory

good := {
	"record": {
		"id": "ADV-2026-3",
		"status": "published",
		"summary": "Reads past the end",
		"severity": 7.5,
		"affected": [{"introduced": "0", "fixed": "2.4.1"}],
	},
	"transition": {"from": "draft", "to": "published", "verb": "publish"},
}

config := {"reviewers": ["person:bob", "person:carol"], "critical": 9}

with_record(fields) := object.union(good, {"record": fields})

test_good if {
	count(advisory.deny) == 0 with input as good with data.config as config
	count(advisory.warn) == 0 with input as good with data.config as config
}

test_no_severity if {
	some f in advisory.deny with input as json.remove(good, ["record/severity"]) with data.config as config
	f.path == "/severity"
	f.fix == "gitsm advisory edit ADV-2026-3 --set severity=…"
}

test_draft_needs_no_severity if {
	draft := json.remove(with_record({"status": "draft"}), ["record/severity"])
	count(advisory.deny) == 0 with input as draft with data.config as config
}

test_no_fix if {
	some f in advisory.warn with input as with_record({"affected": [{"introduced": "0"}]}) with data.config as config
	f.path == "/affected/0"
}

test_withdrawn_without_reason if {
	some f in advisory.deny with input as with_record({"status": "withdrawn"}) with data.config as config
	f.path == "/withdrawn"
}

test_withdrawn if {
	count(advisory.deny) == 0 with input as with_record({"status": "withdrawn", "withdrawn": "a duplicate"}) with data.config as config
}

test_one_reader if {
	some a in advisory.approvals with input as good with data.config as config
	a.count == 1
}

test_two_readers if {
	some a in advisory.approvals with input as with_record({"severity": 9.1}) with data.config as config
	a.count == 2
}

test_edit_of_published_is_free if {
	edit := object.union(good, {"transition": {"from": "published", "to": "published", "verb": "edit"}})
	count(advisory.approvals) == 0 with input as edit with data.config as config
}
