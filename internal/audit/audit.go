// Package audit owns the verdicts: what commits and evidence prove about a
// record, check by check, each with the reason and what it rests on.
//
// It may import history, evidence, decision, approval, store, record and git's
// values. It never writes, asks what time it is, or believes a recorded
// decision: it decides again, from the commits and statements that existed
// then. What cannot be looked at is cannot-verify, never a pass. It does not
// print; page.go lays a result out for those who do.
//
// It looks at main and the evidence branch alone, so that open proposals do
// not change what a clone finds.
package audit

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/store"
)

// Repo is what an audit reads.
type Repo interface {
	history.Repo
	history.Refs
	Graph
}

// Graph answers what a log does not: exact bytes, and the rare differences
// that are not against a first parent.
type Graph interface {
	Commit(ctx context.Context, id git.OID) (*git.Commit, error)
	Diff(ctx context.Context, a, b git.OID) ([]git.FileChange, error)
	MergeBase(ctx context.Context, a, b git.OID) (git.OID, error)
	MergeTree(ctx context.Context, ours, theirs git.OID) (git.OID, error)
}

// Auditor looks at one store.
type Auditor struct {
	Repo   Repo
	Judge  *decision.Judge
	Cache  *store.Cache
	Dir    string    // the store's directory in the repository, "" at its top
	Main   string    // name of the main branch
	Remote string    // whose remote-tracking branches to fall back on; "origin" where ""
	Now    time.Time // for clocks that are still running
	Tool   string    // version of gitsm, to tell whether a decision was made by another
	Root   git.OID   // the genesis the reader expects, "" for any
	// Workers is how many landings are judged side by side; 0 is one per core.
	Workers int
}

// NoMainError says that main is not in this clone.
type NoMainError struct{ Branch string }

func (e *NoMainError) Error() string {
	return fmt.Sprintf("branch %s is not in this clone, local or remote-tracking: run `git fetch`", e.Branch)
}

// trail is everything that was read before anything is judged.
type trail struct {
	*Auditor
	h      *history.History
	ledger *ledger
	keys   *keys
	main   history.Tip
	notes  []string
	ever   map[dossierKey]bool // records that main has had
}

// load reads main and the evidence branch, once each.
func (a *Auditor) load(ctx context.Context) (*trail, error) {
	if a.Repo.Shallow() {
		return nil, history.ErrShallow
	}
	remote := a.Remote
	if remote == "" {
		remote = "origin"
	}
	t := &trail{Auditor: a}
	var err error
	if t.main, err = history.FindTip(ctx, a.Repo, a.Main, remote); err != nil {
		return nil, err
	}
	if len(t.main.Heads) == 0 {
		return nil, &NoMainError{a.Main}
	}
	tip, err := history.FindTip(ctx, a.Repo, evidence.Branch, remote)
	if err != nil {
		return nil, err
	}
	for _, n := range []string{t.main.Note, tip.Note} {
		if n != "" {
			t.notes = append(t.notes, n)
		}
	}
	if t.ledger, err = readLedger(ctx, a.Repo, tip.Heads, a.workers()); err != nil {
		return nil, err
	}
	return t, t.walk(ctx)
}

// walk reads main and puts the evidence in its order.
func (t *trail) walk(ctx context.Context) error {
	var err error
	t.h, err = history.Walk(ctx, t.Repo, history.Options{
		Dir: t.Dir, Main: t.main.Heads[0], Cache: t.Cache, Evidence: t.ledger.statements,
	})
	if err != nil {
		return err
	}
	t.keys = newKeys(t)
	t.ever = map[dossierKey]bool{}
	for _, l := range t.h.Line {
		for _, x := range l.Touches {
			t.ever[dossierKey{x.Kind.Name, x.ID}] = true
		}
	}
	t.notes = append(t.notes, t.beginnings()...)
	return nil
}

func (a *Auditor) workers() int {
	if a.Workers > 0 {
		return a.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// beginnings are the notes that every audit prints: where the store began, and
// what weakens the gate.
func (t *trail) beginnings() []string {
	g := t.h.Genesis()
	counts := ""
	if n := len(g.Touches); n > 0 {
		counts = fmt.Sprintf(", with %s", plural(n, "record"))
	}
	out := []string{fmt.Sprintf("genesis: the store began with commit %s%s; nothing gates that commit", g.OID, counts)}
	head := t.h.Head().After
	switch {
	case head.Err != nil:
		out = append(out, fmt.Sprintf("config: %v", head.Err))
	case head.Config.Bootstrap:
		out = append(out, "bootstrap: people, teams, catalogue, policy and config land without approval until `bootstrap: false`")
	default:
		if l := t.endOfBootstrap(); l != nil {
			out = append(out, fmt.Sprintf("bootstrap: ended with commit %s; what came before may have landed without approval", l.OID))
		}
	}
	if t.simulated() {
		out = append(out, "simulation: in this store commands may be given any time, so no time in it proves anything")
	}
	return out
}

func (t *trail) endOfBootstrap() *history.Landing {
	for _, l := range t.h.Line {
		if l.Before.Config.Bootstrap && !l.After.Config.Bootstrap {
			return l
		}
	}
	return nil
}

func (t *trail) simulated() bool {
	for _, l := range t.h.Line {
		if l.After.Config.Simulation {
			return true
		}
	}
	return false
}

// each calls do for every index below n, on as many cores as the audit may
// use, and returns the error of the lowest index.
func each(ctx context.Context, workers, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	var mu sync.Mutex
	next, at, first := 0, n, error(nil)
	for range min(workers, n) {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n || ctx.Err() != nil {
					return
				}
				if err := do(ctx, i); err != nil {
					mu.Lock()
					if i < at {
						at, first = i, err
					}
					mu.Unlock()
					cancel()
				}
			}
		})
	}
	wg.Wait()
	if first == nil {
		return ctx.Err()
	}
	return first
}
