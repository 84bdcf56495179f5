package yamldoc

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// doubleQuoted writes s between double quotes. The form is JSON's as well, so
// that a JSON file stays one.
func doubleQuoted(s string) string {
	return `"` + doubleEscapes.Replace(s) + `"`
}

var doubleEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

// singleQuoted writes s between single quotes; ok is false when s has what
// they cannot hold on one line.
func singleQuoted(s string) (string, bool) {
	return "'" + strings.ReplaceAll(s, "'", "''") + "'", !strings.ContainsAny(s, "\n\r\t")
}

// wordy are plain scalars that YAML 1.1 programs read as something else than
// text, although YAML 1.2 reads text.
var wordy = map[string]bool{
	"y": true, "yes": true, "n": true, "no": true, "on": true, "off": true, "=": true, "<<": true,
}

// sexagesimal is a number to YAML 1.1 programs: 12:30 is 750 to them.
var sexagesimal = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)

// isPlain reports whether s may stand unquoted and is read back as the text s
// by every YAML program. Timestamps pass: the schema knows them as text, and
// people write them so. The answer is on the safe side: other texts may do,
// too.
func isPlain(s string, flow bool) bool {
	if s == "" || strings.TrimSpace(s) != s || strings.ContainsAny(s, "\n\r\t") {
		return false
	}
	if strings.Contains(s, ": ") || strings.Contains(s, " #") || strings.HasSuffix(s, ":") ||
		strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...") {
		return false
	}
	if strings.IndexByte("-?:,[]{}#&*!|>'\"%@`", s[0]) >= 0 {
		return false
	}
	if flow && strings.ContainsAny(s, ",[]{}?") {
		return false
	}
	return !wordy[strings.ToLower(s)] && !sexagesimal.MatchString(s) && resolvesToText(s)
}

// resolvesToText reports whether a plain s is text, or a timestamp.
func resolvesToText(s string) bool {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: s}
	n.Tag = n.ShortTag()
	return (n.Tag == "!!str" || n.Tag == "!!timestamp") && !isNumeric(n)
}

// literal writes s as a literal block (`|`) whose lines have the given indent.
// It returns the header and the lines, the last without its line break.
// ok is false when a literal cannot hold s, or not in a way that people read.
func literal(s string, indent int, newline string) (header, body string, ok bool) {
	text := strings.TrimRight(s, "\n")
	breaks := len(s) - len(text)
	if text == "" || strings.ContainsAny(s, "\r") || strings.HasPrefix(s, "\n") {
		return "", "", false
	}
	header = "|"
	if text[0] == ' ' || text[0] == '\t' {
		return "", "", false
	}
	switch {
	case breaks == 0:
		header += "-"
	case breaks > 1:
		header += "+"
	}
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteString(newline)
		}
		if line != "" {
			b.WriteString(strings.Repeat(" ", indent))
			b.WriteString(line)
		}
	}
	for range breaks - 1 {
		b.WriteString(newline)
	}
	return header, b.String(), true
}
