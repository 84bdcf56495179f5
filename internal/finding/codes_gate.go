package finding

// gateCodes are the gate findings, GAT001 and up.
var gateCodes = []Code{
	{
		ID: "GAT001", Title: "bootstrap turned on again", Severity: Error,
		Explain: "while a store bootstraps, policy, people and config land without approval; turning that on again would be a way around every approval.",
		Example: "bootstrap: true   # in a store where main says false",
		Fix:     "leave bootstrap false, and have the owners named in gitsm.yaml approve",
	},
	{
		ID: "GAT002", Title: "simulation turned on", Severity: Error,
		Explain: "simulation lets commands take --now, so times could be made up; it belongs in stores that begin with it.",
		Example: "simulation: true   # in a store where main says false",
		Fix:     "make a new store with `gitsm demo` to try things out",
	},
	{
		ID: "GAT003", Title: "gitsm.yaml deleted", Severity: Error,
		Explain: "gitsm.yaml says what judges a store; a proposal that removes it would end all judgement.",
		Example: "git rm gitsm.yaml",
		Fix:     "restore the file",
	},
	{
		ID: "GAT004", Title: "too few people to end bootstrap", Severity: Error,
		Explain: "after bootstrap every change of policy or people needs somebody else's approval, which one person alone can never get.",
		Example: "bootstrap: false   # with one person in people/",
		Fix:     "add a second person with an e-mail address or a signing key: gitsm person new",
	},
	{
		ID: "GAT005", Title: "nobody owns what bootstrap leaves", Severity: Error,
		Explain: "after bootstrap, changes of policy, people and config need the owners named in gitsm.yaml; with none named nobody could ever change them.",
		Example: "bootstrap: false   # without owners.policy",
		Fix:     "name them: owners: {policy: [team:platform], people: [team:platform], config: [team:platform]}",
	},
}
