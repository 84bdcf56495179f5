package finding

// calendarCodes are the findings about windows, CAL001 and up.
var calendarCodes = []Code{
	{
		ID: "CAL001", Title: "window that cannot be expanded", Severity: Error,
		Explain: "when a window takes place is computed from its start, zone and rrule. A rule that no calendar reads alike, that recurs more often than anybody plans, or that never takes place would leave open whether a change lies in the window.",
		Example: "rrule: FREQ=SECONDLY\n",
		Fix:     "write how often it recurs, from DAILY to YEARLY, such that start is the first occurrence: FREQ=WEEKLY;BYDAY=SU",
	},
	{
		ID: "CAL002", Title: "exception from nothing", Severity: Warning, Waivable: true,
		Explain: "exdates name the starts of occurrences that do not take place. Where nothing starts, nothing is left out, and what was meant takes place all the same.",
		Example: "rrule: FREQ=WEEKLY;BYDAY=SU\nexdates: [2026-12-28T22:00:00Z]   # a Monday\n",
		Fix:     "write the moment at which the occurrence starts; gitsm calendar lists them",
	},
	{
		ID: "CAL003", Title: "windows that contradict each other", Severity: Warning, Waivable: true,
		Explain: "maintenance says that something may be changed now, and a hard freeze that it may not. The freeze holds, and whoever planned by the maintenance window learns it late.",
		Example: "type: maintenance   # every Sunday, while windows/christmas.yaml is a hard freeze over two of them\n",
		Fix:     "leave the occurrence out with exdates, make the freeze soft, or narrow one of the scopes",
	},
	{
		ID: "CAL004", Title: "another open proposal for the same time", Severity: Warning, Waivable: true,
		Explain: "two proposals want the same or dependent things at one time. The first to land wins; the other then needs the agreement of its owner, or another window.",
		Example: "window: {start: 2026-11-24T20:00:00Z, end: 2026-11-24T22:00:00Z}   # and another proposal has the same\n",
		Fix:     "reschedule one of the two, or agree with the owner of the other",
	},
}
