package render

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gitsm/gitsm/internal/finding"
)

// hostile tries every way out of a format: terminal and bidi controls, markup,
// a formula, a workflow command, a mention, a table cell, CDATA.
const hostile = "=cmd|'/c calc'!A1 \x1b[2J\u202e <img src=x onerror=y> @team #1 | `x` ]]>\n::error::injected\r\n%0A::warning::x\x00\u2028\ufffe\xff"

// sample is a report of everything a renderer has to cope with.
func sample() Report {
	bad := finding.Finding{Code: "EVL" + hostile, Severity: finding.Warning, File: "services/" + hostile + ".yaml", Line: 2, Column: 8, EndLine: 2, EndColumn: 12,
		Message: hostile, Why: hostile, Fix: hostile, Frame: "title: " + hostile, Record: hostile, Rule: hostile}
	ours := finding.Finding{Code: "YML018", Severity: finding.Error, File: "services/a b.yaml", Line: 7, Column: 1, EndLine: 7, EndColumn: 5,
		Message: `key "tier" is already on line 6`, Why: "one program takes the first value", Fix: "keep one of the two", Frame: "tier: 4"}
	nowhere := finding.Finding{Severity: finding.Error, Message: "nothing to look at"}
	waived := bad
	waived.Severity, waived.Waiver = finding.Error, hostile
	r := NewReport([]finding.Finding{bad, backout(), ours, nowhere}, []finding.Finding{waived}, 12, 34)
	r.Tool, r.At = "1.2.3", time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	return r
}

// TestGolden holds every format to what a reviewer has seen of it. After a
// change that is meant, UPDATE_GOLDEN=1 go test ./internal/render rewrites the
// files; read the difference before you commit it.
func TestGolden(t *testing.T) {
	for _, format := range ReportFormats() {
		t.Run(format, func(t *testing.T) {
			got := render(t, func(b *bytes.Buffer) error { return sample().Write(b, format, Style{}) })
			if !utf8.ValidString(got) || hidden(strings.ReplaceAll(got, "&#8203;", ""), "\n") {
				t.Errorf("what hides or acts on a terminal comes through: %q", got)
			}
			file := filepath.Join("testdata", "report."+format)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s (-file +got):\n%s", file, d)
			}
		})
	}
}

// No line of a workflow's log begins with a command of a record's making.
func TestInjection(t *testing.T) {
	for _, format := range ReportFormats() {
		got := render(t, func(b *bytes.Buffer) error { return sample().Write(b, format, Style{}) })
		for line := range strings.Lines(got) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "::error::injected") || strings.HasPrefix(line, "::warning::x") {
				t.Errorf("%s: %q", format, line)
			}
		}
	}
}

// TestSARIFSchema validates logs against the published schema of SARIF 2.1.0.
func TestSARIFSchema(t *testing.T) {
	schema := sarifSchema(t)
	many := make([]finding.Finding, 0, 5001)
	for i := range cap(many) {
		many = append(many, finding.Finding{Code: "CHG001", Severity: finding.Warning, File: "a.yaml", Line: i + 1, Message: "m"})
	}
	for name, r := range map[string]Report{"empty": NewReport(nil, nil, 0, 0), "sample": sample(), "many": NewReport(many, nil, 1, 1)} {
		log := render(t, func(b *bytes.Buffer) error { return r.SARIF(b) })
		if err := schema.Validate(decoded(t, log)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, change := range [][2]string{{"unicodeCodePoints", "bytes"}, {`"executionSuccessful": true`, `"successful": true`}, {`"level": "note"`, `"level": "hint"`}} {
			if schema.Validate(decoded(t, strings.Replace(log, change[0], change[1], 1))) == nil {
				t.Errorf("%s: accepted with %s for %s", name, change[1], change[0])
			}
		}
	}
}

// sarifSchema is the schema as the SARIF library's source holds it, as a
// constant that it keeps to itself.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	pkg, err := build.Import(reflect.TypeFor[sarif.Report]().PkgPath(), ".", build.FindOnly)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(pkg.Dir, "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text, err := strconv.Unquote(file.Scope.Lookup("schema").Decl.(*ast.ValueSpec).Values[0].(*ast.BasicLit).Value)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("sarif.json", decoded(t, text)); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// What a run keeps is errors first, and what it leaves out is said.
func TestSARIFOverflow(t *testing.T) {
	many := make([]finding.Finding, 0, 5002)
	for i := range 5001 {
		many = append(many, finding.Finding{Code: "CHG001", Severity: finding.Warning, File: "a.yaml", Line: i + 1, Message: "m"})
	}
	var log sarifLog
	r := NewReport(append(many, backout()), nil, 1, 1)
	if err := json.Unmarshal([]byte(render(t, func(b *bytes.Buffer) error { return r.SARIF(b) })), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if len(run.Results) != 5000 || run.Results[0].RuleID != "CHG012" || run.Tool.Driver.Rules[run.Results[0].RuleIndex].ID != "CHG012" {
		t.Errorf("%d results, the first %+v", len(run.Results), run.Results[0])
	}
	notes := run.Invocations[0].Notifications
	if last := notes[len(notes)-1]; last.Level != "warning" || !strings.HasPrefix(last.Message.Text, "2 findings more than the 5000") {
		t.Errorf("said %+v", notes)
	}
}

// junitRules is what the schema of Ant's JUnit task demands, the strictest of
// those in use: attributes with the form of their values, and children in
// their order. A child with ? may be left out, one with * repeats, and of those
// with | there is at most one.
var junitRules = map[string]struct {
	attrs    map[string]func(string) bool
	optional []string
	children []string
}{
	"testsuites": {children: []string{"testsuite*"}},
	"testsuite": {attrs: map[string]func(string) bool{"name": words, "package": words, "id": number, "timestamp": moment, "hostname": words,
		"tests": number, "failures": number, "errors": number, "skipped": number, "time": decimal},
		optional: []string{"skipped"}, children: []string{"properties", "testcase*", "system-out", "system-err"}},
	"testcase":   {attrs: map[string]func(string) bool{"name": words, "classname": words, "time": decimal}, children: []string{"skipped|", "error|", "failure|"}},
	"failure":    {attrs: map[string]func(string) bool{"message": anything, "type": anything}, optional: []string{"message"}},
	"skipped":    {attrs: map[string]func(string) bool{"message": anything}, optional: []string{"message"}},
	"properties": {}, "system-out": {}, "system-err": {},
}

func anything(string) bool { return true }
func words(s string) bool {
	return s != "" && s == strings.Join(strings.Fields(s), " ")
}
func number(s string) bool  { _, err := strconv.Atoi(s); return err == nil }
func decimal(s string) bool { _, err := strconv.ParseFloat(s, 64); return err == nil }
func moment(s string) bool  { _, err := time.Parse("2006-01-02T15:04:05", s); return err == nil }

// element is any XML element.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []element  `xml:",any"`
}

// invalid says what breaks junitRules, "" if nothing does.
func (e element) invalid() string {
	name := e.XMLName.Local
	rule, known := junitRules[name]
	if !known {
		return "element " + name
	}
	given := map[string]bool{}
	for _, a := range e.Attrs {
		form, ok := rule.attrs[a.Name.Local]
		if !ok || !form(a.Value) {
			return fmt.Sprintf("%s %s=%q", name, a.Name.Local, a.Value)
		}
		given[a.Name.Local] = true
	}
	for a := range rule.attrs {
		if !given[a] && !slices.Contains(rule.optional, a) {
			return name + " without " + a
		}
	}
	return e.disorder(rule.children)
}

// disorder says which child of an element is missing or may not stand where it
// does, or what is wrong with it.
func (e element) disorder(rule []string) string {
	rest, chosen := e.Children, 0
	for _, want := range rule {
		name := strings.TrimRight(want, "?*|")
		n := 0
		for len(rest) > 0 && rest[0].XMLName.Local == name {
			if bad := rest[0].invalid(); bad != "" {
				return bad
			}
			rest = rest[1:]
			n++
		}
		switch {
		case strings.HasSuffix(want, "|"):
			chosen += n
		case !strings.HasSuffix(want, "*") && n != 1:
			return fmt.Sprintf("%s with %d of %s", e.XMLName.Local, n, name)
		}
	}
	if chosen > 1 || len(rest) > 0 {
		return fmt.Sprintf("%s with %d results and %d strangers", e.XMLName.Local, chosen, len(rest))
	}
	return ""
}

func TestJUnitSchema(t *testing.T) {
	check := func(text string) string {
		var e element
		dec := xml.NewDecoder(strings.NewReader(text))
		if err := dec.Decode(&e); err != nil {
			return err.Error()
		}
		if strings.TrimSpace(text[dec.InputOffset():]) != "" {
			return "something behind the end"
		}
		return e.invalid()
	}
	passing := sample()
	passing.Sound = []string{"services/a.yaml", "services/b\x1b.yaml"}
	for name, r := range map[string]Report{"empty": NewReport(nil, nil, 0, 0), "sample": sample(), "passing": passing} {
		text := render(t, func(b *bytes.Buffer) error { return r.JUnit(b) })
		if bad := check(text); bad != "" {
			t.Errorf("%s: %s", name, bad)
		}
		for _, change := range [][2]string{{` hostname="localhost"`, ""}, {`timestamp="`, `timestamp="x`}, {"<system-err></system-err>", ""}, {"<testsuites>", `<testsuites tests="1">`}} {
			if check(strings.Replace(text, change[0], change[1], 1)) == "" {
				t.Errorf("%s: accepted with %q for %q", name, change[1], change[0])
			}
		}
	}
	var suites struct {
		Suite struct {
			Tests    int         `xml:"tests,attr"`
			Failures int         `xml:"failures,attr"`
			Skipped  int         `xml:"skipped,attr"`
			Cases    []junitCase `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(render(t, func(b *bytes.Buffer) error { return passing.JUnit(b) })), &suites); err != nil {
		t.Fatal(err)
	}
	s, passed := suites.Suite, 0
	for _, c := range s.Cases {
		if c.Failure == nil && c.Skipped == nil {
			passed++
		}
	}
	if s.Tests != 8 || s.Failures != 3 || s.Skipped != 2 || passed != 3 || len(s.Cases) != s.Tests {
		t.Errorf("%d passed of %+v", passed, s)
	}
}

// TestGitLab holds what GitLab reads of a Code Quality report.
func TestGitLab(t *testing.T) {
	var issues []struct {
		Description, Fingerprint, Severity string
		CheckName                          string `json:"check_name"`
		Location                           struct {
			Path  string
			Lines struct{ Begin int }
		}
	}
	if err := json.Unmarshal([]byte(render(t, func(b *bytes.Buffer) error { return sample().GitLab(b) })), &issues); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, x := range issues {
		if x.Description == "" || x.CheckName == "" || x.Location.Path == "" || x.Location.Lines.Begin < 1 || !slices.Contains([]string{"info", "minor", "major"}, x.Severity) {
			t.Errorf("GitLab would drop %+v", x)
		}
		if seen[x.Fingerprint] || x.Fingerprint == "" {
			t.Errorf("fingerprint %q is not its own", x.Fingerprint)
		}
		seen[x.Fingerprint] = true
	}
	if got := render(t, func(b *bytes.Buffer) error { return Report{}.GitLab(b) }); got != "[]\n" {
		t.Errorf("an empty report is %q", got)
	}
}

// A table that would be cut off by its reader ends early, and says so.
func TestMarkdownOverflow(t *testing.T) {
	many := make([]finding.Finding, 2000)
	for i := range many {
		many[i] = finding.Finding{Code: "CHG001", Severity: finding.Error, File: "a.yaml", Line: i + 1, Message: "reason is missing"}
	}
	got := render(t, func(b *bytes.Buffer) error { return NewReport(many, nil, 1, 1).Markdown(b) })
	rows := strings.Count(got, "\n| error |")
	if len(got) > 65536 || !strings.HasSuffix(got, fmt.Sprintf("\n\n%d findings more do not fit here: gitsm check shows all\n", 2000-rows)) {
		t.Errorf("%d bytes, %d rows, ending %q", len(got), rows, got[len(got)-100:])
	}
}

// Max shows the worst and counts all.
func TestMax(t *testing.T) {
	r := sample()
	r.Max = 2
	got := render(t, func(b *bytes.Buffer) error { return r.Text(b, Style{}) })
	if !strings.HasSuffix(got, "12 records, 34 rules: 3 errors, 1 warning, 1 waived, 3 not shown\n") || strings.Count(got, "error ") != 2 || strings.Contains(got, "EVL") {
		t.Errorf("got %s", got)
	}
	r.Max = 5
	if got := render(t, func(b *bytes.Buffer) error { return r.Text(b, Style{}) }); strings.Contains(got, "not shown") {
		t.Errorf("all are shown: %s", got)
	}
}

// Of findings that weigh the same, those on changed lines are annotated.
func TestGitHubChangedFirst(t *testing.T) {
	var fs []finding.Finding
	for i := range 12 {
		fs = append(fs, finding.Finding{Code: "CHG001", Severity: finding.Error, File: "a.yaml", Line: i + 1, Message: "m"})
	}
	r := NewReport(fs, nil, 1, 1)
	r.Changed = func(file string, line int) bool { return file == "a.yaml" && line == 12 }
	lines := strings.Split(render(t, func(b *bytes.Buffer) error { return r.GitHub(b) }), "\n")
	if !strings.HasPrefix(lines[0], "::error file=a.yaml,line=12,") || !strings.HasPrefix(lines[1], "::error file=a.yaml,line=1,") {
		t.Errorf("got %q", lines[:2])
	}
}
