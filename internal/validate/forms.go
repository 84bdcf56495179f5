package validate

import "strings"

// A form says in words what a pattern or format of a schema asks for; it
// completes "should be …". To add a pattern to a schema, describe it here: a
// test refuses an embedded pattern without words.
var forms = []struct{ pattern, words string }{
	{`^\S(.*\S)?$`, "one line without blanks at its ends"},
	{`^[a-z0-9][a-z0-9-]{0,62}$`, "an id: up to 63 of a-z, 0-9 and -, beginning with a letter or digit"},
	{`^(team|person):[a-z0-9][a-z0-9-]{0,62}$`, "a team or a person, such as team:payments or person:alice"},
	{`^((service|asset):)?[a-z0-9][a-z0-9-]{0,62}$`, "the id of a service or asset, such as checkout or asset:db-1"},
	{`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`, formats["date-time"]},
	{`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`, formats["date"]},
	{`^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$`, "a duration, such as 45m or 2h30m"},
	{`^https?://\S+$`, "a web address that begins with https:// or http://"},
	{`^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$`, "a digest: sha256: and 64, or sha512: and 128 lower-case hex digits"},
	{`^(/[^/\s]+)+$`, "a JSON pointer, such as /implementation/finished_at"},
	{`^[^\s@<>]+@[^\s@<>]+$`, "an e-mail address, such as alice@example.org"},
	{`^[A-Za-z0-9][A-Za-z0-9_-]*$`, "a GitHub login without the @"},
	{`^(-----BEGIN PGP PUBLIC KEY BLOCK-----\n[A-Za-z0-9+/=:.,()<>@ \n-]+|(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) [A-Za-z0-9+/]+={0,3}( .*)?)$`,
		"an SSH public key, as in a .pub file: type, base64, optional comment; or an OpenPGP public key, as gpg --armor --export prints it"},
	{`^-----BEGIN PGP PUBLIC KEY BLOCK-----\n[A-Za-z0-9+/=:.,()<>@ \n-]+$`, "an OpenPGP public key, as gpg --armor --export prints it"},
	{`^[A-Za-z0-9][A-Za-z0-9 ._-]*$`, "a name of letters, digits, spaces, ., _ and -, beginning with a letter or digit"},
	{`^[^\s~^:?*\[\\]+$`, "the name of a git branch"},
	{`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$`, "an IANA time zone, such as Europe/Berlin"},
	{`^[^\s,]+( +[^\s,]+)*$`, "words as the records have them, without a comma, such as accepted, REVIEWED or Won't fix"},
	{`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`, "lower-case words joined by hyphens, such as risk or service-request"},
	{`^([^/\s.][^/\s]*/)*[^/\s.][^/\s]*\.(yaml|yml|json|md)$`, "the path of a YAML, JSON or Markdown file below the store, such as risks/{id}.yaml"},
	{`^(slug|dated|\^.+\$)$`, "slug, dated, or a regular expression from ^ to $"},
	{`^[A-Za-z_][A-Za-z0-9_-]*$`, "the name of a field"},
	{`^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*$`, "the name of a field, such as title or metadata.id"},
	{`^[A-Z]{2,6}$`, "two to six capital letters, such as RSK"},
	{`^([^/\s.][^/\s]*/)*[^/\s.][^/\s]*\.json$`, "the path of a JSON file below the store, such as schema/risk.json"},
	{`^[A-Za-z_][A-Za-z0-9_-]*(\[\])?(\.[A-Za-z_][A-Za-z0-9_-]*(\[\])?)*$`, "a field path, such as services[] or window.calendar"},
	{`^[a-z_]+(\.[a-z_]+)*$`, "a field: lower-case names joined by dots, such as plan.backout"},
	{`^[A-Za-z][A-Za-z0-9_.-]*$`, "the id of a rule, such as CHG014"},
	{`^([a-z][a-z0-9-]*:)?[A-Za-z0-9][A-Za-z0-9-]{0,62}$`, "the id of a record, such as CHG-20261120-7K3F2M or service:checkout"},
	{`^[A-Z]+=[A-Z0-9,+-]+(;[A-Z]+=[A-Z0-9,+-]+)*$`, "a recurrence rule of RFC 5545 in capitals, such as FREQ=WEEKLY;BYDAY=SU"},
	{`^[A-Z]{3,4}-[0-9]$`, "the code of a check of the audit, such as POP-2"},
	{`^([0-9a-f]{40}|[0-9a-f]{64})$`, "the whole id of a commit: 40 or 64 lower-case hex digits"},
	{`^[a-z][a-z0-9_]*$`, "lower-case letters, digits and _, beginning with a letter"},
}

var formats = map[string]string{
	"date-time": "a moment with seconds and offset, such as 2026-11-20T14:00:00Z or 2026-11-20T15:00:00+01:00",
	"date":      "a day, such as 2026-11-20",
	"time":      "a time of day with offset, such as 14:00:00Z",
	"duration":  "an ISO 8601 duration, such as PT2H30M",
	"email":     "an e-mail address, such as alice@example.org",
	"hostname":  "a host name, such as db-1.example.org",
	"ipv4":      "an IPv4 address, such as 192.0.2.7",
	"ipv6":      "an IPv6 address, such as 2001:db8::7",
	"uri":       "an address, such as https://example.org/",
	"uuid":      "a UUID",
	"regex":     "a regular expression",
}

// dated ends the pattern of every dated id.
const dated = `-[0-9]{8}-[0-9A-HJKMNP-TV-Z]{6}$`

// patternWords says what a pattern asks for. Patterns of a store's own schemas
// have no better words than themselves.
func patternWords(pattern string) string {
	if prefix, ok := strings.CutSuffix(pattern, dated); ok {
		return "an id such as " + strings.TrimPrefix(prefix, "^") + "-20261120-7K3F2M"
	}
	for _, f := range forms {
		if f.pattern == pattern {
			return f.words
		}
	}
	return "of the form " + pattern
}

func formatWords(format string) string {
	if words, ok := formats[format]; ok {
		return words
	}
	return "of the format " + format
}
