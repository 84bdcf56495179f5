package audit

import (
	"cmp"
	"iter"
	"slices"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/history"
)

// opinions are what people had said, before a landing, of the proposal that
// landed: by its branch where the gate says which, else by its commits. Where
// that branch had come to an end before, over says so: none of them counts.
func (t *trail) opinions(l *history.Landing) (out []*item, over string) {
	for _, it := range t.ledger.byRecord[topic(subject(l))] {
		p := it.Statement.Predicate
		if !t.known(it, l) || t.elsewhere(it, l) {
			continue
		}
		if again := p.Merge != nil && p.Merge.Commit == l.OID; l.Merge != nil && !again {
			over = cmp.Or(it.Ends(l.Merge.Branch), over)
		}
		c := t.h.Commits[p.Proposal.Head]
		if opinion(p.Kind) && (l.Merge != nil && p.Proposal.Branch == l.Merge.Branch || l.Merge == nil && c != nil && c.Landing == l && c != l.Commit) {
			out = append(out, it)
		}
	}
	return out, over
}

// entries are the statements of some items.
func entries(items []*item) iter.Seq[*evidence.Entry] {
	return func(yield func(*evidence.Entry) bool) {
		for _, it := range items {
			if !yield(it.Entry) {
				return
			}
		}
	}
}

// otherwise is what people had said, before a landing, of other proposals of its
// record than the one that landed, where anybody had rejected one.
func (t *trail) otherwise(l *history.Landing) (out []decision.Elsewhere) {
	said := t.ledger.byRecord[topic(subject(l))]
	if l.Merge == nil || !slices.ContainsFunc(said, func(it *item) bool { return it.Statement.Predicate.Kind == evidence.Rejection }) {
		return nil
	}
	for n, it := range said {
		p := it.Statement.Predicate
		other := p.Proposal.Branch != l.Merge.Branch
		if l.Merge.Pull != 0 && p.Forge != nil {
			other = p.Forge.Pull != l.Merge.Pull
		}
		if other && opinion(p.Kind) && it.Ends(p.Proposal.Branch) == "" && t.known(it, l) {
			out = append(out, decision.Elsewhere{Review: t.review(it, n, l), Head: p.Proposal.Head})
		}
	}
	return out
}

// elsewhere reports whether the forge said something of another pull request
// than the one that landed, be it of another repository, whose branch may have had
// the same name, or that this one was closed: it landed, so it was opened again.
func (t *trail) elsewhere(it *item, l *history.Landing) bool {
	p := it.Statement.Predicate
	if l.Merge == nil || l.Merge.Pull == 0 || p.Forge == nil {
		return false
	}
	landed := t.ledger.byPath[l.Merge.Path].Statement.Predicate.Forge
	return p.Forge.Pull != landed.Pull || p.Forge.Repository != landed.Repository || p.Kind == evidence.Withdrawal && p.Forge.Review == 0
}

func opinion(k evidence.Type) bool {
	return k == evidence.Approval || k == evidence.Rejection || k == evidence.Withdrawal
}

// review reads a statement as a review of a landing.
func (t *trail) review(it *item, order int, l *history.Landing) approval.Review {
	p := it.Statement.Predicate
	states := map[evidence.Type]string{
		evidence.Approval: approval.Approved, evidence.Rejection: approval.Rejected, evidence.Withdrawal: approval.Dismissed,
	}
	s := t.keys.review(it, l)
	r := approval.Review{Person: p.Person, Who: p.Person, State: states[p.Kind], Time: p.Time, Order: order,
		Material: p.Material.SHA256, Excluded: p.Material.Excluded, Trust: string(s.trust), Ref: it.Path, Void: s.void}
	if s.trust == evidence.Broken {
		r.Unreadable = s.Reason
	}
	return r
}
