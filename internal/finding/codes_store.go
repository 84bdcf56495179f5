package finding

// storeCodes are the store-layout findings, STO001 and up.
var storeCodes = []Code{
	{
		ID: "STO001", Title: "gitsm.yaml cannot be used", Severity: Error,
		Explain: "gitsm.yaml decides who may change what, so a key that is not understood might be a misspelt safeguard. Nothing is judged until the file is right.",
		Example: "apiVersion: gitsm/v1\nkind: config\nbootstarp: false\n",
		Fix:     "correct the key; `gitsm schema config` lists what may stand there",
	},
	{
		ID: "STO002", Title: "file name is no id", Severity: Error,
		Explain: "a record's file name is its id, and its kind says what an id looks like; a name of another form could not be referred to.",
		Example: "services/Check Out.yaml",
		Fix:     "rename the file: slugs for catalogue kinds, PREFIX-YYYYMMDD-XXXXXX for dated ones",
	},
	{
		ID: "STO003", Title: "record in the wrong place", Severity: Error,
		Explain: "each kind keeps its records at one path; a file elsewhere would be overlooked by every command.",
		Example: "changes/CHG-20261120-7K3F2M.yaml",
		Fix:     "move it to the path of its kind",
	},
	{
		ID: "STO004", Title: "directory named like a record", Severity: Error,
		Explain: "a directory stands where a record of that id would be, so the record could never be written.",
		Example: "services/checkout.yaml/",
		Fix:     "rename or remove the directory",
	},
	{
		ID: "STO005", Title: "not an ordinary file", Severity: Error,
		Explain: "a symbolic link, submodule or device could show other content than what was approved, so records are ordinary files only. Nor may a proposal make one executable: what is approved is what a record says, and that would be in nobody's words.",
		Example: "services/checkout.yaml -> ../../elsewhere.yaml",
		Fix:     "replace it by the file itself",
	},
	{
		ID: "STO006", Title: "paths that differ in letter case alone", Severity: Error,
		Explain: "file systems that ignore letter case hold one of the two, and others both: the same commit would be another store on another machine, and a record could be read in one clone and overlooked in the next.",
		Example: "assets/FRA/db-1.yaml\nassets/fra/db-2.yaml",
		Fix:     "spell the directory one way",
	},
	{
		ID: "STO007", Title: "name that not every file system holds", Severity: Error,
		Explain: "a name that Windows keeps for a device, or one with a character that it does not take, cannot be checked out there: the clone would lack the record.",
		Example: "assets/aux/db-1.yaml",
		Fix:     "rename the file or the directory",
	},
	{
		ID: "STO008", Title: "schema cannot be used", Severity: Error,
		Explain: "the schema of a kind that gitsm.yaml declares is no JSON, no JSON Schema, refers to what is not in the store, or is missing. Nothing could be said of a record of that kind, so nothing is judged until the schema is right.",
		Example: "{\"type\": \"objekt\"}",
		Fix:     "correct the file; a reference is a relative path of a file below the store",
	},
}
