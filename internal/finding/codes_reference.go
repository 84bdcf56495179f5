package finding

// referenceCodes are the reference findings, REF001 and up.
var referenceCodes = []Code{
	{
		ID: "REF001", Title: "unknown reference", Severity: Error,
		Explain: "no record has this id. Risk, approvals and impact are worked out through references, so one that leads nowhere would make a change look safer than it is. A waiver may name a change that is only proposed yet, which is a warning.",
		Example: "services: [chekout]   # services/checkout.yaml\n",
		Fix:     "correct the id, or file the record it names first",
	},
	{
		ID: "REF002", Title: "reference to another kind", Severity: Error,
		Explain: "the id belongs to a record of a kind that cannot stand here, or to records of two kinds of which either could be meant.",
		Example: "services: [db-1]   # assets/db-1.yaml\n",
		Fix:     "name a record of the right kind; write service:x or asset:x where both have the id",
	},
	{
		ID: "REF003", Title: "reference to what is no longer in force", Severity: Error, Waivable: true,
		Explain: "the person or team is no longer active, or the service, asset or model is retired, so nobody would be asked or the wrong thing changed. Records that are over keep their references; of a record under way, whose fields can no longer change, it is a warning.",
		Example: "owner: person:bob   # people/bob.yaml has active: false\n",
		Fix:     "name who or what took over",
	},
	{
		ID: "REF004", Title: "dependencies run in a circle", Severity: Error,
		Explain: "each of these depends on the next and the last on the first again, so that none could ever be started, and a failure of one would be shown as a failure of all.",
		Example: "# services/a.yaml\ndepends_on: [b]\n# services/b.yaml\ndepends_on: [a]\n",
		Fix:     "remove the dependency that is none, or split what both sides need into a service of its own",
	},
	{
		ID: "REF005", Title: "two people with one identity", Severity: Error,
		Explain: "an address, signing key or GitHub account says who acted. Where two people claim the same one it says nothing, and one human could approve twice.",
		Example: "# people/alice.yaml and people/alice-doe.yaml\nemails: [alice@example.org]\n",
		Fix:     "leave it with the one person it belongs to; of two records of one person set one to active: false and take its addresses, keys and account out",
	},
	{
		ID: "REF006", Title: "id taken twice", Severity: Error,
		Explain: "an id, or an alias, names one record. Services and assets share one set of names, directories below assets/ make no difference, and file systems that ignore letter case would keep one file of two.",
		Example: "# assets/berlin/db-1.yaml and assets/hamburg/db-1.yaml\nid: db-1\n",
		Fix:     "give one of them another id, and correct the references that mean it",
	},
	{
		ID: "REF007", Title: "reference by an alias", Severity: Error,
		Explain: "an alias is a name for people, on the command line. Records refer by id: risk, conflicts, history and audit join on it, and would take two names for two things.",
		Example: "services: [shop]   # services/checkout.yaml has aliases: [shop]\n",
		Fix:     "write the id",
	},
	{
		ID: "REF008", Title: "asset that nothing uses", Severity: Warning, Waivable: true,
		Explain: "no service and no other asset depends on it, so a change of it would be shown to put nothing at risk. Said in stores whose services depend on assets at all.",
		Example: "# assets/db-2.yaml, which no depends_on names\nid: db-2\n",
		Fix:     "add it to depends_on of what needs it, or say state: retired",
	},
	{
		ID: "REF009", Title: "team without members", Severity: Warning,
		Explain: "what the team owns waits for its approval, and there is nobody who could give it.",
		Example: "# teams/payments.yaml\nmembers: []\n",
		Fix:     "add somebody, or set active: false and name another team where this one is named",
	},
}
