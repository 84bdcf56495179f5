package audit

import (
	"context"
	"slices"

	"github.com/gitsm/gitsm/internal/history"
)

// attest reads the statements kept under the ids that are wanted, and gives
// them to history.
func (t *trail) attest(ctx context.Context, wanted func(id string) bool) error {
	if err := t.ledger.readStatements(ctx, t.Repo, wanted, t.workers()); err != nil {
		return err
	}
	if more := t.alongside(); len(more) > 0 {
		if err := t.ledger.readStatements(ctx, t.Repo, func(id string) bool { return more[id] && !wanted(id) }, t.workers()); err != nil {
			return err
		}
	}
	t.h.Attest(t.ledger.statements())
	return nil
}

// concerning returns what has to be read to judge some records alone: the evidence
// of whatever landed together with them.
func (t *trail) concerning(wanted func(dossierKey) bool) func(id string) bool {
	ids := map[string]bool{}
	for _, l := range t.h.Line {
		concerned := len(l.Rules) > 0 && wanted(dossierKey{})
		for _, x := range l.Touches {
			concerned = concerned || wanted(dossierKey{x.Kind.Name, x.ID})
		}
		if !concerned {
			continue
		}
		t.about = append(t.about, l)
		ids[topic(l.ChangeID)] = true
		for _, x := range l.Touches {
			ids[x.ID] = true
		}
	}
	return func(id string) bool { return ids[id] }
}

// longestRebase is how many commits before and after one of main are looked at for
// the rebase that it is a part of: as many as GitHub lists of a pull request.
const longestRebase = 250

// alongside are the ids under which the evidence of a rebase may be of which some
// landings are a part: what was read names none of them, and another commit of the
// rebase may be about another record.
func (t *trail) alongside() map[string]bool {
	named := map[string]bool{}
	for _, it := range t.ledger.items {
		if m := it.Statement.Predicate.Merge; m != nil {
			named[m.Commit] = true
		}
	}
	out := map[string]bool{}
	for _, l := range t.about {
		if len(l.Parents) != 1 || !l.Reviewed() || named[l.OID] {
			continue
		}
		at := l.Index - t.h.Line[0].Index
		before := slices.Clone(t.h.Line[max(0, at-longestRebase):at])
		slices.Reverse(before)
		for _, side := range [][]*history.Landing{before, t.h.Line[at+1 : min(len(t.h.Line), at+1+longestRebase)]} {
			for _, x := range side {
				if len(x.Parents) != 1 {
					break
				}
				for _, touch := range x.Touches {
					out[touch.ID] = true
				}
			}
		}
	}
	return out
}
