package proposal

import (
	"context"
	"fmt"
	"strings"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/git"
)

// Submit checks an open proposal and, where there is an upstream, pushes it
// with the evidence about it, so that others see it. It writes nothing else:
// on the local forge a proposal is open from its first commit.
func (d *Desk) Submit(ctx context.Context, t *Target, sub Submission) (*Outcome, error) {
	if t.Proposal == nil {
		return nil, &UsageError{What: t.ID + " has no open proposal to submit", Fix: "gitsm " + t.Name() + " edit " + t.ID}
	}
	dec, err := d.Decide(ctx, t.Proposal)
	if err != nil {
		return nil, err
	}
	out := outcome(t.Proposal, dec)
	out.DryRun = d.DryRun
	if errs, _ := finding.Count(dec.Findings); errs > 0 {
		return out, &RefusedError{What: t.ID + " cannot be submitted yet", Why: reasons(out), Decision: dec}
	}
	if d.DryRun {
		return out, d.wouldOpen(ctx, t.Proposal, dec, out)
	}
	w, err := d.Sync(ctx)
	if err != nil {
		return out, err
	}
	if w.remote == "" {
		if w.reviewed() {
			return out, &UsageError{What: d.Main + " follows no remote, so there is nowhere to propose it", Fix: "git push --set-upstream origin " + d.Main}
		}
		return out, nil
	}
	updates := []git.RefUpdate{{Name: heads + t.Proposal.Branch, New: t.Proposal.Head}}
	if w.localEvidence != "" && w.Evidence != w.remoteEvidence {
		updates = append(updates, git.RefUpdate{Name: evidenceRef, New: w.Evidence})
	}
	push, err := d.forRemote(ctx, w, updates)
	if err != nil {
		return out, err
	}
	if len(push) > 0 {
		out.Notes = append(out.Notes, "pushed "+t.Proposal.Branch+" to "+w.remote)
		if err := d.Repo.Push(ctx, w.remote, push); err != nil {
			return out, err
		}
	}
	out.Unpublished = false
	if w.reviewed() {
		return out, d.pullRequest(ctx, w, t.Proposal, dec, sub, out)
	}
	return out, nil
}

// wouldOpen says what submitting would do on the forge.
func (d *Desk) wouldOpen(ctx context.Context, l *Loaded, dec *decision.Decision, out *Outcome) error {
	w, err := d.Look(ctx)
	if err != nil || !w.reviewed() {
		return err
	}
	what := "would push " + l.Branch + " and open a pull request"
	if l.Said != nil {
		what = fmt.Sprintf("would bring pull request %d up to date", l.Said.Pull.Number)
	}
	out.Notes = append(out.Notes, what+": "+d.Describe(l, dec).Title)
	if people := asked(l, dec); len(people) > 0 {
		out.Notes = append(out.Notes, "would ask for reviews of "+strings.Join(people, ", "))
	}
	return nil
}
