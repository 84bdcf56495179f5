package render

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"slices"

	"github.com/gitsm/gitsm/internal/finding"
)

// The parts of a JUnit report that are written: what the schema of Ant, the
// strictest there is, demands, in its order.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string      `xml:"name,attr"`
		Package    string      `xml:"package,attr"`
		ID         int         `xml:"id,attr"`
		Timestamp  string      `xml:"timestamp,attr"`
		Hostname   string      `xml:"hostname,attr"`
		Tests      int         `xml:"tests,attr"`
		Failures   int         `xml:"failures,attr"`
		Errors     int         `xml:"errors,attr"`
		Skipped    int         `xml:"skipped,attr"`
		Time       string      `xml:"time,attr"`
		Properties string      `xml:"properties"`
		Cases      []junitCase `xml:"testcase"`
		Out        string      `xml:"system-out"`
		Err        string      `xml:"system-err"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		Skipped *junitMessage `xml:"skipped"`
		Failure *junitMessage `xml:"failure"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnit renders the report as JUnit XML: an error is a test that failed, a
// warning, or what is waived, one that was skipped, and that the check took place is one that
// passed, since a report without tests counts as none. Its time is that of the
// check, its durations are 0.
func (r Report) JUnit(w io.Writer) error {
	s := junitSuite{Name: "gitsm", Package: "gitsm", Timestamp: r.At.UTC().Format("2006-01-02T15:04:05"), Hostname: "localhost", Time: "0",
		Tests: 1 + len(r.Findings) + len(r.Waived), Failures: r.Summary.Errors, Skipped: r.Summary.Warnings + len(r.Waived), Out: r.Summary.Line(),
		Cases: []junitCase{{Class: "gitsm", Name: "the check took place", Time: "0"}}}
	for _, f := range slices.Concat(r.Findings, r.Waived) {
		s.Cases = append(s.Cases, junitFinding(f))
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Suites: []junitSuite{s}}); err != nil {
		return fmt.Errorf("encoding the result: %w", err)
	}
	b.WriteByte('\n')
	return write(w, b.String())
}

func junitFinding(f finding.Finding) junitCase {
	c := junitCase{Class: oneLine(f.File), Name: oneLine(heading(f, Style{})), Time: "0"}
	if c.Class == "" {
		c.Class = "gitsm"
	}
	m := &junitMessage{Message: Terminal(f.Message), Type: codeOf(f), Text: "\n" + frame(f, Style{}) + note("why", f.Why, Style{}) + note("fix", f.Fix, Style{})}
	if severity(f) == finding.Warning || f.Waiver != "" {
		m.Type = "" // which the schema has of failures only
		c.Skipped = m
	} else {
		c.Failure = m
	}
	return c
}
