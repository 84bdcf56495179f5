package finding

// schemaCodes are the schema findings, SCH001 and up.
var schemaCodes = []Code{
	{
		ID: "SCH001", Title: "unknown key", Severity: Error,
		Explain: "the schema of this kind has no such key. It is most often a misspelling, and what was meant would then count as missing: a misspelt back-out plan is no back-out plan.",
		Example: "plan:\n  bakout: Restore the snapshot\n",
		Fix:     "rename the key or take it out; `gitsm schema <kind>` lists what may stand there",
	},
	{
		ID: "SCH002", Title: "missing key", Severity: Error,
		Explain: "every record of this kind has this key, because other commands rely on it: without an owner nobody could be asked, without a title no list could name it.",
		Example: "apiVersion: gitsm/v1\nkind: team\nid: payments\nmembers: [alice]\n",
		Fix:     "add the key",
	},
	{
		ID: "SCH003", Title: "wrong type", Severity: Error,
		Explain: "the value is of another type than the key takes: text where a list belongs, a number where text belongs, or nothing at all. Policy compares by type, so it would silently never match.",
		Example: "services: checkout\n",
		Fix:     "write the type that is asked for; quotes make text of a number",
	},
	{
		ID: "SCH004", Title: "value not allowed", Severity: Error,
		Explain: "the key takes one of a few values, a number within bounds, or a list without repetition, and this is none of them. Policy and reports know the allowed ones only.",
		Example: "type: nromal\n",
		Fix:     "write one of the allowed values",
	},
	{
		ID: "SCH005", Title: "value not of the right form", Severity: Error,
		Explain: "the value has the right type but not the right form: a moment without its offset could mean several moments, an address without @ reaches nobody.",
		Example: "window:\n  start: 2026-11-24 20:00\n",
		Fix:     "write it in the form the message describes",
	},
	{
		ID: "SCH006", Title: "envelope does not match the file", Severity: Error,
		Explain: "apiVersion, kind and id say which record this is and how to read it. They have to agree with the directory and the name of the file, by which the record is found.",
		Example: "# services/checkout.yaml\napiVersion: gitsm/v1\nkind: service\nid: chekout\n",
		Fix:     "make the envelope and the file's place agree",
	},
	{
		ID: "SCH007", Title: "too long, too short, too many or too few", Severity: Error,
		Explain: "text and lists have bounds, so that lists stay readable and a record cannot be made to stall whoever reads it; and an empty title or an empty list of services says nothing.",
		Example: "services: []\n",
		Fix:     "fill it in, or cut it down and link to the rest",
	},
	{
		ID: "SCH008", Title: "fields that do not go together", Severity: Error,
		Explain: "each of these fields is well formed, and together they mean nothing or contradict each other: a window without an end, a scope that names nothing, a locked field without a value. What means nothing would be read as permission or as prohibition, and either may be wrong.",
		Example: "type: freeze\nstart: 2026-12-18T18:00:00Z\nscope: {}\n",
		Fix:     "say what is meant, as the message describes",
	},
}
