package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/render"
)

// writtenFields are the fields every verb that writes prints.
var writtenFields = []string{"id", "kind", "path", "branch", "verb", "landed", "commit", "main", "dry_run", "pull", "url"}

// reportWrite prints what a verb did and what to do next, and settles the exit
// code: 0 done, 1 refused, 8 waiting for approvals.
func reportWrite(ctx context.Context, env *Env, d *proposal.Desk, out *proposal.Outcome, err error, flags *outputFlags) error {
	var refused *proposal.RefusedError
	if errors.As(err, &refused) && refused.Decision != nil && len(refused.Decision.Findings) > 0 {
		if perr := printFindings(env, refused.Decision); perr != nil {
			return perr
		}
		return &Error{Msg: refused.What, Code: ExitFindings, Hints: []string{"nothing was written"}}
	}
	if err != nil {
		return err
	}
	for _, n := range out.Notes {
		env.say("%s", n)
	}
	if out.DryRun {
		return dryRun(ctx, env, out, flags)
	}
	if flags.given() {
		if err := flags.write(ctx, env, single(writtenFields, written(out))); err != nil {
			return err
		}
	} else if _, err := fmt.Fprintln(env.Out, out.Subject()); err != nil {
		return err
	}
	return whatNow(env, d, out)
}

func written(out *proposal.Outcome) map[string]any {
	return map[string]any{"id": out.ID, "kind": out.Kind, "path": out.Path, "branch": out.Branch, "verb": out.Verb,
		"landed": out.Landed, "commit": out.Commit, "main": out.Main, "dry_run": out.DryRun, "pull": out.Pull, "url": out.URL}
}

func whatNow(env *Env, d *proposal.Desk, out *proposal.Outcome) error {
	switch {
	case out.Landed:
		return env.sayLanded(d, out)
	case out.Decision != nil && out.Branch == "":
		env.say("%s of %s is not proposed yet", out.Verb, out.ID)
		sayPending(env, out.Kind, out.ID, out.Decision, false)
		return exit(ExitPending)
	case out.Decision != nil:
		env.say("%s of %s waits on %s", out.Verb, out.ID, out.Branch)
		sayPending(env, out.Kind, out.Arg(), out.Decision, out.Unpublished)
		return exit(ExitPending)
	case out.Verb == "new":
		env.say("filed %s on branch %s", out.ID, out.Branch)
		if out.Record != nil && out.Record.Str("type") == "emergency" && out.Record.Str("authoriser") != "" && out.Record.Str("incident") != "" {
			env.next("gitsm change merge %s", out.ID)
			return nil
		}
		env.next("gitsm check %s", out.ID)
	default:
		env.say("%s of %s written to branch %s", out.Verb, out.ID, out.Branch)
		if out.Unpublished {
			env.next("gitsm %s submit %s, since others have it as it was", out.Kind, out.Arg())
			return nil
		}
		env.next("gitsm %s status %s", out.Kind, out.Arg())
	}
	return nil
}

// sayLanded says what is now true, and what usually comes next.
func (env *Env) sayLanded(d *proposal.Desk, out *proposal.Outcome) error {
	kind, id := out.Kind, out.ID
	if out.Record == nil || len(out.Record.Kind.States) == 0 {
		env.say("%s landed on %s as %s", strings.TrimSpace(kind+" "+id), d.Main, short(out.Main))
		return nil
	}
	state := out.Record.State()
	if state == "review" {
		state = "in review"
	}
	env.say("%s landed on %s as %s, now %s", id, d.Main, short(out.Main), state)
	env.sayNext(nextOf(kind, id, out.Record, out.Decision))
	return nil
}

func short(oid string) string { return oid[:min(10, len(oid))] }

// sayPending names who must act; unpublished says that they cannot see it yet.
func sayPending(env *Env, kind, arg string, dec *decision.Decision, unpublished bool) {
	for _, b := range dec.Blockers {
		env.say("blocked by %s: %s", b.Who, b.Why)
	}
	if !slices.ContainsFunc(dec.Requirements, unmet) {
		sayWaits(env, dec)
		return
	}
	for _, n := range dec.Requirements {
		if unmet(n) {
			env.say("needs %d of %s: %s", n.Need-n.Given, strings.Join(n.From, ", "), n.Msg)
			for _, i := range n.Ignored {
				env.say("  not counted: %s: %s", i.Who, i.Why)
			}
		}
	}
	sayWho(env, kind, arg, dec, unpublished)
}

// sayWaits says what keeps what waits for something else than a person, besides
// the blockers.
func sayWaits(env *Env, dec *decision.Decision) {
	for _, r := range dec.Reasons {
		if !slices.ContainsFunc(dec.Blockers, func(b approval.Ignored) bool { return b.Who+": "+b.Why == r }) {
			env.say("%s", r)
		}
	}
}

// sayWho names what is done next about approvals that are missing.
func sayWho(env *Env, kind, arg string, dec *decision.Decision, unpublished bool) {
	if kind == "" {
		kind = "change"
	}
	if what := toApprove(kind, arg, dec, unpublished); what != "" {
		env.next("%s", what)
		return
	}
	env.next("somebody of them runs gitsm %s approve %s", kind, arg)
}

// dryRun shows the change of the file and the branch it would go to.
func dryRun(ctx context.Context, env *Env, out *proposal.Outcome, flags *outputFlags) error {
	if flags.given() {
		return flags.write(ctx, env, single(writtenFields, written(out)))
	}
	env.say("dry run: nothing was written; branch %s would hold", out.Branch)
	return render.Diff(env.Out, out.Path, out.Before, out.Content, env.style())
}

func printFindings(env *Env, dec *decision.Decision) error {
	return render.NewReport(dec.Findings, dec.Waived, 1, dec.Rules).Text(env.Err, render.Style{})
}
