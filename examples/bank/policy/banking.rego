# METADATA
# title: banking days
# description: Days and hours as a bank counts them. A day is the number of days since 1970, on the bank's own clock.
package gitsm.banking

config := data.config.banking

ns_per_day := ((24 * 60) * 60) * 1000000000

ns(moment) := time.parse_rfc3339_ns(moment)

# day is the day on which a moment falls.
day(moment) := time.parse_ns("2006-01-02", time.format([ns(moment), config.timezone, "2006-01-02"])) / ns_per_day

# minute is a moment's minute of its day.
minute(moment) := (hour * 60) + minutes if [hour, minutes, _] := time.clock([ns(moment), config.timezone])

date(number) := time.format([number * ns_per_day, "UTC", "2006-01-02"])

is_banking_day(number) if {
	not time.weekday(number * ns_per_day) in {"Saturday", "Sunday"}
	not date(number) in config.holidays
}

# is_closing_day says whether a day is one of the last banking days of its month.
is_closing_day(number) if {
	is_banking_day(number)
	month := substring(date(number), 0, 7)
	later := [d |
		some d in numbers.range(number + 1, number + 30)
		substring(date(d), 0, 7) == month
		is_banking_day(d)
	]
	count(later) < config.closing_days
}

# days are the days that a window touches.
days(window) := numbers.range(day(window.start), day(window.end))

# busy are the banking days on which a window lies in business hours, if only
# for a minute.
busy(window) := {d |
	some d in days(window)
	is_banking_day(d)
	from(window, d) < config.to * 60
	to(window, d) > config.from * 60
}

from(window, d) := minute(window.start) if d == day(window.start)

from(window, d) := 0 if d > day(window.start)

to(window, d) := minute(window.end) if d == day(window.end)

to(window, d) := 24 * 60 if d < day(window.end)
