package audit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// skew is by how much clocks may differ before a commit's date is remarked on.
const skew = 5 * time.Minute

// flags are notes on what is no fault in itself, and what an auditor has to
// know: dates prove nothing, an older policy may have been brought back with
// everybody's consent, and replaced objects hide nothing from an audit.
func (t *trail) flags(ctx context.Context) error {
	for i, l := range t.h.Line {
		if i > 0 {
			if before := t.h.Line[i-1]; l.Committer.When.Before(before.Committer.When.Add(-skew)) {
				t.notes = append(t.notes, fmt.Sprintf("time: commit %s says %s, and %s, which came before it on main, says %s: one of them is backdated or wrong",
					short(l.OID), utc(l.Committer.When), short(before.OID), utc(before.Committer.When)))
			}
		}
		if at := t.clockOfDecision(l); !at.IsZero() && at.Sub(l.Committer.When).Abs() > skew {
			t.notes = append(t.notes, fmt.Sprintf("time: commit %s says %s, and policy was told that it was %s: one of them is backdated or wrong", short(l.OID), utc(l.Committer.When), utc(at)))
		}
		if l.Committer.When.After(t.Now.Add(skew)) {
			t.notes = append(t.notes, fmt.Sprintf("time: commit %s says %s, which has yet to come", short(l.OID), utc(l.Committer.When)))
		}
	}
	t.notes = append(t.notes, rollbacks(t.h.Line)...)
	t.notes = append(t.notes, t.keys.remarks()...)
	refs, err := t.Repo.Refs(ctx, "refs/replace/")
	if err != nil {
		return err
	}
	if len(refs) > 0 {
		t.notes = append(t.notes, fmt.Sprintf("replace: this clone has %s under refs/replace/, by which plain git shows other commits than there are; this audit read what is stored", finding.Counted(len(refs), "ref")))
	}
	return nil
}

// clockOfDecision is the time at which the gate says that it let a landing pass,
// zero where it does not say, or where a forge landed it later than that.
func (t *trail) clockOfDecision(l *history.Landing) time.Time {
	it := t.recorded(l)
	if it == nil || onForge(l) {
		return time.Time{}
	}
	return decidedAt(l, it)
}

// rollbacks notes where policy or config became again what it had been before.
func rollbacks(line []*history.Landing) []string {
	type version struct {
		path string
		blob git.OID
	}
	had := map[version]*history.Landing{}
	var out []string
	for _, l := range line {
		for _, c := range l.Rules {
			if first := had[version{c.Path, c.NewBlob}]; first != nil && c.NewBlob != "" {
				out = append(out, fmt.Sprintf("policy: commit %s put %s back to what it was with %s", short(l.OID), c.Path, short(first.OID)))
			} else {
				had[version{c.Path, c.NewBlob}] = l
			}
		}
	}
	return out
}

// mended notes the landings that no rule was asked about, since they mended a
// policy that could judge nothing.
func mended(line []*history.Landing, rulings map[*history.Landing]*ruling) []string {
	var out []string
	for _, l := range line {
		if r := rulings[l]; r != nil && r.decision != nil && slices.ContainsFunc(r.decision.Findings, func(f finding.Finding) bool { return f.Code == decision.MendedCode }) {
			out = append(out, fmt.Sprintf("policy: commit %s mended a policy that could judge nothing, with the approval of its owners and no rule", short(l.OID)))
		}
	}
	return out
}
