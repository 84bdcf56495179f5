package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/google/go-cmp/cmp"
)

const file = "changes/2026/11/CHG-20261120-7K3F2M.yaml"

func backout() finding.Finding {
	return finding.Finding{
		Code: "CHG012", Severity: finding.Error, File: file, Line: 14, Column: 12, EndLine: 14, EndColumn: 14,
		Message: "back-out plan missing", Frame: `  backout: ""`,
		Why: "high-risk changes must be reversible (policy/change.rego:42)", Fix: "gitsm change edit 7k3f --set plan.backout=…",
	}
}

func render(t *testing.T, f func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func textOf(t *testing.T, fs ...finding.Finding) string {
	t.Helper()
	return render(t, func(b *bytes.Buffer) error { return NewReport(fs, nil, 12, 34).Text(b, Style{}) })
}

func TestText(t *testing.T) {
	warning := finding.Finding{Code: "CHG020", Severity: finding.Warning, File: "gitsm.yaml", Message: "second\x1b[2J", Fix: "one\ntwo\u202e"}
	nowhere := finding.Finding{Severity: finding.Error, Message: "nothing to look at"}
	lineOnly := finding.Finding{Code: "YML001", Severity: finding.Error, File: "x.yaml", Line: 3, Message: "cut short", Frame: "a: b\r\n"}
	tests := []struct {
		name string
		fs   []finding.Finding
		want string
	}{
		{"nothing", nil, "12 records, 34 rules: 0 errors, 0 warnings\n"},
		{"one", []finding.Finding{backout()}, file + `:14:12: error CHG012 back-out plan missing
   14 |   backout: ""
      |            ^^ empty
  why  high-risk changes must be reversible (policy/change.rego:42)
  fix  gitsm change edit 7k3f --set plan.backout=…
12 records, 34 rules: 1 error, 0 warnings
`},
		{"several", []finding.Finding{warning, backout(), nowhere, lineOnly}, `error nothing to look at

` + file + `:14:12: error CHG012 back-out plan missing
   14 |   backout: ""
      |            ^^ empty
  why  high-risk changes must be reversible (policy/change.rego:42)
  fix  gitsm change edit 7k3f --set plan.backout=…

gitsm.yaml: warning CHG020 second[2J
  fix  one
       two

x.yaml:3: error YML001 cut short
    3 | a: b
12 records, 34 rules: 3 errors, 1 warning
`},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, textOf(t, tt.fs...)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestSummaryLine(t *testing.T) {
	for want, s := range map[string]Summary{
		"1 record, 1 rule: 1 error, 1 warning":                  {1, 1, 1, 1, 0},
		"0 records, 0 rules: 0 errors, 0 warnings":              {},
		"2 records, 3 rules: 4 errors, 5 warnings, 6 waived":    {2, 3, 4, 5, 6},
		"12 records, 34 rules: 1 error, 0 warnings, 1 waived":   {12, 34, 1, 0, 1},
		"1000 records, 34 rules: 10 errors, 11 warnings":        {1000, 34, 10, 11, 0},
		"1000000 records, 34 rules: 101 errors, 1 warning":      {1000000, 34, 101, 1, 0},
		"1 record, 34 rules: 0 errors, 1 warning, 12345 waived": {1, 34, 0, 1, 12345},
	} {
		if got := s.Line(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTextColor(t *testing.T) {
	r := NewReport([]finding.Finding{backout()}, nil, 1, 1)
	colored := render(t, func(b *bytes.Buffer) error { return r.Text(b, Style{Color: true}) })
	if !strings.Contains(colored, "\x1b[1;31merror\x1b[0m") {
		t.Errorf("no red error in %q", colored)
	}
	uncolored := strings.NewReplacer("\x1b[1;31m", "", "\x1b[1m", "", "\x1b[2m", "", "\x1b[0m", "").Replace(colored)
	if diff := cmp.Diff(render(t, func(b *bytes.Buffer) error { return r.Text(b, Style{}) }), uncolored); diff != "" {
		t.Error(diff)
	}
}

func TestFrame(t *testing.T) {
	tests := []struct {
		name, line       string
		column, end      int
		endLine          int
		want, wantMarked string
	}{
		{"span", "title: foo", 8, 11, 1, "title: foo", "       ^^^"},
		{"tab", "\ttitle:\tfoo", 9, 12, 1, "    title:  foo", "            ^^^"},
		{"tab inside", "a\tb", 1, 4, 1, "a   b", "^^^^^"},
		{"wide", "漢字: 漢", 5, 6, 1, "漢字: 漢", "      ^^"},
		{"combining", "e\u0301x: y", 5, 6, 1, "e\u0301x: y", "   ^"},
		{"invisible", "a: \u202ey", 4, 5, 1, `a: \u202ey`, "   ^^^^^^"},
		{"escape", "a: \x1b[0m", 4, 5, 1, `a: \u001b[0m`, "   ^^^^^^"},
		{"no end", "title: foo", 8, 0, 0, "title: foo", "       ^"},
		{"end before start", "title: foo", 8, 3, 1, "title: foo", "       ^"},
		{"many lines", "title: foo", 8, 2, 5, "title: foo", "       ^^^"},
		{"behind the line", "ab", 3, 4, 1, "ab", "  ^"},
		{"far behind the line", "ab", 99, 120, 1, "ab", "  ^"},
		{"far end", "abc", 2, 120, 1, "abc", " ^^"},
		{"empty list", "a: []", 4, 6, 1, "a: []", "   ^^ empty"},
		{"null", "a: null", 4, 8, 1, "a: null", "   ^^^^ empty"},
		{"quoted blank", `a: " "`, 4, 7, 1, `a: " "`, "   ^^^"},
		{"trailing blanks", "a: b   ", 4, 5, 1, "a: b", "   ^"},
		{"long, early", strings.Repeat("x", 200), 3, 4, 1, strings.Repeat("x", 120) + "…", "  ^"},
		{"long, late", strings.Repeat("x", 200) + "yyy", 201, 204, 1, "…" + strings.Repeat("x", 30) + "yyy", strings.Repeat(" ", 31) + "^^^"},
		{"long span", strings.Repeat("x", 200), 1, 201, 1, strings.Repeat("x", 120) + "…", strings.Repeat("^", 120)},
		{"long and wide", strings.Repeat("漢", 100) + "y", 101, 102, 1, "…" + strings.Repeat("漢", 15) + "y", strings.Repeat(" ", 31) + "^"},
	}
	for _, tt := range tests {
		f := finding.Finding{Line: 1, Column: tt.column, EndLine: tt.endLine, EndColumn: tt.end, Frame: tt.line}
		want := "    1 | " + tt.want + "\n      | " + tt.wantMarked + "\n"
		if diff := cmp.Diff(want, new(sourceLine).frame(f, Style{})); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	for _, none := range []finding.Finding{{Frame: "x"}, {Line: 1}} {
		if got := new(sourceLine).frame(none, Style{}); got != "" {
			t.Errorf("%+v: %q", none, got)
		}
	}
}

// Findings that follow each other are each drawn with their own line, also where
// it was made for the one before.
func TestFramesInTurn(t *testing.T) {
	long := strings.Repeat("{a: b},", 300)
	var line sourceLine
	for i, of := range []string{long, long, "", "a: b", long, "a: c", "a: c"} {
		f := finding.Finding{Line: 1, Column: 1 + 200*i, EndLine: 1, EndColumn: 2 + 200*i, Frame: of}
		if diff := cmp.Diff(new(sourceLine).frame(f, Style{}), line.frame(f, Style{})); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
	}
}

func FuzzFrame(f *testing.F) {
	f.Add("title: foo", 8, 11, 1)
	f.Add(strings.Repeat("漢\t\u202e", 80), 130, 500, 3)
	f.Add("\xff", 0, -1, -1)
	f.Fuzz(func(t *testing.T, line string, column, end, endLine int) {
		got := new(sourceLine).frame(finding.Finding{Line: 1, Column: column, EndLine: endLine, EndColumn: end, Frame: line}, Style{})
		if line == "" {
			return
		}
		if hidden(got, "\n") && utf8.ValidString(line) {
			t.Errorf("%q", got)
		}
		if carets := strings.Contains(got, "^"); column > 0 && !carets {
			t.Errorf("no caret in %q", got)
		}
	})
}

func TestReportJSON(t *testing.T) {
	got := render(t, func(b *bytes.Buffer) error {
		return NewReport(nil, []finding.Finding{{Code: "CHG020", Severity: finding.Error, Message: "no test evidence", Waiver: "no-test"}}, 12, 34).JSON(b)
	})
	want := `{
  "findings": [],
  "waived": [
    {
      "code": "CHG020",
      "severity": "error",
      "file": "",
      "line": 0,
      "column": 0,
      "end_line": 0,
      "end_column": 0,
      "message": "no test evidence",
      "why": "",
      "fix": "",
      "record": "",
      "rule": "",
      "waiver": "no-test"
    }
  ],
  "summary": {
    "records": 12,
    "rules": 34,
    "errors": 0,
    "warnings": 0,
    "waived": 1
  }
}
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if zero := render(t, func(b *bytes.Buffer) error { return Report{}.JSON(b) }); !strings.Contains(zero, `"findings": []`) {
		t.Error(zero)
	}
	f := backout()
	f.Message, f.Frame = "a <b> & \u202e", ""
	var back Report
	if err := json.Unmarshal([]byte(render(t, func(b *bytes.Buffer) error { return NewReport([]finding.Finding{f}, nil, 1, 1).JSON(b) })), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]finding.Finding{f}, back.Findings); diff != "" {
		t.Error(diff)
	}
}

func TestGitHub(t *testing.T) {
	line1 := finding.Finding{Code: "CHG001", Severity: finding.Warning, File: "a,b:c.yaml", Message: "50%\n::error::x"}
	spread := backout()
	spread.EndLine, spread.EndColumn, spread.Why, spread.Fix = 16, 3, "", ""
	nowhere := finding.Finding{Severity: finding.Error, Message: "nowhere"}
	ours := finding.Finding{Code: finding.Codes()[0].ID, Severity: finding.Error, File: "z.yaml", Line: 2, Column: 3, Message: "m"}
	tests := []struct {
		name string
		fs   []finding.Finding
		want string
	}{
		{"place", []finding.Finding{backout()}, "::error file=" + file + ",line=14,endLine=14,col=12,endColumn=14,title=CHG012::back-out plan missing" +
			"%0Awhy  high-risk changes must be reversible (policy/change.rego:42)%0Afix  gitsm change edit 7k3f --set plan.backout=…\n" +
			"2 records, 3 rules: 1 error, 0 warnings\n"},
		{"several lines", []finding.Finding{spread}, "::error file=" + file + ",line=14,endLine=16,col=12,title=CHG012::back-out plan missing\n2 records, 3 rules: 1 error, 0 warnings\n"},
		{"errors first, escaped", []finding.Finding{line1, ours}, "::error file=z.yaml,line=2,col=3,title=" + GitHubProperty(ours.Code+" "+finding.Codes()[0].Title) + "::m\n" +
			"::warning file=a%2Cb%3Ac.yaml,line=1,title=CHG001::50%25%0A::error::x\n2 records, 3 rules: 1 error, 1 warning\n"},
		{"no place, no code", []finding.Finding{nowhere}, "::error::nowhere\n2 records, 3 rules: 1 error, 0 warnings\n"},
		{"nothing", nil, "2 records, 3 rules: 0 errors, 0 warnings\n"},
	}
	for _, tt := range tests {
		got := render(t, func(b *bytes.Buffer) error { return NewReport(tt.fs, nil, 2, 3).GitHub(b) })
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestGitHubOverflow(t *testing.T) {
	many := func(errors, warnings int) string {
		var fs []finding.Finding
		for i := range errors {
			fs = append(fs, finding.Finding{Severity: finding.Error, Line: i, Message: "e"})
		}
		for i := range warnings {
			fs = append(fs, finding.Finding{Severity: finding.Warning, Line: i, Message: "w"})
		}
		return render(t, func(b *bytes.Buffer) error { return NewReport(fs, nil, 1, 1).GitHub(b) })
	}
	for _, tt := range []struct {
		errors, warnings int
		notice           string
	}{
		{10, 10, ""},
		{11, 10, "::notice title=gitsm::1 error and 0 warnings more than GitHub shows of one step: run gitsm check to see all\n"},
		{13, 25, "::notice title=gitsm::3 errors and 15 warnings more than GitHub shows of one step: run gitsm check to see all\n"},
	} {
		got := many(tt.errors, tt.warnings)
		want := strings.Repeat("::error::e\n", 10) + strings.Repeat("::warning::w\n", 10) + tt.notice +
			fmt.Sprintf("1 record, 1 rule: %d errors, %d warnings\n", tt.errors, tt.warnings)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestReportWrite(t *testing.T) {
	r := NewReport([]finding.Finding{backout()}, nil, 1, 1)
	for _, format := range ReportFormats() {
		if got := render(t, func(b *bytes.Buffer) error { return r.Write(b, format, Style{}) }); !strings.Contains(got, "CHG012") {
			t.Errorf("%s: %q", format, got)
		}
	}
	if err := r.Write(&bytes.Buffer{}, "csv", Style{}); err == nil || !strings.Contains(err.Error(), "text, json, ndjson") {
		t.Error(err)
	}
	for _, format := range ReportFormats() {
		if err := r.Write(broken{}, format, Style{}); !errors.Is(err, errBroken) {
			t.Errorf("%s: a failed write gives %v", format, err)
		}
	}
}

// A report does not reorder what it was given.
func TestNewReportCopies(t *testing.T) {
	fs := []finding.Finding{{File: "b"}, {File: "a"}}
	r := NewReport(fs, nil, 0, 0)
	if fs[0].File != "b" || r.Findings[0].File != "a" {
		t.Errorf("%v %v", fs, r.Findings)
	}
}

var errBroken = errors.New("broken pipe")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }
