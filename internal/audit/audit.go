// Package audit owns the verdicts: what commits and evidence prove about a
// record, check by check, each with the reason and what it rests on.
//
// It may import history, evidence, decision, approval, calendar, store, record and
// git's values. It never writes, asks what time it is, or believes a recorded
// decision: it decides again, from the commits and statements that existed
// then. What cannot be looked at is cannot-verify, never a pass. It does not
// print; show.go lays a result out for those who do.
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
	"github.com/gitsm/gitsm/internal/finding"
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
	Fork(ctx context.Context, a, b git.OID) (commitOrTree git.OID, err error)
	MergeTree(ctx context.Context, ours, theirs git.OID) (git.OID, error)
	Refs(ctx context.Context, prefix string) ([]git.Ref, error)
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
	At     git.OID   // a commit of main's own line, to look at things as they stood there; "" for now
	// Checkpoint is a statement kept elsewhere of where the branches stood once;
	// nil where there is none.
	Checkpoint *evidence.Entry
	// Deployments is what the changes are held against; nil where nothing is.
	Deployments *Deployments
	// Kept keeps what Log found; nil where nothing is kept.
	Kept  Keeper
	Build string // identifies this very build of gitsm, to which what is kept belongs
	// KeepAfter is how many landings are new before a log is kept anew; until then
	// they are read every time. 0 is the usual number.
	KeepAfter int
	// Progress is told how many commits have been read, and how many landings
	// judged of all, 0 where nobody knows how many there are. Several may tell it
	// at once; nil where nobody listens.
	Progress func(what string, done, all int)
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

	carried map[string]seal    // of statements of a kept log, by path
	about   []*history.Landing // what statements are read about; nil for all
}

// load reads main and the evidence branch, once each and side by side, but no
// statement yet.
func (a *Auditor) load(ctx context.Context) (*trail, error) {
	t, evidenceTip, err := a.begin(ctx)
	if err != nil {
		return nil, err
	}
	return t, t.read(ctx, evidenceTip)
}

// begin finds out where the branches stand.
func (a *Auditor) begin(ctx context.Context) (t *trail, evidenceTip history.Tip, err error) {
	if a.Repo.Shallow() {
		return nil, evidenceTip, history.ErrShallow
	}
	t = &trail{Auditor: a, ever: map[dossierKey]bool{}, carried: map[string]seal{}}
	evidenceTip, err = t.tips(ctx)
	return t, evidenceTip, err
}

// read reads what there is from there on.
func (t *trail) read(ctx context.Context, evidenceTip history.Tip) error {
	if err := t.readSince(ctx, nil, evidenceTip, ""); err != nil {
		return err
	}
	t.notes = append(t.notes, t.beginnings()...)
	return nil
}

// readSince reads main behind a prefix, nil for all of it, and the evidence
// besides what is known, "" for nothing.
func (t *trail) readSince(ctx context.Context, since *history.Prefix, evidenceTip history.Tip, known git.OID) error {
	err := each(ctx, t.workers(), 2, func(ctx context.Context, i int) (err error) {
		if i == 0 {
			t.h, err = history.Walk(ctx, t.Repo, history.Options{Dir: t.Dir, Main: t.main.Heads[0], Cache: t.Cache, Since: since, Progress: t.told("commits", 0)})
			return err
		}
		t.ledger, err = readLedger(ctx, t.Repo, evidenceTip.Heads, known)
		return err
	})
	if err != nil {
		return err
	}
	t.ledger.anchorTo(t.h.Line, known)
	t.keys = newKeys(t)
	for _, l := range t.h.Line {
		for _, x := range l.Touches {
			t.ever[dossierKey{x.Kind.Name, x.ID}] = true
		}
	}
	return nil
}

// told tells how far one kind of work has come, nil where nobody listens.
func (a *Auditor) told(what string, all int) func(done int) {
	if a.Progress == nil {
		return nil
	}
	return func(done int) { a.Progress(what, done, all) }
}

// tips finds main and the evidence branch.
func (t *trail) tips(ctx context.Context) (evidenceTip history.Tip, err error) {
	remote := t.Remote
	if remote == "" {
		remote = "origin"
	}
	if t.main, err = history.FindTip(ctx, t.Repo, t.Main, remote); err != nil {
		return evidenceTip, err
	}
	if len(t.main.Heads) == 0 {
		return evidenceTip, &NoMainError{t.Main}
	}
	if evidenceTip, err = history.FindTip(ctx, t.Repo, evidence.Branch, remote); err != nil {
		return evidenceTip, err
	}
	if t.At != "" {
		if err := t.back(ctx, &evidenceTip); err != nil {
			return evidenceTip, err
		}
	}
	for _, n := range []string{t.main.Note, evidenceTip.Note} {
		if n != "" {
			t.notes = append(t.notes, n)
		}
	}
	return evidenceTip, nil
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
		counts = fmt.Sprintf(", with %s", finding.Counted(n, "record"))
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
