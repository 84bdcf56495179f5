# METADATA
# title: services
# description: Who answers for a service decides what the catalogue says of it. Nobody is asked while the store bootstraps.
package gitsm.service

import data.gitsm.lib

# asked is what an approval of the service covers: its state too, but for the
# fields that the policy's data leaves out.
asked if not input.before

asked if object.remove(input.record, immaterial) != object.remove(input.before, immaterial)

immaterial := object.get(data.config, ["immaterial", "service"], [])

# owner is who answers for the service as main has it; for a new one, who is to.
owner := input.before.owner if input.before

owner := input.record.owner if not input.before

# decides is who is asked: the change managers where main names nobody.
decides := lib.answering(owner)

decides := data.config.change_manager_team if not owner

whose := sprintf("%s owns %s", [owner, input.record.id])

whose := sprintf("nobody is known to own %s", [input.record.id]) if not owner

# METADATA
# title: the owner approves what becomes of a service
# description: The risk of changes, and who approves them, are read off the service's tier, dependencies and owner. Where nobody active is left of the owner, the change managers decide.
# custom:
#   id: SVC201
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
# title: a new owner takes a service over
# description: Whoever is to answer for a service says so, besides the owner who hands it over.
# custom:
#   id: SVC202
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
