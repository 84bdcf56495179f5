package history

import (
	"context"
	"fmt"

	"github.com/gitsm/gitsm/internal/git"
)

// Refs is what finding a branch takes.
type Refs interface {
	Ref(ctx context.Context, name string) (git.OID, error)
	IsAncestor(ctx context.Context, a, b git.OID) (bool, error)
}

// Tip is where a branch stands, as far as this clone knows.
type Tip struct {
	Heads []git.OID // none where the branch is not here, two where local and remote-tracking diverged
	Note  string    // what a reader of the audit must know of the choice, "" where nothing
}

// FindTip returns the newest that a clone knows of a branch: its own, or the
// remote-tracking one where that is all there is or where it is ahead.
func FindTip(ctx context.Context, refs Refs, branch, remote string) (Tip, error) {
	ours, err := refs.Ref(ctx, "refs/heads/"+branch)
	if err != nil {
		return Tip{}, err
	}
	theirs, err := refs.Ref(ctx, "refs/remotes/"+remote+"/"+branch)
	if err != nil {
		return Tip{}, err
	}
	switch {
	case ours == "" && theirs == "":
		return Tip{}, nil
	case ours == "":
		return Tip{Heads: []git.OID{theirs}}, nil
	case theirs == "" || ours == theirs:
		return Tip{Heads: []git.OID{ours}}, nil
	}
	if ok, err := refs.IsAncestor(ctx, theirs, ours); ok || err != nil {
		return Tip{Heads: []git.OID{ours}}, err
	}
	name := remote + "/" + branch
	if ok, err := refs.IsAncestor(ctx, ours, theirs); ok || err != nil {
		return Tip{Heads: []git.OID{theirs}, Note: fmt.Sprintf("%s is behind %s; what %s has was looked at", branch, name, name)}, err
	}
	return Tip{Heads: []git.OID{ours, theirs}, Note: fmt.Sprintf("%s and %s have diverged", branch, name)}, nil
}
