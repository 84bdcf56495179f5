package render

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"

	"github.com/gitsm/gitsm/internal/finding"
)

// junitCase and junitMessage are parts of a JUnit report as the schema of Ant, the
// strictest there is, demands them, in its order.
type (
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
// warning, or what is waived, one that was skipped, and a record of which nothing
// is reported is one that passed; so is that the check took place, since a report
// without tests counts as none. Its time is that of the check, its durations are
// 0. Cases are written one by one, since there may be as many as records.
func (r Report) JUnit(w io.Writer) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString(xml.Header) // Flush returns the first error there was
	enc := xml.NewEncoder(out)
	enc.Indent("", "  ")
	if err := r.junit(enc); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	_ = out.WriteByte('\n')
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

func (r Report) junit(enc *xml.Encoder) error {
	suites, suite := xml.StartElement{Name: xml.Name{Local: "testsuites"}}, xml.StartElement{Name: xml.Name{Local: "testsuite"}}
	tests := 1 + len(r.Sound) + len(r.Findings) + len(r.Waived)
	for _, a := range [][2]string{{"name", "gitsm"}, {"package", "gitsm"}, {"id", "0"}, {"timestamp", r.At.UTC().Format("2006-01-02T15:04:05")},
		{"hostname", "localhost"}, {"tests", strconv.Itoa(tests)}, {"failures", strconv.Itoa(r.Summary.Errors)}, {"errors", "0"},
		{"skipped", strconv.Itoa(r.Summary.Warnings + len(r.Waived))}, {"time", "0"}} {
		suite.Attr = append(suite.Attr, xml.Attr{Name: xml.Name{Local: a[0]}, Value: a[1]})
	}
	text := func(name, s string) error { return enc.EncodeElement(s, xml.StartElement{Name: xml.Name{Local: name}}) }
	test := func(c junitCase) error {
		return enc.EncodeElement(c, xml.StartElement{Name: xml.Name{Local: "testcase"}})
	}
	err := cmp.Or(enc.EncodeToken(suites), enc.EncodeToken(suite), text("properties", ""),
		test(junitCase{Class: "gitsm", Name: "the check took place", Time: "0"}))
	for _, file := range r.Sound {
		err = cmp.Or(err, test(junitCase{Class: oneLine(file), Name: "no findings", Time: "0"}))
	}
	var line sourceLine
	for _, list := range [][]finding.Finding{r.Findings, r.Waived} {
		for _, f := range list {
			err = cmp.Or(err, test(junitFinding(f, &line)))
		}
	}
	return cmp.Or(err, text("system-out", r.Summary.Line()), text("system-err", ""),
		enc.EncodeToken(suite.End()), enc.EncodeToken(suites.End()), enc.Flush())
}

func junitFinding(f finding.Finding, line *sourceLine) junitCase {
	c := junitCase{Class: oneLine(f.File), Name: oneLine(heading(f, Style{})), Time: "0"}
	if c.Class == "" {
		c.Class = "gitsm"
	}
	m := &junitMessage{Message: Terminal(f.Message), Type: codeOf(f), Text: "\n" + line.frame(f, Style{}) + note("why", f.Why, Style{}) + note("fix", f.Fix, Style{})}
	if severity(f) == finding.Warning || f.Waiver != "" {
		m.Type = "" // which the schema has of failures only
		c.Skipped = m
	} else {
		c.Failure = m
	}
	return c
}
