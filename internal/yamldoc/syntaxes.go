package yamldoc

import (
	"fmt"
	"strings"
)

const whySyntax = "the file cannot be read as YAML, so nothing else in it was checked"

// syntax is one way in which a file fails to be YAML.
type syntax struct {
	prefix  string // of yaml.v3's message
	code    string
	locate  func(*syntaxError) (span, bool)
	message func(*syntaxError, span) string
	why     string
	fix     string
}

// syntaxes is tried from the top; the first whose place is found speaks.
var syntaxes = []syntax{
	{"found character that cannot start any token", "YML006", (*syntaxError).tab, say("tab used as indentation"), whyTab, fixTab},
	{"found a tab character", "YML006", (*syntaxError).tab, say("tab used as indentation"), whyTab, fixTab},
	{"found character that cannot start any token", "YML005", starter("@`%|>-?:"), sayChar("a value cannot start with %q"), whySyntax, "quote the value"},
	{"mapping values are not allowed", "YML005", starter(":"), say("a `:` that starts a value where none can stand"), whySyntax,
		"quote the value if the `:` belongs to it, else line the key up with its neighbours"},
	{"mapping keys are not allowed", "YML005", starter("?:"), say("a key where none can stand"), whySyntax,
		"quote the value if it is text, else move the key to a line of its own"},
	{"block sequence entries are not allowed", "YML005", starter("-"), say("a list element where none can stand"), whySyntax,
		"start the list on a line of its own, or quote the value if it is text"},
	{"could not find expected ':'", "YML005", glued("\u00a0"), say("a no-break space (U+00A0) after the `:`, which is no space to YAML"), whySyntax,
		"replace it by an ordinary space"},
	{"could not find expected ':'", "YML005", glued(""), say("no space after the `:`, so this is no key"), whySyntax,
		"put a space after the `:`"},
	{"could not find expected ':'", "YML005", (*syntaxError).context, say("a line that is neither `key: value` nor a list element"), whySyntax,
		"add the `:` and a value, or indent the line if it continues the one above"},
	{"found unexpected end of stream", "YML005", (*syntaxError).openQuote, say("a quoted text that does not end"), whySyntax, "close the quote"},
	{"found unexpected document indicator", "YML005", (*syntaxError).openQuote, say("a quoted text that does not end"), whySyntax, "close the quote"},
	{"found unknown escape character", "YML005", escape(2), sayText("%s is not an escape"), whySyntax,
		"write the backslash twice, or use single quotes"},
	{"did not find expected hexdecimal number", "YML005", escape(4, 6, 10), sayText("%s lacks its hexadecimal digits"), whySyntax,
		"write the backslash twice if it is meant as text"},
	{"found invalid Unicode character", "YML005", escape(4, 6, 10), sayText("%s is half of a character"), whySyntax,
		"write the character itself instead of its escapes"},
	{"did not find expected ',' or ']'", "YML005", opener('['), say("a list that is not closed, or lacks a comma"), whySyntax, "add the `,` or the `]`"},
	{"did not find expected ',' or '}'", "YML005", opener('{'), say("a mapping that is not closed, or lacks a comma"), whySyntax, "add the `,` or the `}`"},
	{"did not find expected key", "YML005", (*syntaxError).cut, sayText("%s does not line up with the keys above, or follows a value that has ended"), whySyntax,
		"give it the indentation of its neighbours, or quote the whole value"},
	{"did not find expected '-' indicator", "YML005", (*syntaxError).cut, sayText("%s stands among list elements without a `-`"), whySyntax,
		"put a `-` before it, or give it the indentation of the key it belongs to"},
	{"did not find expected alphabetic or numeric", "YML005", (*syntaxError).sigil, sayChar("a value cannot start with %q"), whySyntax, "quote the value"},
	{"did not find expected comment or line break", "YML005", (*syntaxError).blockHeader, sayChar("text on the line of %q, which announces a block of lines"), whySyntax,
		"quote the value, or start the text on the next line"},
	{"unknown anchor", "YML015", (*syntaxError).alias, sayText("alias %s"), whyAlias, "write the value out, or quote it if it is text"},
	{"found undefined tag handle", "YML017", (*syntaxError).cut, sayText("tag %s"), whyTag, fixTag},
	{"exceeded max depth", "YML022", (*syntaxError).deep, say(fmt.Sprintf("nested deeper than %d", MaxDepth)), whyDepth, fixDepth},
	{"did not find expected node content", "YML005", (*syntaxError).openAtEnd, say("a list or mapping that is not closed"), whySyntax, "add the closing bracket"},
	{"did not find expected", "YML005", (*syntaxError).cut, sayText("%s is not expected here"), whySyntax, "quote the value if it is text, else remove it"},
}

const (
	whyTab   = "YAML indents with spaces alone: how wide a tab is depends on who looks"
	fixTab   = "replace the tab by spaces"
	whyAlias = "the value stands somewhere else, where a reviewer of this line does not see it change"
	whyTag   = "a tag changes the type of a value, or makes a program run code; the schema says what type a field has"
	fixTag   = "remove the tag, and quote the value if it is text"
	whyDepth = "no record needs it, and deep nesting is how files exhaust programs"
	fixDepth = "flatten the structure"
)

func say(s string) func(*syntaxError, span) string {
	return func(*syntaxError, span) string { return s }
}

// sayChar puts the first character of the place into the message.
func sayChar(format string) func(*syntaxError, span) string {
	return func(e *syntaxError, at span) string { return fmt.Sprintf(format, e.text.src[at.start]) }
}

// sayText puts the text of the place into the message.
func sayText(format string) func(*syntaxError, span) string {
	return func(e *syntaxError, at span) string { return fmt.Sprintf(format, quote(e.text.raw[at.start:at.end])) }
}

// starter finds the one of chars that the scanner stopped at.
func starter(chars string) func(*syntaxError) (span, bool) {
	return func(e *syntaxError) (span, bool) {
		return e.ahead(func(rest string) bool { return strings.IndexByte(chars, rest[0]) >= 0 })
	}
}

// tab finds a tab among the indentation of the line at which reading stopped.
func (e *syntaxError) tab() (span, bool) {
	for i := e.back(4); i < e.read; i++ {
		if e.text.src[i] != '\t' {
			continue
		}
		for i > e.text.starts[0] && e.text.src[i-1] == '\t' {
			i--
		}
		before := e.text.src[e.text.lineStart(i):i]
		if strings.Trim(before, " -?:") != "" {
			return span{}, false
		}
		end := i
		for end < len(e.text.src) && e.text.src[end] == '\t' {
			end++
		}
		return span{i, end}, true
	}
	return span{}, false
}

// glued finds the `:` of a line that looks like a key and a value but for what
// stands between them: after, or nothing.
func glued(after string) func(*syntaxError) (span, bool) {
	return func(e *syntaxError) (span, bool) {
		line, ok := e.context()
		if !ok {
			return span{}, false
		}
		key, value, found := strings.Cut(e.text.src[line.start:line.end], ":")
		if !found || key == "" || strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") != "" ||
			value == "" || strings.HasPrefix(value, "//") || !strings.HasPrefix(value, after) {
			return span{}, false
		}
		colon := line.start + len(key)
		if after != "" {
			return span{colon + 1, colon + 1 + len(after)}, true
		}
		return span{colon, colon + 1}, true
	}
}

// context returns the line of the construct that yaml.v3 was reading.
func (e *syntaxError) context() (span, bool) {
	if e.line == 0 || e.line > len(e.text.starts) {
		return span{}, false
	}
	return e.wholeLine(e.line), true
}

// openQuote finds the quote that is never closed: yaml.v3 names its line,
// unless that is the first.
func (e *syntaxError) openQuote() (span, bool) {
	for _, n := range []int{e.line, 1} {
		if n < 1 || n > len(e.text.starts) {
			continue
		}
		line := e.wholeLine(n)
		for i := line.start; i < line.end; i++ {
			if c := e.text.src[i]; (c == '"' || c == '\'') && e.startsValue(i) && !e.closes(i) {
				return span{i, line.end}, true
			}
		}
	}
	return span{}, false
}

// startsValue reports whether a value may start at off, by what is before it.
func (e *syntaxError) startsValue(off int) bool {
	return off == e.text.starts[0] || strings.IndexByte(" \t\n[{,:", e.text.src[off-1]) >= 0
}

// closes reports whether the quoted text at off has an end.
func (e *syntaxError) closes(off int) bool {
	l := layout{text: e.text, pos: off}
	l.quoted(e.text.src[off])
	return l.err == nil
}

// escape finds the backslash that stands one of the given numbers of code
// points before the end of what was read.
func escape(widths ...int) func(*syntaxError) (span, bool) {
	return func(e *syntaxError) (span, bool) {
		for _, n := range widths {
			if i := e.back(n); i < e.read && e.text.src[i] == '\\' && widthOfEscape(e.text.src[i:], n == 2) == n {
				return span{i, min(e.read, e.text.lineEnd(i))}, true
			}
		}
		return span{}, false
	}
}

// widthOfEscape returns how many code points the scanner has before it when it
// refuses the escape that s starts with.
func widthOfEscape(s string, unknown bool) int {
	switch {
	case unknown || len(s) < 2:
		return 2
	case s[1] == 'x':
		return 4
	case s[1] == 'u':
		return 6
	}
	return 10
}

// opener finds the bracket that is not closed. yaml.v3 counts its line from 0,
// and names another line if that is the first.
func opener(bracket byte) func(*syntaxError) (span, bool) {
	return func(e *syntaxError) (span, bool) {
		for _, n := range []int{e.line + 1, 1} {
			if n > len(e.text.starts) {
				continue
			}
			line := e.wholeLine(n)
			if i := strings.LastIndexByte(e.text.src[line.start:line.end], bracket); i >= 0 {
				return span{line.start + i, line.end}, true
			}
		}
		return span{}, false
	}
}

// openAtEnd finds the bracket that is still open at the end of the file, where
// nothing after it is in quotes.
func (e *syntaxError) openAtEnd() (span, bool) {
	rest := strings.TrimRight(e.text.src, " \t\r\n")
	if e.read < len(e.text.src) || rest == "" || strings.IndexByte("[{,:", rest[len(rest)-1]) < 0 {
		return span{}, false
	}
	closed := 0
	for i := len(rest) - 1; i >= e.text.starts[0]; i-- {
		switch rest[i] {
		case ']', '}':
			closed++
		case '[', '{':
			if closed == 0 {
				return span{i, e.text.lineEnd(i)}, true
			}
			closed--
		case '"', '\'':
			return span{}, false
		}
	}
	return span{}, false
}

// sigil finds the `*` or `&` that is followed by no name.
func (e *syntaxError) sigil() (span, bool) {
	for i := e.read - 1; i >= e.text.starts[0] && e.text.src[i] != '\n'; i-- {
		if c := e.text.src[i]; (c == '*' || c == '&') && e.startsValue(i) {
			return span{i, e.text.lineEnd(i)}, true
		}
	}
	return span{}, false
}

// blockHeader finds the `|` or `>` on the line at which reading stopped.
func (e *syntaxError) blockHeader() (span, bool) {
	for i := e.read - 1; i >= e.text.starts[0] && e.text.src[i] != '\n'; i-- {
		if c := e.text.src[i]; (c == '|' || c == '>') && e.startsValue(i) {
			return span{i, e.text.lineEnd(i)}, true
		}
	}
	return span{}, false
}

// alias finds the alias of an anchor that does not exist.
func (e *syntaxError) alias() (span, bool) {
	name, _, _ := strings.Cut(strings.TrimPrefix(e.message, "unknown anchor '"), "'")
	i := strings.LastIndex(e.text.src[:e.read], "*"+name)
	return span{i, i + 1 + len(name)}, i >= 0
}

// deep finds where the nesting gets too deep, in a text so deep that yaml.v3
// gave up: brackets are counted, and dashes on a line.
func (e *syntaxError) deep() (span, bool) {
	depth := 0
	for i := e.text.starts[0]; i < e.read; i++ {
		switch c := e.text.src[i]; c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '-', '?':
			if e.startsValue(i) && strings.HasPrefix(e.text.src[i+1:], " ") {
				depth++
			}
		case '\n':
			if depth < 0 {
				depth = 0
			}
		}
		if depth > MaxDepth {
			return span{i, i + 1}, true
		}
	}
	return e.around(), true
}
