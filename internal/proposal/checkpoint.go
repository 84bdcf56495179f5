package proposal

import (
	"context"

	"github.com/gitsm/gitsm/internal/evidence"
)

// Checkpoint records where main and the evidence branch stand, signed where the
// user has a key. Kept elsewhere as well, it shows for ever whether either was
// rewritten since.
func (d *Desk) Checkpoint(ctx context.Context) (*evidence.Entry, []string, error) {
	w, notes, err := d.syncOrWarn(ctx)
	if err != nil {
		return nil, notes, err
	}
	genesis, err := Genesis(ctx, d.Repo, d.Dir, w.Main)
	if err != nil {
		return nil, notes, err
	}
	actor, _, err := d.Actor(w.Base)
	if err != nil {
		return nil, notes, err
	}
	e, err := evidence.NewEntry(evidence.Statement{Predicate: evidence.Predicate{
		Kind: evidence.Checkpoint, Time: d.Now(), Person: actor.ID, Tool: evidence.Tool{Gitsm: d.Tool},
		Checkpoint: &evidence.CheckpointFacts{Genesis: genesis, Main: w.Main, Evidence: w.Evidence},
	}}, d.sign(ctx, evidence.Namespace))
	if err != nil || d.DryRun {
		return e, notes, err
	}
	notes, err = d.appendEvidence(ctx, w, notes, e)
	return e, notes, err
}
