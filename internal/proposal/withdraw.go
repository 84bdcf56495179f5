package proposal

import (
	"context"
	"errors"
	"fmt"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
)

// Withdraw takes an open proposal back: evidence says so and its branch goes,
// in one transaction, so that the population stays complete.
func (d *Desk) Withdraw(ctx context.Context, t *Target) (*Opinion, error) {
	if t.Proposal == nil {
		return nil, &UsageError{What: t.ID + " has no open proposal to withdraw", Fix: "gitsm inbox"}
	}
	for range maxAttempts {
		w, err := d.Sync(ctx)
		if err != nil {
			return nil, err
		}
		// It may have landed, or been edited, since the caller looked.
		now, err := d.ByBranch(ctx, w, t.Proposal.Branch)
		if err != nil {
			return nil, err
		}
		op, err := d.withdraw(ctx, w, now)
		if !errors.Is(err, git.ErrStale) {
			return op, err
		}
	}
	return nil, fmt.Errorf("withdrawing: the branches moved %d times; try again", maxAttempts)
}

func (d *Desk) withdraw(ctx context.Context, w *World, t *Target) (*Opinion, error) {
	l := t.Proposal
	actor, _, err := d.Actor(w.Base)
	if err != nil {
		return nil, err
	}
	if !actor.Known {
		return nil, &RefusedError{What: fmt.Sprintf("%s is nobody in people/, so the withdrawal could not be attributed", d.User.Email)}
	}
	if out, err := d.Repo.CheckedOut(ctx, heads+l.Branch); err != nil {
		return nil, err
	} else if out {
		return nil, &UsageError{What: l.Branch + " is checked out, so it cannot be removed", Fix: "git switch " + d.Main}
	}
	dec, err := d.Decide(ctx, l)
	if err != nil {
		return nil, err
	}
	old, err := d.here(ctx, l)
	if err != nil {
		return nil, err
	}
	what := "its open proposal, which never landed: " + l.Branch
	if t.Landed != nil {
		what = fmt.Sprintf("the open proposal %s; the %s on %s stays as it is", l.Branch, t.Name(), d.Main)
	}
	op := &Opinion{ID: t.ID, Kind: t.Name(), Arg: t.Arg(), Person: actor.ID, State: "withdrawn", DryRun: d.DryRun, Notes: []string{"withdraws " + what}}
	gone := git.RefUpdate{Name: heads + l.Branch, Old: old}
	if l.Said != nil {
		op.Trust = approval.Observed
		return op, d.closePull(ctx, w, l, op, gone)
	}
	entry, err := evidence.NewEntry(evidence.Statement{Predicate: d.predicate(evidence.Withdrawal, l, dec, actor.ID)}, d.sign(ctx, evidence.Namespace))
	if err != nil {
		return nil, err
	}
	head, err := d.record(ctx, w, w.Evidence, entry)
	if err != nil {
		return nil, err
	}
	op.Trust, op.Evidence = d.trust(w, l, entry), entry.Path
	return op, d.move(ctx, w, "gitsm: withdraw "+l.Branch, []git.RefUpdate{{Name: evidenceRef, Old: w.localEvidence, New: head}, gone})
}

// closePull ends a proposal where it is reviewed, and removes its branch once
// that is done. Whoever records what the forge says records this.
func (d *Desk) closePull(ctx context.Context, w *World, l *Loaded, op *Opinion, gone git.RefUpdate) error {
	if op.URL = l.Said.Pull.URL; d.DryRun {
		return nil
	}
	f, err := d.forge(ctx)
	if err != nil {
		return err
	}
	if err := f.ClosePull(ctx, l.Said.Pull.Number); err != nil {
		return err
	}
	op.Notes = append(op.Notes, fmt.Sprintf("closed pull request %d: %s", l.Said.Pull.Number, op.URL))
	return d.move(ctx, w, "gitsm: withdraw "+l.Branch, []git.RefUpdate{gone})
}

// here is what this clone's branch of a proposal stands at, "" where it has
// none. One that has commits which were not judged is stale.
func (d *Desk) here(ctx context.Context, l *Loaded) (git.OID, error) {
	old, err := d.Repo.Ref(ctx, heads+l.Branch)
	if err != nil || old == "" || old == l.Head {
		return old, err
	}
	ok, err := d.Repo.IsAncestor(ctx, old, l.Head)
	if err == nil && !ok {
		err = fmt.Errorf("%w: %s", git.ErrStale, l.Branch)
	}
	return old, err
}
