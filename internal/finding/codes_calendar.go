package finding

// calendarCodes are the findings about windows, CAL001 and up.
var calendarCodes = []Code{
	{
		ID: "CAL001", Title: "recurrence that gives no times", Severity: Error,
		Explain: "when a window takes place is worked out from its start, its time zone and its rrule. From a rule that calendars read in different ways, that recurs more often than once a day as a rule, or that never takes place, nobody can tell whether a change lies in the window.",
		Example: "rrule: FREQ=SECONDLY\n",
		Fix:     "say how often it recurs, from DAILY to YEARLY, and begin with the first occurrence: FREQ=WEEKLY;BYDAY=SU where start is a Sunday",
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
