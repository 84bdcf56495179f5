package proposal

import (
	"context"
	"fmt"
	"slices"
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
	bound := map[string]bool{}
	for _, c := range changes {
		bound[c.Path] = true
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
	for _, c := range commits {
		touches, err := d.touches(ctx, c, bound)
		if err != nil {
			return err
		}
		who, _ := dir.ByEmail(c.Committer.Email)
		work = append(work, decision.Work{Commit: c, Bound: touches, Seal: sealOf(c, who, keys, d.Now())})
	}
	if w.reviewed() { // on a forge, which knows who pushed
		for i := range work {
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

// touches reports whether a commit wrote any bound path itself. A merge of main
// that git could have made alone did not.
func (d *Desk) touches(ctx context.Context, c *git.Commit, bound map[string]bool) (bool, error) {
	if len(c.Parents) > 1 {
		tree, err := d.Repo.MergeTree(ctx, c.Parents[0], c.Parents[1])
		if err == nil && tree == c.Tree && len(c.Parents) == 2 {
			return false, nil
		}
		return true, nil // edited in the merge, or merged by hand
	}
	parent := ""
	if len(c.Parents) == 1 {
		parent = c.Parents[0]
	}
	changes, err := d.Repo.Diff(ctx, parent, c.OID)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(changes, func(x git.FileChange) bool { return bound[x.Path] }), nil
}
