package render

import (
	"fmt"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Terminal makes text safe to show on one line of a terminal: line breaks and
// tabs become spaces, and everything that could move the cursor, reorder or
// hide text is dropped. What is not UTF-8 becomes U+FFFD.
func Terminal(s string) string { return strip(s, "") }

// TerminalLines is Terminal for text of several lines: it keeps "\n".
func TerminalLines(s string) string { return strip(s, "\n") }

// Talk makes text safe for stderr: as Terminal does, and so that no line of it is a
// command to the workflow that gitsm runs in.
func Talk(s string) string { return inert(Terminal(s)) }

// TalkLines is Talk for text of several lines.
func TalkLines(s string) string { return inert(TerminalLines(s)) }

// strip drops what invisible reports, but for the runes in keep.
func strip(s, keep string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	s = strings.ToValidUTF8(s, "\uFFFD")
	if keep != "\r\n" {
		s = strings.ReplaceAll(s, "\r\n", "\n")
	}
	for _, r := range s {
		switch {
		case strings.ContainsRune(keep, r):
			b.WriteRune(r)
		case breaks(r):
			b.WriteByte(' ')
		case !invisible(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plain reports whether s is printable ASCII, which most text is.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// breaks reports whether r separates words although it may not be shown.
func breaks(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}

// invisible reports whether r is a control character, or takes no place of its
// own: bidi controls, zero-width characters, tags, variation selectors,
// fillers. Combining marks stay, and so do the few format characters of Arabic,
// Syriac and Kaithi that are drawn.
func invisible(r rune) bool {
	if unicode.Is(unicode.Prepended_Concatenation_Mark, r) {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point)
}

// Markdown makes text literal inside a paragraph, list item or table cell of
// GitHub's Markdown: no markup, no link, no mention, no reference to an issue.
func Markdown(s string) string {
	s = oneLine(s)
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '@', r == '#':
			// GitHub looks for mentions after it has resolved escapes, so a
			// zero-width space has to part the sign from the name.
			b.WriteString(`\` + string(r) + "&#8203;")
		case r < utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r)):
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// oneLine makes text fit into one line without blanks at its ends or in a row.
func oneLine(s string) string { return strings.Join(strings.Fields(Terminal(s)), " ") }

// inert keeps lines of text for people from being workflow commands, should
// they be printed in a job of GitHub Actions: it looks for :: behind the blanks
// that begin a line, and for ##[ everywhere.
func inert(text string) string {
	if !strings.Contains(text, "::") && !strings.Contains(text, "##[") {
		return text
	}
	lines := strings.Split(strings.ReplaceAll(text, "##[", `##\[`), "\n")
	for i, line := range lines {
		if rest := strings.TrimLeft(line, " "); strings.HasPrefix(rest, "::") {
			lines[i] = line[:len(line)-len(rest)] + `\` + rest
		}
	}
	return strings.Join(lines, "\n")
}

// HTML makes text literal in an element or a quoted attribute.
func HTML(s string) string { return html.EscapeString(strip(s, "\n")) }

// CSVCell keeps a spreadsheet from running a cell as a formula: what begins
// with = + - @, a tab or a line break, even behind blanks or characters that
// cannot be seen, is marked as text by an apostrophe.
func CSVCell(s string) string {
	visible := strings.TrimLeftFunc(s, func(r rune) bool { return invisible(r) || unicode.IsSpace(r) })
	first, _ := utf8.DecodeRuneInString(visible)
	if s != "" && (strings.ContainsRune("\t\r\n", rune(s[0])) || visible != "" && strings.ContainsRune("=+-@＝＋－＠", first)) {
		return "'" + s
	}
	return s
}

// GitHubData escapes the message of a workflow command.
func GitHubData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(strip(s, "\r\n"))
}

// GitHubProperty escapes the value of a property of a workflow command.
func GitHubProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(GitHubData(s))
}

// ICalText makes text literal in a value of iCalendar; lines stay lines.
func ICalText(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(TerminalLines(s))
}

// dotString makes text a string of Graphviz, in which nothing is an escape.
func dotString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(oneLine(s)) + `"`
}

// mermaidLabel makes text literal within the quotes of a Mermaid label, by its
// entity codes: no markup, no link, no end of the label.
func mermaidLabel(s string) string {
	var b strings.Builder
	for _, r := range oneLine(s) {
		if r < utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r)) && !strings.ContainsRune("-_.,:()", r) {
			fmt.Fprintf(&b, "#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// escapeInvisible rewrites JSON so that it means the same and nothing in it
// can act on a terminal. Such characters stand in strings only.
func escapeInvisible(json []byte) []byte {
	out := make([]byte, 0, len(json))
	for len(json) > 0 {
		r, n := utf8.DecodeRune(json)
		if r != '\n' && r != '\t' && invisible(r) {
			out = append(out, jsonEscape(r)...)
		} else {
			out = append(out, json[:n]...)
		}
		json = json[n:]
	}
	return out
}

// jsonEscape writes r as \uXXXX, as a surrogate pair where it needs one.
func jsonEscape(r rune) string {
	const hex = "0123456789abcdef"
	unit := func(u rune) string {
		return `\u` + string([]byte{hex[u>>12&15], hex[u>>8&15], hex[u>>4&15], hex[u&15]})
	}
	if r < 0x10000 {
		return unit(r)
	}
	r -= 0x10000
	return unit(0xd800+(r>>10)) + unit(0xdc00+(r&0x3ff))
}
