package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
)

// Recomputed is a recorded decision that was evaluated once more: the input
// that was recorded, by the policy that main had, at the time that was recorded.
type Recomputed struct {
	Evidence     string        `json:"evidence"` // path of the recorded decision
	Base         git.OID       `json:"base"`     // whose policy judged
	Landed       git.OID       `json:"landed"`   // "" where it rests on nothing that landed
	Now          string        `json:"now"`      // as policy was told
	PolicyDigest string        `json:"policy_digest"`
	InputDigest  string        `json:"input_digest"`
	Recorded     Outcome       `json:"recorded"`
	Again        Outcome       `json:"again"`
	Tool         evidence.Tool `json:"tool"` // that decided
	Verdict      Verdict       `json:"verdict"`
	Reason       string        `json:"reason"`
	Differs      []string      `json:"differs"`
}

// Outcome is what policy said.
type Outcome struct {
	Risk   evidence.Risk `json:"risk"`
	Asks   []string      `json:"asks"`   // whose approval, "id: need of from"
	Rules  []string      `json:"rules"`  // that denied or warned, waived or not
	Waived []string      `json:"waived"` // those of policy's that were waived, "id by waiver"
}

// Recompute evaluates every recorded decision on a record once more, oldest
// first.
func (a *Auditor) Recompute(ctx context.Context, id string) ([]Recomputed, error) {
	t, err := a.load(ctx)
	if err != nil {
		return nil, err
	}
	ids := t.matching(id)
	reads := t.concerning(func(k dossierKey) bool { return slices.Contains(ids, k.id) })
	named := func(have string) bool {
		return slices.ContainsFunc(ids, func(i string) bool { return topic(i) == have })
	}
	if err := t.attest(ctx, func(id string) bool { return named(id) || reads(id) }); err != nil {
		return nil, err
	}
	key, err := t.find(id, ids, nil)
	if err != nil {
		return nil, err
	}
	ds := t.dossiers(func(kind, id string) bool { return kind == key.kind && id == key.id })
	rulings, err := t.rule(ctx, landings(ds))
	if err != nil {
		return nil, err
	}
	by := map[*item]*ruling{}
	for _, r := range rulings {
		by[r.recorded] = r
	}
	out := []Recomputed{}
	for _, d := range ds {
		for _, it := range d.items {
			if it.Statement.Predicate.Decision == nil {
				continue
			}
			r, err := t.recompute(ctx, it, by[it])
			if err != nil {
				return nil, err
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// recompute evaluates one decision; r is what judging its landing again found,
// nil where it did not land.
func (t *trail) recompute(ctx context.Context, it *item, r *ruling) (Recomputed, error) {
	p := it.Statement.Predicate
	out := Recomputed{Evidence: it.Path, Base: p.Proposal.Base, Tool: p.Tool, PolicyDigest: p.Decision.PolicyDigest, InputDigest: p.Decision.InputDigest,
		Recorded: recordedOutcome(p.Decision), Again: Outcome{Asks: []string{}, Rules: []string{}, Waived: []string{}}, Differs: []string{}}
	if r != nil {
		out.Landed = r.landing.OID
	}
	settle := func(v Verdict, format string, args ...any) (Recomputed, error) {
		out.Verdict, out.Reason = v, fmt.Sprintf(format, args...)
		return out, nil
	}
	if len(p.Decision.Input) == 0 {
		return settle(CannotVerify, "it does not keep what policy saw")
	}
	in, err := values(p.Decision.Input)
	if m, ok := in.(map[string]any); ok && err == nil {
		out.Now, _ = m["now"].(string)
	}
	if sum := sha256.Sum256(p.Decision.Input); hex.EncodeToString(sum[:]) != p.Decision.InputDigest {
		return settle(Fail, "the input that is kept is not the one whose digest was recorded")
	}
	snaps := &snapshots{t: t}
	base, err := snaps.open(ctx, p.Proposal.Base)
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	if err != nil {
		return settle(CannotVerify, "the policy that judged cannot be read: %v", err)
	}
	again, err := t.Judge.Replay(ctx, base, p.Record.Kind, p.Decision.Input)
	t.Judge.Forget(base)
	if err != nil {
		return settle(CannotVerify, "it cannot be evaluated again: %v", err)
	}
	out.Again = Outcome{Risk: evidence.Risk{Score: again.Risk.Score, Band: again.Risk.Band}, Asks: notNil(again.Asks), Rules: notNil(again.Rules), Waived: notNil(again.Waived)}
	out.compare(again, r)
	switch {
	case p.Tool.OPA != again.OPA || len(out.Differs) > 0 && p.Tool.Gitsm != t.Tool:
		return settle(CannotVerify, "it was made by gitsm %s with OPA %s: recompute it with that version", p.Tool.Gitsm, orNone(p.Tool.OPA))
	case len(out.Differs) > 0:
		return settle(Fail, "%s", strings.Join(out.Differs, "; "))
	}
	return settle(Pass, "the same comes out: %s, %s", ratedAs(out.Again.Risk), joined(out.Again.Asks))
}

// compare lists in what a decision comes out otherwise, and on what else than
// it had it was made.
func (out *Recomputed) compare(again *decision.Replayed, r *ruling) {
	if again.PolicyDigest != out.PolicyDigest {
		out.Differs = append(out.Differs, fmt.Sprintf("policy: %s was recorded, and main had %s", short(out.PolicyDigest), short(again.PolicyDigest)))
	}
	if r != nil {
		for _, p := range r.differs {
			out.Differs = append(out.Differs, "input"+p+": recorded otherwise than the commits have it")
		}
	}
	if out.Recorded.Risk != out.Again.Risk {
		out.Differs = append(out.Differs, fmt.Sprintf("risk: %s was recorded, and %s comes out", ratedAs(out.Recorded.Risk), ratedAs(out.Again.Risk)))
	}
	if !slices.Equal(out.Recorded.Asks, out.Again.Asks) {
		out.Differs = append(out.Differs, fmt.Sprintf("approvals: %s was recorded, and %s comes out", joined(out.Recorded.Asks), joined(out.Again.Asks)))
	}
	if !slices.Equal(out.Recorded.Rules, out.Again.Rules) {
		out.Differs = append(out.Differs, fmt.Sprintf("rules: %s was recorded, and %s comes out", joined(out.Recorded.Rules), joined(out.Again.Rules)))
	}
	if !slices.Equal(out.Recorded.Waived, out.Again.Waived) {
		out.Differs = append(out.Differs, fmt.Sprintf("waived: %s was recorded, and %s comes out", joined(out.Recorded.Waived), joined(out.Again.Waived)))
	}
}

// recordedOutcome is what a recorded decision says that policy said: without
// what the gate itself asked for and found.
func recordedOutcome(f *evidence.DecisionFacts) Outcome {
	out := Outcome{Risk: f.Risk, Asks: []string{}, Rules: []string{}, Waived: []string{}}
	for _, r := range f.Requirements {
		if !strings.HasPrefix(r.ID, ownersRequirement) {
			out.Asks = append(out.Asks, decision.Asked(r.ID, r.Need, r.From))
		}
	}
	for _, x := range f.Findings {
		if x.Rule != "" {
			out.Rules = append(out.Rules, x.Rule)
			if x.Waiver != "" {
				out.Waived = append(out.Waived, decision.Waived(x.Rule, x.Waiver))
			}
		}
	}
	slices.Sort(out.Asks)
	slices.Sort(out.Rules)
	slices.Sort(out.Waived)
	out.Rules, out.Waived = slices.Compact(out.Rules), slices.Compact(out.Waived)
	return out
}

func notNil(list []string) []string { return append([]string{}, list...) }

// WorstOf is the verdict on several decisions; none at all prove nothing.
func WorstOf(list []Recomputed) Verdict {
	out := NotApplicable
	for _, r := range list {
		if r.Verdict.rank() > out.rank() {
			out = r.Verdict
		}
	}
	if out == NotApplicable {
		return CannotVerify
	}
	return out
}
