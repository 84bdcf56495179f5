package render

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/lazyregexp"
)

// YAML writes v for reading, never to replace a record: that would lose its
// comments. What it writes reads back as v in YAML 1.1 and 1.2 alike.
func YAML(w io.Writer, v any) error {
	n, err := normal(v)
	if err != nil {
		return err
	}
	var b strings.Builder
	yamlValue(&b, n, 0)
	return write(w, b.String())
}

// yamlValue writes a value whose lines stand depth levels deep; what precedes
// it on its line has been written.
func yamlValue(b *strings.Builder, v any, depth int) {
	switch v := v.(type) {
	case []any:
		if len(v) == 0 {
			b.WriteString("[]\n")
		}
		for i, e := range v {
			yamlIndent(b, depth, i == 0)
			b.WriteString("- ")
			yamlValue(b, e, depth+1)
		}
	case object:
		if len(v) == 0 {
			b.WriteString("{}\n")
		}
		for i, m := range v {
			yamlIndent(b, depth, i == 0)
			b.WriteString(yamlScalar(m.key) + ":")
			yamlEntry(b, m.value, depth)
		}
	case string:
		b.WriteString(yamlString(v, depth))
	case json.Number:
		b.WriteString(v.String() + "\n")
	case bool:
		fmt.Fprintln(b, v)
	default:
		b.WriteString("null\n")
	}
}

// yamlEntry writes the value of a key: collections begin on their own line.
func yamlEntry(b *strings.Builder, v any, depth int) {
	start := " "
	switch v := v.(type) {
	case []any:
		if len(v) > 0 {
			start = "\n" + strings.Repeat("  ", depth+1)
		}
	case object:
		if len(v) > 0 {
			start = "\n" + strings.Repeat("  ", depth+1)
		}
	}
	b.WriteString(start)
	yamlValue(b, v, depth+1)
}

// yamlIndent starts a line, but for the first one, which has been started.
func yamlIndent(b *strings.Builder, depth int, first bool) {
	if !first {
		b.WriteString(strings.Repeat("  ", depth))
	}
}

// yamlString writes text of several lines as a block where a block can hold
// it, so that a person can read it.
func yamlString(s string, depth int) string {
	if !strings.Contains(s, "\n") || !blockSafe(s) {
		return yamlScalar(s) + "\n"
	}
	head, body := "|-\n", s
	if strings.HasSuffix(s, "\n") {
		head, body = "|\n", strings.TrimSuffix(s, "\n")
	}
	indent := strings.Repeat("  ", max(depth, 1))
	lines := strings.Split(body, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = indent + line
		}
	}
	return head + strings.Join(lines, "\n") + "\n"
}

// blockSafe reports whether a literal block gives s back byte by byte.
func blockSafe(s string) bool {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	return lines[0] != "" && lines[len(lines)-1] != "" && !strings.HasPrefix(s, " ") &&
		!slices.ContainsFunc(lines, func(line string) bool {
			return strings.HasSuffix(line, " ") || strings.ContainsFunc(line, func(r rune) bool { return invisible(r) || breaks(r) })
		})
}

// plainScalar is text that no reader of YAML takes for anything else, unless
// it is one of plainWords.
var plainScalar = lazyregexp.New(`^[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*$`)

var plainWords = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

// yamlScalar writes s on one line, in quotes unless it is beyond doubt.
func yamlScalar(s string) string {
	if plainScalar.MatchString(s) && !slices.Contains(plainWords, strings.ToLower(s)) {
		return s
	}
	return yamlQuote(s)
}

// yamlQuote writes s in double quotes.
func yamlQuote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case (invisible(r) || breaks(r)) && r >= 0x10000:
			fmt.Fprintf(&b, `\U%08x`, r) // YAML knows no surrogate pairs
		case invisible(r) || breaks(r):
			b.WriteString(jsonEscape(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}
