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
	change.impact == 80 with input as with_record({"services": ["a"], "questionnaire": {"data_change": "irreversible"}})
	change.likelihood == 40 with input as with_record({"plan": {"backout": "", "verify": ""}})
}

test_tier if {
	every tier, points in {"0": 40, "1": 30, "2": 20, "3": 10, "4": 5} {
		found.tier == points with input as object.union(base, {"services": [{"id": "search", "title": "Search", "owner": "team:discovery", "tier": to_number(tier), "data_classification": "public"}]})
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

test_unknown_tier_is_the_worst if {
	nobodys := {"services": [{"id": "search", "title": "Search", "owner": "team:discovery", "data_classification": "public"}]}
	found == {"tier": 40} with input as object.union(base, nobodys)
	of_dependent := {"impact": [{"id": "shop", "kind": "service", "depth": 1, "via": ["search"]}]}
	found == {"tier": 40, "blast-radius": 5} with input as object.union(base, of_dependent)
}

# pointed are the points of the data with another table among them.
pointed(name, table) := object.union(object.remove(data.config.risk.points, [name]), {name: table})

test_tier_without_points_is_the_worst if {
	found == {"tier": 40} with input as base with data.config.risk.points as pointed("tier", {"0": 40, "1": 30})
	found == {"tier": 30} with input as base with data.config.risk.points as pointed("tier", {"1": 30, "2": 20})
	untried := with_record({"questionnaire": {"backout_tested": false}})
	found["hard-rule-tier-0-without-tested-backout"] == 0 with input as untried with data.config.risk.points as pointed("tier", {"0": 40, "1": 30})
	not found["hard-rule-tier-0-without-tested-backout"] with input as untried
}

test_what_has_no_points_is_the_worst if {
	found.untested == 10 with input as with_record({"questionnaire": {"tested": "partly"}}) with data.config.risk.points as pointed("untested", {"no": 10, "fully": 0})
	found.untested == 3 with input as base with data.config.risk.points as pointed("untested", {"no": 10, "partly": 5, "fully": 3})
	found.exposure == 10 with input as base with data.config.risk.points as pointed("exposure", {"confidential": 5, "restricted": 10})
}

test_unknown_service if {
	in_ := with_record({"services": ["search", "serach"]})
	found == {"tier": 40, "exposure": 10, "unknown-service": 10, "hard-rule-unknown-service": 0} with input as in_
	change.risk == {"score": 60, "band": "high"} with input as in_
	some s in change.signals with input as in_
	s.msg == "service serach is unknown, and counts as tier 0"
	s.path == "/services/1"
}

test_hard_rule_without_a_band_demands_the_highest if {
	in_ := with_record({"services": ["search", "serach"]})
	every table in [{}, {"unknown_service": "hihg"}, {"unknown_service": 5}] {
		change.risk.band == "critical" with input as in_ with data.config.risk.at_least as table
	}
	some s in change.signals with input as in_ with data.config.risk.at_least as {}
	s.msg == "touches an unknown service: at least critical"
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
	found == {"tier": 10, "untested": 10} with input as with_record({"questionnaire": {"backout_tested": true}, "plan": {"test": ""}})
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
	found["first-time"] == 10 with input as object.union(base, {"history": [{"kind": "service", "id": "search", "total": 0, "successful": 0, "failed": 0, "backed_out": 0, "recent_total": 0, "recent_failed": 0}]})
	found["first-time"] == 10 with input as object.union(base, {"history": [{"kind": "team", "id": "discovery", "total": 3, "successful": 3, "failed": 0, "backed_out": 0, "recent_total": 0, "recent_failed": 0}]})
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

service(classification) := {"services": [object.union({"id": "search", "title": "Search", "owner": "team:discovery", "tier": 3}, classification)]}

test_exposure if {
	every row in [{"is": "internal", "points": 0}, {"is": "confidential", "points": 5}, {"is": "restricted", "points": 10}] {
		object.get(found, "exposure", 0) == row.points with input as object.union(base, service({"data_classification": row.is}))
	}
}

test_exposure_unknown if {
	some s in change.signals with input as object.union(base, service({}))
	s.id == "exposure"
	s.points == 10
	s.msg == "the data of search is unknown, and counts as restricted"
	s.mitigation == "set data_classification in services/search.yaml"
}

test_untested if {
	found.untested == 10 with input as with_record({"plan": {"test": "todo"}})
	found.untested == 10 with input as with_record({"questionnaire": {"tested": "no"}})
	found.untested == 5 with input as with_record({"questionnaire": {"tested": "partly"}})
	not found.untested with input as with_record({"questionnaire": {"tested": "fully"}})
}

test_several_owners if {
	found["several-owners"] == 5 with input as two_owners
	some s in change.signals with input as two_owners
	s.msg == "touches what 2 owners answer for: person:carol, team:discovery"
	many := [{"id": sprintf("a%d", [i]), "title": "A", "type": "host", "owner": sprintf("team:t%d", [i])} | some i in numbers.range(1, 9)]
	found["several-owners"] == 15 with input as object.union(base, {"assets": many})
}

ended(kind, total, failed) := {"history": [{
	"kind": kind, "id": "search",
	"total": 10, "successful": 10 - failed, "failed": failed, "backed_out": 0,
	"recent_total": total, "recent_failed": failed,
}]}

# All that failed counts in full, and one failure of one says less than that.
test_recent_failures if {
	found["recent-failures-service-search"] == 20 with input as object.union(base, ended("service", 6, 6))
	found["recent-failures-service-search"] == 10 with input as object.union(base, ended("service", 8, 4))
	found["recent-failures-service-search"] == 4 with input as object.union(base, ended("service", 1, 1))
	found["recent-failures-team-search"] == 7 with input as object.union(base, ended("team", 9, 3))
	some s in change.signals with input as object.union(base, ended("team", 9, 3))
	s.msg == "3 of 9 changes of team search in the last 90 days failed or were backed out"
}

test_failures_of_an_unknown_team if {
	in_ := object.union(base, ended("service", 6, 0))
	found["recent-failures-team-unknown"] == 20 with input as in_
	some s in change.signals with input as in_
	s.msg == "whose team answers for it is unknown, and counts as one whose recent changes all failed"
	s.path == "/owner"
	not found["recent-failures-team-unknown"] with input as base
}

# They may be anybody's, so they are held against every team, once.
test_failures_of_nobody if {
	in_ := object.union(base, {"history": array.concat(base.history, ended("no-team", 8, 2).history)})
	found["recent-failures-no-team"] == 8 with input as in_
	some s in change.signals with input as in_
	s.msg == "whose team answered for 2 of the changes that failed or were backed out in the last 90 days is unknown, and counts as this one"
	found["recent-failures-no-team"] == 20 with input as object.union(base, {"history": array.concat(base.history, ended("no-team", 9, 9).history)})
	not found["recent-failures-no-team"] with input as object.union(base, {"history": array.concat(base.history, ended("no-team", 8, 0).history)})
	not found["recent-failures-no-team"] with input as object.union(base, ended("no-team", 9, 9)) # the change's own team is unknown as well
}

test_late_filing if {
	in_ := with_record({"window": {"start": "2026-11-20T10:00:00Z", "end": "2026-11-20T11:00:00Z"}})
	found["late-filing"] == 5 with input as in_
	some s in change.signals with input as in_
	s.msg == "filed 0 days before its window; usual is 1 day"
	not found["late-filing"] with input as with_record({"window": {"start": "2026-11-23T10:00:00Z", "end": "2026-11-23T11:00:00Z"}})
	not found["late-filing"] with input as emergency({"window": {"start": "2026-11-20T10:00:00Z", "end": "2026-11-20T11:00:00Z"}})
}

test_incident_open if {
	broken := {"incidents": [{"id": "INC-20261120-0A1B2C", "title": "Search is slow", "state": "open", "services": ["search"]}]}
	found["incident-open"] == 10 with input as object.union(base, broken)
	not found["incident-open"] with input as object.union(with_record({"incident": "INC-20261120-0A1B2C"}), broken)
}

# tried is the record as the mitigations of an input would make it.
tried(in_, id) := json.patch(in_.record, steps) if {
	signals := change.signals with input as in_
	steps := [object.union({"op": "add"}, step) | some s in signals; s.id == id; some step in s.try]
}

test_mitigations_do_what_they_say if {
	every row in [
		{"id": "backout-missing", "fields": {"plan": {"backout": ""}}},
		{"id": "verification-missing", "fields": {"plan": {"verify": ""}}},
		{"id": "untested", "fields": {"plan": {"test": ""}, "questionnaire": {}}},
		{"id": "backout-untested", "fields": {"questionnaire": {"backout_tested": false}}},
		{"id": "irreversible-data", "fields": {"questionnaire": {"data_change": "irreversible"}}},
		{"id": "many-services", "fields": {"services": ["search", "pages", "shop"]}},
		{"id": "late-filing", "fields": {"window": {"start": "2026-11-20T10:00:00Z", "end": "2026-11-20T11:00:00Z"}}},
		{"id": "out-of-hours", "fields": {"window": {"start": "2026-11-24T20:00:00Z", "end": "2026-11-24T21:00:00Z"}}},
		{"id": "out-of-hours", "fields": {"window": {"start": "2026-11-28T03:00:00Z", "end": "2026-11-28T04:00:00Z"}}},
		{"id": "out-of-hours", "fields": {"window": {"start": "2026-11-29T13:00:00Z", "end": "2026-11-29T14:00:00Z", "timezone": "Europe/Berlin"}}},
	] {
		in_ := with_record(row.fields)
		found[row.id] with input as in_
		after := object.union(object.remove(base, ["record"]), {"record": tried(in_, row.id)})
		not found[row.id] with input as after
	}
}

test_no_window_cannot_move if {
	some s in change.signals with input as without("window")
	s.id == "out-of-hours"
	s.try == []
}

test_tier_0_without_tested_backout if {
	tier_0 := object.union(base, {"services": [{"id": "search", "title": "Search", "owner": "team:discovery", "tier": 0, "data_classification": "public"}]})
	change.risk == {"score": 40, "band": "medium"} with input as tier_0
	change.risk == {"score": 65, "band": "high"} with input as object.union(tier_0, {"record": {"plan": {"test": ""}}})
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

test_concurrent if {
	one := beside(base, [other])
	found.concurrent == 5 with input as one
	some s in change.signals with input as one
	s.id == "concurrent"
	s.msg == "CHG-20261119-AAAAAA at the same time: both change search"

	# one change that is near in two ways is one change, and a person who is
	# booked twice breaks nothing
	found.concurrent == 5 with input as beside(base, [other, object.union(other, {"kind": "dependency"}), object.union(other, {"id": "CHG-20261119-BBBBBB", "kind": "implementer"})])
	found.concurrent == 15 with input as beside(base, [object.union(other, {"id": sprintf("CHG-20261119-%d", [i])}) | some i in numbers.range(100000, 100006)])
	not found.concurrent with input as beside(base, [freeze])
	not found.concurrent with input as beside(emergency({}), [other])
}

test_unknown_window_is_the_worst if {
	found.concurrent == 15 with input as without("window")
	found["late-filing"] == 5 with input as without("window")
	found["out-of-hours"] == 10 with input as without("window")
}

test_large if {
	nine := with_record({"assets": [sprintf("db-%d", [i]) | some i in numbers.range(1, 9)]})
	not found.large with input as nine
	found.large == 10 with input as object.union(nine, {"files": [{"path": "main.tf", "status": "modified"}]})
}
