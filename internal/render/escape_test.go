package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

type escape struct{ in, want string }

func testEscaper(t *testing.T, f func(string) string, cases []escape) {
	t.Helper()
	for _, c := range cases {
		if got := f(c.in); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestTerminal(t *testing.T) {
	testEscaper(t, Terminal, []escape{
		{"", ""}, {"plain text", "plain text"}, {"größer 漢字 🚀 e\u0301", "größer 漢字 🚀 e\u0301"},
		{"\x1b[31mred\x1b[0m", "[31mred[0m"}, {"\x1b]0;title\a", "]0;title"}, {"\u009b31m", "31m"},
		{"a\nb\tc\rd", "a b c d"}, {"a\r\nb", "a b"}, {"a\u2028b\u2029c\u0085d", "a b c d"},
		{"\u202eevil\u202c", "evil"}, {"\u2066x\u2069\u061c", "x"}, {"a\u200bb\u200db\ufeffc\u00add", "abbcd"},
		{"x\U000E0041\U000E0001y", "xy"}, {"☺\ufe0f", "☺"}, {"\u3164\u115f\u034f", ""}, {"\u0600", "\u0600"},
		{"a\xffb", "a\ufffdb"}, {"\b\x7f\x00", ""},
	})
	testEscaper(t, TerminalLines, []escape{{"a\nb\r\nc\td\u2028e", "a\nb\nc d e"}, {"\x1b[2J\n", "[2J\n"}})
}

func TestMarkdown(t *testing.T) {
	testEscaper(t, Markdown, []escape{
		{"", ""}, {"plain text 42", "plain text 42"}, {"*b* _i_ `c`", "\\*b\\* \\_i\\_ \\`c\\`"},
		{"[x](javascript:alert(1))", `\[x\]\(javascript\:alert\(1\)\)`}, {"<img src=x onerror=y>", `&lt;img src\=x onerror\=y&gt;`},
		{"a | b", `a \| b`}, {"@team ping", `\@&#8203;team ping`}, {"fixes #12", `fixes \#&#8203;12`}, {"# head", `\#&#8203; head`},
		{"1. one\n2. two", `1\. one 2\. two`}, {"  indented\n\n\tcode", "indented code"}, {"https://evil.example", `https\:\/\/evil\.example`},
		{"&lt;b&gt;", `&amp;lt\;b&amp;gt\;`}, {`back\slash`, `back\\slash`}, {"\u202ex\x1b", "x"},
	})
}

func TestInert(t *testing.T) {
	testEscaper(t, inert, []escape{
		{"a\nb\n", "a\nb\n"}, {"a::b\n", "a::b\n"}, {"::error::x\n", "\\::error::x\n"}, {"a\n   ::stop-commands::x", "a\n   \\::stop-commands::x"}, {"a ##[error]x", `a ##\[error]x`},
	})
}

func TestHTML(t *testing.T) {
	testEscaper(t, HTML, []escape{
		{"plain", "plain"}, {`<script>"'&`, "&lt;script&gt;&#34;&#39;&amp;"}, {"a\nb", "a\nb"}, {"\u202ex\x00", "x"},
	})
}

func TestCSVCell(t *testing.T) {
	testEscaper(t, CSVCell, []escape{
		{"", ""}, {"plain", "plain"}, {"a=b", "a=b"}, {"3-1", "3-1"}, {"=1+1", "'=1+1"}, {"+1", "'+1"}, {"-1", "'-1"}, {"@x", "'@x"},
		{"\t=1", "'\t=1"}, {"\tx", "'\tx"}, {"\rx", "'\rx"}, {"\nx", "'\nx"}, {" =1", "' =1"}, {"\u200b=1", "'\u200b=1"}, {"＝1", "'＝1"},
		{" x", " x"}, {`=cmd|'/c calc'!A1`, `'=cmd|'/c calc'!A1`},
	})
}

func TestGitHubEscapes(t *testing.T) {
	testEscaper(t, GitHubData, []escape{
		{"plain: a, b", "plain: a, b"}, {"100%", "100%25"}, {"a\r\nb", "a%0D%0Ab"}, {"\n::set-output name=x::y", "%0A::set-output name=x::y"},
		{"%0A", "%250A"}, {"\x1b\u202ex", "x"},
	})
	testEscaper(t, GitHubProperty, []escape{{"a:b,c", "a%3Ab%2Cc"}, {"x::y\n", "x%3A%3Ay%0A"}, {"50%", "50%25"}})
}

// hidden reports whether s holds a rune that acts on a terminal or hides.
// It is written apart from invisible, from the properties of Unicode alone.
func hidden(s, keep string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		if strings.ContainsRune(keep, r) {
			return false
		}
		return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Join_Control, unicode.Zl, unicode.Zp, unicode.Variation_Selector) ||
			r == 0xfeff || r == 0x200b || r >= 0xe0000 && r < 0xe1000
	})
}

func seed(f *testing.F) {
	for _, s := range []string{"", "plain", "\x1b[31m", "\u202e", "a\r\nb", "=1", "\xff", "%0A::error::", "\u009b", "| <b> @x #1", "\U000E0041"} {
		f.Add(s)
	}
}

func FuzzTerminal(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		got := Terminal(s)
		if hidden(got, "") {
			t.Errorf("%q became %q", s, got)
		}
		if again := Terminal(got); again != got {
			t.Errorf("not stable: %q, %q", got, again)
		}
		if lines := TerminalLines(s); hidden(lines, "\n") {
			t.Errorf("%q became %q", s, lines)
		}
	})
}

func FuzzMarkdown(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		got := Markdown(s)
		if hidden(got, "") || strings.ContainsAny(got, "<>\n") {
			t.Errorf("%q became %q", s, got)
		}
		// Every sign that Markdown reads is behind a backslash, or is the & of
		// an entity and what belongs to it.
		rest := strings.NewReplacer("&amp;", "", "&lt;", "", "&gt;", "", "&#8203;", "").Replace(got)
		for i := 0; i < len(rest); i++ {
			switch c := rest[i]; {
			case c == '\\':
				i++
			case c < utf8.RuneSelf && (unicode.IsPunct(rune(c)) || unicode.IsSymbol(rune(c))):
				t.Fatalf("%q: bare %q in %q", s, c, got)
			}
		}
	})
}

func FuzzHTML(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		if got := HTML(s); strings.ContainsAny(got, `<>"'`) || hidden(got, "\n") {
			t.Errorf("%q became %q", s, got)
		}
	})
}

func FuzzCSVCell(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		got := CSVCell(s)
		if strings.TrimPrefix(got, "'") != s && got != s {
			t.Errorf("%q became %q", s, got)
		}
		if trimmed := strings.TrimSpace(got); trimmed != "" && strings.ContainsRune("=+-@", rune(trimmed[0])) {
			t.Errorf("%q became %q", s, got)
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.WriteAll([][]string{{got, "next"}}); err != nil {
			t.Fatal(err)
		}
		if rows, err := csv.NewReader(&b).ReadAll(); err != nil || len(rows) != 1 || len(rows[0]) != 2 {
			t.Errorf("%q: %q, %v", s, rows, err)
		}
	})
}

func FuzzGitHub(f *testing.F) {
	seed(f)
	undo := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	f.Fuzz(func(t *testing.T, s string) {
		prop, data := GitHubProperty(s), GitHubData(s)
		if strings.ContainsAny(prop, ":,\r\n") || hidden(prop, "") || hidden(data, "") {
			t.Errorf("%q became %q and %q", s, prop, data)
		}
		if want := strip(s, "\r\n"); undo.Replace(prop) != want || undo.Replace(data) != want {
			t.Errorf("%q reads back as %q", want, undo.Replace(prop))
		}
	})
}

func FuzzJSON(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, s string) {
		var b bytes.Buffer
		if err := JSON(&b, object{{"k", s}}); err != nil {
			t.Fatal(err)
		}
		if hidden(b.String(), "\n") {
			t.Errorf("%q became %q", s, b.String())
		}
		var got map[string]string
		if err := json.Unmarshal(b.Bytes(), &got); err != nil || got["k"] != strings.ToValidUTF8(s, "\ufffd") && utf8.ValidString(s) {
			t.Errorf("%q reads back as %q, %v", s, got["k"], err)
		}
	})
}

// TestTalk holds that what is said on stderr is no command to a workflow, in
// whichever line of it: the runner reads both streams.
func TestTalk(t *testing.T) {
	for text, want := range map[string]string{
		"conflict in x":                       "conflict in x",
		"in x\n::stop-commands::y":            "in x\n\\::stop-commands::y",
		"in x\r\n  ::add-mask::y":             "in x\n  \\::add-mask::y",
		"a ##[set-output name=x]y":            "a ##\\[set-output name=x]y",
		"git: see https://github.com/acme::x": "git: see https://github.com/acme::x",
	} {
		if got := TalkLines(text); got != want {
			t.Errorf("%q becomes %q, not %q", text, got, want)
		}
	}
	if got := Talk("::debug::x\n::y"); got != `\::debug::x ::y` {
		t.Errorf("%q", got)
	}
}
