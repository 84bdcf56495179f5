package proposal

import (
	"context"
	"fmt"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
)

// people finds out who had a hand in the proposal.
func (d *Desk) people(ctx context.Context, w *World, l *Loaded, changes []git.FileChange) error {
	commits, err := d.Repo.Range(ctx, w.Main, l.Head)
	if err != nil {
		return fmt.Errorf("reading the commits of %s: %w", l.Branch, err)
	}
	wrote := make([]decision.Wrote, len(commits))
	for i, c := range commits {
		if wrote[i], err = d.wrote(ctx, c); err != nil {
			return err
		}
	}
	keys, err := Keyring(w.Base)
	if err != nil {
		return err
	}
	dir, err := w.Base.Directory()
	if err != nil {
		return err
	}
	var work []decision.Work
	for i, covered := range decision.Covered(wrote, changes) {
		c := commits[i]
		who, _ := dir.ByEmail(c.Committer.Email)
		work = append(work, decision.Work{Commit: c, Bound: covered, Seal: sealOf(c, who, keys, d.Now())})
	}
	if w.reviewed() { // on a forge, which knows who pushed
		for i := range work {
			work[i].Web = work[i].Seal.Trust == approval.Observed // it signs what it makes itself
			work[i].Seal = decision.Seal{Bad: work[i].Seal.Bad}
		}
	}
	l.work = work
	return l.Facts.Attribute(work)
}

// sealOf judges the signature of a commit that says who made it. A demo keeps no
// commit in bytes while it is made, and there is nobody to be taken in.
func sealOf(c *git.Commit, who string, keys evidence.Keyring, now time.Time) decision.Seal {
	if c.Raw == nil {
		return decision.Seal{}
	}
	j := evidence.VerifyCommitter(c.Raw, keys, now, who)
	s := decision.Seal{Trust: approval.Claimed}
	switch {
	case j.Verdict == evidence.BadSignature:
		s.Bad = j.Reason
	case j.Verdict == evidence.Good && j.Forge != "":
		s.Trust = approval.Observed
	case j.Verdict == evidence.Good:
		s.Trust = approval.Signed
	case who == "" || !keys.Signs(who, now):
	case j.Verdict == evidence.Unsigned:
		s.Owed = "which is unsigned, and " + who + " has a signing key"
	default:
		s.Owed = "which is not signed with the key that " + who + " has (" + j.Reason + ")"
	}
	return s
}

// wrote is what a commit wrote itself. A merge of main that git could have made
// alone wrote nothing.
func (d *Desk) wrote(ctx context.Context, c *git.Commit) (decision.Wrote, error) {
	if len(c.Parents) > 1 {
		w := decision.Wrote{Merge: true, Edited: true} // in the merge, or merged by hand
		tree, err := d.Repo.MergeTree(ctx, c.Parents[0], c.Parents[1])
		if err == nil && tree == c.Tree && len(c.Parents) == 2 {
			w.Edited = false
		}
		return w, nil
	}
	parent := ""
	if len(c.Parents) == 1 {
		parent = c.Parents[0]
	}
	changes, err := d.Repo.Diff(ctx, parent, c.OID)
	return decision.Wrote{Files: changes}, err
}
