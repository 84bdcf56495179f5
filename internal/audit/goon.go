package audit

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// keepAfter is how many landings have to be new before a log is kept anew: until
// then they are read every time, which is quick.
const keepAfter = 256

// goOn answers from what is kept of a log and from what came since. It reports
// false where what is kept may have changed its meaning, so that all of it has
// to be read: where main or the evidence does not go on from there, and where
// something new is said of what is kept.
func (t *trail) goOn(ctx context.Context, k *keptLog, evidenceTip history.Tip, f history.Filter) ([]history.Event, bool, error) {
	if len(t.main.Heads) != 1 || len(evidenceTip.Heads) > 1 {
		return nil, false, nil
	}
	head := headOf(evidenceTip.Heads)
	if k.whole && k.main == t.main.Heads[0] && k.evidence == head {
		out, err := k.answer(f, nil, nil)
		return out, true, err
	}
	if ok, err := t.grewFrom(ctx, k.evidence, head); !ok || err != nil {
		return nil, false, err
	}
	k, ok, err := t.readBehind(ctx, k, evidenceTip)
	if !ok || err != nil {
		return nil, false, err
	}
	events, err := t.sealed(ctx, history.Filter{})
	if err != nil {
		return nil, false, err
	}
	if len(t.h.Line) >= cmp.Or(t.KeepAfter, keepAfter) {
		t.keep(k, events)
	}
	out, err := k.answer(f, slices.Collect(maps.Keys(t.everKnown())), events.list)
	return out, true, err
}

// headOf is the only head of a branch, "" where it has none.
func headOf(heads []git.OID) git.OID {
	if len(heads) != 1 {
		return ""
	}
	return heads[0]
}

// grewFrom reports whether the evidence goes on from where it stood.
func (t *trail) grewFrom(ctx context.Context, was, is git.OID) (bool, error) {
	if was == is || was == "" || is == "" {
		return was == is, nil
	}
	ok, err := t.Repo.IsAncestor(ctx, was, is)
	return ok && err == nil, ctx.Err() // what is gone is no ancestor
}

// readBehind reads what came after a kept log, and returns that log without what
// belongs to a later landing by now. What is wrong there is for those to say who
// read all of it.
func (t *trail) readBehind(ctx context.Context, k *keptLog, evidenceTip history.Tip) (*keptLog, bool, error) {
	since := &history.Prefix{Head: k.main, Landings: k.landings, Landed: func(kind, path string, blob git.OID) bool {
		return k.versions.has(versionKey(kind, path, blob))
	}}
	if t.readSince(ctx, since, evidenceTip, k.known) != nil {
		return nil, false, ctx.Err()
	}
	if t.h.Now().Err != nil || len(t.h.Line) > 0 && t.h.Line[0].Before.Err != nil || t.ledger.rewritten {
		return nil, false, nil
	}
	ids := t.ledger.ids()
	if t.ledger.readStatements(ctx, t.Repo, func(id string) bool { return ids[id] }, t.workers()) != nil {
		return nil, false, ctx.Err()
	}
	fresh, ok := t.beyond(k)
	if !ok {
		return nil, false, nil
	}
	for _, row := range k.open {
		fresh = append(fresh, k.opinion(row))
	}
	slices.SortFunc(fresh, func(a, b history.Statement) int { return strings.Compare(a.Path, b.Path) })
	t.h.Attest(fresh)
	return k.without(t.landedSince(k)), true, nil
}

// landedSince finds the open rows of a kept log that are about what has landed
// since, so that they belong there. What their signatures are worth stays.
func (t *trail) landedSince(k *keptLog) map[int]bool {
	out := map[int]bool{}
	for _, row := range k.open {
		if t.h.About(k.opinion(row)) != nil {
			out[row] = true
			e := k.event(row)
			t.carried[e.Evidence] = seal{trust: evidence.Trust(e.Trust), Judgement: evidence.Judgement{Verdict: evidence.Verdict(e.Signature)}}
		}
	}
	return out
}

// answer is what a filter chooses of a kept log and of the events behind it, in
// which more records may be known.
func (k *keptLog) answer(f history.Filter, ids []string, behind []history.Event) ([]history.Event, error) {
	known := append(ids, k.ids...)
	slices.Sort(known)
	known = slices.Compact(known)
	var err error
	f.Records, err = exact(f.Records, func(text string) []string { return matching(slices.Values(known), text) })
	if err != nil {
		return nil, err
	}
	out := k.choose(f, []history.Event{})
	for _, e := range behind {
		if f.Chooses(e) {
			out = append(out, e)
		}
	}
	return out, nil
}

// beyond leaves out the evidence that says nothing but what a kept log rests on
// already. It reports false where there is new evidence on what is kept.
func (t *trail) beyond(k *keptLog) (fresh []history.Statement, ok bool) {
	for id := range t.h.Commits {
		if k.hasSquashed(id) {
			return nil, false // what was said of a squashed proposal is said of its commits
		}
	}
	for _, s := range t.ledger.statements() {
		if l, here := t.h.Landing(s.Commit); here && s.Type == "merge" && len(l.Parents) == 1 && k.hasSquashed(s.Branch) {
			return nil, false // what is said of that branch is said of the later landing
		}
		if !k.concerns(s) {
			fresh = append(fresh, s)
		} else if _, known := slices.BinarySearch(k.seen, s.Path); !known {
			return nil, false
		}
	}
	return fresh, true
}

// concerns reports whether a statement says something of the landings that are
// kept.
func (k *keptLog) concerns(s history.Statement) bool {
	switch {
	case s.Type == "merge":
		return k.line.has(commitKey(s.Commit))
	case !history.IsOpinionType(s.Type) || s.Branch == "":
		return false
	}
	return k.brought.has(commitKey(s.Head)) || k.hasSquashed(s.Branch)
}

func (k *keptLog) hasSquashed(branch string) bool {
	_, ok := slices.BinarySearch(k.squashed, branch)
	return ok
}
