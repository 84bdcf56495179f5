package proposal

import (
	"context"
	"fmt"
	"slices"

	"github.com/gitsm/gitsm/internal/evidence"
)

// independent refuses to let somebody carry out what they approved: their
// approval would no longer be that of somebody without a part in it, and every
// audit would say so.
func (d *Desk) independent(ctx context.Context, w *World, id, person string) error {
	if w.Evidence == "" || person == "" {
		return nil
	}
	fsys, err := d.Repo.FS(ctx, w.Evidence)
	if err != nil {
		return err
	}
	entries, err := evidence.Read(fsys, id)
	if err != nil {
		return fmt.Errorf("reading the evidence of %s: %w", id, err)
	}
	for _, e := range slices.Backward(entries) {
		facts := e.Statement.Predicate.Decision
		if facts == nil || facts.Verdict != "allow" || len(facts.Requirements) == 0 {
			continue
		}
		for _, r := range facts.Requirements {
			if slices.ContainsFunc(r.Approvers, func(a evidence.Approver) bool { return a.Person == person }) {
				return &RefusedError{What: fmt.Sprintf("%s approved %s, so somebody else carries it out", person, id),
					Why: []string{"whoever approves has no other part in it"}, Fix: "a colleague runs gitsm change start " + id}
			}
		}
		return nil // the latest authorisation is the one in force
	}
	return nil
}
