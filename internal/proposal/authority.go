package proposal

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
)

// Authority is how the change with an id was put into force, by the evidence
// that main names. A check asks it from several goroutines.
func (d *Desk) Authority(ctx context.Context, id string) (decision.Authority, error) {
	d.asking.Lock()
	defer d.asking.Unlock()
	w, err := d.Look(ctx)
	if err != nil {
		return decision.Authority{}, err
	}
	if err := d.whole(ctx, w); err != nil || w.Evidence == "" {
		return authority(nil), err
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
// the last that changed what approvals cover since when it stands as it does, and
// the last that put a change into force what was in its way.
// Decisions are recorded where something landed, and nowhere else.
func authority(entries []*evidence.Entry) decision.Authority {
	out := decision.Authority{Met: []string{}}
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
			if met, ok := met(d.Input); ok {
				out.Met = met
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

// met are the conflicts in what policy saw when a change was put into force; ok
// is false for what it saw of another step.
func met(input json.RawMessage) (out []string, ok bool) {
	var in struct {
		Record     struct{ Kind string }
		Transition struct{ To string }
		Conflicts  []struct{ ID, Kind string }
	}
	if json.Unmarshal(input, &in) != nil || in.Record.Kind != "change" || in.Transition.To != "scheduled" {
		return nil, false
	}
	out = []string{}
	for _, c := range in.Conflicts {
		out = append(out, decision.Meeting(c.Kind, c.ID))
	}
	return out, true
}
