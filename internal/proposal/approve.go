package proposal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
)

// Opinion is what an approval or rejection left behind.
type Opinion struct {
	ID       string             `json:"id"`
	Kind     string             `json:"kind"`
	Arg      string             `json:"-"` // what names it on a command line
	Person   string             `json:"person"`
	State    string             `json:"state"`
	Trust    string             `json:"trust"`
	Evidence string             `json:"evidence"` // path on the evidence branch
	Material string             `json:"material"`
	Stands   bool               `json:"stands"` // it was said before of the same content, so nothing was recorded
	DryRun   bool               `json:"dry_run,omitempty"`
	URL      string             `json:"url,omitempty"` // of the review, on a forge
	Notes    []string           `json:"-"`
	Decision *decision.Decision `json:"-"` // the gate as it now stands
}

// Approve records the user's approval of an open proposal, bound to its
// content. An approval that could not count is refused, with the reason.
func (d *Desk) Approve(ctx context.Context, short string, kinds ...string) (*Opinion, error) {
	return d.opine(ctx, evidence.Approval, approval.Approved, short, kinds)
}

// Reject records that the user asks for changes.
func (d *Desk) Reject(ctx context.Context, short string, kinds ...string) (*Opinion, error) {
	return d.opine(ctx, evidence.Rejection, approval.Rejected, short, kinds)
}

func (d *Desk) opine(ctx context.Context, typ evidence.Type, state, short string, kinds []string) (*Opinion, error) {
	w, notes, err := d.syncOrWarn(ctx)
	if err != nil {
		return nil, err
	}
	t, err := d.Resolve(ctx, w, short, kinds...)
	if err != nil {
		return nil, err
	}
	l, err := d.subject(ctx, w, t)
	if err != nil {
		return nil, err
	}
	actor, _, err := d.Actor(w.Base)
	if err != nil {
		return nil, err
	}
	if !actor.Known {
		return nil, &RefusedError{What: fmt.Sprintf("%s is nobody in people/, so an approval could not be attributed", d.User.Email),
			Fix: "gitsm person new ID --name NAME --email " + d.User.Email}
	}
	entry, now, then, err := d.mayOpine(ctx, w, l, actor, typ)
	if err != nil {
		return nil, err
	}
	op := &Opinion{ID: t.ID, Kind: t.Name(), Arg: t.Arg(), Person: actor.ID, State: state, Trust: d.trust(w, l, entry), Evidence: entry.Path,
		Material: now.Material.SHA256, DryRun: d.DryRun, Notes: notes}
	if had := said(l, now, actor.ID, state); had != nil && had.Trust == op.Trust {
		op.Stands, op.Evidence, op.Decision = true, had.Ref, now
		return op, nil
	}
	if err := d.remarkable(w.reviewed() && l.Branch != "" || l.landedBy != 0); err != nil {
		return nil, err
	}
	if d.DryRun {
		return op, nil
	}
	switch {
	case l.landedBy != 0:
		op.Evidence, op.Decision = "", then // as it is once that was recorded
		return op, d.reviewLanded(ctx, l, op, entry)
	case w.reviewed() && l.Branch != "":
		op.Evidence = "" // whoever records what the forge says records this
		err = d.reviewPull(ctx, l, op, entry)
	default:
		op.Notes, err = d.appendEvidence(ctx, w, op.Notes, entry)
	}
	if err != nil {
		return nil, err
	}
	op.Decision, err = d.again(ctx, short, kinds)
	return op, err
}

// remarkable refuses a remark that would be nowhere to be read, or would be
// taken for more than a remark.
func (d *Desk) remarkable(onForge bool) error {
	switch {
	case d.Remark == "":
	case !onForge:
		return &UsageError{What: "a reason would be read by nobody here: evidence holds no free text, and nothing else shows reviews",
			Fix: "leave out -m, and say why where you talk to each other"}
	case strings.Contains(d.Remark, "<!--"):
		return &UsageError{What: "a reason must not hold <!--, which begins what people do not see", Fix: "write it in words"}
	}
	return nil
}

// said is the last word of a person on a proposal where it says state of what is
// there now, and is heard; nil where it is another, or none.
func said(l *Loaded, now *decision.Decision, person, state string) *approval.Review {
	last := lastWord(l.Facts.Reviews, person)
	_, counts := heard(now, person)
	if last == nil || last.State != state || last.Material != now.Material.SHA256 || !counts && !objects(now, person) {
		return nil
	}
	return last
}

// lastWord is what a person said last; nil where that is nothing.
func lastWord(reviews []approval.Review, person string) *approval.Review {
	var last *approval.Review
	for i, r := range reviews {
		if r.Person == person && (last == nil || r.Order >= last.Order) {
			last = &reviews[i]
		}
	}
	return last
}

// again decides anew once something was recorded.
func (d *Desk) again(ctx context.Context, short string, kinds []string) (*decision.Decision, error) {
	w, err := d.Look(ctx)
	if err != nil {
		return nil, err
	}
	t, err := d.Resolve(ctx, w, short, kinds...)
	if err != nil {
		return nil, err
	}
	l, err := d.subject(ctx, w, t)
	if err != nil {
		return nil, err
	}
	return d.Decide(ctx, l)
}

// subject is what an opinion is about: the open proposal, or an emergency that
// landed and still owes its approval.
func (d *Desk) subject(ctx context.Context, w *World, t *Target) (*Loaded, error) {
	if t.Proposal != nil {
		return t.Proposal, nil
	}
	if t.Landed == nil || !emergency(t.Landed) {
		return nil, &UsageError{What: t.ID + " has no open proposal to approve or reject", Fix: "gitsm inbox"}
	}
	l := d.asProposed(w, t)
	l.Facts.Retro = true
	if err := d.reviews(ctx, w, l); err != nil {
		return nil, err
	}
	var err error
	l.landedBy, err = d.landedBy(ctx, w, l)
	return l, err
}

// mayOpine makes the statement, asks what the gate says now and would say if it
// were recorded, and refuses where the person's word would not count.
func (d *Desk) mayOpine(ctx context.Context, w *World, l *Loaded, actor decision.Actor, typ evidence.Type) (e *evidence.Entry, now, then *decision.Decision, err error) {
	now, err = d.Decide(ctx, l)
	if err != nil {
		return nil, nil, nil, err
	}
	if l.over != "" && (l.Said == nil || !l.Said.Pull.Open) {
		return nil, nil, nil, &RefusedError{What: fmt.Sprintf("nothing more can be said of %s", l.Branch), Why: []string{l.over}, Decision: now}
	}
	if len(now.Requirements) == 0 {
		return nil, nil, nil, &RefusedError{What: "policy asks for nobody's approval of " + l.name(), Why: now.Reasons, Decision: now}
	}
	e, err = evidence.NewEntry(evidence.Statement{Predicate: d.predicate(typ, l, now, actor.ID)}, d.sign(ctx, evidence.Namespace))
	if err != nil {
		return nil, nil, nil, err
	}
	keys, err := Keyring(w.Base)
	if err != nil {
		return nil, nil, nil, err
	}
	latest := 0 // statements about other proposals of the record lie between these
	for _, r := range l.Facts.Reviews {
		latest = max(latest, r.Order+1)
	}
	review, _ := Review(e, latest, keys, d.Now())
	if l.onForge() && review.Trust == approval.Claimed {
		review.Trust, review.Void = approval.Observed, "" // the forge will say that they said it
	}
	trial := *l
	trial.Facts.Reviews = append(slices.Clone(l.Facts.Reviews), review)
	then, err = d.Decide(ctx, &trial)
	if err != nil {
		return nil, nil, nil, err
	}
	if why, counts := heard(then, actor.ID); !counts && (typ != evidence.Rejection || !objects(then, actor.ID)) {
		if len(why) == 0 || then.Verdict == approval.Error {
			why = then.Reasons
		}
		if prev := lastWord(l.Facts.Reviews, actor.ID); prev != nil && prev.State != review.State && prev.Time.Equal(review.Time) {
			why = append([]string{fmt.Sprintf("what %s said before is of the same instant, %s, and which came last nobody could tell: say it again",
				actor.ID, review.Time.UTC().Format("2006-01-02T15:04:05.000Z07:00"))}, why...)
		}
		return nil, nil, nil, &RefusedError{What: fmt.Sprintf("%s's word on %s would not count", actor.ID, l.name()), Why: why, Decision: now}
	}
	return e, now, then, nil
}

// heard says whether a person's word counts for any requirement, and if not,
// why.
func heard(dec *decision.Decision, person string) (why []string, counts bool) {
	for _, n := range dec.Requirements {
		if slices.Contains(n.Approvers, person) {
			return nil, true
		}
		for _, i := range n.Ignored {
			if i.Who == person && !slices.Contains(why, i.Why) {
				why = append(why, i.Why)
			}
		}
	}
	return why, false
}

// objects reports whether a person's rejection holds the proposal up.
func objects(dec *decision.Decision, person string) bool {
	return slices.ContainsFunc(dec.Blockers, func(b approval.Ignored) bool { return b.Who == person })
}

func (d *Desk) trust(w *World, l *Loaded, e *evidence.Entry) string {
	keys, err := Keyring(w.Base)
	if err != nil {
		return approval.Claimed
	}
	t, _, err := e.Trust(keys, d.Now())
	if err != nil {
		return string(evidence.Broken)
	}
	if l.onForge() && t == evidence.Claimed {
		t = evidence.Observed
	}
	return string(t)
}

// syncOrWarn fetches where it can. Approving works offline: the statement is
// bound to content, not to a moment.
func (d *Desk) syncOrWarn(ctx context.Context) (*World, []string, error) {
	w, err := d.Sync(ctx)
	if err == nil {
		return w, nil, nil
	}
	offline, lookErr := d.Look(ctx)
	var usage *UsageError
	if lookErr != nil || errors.As(err, &usage) {
		return nil, nil, err
	}
	return offline, []string{"the upstream could not be reached, so this rests on what this clone knows"}, nil
}

// Refresh fetches where there is an upstream, and says so where it could not.
func (d *Desk) Refresh(ctx context.Context) ([]string, error) {
	_, notes, err := d.syncOrWarn(ctx)
	return notes, err
}

// CatchUp fetches where proposals are reviewed on a forge: who asks that for its
// word wants today's.
func (d *Desk) CatchUp(ctx context.Context) ([]string, error) {
	w, err := d.Look(ctx)
	if err != nil || !w.reviewed() {
		return nil, err
	}
	return d.Refresh(ctx)
}

// appendEvidence adds entries to the evidence branch, here and upstream,
// however many others are appending at the same moment.
func (d *Desk) appendEvidence(ctx context.Context, w *World, notes []string, entries ...*evidence.Entry) ([]string, error) {
	for range maxAttempts {
		head, err := d.record(ctx, w, w.Evidence, entries...)
		if err != nil {
			return notes, err
		}
		if head == w.localEvidence && head == w.remoteEvidence {
			return notes, nil
		}
		updates := []git.RefUpdate{{Name: evidenceRef, Old: w.localEvidence, New: head}}
		err = d.move(ctx, w, "gitsm: record evidence", updates)
		if errors.Is(err, git.ErrUnreachable) {
			err = d.update(ctx, "gitsm: record evidence", updates...)
			notes = append(notes, "recorded in this clone alone: the upstream could not be reached; `gitsm change submit` sends it")
		}
		if !errors.Is(err, git.ErrStale) {
			return notes, err
		}
		if w, _, err = d.syncOrWarn(ctx); err != nil {
			return notes, err
		}
	}
	return notes, fmt.Errorf("recording evidence: the branch moved %d times; try again", maxAttempts)
}
