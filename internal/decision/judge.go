package decision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/period"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/validate"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Judge decides. It remembers compiled policies and what it derived of each
// snapshot, so one Judge serves a whole audit. It is safe for concurrent use.
type Judge struct {
	Validator *validate.Validator

	sandbox  *engine.Sandbox // of all its policies
	mu       sync.Mutex
	policies map[string]*engine.Policy  // by their bytes
	read     map[reading]*engine.Policy // by what a store cache gave out; the same again is the same bytes
	bases    map[*store.Store]*base
	derived  derived
}

// reading is a policy as it was read from a snapshot.
type reading struct {
	policy *store.Policy
	kinds  *record.Kinds
}

// NewJudge returns a Judge with nothing remembered.
func NewJudge() *Judge {
	return &Judge{Validator: validate.New(), sandbox: engine.NewSandbox(engine.Limits{}), policies: map[string]*engine.Policy{}, read: map[reading]*engine.Policy{},
		bases: map[*store.Store]*base{}, derived: newDerived()}
}

// Decide judges a proposal. An error means that it could not be judged, which
// is never a pass; everything else is in the Decision.
func (j *Judge) Decide(ctx context.Context, f Facts) (*Decision, error) {
	if broken, err := j.mends(ctx, &f); err != nil {
		return nil, err
	} else if broken != nil {
		return j.decideMend(ctx, &f, broken)
	}
	b, err := j.base(f.Base)
	if err != nil {
		return nil, err
	}
	pol, err := j.Policy(ctx, f.Base)
	if err != nil {
		return nil, err
	}
	f.Changes = inForce(f.Changes)
	d := &Decision{Record: f.ID, PolicyDigest: pol.Digest(), OPA: pol.Version(), Rules: len(pol.Rules())}
	cover, err := b.cover(pol, period.At(f.Now))
	if err != nil {
		return nil, err
	}
	cover.hands = f.hands()
	var ask asked
	for i := range f.Changes {
		if err := j.judgeRecord(ctx, pol, b, cover, &f, &f.Changes[i], d, &ask); err != nil {
			return nil, err
		}
	}
	rest, err := j.Rest(ctx, &f)
	if err != nil {
		return nil, err
	}
	d.Findings = slices.Concat(d.Findings, rest, about(&f))
	d.Findings, d.Waived = cover.split(d.Findings, finder(f.Head, f.Changes))
	if f.Retro {
		d.Verb = RetroApproval
	} else {
		lifted, err := b.lifted(&f)
		if err != nil {
			return nil, err
		}
		ask.add("", slices.Concat(ownerRequirements(&f), unread(pol, &f), lifted))
		if len(ask.reqs) == 0 {
			ask.add("", strays(&f))
		}
	}
	if err := j.count(b, &f, d, ask); err != nil {
		return nil, err
	}
	finding.Sort(d.Findings)
	return d, nil
}

// inForce restates changes by the rows of their kinds that are in force: what
// a proposal makes of a kind in gitsm.yaml judges nothing before it has landed.
func inForce(changes []Change) []Change {
	restate := func(r *record.Record, k *record.Kind) *record.Record {
		if r == nil || r.Kind == k {
			return r
		}
		c := *r
		c.Kind = k
		return &c
	}
	out := slices.Clone(changes)
	for i := range out {
		c := &out[i]
		c.Before, c.After = restate(c.Before, c.Kind), restate(c.After, c.Kind)
	}
	return out
}

// asked is what policy and owners ask for, with the risk bands of the records
// it is asked of.
type asked struct {
	reqs  []approval.Requirement
	bands []string
}

func (a *asked) add(band string, reqs []approval.Requirement) {
	if len(reqs) > 0 {
		a.reqs, a.bands = append(a.reqs, reqs...), append(a.bands, band)
	}
}

// Rest looks at everything but the records one by one, for all who judge a
// proposal: steps that cannot be taken, what breaks elsewhere, and what on main
// must be known and is not.
func (j *Judge) Rest(ctx context.Context, f *Facts) ([]finding.Finding, error) {
	if broken, err := j.mends(ctx, f); err != nil {
		return nil, err
	} else if broken != nil {
		return j.mended(ctx, f, broken)
	}
	b, err := j.base(f.Base)
	if err != nil {
		return nil, err
	}
	pol, err := j.Policy(ctx, f.Base)
	if err != nil {
		return nil, err
	}
	broken, err := j.repercussions(b, f)
	if err != nil {
		return nil, err
	}
	files, err := j.Files(ctx, f)
	if err != nil {
		return nil, err
	}
	unread, err := unreadable(pol, f)
	if err != nil {
		return nil, err
	}
	return slices.Concat(broken, files, executable(f), unread, unplaced(pol, b, f)), nil
}

// judgeRecord holds one record against its schema, its references, its
// lifecycle and policy, and asks for the approvals policy wants.
func (j *Judge) judgeRecord(ctx context.Context, pol *engine.Policy, b *base, cover *cover, f *Facts, c *Change, d *Decision, ask *asked) error {
	d.Findings = append(d.Findings, c.Broken...)
	if c.After == nil && len(c.Broken) > 0 {
		return nil
	}
	immaterial := record.ImmaterialFields(c.Kind, b.immaterial(c.Kind.Name))
	if !c.Landed {
		d.Findings = append(d.Findings, moved(f, c, j.Validator.Transition(c.was(), c.After, immaterial))...)
	}
	if c.After == nil {
		return nil
	}
	refs, err := j.conform(f, c.After)
	if err != nil {
		return err
	}
	d.Findings = slices.Concat(d.Findings, refs, ofWaiver(pol, c.After, period.At(f.Now)))
	step, primary := transitionOf(*c, immaterial), c == f.Primary()
	if primary {
		d.Verb, d.From, d.To = step.Verb, step.From, step.To
	}
	if finding.Worst(refs) == finding.Error && !schemaValid(refs) {
		return nil // policy reads typed input only; the schema findings already deny
	}
	in, near, err := b.input(f, *c, step)
	if err != nil {
		return fmt.Errorf("judging %s: %w", c.ID, err)
	}
	res, err := pol.Eval(ctx, c.Kind.Name, in, b.catalog(pol))
	if errors.Is(err, engine.ErrNoPolicy) && c.Kind.Name != "change" && len(pol.Rules()) > 0 {
		return nil // kinds without a package are not judged
	}
	if err != nil {
		return fmt.Errorf("judging %s: %w", c.ID, err)
	}
	going, err := course(f, c, cover.sustained(res, c.After))
	if err != nil {
		return err
	}
	d.Findings = slices.Concat(d.Findings, messages(c.After, res), going, unmet(f, c, near.conflicts))
	if !c.Kind.Catalogue || !f.Base.Config.Bootstrap { // nobody owns the catalogue yet
		ask.add(res.Risk.Band, requirements(res, f.Retro))
	}
	if primary {
		return d.explain(res, in, near)
	}
	return nil
}

// moved says of a deletion that the record is there in another directory, where
// it is: what to do about that is another thing.
func moved(f *Facts, c *Change, found []finding.Finding) []finding.Finding {
	at := slices.IndexFunc(f.Changes, func(o Change) bool {
		return c.After == nil && o.After != nil && o.Path != c.Path && o.Kind.Name == c.Kind.Name && o.After.ID == c.ID
	})
	for i := range found {
		if at >= 0 && found[i].Code == "LIF003" {
			from, to := c.file(), f.Head.Display(f.Changes[at].Path)
			found[i].Message = fmt.Sprintf("%s %s moves from %s to %s", c.Kind.Name, c.ID, from, to)
			found[i].Fix = fmt.Sprintf("move it back to %s: a record stays in the file that it was filed in", from)
		}
	}
	return found
}

// was is the record as main has it. One that is deleted and could not be read
// is a deletion all the same.
func (c *Change) was() *record.Record {
	if c.Before == nil && c.After == nil {
		return &record.Record{Kind: c.Kind, ID: c.ID, Path: c.Path, Doc: &yamldoc.Doc{Name: c.file()}}
	}
	return c.Before
}

// conform returns the structural findings of a record: by the schema in force,
// or for a kind that the proposal itself declares by the proposal's, and among
// the records that would be true after landing.
func (j *Judge) conform(f *Facts, rec *record.Record) ([]finding.Finding, error) {
	schemas := f.Base
	if _, known := f.Base.Kinds.ByName(rec.Kind.Name); !known {
		schemas = f.Head
	}
	out, err := j.Validator.Schema(schemas, rec)
	if err != nil {
		return nil, fmt.Errorf("holding %s against its schema: %w", rec.ID, err)
	}
	refs, err := j.Validator.References(f.Head, rec)
	if err != nil {
		return nil, fmt.Errorf("resolving the references of %s: %w", rec.ID, err)
	}
	return append(out, refs...), nil
}

// Structure parses the bytes of a record and holds them against the schema of
// its kind: what must be right before it can be written at all.
func (j *Judge) Structure(s *store.Store, k *record.Kind, id, path string, src []byte) ([]finding.Finding, error) {
	doc, findings := k.Parse(s.Display(path), src)
	if doc == nil || len(findings) > 0 {
		return findings, nil
	}
	return j.Validator.Schema(s, record.New(k, id, path, "", doc))
}

// ConfigStructure does the same for the bytes of gitsm.yaml.
func (j *Judge) ConfigStructure(s *store.Store, src []byte) []finding.Finding {
	doc, findings := yamldoc.Parse(s.Display(store.ConfigFile), src)
	if doc == nil || len(findings) > 0 {
		return findings
	}
	return j.Validator.Config(doc)
}

func schemaValid(fs []finding.Finding) bool {
	return !slices.ContainsFunc(fs, func(f finding.Finding) bool { return len(f.Code) > 3 && f.Code[:3] == "SCH" })
}

// explain copies what policy said of the proposal's own record.
func (d *Decision) explain(res *engine.Result, in map[string]any, near *surroundings) error {
	d.Risk = Risk{Score: res.Risk.Score, Band: res.Risk.Band}
	for _, s := range res.Signals {
		d.Signals = append(d.Signals, Signal{ID: s.ID, Points: s.Points, Message: s.Msg, Mitigation: s.Mitigation, Path: s.Path,
			Rule: fmt.Sprintf("%s:%d", s.File, s.Line)})
	}
	d.Impact, d.Conflicts = near.impact, near.conflicts
	canonical, err := record.Canonical(in)
	if err != nil {
		return fmt.Errorf("digesting the input of the decision: %w", err)
	}
	sum := sha256.Sum256(canonical)
	d.Input, d.InputDigest = canonical, hex.EncodeToString(sum[:])
	return nil
}

// requirements are the approvals a landing needs, or those that policy lets an
// emergency bring in afterwards.
func requirements(res *engine.Result, retro bool) []approval.Requirement {
	asked := res.Approvals
	if retro {
		asked = res.Retro
	}
	var out []approval.Requirement
	for _, r := range asked {
		out = append(out, approval.Requirement{ID: r.ID, From: r.From, Count: r.Count, Msg: r.Msg, Shared: r.Shared})
	}
	return out
}

// merge joins what several records of one proposal ask for in the same words:
// whoever approves the proposal approves all of it, so the most that one of them
// asks for is enough for the others.
func merge(reqs []approval.Requirement) []approval.Requirement {
	var out []approval.Requirement
	for _, r := range reqs {
		i := slices.IndexFunc(out, func(o approval.Requirement) bool {
			return o.ID == r.ID && o.Shared == r.Shared && slices.Equal(o.From, r.From)
		})
		switch {
		case i < 0:
			out = append(out, r)
		case r.Count > out[i].Count:
			out[i] = r
		}
	}
	return out
}
