package yamldoc

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/google/go-cmp/cmp"
)

// refusal is one thing that Parse refuses: a source, the findings as
// `code line:col-line:col message`, and a source that differs in that one
// thing and passes.
type refusal struct {
	name string
	bad  string
	want []string
	good string
}

var refusals = []refusal{
	{"too large", "a: " + strings.Repeat("x", MaxBytes-2), []string{"YML001 1:1-1:1 file larger than the 262144 bytes allowed"}, "a: " + strings.Repeat("x", MaxBytes-3)},
	{"UTF-16 with a mark", "\xFF\xFEa\x00:\x00", []string{"YML002 1:1-1:1 file is UTF-16, not UTF-8"}, byteOrderMark + "a: 1\n"},
	{"UTF-16 big-endian", "\xFE\xFF\x00a\x00:", []string{"YML002 1:1-1:1 file is UTF-16, not UTF-8"}, "a: 1\n"},
	{"UTF-16 without a mark", "a\x00:\x00 \x001\x00", []string{"YML002 1:1-1:1 file is UTF-16, not UTF-8"}, "a: 1\n"},
	{"UTF-32", "\xFF\xFE\x00\x00a\x00\x00\x00", []string{"YML002 1:1-1:1 file is UTF-32, not UTF-8"}, "a: 1\n"},
	{"Latin-1", "a: Caf\xE9 x\n", []string{"YML003 1:7-1:8 byte 0xE9 is not UTF-8"}, "a: Café x\n"},
	{"surrogate in UTF-8", "a: \xED\xA0\x80\n", []string{"YML003 1:4-1:7 byte 0xED is not UTF-8"}, "a: \uD7FF\n"},
	{"empty", "", []string{"YML004 1:1-1:1 the file is empty"}, "{}"},
	{"white space alone", " \n\n", []string{"YML004 1:1-1:1 the file is empty"}, "a:\n\n"},
	{"comments alone", "# a: 1\n", []string{"YML004 1:1-1:1 the file holds comments alone"}, "# a\na: 1\n"},
	{"marks alone", "---\n...\n", []string{"YML004 1:1-1:1 the file holds no fields"}, "---\na: 1\n...\n"},
	{"tab as indentation", "a:\n\tb: 1\n", []string{"YML006 2:1-2:2 tab used as indentation"}, "a:\n  b: \t1\t# c\n"},
	{"tab continuing a value", "a:\n  b: 1\n\t\tc: 2\n", []string{"YML006 3:1-3:3 tab used as indentation"}, "a:\n  b: 1\n  c: 2\n"},
	{"tab in a block", "a: |\n  x\n\ty\n", []string{"YML006 3:1-3:2 tab used as indentation"}, "a: |\n  x\n  \ty\n"},
	{"conflict", "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n<<<<<<< HEAD\nc: 1\n", []string{
		"YML007 2:1-6:10 merge conflict left in the file", "YML007 7:1-7:13 merge conflict left in the file"}, "a: |\n  <<<<<<< HEAD\n  =======\n  >>>>>>> x\n"},
	{"rest of a conflict", "a: 1\r\n>>>>>>>\r\n", []string{"YML007 2:1-2:8 merge conflict left in the file"}, "a: 1\r\n'>>>>>>>': 2\r\n"},
	{"list at the top", "- a\n- b\n", []string{"YML008 1:1-1:1 the top level is a list, not a mapping"}, "l:\n- a\n- b\n"},
	{"text at the top", "id:a\n", []string{"YML008 1:1-1:1 the top level is text, not a mapping"}, "id: a\n"},
	{"second document", "a: 1\n---\nb: 2\n", []string{"YML009 2:1-2:4 second document in the file"}, "a: |\n  ---\nb: 2\n"},
	{"empty second document", "a: 1\n---\n", []string{"YML009 2:1-2:4 second document in the file"}, "---\na: 1\n"},
	{"directive", "%YAML 1.1\n---\na: 1\n", []string{`YML010 1:1-1:10 directive "%YAML 1.1"`}, "#YAML 1.1\n---\na: '%YAML'\n"},
	{"unknown directive", "# c\n%x\n---\na: 1\n", []string{`YML010 2:1-2:3 directive "%x"`}, "# c\n---\na: 1\n"},
	{"NUL", "a: \x00\x00b\n", []string{"YML011 1:4-1:6 control character U+0000 and 1 more in a row"}, "a: b\n"},
	{"escape character", "a: 1 # \x1b[2J\n", []string{"YML011 1:8-1:9 control character U+001B"}, "a: 1 # [2J\n"},
	{"DEL and C1", "a: \x7f \u009b\n", []string{"YML011 1:4-1:5 control character U+007F", "YML011 1:6-1:7 control character U+009B"}, "a: \u00a0 \u00a1\n"},
	{"non-character", "a: \uFFFE\n", []string{"YML011 1:4-1:5 control character U+FFFE"}, "a: \uFFFD\n"},
	{"escaped control characters", `a: "\0x\x1b\b\U00000007"`, []string{
		`YML011 1:5-1:7 control character U+0000 behind the escape \0`, `YML011 1:8-1:12 control character U+001B behind the escape \x1b`,
		`YML011 1:12-1:14 control character U+0008 behind the escape \b`, `YML011 1:14-1:24 control character U+0007 behind the escape \U00000007`}, `a: "\\0\t\r\n\_"`},
	{"escaped control character in a key", `"a\e": 1`, []string{`YML011 1:3-1:5 control character U+001B behind the escape \e`}, `"a\\e": 1`},
	{"carriage return alone", "a: 1 # x\rb: 2\n", []string{"YML012 1:9-1:10 carriage return without a line feed"}, "a: 1 # x\r\nb: 2\n"},
	{"old line ends", "a: 1\rb: 2\r", []string{"YML012 1:5-1:6 carriage return without a line feed", "YML012 1:10-1:11 carriage return without a line feed"}, "a: 1\nb: 2\n"},
	{"next line", "a: x\u0085y\n", []string{"YML012 1:5-1:6 line break U+0085 that only some programs know"}, "a: x y\n"},
	{"line separator", "a: \u2028\nb: \u2029\n", []string{"YML012 1:4-1:5 line break U+2028 that only some programs know", "YML012 2:4-2:5 line break U+2029 that only some programs know"}, "a: \u2027\n"},
	{"escaped line breaks", `a: ["\N", "\L", "\P", "\u2028"]`, []string{
		`YML012 1:6-1:8 line break U+0085 behind the escape \N that only some programs know`, `YML012 1:12-1:14 line break U+2028 behind the escape \L that only some programs know`,
		`YML012 1:18-1:20 line break U+2029 behind the escape \P that only some programs know`, `YML012 1:24-1:30 line break U+2028 behind the escape \u2028 that only some programs know`}, `a: ["\n", "\u2027"]`},
	{"bidi", "a: x\u202ey\u2066\u2069\n", []string{"YML013 1:5-1:6 invisible character U+202E", "YML013 1:7-1:9 invisible character U+2066 and 1 more in a row"}, "a: x אב\n"},
	{"zero width in a comment", "a: 1 # x\u200by\n", []string{"YML013 1:9-1:10 invisible character U+200B"}, "a: 1 # x y\n"},
	{"joined emoji", "a: \U0001F469\u200D\U0001F4BB\n", []string{"YML013 1:5-1:6 invisible character U+200D"}, "a: \U0001F469\U0001F4BB ❤\uFE0F\n"},
	{"byte order mark inside", "a: 1\n\uFEFFb: 2\n", []string{"YML013 2:1-2:2 invisible character U+FEFF"}, "\uFEFFa: 1\nb: 2\n"},
	{"two byte order marks", "\uFEFF\uFEFFa: 1\n", []string{"YML013 1:1-1:2 invisible character U+FEFF"}, "\uFEFFa: 1\n"},
	{"hidden text", "a: x\U000E0041\n", []string{"YML013 1:5-1:6 invisible character U+E0041"}, "a: x\U0001F3F4\n"},
	{"escaped bidi in a flow key", `a: {"b\u202E": 1}`, []string{`YML013 1:7-1:13 invisible character U+202E behind the escape \u202E`}, `a: {"b\u202F": 1}`},
	{"anchor", "a: &x 1\n", []string{"YML014 1:4-1:6 anchor &x"}, "a: '&x 1'\n"},
	{"anchor on nothing", "a: &x\nb: 1\n", []string{"YML014 1:4-1:6 anchor &x"}, "a: \"&x\"\nb: 1\n"},
	{"anchor on a key", "&x a: 1\n", []string{"YML014 1:1-1:3 anchor &x"}, "x&: 1\n"},
	{"alias", "a: &x 1\nb: *x\n", []string{"YML014 1:4-1:6 anchor &x", "YML015 2:4-2:6 alias *x"}, "a: 1\nb: '*x'\n"},
	{"alias without anchor", "a: 1\nb: *x\n", []string{`YML015 2:4-2:6 alias "*x"`}, "a: 1\nb: x*\n"},
	{"alias as a key", "a: &x 1\n*x : 2\n", []string{"YML014 1:4-1:6 anchor &x", "YML019 2:1-2:3 key is an alias, not text", "YML015 2:1-2:3 alias *x"}, "a: 1\n'*x' : 2\n"},
	{"merge key", "a:\n  <<: {b: 1}\n", []string{"YML016 2:3-2:5 merge key <<"}, "a:\n  '<<': {b: 1}\n"},
	{"merge key as a value", "a: <<\n", []string{"YML016 1:4-1:6 << as a value"}, "a: <<x\n"},
	{"tag", "a: !!binary aGk=\n", []string{`YML017 1:4-1:12 tag "!!binary"`}, "a: binary aGk=\n"},
	{"core tag", "a: !!str 1\n", []string{`YML017 1:4-1:9 tag "!!str"`}, "a: '1'\n"},
	{"own tags", "a: !x {b: !y [c]}\n", []string{`YML017 1:4-1:6 tag "!x"`, `YML017 1:11-1:13 tag "!y"`}, "a: {b: [c!x]}\n"},
	{"bare tags", "a: !\nb: ! x\n! c: 1\n", []string{`YML017 1:4-1:5 tag "!"`, `YML017 2:4-2:5 tag "!"`, `YML017 3:1-3:2 tag "!"`}, "a: '!'\nb: x!\nc!: 1\n"},
	{"tag behind an anchor", "a: &x !y 1\n", []string{"YML014 1:4-1:6 anchor &x", `YML017 1:7-1:9 tag "!y"`}, "a: 1\n"},
	{"tag with an unknown handle", "a: !x!y z\n", []string{`YML017 1:4-1:8 tag "!x!y"`}, "a: x!y z\n"},
	{"verbatim tag", "a: !<tag:yaml.org,2002:str> x\n", []string{`YML017 1:4-1:28 tag "!<tag:yaml.org,2002:str>"`}, "a: <tag:yaml.org,2002:str> x\n"},
	{"duplicate keys", "a: 1\nb:\n  c: 1\n  'c': 2\na: 3\n\"\\x61\": 4\n", []string{
		`YML018 4:3-4:6 key "c" is already on line 3`, `YML018 5:1-5:2 key "a" is already on line 1`, `YML018 6:1-6:7 key "a" is already on line 1`}, "a: 1\nA: 2\nb: {a: 1}\n"},
	{"keys that are not text", "true: 1\n2: 1\n~: 1\n1.5: 1\n? [a]\n: 1\n", []string{
		"YML019 1:1-1:5 key is a boolean (true), not text", "YML019 2:1-2:2 key is a number (2), not text", "YML019 3:1-3:2 key is empty, not text",
		"YML019 4:1-4:4 key is a number (1.5), not text", "YML019 5:3-5:6 key is a list, not text"}, "'true': 1\n\"2\": 1\n2026-11-20: 1\nyes: 1\n? a\n: 1\n"},
	{"mapping as a key", "{a: 1}: b\n", []string{"YML019 1:1-1:7 key is a mapping, not text"}, "'{a: 1}': b\n"},
	{"numbers outside JSON", "a: [0777, 0x1f, 0o17, 0b11, 1_000, +1, .5, 1., .inf, -.INF, .nan, 08]\n", numbersOutside(), "a: ['0777', 777, -0, 0.5, 1e3, 1E+2, -1.5e-7, inf, 1.2.3, 0x, 12:30, 1-2]\n"},
	{"numbers outside JSON that yaml.v3 takes for text", "a: 0xFFFFFFFFFFFFFFFFFF\n", []string{`YML020 1:4-1:24 number "0xFFFFFFFFFFFFFFFFFF" is not a number in JSON`}, "a: 0xFG\n"},
	{"large numbers", "a: 9007199254740992\nb: -9007199254740992\nc: 1e400\nd: 12e4567\n", []string{
		`YML021 1:4-1:20 number "9007199254740992" is beyond ±9007199254740991`, `YML021 2:4-2:21 number "-9007199254740992" is beyond ±9007199254740991`,
		`YML021 3:4-3:9 number "1e400" is beyond ±9007199254740991`, `YML021 4:4-4:11 number "12e4567" is beyond ±9007199254740991`}, "a: 9007199254740991\nb: -9007199254740991\nc: 1e15\nd: '12e4567'\n"},
	{"a very long number", "a: 0" + strings.Repeat("1", 70) + "\n", []string{`YML020 1:4-1:75 number "0` + strings.Repeat("1", 59) + `"… is not a number in JSON`}, "a: '0" + strings.Repeat("1", 70) + "'\n"},
	{"exact numbers", "a: 0.1234567890123456\nb: 1e-400\nc: 5e-324\n", []string{
		`YML021 1:4-1:22 number "0.1234567890123456" has more than 15 significant digits`, `YML021 2:4-2:10 number "1e-400" is too close to zero`,
		`YML021 3:4-3:10 number "5e-324" is too close to zero`}, "a: 0.123456789012345\nb: 0.10000000000000000000\nc: 0e-400\n"},
	{"deep list", "a: " + strings.Repeat("[", 32) + "b" + strings.Repeat("]", 32), []string{"YML022 1:35-1:35 nested deeper than 32"}, "a: " + strings.Repeat("[", 31) + "b" + strings.Repeat("]", 31)},
}

func numbersOutside() (out []string) {
	col := 5
	for _, n := range []string{"0777", "0x1f", "0o17", "0b11", "1_000", "+1", ".5", "1.", ".inf", "-.INF", ".nan", "08"} {
		out = append(out, fmt.Sprintf("YML020 1:%d-1:%d number %q is not a number in JSON", col, col+len(n), n))
		col += len(n) + 2
	}
	return out
}

// brief writes findings as the tables have them.
func brief(findings []finding.Finding) (out []string) {
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%s %d:%d-%d:%d %s", f.Code, f.Line, f.Column, f.EndLine, f.EndColumn, f.Message))
	}
	return out
}

func TestParseRefuses(t *testing.T) {
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			_, findings := Parse("f.yaml", []byte(r.bad))
			if diff := cmp.Diff(r.want, brief(findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			checkFindings(t, r.bad, findings)
			d, findings := Parse("f.yaml", []byte(r.good))
			if len(findings) > 0 || d == nil {
				t.Errorf("the twin is refused: %q", brief(findings))
			}
		})
	}
}

// TestParseSyntax checks what is said about files that are not YAML, and where.
func TestParseSyntax(t *testing.T) {
	tests := []struct{ src, want string }{
		{"title: Fix: thing\n", "1:11-1:12 a `:` that starts a value where none can stand"},
		{"a: 1\n  b: 2\n", "2:4-2:5 a `:` that starts a value where none can stand"},
		{"é: 1\nü: ß: x\n", "2:5-2:6 a `:` that starts a value where none can stand"},
		{"x: 1\na: - b\n", "2:4-2:5 a list element where none can stand"},
		{"a: 1\nfoo\nbar: 1\n", "2:1-2:4 a line that is neither `key: value` nor a list element"},
		{"a: 1\nfoo:\u00a0x\nbar: 1\n", "2:5-2:6 a no-break space (U+00A0) after the `:`, which is no space to YAML"},
		{"a: 1\nfoo:x\nbar: 1\n", "2:4-2:5 no space after the `:`, so this is no key"},
		{"a: 1\nhttps://x\nbar: 1\n", "2:1-2:10 a line that is neither `key: value` nor a list element"},
		{"a:\n- 1\nb", "3:1-3:2 a line that is neither `key: value` nor a list element"},
		{"a:\n  b: 1\n c: 2\nd: 3\n", `3:2-3:4 "c:" does not line up with the keys above, or follows a value that has ended`},
		{"z: 1\na: \"x\" y\nb: 1\n", `2:8-2:9 "y" does not line up with the keys above, or follows a value that has ended`},
		{"a:\n  - 1\n  b: 2\n", "3:3-3:5 \"b:\" stands among list elements without a `-`"},
		{"a: [1, 2\nb: 1\n", "1:4-1:9 a list that is not closed, or lacks a comma"},
		{"z: 1\na: [1, 2\nb: 1\nc: 2\n", "2:4-2:9 a list that is not closed, or lacks a comma"},
		{"z: 1\na: {b: 1\nb: 1\n", "2:4-2:9 a mapping that is not closed, or lacks a comma"},
		{"z: 1\na: [[1], {b: 1},\n", "2:4-2:17 a list or mapping that is not closed"},
		{"a: [,]\n", `1:4-1:7 "[,]" is not expected here`},
		{"z: 1\na: @foo\n", "2:4-2:5 a value cannot start with '@'"},
		{"z: 1\na: `foo\n", "2:4-2:5 a value cannot start with '`'"},
		{"z: 1\na: *.go\n", "2:4-2:8 a value cannot start with '*'"},
		{"a: %x\n", "1:4-1:5 a value cannot start with '%'"},
		{"z: it's\na: 'foo\nb: 1\n", "2:4-2:8 a quoted text that does not end"},
		{"a: \"foo\nb: 1\n", "1:4-1:8 a quoted text that does not end"},
		{"x: 1\na: '\n---\n", "2:4-2:5 a quoted text that does not end"},
		{"p: \"C:\\path\"\n", `1:7-1:9 "\\p" is not an escape`},
		{"p: 1\nq: \"\\ud83d\\ude00\"\n", `2:5-2:11 "\\ud83d" is half of a character`},
		{"p: 1\nq: \"\\u12\"\n", `2:5-2:10 "\\u12\"" lacks its hexadecimal digits`},
		{`p: "\x4"`, `1:5-1:9 "\\x4\"" lacks its hexadecimal digits`},
		{`p: "\U0001F68"`, `1:5-1:15 "\\U0001F68\"" lacks its hexadecimal digits`},
		{"a: \"" + strings.Repeat("é", 70) + "\" b\n", `1:77-1:78 "b" does not line up with the keys above, or follows a value that has ended`},
		{"a: 1\n" + strings.Repeat("é", 70) + "]\n: x", `2:1-2:72 a line that is neither ` + "`key: value`" + ` nor a list element`},
		{"z: 1\na: > foo\n", "2:4-2:9 text on the line of '>', which announces a block of lines"},
		{"a: 1\n...\nb\n", `3:1-3:2 "b" is not expected here`},
		{"a: |0\n  x\n", "1:1-1:6 the file is not YAML: found an indentation indicator equal to 0"},
	}
	for _, tt := range tests {
		d, findings := Parse("f.yaml", []byte(tt.src))
		if diff := cmp.Diff([]string{"YML005 " + tt.want}, brief(findings)); diff != "" || d != nil {
			t.Errorf("%q (-want +got):\n%s", tt.src, diff)
		}
		checkFindings(t, tt.src, findings)
	}
}

// TestParseAll checks that one finding does not hide the others, and what they
// carry.
func TestParseAll(t *testing.T) {
	src := "\uFEFFé: 0777 # \u200b\r\nb: !!str x\r\nb: \"\\u202e\"\r\nc: *x\r\n"
	d, findings := Parse("dir/f.yaml", []byte(strings.Replace(src, "*x", "&x 1", 1)))
	want := []string{
		`YML020 1:4-1:8 number "0777" is not a number in JSON`, "YML013 1:11-1:12 invisible character U+200B",
		`YML017 2:4-2:9 tag "!!str"`, `YML018 3:1-3:2 key "b" is already on line 2`,
		`YML013 3:5-3:11 invisible character U+202E behind the escape \u202e`, "YML014 4:4-4:6 anchor &x",
	}
	if diff := cmp.Diff(want, brief(findings)); diff != "" {
		t.Fatalf("-want +got:\n%s", diff)
	}
	f := findings[1]
	if f.File != "dir/f.yaml" || f.Severity != finding.Error || f.Frame != "é: 0777 # \u200b" {
		t.Errorf("finding %+v", f)
	}
	if d == nil {
		t.Fatal("no document, although there is one to look at")
	}
	if diff := cmp.Diff(map[string]any{"é": "0777", "b": "x", "c": json.Number("1")}, d.Value()); diff != "" {
		t.Errorf("value -want +got:\n%s", diff)
	}
}

// TestParseMasked checks that refused characters stay out of the rest: the
// frame is the line as given, and nothing else is said.
func TestParseMasked(t *testing.T) {
	d, findings := Parse("f.yaml", []byte("a: \x00 b\nc: d\u202e\n"))
	if len(findings) != 2 || findings[0].Frame != "a: \x00 b" {
		t.Fatalf("findings %+v", findings)
	}
	if got := d.Line(2); got != "c: d\u202e" {
		t.Errorf("line 2 is %q", got)
	}
	if _, err := d.Apply(Edit{Pointer: "/c", Value: "x"}); err == nil {
		t.Error("a file with refused characters was edited")
	}
}

// TestParseHostile checks that files made to exhaust a parser end in findings.
func TestParseHostile(t *testing.T) {
	full := func(s string) string { return strings.Repeat(s, MaxBytes/len(s)) }
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'z'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), ","))
	}
	tests := map[string]struct{ src, want string }{
		"brackets":       {full("["), "YML022 1:33-1:34"},
		"braces":         {full("{"), "YML022 1:33-1:34"},
		"nested flow":    {full("a: {a: {"), "YML022 1:132-1:133"},
		"dashes":         {full("- "), "YML022 1:65-1:66"},
		"question marks": {full("? "), "YML022 1:65-1:66"},
		"alias bomb":     {bomb, "YML014 1:4-1:6"},
		"one key":        {full("a:\n"), "YML018 2:1-2:2"},
		"tags":           {"a: " + full("! ")[4:], "YML005 1:6-1:7"},
		"NUL":            {"a: " + full("\x00x")[4:], "YML011 1:4-1:5"},
		"merge keys":     {full("<<: 1\n"), "YML016 1:1-1:3"},
		"open quote":     {"a: \"" + full("\\")[4:], "YML005 1:4-1:262145"},
		"markers":        {full("<<<<<<<\n"), "YML007 32768:1-32768:8"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d, findings := Parse("f.yaml", []byte(tt.src))
			if len(findings) == 0 || !strings.HasPrefix(brief(findings)[0], tt.want+" ") {
				t.Fatalf("%d findings, %q first, want %s", len(findings), brief(findings[:min(1, len(findings))]), tt.want)
			}
			if len(findings) > maxFindings+1 {
				t.Errorf("%d findings", len(findings))
			}
			if d != nil {
				d.Value()
				d.Span("/a")
			}
		})
	}
}

// TestParseManyFindings checks that the list ends, and says so.
func TestParseManyFindings(t *testing.T) {
	_, findings := Parse("f.yaml", []byte(strings.Repeat("\x01\n", 1000)))
	last := findings[len(findings)-1]
	if len(findings) != maxFindings+1 || last.Code != "YML023" || findings[0].Code != "YML011" {
		t.Fatalf("%d findings, the last %+v", len(findings), last)
	}
}

// TestParsePanic checks that a panic below becomes a finding.
func TestParsePanic(t *testing.T) {
	_, err := decodeFrom(panicReader{})
	p := &parse{name: "f.yaml", text: newText("a: 1\n")}
	p.addSyntax(err)
	if want := []string{"YML024 1:1-1:5 the YAML parser failed on this file"}; !cmp.Equal(want, brief(p.findings)) {
		t.Fatalf("findings %q", brief(p.findings))
	}
}

type panicReader struct{}

func (panicReader) Read([]byte) (int, error) { panic("boom") }

// TestCodesAreEmitted holds the table of codes to what is tested here.
func TestCodesAreEmitted(t *testing.T) {
	src, err := os.ReadFile("parse_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range finding.Codes() {
		if strings.HasPrefix(c.ID, "YML") && !strings.Contains(string(src), c.ID+" ") && !strings.Contains(string(src), `"`+c.ID+`"`) {
			t.Errorf("%s is in the table and emitted by no test", c.ID)
		}
	}
}
