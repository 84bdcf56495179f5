package cli

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
)

// print writes a report in every format asked for.
func (o *checkOptions) print(env *Env, rep *check.Report, changed func(file string, line int) bool) error {
	r, err := env.report(rep)
	if err != nil {
		return err
	}
	r.Max, r.Changed = o.max, changed
	for _, out := range o.outs {
		if err := env.into(out.File, func(w io.Writer, s render.Style) error { return r.Write(w, out.Format, s) }); err != nil {
			return err
		}
	}
	return nil
}

// unchecked writes why there is no report wherever one was to be written for
// programs: an error that no waiver and no --fail-on takes away.
func (o *checkOptions) unchecked(ctx context.Context, env *Env, why error) error {
	e := explain(why)
	if e.Code != ExitFailure || ctx.Err() != nil {
		return nil
	}
	rep := &check.Report{Findings: []finding.Finding{{Severity: finding.Error, Message: "could not check: " + e.Msg}}}
	var invalid *store.InvalidError
	if errors.As(why, &invalid) {
		rep.Findings = append(rep.Findings, invalid.Findings...)
	}
	var rego *compileError
	if errors.As(why, &rego) {
		for _, p := range rego.Problems {
			rep.Findings = append(rep.Findings, finding.Finding{Code: p.Code, Severity: finding.Error, File: p.File, Line: p.Line, Column: p.Column,
				EndLine: p.Line, EndColumn: p.Column, Message: p.Message, Fix: p.Fix})
		}
	}
	rep.Errors, rep.Warnings = finding.Count(rep.Findings)
	machine := *o
	machine.outs = slices.DeleteFunc(slices.Clone(o.outs), func(out render.Output) bool { return out.File == "" && out.Format == render.FormatText })
	return machine.print(env, rep, nil)
}

// report is what is printed of a check.
func (env *Env) report(rep *check.Report) (render.Report, error) {
	now, err := env.at()
	r := render.NewReport(rep.Findings, rep.Covered, rep.Records, rep.Rules)
	r.Tool, r.At, r.Sound = env.Version, now, rep.Sound
	return r, err
}

// sum adds a report to a total.
func sum(total, rep *check.Report) {
	total.Findings = append(total.Findings, rep.Findings...)
	total.Covered = append(total.Covered, rep.Covered...)
	total.Sound = append(total.Sound, rep.Sound...)
	total.Records += rep.Records
	total.Rules = max(total.Rules, rep.Rules)
	total.Waived += rep.Waived
}
