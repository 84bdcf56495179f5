package yamldoc

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// ugly writes records as no tool would: every scalar form, odd indentation,
// comments and blank lines wherever they may stand, both kinds of line break.
type ugly struct {
	t        *rapid.T
	b        strings.Builder
	nl       string
	comments int
	keys     int
}

// uglyRecord draws a whole file.
func uglyRecord() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		u := &ugly{t: t, nl: "\n"}
		if u.one(4) {
			u.nl = "\r\n"
		}
		if u.one(8) {
			u.b.WriteString(byteOrderMark)
		}
		u.above(0)
		if u.one(6) {
			u.b.WriteString("---" + u.nl)
		}
		u.mapping(0, 0)
		u.above(0)
		if u.one(8) {
			u.b.WriteString("..." + u.nl)
		}
		src := u.b.String()
		if u.one(5) {
			src = strings.TrimRight(src, "\r\n")
		}
		return src
	})
}

// one is true once in n draws.
func (u *ugly) one(n int) bool { return rapid.IntRange(1, n).Draw(u.t, "one") == n }

func (u *ugly) upTo(n int) int { return rapid.IntRange(0, n).Draw(u.t, "up to") }

func (u *ugly) pad(n int) string { return strings.Repeat(" ", n) }

// comment returns a comment that no other has.
func (u *ugly) comment() string {
	u.comments++
	return fmt.Sprintf("#c%d# x: [y", u.comments)
}

// key returns a key that no other has, in some style.
func (u *ugly) key() string {
	u.keys++
	return fmt.Sprintf([]string{"k%d", "k %d", "ké%d", "'k%d'", `"k%d"`, "'k: %d'", `"k\t%d"`}[u.upTo(6)], u.keys)
}

// above writes blank lines and comments before an entry.
func (u *ugly) above(indent int) {
	for u.one(4) {
		if u.one(2) {
			u.b.WriteString(u.nl)
		} else {
			u.b.WriteString(u.pad(indent) + u.comment() + u.nl)
		}
	}
}

// eol ends a line, perhaps with a comment.
func (u *ugly) eol() {
	switch u.upTo(5) {
	case 0:
		u.b.WriteString(" " + u.comment())
	case 1:
		u.b.WriteString("   " + u.comment())
	case 2:
		u.b.WriteString("  ")
	}
	u.b.WriteString(u.nl)
}

// mapping writes entries at column indent, the first where the writer stands.
func (u *ugly) mapping(indent, depth int) {
	for i := range 1 + u.upTo(3) {
		if i > 0 || depth == 0 {
			u.above(indent)
			u.b.WriteString(u.pad(indent))
		}
		if u.one(12) {
			u.b.WriteString("? " + u.key())
			u.eol()
			u.b.WriteString(u.pad(indent) + ":")
		} else {
			u.b.WriteString(u.key() + []string{":", ":", ":", " :"}[u.upTo(3)])
		}
		u.value(indent, depth, true)
	}
}

// list writes elements at column indent, the first where the writer stands.
func (u *ugly) list(indent, depth int) {
	for i := range 1 + u.upTo(3) {
		if i > 0 {
			u.above(indent)
			u.b.WriteString(u.pad(indent))
		}
		u.b.WriteString("-")
		u.value(indent, depth, false)
	}
}

// value writes what follows a `:` or a `-` in column indent, with the line's end.
func (u *ugly) value(indent, depth int, keyed bool) {
	if depth < 4 && u.one(3) {
		u.nested(indent, depth+1, keyed)
		return
	}
	if depth < 4 && u.one(4) {
		u.b.WriteString(" " + u.pad(u.upTo(1)))
		u.flow(indent+1, depth+1)
		u.eol()
		return
	}
	u.scalar(indent)
}

// nested writes a block collection beneath an entry.
func (u *ugly) nested(indent, depth int, keyed bool) {
	isList := u.one(2)
	col := indent + 1 + u.upTo(3)
	switch {
	case !keyed && u.one(2): // on the line of the dash
		gap := 1 + u.upTo(2)
		u.b.WriteString(u.pad(gap))
		col = indent + 1 + gap
	default:
		if keyed && isList && u.one(2) {
			col = indent
		}
		u.eol()
		u.above(col)
		u.b.WriteString(u.pad(col))
	}
	if isList {
		u.list(col, depth)
	} else {
		u.mapping(col, depth)
	}
}

// flow writes a collection between brackets.
func (u *ugly) flow(indent, depth int) {
	isList := u.one(2)
	u.b.WriteString(map[bool]string{true: "[", false: "{"}[isList])
	own := u.one(3)
	n := u.upTo(3)
	for i := range n {
		if own {
			u.eol()
			u.above(indent)
			u.b.WriteString(u.pad(indent))
		} else {
			u.b.WriteString(u.pad(u.upTo(1)))
		}
		if !isList {
			u.b.WriteString(u.key() + ": ")
		}
		if depth < 4 && u.one(4) {
			u.flow(indent+1, depth+1)
		} else {
			u.b.WriteString(flowScalars[u.upTo(len(flowScalars)-1)])
		}
		if i < n-1 || u.one(3) {
			u.b.WriteString([]string{",", ", ", " ,"}[u.upTo(2)])
		}
	}
	if own {
		u.eol()
		u.b.WriteString(u.pad(indent))
	}
	u.b.WriteString(map[bool]string{true: "]", false: "}"}[isList])
}

var flowScalars = []string{
	"a", "a b", "1", "-2.5e3", "true", "null", "~", `"q, ]"`, "'it''s }'", "2026-11-20T10:00:00Z", "é", `""`, "a:b",
}

// scalar writes one of the forms of a scalar, with the line's end.
func (u *ugly) scalar(indent int) {
	in := u.pad(indent + 1 + u.upTo(3))
	line := func(s string) {
		if s != "" {
			u.b.WriteString([]string{" ", "  ", " "}[u.upTo(2)] + s + []string{"", "", " \t"}[u.upTo(2)])
		}
		u.eol()
	}
	block := func(header string, lines ...string) {
		u.b.WriteString(" " + header)
		u.eol()
		for _, l := range lines {
			if l != "" {
				u.b.WriteString(in + l)
			}
			u.b.WriteString(u.nl)
		}
	}
	switch u.upTo(22) {
	case 0:
		line("")
	case 1:
		line("plain")
	case 2:
		line("plain with: colon"[:10] + "https://x.y/z#f")
	case 3:
		line("several" + u.nl + in + "lines" + u.nl + u.nl + in + "of it")
	case 4:
		line("'single ''quoted'' # no comment'")
	case 5:
		line("'single" + u.nl + in + "  folded'")
	case 6:
		line(`"double \"quoted\" \u00e9 \\"`)
	case 7:
		line(`"double \` + u.nl + in + `  folded` + u.nl + u.nl + in + `x"`)
	case 8:
		block("|", "literal # no comment", "", "  more", "end")
	case 9:
		block("|-", "stripped")
	case 10:
		block("|+", "kept", "", "")
	case 11:
		block(">", "folded", "text", "", "  more: x", "end")
	case 12:
		block(">-", "folded", "stripped")
	case 13:
		block("|", "literal", "", "")
	case 14:
		line("1234")
	case 15:
		line("-0.5e-3")
	case 16:
		line(rapid.SampledFrom([]string{"true", "False", "null", "~"}).Draw(u.t, "word"))
	case 17:
		line(rapid.SampledFrom([]string{"2026-11-20", "2026-11-20T10:00:00+01:00", "2001-12-14 21:59:43.10 -5"}).Draw(u.t, "time"))
	case 18:
		line("\U0001F680 é 日本")
	case 19:
		line(`""`)
	case 20:
		line("''")
	case 21:
		u.eol()
		u.above(indent + 1)
		u.b.WriteString(in + "beneath")
		u.eol()
	case 22:
		in = u.pad(indent + 3)
		digit := "3"
		if indent == 0 {
			digit = "3"
		}
		block("|"+digit, "  leading", "x")
	}
}

// nasty are values that are easily written wrong.
var nasty = []any{
	"", " ", " lead", "trail ", "# not a comment", "a #b", "a: b", "a:", ": a", "- a", "-", "?", "? a", "[", "]", "{a", "}", ",", "a, b",
	"'", "''", "it's", `"`, `say "hi"`, `\`, `C:\new`, "true", "Yes", "no", "null", "~", "123", "-1", "0777", "0x1f", "1_000", "1e3", ".inf", "12:30",
	"2026-01-01", "2026-01-01T10:00:00Z", "é", "日本語", "\U0001F680", "\U0001F468", "a\nb", "a\nb\n", "a\n\nb\n\n", "\n", "\na", " a\n b\n", "\ta", "a\tb",
	"a\r\nb", "  \n a", "a \nb ", "---", "...", "--- a", "%x", "@x", "`x", "&a", "*a", "!a", "|", ">", "=", "<<", "a\n# b\n", "a\n---\nb\n", "a\n  b\nc",
	strings.Repeat("long ", 40) + "end", strings.Repeat("word ", 30) + "\nx\n", "key: value\nother: x\n", "x\n\t\ny",
	nil, true, false, 0, -7, 1.5, int64(9007199254740991),
}

// nastyCollections are values that are not scalars.
var nastyCollections = []any{
	[]any{}, map[string]any{}, []string{"a"}, []any{"a", "b: c", nil, 3}, map[string]any{"a": "b"},
	Map{{Key: "z", Value: "a\nb\n"}, {Key: "a", Value: []any{Map{{Key: "x", Value: 1}, {Key: "y", Value: "#"}}, []any{"p", []any{"q"}}}}},
	[]any{map[string]any{"at": "2026-01-01T00:00:00Z", "text": "x\ny\n"}}, map[string]any{"no": map[string]any{"# k": map[string]any{}}},
}
