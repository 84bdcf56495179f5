package finding

// waiverCodes are the findings about waivers, WAV001 and up. What else may be
// waived says so in its row.
var waiverCodes = []Code{
	{
		ID: "WAV001", Title: "waiver that expired", Severity: Warning,
		Explain: "from the moment a waiver expires its rule holds again, and what it covered fails. The file that stays behind reads as if somebody still put up with it.",
		Example: "expires: 2026-10-31T00:00:00Z   # which is over\n",
		Fix:     "revoke the waiver, or have it extended",
	},
	{
		ID: "WAV002", Title: "waiver of one's own", Severity: Error,
		Explain: "who answers for a waiver decides whether the rule may be broken. For work that they asked for, propose or carry out themselves they would decide in their own favour, so there the waiver covers nothing.",
		Example: "requester: bob   # and the waiver says approver: bob\n",
		Fix:     "have somebody else answer for a waiver of this record, or keep to the rule",
	},
	{
		ID: "WAV003", Title: "waiver of no rule", Severity: Error,
		Explain: "a waiver covers the findings of one rule, by its id. One that names no rule of the policy in force and no finding of gitsm covers nothing, although somebody relies on it.",
		Example: "rule: CHG999\n",
		Fix:     "write the id that the finding shows; gitsm explain lists all",
	},
	{
		ID: "WAV004", Title: "waiver of what holds for everybody", Severity: Error,
		Explain: "approvals, segregation of duties, the lifecycle, the gate and the form of records are what every other decision rests on and an audit is proved by. Whoever could waive them could waive the waiver.",
		Example: "rule: LIF002\n",
		Fix:     "revoke the waiver; what has to be let through is agreed on in the policy itself, or accepted by an exception after the audit",
	},
}
