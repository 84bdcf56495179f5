package audit

import (
	"maps"
	"slices"

	"github.com/gitsm/gitsm/internal/history"
)

// keep keeps a log, on top of base, which may be empty: all events up to main's
// last landing. Opinions that no landing commits to yet are left out, since they
// are judged by the keys of the moment; where one is about what has landed,
// nothing is kept.
func (t *trail) keep(base *keptLog, events derived) {
	if len(t.ledger.lost)+len(t.ledger.unordered) > 0 || len(t.main.Heads) != 1 || len(t.ledger.heads) > 1 || len(t.h.Line) == 0 || !t.settled() {
		return
	}
	k := &keptLog{main: t.main.Heads[0], landings: base.landings + len(t.h.Line), evidence: headOf(t.ledger.heads), known: base.known, squashed: slices.Clone(base.squashed)}
	ids := t.everKnown()
	for _, id := range base.ids {
		ids[id] = true
	}
	k.ids = slices.Sorted(maps.Keys(ids))
	t.keepLine(k, base)
	for _, it := range t.ledger.items {
		if it.anchor == history.Unanchored && k.concerns(it.statement()) {
			k.seen = append(k.seen, it.Path)
		}
	}
	slices.Sort(k.seen)
	anchored := events.list[:events.upTo[len(events.upTo)-1]]
	k.whole = len(anchored) == len(events.list)
	t.keepEvents(k, base, anchored)
	t.Kept.Save(k.pack(t.keptKey()))
}

// settled reports whether every opinion on what has landed is committed to.
func (t *trail) settled() bool {
	return !slices.ContainsFunc(t.ledger.items, func(it *item) bool {
		s := it.statement()
		return it.anchor == history.Unanchored && history.IsOpinionType(s.Type) && t.h.About(s) != nil
	})
}

// keepLine notes what the landings brought.
func (t *trail) keepLine(k, base *keptLog) {
	var versions, own, brought [][]byte
	for _, l := range t.h.Line {
		if l.EvidenceHead != "" && len(t.ledger.heads) > 0 {
			k.known = l.EvidenceHead
		}
		if l.Squashed() {
			k.squashed = append(k.squashed, l.Merge.Branch)
		}
		own = append(own, commitKey(l.OID))
		for _, c := range l.Brought {
			brought = append(brought, commitKey(c.OID))
		}
		for _, x := range l.Touches {
			versions = append(versions, versionKey(x.Kind.Name, x.Path, x.NewBlob))
		}
	}
	k.versions = base.versions.with(versionSize, versions)
	k.line, k.brought = base.line.with(commitSize, own), base.brought.with(commitSize, brought)
	slices.Sort(k.squashed)
}

// keepEvents notes the events, and which of them may belong to a later landing
// one day.
func (t *trail) keepEvents(k, base *keptLog, events []history.Event) {
	k.open = slices.Clone(base.open)
	w := base.writer()
	for _, e := range events {
		if history.IsOpinion(e) {
			switch s := t.statementOf(e); {
			case s.Branch == "":
			case t.h.About(s) == nil:
				k.open = append(k.open, len(w.rows)/rowSize)
			case t.h.Commits[s.Head] == nil:
				k.squashed = append(k.squashed, s.Head)
			}
		}
		w.add(e)
	}
	slices.Sort(k.squashed)
	w.into(k)
}

// statementOf is what an opinion rests on.
func (t *trail) statementOf(e history.Event) history.Statement {
	if it := t.ledger.byPath[e.Evidence]; it != nil {
		return it.statement()
	}
	return history.Statement{Branch: e.Detail, Head: e.Commit} // of what was kept, and on a proposal
}
