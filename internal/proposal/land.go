package proposal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// maxAttempts bounds how often the loser of a race decides again. Each attempt
// that loses means that somebody else's landing won.
const maxAttempts = 200

// Trailers of the commits that gitsm lands on main.
const (
	ChangeIDTrailer     = "Change-Id"
	EvidenceHeadTrailer = "Evidence-Head"
)

// Gate decides whether the open proposal of a target may land now.
func (d *Desk) Gate(ctx context.Context, t *Target) (*decision.Decision, error) {
	if t.Proposal == nil {
		return nil, &UsageError{What: t.ID + " has no open proposal, so there is nothing to decide", Fix: "gitsm " + t.Name() + " status " + t.ID}
	}
	dec, err := d.Decide(ctx, t.Proposal)
	if err != nil {
		return nil, err
	}
	return dec, d.foretell(ctx, t.Proposal, dec)
}

// Merge lands an open proposal if the gate allows it now; else the Outcome
// holds the decision that says why not.
func (d *Desk) Merge(ctx context.Context, short string, kinds ...string) (*Outcome, error) {
	return d.MergeBy(ctx, MergeOptions{}, short, kinds...)
}

// MergeBy lands an open proposal as Merge does; how only matters on a forge.
func (d *Desk) MergeBy(ctx context.Context, opts MergeOptions, short string, kinds ...string) (*Outcome, error) {
	return d.landing(ctx, opts, func(w *World) (*Loaded, error) {
		t, err := d.Resolve(ctx, w, short, kinds...)
		if err != nil {
			return nil, err
		}
		if t.Proposal == nil {
			return nil, &UsageError{What: t.ID + " has no open proposal to merge", Fix: "gitsm " + t.Name() + " status " + t.ID}
		}
		return t.Proposal, nil
	})
}

// landing decides and lands what load returns. Whoever loses the race for main
// or evidence looks again and decides again, on the new base.
func (d *Desk) landing(ctx context.Context, opts MergeOptions, load func(*World) (*Loaded, error)) (*Outcome, error) {
	for range maxAttempts {
		w, err := d.Sync(ctx)
		if err != nil {
			return nil, err
		}
		l, err := load(w)
		if err != nil {
			return nil, err
		}
		dec, err := d.Decide(ctx, l)
		if err != nil {
			return nil, err
		}
		if w.reviewed() && !l.alone {
			return d.mergePull(ctx, w, l, dec, opts)
		}
		out := outcome(l, dec)
		out.DryRun = d.DryRun
		if !dec.Allowed() {
			return out, nil
		}
		err = d.land(ctx, w, l, dec, out)
		if errors.Is(err, git.ErrStale) {
			continue
		}
		return out, err
	}
	return nil, fmt.Errorf("landing: main moved %d times while this was decided; try again", maxAttempts)
}

// land writes decision, landing commit and merge statement, then moves main,
// evidence and the proposal's branch together or not at all.
func (d *Desk) land(ctx context.Context, w *World, l *Loaded, dec *decision.Decision, out *Outcome) error {
	decided, err := d.decisionEntry(l, dec)
	if err != nil {
		return err
	}
	before, err := d.record(ctx, w, w.Evidence, decided)
	if err != nil {
		return fmt.Errorf("recording the decision: %w", err)
	}
	base, tree := treeOf(l)
	main, err := d.Repo.WriteCommit(ctx, git.CommitSpec{
		Base: base, Tree: tree, Parents: []git.OID{l.Base, l.Head}, Message: landingMessage(l, before),
		Author: d.signature(), Committer: d.signature(), Sign: d.sign(ctx, evidence.CommitNamespace),
	})
	if err != nil {
		return fmt.Errorf("writing the landing commit: %w", err)
	}
	merged, err := d.mergeEntry(l, dec, dec.Material, main)
	if err != nil {
		return err
	}
	after, err := d.record(ctx, w, before, merged)
	if err != nil {
		return fmt.Errorf("recording the landing: %w", err)
	}
	updates := []git.RefUpdate{
		{Name: heads + d.Main, Old: w.localMain, New: main},
		{Name: evidenceRef, Old: w.localEvidence, New: after},
	}
	branch, err := d.retire(ctx, l, main)
	if err != nil {
		return err
	}
	if d.DryRun {
		return nil
	}
	out.Landed, out.Main = true, main
	return d.move(ctx, w, "gitsm: land "+l.Branch, append(updates, branch...))
}

// treeOf says what the landing commit holds: the proposal's own tree, or the
// tree it was merged to where main has moved since.
func treeOf(l *Loaded) (base, tree git.OID) {
	if l.Tree == l.Head {
		return l.Head, ""
	}
	return "", l.Tree
}

// retire removes a landed proposal's branch, or lets it follow main where
// somebody has it checked out.
func (d *Desk) retire(ctx context.Context, l *Loaded, main git.OID) ([]git.RefUpdate, error) {
	old, err := d.here(ctx, l)
	if err != nil {
		return nil, err
	}
	if old == "" && !l.Remote {
		return nil, nil // it was never given a branch: it lands with main
	}
	u := git.RefUpdate{Name: heads + l.Branch, Old: old}
	if out, err := d.Repo.CheckedOut(ctx, u.Name); err != nil {
		return nil, err
	} else if out {
		u.New = main
	}
	return []git.RefUpdate{u}, nil
}

func landingMessage(l *Loaded, evidenceHead git.OID) string {
	subject := "Land " + l.Branch
	if c := l.Facts.Primary(); c != nil {
		subject = fmt.Sprintf("%s %s %s", l.Verb, c.Kind.Name, c.ID)
		if c.After != nil {
			subject += ": " + oneLine(c.After.Title())
		}
	}
	msg := subject + "\n\n"
	if l.topic() == l.ID {
		msg += ChangeIDTrailer + ": " + l.ID + "\n"
	}
	if evidenceHead != "" {
		msg += EvidenceHeadTrailer + ": " + evidenceHead + "\n"
	}
	return msg
}

// outcome describes a loaded proposal before anything is done with it.
func outcome(l *Loaded, dec *decision.Decision) *Outcome {
	out := &Outcome{ID: l.ID, Branch: l.Branch, Verb: l.Verb, Commit: l.Head, Decision: dec, Findings: dec.Findings, shared: l.shared, Unpublished: l.Unpublished()}
	if c := l.Facts.Primary(); c != nil {
		out.Kind, out.Path = c.Kind.Name, l.Facts.Head.Display(c.Path)
		out.Content, out.Before, out.Record = source(c.After), source(c.Before), c.After
	} else if configures(&l.Facts) {
		out.Kind, out.Path = ConfigKind().Name, l.Facts.Head.Display(store.ConfigFile)
		out.Content, out.Before = l.Facts.Head.Doc.Source, l.Facts.Base.Doc.Source
	} else if ruling(&l.Facts) {
		out.Kind, out.Path = PolicyKind().Name, l.Facts.Head.Display(store.PolicyDir)
	}
	return out
}

func source(r *record.Record) []byte {
	if r == nil {
		return nil
	}
	return r.Doc.Source
}

// Assess judges a target for a reader: its open proposal, or what main has of
// it as if it were proposed now.
func (d *Desk) Assess(ctx context.Context, t *Target) (*decision.Decision, error) {
	l, err := d.assessed(ctx, t)
	if err != nil {
		return nil, err
	}
	dec, err := d.Decide(ctx, l)
	if err != nil || t.Proposal == nil {
		return dec, err
	}
	return dec, d.foretell(ctx, l, dec)
}

// Foresee assesses a target without asking a forge: what people have said there
// is left out.
func (d *Desk) Foresee(ctx context.Context, t *Target) (*decision.Decision, error) {
	l, err := d.assessed(ctx, t)
	if err != nil {
		return nil, err
	}
	l.alone = true
	return d.Decide(ctx, l)
}

// Explain assesses a target and says what became of every rule.
func (d *Desk) Explain(ctx context.Context, t *Target) (*decision.Explanation, error) {
	l, err := d.assessed(ctx, t)
	if err != nil {
		return nil, err
	}
	if l.Facts.Actor, _, err = d.Actor(l.Facts.Base); err != nil {
		return nil, err
	}
	return d.Judge.Explain(ctx, l.Facts)
}

// assessed is what a reader wants judged.
func (d *Desk) assessed(ctx context.Context, t *Target) (*Loaded, error) {
	if t.Proposal != nil {
		return t.Proposal, nil
	}
	w, err := d.Look(ctx)
	if err != nil {
		return nil, err
	}
	l := d.asProposed(w, t)
	if l.Facts.Retro = emergency(t.Landed); l.Facts.Retro {
		if err := d.reviews(ctx, w, l); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// emergency reports whether a landed change owes an approval after the fact. It
// can be given after the change was closed as well: late is better than never.
func emergency(rec *record.Record) bool {
	return rec.Kind.Name == "change" && rec.Str("type") == "emergency"
}

// Stood restates a record of a snapshot of main as the proposal that would have
// filed it there at a moment. Nobody's approval is in it.
func (d *Desk) Stood(main *store.Store, t *Target, now time.Time) (*decision.Facts, error) {
	l := d.asProposed(&World{Base: main}, t)
	l.Facts.Now = now
	var err error
	l.Facts.Actor, _, err = d.Actor(main)
	return &l.Facts, err
}

// asProposed restates a landed record as the proposal that would file it
// today.
func (d *Desk) asProposed(w *World, t *Target) *Loaded {
	l := &Loaded{Proposal: Proposal{ID: t.ID, Verb: "new", Head: w.Main}, Base: w.Main, Tree: w.Main, Merge: w.Main}
	l.Facts = decision.Facts{Base: w.Base, Head: w.Base, ID: t.ID, Now: d.Now(), Changes: []decision.Change{{
		Kind: t.Kind, ID: t.ID, Path: t.Landed.Path, After: t.Landed, Landed: true,
	}}}
	return l
}
