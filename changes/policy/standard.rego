package gitsm.change

import data.gitsm.lib

# METADATA
# title: a standard change follows a model in force
# description: A standard change needs no approval because its model was approved once. Without a model, or from one that is retired, expired or suspended after a failure, nobody approved anything.
# custom:
#   id: CHG005
#   severity: error
#   waivable: false
#   controls: [SOC2-CC8.1, ISO27001-A.8.32]
#   fix: make it a normal change, or name a model that is in force
deny contains {"msg": sprintf("standard change without a model in force: %s", [why]), "path": "/type", "fix": edit("type")} if {
	authorising
	standard
	some why in unmodelled
}

standard if input.record.type == "standard"

unmodelled contains "it names none" if not input.record.model

unmodelled contains sprintf("there is no model %s", [input.record.model]) if not input.model

unmodelled contains sprintf("%s: %s", [input.model.id, concat("; ", input.model.why_not)]) if not input.model.in_force == true

# METADATA
# title: a standard change does as its model says
# description: What was approved is the model. A change with other steps, other fields or another reach is one that nobody looked at.
# custom:
#   id: CHG015
#   severity: error
#   waivable: false
#   controls: [SOC2-CC8.1, ISO27001-A.8.32]
#   fix: restore what the model says, or make it a normal change
deny contains {"msg": sprintf("not as model %s has it: %s", [input.model.id, d.msg]), "path": d.path, "fix": back(d)} if {
	authorising
	standard
	some d in input.model.differs
}

# back is how a difference is undone.
back(d) := sprintf("gitsm change edit %s --set '%s=%s'", [lib.handle(input.record.id), d.field, d.want]) if {
	d.want != ""
	not contains(d.want, "'")
	not contains(d.want, "\n")
} else := sprintf("make it a normal change, or write %s as gitsm model view %s shows it", [d.field, input.model.id]) if {
	d.locked
} else := "make it a normal change, or keep to what the model leaves open"

# METADATA
# title: nothing starts from a model that was withdrawn
# description: A model that failed, or was retired, after a change was scheduled says that its steps are not safe. The change waits until the model is approved again.
# custom:
#   id: CHG016
#   severity: error
#   waivable: false
#   controls: [SOC2-CC8.1, ISO27001-A.8.32]
#   fix: have the model approved again, or cancel the change and file a normal one
deny contains {"msg": sprintf("model %s no longer stands: %s", [input.model.id, concat("; ", input.model.why_not)]), "path": "/model"} if {
	input.transition.to == "implementing"
	input.transition.from == "scheduled"
	standard
	withdrawn
}

withdrawn if input.model.state != "active"

withdrawn if count(input.model.suspended) > 0

# METADATA
# title: a model may ask for approvals of its own
# description: A standard change needs nobody's approval, unless its model says that each use of it does.
# custom:
#   id: CHG210
#   controls: [SOC2-CC8.1, ISO27001-A.8.32]
approvals contains {
	"id": sprintf("model-%d", [i + 1]),
	"from": asked.from,
	"count": asked.count,
	"msg": sprintf("model %s asks for it at each use", [input.model.id]),
} if {
	authorising
	standard
	some i, asked in input.model.approvals
}
