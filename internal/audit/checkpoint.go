package audit

import (
	"context"
	"fmt"
	"strings"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// checkpoints is the part of TMP-1 that no rewriting of both branches at once
// can get around: whoever said where they stood is held to it.
func (t *trail) checkpoints(ctx context.Context) ([]answer, error) {
	var list []*item
	for _, it := range t.ledger.byRecord[evidence.StoreID] {
		if it.Statement.Predicate.Kind == evidence.Checkpoint {
			list = append(list, it)
		}
	}
	if e := t.Checkpoint; e != nil {
		if e.Statement.Predicate.Checkpoint == nil {
			return []answer{failed([]string{e.Path}, "the statement that was given is no checkpoint but a %s", e.Statement.Predicate.Kind)}, nil
		}
		list = append(list, &item{Entry: e, anchor: history.Unanchored})
	}
	var out []answer
	for _, it := range list {
		more, err := t.held(ctx, it)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	if n := len(list); n > 0 && len(out) == 0 {
		p := list[n-1].Statement.Predicate
		t.notes = append(t.notes, fmt.Sprintf("checkpoint: main and evidence descend from %s; the last, of %s by %s (%s), names main %s",
			finding.Counted(n, "checkpoint"), utc(p.Time), orNone(p.Person), t.keys.statement(list[n-1]).trust, p.Checkpoint.Main))
	}
	return out, nil
}

// held holds main and the evidence against one checkpoint.
func (t *trail) held(ctx context.Context, it *item) ([]answer, error) {
	cp, when := it.Statement.Predicate.Checkpoint, utc(it.Statement.Predicate.Time)
	var out []answer
	if s := t.keys.statement(it); s.trust == evidence.Broken {
		out = append(out, failed([]string{it.SigPath()}, "the signature of the checkpoint of %s is bad: %s", when, s.Reason))
	}
	if cp.Genesis != t.h.Genesis().OID {
		out = append(out, failed([]string{it.Path, cp.Genesis}, "the checkpoint of %s is of a store that began with %s", when, short(cp.Genesis)))
	}
	if _, ok := t.h.Landing(cp.Main); !ok {
		lost, err := t.lost(ctx, cp.Main, t.main.Heads)
		if err != nil {
			return nil, err
		}
		out = append(out, failed([]string{it.Path, cp.Main}, "main does not descend from %s, where it stood at the checkpoint of %s: it was rewritten or rewound%s", short(cp.Main), when, lost))
	}
	if cp.Evidence != "" && len(t.ledger.heads) > 0 && t.ledger.commits[cp.Evidence] == nil {
		lost, err := t.lost(ctx, cp.Evidence, t.ledger.heads)
		if err != nil {
			return nil, err
		}
		out = append(out, failed([]string{it.Path, cp.Evidence}, "the evidence does not descend from %s, where it stood at the checkpoint of %s: it was rewritten or rewound%s", short(cp.Evidence), when, lost))
	}
	return out, nil
}

// mostLost bounds how many lost commits are named.
const mostLost = 10

// lost lists what a rewritten branch no longer has, as far as its commits are
// still in this clone.
func (t *trail) lost(ctx context.Context, was git.OID, heads []git.OID) (string, error) {
	if _, err := t.Repo.Commit(ctx, was); err != nil {
		return "; what it lost is not in this clone", ctx.Err()
	}
	var out []string
	more := 0
	for e, err := range t.Repo.Log(ctx, git.LogOptions{From: []git.OID{was}, Not: heads}) {
		if err != nil {
			return "", fmt.Errorf("reading what was lost: %w", err)
		}
		if len(out) == mostLost {
			more++
			continue
		}
		out = append(out, short(e.OID)+" "+strings.TrimSpace(strings.SplitN(e.Message, "\n", 2)[0]))
	}
	if len(out) == 0 {
		return "; nothing is lost, it only went aside", nil
	}
	if more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return ". Lost: " + strings.Join(out, ", "), nil
}
