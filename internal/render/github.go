package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
)

// annotations is how many errors, and how many warnings, GitHub shows of one
// step. What goes beyond is dropped by GitHub without a word.
const annotations = 10

// GitHub renders the report as workflow commands: errors first, and of those as
// of warnings first what stands on lines that the proposal wrote. What GitHub
// would drop is not sent, but said. What is waived are notices. The last line is
// always the summary.
func (r Report) GitHub(w io.Writer) error {
	var b strings.Builder
	sent := map[finding.Severity]int{}
	for _, f := range bySeverity(r.changedFirst()) {
		if sent[severity(f)]++; sent[severity(f)] <= annotations {
			b.WriteString(command(f))
		}
	}
	for _, f := range r.Waived[:min(len(r.Waived), annotations-1)] { // one is left for what is not sent
		b.WriteString(command(f))
	}
	errors, warnings := max(sent[finding.Error]-annotations, 0), max(sent[finding.Warning]-annotations, 0)
	if errors+warnings > 0 {
		fmt.Fprintf(&b, "::notice title=gitsm::%s and %s more than GitHub shows of one step: run gitsm check to see all\n",
			finding.Counted(errors, "error"), finding.Counted(warnings, "warning"))
	}
	b.WriteString(r.Summary.Line() + "\n")
	return write(w, b.String())
}

// changedFirst returns the findings with those on changed lines first, else in
// their order.
func (r Report) changedFirst() []finding.Finding {
	if r.Changed == nil {
		return r.Findings
	}
	rank := func(f finding.Finding) int {
		if r.Changed(f.File, f.Line) {
			return 0
		}
		return 1
	}
	fs := slices.Clone(r.Findings)
	slices.SortStableFunc(fs, func(a, b finding.Finding) int { return cmp.Compare(rank(a), rank(b)) })
	return fs
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
	kind := string(severity(f))
	if f.Waiver != "" {
		kind, lines = "notice", []string{f.Message, "waived by " + f.Waiver}
	}
	head := strings.TrimSuffix("::"+kind+" "+strings.Join(props, ","), " ")
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
