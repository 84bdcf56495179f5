package yamldoc

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/finding"
)

// Positions are those of the file, and the body is nobody's business.
func TestFrontMatter(t *testing.T) {
	const body = "---\n\n# Title\n\n\ttabs, *stars* and a line of dashes\n---\n<br>\u00a0trailing  \n"
	for name, src := range map[string]string{
		"plain": "---\ntitle: Use Postgres\nstatus: accepted # for now\n" + body,
		"CRLF":  strings.ReplaceAll("---\ntitle: Use Postgres\nstatus: accepted # for now\n"+body, "\n", "\r\n"),
		"BOM":   "\uFEFF---\ntitle: Use Postgres\nstatus: accepted # for now\n" + body,
		"flow":  "---\n{title: Use Postgres, status: accepted}\n" + body,
		"fence": "--- \ntitle: Use Postgres\nstatus: accepted\n---\t\nbody",
		"alone": "---\ntitle: Use Postgres\nstatus: accepted\n---",
	} {
		t.Run(name, func(t *testing.T) {
			d, fs := ParseFrontMatter("adr.md", []byte(src))
			if d == nil || len(fs) > 0 {
				t.Fatalf("findings %v", fs)
			}
			if got := d.Value(); len(got) != 2 || got["title"] != "Use Postgres" {
				t.Errorf("value %v", got)
			}
			if line, _ := d.Position("/title"); line != 2 {
				t.Errorf("title is at line %d", line)
			}
			out, err := d.Apply(Edit{Pointer: "/status", Value: "superseded"}, Edit{Pointer: "/superseded_by", Value: "0002-x"})
			if err != nil {
				t.Fatal(err)
			}
			after, fs := ParseFrontMatter("adr.md", out)
			if after == nil || len(fs) > 0 || after.Value()["superseded_by"] != "0002-x" || after.Value()["status"] != "superseded" {
				t.Fatalf("edited %q: %v", out, fs)
			}
			if after.tail != d.tail || !bytes.HasSuffix([]byte(src), []byte(d.tail)) || !strings.HasPrefix(d.tail, "---") {
				t.Errorf("body %q became %q", d.tail, after.tail)
			}
			if name == "CRLF" && strings.Count(string(out), "\n") != strings.Count(string(out), "\r\n") {
				t.Errorf("line ends are mixed: %q", out)
			}
		})
	}
}

func TestFrontMatterRefused(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{"", "1:1 YML004 the file has no front matter"},
		{"# Title\n", "1:1 YML004 the file has no front matter"},
		{"\n---\na: b\n---\n", "1:1 YML004 the file has no front matter"},
		{"+++\na = 1\n+++\n", "1:1 YML004 the front matter is TOML"},
		{"```toml\n[advisory]\n```\n", "1:1 YML004 the front matter is TOML"},
		{"---\na: b\n", "1:1 YML005 the front matter does not end"},
		{"---\n---\nbody", "1:1 YML004 the file holds no fields"},
		{"---\n# later\n---\nbody", "1:1 YML004"},
		{"---\n- a\n---\nbody", "2:1 YML008"},
		{"---\na: b\na: c\n---\nbody", "3:1 YML018"},
		{"---\na: &x b\n---\nbody", "2:4 YML014"},
		{"---\na:\n\tb: c\n---\nbody", "3:1 YML006"},
		{"<<<<<<< HEAD\n---\na: b\n=======\n---\na: c\n>>>>>>> other\n---\n", "1:1 YML007"},
		{"\xff\xfe-\x00-\x00-\x00", "1:1 YML002"},
		{"---\na: b\n---\n" + strings.Repeat("x", MaxBytes), "1:1 YML001"},
	} {
		d, fs := ParseFrontMatter("adr.md", []byte(tt.src))
		if len(fs) == 0 {
			t.Errorf("%.40q is accepted as %v", tt.src, d.Value())
			continue
		}
		if got := fmt.Sprintf("%d:%d %s %s", fs[0].Line, fs[0].Column, fs[0].Code, fs[0].Message); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%.40q: %s, want %s", tt.src, got, tt.want)
		}
	}
}

// FuzzFrontMatter holds that what stands between the fences means what it means
// on its own, and that the body is kept by edits and by formatting.
func FuzzFrontMatter(f *testing.F) {
	f.Add("title: x\n", "body\n---\n")
	f.Add("a: |\n  b\n\n", "\r\n")
	f.Add("a: b # c\r\nd: [e]\r\n", "---\n")
	f.Fuzz(func(t *testing.T, yaml, body string) {
		if strings.Contains(yaml, "---") || yaml != "" && !strings.HasSuffix(yaml, "\n") || strings.ContainsAny(body, "<>") {
			return
		}
		d, fs := ParseFrontMatter("x.md", []byte("---\n"+yaml+"---\n"+body))
		alone, want := Parse("x.md", []byte("---\n"+yaml))
		if d == nil && slices.ContainsFunc(fs, func(f finding.Finding) bool { return f.Code == "YML007" }) {
			return // a conflict is all that is said of a file: who knows where its front matter ends
		}
		if len(fs) != len(want) || (d == nil) != (alone == nil) {
			t.Fatalf("findings %v, on its own %v", fs, want)
		}
		if d == nil || len(fs) > 0 {
			return
		}
		out, err := d.Apply(Edit{Pointer: "/added", Value: "x"})
		if err == nil && !strings.HasSuffix(string(out), "---\n"+body) {
			t.Errorf("body %q is lost in %q", body, out)
		}
		formatted, err := d.Format(canonical)
		if err != nil {
			return // refused, and nothing is changed
		}
		again, fs := ParseFrontMatter("x.md", formatted)
		if again == nil || len(fs) > 0 || !strings.HasSuffix(string(formatted), "---\n"+body) || !reflect.DeepEqual(again.Value(), d.Value()) {
			t.Errorf("formatted %q, which reads as %v %v", formatted, again, fs)
		}
	})
}
