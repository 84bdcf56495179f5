package finding

// policyCodes are the policy findings, POL001 and up.
var policyCodes = []Code{
	{
		ID: "POL001", Title: "policy is not Rego", Severity: Error,
		Explain: "A module of the policy could not be parsed as Rego v1. Nothing can be judged by a policy that is not understood whole.",
		Example: "package gitsm.change\n\ndeny[msg] { msg := \"no\" }",
		Fix:     "correct the syntax at the place named; Rego v1 writes deny contains msg if { … }",
	},
	{
		ID: "POL002", Title: "policy does not compile", Severity: Error,
		Explain: "OPA's compiler, in strict mode, refuses the module: an unsafe or unused variable, a type mismatch, recursion, a function that does not exist.",
		Example: "deny contains \"no\" if input.record.title == 3",
		Fix:     "correct the expression at the place named",
	},
	{
		ID: "POL003", Title: "no such field", Severity: Error,
		Explain: "The policy or a test's fixture names a field that the schema of the record or of the input does not have. Such a rule never holds and such a test proves nothing, silently.",
		Example: "deny contains \"no\" if input.record.plan.bakout == \"\"",
		Fix:     "spell the field as gitsm schema shows it",
	},
	{
		ID: "POL004", Title: "no such value", Severity: Error,
		Explain: "The policy compares a field with a literal that the field's schema does not allow, so that the comparison always has the same result.",
		Example: "deny contains \"no\" if input.record.type == \"emergncy\"",
		Fix:     "use one of the values that gitsm schema shows",
	},
	{
		ID: "POL005", Title: "function not available to policy", Severity: Error,
		Explain: "Policy decides from its input and data alone, so that anybody can recompute a decision. Functions that reach network, clock, chance or environment, or that can grow without bounds, are not available, and none can be replaced outside of tests.",
		Example: "deny contains \"no\" if http.send({\"method\": \"get\", \"url\": \"http://localhost\"}).status_code != 200",
		Fix:     "use input.now for the time, and data.config or data.catalog for facts",
	},
	{
		ID: "POL006", Title: "rule is not described", Severity: Error,
		Explain: "Every deny, warn, signals, risk and approvals rule carries a METADATA comment with a title and a custom.id of its own. Findings, waivers and the catalogue of rules refer to that id.",
		Example: "deny contains \"no\" if true",
		Fix:     "put a METADATA comment with title and custom.id (such as CHG012) directly above the rule",
	},
	{
		ID: "POL007", Title: "rule is never asked for", Severity: Error,
		Explain: "gitsm asks the package gitsm.<kind> for deny, warn, signals, risk and approvals. A rule or package whose name is nearly one of these, or such a rule in another package, would be passed over in silence.",
		Example: "denny contains \"no\" if true",
		Fix:     "correct the name, or choose one that is less alike",
	},
	{
		ID: "POL008", Title: "rule of the wrong form", Severity: Error,
		Explain: "deny, warn, signals and approvals are sets, risk is one object. In another form their result could not be read.",
		Example: "deny if input.record.title == \"\"",
		Fix:     "write deny contains \"…\" if { … }, or risk := {\"score\": …, \"band\": …} if { … }",
	},
	{
		ID: "POL009", Title: "types replaced", Severity: Error,
		Explain: "The types of input.record and input.before come from gitsm's schemas. A schemas annotation would replace them, and misspelt fields would compile.",
		Example: "# METADATA\n# schemas:\n# - input.record: {type: object}",
		Fix:     "delete the annotation",
	},
	{
		ID: "POL011", Title: "no such data", Severity: Error,
		Explain: "The policy refers to data that is nowhere: a key that policy/data.yaml lacks, something within a value there that holds nothing, or a package or rule that does not exist. OPA takes such a reference for undefined, and the rule never holds.",
		Example: "deny contains \"no\" if data.config.treshold > 3",
		Fix:     "correct the name, or add the key to policy/data.yaml; read an optional key with object.get and a default",
	},
	{
		ID: "POL012", Title: "policy data of the wrong form", Severity: Error,
		Explain: "policy/data.yaml has one top key, config, which policy reads as data.config. Other keys could hide policies or the catalogue. What gitsm and its default policy read of it has one form each, and in another is found as it would be in a record. Tests read records from policy/fixtures/NAME/record.yaml, and no data from elsewhere in that directory.",
		Example: "threshold: 3",
		Fix:     "move everything under config; move a fixture to policy/fixtures/NAME/record.yaml",
	},
}
