package finding

// lifecycleCodes are the lifecycle findings, LIF001 and up.
var lifecycleCodes = []Code{
	{
		ID: "LIF001", Title: "step the lifecycle does not have", Severity: Error,
		Explain: "a record moves through its states one allowed step at a time, so that none is skipped: a change that is implemented was scheduled, and one that is closed was reviewed.",
		Example: "state: closed   # main says scheduled\n",
		Fix:     "take one of the steps the finding lists, with the command of that name",
	},
	{
		ID: "LIF002", Title: "frozen field edited", Severity: Error,
		Explain: "once work has begun, what was authorised is history: an edit would make the record say that something else had been approved. Of a closed record nothing changes but its corrections, which are only appended to.",
		Example: "reason: Another reason   # main says state: implementing\n",
		Fix:     "restore the field; append a correction where the record is closed",
	},
	{
		ID: "LIF003", Title: "record deleted", Severity: Error,
		Explain: "records are never deleted: others refer to them, and an auditor counts them. What is no longer there has a state that says so.",
		Example: "git rm people/bob.yaml",
		Fix:     "restore the file; people and teams get active: false, services and assets state: retired, a scheduled change is cancelled",
	},
	{
		ID: "LIF004", Title: "times out of order", Severity: Error,
		Explain: "one moment has to come before another: a window ends after it starts, work finishes after it began. Clocks, reports and the audit are worked out from these times.",
		Example: "window:\n  start: 2026-11-24T22:00:00Z\n  end: 2026-11-24T20:00:00Z\n",
		Fix:     "correct the moment that is wrong; mind the offsets",
	},
	{
		ID: "LIF005", Title: "identity changed", Severity: Error,
		Explain: "apiVersion, kind and id of a record never change: evidence and other records name it by them, and would be left without what they speak of.",
		Example: "id: shop   # main says checkout\n",
		Fix:     "restore it; file a new record where another thing is meant",
	},
}
