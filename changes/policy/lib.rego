# METADATA
# title: helpers
# description: What the rules of several kinds need.
package gitsm.lib

# placeholder says whether a text does not count as filled in.
placeholder(text) if plain(text) in data.config.placeholders

placeholder(text) if regex.match(`^[\pP\pS\pZ\s]*$`, text)

# plain is a text without the case, spaces and punctuation around it.
plain(text) := lower(trim(trim_space(text), " .,:;!?…-_()[]<>\"'"))

# filled says whether a field is there and is no placeholder.
filled(object_, field) if not placeholder(object.get(object_, field, ""))

# ns is a moment in nanoseconds.
ns(moment) := time.parse_rfc3339_ns(moment)

# handle is the end of an id, by which the command line knows the record.
handle(id) := lower(substring(id, max([0, count(id) - 6]), -1))

# days is a number of days, for people.
days(n) := sprintf("%d day", [n]) if n == 1

days(n) := sprintf("%d days", [n]) if not n == 1

# minutes is a time of day such as 09:30, in minutes since midnight.
minutes(text) := (two_digits(hour) * 60) + two_digits(minute) if [hour, minute] := split(text, ":")

# to_number keeps the zero of 09, which then equals no other 9.
two_digits(text) := to_number(concat("", ["1", text])) - 100

# of are the persons that a team or person reference stands for.
of(ref) := {trim_prefix(ref, "person:")} if startswith(ref, "person:")

of(ref) := {person | some person in data.catalog.teams[trim_prefix(ref, "team:")].members} if startswith(ref, "team:")

# answering is who decides on what an owner answers for: the owner or, where
# nobody active is left of it, or it is a team that is no more, the change managers.
answering(owner) := owner if some_active(owner)

else := data.config.change_manager_team

some_active(owner) if count(standing([owner])) > 0

# standing are the persons of a list of references who can act: those who are
# active, of teams that are.
standing(refs) := {person |
	some ref in refs
	not dissolved(ref)
	some person in of(ref)
	data.catalog.people[person].active
}

dissolved(owner) if data.catalog.teams[trim_prefix(owner, "team:")].active == false

# approval_id names the approval of one owner, so that several rules which ask
# for it ask once.
approval_id(owner) := sprintf("owner-%s", [replace(owner, ":", "-")])
