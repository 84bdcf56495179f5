package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/render"
)

type reportOptions struct {
	period    periodFlags
	framework string
	files     verifyOptions
	out       outputFlags
}

func newAuditReportCmd(env *Env) *cobra.Command {
	o := &reportOptions{}
	cmd := &cobra.Command{
		Use: "report [RANGE]", Short: "Hold a period against a framework", Args: args(cobra.MaximumNArgs(1)),
		Long: `Hold every change of a period against what a framework asks for: each control with
the checks that test it, how many verdicts there are, how many applied, and each
deviation. All of it is tested, not a sample.

` + periodHelp + `

Exit codes: 0 every control passes or does not apply, 1 one fails or the period
has no change, 3 something could not be verified, as completeness without
--deployments.`,
		Example: "  $ gitsm audit report --framework soc2 --since 2026-01-01 --until 2027-01-01\n  $ gitsm audit report --framework pci -o markdown=pci.md -o json=pci.json",
		RunE:    func(cmd *cobra.Command, list []string) error { return runAuditReport(cmd.Context(), env, o, list) },
	}
	f := cmd.Flags()
	f.StringVar(&o.framework, "framework", "", "which `FRAMEWORK`: "+strings.Join(frameworks(), ", "))
	f.StringVar(&o.files.checkpoint, "checkpoint", "", "demand that the branches descend from where they stood when `FILE` was written")
	f.StringVar(&o.files.deployments, "deployments", "", deploymentsHelp)
	o.period.registerPast(f)
	o.out.documents = true
	o.out.register(cmd)
	return cmd
}

func frameworks() []string {
	var out []string
	for _, f := range audit.Frameworks() {
		out = append(out, f.ID)
	}
	return out
}

func runAuditReport(ctx context.Context, env *Env, o *reportOptions, list []string) error {
	if o.framework == "" {
		return usage("--framework is missing").hint("frameworks: %s", strings.Join(frameworks(), ", "))
	}
	i := slices.Index(frameworks(), o.framework)
	if i < 0 {
		return usage("--framework %q is none", o.framework).hint("frameworks: %s", strings.Join(frameworks(), ", "))
	}
	p, err := o.period.period(ctx, env, list)
	if err != nil {
		return err
	}
	a, err := env.auditorAt(ctx, o.period.at)
	if err != nil {
		return err
	}
	if err := o.files.files(ctx, env, a); err != nil {
		return err
	}
	done := env.watch(a)
	c, err := a.Comply(ctx, audit.Frameworks()[i], p)
	done()
	if err != nil {
		return offLine(err)
	}
	if o.out.given() {
		err = o.out.write(ctx, env, controlList(c))
	} else {
		err = env.into("", func(w io.Writer, s render.Style) error { return writeCompliance(w, c, s) })
	}
	if err != nil {
		return err
	}
	return exit(auditCode(c.Worst()))
}

var controlFields = []string{"framework", "period", "changes", "main", "evidence", "tool", "control", "asks", "checks", "population", "tested", "pass", "fail", "accepted", "cannot_verify", "not_applicable", "verdict", "deviations", "notes"}

// controlList is a report as one item a control.
func controlList(c *audit.Compliance) render.List {
	items := []map[string]any{}
	for _, r := range c.Controls {
		deviations := []map[string]any{}
		for _, d := range r.Deviations {
			deviations = append(deviations, map[string]any{"check": d.Check, "record": d.Record, "kind": d.Kind, "verdict": d.Verdict, "reason": d.Reason, "rests_on": notNil(d.RestsOn)})
		}
		items = append(items, map[string]any{"framework": c.Framework, "period": c.Period, "changes": c.Changes, "main": c.Main, "evidence": notNil(c.Evidence), "tool": c.Tool,
			"control": r.Control, "asks": r.Asks, "checks": r.Checks, "population": r.Population, "tested": r.Tested, "pass": r.Pass, "fail": r.Fail, "accepted": r.Accepted,
			"cannot_verify": r.CannotVerify, "not_applicable": r.NotApplicable, "verdict": r.Verdict, "deviations": deviations, "notes": notNil(c.Notes)})
	}
	return render.List{
		Title: fmt.Sprintf("%s, %s: %d changes", c.Title, c.Period, c.Changes), Notes: complianceNotes(c),
		Fields: controlFields,
		Columns: []render.Column{{Field: "control"}, {Field: "asks"}, {Field: "checks"}, {Field: "population"}, {Field: "tested"}, {Field: "pass"}, {Field: "fail"}, {Field: "accepted"},
			{Field: "cannot_verify", Header: "CANNOT VERIFY"}, {Field: "not_applicable", Header: "N/A"}, {Field: "verdict"}},
		Items: items,
	}
}

// complianceNotes are what a reader of a document has to know: of what it is, what
// deviates, and the notes of the audit.
func complianceNotes(c *audit.Compliance) []string {
	out := []string{stands(c.Main, c.Evidence, c.Tool)}
	for _, d := range c.Deviating() {
		out = append(out, verdictLine(d)+rests(d))
	}
	return append(out, c.Notes...)
}
