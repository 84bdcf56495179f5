package proposal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
)

// Authority is how the change with an id was put into force, by the evidence
// that main names.
func (d *Desk) Authority(ctx context.Context, id string) (decision.Authority, error) {
	w, err := d.Look(ctx)
	if err != nil {
		return decision.Authority{}, err
	}
	if err := d.whole(ctx, w); err != nil || w.Evidence == "" {
		return decision.Authority{}, err
	}
	fsys, err := d.Repo.FS(ctx, w.Evidence)
	if err != nil {
		return decision.Authority{}, err
	}
	entries, err := d.Said.Read(fsys, id)
	if err != nil {
		return decision.Authority{}, fmt.Errorf("reading the evidence of %s: %w", id, err)
	}
	return authority(entries), nil
}

// authority reads how a record was put into force from its statements, oldest
// first: the last landing that asked for approvals says whose it rests on, and
// the last that changed what approvals cover since when it stands as it does.
// Decisions are recorded where something landed, and nowhere else.
func authority(entries []*evidence.Entry) decision.Authority {
	var out decision.Authority
	material := ""
	for _, e := range entries {
		p := e.Statement.Predicate
		if m := p.Merge; m != nil && m.LandedMaterial != material {
			material, out.At = m.LandedMaterial, p.Time.Truncate(time.Second)
		}
		if d := p.Decision; d != nil && d.Verdict == string(approval.Allow) {
			if d.Risk.Band != "" && !slices.Contains(out.Bands, d.Risk.Band) {
				out.Bands = append(out.Bands, d.Risk.Band)
			}
			if len(d.Requirements) > 0 {
				out.Approvers = approvers(d.Requirements)
			}
		}
	}
	return out
}

func approvers(reqs []evidence.Requirement) []string {
	var out []string
	for _, r := range reqs {
		for _, a := range r.Approvers {
			out = append(out, a.Person)
		}
	}
	return out
}
