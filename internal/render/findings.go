package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/finding"
)

// Report is what a check found, in the shape that scripts rely on.
type Report struct {
	Findings []finding.Finding `json:"findings"`
	Waived   []finding.Finding `json:"waived"` // what waivers cover; none of it is in Findings
	Summary  Summary           `json:"summary"`

	// What some formats need besides. None of it changes what is reported.
	Sound   []string                         `json:"-"` // files that were checked and of which nothing is reported
	Tool    string                           `json:"-"` // version of gitsm
	At      time.Time                        `json:"-"` // when it was checked
	Max     int                              `json:"-"` // how many findings Text shows, 0 for all
	Changed func(file string, line int) bool `json:"-"` // whether a proposal wrote that line; nil where there is none
}

// Summary counts what was looked at and what was found.
type Summary struct {
	Records  int `json:"records"`
	Rules    int `json:"rules"`
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Waived   int `json:"waived"`
}

// NewReport returns the report of fs and of what is waived, which it copies,
// sorts and counts.
func NewReport(fs, waived []finding.Finding, records, rules int) Report {
	fs, waived = append([]finding.Finding{}, fs...), append([]finding.Finding{}, waived...)
	finding.Sort(fs)
	finding.Sort(waived)
	errors, warnings := finding.Count(fs)
	return Report{Findings: fs, Waived: waived,
		Summary: Summary{Records: records, Rules: rules, Errors: errors, Warnings: warnings, Waived: len(waived)}}
}

// Write renders the report in format, one of ReportFormats.
func (r Report) Write(w io.Writer, format string, style Style) error {
	switch format {
	case FormatText:
		return r.Text(w, style)
	case FormatJSON:
		return r.JSON(w)
	case FormatNDJSON:
		return r.NDJSON(w)
	case FormatGitHub:
		return r.GitHub(w)
	case FormatSARIF:
		return r.SARIF(w)
	case FormatJUnit:
		return r.JUnit(w)
	case FormatGitLab:
		return r.GitLab(w)
	case FormatMarkdown:
		return r.Markdown(w)
	}
	return fmt.Errorf("unknown format %q: use one of %s", format, strings.Join(ReportFormats(), ", "))
}

// Text renders the report for a person: place, severity, code and message of
// each finding, its line with the span marked, why it matters and how to mend
// it; then what is waived, a line each. The last line is always the summary,
// which counts what Max leaves out.
func (r Report) Text(w io.Writer, style Style) error {
	var b strings.Builder
	shown, waived := r.Findings, r.Waived
	if r.Max > 0 && r.Max < len(shown)+len(waived) {
		shown = bySeverity(shown)[:min(r.Max, len(shown))]
		waived = waived[:min(r.Max-len(shown), len(waived))]
		finding.Sort(shown)
	}
	var line sourceLine
	for i, f := range shown {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(heading(f, style))
		b.WriteString(line.frame(f, style))
		b.WriteString(note("why", f.Why, style))
		b.WriteString(note("fix", f.Fix, style))
	}
	for i, f := range waived {
		if i == 0 && len(shown) > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(heading(f, style))
	}
	b.WriteString(r.Summary.Line())
	if left := len(r.Findings) + len(r.Waived) - len(shown) - len(waived); left > 0 {
		fmt.Fprintf(&b, ", %d not shown", left)
	}
	b.WriteByte('\n')
	return write(w, inert(b.String()))
}

// JSON renders the report as one object.
func (r Report) JSON(w io.Writer) error {
	if r.Findings == nil {
		r.Findings = []finding.Finding{}
	}
	if r.Waived == nil {
		r.Waived = []finding.Finding{}
	}
	return JSON(w, r)
}

// Line is the summary as one line, without a line break.
func (s Summary) Line() string {
	rules := finding.Counted(s.Rules, "rule")
	if s.Rules == 0 && s.Records > 0 {
		rules += " (none had anything to judge)" // no word of how many there are
	}
	line := fmt.Sprintf("%s, %s: %s, %s", finding.Counted(s.Records, "record"), rules, finding.Counted(s.Errors, "error"), finding.Counted(s.Warnings, "warning"))
	if s.Waived > 0 {
		line += fmt.Sprintf(", %d waived", s.Waived)
	}
	return line
}

// heading is the first line of a finding, with as much of its place as it has.
func heading(f finding.Finding, style Style) string {
	place := Terminal(f.File)
	if place != "" && f.Line > 0 {
		place += fmt.Sprintf(":%d", f.Line)
		if f.Column > 0 {
			place += fmt.Sprintf(":%d", f.Column)
		}
	}
	if place != "" {
		place = style.paint(bold, place+":") + " "
	}
	words := []string{style.paint(severityColor(f), string(severity(f))), style.paint(bold, Terminal(f.Code)), Terminal(f.Message)}
	if f.Waiver != "" {
		words[0] = style.paint(dim, "waived")
		words = append(words, "(waiver "+Terminal(f.Waiver)+")")
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	return place + strings.Join(words, " ") + "\n"
}

// severity reads anything that is no warning as an error, as Count does.
func severity(f finding.Finding) finding.Severity {
	if f.Severity == finding.Warning {
		return finding.Warning
	}
	return finding.Error
}

// codeOf is the code of a finding, or a word where a format cannot do without.
func codeOf(f finding.Finding) string {
	if code := Terminal(f.Code); code != "" {
		return code
	}
	return "gitsm"
}

// fileOf is the file of a finding, or that of the store where a format drops
// what is in none.
func fileOf(f finding.Finding) string {
	if f.File != "" {
		return f.File
	}
	return "gitsm.yaml"
}

func severityColor(f finding.Finding) string {
	if severity(f) == finding.Warning {
		return yellow
	}
	return red
}

// note is a labelled remark below a finding, its further lines indented.
func note(label, text string, style Style) string {
	text = strings.TrimSpace(TerminalLines(text))
	if text == "" {
		return ""
	}
	return "  " + style.paint(dim, label) + "  " + strings.ReplaceAll(text, "\n", "\n       ") + "\n"
}

// bySeverity returns the findings with errors first, else in their order.
func bySeverity(fs []finding.Finding) []finding.Finding {
	rank := func(f finding.Finding) int {
		if severity(f) == finding.Error {
			return 0
		}
		return 1
	}
	fs = slices.Clone(fs)
	slices.SortStableFunc(fs, func(a, b finding.Finding) int { return cmp.Compare(rank(a), rank(b)) })
	return fs
}
