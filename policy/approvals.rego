package gitsm.change

import data.gitsm.lib

# Approvals are asked for when a normal change is put into force. Standard
# changes were approved with their model; an emergency is approved afterwards.
approvable if {
	authorising
	input.record.type == "normal"
	input.transition.to == "scheduled"
}

# METADATA
# title: owners approve
# description: Whoever answers for a service decides whether it is changed. One approval per owner, however many services are theirs.
# custom:
#   id: CHG201
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, NIST-CM-3]
approvals contains {
	"id": lib.approval_id(owner),
	"from": [owner],
	"count": 1,
	"msg": sprintf("%s owns %s", [owner, concat(", ", sort([s.id | some s in input.services; s.owner == owner]))]),
} if {
	approvable
	some owner in {service.owner | some service in input.services}
}

# METADATA
# title: the change managers approve what is risky
# description: From high risk on somebody who sees all changes decides as well; and where main does not say who owns a service, as there is nobody else to ask.
# custom:
#   id: CHG202
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, NIST-CM-3]
approvals contains {
	"id": "change-manager",
	"from": [data.config.change_manager_team],
	"count": 1,
	"msg": concat("; ", sort(managed)),
} if {
	approvable
	count(managed) > 0
}

managed contains sprintf("the risk is %s (%d points)", [risk.band, risk.score]) if risk.band in {"high", "critical"}

managed contains sprintf("nobody is known to own %s", [service.id]) if {
	some service in input.services
	not service.owner
}

# METADATA
# title: emergencies are approved afterwards
# description: Who authorised an emergency on the spot confirms it in person before the clock runs out. It holds nothing up; an approval that comes late or never fails the audit.
# custom:
#   id: CHG203
#   controls: [SOC2-CC8.1, ISO27001-A.8.32, PCI-6.5.1]
approvals contains {
	"id": "retro-approval",
	"from": [sprintf("person:%s", [input.record.authoriser])],
	"count": 1,
	"retro": true,
	"msg": sprintf("%s authorised this emergency, and approves it within %d hours of its start", [input.record.authoriser, data.config.clocks.retro_approval_hours]),
} if {
	emergency
	input.record.authoriser
}
