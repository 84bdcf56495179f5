package audit

import (
	"context"
	"fmt"

	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// NotOnMainError says that a commit was never where main stood.
type NotOnMainError struct {
	Commit git.OID
	Branch string
}

func (e *NotOnMainError) Error() string {
	return fmt.Sprintf("commit %s is not on the own line of %s, by first parents, so %s never stood there", e.Commit, e.Branch, e.Branch)
}

// back puts main where it stood at a commit of its own line, and the evidence to
// what the next landing that names any committed to: that existed before it,
// whatever any clock says. Where none does, all of the evidence is looked at.
func (t *trail) back(ctx context.Context, evidenceTip *history.Tip) error {
	if len(t.main.Heads) != 1 {
		return fmt.Errorf("%s; settle that before you look at the past", t.main.Note)
	}
	on := t.main.Heads[0] == t.At
	for e, err := range t.Repo.Log(ctx, git.LogOptions{From: t.main.Heads, Not: []git.OID{t.At}, FirstParent: true, Reverse: true}) {
		if err != nil {
			return fmt.Errorf("reading the history of main: %w", err)
		}
		if !on && (len(e.Parents) == 0 || e.Parents[0] != t.At) {
			break // the oldest that is newer comes first
		}
		on = true
		known := history.Trailer(e.Message, history.EvidenceHead)
		if known == "" || len(evidenceTip.Heads) != 1 {
			continue
		}
		if ok, err := t.Repo.IsAncestor(ctx, known, evidenceTip.Heads[0]); ok && err == nil {
			*evidenceTip = history.Tip{Heads: []git.OID{known}, Note: fmt.Sprintf("evidence as commit %s of %s committed to it", e.OID, t.Main)}
			break
		}
	}
	if !on {
		return &NotOnMainError{t.At, t.Main}
	}
	t.main = history.Tip{Heads: []git.OID{t.At}, Note: fmt.Sprintf("%s as it stood at commit %s", t.Main, t.At)}
	return nil
}
