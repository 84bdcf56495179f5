package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
)

// decisionFields are what gate, assess and status print as JSON.
var decisionFields = []string{"record", "verdict", "verb", "from", "to", "risk", "signals", "impact", "conflicts", "requirements", "findings", "waived",
	"blockers", "reasons", "minimum_trust", "material", "policy_digest", "input_digest", "opa", "branch", "stage", "pull", "url"}

func decisionValues(dec *decision.Decision, t *proposal.Target) map[string]any {
	out := map[string]any{"record": dec.Record, "verdict": dec.Verdict, "verb": dec.Verb, "from": dec.From, "to": dec.To, "risk": dec.Risk,
		"signals": notNil(dec.Signals), "impact": notNil(dec.Impact), "conflicts": notNil(dec.Conflicts), "requirements": notNil(dec.Requirements), "findings": notNil(dec.Findings), "waived": notNil(dec.Waived),
		"blockers": notNil(dec.Blockers), "reasons": notNil(dec.Reasons), "minimum_trust": dec.MinimumTrust, "material": dec.Material,
		"policy_digest": dec.PolicyDigest, "input_digest": dec.InputDigest, "opa": dec.OPA, "branch": "", "stage": stage(t), "pull": 0, "url": ""}
	if t.Proposal != nil {
		out["branch"] = t.Proposal.Branch
		if said := t.Proposal.Said; said != nil {
			out["pull"], out["url"] = said.Pull.Number, said.Pull.URL
		}
	}
	return out
}

// notNil makes an empty list of a nil one, so that JSON says [] and not null.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// title is what a target is called.
func title(t *proposal.Target) string {
	if rec := t.Current(); rec != nil {
		return rec.Title()
	}
	return ""
}

// decide judges the open proposal of a record, or what main has of it.
func (env *Env) decide(ctx context.Context, list []string, kinds ...string) (*proposal.Target, *decision.Decision, error) {
	d, t, err := env.decided(ctx, list, kinds...)
	if err != nil {
		return nil, nil, err
	}
	dec, err := d.Assess(ctx, t)
	return t, dec, err
}

// decided is what a decision is asked for about.
func (env *Env) decided(ctx context.Context, list []string, kinds ...string) (*proposal.Desk, *proposal.Target, error) {
	d, err := env.desk(ctx, false)
	if err != nil {
		return nil, nil, err
	}
	t, err := env.target(ctx, d, list, kinds...)
	if err != nil {
		return nil, nil, err
	}
	if t.Kind != nil && t.Kind.Name == proposal.ConfigKind().Name {
		if _, err := configBranch(t); err != nil {
			return nil, nil, err
		}
	}
	return d, t, nil
}

func newGateCmd(env *Env) *cobra.Command {
	o := &gateOptions{out: outputFlags{report: &render.Report{}}}
	cmd := &cobra.Command{
		Use: "gate [ID]", Short: "Answer whether a proposal may land now", Args: args(cobra.MaximumNArgs(1)),
		Long: `Answer whether the open proposal of a record may land on main now, with every
reason. Policy, people and config are those of main, never the proposal's own.

On GitHub, --pr, --open and --event decide about pull requests and say so there:
as the status gitsm/gate of the commit that was decided about, in one comment
that is kept up to date and, in a workflow, as annotations and a summary. The
commits of a pull request are read as data; nothing of them is checked out.

Exit codes: 0 it may, 1 it is denied, 8 it waits for approvals, 3 it could not
be judged.`,
		Example: "  $ gitsm gate 7k3f2m && echo go\n  $ gitsm gate 7k3f2m --json verdict,requirements\n  $ gitsm gate 7k3f2m -o github\n\n  # what a workflow runs\n  $ gitsm gate --event",
		RunE: func(cmd *cobra.Command, list []string) error {
			if !o.onForge() {
				return runGate(cmd.Context(), env, list, &o.out)
			}
			if len(list) > 0 {
				return usage("an id and a pull request cannot both be meant")
			}
			return gatePulls(cmd.Context(), env, o)
		},
	}
	o.register(cmd)
	o.out.register(cmd)
	return cmd
}

func runGate(ctx context.Context, env *Env, list []string, out *outputFlags) error {
	d, err := env.desk(ctx, false)
	if err != nil {
		return err
	}
	if err := env.catchUp(ctx, d); err != nil {
		return err
	}
	t, err := env.target(ctx, d, list)
	if err != nil {
		return err
	}
	dec, err := d.Gate(ctx, t)
	if err != nil {
		return err
	}
	if out.given() {
		if *out.report, err = gateReport(dec, t); err != nil {
			return err
		}
		out.report.Tool, out.report.At = env.Version, d.Now()
		err = out.write(ctx, env, single(decisionFields, decisionValues(dec, t)))
	} else {
		err = env.into("", func(w io.Writer, s render.Style) error { return render.Gate(w, dec, s) })
	}
	if err != nil {
		return err
	}
	return exit(verdictCode(dec.Verdict))
}

// gateReport is a decision about a proposal, for the formats that know findings
// only: those on lines that it wrote come first where not all are shown.
func gateReport(dec *decision.Decision, t *proposal.Target) (render.Report, error) {
	r := render.GateReport(dec, fileOf(t))
	if t.Proposal == nil {
		return r, nil
	}
	lines, err := check.ChangedLines(t.Proposal.Facts.Base, t.Proposal.Facts.Head, r.Findings)
	r.Changed = func(file string, line int) bool { return lines[file][line] }
	return r, err
}

// fileOf is the file of the record a target is about, "" where it is about none.
func fileOf(t *proposal.Target) string {
	if rec := t.Current(); rec != nil && rec.Doc != nil {
		return rec.Doc.Name
	}
	return ""
}

func verdictCode(v approval.Verdict) int {
	switch v {
	case approval.Allow:
		return ExitOK
	case approval.Deny:
		return ExitFindings
	case approval.Pending:
		return ExitPending
	}
	return ExitFailure
}

func requirementLines(dec *decision.Decision) []string {
	var lines []string
	for _, r := range dec.Requirements {
		lines = append(lines, fmt.Sprintf("approval %s: %s (%s)", r.ID, r.Reason, r.Msg))
		for _, i := range r.Ignored {
			lines = append(lines, fmt.Sprintf("  not counted: %s: %s", i.Who, i.Why))
		}
	}
	return lines
}

func (env *Env) sayNext(what string) {
	if what != "" {
		env.next("%s", what)
	}
}

// nextStep is what usually follows for a record that has no open proposal.
func nextStep(t *proposal.Target, dec *decision.Decision) string {
	return nextOf(t.Kind.Name, t.ID, t.Landed, dec)
}

// nextOf is the verb that usually follows for a record on main, by what was
// decided about it last; nil where nothing was.
func nextOf(kind, id string, rec *record.Record, dec *decision.Decision) string {
	verbs := map[string]string{"scheduled": "start", "implementing": "finish", "open": "acknowledge", "acknowledged": "restore", "restored": "resolve", "resolved": "close"}
	verb := verbs[rec.State()]
	leaving := rec.Kind.Leaving(rec.Str("type"), rec.State())
	switch {
	case kind == "change" && rec.State() == "review" && rec.Str("review", "summary") == "":
		verb = "review"
	case kind == "change" && rec.State() == "review":
		verb = "close"
	case verb != "" && !slices.ContainsFunc(leaving, func(t record.Transition) bool { return t.Verb == verb }):
		verb = "" // another kind's state of that name
		if len(leaving) > 0 {
			verb = leaving[0].Verb
		}
	}
	switch verb {
	case "":
		return ""
	case "finish":
		return fmt.Sprintf("gitsm %s finish %s --outcome …", kind, id)
	case "review":
		next := fmt.Sprintf("gitsm %s review %s -m …", kind, id)
		if dec == nil || decision.OwesReview(rec, []string{dec.Risk.Band}) == "" {
			next += ", or close it where no review is owed" // which policy of one's own may see otherwise
		}
		return next
	}
	return fmt.Sprintf("gitsm %s %s %s", kind, verb, id)
}

func afterGate(t *proposal.Target, dec *decision.Decision) string {
	switch dec.Verdict {
	case approval.Allow:
		return fmt.Sprintf("gitsm %s merge %s", noun(t), t.Arg())
	case approval.Pending:
		if !slices.ContainsFunc(dec.Requirements, unmet) {
			return "" // it waits for something else than a person, and what that is has been said
		}
		if what := toApprove(noun(t), t.Arg(), dec, t.Proposal.Unpublished()); what != "" {
			return what
		}
		return fmt.Sprintf("somebody of those named runs gitsm %s approve %s", noun(t), t.Arg())
	}
	if finding.Worst(dec.Findings) == finding.Error {
		return t.Edit()
	}
	return ""
}

func unmet(n approval.Node) bool { return !n.Met }

// toApprove is what has to be done before anybody's approval helps, and "" where
// somebody can give it at once.
func toApprove(kind, arg string, dec *decision.Decision, unpublished bool) string {
	if unpublished {
		return fmt.Sprintf("gitsm %s submit %s, so that others have it", kind, arg)
	}
	if team := shortHanded(dec); team != "" {
		return fmt.Sprintf("give %s another member who may approve: gitsm team edit %s --set members=…", team, team)
	}
	return ""
}

// shortHanded is a team that has too few members for what is asked of it, and
// "" where nobody has to wait for that.
func shortHanded(dec *decision.Decision) string {
	for _, r := range dec.Requirements {
		for _, from := range r.From {
			if team, ok := strings.CutPrefix(from, "team:"); ok && r.Stuck {
				return team
			}
		}
	}
	return ""
}

// noun is the command that takes a target. Proposals of files that are neither
// records nor policy are named by their branch, and any noun takes those.
func noun(t *proposal.Target) string {
	if name := t.Name(); name != "proposal" {
		return name
	}
	return "change"
}
