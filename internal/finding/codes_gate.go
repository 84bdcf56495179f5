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
		Fix:     "restore the file; a store that was moved to another directory is moved back, as a proposal cannot take away what judges it",
	},
	{
		ID: "GAT004", Title: "too few people to end bootstrap", Severity: Error,
		Explain: "after bootstrap every change of policy or people needs somebody else's approval, which one person alone can never get.",
		Example: "bootstrap: false   # with one person in people/",
		Fix:     "add a second person with an e-mail address or a signing key: gitsm person new",
	},
	{
		ID: "GAT005", Title: "nobody owns what bootstrap leaves", Severity: Error,
		Explain: "after bootstrap, changes of policy, people and config need the owners named in gitsm.yaml, and nobody approves what they propose; where nobody is left who can approve, they could never be changed.",
		Example: "bootstrap: false   # without owners.policy",
		Fix:     "name teams in which two can approve: gitsm team edit platform --set 'members=[alice, bob]', and owners: {policy: [team:platform], people: [team:platform], config: [team:platform]}",
	},
	{
		ID: "GAT006", Title: "proposal is about something else", Severity: Error,
		Explain: "a proposal's branch names the record it is about; approvals, evidence and audit go by that name. One that leaves its record alone, or changes a change or an incident under the name of the store, would land unseen.",
		Example: "gitsm/CHG-20261120-7K3F2M/edit-a1b2, which edits CHG-20261119-0A1B2C",
		Fix:     "propose each record under its own id: gitsm change edit ID",
	},
	{
		ID: "GAT007", Title: "nothing in the proposal is judged", Severity: Error,
		Explain: "the proposal changes no record, no policy, no people and no configuration, so no rule and no owner was asked. Where nobody was asked nobody said yes. On GitHub, where nothing lands past the gate, it lets by what lies outside the store, and asks the owners of config about the store's other files.",
		Example: "gitsm/store/edit-a1b2, which changes README.md alone",
		Fix:     "land such files the way the rest of the repository is landed",
	},
	{
		ID: "GAT008", Title: "catalogue on main cannot be read", Severity: Error,
		Explain: "a service or asset on the main branch cannot be read, so what depends on it and who answers for it are not known. What is not known is no pass.",
		Example: "services/checkout.yaml with a tab in it, pushed past the gate",
		Fix:     "mend the file first, by a proposal of its own",
	},
	{
		ID: "GAT009", Title: "main branch renamed", Severity: Error,
		Explain: "main_branch says which branch is in force, and every clone finds the store by it. Changed by a proposal, the branch it lands on would no longer be main and no branch would be.",
		Example: "main_branch: trunk   # where main says main",
		Fix:     "leave main_branch as it is",
	},
	{
		ID: "GAT010", Title: "no rule left for changes", Severity: Error,
		Explain: "without a rule in package gitsm.change nothing can be judged, not even the proposal that brings the rules back: zero policies are no pass.",
		Example: "git rm policy/change.rego",
		Fix:     "keep a module of package gitsm.change",
	},
	{
		ID: "GAT011", Title: "policy mended without a rule", Severity: Warning,
		Explain: "the policy on the main branch can judge nothing, so a proposal that changes policy/ and nothing else may mend it: with the approval of owners.policy, and without a rule that is asked. Every audit says so of it.",
		Example: "policy/change.rego with a syntax error, pushed past the gate, and a proposal that takes it out",
		Fix:     "have somebody whom owners.policy names look at what judges from now on",
	},
}
