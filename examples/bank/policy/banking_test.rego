package gitsm.banking_test

import data.gitsm.banking

on(date) := banking.day(sprintf("%sT12:00:00+01:00", [date]))

test_banking_days if {
	every date in ["2026-11-20", "2026-11-30", "2026-12-24", "2026-12-28"] {
		banking.is_banking_day(on(date))
	}
	every date in ["2026-11-21", "2026-11-22", "2026-12-25", "2026-12-26"] {
		not banking.is_banking_day(on(date))
	}
}

# November 2026 ends on a Monday, and the days before are a weekend.
test_closing_days if {
	every date in ["2026-11-27", "2026-11-30", "2026-12-30", "2026-12-31", "2027-02-25", "2027-02-26"] {
		banking.is_closing_day(on(date))
	}
	every date in ["2026-11-26", "2026-11-28", "2026-11-29", "2026-12-01", "2026-12-29", "2027-02-24", "2027-02-28"] {
		not banking.is_closing_day(on(date))
	}
}

# The day is the bank's own: half past eleven in London is tomorrow in Zürich.
test_day_in_zurich if {
	banking.date(banking.day("2026-11-24T23:30:00Z")) == "2026-11-25"
	banking.minute("2026-11-24T23:30:00Z") == 30
	banking.minute("2026-07-24T22:30:00Z") == 30
}

busy(start, end) := {banking.date(d) | some d in banking.busy({"start": start, "end": end})}

test_evening_is_free if {
	busy("2026-11-24T18:00:00+01:00", "2026-11-25T08:00:00+01:00") == set()
	busy("2026-11-24T20:00:00+01:00", "2026-11-24T21:00:00+01:00") == set()
}

test_morning_is_not if {
	busy("2026-11-24T20:00:00+01:00", "2026-11-25T08:01:00+01:00") == {"2026-11-25"}
	busy("2026-11-24T17:59:00+01:00", "2026-11-24T21:00:00+01:00") == {"2026-11-24"}
	busy("2026-11-24T10:00:00+01:00", "2026-11-24T11:00:00+01:00") == {"2026-11-24"}
}

test_weekend_is_free if {
	busy("2026-11-20T18:00:00+01:00", "2026-11-23T08:00:00+01:00") == set()
}

test_days_between_are_not if {
	busy("2026-11-24T20:00:00+01:00", "2026-11-27T06:00:00+01:00") == {"2026-11-25", "2026-11-26"}
}
