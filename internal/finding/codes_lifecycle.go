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
	{
		ID: "LIF006", Title: "step without what it says", Severity: Error,
		Explain: "each step of a life writes down when it was taken, and some by whom: work that began says when and who, work that ended says when and how. What is not written then can never be shown later, and an audit cannot verify it for good.",
		Example: "state: implementing   # and no implementation.started_at\n",
		Fix:     "take the step with its own command, which writes what belongs to it",
	},
	{
		ID: "LIF007", Title: "fact before its step", Severity: Error,
		Explain: "a moment or an outcome of a step that has not been taken is made up: work that did not begin did not end. It would stand for good once the step is taken.",
		Example: "state: scheduled\nimplementation:\n  started_at: 2026-11-24T20:00:00Z\n",
		Fix:     "take it out; the command of the step writes it",
	},
	{
		ID: "LIF008", Title: "moment that cannot be", Severity: Error,
		Explain: "what happened did not happen in the future, and work begins within the window and after what authorised it. The audit holds the times of a record against these, whatever moment the step landed at.",
		Example: "implementation:\n  started_at: 2026-11-24T20:00:00Z   # the window opens at 22:00\n",
		Fix:     "write when it happened; move the window with gitsm change reschedule before the work begins",
	},
	{
		ID: "LIF009", Title: "approver has another part in the change", Severity: Error,
		Explain: "whoever approves has no other part in it. An approval by who then does the work is none, nor is the word of who authorises an emergency that they file themselves, and every audit says so from then on.",
		Example: "implementation:\n  implementer: bob   # who approved the change\n",
		Fix:     "a colleague does the one or the other",
	},
	{
		ID: "LIF010", Title: "closed without the review it owes", Severity: Error,
		Explain: "a change that failed, was backed out, was an emergency or was of high risk is closed with a review that says what was learnt and who says so. Closed without one it stays without one.",
		Example: "state: closed   # with outcome: failed, and no review.reviewer\n",
		Fix:     "gitsm change review ID -m … writes it",
	},
	{
		ID: "LIF011", Title: "work begins beside what nobody was asked about", Severity: Error,
		Explain: "between the authorisation of a change and its beginning a soft freeze was declared, a maintenance window was moved away, another change on the same things went on past its window, or whoever carries it out is in the middle of another. Whoever decides on that was not asked. An audit holds the beginning of work against the freezes of that moment (SCH-1).",
		Example: "state: implementing   # a soft freeze covers it since yesterday, and it was authorised last week\n",
		Fix:     "wait until it is over, let a colleague start it, or ask again: gitsm change reschedule ID --next, or --start and --end, is authorised with what is in the way now",
	},
}
