package gitsm.change_test

import data.gitsm.change

# found is what the signals of an input are, by id.
found[s.id] := s.points if some s in change.signals

test_no_signal_but_the_tier if {
	found == {"tier": 10} with input as base
	change.risk == {"score": 10, "band": "low"} with input as base
}

test_axes if {
	change.impact == 10 with input as base
	change.likelihood == 0 with input as base
	change.impact == 70 with input as with_record({"services": ["a"], "questionnaire": {"data_change": "irreversible"}})
	change.likelihood == 40 with input as with_record({"plan": {"backout": "", "verify": ""}})
}

test_tier if {
	every tier, points in {"0": 40, "1": 30, "2": 20, "3": 10, "4": 5} {
		found.tier == points with input as object.union(base, {"services": [{"id": "search", "title": "Search", "owner": "team:discovery", "tier": to_number(tier)}]})
	}
}

test_tier_of_dependents if {
	some s in change.signals with input as object.union(base, {"impact": [
		{"id": "shop", "kind": "service", "tier": 1, "depth": 1, "via": ["search"]},
		{"id": "db-1", "kind": "asset", "depth": 1, "via": ["search"]},
	]})
	s.msg == "tier 1: shop, which depends on it"
	s.points == 30
}

test_unknown_service if {
	in_ := with_record({"services": ["search", "serach"]})
	found == {"tier": 40, "unknown-service": 10, "hard-rule-unknown-service": 0} with input as in_
	change.risk == {"score": 50, "band": "high"} with input as in_
	some s in change.signals with input as in_
	s.msg == "service serach is unknown, and counts as tier 0"
	s.path == "/services/1"
}

dependents(n) := [{"id": sprintf("s%d", [i]), "kind": "asset", "depth": 1, "via": ["search"]} | some i in numbers.range(1, n)]

test_blast_radius if {
	every row in [{"n": 1, "points": 5}, {"n": 4, "points": 5}, {"n": 5, "points": 10}, {"n": 20, "points": 20}] {
		found["blast-radius"] == row.points with input as object.union(base, {"impact": dependents(row.n)})
	}
}

test_irreversible_data if {
	in_ := with_record({"questionnaire": {"data_change": "irreversible"}})
	found == {"tier": 10, "irreversible-data": 20, "hard-rule-irreversible-data": 0} with input as in_
	change.risk == {"score": 30, "band": "high"} with input as in_
}

test_backout_missing if {
	found == {"tier": 10, "backout-missing": 30} with input as with_record({"plan": {"backout": "n/a"}})
}

test_backout_untested if {
	some s in change.signals with input as with_record({"plan": {"test": ""}})
	s.id == "backout-untested"
	s.path == "/plan/test"
}

test_backout_said_to_be_untested if {
	some s in change.signals with input as with_record({"questionnaire": {"backout_tested": false}})
	s.id == "backout-untested"
	s.path == "/questionnaire/backout_tested"
}

test_backout_said_to_be_tested if {
	found == {"tier": 10} with input as with_record({"questionnaire": {"backout_tested": true}, "plan": {"test": ""}})
}

test_verification_missing if {
	found == {"tier": 10, "verification-missing": 10} with input as with_record({"plan": {"verify": "tbd"}})
}

test_out_of_hours if {
	every hours in [
		{"start": "2026-11-24T08:59:00Z", "end": "2026-11-24T10:00:00Z"},
		{"start": "2026-11-24T16:00:00Z", "end": "2026-11-24T17:01:00Z"},
		{"start": "2026-11-28T10:00:00Z", "end": "2026-11-28T11:00:00Z"}, # Saturday
		{"start": "2026-11-24T10:00:00Z", "end": "2026-11-25T11:00:00Z"}, # overnight
		{"start": "2026-11-24T09:00:00Z", "end": "2026-11-24T10:00:00Z", "timezone": "America/New_York"}, # 4 in the morning
	] {
		found["out-of-hours"] == 10 with input as with_record({"window": hours})
	}
}

test_within_hours if {
	every hours in [
		{"start": "2026-11-24T09:00:00Z", "end": "2026-11-24T17:00:00Z"},
		{"start": "2026-11-24T08:00:00Z", "end": "2026-11-24T16:00:00Z", "timezone": "Europe/Berlin"},
		{"start": "2026-07-21T07:00:00Z", "end": "2026-07-21T15:00:00Z", "timezone": "Europe/Berlin"}, # summer time
	] {
		not found["out-of-hours"] with input as with_record({"window": hours})
	}
}

test_no_window_is_out_of_hours if {
	found["out-of-hours"] == 10 with input as without("window")
}

test_first_time if {
	found["first-time"] == 10 with input as object.union(base, {"history": [{"kind": "service", "id": "search", "total": 0, "successful": 0, "failed": 0, "backed_out": 0}]})
	found["first-time"] == 10 with input as object.union(base, {"history": [{"kind": "team", "id": "discovery", "total": 3, "successful": 3, "failed": 0, "backed_out": 0}]})
	found["first-time"] == 10 with input as object.union(base, {"history": []})
}

test_first_time_by_its_own_word if {
	found["first-time"] == 10 with input as with_record({"questionnaire": {"done_before": "never"}})
}

test_done_before_by_its_own_word if {
	not found["first-time"] with input as object.union(with_record({"questionnaire": {"done_before": "once"}}), {"history": []})
}

test_many_services if {
	found["many-services"] == 10 with input as two_owners
}

test_tier_0_without_tested_backout if {
	tier_0 := object.union(base, {"services": [{"id": "search", "title": "Search", "owner": "team:discovery", "tier": 0}]})
	change.risk == {"score": 40, "band": "medium"} with input as tier_0
	change.risk == {"score": 55, "band": "high"} with input as object.union(tier_0, {"record": {"plan": {"test": ""}}})
	change.risk == {"score": 70, "band": "high"} with input as object.union(tier_0, {"record": {"plan": {"backout": ""}}})
}

test_emergency_is_high if {
	change.risk.band == "high" with input as emergency({})
}

test_score_is_the_sum if {
	every in_ in [base, two_owners, emergency({}), without("plan"), with_record({"services": ["a", "b", "c"]})] {
		change.risk.score == sum([s.points | some s in change.signals]) with input as in_
	}
}

test_bands if {
	every row in [
		{"likelihood": 0, "impact": 0, "band": "low"},
		{"likelihood": 0, "impact": 20, "band": "low"},
		{"likelihood": 0, "impact": 40, "band": "medium"},
		{"likelihood": 20, "impact": 19, "band": "low"},
		{"likelihood": 20, "impact": 20, "band": "medium"},
		{"likelihood": 39, "impact": 40, "band": "high"},
		{"likelihood": 40, "impact": 0, "band": "medium"},
		{"likelihood": 40, "impact": 39, "band": "high"},
		{"likelihood": 40, "impact": 40, "band": "critical"},
	] {
		change.risk.band == row.band with input as base
			with change.likelihood as row.likelihood
			with change.impact as row.impact
	}
}

# More points never make a lower band.
test_matrix_rises if {
	levels := ["low", "medium", "high"]
	rank := {"low": 0, "medium": 1, "high": 2, "critical": 3}
	matrix := data.config.risk.matrix
	every i in [0, 1] {
		every level in levels {
			rank[matrix[levels[i]][level]] <= rank[matrix[levels[i + 1]][level]]
			rank[matrix[level][levels[i]]] <= rank[matrix[level][levels[i + 1]]]
		}
	}
}
