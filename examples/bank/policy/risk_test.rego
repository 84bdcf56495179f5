package gitsm.change_test

import data.gitsm.change

ids(set_) := {s.id | some s in set_}

test_tier_alone if {
	change.risk == {"score": 40, "band": "medium"} with input as good
	change.risk == {"score": 0, "band": "low"} with input as of("intranet", 4)
}

test_no_answer_is_the_worst if {
	in_ := without("questionnaire")
	ids(change.signals) == {"tier", "first-time", "not-fully-tested", "backout-untested", "irreversible-data"} with input as in_
	change.risk == {"score": 120, "band": "critical"} with input as in_
}

test_bands if {
	change.risk == {"score": 60, "band": "high"} with input as with_record({"questionnaire": {"tested": "partly"}})
	change.risk == {"score": 70, "band": "critical"} with input as with_record({"questionnaire": {"data_change": "irreversible"}})
}
