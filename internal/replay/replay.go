// Package replay owns the back-test of policy: what another policy would have
// said of the changes that were decided here, each exactly as it stood then.
//
// It may import history, evidence, decision, store, record, yamldoc, memo and
// git's values. It never writes, prints, asks what time it is or counts approvals:
// it asks the policies alone, and compares their answers.
package replay

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/store"
)

// Repo is what a replay reads.
type Repo interface {
	history.Repo
	history.Refs
}

// Options says what is decided again.
type Options struct {
	Repo   Repo
	Judge  *decision.Judge
	Cache  *store.Cache
	Dir    string // the store's directory in the repository, "" at its top
	Main   string // name of the main branch
	Remote string // whose remote-tracking branches to fall back on; "origin" where ""

	Candidate *store.Policy
	From, To  time.Time // of decisions, From included and To not; zero is unbounded
	// Open are proposals that nobody has landed yet, by their commits.
	Open []Open

	Kept  Keeper // of decisions, from one replay to the next; nil keeps nothing
	Build string // of the program: what another build decided is decided again

	Workers  int // decisions made side by side; 0 is one per core
	Progress func(done, total int)
}

// Open is a proposal that has not landed.
type Open struct {
	Record string
	Head   git.OID
	At     time.Time // when it was written
}

// Answer is what one policy says of one change.
type Answer struct {
	Denies    []string      `json:"denies"`    // ids of rules that deny it
	Approvals []string      `json:"approvals"` // "<id> from <refs>", sorted
	Risk      decision.Risk `json:"risk"`

	from []string // refs asked, one for each requirement
}

// Denied reports whether any rule denies.
func (a Answer) Denied() bool { return len(a.Denies) > 0 }

// Case is one decision, made again.
type Case struct {
	Record    string    `json:"record"`
	Title     string    `json:"title"`
	Commit    string    `json:"commit"` // that landed it, or the proposal's head
	Decided   time.Time `json:"decided"`
	Fate      Fate      `json:"fate"`
	Then      Answer    `json:"then"`
	New       Answer    `json:"candidate"`
	Flips     []string  `json:"flips"` // what differs, sorted
	Failed    bool      `json:"failed"`
	Incidents []string  `json:"incidents"` // that it caused, as known today

	// Undecided is why it could not be decided again, "" where it was.
	Undecided string `json:"undecided,omitempty"`

	size int
}

// Added lists the approvals that the candidate asks for and the other did not.
func (c Case) Added() []string { return lacking(c.New.Approvals, c.Then.Approvals) }

// Dropped lists the approvals that the candidate no longer asks for.
func (c Case) Dropped() []string { return lacking(c.Then.Approvals, c.New.Approvals) }

// Fate is what became of a proposal.
type Fate string

// The fates.
const (
	Landed    Fate = "landed"
	Rejected  Fate = "rejected"
	Withdrawn Fate = "withdrawn"
	StillOpen Fate = "open"
)

// The ways in which two answers differ.
const (
	NewlyDenied      = "newly denied"
	NewlyAllowed     = "newly allowed"
	ApprovalsAdded   = "approvals added"
	ApprovalsDropped = "approvals dropped"
	BandUp           = "risk band up"
	BandDown         = "risk band down"
)

// Run decides again. An error means that something could not be decided: a
// back-test that leaves cases out would be one that flatters.
func Run(ctx context.Context, o Options) (*Report, error) {
	if o.Remote == "" {
		o.Remote = "origin"
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	r := &run{Options: &o}
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	if err := r.candidate(ctx); err != nil {
		return nil, err
	}
	r.memory = remember(r.Kept)
	err := r.decide(ctx)
	r.memory.save() // of a replay that was interrupted too
	if err != nil {
		return nil, err
	}
	if err := r.outcomes(); err != nil {
		return nil, err
	}
	return r.report(), nil
}

// run is one replay.
type run struct {
	*Options
	h     *history.History
	head  *store.Store
	jobs  []*job
	notes []string

	memory *memory
	tried  string // identity of the candidate
}

// job is one decision to make: the change as proposed, on the main it met.
type job struct {
	Case
	base    git.OID
	path    string // of the record, in the store
	after   git.OID
	content []byte // of the record, where no commit here holds it
	author  string // e-mail address
	outcome string // of the change, as main knows today
}

// candidate compiles the candidate, which must be of use even where there is
// nothing to decide.
func (r *run) candidate(ctx context.Context) error {
	s := r.head.UnderPolicy(r.Candidate)
	defer r.Judge.Forget(s)
	pol, err := r.Judge.Policy(ctx, s)
	if err != nil {
		return fmt.Errorf("the candidate: %w", err)
	}
	r.tried = pol.Identity()
	return nil
}

func (r *run) load(ctx context.Context) error {
	tip, err := history.FindTip(ctx, r.Repo, r.Main, r.Remote)
	if err != nil {
		return err
	}
	if len(tip.Heads) == 0 {
		return fmt.Errorf("branch %s is not in this clone: run `git fetch`", r.Main)
	}
	if tip.Note != "" {
		r.notes = append(r.notes, tip.Note)
	}
	if r.h, err = history.Walk(ctx, r.Repo, history.Options{Dir: r.Dir, Main: tip.Heads[0], Cache: r.Cache}); err != nil {
		return err
	}
	if r.head, err = r.open(ctx, tip.Heads[0]); err != nil {
		return err
	}
	for _, l := range r.h.Line {
		r.landing(l)
	}
	for _, p := range r.Open {
		if err := r.proposal(ctx, p, tip.Heads[0]); err != nil {
			return err
		}
	}
	if err := r.refused(ctx); err != nil {
		return err
	}
	r.jobs = slices.DeleteFunc(r.jobs, func(j *job) bool {
		return j.Decided.Before(r.From) || !r.To.IsZero() && !j.Decided.Before(r.To)
	})
	slices.SortStableFunc(r.jobs, func(a, b *job) int {
		return cmp.Or(a.Decided.Compare(b.Decided), cmp.Compare(a.Record, b.Record), cmp.Compare(a.Commit, b.Commit))
	})
	return nil
}

func (r *run) open(ctx context.Context, commit git.OID) (*store.Store, error) {
	fsys, err := r.Repo.FS(ctx, commit)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(fsys, store.InDirectory(r.Dir), store.WithCache(r.Cache))
	if err != nil {
		return nil, fmt.Errorf("reading the store at %.12s: %w", commit, err)
	}
	return s, nil
}
