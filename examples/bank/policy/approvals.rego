package gitsm.change

# METADATA
# title: owners approve
# description: One approval per owner of a service that the change names, by somebody who had no hand in it.
# custom:
#   id: BNK201
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, SOX-SOD]
approvals contains {
	"id": sprintf("owner-%s", [replace(owner, ":", "-")]),
	"from": [owner],
	"count": 1,
	"msg": sprintf("%s owns %s", [owner, concat(", ", sort([s.id | some s in input.services; s.owner == owner]))]),
} if {
	authorising
	some owner in {s.owner | some s in input.services}
}

# METADATA
# title: two pairs of eyes on what is critical
# description: Where tier 0 or 1 is at stake, by name or because it would go down, a change manager approves as well. One person counts once.
# custom:
#   id: BNK202
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, DORA-RTS-17]
approvals contains {
	"id": "change-manager",
	"from": [data.config.change_manager_team],
	"count": 1,
	"msg": sprintf("at stake: %s", [concat(", ", critical)]),
} if {
	authorising
	critical := sort([sprintf("%s (tier %d)", [t.id, t.tier]) | some t in tiers; t.tier in data.config.two_approvals])
	count(critical) > 0
}
