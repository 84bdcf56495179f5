package proposal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Loaded is a proposal with the facts it is decided on.
type Loaded struct {
	Proposal
	Base  git.OID // main it was loaded against
	Tree  git.OID // what main would be after landing
	Facts decision.Facts
	Merge git.OID // where the proposal left main

	// Said is what the forge says of it; nil where nobody asked, or where it has
	// no pull request.
	Said *forge.Facts

	alone    bool              // decided without the forge: it is about to be proposed
	world    *World            // that it was loaded against; nil for what has landed
	number   int               // of its pull request, where that was given
	given    *forge.Pull       // which was read already; Said then says whether it has moved
	work     []decision.Work   // the commits it brings
	entries  []*evidence.Entry // what evidence says of its record
	recorded map[int64]string  // what evidence says each review of the forge was about
	carried  map[string]int64  // the review that carried each signed statement, by its path
	vouched  time.Time         // until when the gate's status is taken for what reviewers might do

	late     []approval.Review // of the forge, given after it had landed
	landedBy int               // pull request that brought an emergency to main

	over string // why nothing more can be said of it, "" while it is open
}

// Unpublished says that the upstream does not have the proposal, or not as it is
// here, so that nobody else sees it before it is submitted.
func (l *Loaded) Unpublished() bool {
	return l.world != nil && l.world.remote != "" && l.Head == l.local && l.Head != l.upstream
}

// Load gathers what a proposal changes, who had a hand in it and who reviewed
// it, against the main of w.
func (d *Desk) Load(ctx context.Context, w *World, p Proposal) (*Loaded, error) {
	return d.load(ctx, w, p, nil)
}

// load is Load; where a merge queue has landed the proposal on trial, as is the
// commit that it made there and then, it is loaded as that has it.
func (d *Desk) load(ctx context.Context, w *World, p Proposal, trial *git.Commit) (*Loaded, error) {
	l := &Loaded{Proposal: p, Base: w.Main, world: w}
	if p.Head == "" {
		return nil, &UsageError{What: fmt.Sprintf("%s and that of %s have diverged", p.Branch, w.remote),
			Fix: fmt.Sprintf("git switch %[1]s && git pull --rebase %[2]s %[1]s; or, where that of %[2]s is the right one, git branch -D %[1]s", p.Branch, w.remote)}
	}
	if d.Repo.Shallow() {
		return nil, d.cutOff("who had a hand in " + p.Branch)
	}
	var err error
	if l.Merge, err = d.Repo.MergeBase(ctx, w.Main, p.Head); err != nil {
		return nil, fmt.Errorf("relating %s to %s: %w", p.Branch, d.Main, err)
	}
	if l.Tree = p.Head; trial != nil {
		l.Tree = trial.OID
	} else if l.Merge != w.Main {
		if l.Tree, err = d.Repo.MergeTree(ctx, w.Main, p.Head); err != nil {
			return nil, fmt.Errorf("merging %s into %s: %w", p.Branch, d.Main, err)
		}
	}
	head, err := d.open(ctx, l.Tree)
	if errors.Is(err, store.ErrNoStore) {
		c, _ := finding.Lookup("GAT003")
		return nil, &RefusedError{What: p.Branch + " leaves no store behind", Why: []string{c.ID + " " + c.Title}, Fix: c.Fix}
	}
	if err != nil {
		return nil, fmt.Errorf("reading the store of %s: %w", p.Branch, err)
	}
	changes, err := d.changes(ctx, w, l)
	if err != nil {
		return nil, err
	}
	l.Facts = decision.Facts{Base: w.Base, Head: head, ID: p.ID, Now: d.Now()}
	if err := l.Facts.Classify(changes); err != nil {
		return nil, err
	}
	if p.ID == "" {
		l.ID, l.Facts.ID = subject(&l.Facts), subject(&l.Facts)
	}
	if p.ID == StoreTopic && l.Facts.Primary() == nil {
		l.Facts.ID = "" // about no record; a record may be called so as well
	}
	if err := d.people(ctx, w, l, changes); err != nil {
		return nil, err
	}
	return l, d.reviews(ctx, w, l)
}

// cutOff says that a shallow clone cannot tell something.
func (d *Desk) cutOff(what string) error {
	return &IncompleteError{What: "this clone is shallow, so " + what + " is not known", Fix: "git fetch --unshallow"}
}

// changes are the files that a proposal changed since it left main, each as main
// would have it, and what else would land with it.
func (d *Desk) changes(ctx context.Context, w *World, l *Loaded) ([]git.FileChange, error) {
	landed, err := d.Repo.Diff(ctx, w.Main, l.Tree)
	if err != nil || l.Tree == l.Head {
		return landed, err
	}
	own, err := d.since(ctx, w.Main, l.Head)
	if err != nil {
		return nil, err
	}
	return decision.Lands(own, landed, func() (fs.FS, error) { return d.Repo.FS(ctx, w.Main) })
}

// since are the files that a commit changed since it left main. What both began
// with may be two commits, and compared with one of them alone a proposal could
// take back what the other brought, and nobody would see that.
func (d *Desk) since(ctx context.Context, main, commit git.OID) ([]git.FileChange, error) {
	fork, err := d.Repo.Fork(ctx, main, commit)
	if err != nil {
		return nil, fmt.Errorf("relating %.10s to %s: %w", commit, d.Main, err)
	}
	return d.Repo.Diff(ctx, fork, commit)
}

// reviews reads what people said of this very proposal. Statements of another
// proposal of the same record were about something else.
func (d *Desk) reviews(ctx context.Context, w *World, l *Loaded) error {
	if err := d.whole(ctx, w); err != nil {
		return err
	}
	if err := d.authorities(ctx, w, l); err != nil || w.Evidence == "" {
		return err
	}
	fsys, err := d.Repo.FS(ctx, w.Evidence)
	if err != nil {
		return err
	}
	entries, err := d.Said.Read(fsys, l.topic())
	if err != nil {
		return fmt.Errorf("reading the evidence of %s: %w", l.ID, err)
	}
	keys, err := Keyring(w.Base)
	if err != nil {
		return err
	}
	l.entries = entries
	l.recorded, l.carried = recordedReviews(entries)
	if l.Facts.Retro {
		l.Facts.Files = filedWith(entries)
	}
	over := ""
	given := evidence.Given(slices.Values(entries))
	for n, e := range entries {
		p := e.Statement.Predicate
		retro := l.Facts.Retro && p.Forge != nil && p.Forge.Review != 0
		if p.Proposal.Branch != l.Branch && !retro {
			continue
		}
		if why := e.Ends(l.Branch); why != "" {
			over = why
		}
		if r, ok := Review(e, n, keys, d.Now()); ok && (!w.reviewed() || l.Facts.Retro) {
			r.Time = given(e)
			l.Facts.Reviews = append(l.Facts.Reviews, r)
		}
	}
	if w.reviewed() {
		decision.InTurn(l.Facts.Reviews)
	}
	for i := range l.Facts.Reviews {
		if r := &l.Facts.Reviews[i]; over != "" {
			r.Void = over
		}
	}
	l.over = over
	if !w.reviewed() {
		l.Facts.Reviews = append(l.Facts.Reviews, l.refusals(keys, d.Now(), func(p evidence.Predicate) bool { return p.Proposal.Branch != l.Branch })...)
	}
	return nil
}

// refusals are the rejections of the same in other proposals.
func (l *Loaded) refusals(keys evidence.Keyring, now time.Time, other func(evidence.Predicate) bool) []approval.Review {
	var said []decision.Elsewhere
	for n, e := range l.entries {
		p := e.Statement.Predicate
		if r, ok := Review(e, n, keys, now); ok && other(p) && e.Ends(p.Proposal.Branch) == "" {
			said = append(said, decision.Elsewhere{Review: r, Head: p.Proposal.Head})
		}
	}
	return l.Facts.Refused(said)
}

// name is what people call what the proposal is about.
func (l *Loaded) name() string {
	switch {
	case l.Facts.Primary() != nil:
		return l.ID
	case configures(&l.Facts):
		return l.Facts.Base.Display(store.ConfigFile)
	}
	return l.Branch
}

// topic is the id that evidence about the proposal is kept under.
func (l *Loaded) topic() string {
	if l.Facts.Primary() == nil {
		return evidence.StoreID
	}
	return l.ID
}

// Decide judges a loaded proposal for the desk's user.
func (d *Desk) Decide(ctx context.Context, l *Loaded) (*decision.Decision, error) {
	w, err := l.world, error(nil)
	if w == nil {
		if w, err = d.Look(ctx); err != nil {
			return nil, err
		}
	}
	onForge := w.reviewed() && l.Branch != "" && !l.alone
	if onForge && l.Said == nil {
		if err := d.hear(ctx, w, l); err != nil {
			return nil, err
		}
	}
	if l.Facts.Actor, _, err = d.Actor(l.Facts.Base); err != nil {
		return nil, err
	}
	if l.Said != nil { // whoever asks, and wherever: the same facts are decided alike
		l.Facts.Actor = decision.Actor{ID: l.Facts.Opener, Known: l.Facts.Opener != ""}
	}
	dec, err := d.Judge.Decide(ctx, l.Facts)
	if err == nil && onForge {
		hold(dec, l, d.Main)
	}
	return dec, err
}

// subject is the record that a proposal is about whose branch does not say so:
// work before the catalogue, and "" where it changes no record. One that main has
// already as it is there is so only where there is no other.
func subject(f *decision.Facts) string {
	best, at := "", 0
	for i := range f.Changes {
		c := &f.Changes[i]
		rank := 1
		if !c.Stays() {
			rank = 3
		}
		if !c.Kind.Catalogue {
			rank++
		}
		if rank > at {
			best, at = c.ID, rank
		}
	}
	return best
}

// Actor is who the user is in a snapshot's people/.
func (d *Desk) Actor(s *store.Store) (decision.Actor, *record.Person, error) {
	dir, err := s.Directory()
	if err != nil {
		return decision.Actor{}, nil, err
	}
	id, ok := dir.ByEmail(d.User.Email)
	if !ok {
		return decision.Actor{}, nil, nil
	}
	p := dir.People[id]
	return decision.Actor{ID: id, Known: true}, &p, nil
}

// problems are the errors among a decision's findings.
func problems(dec *decision.Decision) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(dec.Findings), func(f finding.Finding) bool { return f.Severity == finding.Warning })
}

// Compare opens two commits as base and proposal, and lists what the second
// changes since they parted.
func (d *Desk) Compare(ctx context.Context, base, head git.OID) (before, after *store.Store, changes []git.FileChange, err error) {
	if before, err = d.open(ctx, base); err != nil {
		return nil, nil, nil, fmt.Errorf("reading the base: %w", err)
	}
	fork, err := d.Repo.MergeBase(ctx, base, head)
	if err != nil {
		return nil, nil, nil, err
	}
	if fork == "" && d.Repo.Shallow() {
		return nil, nil, nil, d.cutOff("what the proposal changes")
	}
	tree := head
	if fork != base {
		if tree, err = d.Repo.MergeTree(ctx, base, head); err != nil {
			return nil, nil, nil, err
		}
	}
	if after, err = d.open(ctx, tree); err != nil {
		return nil, nil, nil, fmt.Errorf("reading the proposal: %w", err)
	}
	changes, err = d.since(ctx, base, head)
	return before, after, changes, err
}
