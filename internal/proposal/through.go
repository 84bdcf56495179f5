package proposal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/git"
)

// lookEvery is how long to wait between two looks at a pull request.
const lookEvery = 5 * time.Second

// through proposes a draft on the forge and lands it there where policy wants
// nobody's approval: it opens the pull request, waits for the gate and merges.
// What is denied leaves nothing behind; what is not done in time waits, as does
// what needs an approval.
func (d *Desk) through(ctx context.Context, dr Draft, branch string) (*Outcome, error) {
	w, err := d.Sync(ctx)
	if err != nil {
		return nil, err
	}
	if out, err := d.awaitAuthority(ctx, dr); err != nil || out != nil {
		return out, err
	}
	if dr, err = d.onTop(w, dr); err != nil {
		return nil, err
	}
	head, err := d.commit(ctx, w.Main, w.Main, dr)
	if err != nil {
		return nil, err
	}
	l, err := d.Load(ctx, w, Proposal{Branch: branch, ID: dr.ID, Verb: dr.Verb, Head: head})
	if err != nil {
		return nil, err
	}
	l.alone = true
	dec, err := d.Decide(ctx, l)
	if err != nil {
		return nil, err
	}
	out := outcome(l, dec)
	if out.DryRun = d.DryRun; dec.Verdict != approval.Allow && dec.Verdict != approval.Pending {
		return out, &RefusedError{What: fmt.Sprintf("%s of %s is refused", dr.Verb, dr.name()), Why: reasons(out), Decision: dec}
	}
	if d.DryRun {
		return out, nil
	}
	if err := d.update(ctx, "gitsm: "+dr.Verb+" "+dr.ID, git.RefUpdate{Name: heads + branch, New: head}); err != nil {
		return nil, err
	}
	if err := d.Repo.Push(ctx, w.remote, []git.RefUpdate{{Name: heads + branch, New: head}}); err != nil {
		return nil, err
	}
	if err := d.pullRequest(ctx, w, l, dec, Submission{}, out); err != nil {
		return nil, err
	}
	if dec.Verdict == approval.Pending {
		return out, nil
	}
	landed, err := d.awaitGate(ctx, branch)
	if landed != nil {
		landed.Notes = append(out.Notes, landed.Notes...)
	}
	return landed, err
}

// awaitGate merges a pull request once the gate has let it pass.
func (d *Desk) awaitGate(ctx context.Context, branch string) (*Outcome, error) {
	for waited := time.Duration(0); ; waited += lookEvery {
		w, err := d.Sync(ctx)
		if err != nil {
			return nil, err
		}
		t, err := d.ByBranch(ctx, w, branch)
		if err != nil {
			return nil, err
		}
		dec, err := d.Decide(ctx, t.Proposal)
		if err != nil {
			return nil, err
		}
		switch {
		case dec.Verdict != approval.Allow && dec.Verdict != approval.Pending:
			return outcome(t.Proposal, dec), &RefusedError{What: "the gate denies " + branch, Why: reasons(outcome(t.Proposal, dec)), Decision: dec}
		case dec.Allowed() && passed(t.Proposal.Said):
			out, err := d.mergePull(ctx, w, t.Proposal, dec, MergeOptions{})
			if !errors.Is(err, forge.ErrRefused) && !errors.Is(err, forge.ErrConflict) || waited >= d.Wait {
				return out, err
			}
		case waited >= d.Wait:
			dec.Verdict = approval.Pending
			dec.Reasons = append(dec.Reasons, fmt.Sprintf("the gate has not let pull request %d pass within %s", t.Proposal.Said.Pull.Number, d.Wait))
			out := outcome(t.Proposal, dec)
			out.Pull, out.URL = t.Proposal.Said.Pull.Number, t.Proposal.Said.Pull.URL
			return out, nil
		}
		if err := d.Sleep(ctx, lookEvery); err != nil {
			return nil, err
		}
	}
}

// passed reports whether the gate let a head pass, where its branch demands
// that.
func passed(said *forge.Facts) bool {
	gated := slices.ContainsFunc(said.Rules, func(r forge.Rule) bool { return slices.Contains(r.Statuses(), StatusContext) })
	return !gated || slices.ContainsFunc(said.Checks, func(c forge.Check) bool { return c.Name == StatusContext && c.State == "success" })
}

// awaitAuthority waits until the evidence has the landing that a change is
// started on the strength of: nothing else proves it. The outcome says that it
// is not there yet; nil goes on.
func (d *Desk) awaitAuthority(ctx context.Context, dr Draft) (*Outcome, error) {
	if dr.Verb != "start" || dr.Target == nil || dr.Target.Landed == nil || emergency(dr.Target.Landed) {
		return nil, nil
	}
	for waited := time.Duration(0); ; waited += lookEvery {
		if _, err := d.Sync(ctx); err != nil {
			return nil, err
		}
		by, err := d.Authority(ctx, dr.ID)
		if err != nil {
			return nil, err
		}
		if !by.At.IsZero() {
			return nil, nil
		}
		if waited >= d.Wait {
			return &Outcome{ID: dr.ID, Kind: dr.Kind.Name, Verb: dr.Verb, Decision: &decision.Decision{Record: dr.ID, Verdict: approval.Pending, Verb: dr.Verb,
				Reasons: []string{"the evidence does not have its landing yet: gitsm evidence record, or wait for the workflow that does"}}}, nil
		}
		if err := d.Sleep(ctx, lookEvery); err != nil {
			return nil, err
		}
	}
}
