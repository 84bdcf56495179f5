package render

import (
	"fmt"
	"io"
	"slices"

	"github.com/gitsm/gitsm/internal/finding"
)

// gitlabIssue is one entry of a GitLab Code Quality report.
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string `json:"path"`
	Lines struct {
		Begin int `json:"begin"`
	} `json:"lines"`
}

// GitLab renders the report as a GitLab Code Quality artifact, which a merge
// request shows beside its changes. It has no place for the summary; what is
// waived is for information.
func (r Report) GitLab(w io.Writer) error {
	all := slices.Concat(r.Findings, r.Waived)
	names := finding.Fingerprints(all)
	issues := make([]gitlabIssue, len(all))
	for i, f := range all {
		x := gitlabIssue{Description: Terminal(f.Message), CheckName: codeOf(f), Fingerprint: names[i], Severity: "major"}
		switch {
		case f.Waiver != "":
			x.Severity = "info"
			x.Description = fmt.Sprintf("waived by %s: %s", Terminal(f.Waiver), x.Description)
		case severity(f) == finding.Warning:
			x.Severity = "minor"
		}
		if f.Fix != "" {
			x.Description += " (" + Terminal(f.Fix) + ")"
		}
		x.Location.Path = fileOf(f)
		x.Location.Lines.Begin = max(f.Line, 1)
		issues[i] = x
	}
	return JSON(w, issues)
}
