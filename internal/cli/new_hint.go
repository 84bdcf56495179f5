package cli

import (
	"context"
	"time"

	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/record"
)

// mostInTheWay is how much of what is in the way of a new change is said.
const mostInTheWay = 5

// sayInTheWay tells whoever has just filed a change what is in its way, and when
// it would fit instead.
func (env *Env) sayInTheWay(ctx context.Context, d *proposal.Desk, k *record.Kind, out *proposal.Outcome) {
	if k.Name != "change" || env.quiet || out.Record == nil {
		return
	}
	h, err := d.HintOf(ctx, out.Record)
	if err != nil {
		env.say("what is in its way cannot be told: %v", err) // it is filed all the same
		return
	}
	for i, c := range h.Conflicts {
		if i == mostInTheWay {
			env.say("… and %d more: gitsm conflicts %s", len(h.Conflicts)-i, out.ID)
			break
		}
		env.say("in its way: %s from %s to %s: %s", c.Other, c.Start, c.End, c.Reason)
	}
	if h.Free.Valid() {
		env.say("the next free time is from %s to %s", h.Free.Start.UTC().Format(time.RFC3339), h.Free.End.UTC().Format(time.RFC3339))
	}
}
