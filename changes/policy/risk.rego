package gitsm.change

import data.gitsm.lib

# Every signal is of one of two sorts: impact_signals say how bad it would be if
# the change went wrong, all others how likely that is.
points := data.config.risk.points

answers := object.get(input.record, "questionnaire", {})

# METADATA
# title: hard rule
# description: Some things make a change risky however few points it has. A hard rule adds none; it raises the band.
# custom:
#   id: CHG121
#   controls: [NIST-CM-4, ISO27001-A.8.32]
signals contains {
	"id": sprintf("hard-rule-%s", [replace(name, "_", "-")]),
	"points": 0,
	"msg": sprintf("%s: at least %s", [why, least(name)]),
	"mitigation": "remove the reason named",
} if {
	some name, why in hard_rules
}

# least is the band that a hard rule demands, the highest where data does not say.
least(name) := data.config.risk.at_least[name] if data.config.risk.at_least[name] in bands

else := "critical"

hard_rules["tier_0_without_tested_backout"] := "touches tier 0 without a tested back-out" if {
	some service in input.services
	critical(service)
	not backout_tested
}

critical(service) if service.tier == 0

critical(service) if not tiered(service)

hard_rules["unknown_service"] := "touches an unknown service" if count(unknown) > 0

hard_rules["irreversible_data"] := "changes data beyond recall" if answers.data_change == "irreversible"

hard_rules["emergency"] := "is an emergency" if emergency

backout_tested if {
	lib.filled(plan, "backout")
	not untested
}

likelihood := sum([s.points | some s in signals; not s.id in impact_signals])

impact := sum([s.points | some s in signals; s.id in impact_signals])

level(sum_, limits) := "high" if sum_ >= limits.high

level(sum_, limits) := "medium" if {
	sum_ < limits.high
	sum_ >= limits.medium
}

level(sum_, limits) := "low" if {
	sum_ < limits.high
	sum_ < limits.medium
}

bands := ["low", "medium", "high", "critical"]

# METADATA
# title: risk
# description: The score is the sum of all signals. The band is read off the matrix of likelihood and impact, or is what a hard rule demands if that is higher.
# custom:
#   id: CHG100
#   controls: [NIST-CM-4, ISO27001-A.8.32]
risk := {"score": likelihood + impact, "band": bands[max(ranks)]} if {
	config := data.config.risk
	read := config.matrix[level(likelihood, config.likelihood)][level(impact, config.impact)]
	demanded := {least(name) | some name, _ in hard_rules}
	ranks := {i | some i, band in bands; band in (demanded | {read})}
}
