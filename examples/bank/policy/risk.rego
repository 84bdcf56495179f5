package gitsm.change

points := data.config.risk

# METADATA
# title: criticality
# description: The tier of the most critical service at stake.
# custom:
#   id: BNK101
signals contains {
	"id": "tier",
	"points": points.tier[sprintf("%d", [tier])],
	"msg": sprintf("tier %d: %s", [tier, concat(", ", sort([t.id | some t in tiers; t.tier == tier]))]),
	"mitigation": "touch one of several replicas at a time",
	"path": "/services",
} if {
	tier := min([t.tier | some t in tiers])
}

# METADATA
# title: first time
# description: What was never done here is done by people who never did it.
# custom:
#   id: BNK102
signals contains {
	"id": "first-time",
	"points": points.first_time,
	"msg": "this was not done before",
	"mitigation": "rehearse it, and answer questionnaire.done_before",
	"path": "/questionnaire/done_before",
} if {
	not answer("done_before") in {"once", "often"}
}

# METADATA
# title: not fully tested
# description: An answer that is missing counts as no.
# custom:
#   id: BNK103
signals contains {
	"id": "not-fully-tested",
	"points": points.not_fully_tested,
	"msg": "this was not fully tested",
	"mitigation": "test it, and answer questionnaire.tested",
	"path": "/questionnaire/tested",
} if {
	answer("tested") != "fully"
}

# METADATA
# title: untested back-out
# description: A way back that nobody has walked may be none.
# custom:
#   id: BNK104
signals contains {
	"id": "backout-untested",
	"points": points.backout_untested,
	"msg": "the back-out was not tested",
	"mitigation": "test it, and answer questionnaire.backout_tested",
	"path": "/questionnaire/backout_tested",
} if {
	answer("backout_tested") != true
}

# METADATA
# title: irreversible change of data
# description: Backing out restores the software, not the data. No answer counts as irreversible.
# custom:
#   id: BNK105
signals contains {
	"id": "irreversible-data",
	"points": points.irreversible,
	"msg": "stored data may be changed beyond recall",
	"mitigation": "keep the old data, and answer questionnaire.data_change",
	"path": "/questionnaire/data_change",
} if {
	not answer("data_change") in {"none", "reversible"}
}

# METADATA
# title: risk
# description: The sum of all signals.
# custom:
#   id: BNK100
risk := {"score": score, "band": band} if {
	score := sum([s.points | some s in signals])
	reached := [name | some name in ["medium", "high", "critical"]; score >= points.bands[name]]
	band := array.concat(["low"], reached)[count(reached)]
}
