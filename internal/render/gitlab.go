package render

import (
	"io"

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
// request shows beside its changes. It has no place for the summary.
func (r Report) GitLab(w io.Writer) error {
	names := finding.Fingerprints(r.Findings)
	issues := make([]gitlabIssue, len(r.Findings))
	for i, f := range r.Findings {
		x := gitlabIssue{Description: Terminal(f.Message), CheckName: codeOf(f), Fingerprint: names[i], Severity: "major"}
		if severity(f) == finding.Warning {
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
