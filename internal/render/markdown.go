package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
)

// markdownSize keeps a report below the 65,536 characters that a comment on
// GitHub may have; a step summary that is too large is lost whole as well.
const markdownSize = 60000

// Markdown renders the report for a comment or a step summary: the summary,
// and a table of the findings, errors first and what is waived last. What does not
// fit is said.
func (r Report) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "**gitsm check**: %s\n", Markdown(r.Summary.Line()))
	all := append(bySeverity(r.Findings), r.Waived...)
	if len(all) > 0 {
		b.WriteString("\n| | place | finding | fix |\n|---|---|---|---|\n")
	}
	for i, f := range all {
		row := markdownRow(f)
		if b.Len()+len(row) > markdownSize {
			fmt.Fprintf(&b, "\n%s more do not fit here: gitsm check shows all\n", finding.Counted(len(all)-i, "finding"))
			break
		}
		b.WriteString(row)
	}
	return write(w, b.String())
}

func markdownRow(f finding.Finding) string {
	place := f.File
	if place != "" && f.Line > 0 {
		place += fmt.Sprintf(":%d", f.Line)
	}
	what := strings.TrimSpace("**" + Markdown(f.Code) + "** " + Markdown(f.Message))
	if f.Code == "" {
		what = Markdown(f.Message)
	}
	if f.Why != "" {
		what += "<br>" + Markdown(f.Why)
	}
	how, fix := string(severity(f)), f.Fix
	if f.Waiver != "" {
		how, fix = "waived", "waiver "+f.Waiver
	}
	return fmt.Sprintf("| %s | %s | %s | %s |\n", how, Markdown(place), what, Markdown(fix))
}
