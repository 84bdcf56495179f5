package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// How long an emergency's approval and its review may take where policy data
// does not say.
const (
	defaultRetro  = 24 * time.Hour
	defaultReview = 7 * 24 * time.Hour
)

// ruling is what judging a landing again found.
type ruling struct {
	landing  *history.Landing
	err      error // why it could not be judged; everything below is then incomplete
	decision *decision.Decision
	recorded *item // what the gate said it decided; nil where nothing was recorded in time
	facts    decision.Facts
	foreign  []string          // paths that it changed and its proposal did not
	commits  []*history.Commit // that wrote bound content
	relied   []reliance        // approvals that the landing rests on
	retro    time.Duration     // clock of an emergency's approval
	review   time.Duration     // clock of an emergency's review
	around
}

// reliance is one approval that a landing rests on.
type reliance struct {
	person   string
	path     string // of the statement
	item     *item  // nil where there is no such statement
	seal     seal
	counts   bool // when judged again
	recorded bool // according to the recorded decision
}

// snapshots opens the stores of commits, and keeps the last: the head of one
// landing is the base of the next.
type snapshots struct {
	t    *trail
	last map[string]*store.Store
}

func (s *snapshots) open(ctx context.Context, id string) (*store.Store, error) {
	if have := s.last[id]; have != nil {
		return have, nil
	}
	fsys, err := s.t.Repo.FS(ctx, id)
	if err != nil {
		return nil, err
	}
	st, err := store.Open(fsys, store.InDirectory(s.t.Dir), store.WithCache(s.t.Cache))
	if err != nil {
		return nil, fmt.Errorf("reading the store at %s: %w", short(id), err)
	}
	return st, nil
}

// needsRuling reports whether a landing has to be judged: genesis is not, nor
// what came while the store bootstrapped, nor what is no business of the store.
func needsRuling(l *history.Landing) bool {
	if l.Index == 0 || len(l.Touches)+len(l.Rules) == 0 {
		return false
	}
	if len(l.Rules) > 0 && judged(l.RulesWay()) {
		return true
	}
	return slices.ContainsFunc(l.Touches, func(t history.Touch) bool { return judged(l.Way(t)) })
}

func judged(w history.Way) bool { return w == history.Gated || w == history.Pushed }

// batch is how many neighbouring landings one worker judges in a row.
const batch = 16

// rule judges landings again, side by side.
func (t *trail) rule(ctx context.Context, landings []*history.Landing) (map[*history.Landing]*ruling, error) {
	out := make([]*ruling, len(landings))
	var done atomic.Int64
	tell := t.told("landings", len(landings))
	err := each(ctx, t.workers(), (len(landings)+batch-1)/batch, func(ctx context.Context, i int) error {
		snaps := &snapshots{t: t}
		for n := i * batch; n < min((i+1)*batch, len(landings)); n++ {
			out[n] = t.judge(ctx, snaps, landings[n])
			if now := int(done.Add(1)); tell != nil {
				tell(now)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	byLanding := map[*history.Landing]*ruling{}
	for _, r := range out {
		byLanding[r.landing] = r
	}
	return byLanding, nil
}

// judge decides a landing again from what existed then. What goes wrong is
// part of the ruling: one landing that cannot be judged hides no other.
func (t *trail) judge(ctx context.Context, snaps *snapshots, l *history.Landing) *ruling {
	r := &ruling{landing: l, retro: defaultRetro, review: defaultReview}
	if t.unattested(l) {
		r.err = errNoEvidence
		return r
	}
	base, err := snaps.open(ctx, l.Base)
	if err == nil {
		var head *store.Store
		if head, err = snaps.open(ctx, l.OID); err == nil {
			err = t.decide(ctx, r, base, head)
			snaps.last = map[string]*store.Store{l.OID: head}
		}
		t.Judge.Forget(base)
	}
	r.err = err
	r.facts.Base, r.facts.Head = nil, nil // or every snapshot would stay in memory
	if r.decision != nil {
		r.decision.Input = nil // the same of what policy saw
	}
	return r
}

func (t *trail) decide(ctx context.Context, r *ruling, base, head *store.Store) error {
	l := r.landing
	r.recorded = t.recorded(l)
	r.facts = decision.Facts{Base: base, Head: head, ID: subject(l), Now: decidedAt(l, r.recorded)}
	changes, foreign, err := t.proposed(ctx, r)
	if err != nil {
		return err
	}
	r.foreign = foreign
	if err := r.facts.Classify(changes); err != nil {
		return err
	}
	dir, err := base.Directory()
	if err != nil {
		return err
	}
	if onForge(l) && r.recorded != nil {
		who := r.recorded.Statement.Predicate.Person // whoever asked for it; the forge made the commit
		r.facts.Actor = decision.Actor{ID: who, Known: who != ""}
	} else if id, ok := dir.ByEmail(l.Author.Email); ok {
		r.facts.Actor = decision.Actor{ID: id, Known: true}
	}
	if err := t.contributors(ctx, r, &r.facts, changes); err != nil {
		return err
	}
	opinions, over := t.opinions(l)
	given := evidence.Given(entries(t.ledger.byRecord[topic(subject(l))]))
	for n, it := range opinions {
		review := t.review(it, n, l)
		review.Void, review.Time = cmp.Or(over, review.Void), given(it.Entry)
		r.facts.Reviews = append(r.facts.Reviews, review)
	}
	r.facts.Reviews = append(r.facts.Reviews, r.facts.Refused(t.otherwise(l))...)
	decision.InTurn(r.facts.Reviews)
	if r.decision, err = t.Judge.Decide(ctx, r.facts); err != nil {
		return err
	}
	t.rely(r, opinions)
	if err := r.look(t.Judge, base, head); err != nil {
		return err
	}
	if slices.ContainsFunc(r.facts.Changes, func(c decision.Change) bool { return c.After != nil && c.After.Str("type") == "emergency" }) {
		r.retro = clock(base, "retro_approval_hours", defaultRetro)
		r.review = clock(base, "emergency_review_hours", defaultReview)
	}
	return nil
}

// subject is the record a landing is about, "" for policy and config. Evidence
// says it; of a push it is the change among what was pushed, else the first.
func subject(l *history.Landing) string {
	if l.Merge != nil {
		return l.Merge.Record
	}
	for _, t := range l.Touches {
		if !t.Kind.Catalogue {
			return t.ID
		}
	}
	if len(l.Touches) > 0 {
		return l.Touches[0].ID
	}
	return ""
}

// recorded finds the decision that a landing says it rests on, among the
// evidence its commit names. Of several one that did not let it pass goes before:
// whoever may write evidence may add one that did.
func (t *trail) recorded(l *history.Landing) *item {
	if l.Merge == nil {
		return nil
	}
	var out *item
	for _, it := range t.ledger.byRecord[topic(l.Merge.Record)] {
		p := it.Statement.Predicate
		if p.Kind != evidence.Decision || p.Proposal.Head != l.Head || p.Proposal.Base != l.Base || !t.known(it, l) || t.elsewhere(it, l) {
			continue
		}
		if out == nil || out.Statement.Predicate.Decision.Verdict == string(approval.Allow) {
			out = it // the latest, should a race have been decided twice
		}
	}
	return out
}

// known reports whether evidence existed before a landing: provably, where main
// commits to it, and by the forge's clock where the forge says both.
func (t *trail) known(it *item, l *history.Landing) bool {
	if it.anchor != history.Unanchored && it.anchor <= l.Index {
		return true
	}
	if !onForge(l) {
		return false
	}
	p := it.Statement.Predicate
	if p.Forge != nil {
		return !p.Forge.At.After(l.Merge.Said)
	}
	// A signed statement is as old as the review that it came with.
	return p.Kind == evidence.Approval && slices.ContainsFunc(t.ledger.byRecord[p.ID()], func(x *item) bool {
		q := x.Statement.Predicate
		return q.Forge != nil && q.Forge.Review != 0 && q.Person == p.Person && q.Proposal.Branch == p.Proposal.Branch &&
			q.Proposal.Head == p.Proposal.Head && !q.Forge.At.After(l.Merge.Said)
	})
}

// onForge reports whether a forge says that a landing passed the gate.
func onForge(l *history.Landing) bool {
	return l.Merge != nil && !l.Merge.Said.IsZero() && l.Reviewed()
}

func topic(id string) string {
	if id == "" {
		return evidence.StoreID
	}
	return id
}

// decidedAt is the time policy was told when the gate decided.
func decidedAt(l *history.Landing, recorded *item) time.Time {
	if recorded == nil {
		return l.Committer.When
	}
	p := recorded.Statement.Predicate
	var in struct {
		Now string `json:"now"`
	}
	if p.Decision != nil && json.Unmarshal(p.Decision.Input, &in) == nil {
		if at, err := time.Parse(time.RFC3339, in.Now); err == nil {
			return at
		}
	}
	return p.Time
}

// rely lists the approvals a landing rests on: those that count when judged
// again and those its recorded decision counted. A push rests on whatever was
// said of its commits.
func (t *trail) rely(r *ruling, opinions []*item) {
	add := func(x reliance) {
		i := slices.IndexFunc(r.relied, func(y reliance) bool { return y.person == x.person && y.path == x.path })
		if i < 0 {
			r.relied = append(r.relied, x)
			return
		}
		r.relied[i].counts = r.relied[i].counts || x.counts
		r.relied[i].recorded = r.relied[i].recorded || x.recorded
	}
	for _, n := range r.decision.Requirements {
		for i, p := range n.Approvers {
			add(reliance{person: p, path: n.Refs[i], counts: true})
		}
	}
	if r.recorded != nil {
		for _, req := range r.recorded.Statement.Predicate.Decision.Requirements {
			for _, a := range req.Approvers {
				add(reliance{person: a.Person, path: a.Evidence, recorded: true})
			}
		}
	}
	if r.landing.Merge == nil {
		latest := map[string]*item{}
		for _, it := range opinions {
			if p := it.Statement.Predicate; p.Kind == evidence.Approval {
				latest[p.Person] = it
			}
		}
		for p, it := range latest {
			add(reliance{person: p, path: it.Path})
		}
	}
	for i := range r.relied {
		if it := t.ledger.byPath[r.relied[i].path]; it != nil {
			r.relied[i].item, r.relied[i].seal = it, t.keys.review(it, r.landing)
		}
	}
	slices.SortFunc(r.relied, func(a, b reliance) int { return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.path, b.path)) })
}

// clock is how many hours policy data gives by a name, and usual where it does
// not say.
func clock(base *store.Store, name string, usual time.Duration) time.Duration {
	p, err := base.Policy()
	if err != nil {
		return usual
	}
	hours, ok := record.Value(p.Data, "config", "clocks", name).(json.Number)
	if !ok {
		return usual
	}
	h, err := hours.Float64()
	if err != nil || h <= 0 {
		return usual
	}
	return time.Duration(h * float64(time.Hour))
}

// material is the digest of a record's landed content that an approval with
// this exclusion list would have.
func (r *ruling) material(excluded []string) (string, error) {
	var fields map[string]any
	if p := r.facts.Primary(); p != nil && p.After != nil {
		fields = p.After.Fields
	}
	d, err := record.Material(fields, excluded, r.facts.Bound())
	return d.SHA256, err
}
