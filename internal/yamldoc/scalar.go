package yamldoc

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/gitsm/gitsm/internal/lazyregexp"
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
var sexagesimal = lazyregexp.New(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)

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

// form is one way to write a scalar: text on one line, or a block, whose
// header stands in the place of the text and whose body on the lines beneath.
type form struct {
	text string
	body string // of a block, without the line break before and after it
}

// blockStyle says how a block scalar is to be written.
type blockStyle struct {
	newline string
	indent  int  // column of its lines
	parent  int  // column of the block collection around it
	digit   bool // the header may say the indent
}

// literal writes s as a literal block (`|`). ok is false when such a block
// cannot hold s.
func (b blockStyle) literal(s string) (f form, ok bool) {
	lines, header, ok := b.frame("|", s)
	if !ok {
		return form{}, false
	}
	return form{text: header, body: b.join(lines, s)}, true
}

// folded writes s as a folded block (`>`), its long lines wrapped.
func (b blockStyle) folded(s string) (f form, ok bool) {
	lines, header, ok := b.frame(">", s)
	if !ok {
		return form{}, false
	}
	var out []string
	for i, line := range lines {
		if i > 0 && line != "" && !indented(line) && flushAbove(lines[:i]) {
			out = append(out, "") // one more break, as the first is folded
		}
		out = append(out, wrap(line, max(20, 80-b.indent))...)
	}
	return form{text: header, body: b.join(out, s)}, true
}

// frame splits s into lines and makes the header of a block that holds it.
func (b blockStyle) frame(indicator, s string) (lines []string, header string, ok bool) {
	text := strings.TrimRight(s, "\n")
	if text == "" || strings.Contains(s, "\r") {
		return nil, "", false
	}
	header = indicator
	if indented(strings.TrimLeft(text, "\n")) {
		digit := b.indent - max(b.parent, 0)
		if !b.digit || digit < 1 || digit > 9 {
			return nil, "", false
		}
		header += strconv.Itoa(digit)
	}
	switch len(s) - len(text) {
	case 0:
		header += "-"
	case 1:
	default:
		header += "+"
	}
	return strings.Split(text, "\n"), header, true
}

// join indents the lines, and adds the blank lines that s ends with.
func (b blockStyle) join(lines []string, s string) string {
	var out strings.Builder
	for i, line := range lines {
		if i > 0 {
			out.WriteString(b.newline)
		}
		if line != "" {
			out.WriteString(strings.Repeat(" ", b.indent) + line)
		}
	}
	for range len(s) - len(strings.TrimRight(s, "\n")) - 1 {
		out.WriteString(b.newline)
	}
	return out.String()
}

// indented reports whether a line of a folded block starts with white space,
// which keeps its line breaks from being folded.
func indented(line string) bool { return line != "" && (line[0] == ' ' || line[0] == '\t') }

// flushAbove reports whether the last line with text exists and starts with no
// white space.
func flushAbove(lines []string) bool {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i] != "" {
			return !indented(lines[i])
		}
	}
	return false
}

// wrap breaks a line at single spaces so that its parts fold back into it.
func wrap(line string, width int) []string {
	if indented(line) {
		return []string{line}
	}
	var out []string
	for len(line) > width {
		i := breakBefore(line, width)
		if i < 0 {
			break
		}
		out = append(out, line[:i])
		line = line[i+1:]
	}
	return append(out, line)
}

// breakBefore finds the last single space at or before width, else the first
// one after it.
func breakBefore(line string, width int) int {
	single := func(i int) bool {
		return line[i] == ' ' && i > 0 && i+1 < len(line) &&
			strings.IndexByte(" \t", line[i-1]) < 0 && strings.IndexByte(" \t", line[i+1]) < 0
	}
	for i := min(width, len(line)-1); i > 0; i-- {
		if single(i) {
			return i
		}
	}
	for i := width; i < len(line); i++ {
		if single(i) {
			return i
		}
	}
	return -1
}
