# METADATA
# title: assets
# description: Who answers for an asset decides what the catalogue says of it. Nobody is asked while the store bootstraps.
package gitsm.asset

import data.gitsm.lib

# asked is what an approval of the asset covers: its state too, but for the
# fields that the policy's data leaves out.
asked if not input.before

asked if object.remove(input.record, immaterial) != object.remove(input.before, immaterial)

immaterial := object.get(data.config, ["immaterial", "asset"], [])

# owner is who answers for the asset as main has it; for a new one, who is to.
owner := input.before.owner if input.before

owner := input.record.owner if not input.before

# decides is who is asked: the change managers where main names nobody.
decides := lib.answering(owner)

decides := data.config.change_manager_team if not owner

whose := sprintf("%s owns %s", [owner, input.record.id])

whose := sprintf("nobody is known to own %s", [input.record.id]) if not owner

# METADATA
# title: the owner approves what becomes of an asset
# description: What a change can take down is read off an asset's dependencies and state. Where nobody active is left of the owner, the change managers decide.
# custom:
#   id: AST201
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, NIST-CM-3]
approvals contains {
	"id": lib.approval_id(decides),
	"from": [decides],
	"count": 1,
	"msg": whose,
} if {
	asked
}

# METADATA
# title: a new owner takes an asset over
# description: Whoever is to answer for an asset says so, besides the owner who hands it over.
# custom:
#   id: AST202
#   controls: [SOC2-CC8.1, ISO27001-A.5.9]
approvals contains {
	"id": lib.approval_id(input.record.owner),
	"from": [input.record.owner],
	"count": 1,
	"msg": sprintf("%s is to own %s", [input.record.owner, input.record.id]),
} if {
	asked
	not input.record.owner == owner
	input.record.owner != decides
}
