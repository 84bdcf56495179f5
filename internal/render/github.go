package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
)

// annotations is how many errors, and how many warnings, GitHub shows of one
// step. What goes beyond is dropped by GitHub without a word.
const annotations = 10

// GitHub renders the report as workflow commands, errors first. What GitHub
// would drop is not sent, but said. The last line is always the summary.
func (r Report) GitHub(w io.Writer) error {
	var b strings.Builder
	sent := map[finding.Severity]int{}
	for _, f := range bySeverity(r.Findings) {
		if sent[severity(f)]++; sent[severity(f)] <= annotations {
			b.WriteString(command(f))
		}
	}
	errors, warnings := max(sent[finding.Error]-annotations, 0), max(sent[finding.Warning]-annotations, 0)
	if errors+warnings > 0 {
		fmt.Fprintf(&b, "::notice title=gitsm::%s and %s more than GitHub shows of one step: run gitsm check to see all\n",
			count(errors, "error"), count(warnings, "warning"))
	}
	b.WriteString(r.Summary.Line() + "\n")
	return write(w, b.String())
}

// command is one finding as a workflow command.
func command(f finding.Finding) string {
	var props []string
	add := func(name, value string) { props = append(props, name+"="+GitHubProperty(value)) }
	if f.File != "" {
		add("file", f.File)
		place(f, add)
	}
	if title := title(f); title != "" {
		add("title", title)
	}
	lines := []string{f.Message}
	for _, more := range []struct{ label, text string }{{"why", f.Why}, {"fix", f.Fix}} {
		if more.text != "" {
			lines = append(lines, more.label+"  "+more.text)
		}
	}
	head := strings.TrimSuffix("::"+string(severity(f))+" "+strings.Join(props, ","), " ")
	return head + "::" + GitHubData(strings.Join(lines, "\n")) + "\n"
}

// place adds the position. Without a line GitHub keeps an annotation away from
// the changed files, and it takes columns only within one line.
func place(f finding.Finding, add func(name, value string)) {
	line := max(f.Line, 1)
	add("line", fmt.Sprint(line))
	if f.EndLine >= line {
		add("endLine", fmt.Sprint(f.EndLine))
	}
	if f.Line < 1 || f.Column < 1 {
		return
	}
	add("col", fmt.Sprint(f.Column))
	if f.EndLine == line && f.EndColumn > f.Column {
		add("endColumn", fmt.Sprint(f.EndColumn))
	}
}

// title is the code and, where it is one of ours, its title.
func title(f finding.Finding) string {
	if c, ok := finding.Lookup(f.Code); ok {
		return f.Code + " " + c.Title
	}
	return f.Code
}
