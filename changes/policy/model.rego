# METADATA
# title: models
# description: What a model must be, besides well-formed, to authorise changes in advance.
package gitsm.model

import data.gitsm.lib

edit(field) := sprintf("gitsm model edit %s --set %s=…", [input.record.id, field])

# METADATA
# title: a model is approved now, not later
# description: A model approved in the future would never be suspended by what goes wrong until then.
# custom:
#   id: MOD001
#   severity: error
#   waivable: false
#   controls: [SOC2-CC8.1, ISO27001-A.8.32]
#   fix: write the moment at which the model is judged
deny contains {"msg": "approved_at lies in the future", "path": "/approved_at", "fix": edit("approved_at")} if {
	lib.ns(input.record.approved_at) > lib.ns(input.now)
}

# METADATA
# title: a model is approved once more, not once less
# description: An earlier approved_at would bring back or hide what suspends the model.
# custom:
#   id: MOD002
#   severity: error
#   waivable: false
#   controls: [SOC2-CC8.1]
#   fix: write back the later moment
deny contains {"msg": sprintf("approved_at was %s and becomes earlier", [input.before.approved_at]), "path": "/approved_at", "fix": edit("approved_at")} if {
	lib.ns(input.record.approved_at) < lib.ns(input.before.approved_at)
}

# METADATA
# title: a model in use has not expired
# description: Nothing can be made from an expired model. It is judged anew, or retired, so that people stop reaching for it.
# custom:
#   id: MOD010
#   severity: warning
#   controls: [ISO27001-A.8.32]
#   fix: judge it anew and write a later expires, or gitsm model retire
warn contains {"msg": sprintf("expired at %s", [input.record.expires]), "path": "/expires", "fix": edit("expires")} if {
	input.record.state == "active"
	lib.ns(input.now) >= lib.ns(input.record.expires)
}
