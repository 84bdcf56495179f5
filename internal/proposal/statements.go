package proposal

import (
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Keyring holds the signing keys of a snapshot's people.
func Keyring(s *store.Store) (evidence.Keyring, error) {
	dir, err := s.Directory()
	if err != nil {
		return evidence.Keyring{}, err
	}
	return evidence.KeyringOf(dir, s.Config), nil
}

// Review reads a statement as a review; ok is false for other statements. Keys
// are judged as of at.
func Review(e *evidence.Entry, order int, keys evidence.Keyring, at time.Time) (r approval.Review, ok bool) {
	p := e.Statement.Predicate
	states := map[evidence.Type]string{
		evidence.Approval: approval.Approved, evidence.Rejection: approval.Rejected, evidence.Withdrawal: approval.Dismissed,
	}
	state, ok := states[p.Kind]
	if !ok {
		return r, false
	}
	r = approval.Review{Person: p.Person, Who: p.Person, State: state, Time: p.Time, Order: order,
		Material: p.Material.SHA256, Excluded: p.Material.Excluded, Ref: e.Path}
	trust, _, err := e.Trust(keys, at)
	r.Trust, r.Void = string(trust), e.Unproven(keys, at)
	if err != nil {
		r.Unreadable = err.Error()
	}
	return r, true
}

// predicate is what every statement about a loaded proposal says alike.
func (d *Desk) predicate(kind evidence.Type, l *Loaded, dec *decision.Decision, person string) evidence.Predicate {
	p := evidence.Predicate{
		Kind: kind, Time: d.Now(), Person: person,
		Tool:     evidence.Tool{Gitsm: d.Tool, OPA: dec.OPA},
		Material: evidence.Material{SHA256: dec.Material.SHA256, Excluded: dec.Material.Excluded},
		Proposal: evidence.Proposal{Branch: l.Branch, Base: l.Base, Head: l.Head},
	}
	if c := l.Facts.Primary(); c != nil {
		p.Record = content(l, c)
	}
	for _, f := range l.Facts.Bound() {
		p.Files = append(p.Files, evidence.File{Path: f.Path, Mode: f.Mode, Blob: f.Blob})
	}
	return p
}

// content copies a record into a statement, so that what was judged can be
// shown even where squashing loses the commit. A person is named by blob alone.
func content(l *Loaded, c *decision.Change) evidence.RecordContent {
	rc := evidence.RecordContent{ID: c.ID, Kind: c.Kind.Name, Path: l.Facts.Head.Display(c.Path)}
	if c.After != nil {
		rc.Blob = c.After.Blob
		if c.Kind.Name != "person" {
			rc.Content = string(c.After.Doc.Source)
		}
	}
	return rc
}

// decisionEntry records what was decided and on what it rests.
func (d *Desk) decisionEntry(l *Loaded, dec *decision.Decision) (*evidence.Entry, error) {
	p := d.predicate(evidence.Decision, l, dec, l.Facts.Actor.ID)
	for _, c := range l.Facts.Contributors {
		p.Contributors = append(p.Contributors, evidence.Contributor{Person: c.Person, Role: c.Role, Commit: c.Commit})
	}
	p.Decision = &evidence.DecisionFacts{
		Verdict: string(dec.Verdict), Risk: evidence.Risk{Score: dec.Risk.Score, Band: dec.Risk.Band},
		Requirements: requirementFacts(dec), PolicyDigest: dec.PolicyDigest, InputDigest: dec.InputDigest,
		Input: dec.Input,
	}
	if c := l.Facts.Primary(); c != nil && c.Kind.Name == "person" {
		p.Decision.Input = nil // it would hold the person's record
	}
	for _, f := range slices.Concat(dec.Findings, dec.Waived) {
		p.Decision.Findings = append(p.Decision.Findings, evidence.FindingFact{Code: f.Code, Rule: f.Rule, Severity: string(f.Severity), Waiver: f.Waiver})
	}
	return evidence.NewEntry(evidence.Statement{Predicate: p}, nil)
}

func requirementFacts(dec *decision.Decision) []evidence.Requirement {
	var out []evidence.Requirement
	for _, n := range dec.Requirements {
		r := evidence.Requirement{ID: n.ID, From: n.From, Need: n.Need, Given: n.Given}
		for i, a := range n.Approvers {
			r.Approvers = append(r.Approvers, evidence.Approver{Person: a, Evidence: n.Refs[i]})
		}
		for _, i := range n.Ignored {
			r.Ignored = append(r.Ignored, evidence.Ignored{Who: i.Who, Why: i.Why})
		}
		out = append(out, r)
	}
	return out
}

// mergeEntry records that a proposal landed as a commit.
func (d *Desk) mergeEntry(l *Loaded, dec *decision.Decision, landed record.Digest, commit string) (*evidence.Entry, error) {
	p := d.predicate(evidence.Merge, l, dec, l.Facts.Actor.ID)
	p.Record.Content = "" // the decision beside it has the bytes
	p.Merge = &evidence.MergeFacts{
		Commit: commit, Base: l.Base, Head: l.Head, Method: "merge",
		ApprovedMaterial: dec.Material.SHA256, LandedMaterial: landed.SHA256, Identical: dec.Material.SHA256 == landed.SHA256,
	}
	return evidence.NewEntry(evidence.Statement{Predicate: p}, nil)
}
