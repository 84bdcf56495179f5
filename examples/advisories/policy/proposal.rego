# METADATA
# title: proposals
# description: Who decides what is proposed.
package gitsm.proposal

# METADATA
# title: a proposal gives way to another one
# description: What is declined for another proposal says for which.
# custom:
#   id: PRO001
#   fix: name the other one, or leave superseded_by out
deny contains {"msg": "a proposal cannot take its own place", "path": "/superseded_by"} if {
	input.record.superseded_by == input.record.number
}

# METADATA
# title: proposals are decided by somebody else
# description: No author accepts or declines their own.
# custom:
#   id: PRO201
approvals contains {"id": "decision", "from": data.config.reviewers, "count": 1, "msg": "a proposal is decided by one of the reviewers"} if {
	input.transition.to in {"accepted", "declined"}
	input.transition.to != input.transition.from
}
