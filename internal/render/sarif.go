package render

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"slices"

	"github.com/gitsm/gitsm/internal/finding"
)

// sarifResults is how many results GitHub keeps of one SARIF run. What goes
// beyond is dropped there without a word.
const sarifResults = 5000

// The parts of a SARIF 2.1.0 log that are written. Names are those of the
// standard.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
		ColumnKind  string            `json:"columnKind"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID       string      `json:"id"`
		Short    sarifText   `json:"shortDescription"`
		Full     sarifText   `json:"fullDescription"`
		Help     sarifText   `json:"help"`
		Defaults sarifConfig `json:"defaultConfiguration"`
	}
	sarifConfig struct {
		Level finding.Severity `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        finding.Severity  `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Suppressions []sarifSuppressed `json:"suppressions,omitempty"`
	}
	sarifSuppressed struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
)

// SARIF renders the report as a SARIF 2.1.0 log for code scanning. Columns
// count code points, and fingerprints survive that lines move. Errors come
// first, so that what a reader of the log would drop are warnings; what is left
// out is said in a notification. What is waived comes last, as suppressed.
func (r Report) SARIF(w io.Writer) error {
	all := append(bySeverity(r.Findings), r.Waived...)
	names := finding.Fingerprints(all)
	rules := sarifRules(all)
	notes := []sarifNotification{{Level: "note", Message: sarifText{r.Summary.Line()}}}
	if left := len(all) - sarifResults; left > 0 {
		all = all[:sarifResults]
		notes = append(notes, sarifNotification{Level: "warning", Message: sarifText{
			fmt.Sprintf("%s more than the %d that are kept of one run: gitsm check shows all", finding.Counted(left, "finding"), sarifResults)}})
	}
	results := make([]sarifResult, len(all))
	for i, f := range all {
		results[i] = sarifResult{
			RuleID: codeOf(f), Level: severity(f), Message: sarifOr(Terminal(f.Message), codeOf(f)), Locations: sarifPlace(f),
			RuleIndex:    slices.IndexFunc(rules, func(x sarifRule) bool { return x.ID == codeOf(f) }),
			Fingerprints: map[string]string{"primaryLocationLineHash": names[i]},
		}
		if f.Waiver != "" {
			results[i].Suppressions = []sarifSuppressed{{Kind: "external", Status: "accepted", Justification: "waiver " + Terminal(f.Waiver)}}
		}
		if f.Fix != "" {
			results[i].Message.Text += "\nfix: " + TerminalLines(f.Fix)
		}
	}
	return JSON(w, sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{{
		Tool:        sarifTool{sarifDriver{Name: "gitsm", Version: r.Tool, Rules: rules}},
		Invocations: []sarifInvocation{{Successful: true, Notifications: notes}},
		Results:     results,
		ColumnKind:  "unicodeCodePoints",
	}}})
}

// sarifRules describes the codes of fs, sorted: ours from their table, those of
// policy from what their first finding says.
func sarifRules(fs []finding.Finding) []sarifRule {
	rules := []sarifRule{}
	seen := map[string]bool{}
	for _, f := range fs {
		id := codeOf(f)
		if seen[id] {
			continue
		}
		seen[id] = true
		c, ours := finding.Lookup(id)
		if !ours {
			c = finding.Code{Title: f.Why, Explain: f.Why, Fix: f.Fix, Severity: severity(f)}
		}
		rules = append(rules, sarifRule{ID: id, Short: sarifOr(c.Title, id), Full: sarifOr(c.Explain, id),
			Help: sarifOr(c.Fix, "gitsm explain "+id), Defaults: sarifConfig{c.Severity}})
	}
	slices.SortFunc(rules, func(a, b sarifRule) int { return cmp.Compare(a.ID, b.ID) })
	return rules
}

// sarifOr is a text, or another one where there is none.
func sarifOr(text, otherwise string) sarifText {
	if text = TerminalLines(text); text == "" {
		text = otherwise
	}
	return sarifText{text}
}

// sarifPlace is where a finding is, as much as is known.
func sarifPlace(f finding.Finding) []sarifLocation {
	p := sarifPhysical{Artifact: sarifArtifact{URI: (&url.URL{Path: fileOf(f)}).String(), Base: "%SRCROOT%"}}
	if f.Line > 0 {
		p.Region = &sarifRegion{StartLine: f.Line, StartColumn: max(f.Column, 0)}
		if f.EndLine > f.Line || f.EndLine == f.Line && f.EndColumn > f.Column {
			p.Region.EndLine, p.Region.EndColumn = f.EndLine, max(f.EndColumn, 0)
		}
	}
	return []sarifLocation{{p}}
}
