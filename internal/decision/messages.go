package decision

import (
	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
)

// messages turns what policy denies and warns of into findings at the place in
// the record that each speaks of.
func messages(rec *record.Record, res *engine.Result) []finding.Finding {
	var out []finding.Finding
	for _, m := range res.Deny {
		out = append(out, message(rec, m, finding.Error))
	}
	for _, m := range res.Warn {
		out = append(out, message(rec, m, finding.Warning))
	}
	return out
}

func message(rec *record.Record, m engine.Message, sev finding.Severity) finding.Finding {
	f := finding.Finding{
		Code: m.Rule, Severity: sev, File: rec.Doc.Name, Line: 1, Column: 1,
		Message: m.Msg, Fix: m.Fix, Record: rec.ID, Rule: m.Rule,
	}
	f.Why = m.Title
	if at := place(m.File, m.Line); at != "" {
		f.Why += " (" + at + ")"
	}
	switch {
	case m.Loc != nil && m.Loc.File == rec.Doc.Name && m.Loc.Line > 0:
		f.Line = m.Loc.Line
	case m.Path != "":
		f.Line, f.Column, f.EndLine, f.EndColumn = rec.Doc.Span(m.Path)
	}
	f.Frame = rec.Doc.Line(f.Line)
	return f
}
