package finding

// yamlCodes are the parse findings, YML001 and up.
var yamlCodes = []Code{
	{
		ID: "YML001", Title: "file too large", Severity: Error,
		Explain: "A record is at most 256 KiB. Every check and every audit reads every record whole, and a record that holds logs or pictures is one that nobody reviews.",
		Example: "log: |\n  … 300,000 characters …",
		Fix:     "Keep large content in a file beside the record, or elsewhere, and link to it.",
	},
	{
		ID: "YML002", Title: "not UTF-8 but UTF-16 or UTF-32", Severity: Error,
		Explain: "The file is written in UTF-16 or UTF-32, as some editors on Windows do. git takes it for binary, so no diff can be reviewed.",
		Example: "FF FE 69 00 64 00 3A 00   (id: in UTF-16)",
		Fix:     "Save the file as UTF-8. A byte order mark is accepted, and better left out.",
	},
	{
		ID: "YML003", Title: "bytes that are not UTF-8", Severity: Error,
		Explain: "A byte belongs to no UTF-8 character, often because the file was saved as Latin-1. Programs replace it, drop it or stop, so they would read different texts.",
		Example: "title: Caf\\xE9   (one byte E9, Latin-1)",
		Fix:     "Save the file as UTF-8 and look whether the accents are right.",
	},
	{
		ID: "YML004", Title: "no content", Severity: Error,
		Explain: "The file is empty, holds comments or document marks alone, or is Markdown without front matter. An empty record would pass every check that looks at what is there.",
		Example: "# to be filled in",
		Fix:     "Fill the record in, or remove the file.",
	},
	{
		ID: "YML005", Title: "not YAML", Severity: Error,
		Explain: "The file breaks the grammar of YAML, so nothing else in it was checked. The place is where reading stopped, or where the construct began that has no end.",
		Example: "title: Fix: the login",
		Fix:     "Mend the place. Text that holds `: ` or ` #`, or starts with a sign such as `@`, `*`, `>` or `-`, has to stand in quotes.",
	},
	{
		ID: "YML006", Title: "tab as indentation", Severity: Error,
		Explain: "YAML indents with spaces alone, since the width of a tab depends on who looks.",
		Example: "plan:\n\\ttest: run the suite   (\\t is a tab)",
		Fix:     "Replace the tab by spaces, and let the editor write spaces in YAML files.",
	},
	{
		ID: "YML007", Title: "merge conflict", Severity: Error,
		Explain: "The file holds the lines that git writes when it cannot join two versions. The record has no single content until somebody has chosen.",
		Example: "<<<<<<< HEAD\nstate: scheduled\n=======\nstate: cancelled\n>>>>>>> other",
		Fix:     "Choose one version, or join them, and remove the lines with <<<<<<<, ======= and >>>>>>>.",
	},
	{
		ID: "YML008", Title: "top level is not a mapping", Severity: Error,
		Explain: "A record is a set of named fields. A list or a text at the top level has none.",
		Example: "- id: CHG-20261120-7K3F2M",
		Fix:     "Start the file with fields, such as `id: …`, without a dash.",
	},
	{
		ID: "YML009", Title: "second document", Severity: Error,
		Explain: "A `---` line starts another document. One file is one record, and most programs read the first document alone, so the second would be content that no check sees.",
		Example: "id: a\n---\nid: b",
		Fix:     "Move the second document to a file of its own, or remove the `---` line.",
	},
	{
		ID: "YML010", Title: "directive", Severity: Error,
		Explain: "A line such as `%YAML 1.1` or `%TAG` can change the meaning of what follows, and few programs honour it.",
		Example: "%YAML 1.1\n---\nid: a",
		Fix:     "Remove the line.",
	},
	{
		ID: "YML011", Title: "control character", Severity: Error,
		Explain: "A control character, raw or behind an escape such as \"\\e\", changes what a terminal or a log shows, and most programs refuse or drop it. Tabs and line ends are allowed.",
		Example: `title: "\e[2K\e[1Aapproved"`,
		Fix:     "Remove the character or the escape.",
	},
	{
		ID: "YML012", Title: "unusual line break", Severity: Error,
		Explain: "A carriage return alone, U+0085, U+2028 and U+2029 end a line for some programs and for others do not: a comment for one is a field for the other.",
		Example: `reason: "routine\u2028state: closed"`,
		Fix:     "End lines with a line feed, or with carriage return and line feed.",
	},
	{
		ID: "YML013", Title: "invisible character", Severity: Error,
		Explain: "A character without width, or one that turns the direction of the text, raw or behind an escape, shows a reviewer another text than the one that programs read. A byte order mark is allowed as the very first character. Joined emoji (families, professions) hold such a character as well.",
		Example: `title: "safe\u202eevil"`,
		Fix:     "Remove the character. It often comes along when text is copied from a web page or a chat.",
	},
	{
		ID: "YML014", Title: "anchor", Severity: Error,
		Explain: "An anchor lets one place of a file change another, where a reviewer does not see it, and a few lines of anchors and aliases can stand for gigabytes.",
		Example: "services: &all [checkout]",
		Fix:     "Remove the anchor and write out each value that refers to it.",
	},
	{
		ID: "YML015", Title: "alias", Severity: Error,
		Explain: "An alias stands for a value elsewhere in the file, so the line a reviewer sees does not say what it means.",
		Example: "services: *all",
		Fix:     "Write the value out. Quote it if it is text that starts with an asterisk.",
	},
	{
		ID: "YML016", Title: "merge key", Severity: Error,
		Explain: "`<<` pulls in fields that do not stand where they take effect, and only some programs honour it.",
		Example: "<<: {state: scheduled}",
		Fix:     "Write the fields out. Quote `<<` if it is meant as text.",
	},
	{
		ID: "YML017", Title: "tag", Severity: Error,
		Explain: "A tag such as `!!str` or `!python/object` changes the type of a value, and makes some programs run code. What type a field has is the schema's business.",
		Example: "title: !!binary aGk=",
		Fix:     "Remove the tag, and quote the value if it is text.",
	},
	{
		ID: "YML018", Title: "duplicate key", Severity: Error,
		Explain: "A mapping has the same key twice. One program takes the first value and another the last, so what was approved need not be what is done. Two branches that both add a field merge into this without a conflict.",
		Example: "state: scheduled\nstate: closed",
		Fix:     "Keep one of the two.",
	},
	{
		ID: "YML019", Title: "key is not text", Severity: Error,
		Explain: "A key is a number, a boolean, null, a list or a mapping. It gets lost or changed on the way to JSON, which policies and digests are made from.",
		Example: "true: yes",
		Fix:     "Quote the key if it is meant as text.",
	},
	{
		ID: "YML020", Title: "number outside JSON", Severity: Error,
		Explain: "An unquoted value looks like a number, but not in the way that JSON writes it. Programs disagree on it: 0777 is 511, 777 or text; 1_000 is 1000 or text; 12e4567 is infinite or a commit.",
		Example: "mode: 0777",
		Fix:     "Quote it if it is text. Write it in plain decimal digits if it is a number.",
	},
	{
		ID: "YML021", Title: "number too large or too exact", Severity: Error,
		Explain: "Programs keep numbers as 64-bit floats. Beyond ±9007199254740991, with more than 15 significant digits in a fraction, or very near zero, two different numbers become the same one, and so would the digests that approvals are bound to.",
		Example: "build: 9007199254740993",
		Fix:     "Quote it if it is text, such as a build number. Write it with fewer digits if it is a number.",
	},
	{
		ID: "YML022", Title: "nested too deep", Severity: Error,
		Explain: "Mappings and lists stand more than 32 deep inside each other. No record needs it, and deep nesting is how files exhaust programs.",
		Example: "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
		Fix:     "Flatten the structure.",
	},
	{
		ID: "YML023", Title: "too many findings", Severity: Error,
		Explain: "More than 200 things are wrong with the file. The rest is not listed.",
		Example: "a record of 256 KiB in which every character is a control character",
		Fix:     "Mend what is listed and check again. If the file is no record, move it out of the store.",
	},
	{
		ID: "YML024", Title: "parser failed", Severity: Error,
		Explain: "The YAML parser gave up in a way that says nothing about the file. What cannot be read cannot be judged, so it is a finding and never a pass.",
		Example: "no file is known to do this",
		Fix:     "Simplify the file near the place, and report it as a bug of gitsm.",
	},
}
