package gitsm.needed_test

import data.gitsm.needed

lists := {"harmless": ["**.md", "docs/**"], "routine": {"restart": ["deploy/replicas/*.yaml"]}}

asked(outside) := answer if {
	answer := needed.needed with input.record as {"outside": outside, "records": []}
		with data.config.needed as lists
}

test_harmless if count(asked(["README.md", "a/b/NOTES.md", "docs/images/a.png"])) == 0

test_unlisted if {
	asked(["src/docs/main.go", "README.md"]) == {{"type": "normal", "path": "src/docs/main.go", "msg": "no list of the policy has it"}}
}

test_routine if {
	asked(["deploy/replicas/checkout.yaml"]) == {{
		"type": "standard", "path": "deploy/replicas/checkout.yaml",
		"model": "restart", "msg": "model restart is for it",
	}}
}

test_below_routine if {
	some need in asked(["deploy/replicas/old/checkout.yaml"])
	need.type == "normal"
}

test_records_alone if count(asked([])) == 0
