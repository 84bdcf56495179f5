package proposal

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/finding"
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

	over string // why nothing more can be said of it, "" while it is open
}

// Load gathers what a proposal changes, who had a hand in it and who reviewed
// it, against the main of w.
func (d *Desk) Load(ctx context.Context, w *World, p Proposal) (*Loaded, error) {
	l := &Loaded{Proposal: p, Base: w.Main}
	if p.Head == "" {
		return nil, &UsageError{What: fmt.Sprintf("%s and that of %s have diverged", p.Branch, w.remote), Fix: fmt.Sprintf("git switch %s && git pull --rebase", p.Branch)}
	}
	var err error
	if l.Merge, err = d.Repo.MergeBase(ctx, w.Main, p.Head); err != nil {
		return nil, fmt.Errorf("relating %s to %s: %w", p.Branch, d.Main, err)
	}
	l.Tree = p.Head
	if l.Merge != w.Main {
		if l.Tree, err = d.Repo.MergeTree(ctx, w.Main, p.Head); err != nil {
			return nil, fmt.Errorf("merging %s into %s: %w", p.Branch, d.Main, err)
		}
	}
	head, err := d.open(ctx, l.Tree)
	if err != nil {
		return nil, fmt.Errorf("reading the store of %s: %w", p.Branch, err)
	}
	changes, err := d.changes(ctx, w, l)
	if err != nil {
		return nil, err
	}
	l.Facts = decision.Facts{Base: w.Base, Head: head, ID: p.ID, Now: d.Now()}
	if err := classify(&l.Facts, changes); err != nil {
		return nil, err
	}
	if p.ID == StoreTopic && l.Facts.Primary() == nil {
		l.Facts.ID = "" // about no record; a record may be called so as well
	}
	if err := d.people(ctx, w, l, changes); err != nil {
		return nil, err
	}
	return l, d.reviews(ctx, w, l)
}

// changes are the files a proposal changed since it left main, each as it would
// land: what an approval covers is what main gets, also where main has changed
// other lines of the same file since.
func (d *Desk) changes(ctx context.Context, w *World, l *Loaded) ([]git.FileChange, error) {
	changes, err := d.Repo.Diff(ctx, l.Merge, l.Head)
	if err != nil || l.Tree == l.Head {
		return changes, err
	}
	landed, err := d.Repo.Diff(ctx, w.Main, l.Tree)
	if err != nil {
		return nil, err
	}
	as := map[string]git.FileChange{}
	for _, c := range landed {
		as[c.Path] = c
	}
	for i, c := range changes {
		if now, ok := as[c.Path]; ok {
			changes[i].NewMode, changes[i].NewBlob = now.NewMode, now.NewBlob
		}
	}
	return changes, nil
}

// classify sorts changed files into records and others.
func classify(f *decision.Facts, changes []git.FileChange) error {
	for _, c := range changes {
		rel, inside := f.Base.Relative(c.Path)
		if k, id, ok := f.Base.Kinds.ByPath(rel); inside && ok {
			ch, err := recordChange(f, k, id, rel)
			if err != nil {
				return err
			}
			f.Changes = append(f.Changes, ch)
			continue
		}
		status := "modified"
		switch {
		case c.OldBlob == "":
			status = "added"
		case c.NewBlob == "":
			status = "deleted"
		}
		f.Files = append(f.Files, decision.File{Path: c.Path, Mode: c.NewMode, Blob: c.NewBlob, Status: status})
	}
	return nil
}

// recordChange reads both sides of a record that a proposal changes.
func recordChange(f *decision.Facts, k *record.Kind, id, path string) (decision.Change, error) {
	ch := decision.Change{Kind: k, ID: id, Path: path}
	var err error
	if ch.Before, _, err = f.Base.At(path); err != nil {
		return ch, err
	}
	ch.After, ch.Broken, err = f.Head.At(path)
	return ch, err
}

// people finds out who had a hand in the proposal. All parents count: a commit
// that came in by a side branch was written by somebody too. A merge of main
// that git could have made alone does not.
func (d *Desk) people(ctx context.Context, w *World, l *Loaded, changes []git.FileChange) error {
	dir, err := w.Base.Directory()
	if err != nil {
		return err
	}
	who := &identities{base: dir, newcomers: newcomers(dir, &l.Facts)}
	commits, err := d.Repo.Range(ctx, w.Main, l.Head)
	if err != nil {
		return fmt.Errorf("reading the commits of %s: %w", l.Branch, err)
	}
	bound := map[string]bool{}
	for _, c := range changes {
		bound[c.Path] = true
	}
	for _, c := range commits {
		touches, err := d.touches(ctx, c, bound)
		if err != nil {
			return err
		}
		if touches {
			l.Facts.Contributors = append(l.Facts.Contributors, who.of(c)...)
		}
	}
	l.open(who, commits)
	return nil
}

// open notes who opened the proposal: the author of its first commit that is no
// merge, whatever became of what it wrote.
func (l *Loaded) open(who *identities, commits []*git.Commit) {
	i := slices.IndexFunc(commits, func(c *git.Commit) bool { return len(c.Parents) < 2 })
	if i < 0 {
		return
	}
	c := commits[i]
	named := func(x approval.Contributor) bool { return x.Commit == c.OID }
	if l.Facts.Opener = who.person(c.Author.Email); l.Facts.Opener == "" && !slices.ContainsFunc(l.Facts.Contributors, named) {
		l.Facts.Contributors = append(l.Facts.Contributors, who.one(c.Author.Name, c.Author.Email, "opener", c.OID))
	}
}

// touches reports whether a commit wrote any bound path itself.
func (d *Desk) touches(ctx context.Context, c *git.Commit, bound map[string]bool) (bool, error) {
	if len(c.Parents) > 1 {
		tree, err := d.Repo.MergeTree(ctx, c.Parents[0], c.Parents[1])
		if err == nil && tree == c.Tree && len(c.Parents) == 2 {
			return false, nil
		}
		return true, nil // edited in the merge, or merged by hand
	}
	parent := ""
	if len(c.Parents) == 1 {
		parent = c.Parents[0]
	}
	changes, err := d.Repo.Diff(ctx, parent, c.OID)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(changes, func(x git.FileChange) bool { return bound[x.Path] }), nil
}

// identities maps what commits say of themselves to people.
type identities struct {
	base      *store.Directory
	newcomers map[string]string // e-mail → person the proposal itself adds
}

// newcomers are people the proposal adds: somebody who proposes themselves is
// that new person, and nobody main knows. In a proposal that does more they stay
// unknown: it could be the second self of whoever approves the rest.
func newcomers(base *store.Directory, f *decision.Facts) map[string]string {
	out := map[string]string{}
	if len(f.Files) > 0 || slices.ContainsFunc(f.Changes, func(c decision.Change) bool { return c.Kind.Owner != "people" }) {
		return out
	}
	for _, c := range f.Changes {
		if c.Kind.Name != "person" || c.Before != nil || c.After == nil {
			continue
		}
		for _, e := range c.After.Strs("emails") {
			if _, known := base.ByEmail(e); !known {
				out[strings.ToLower(e)] = c.ID
			}
		}
	}
	return out
}

func (i *identities) person(email string) string {
	if id, ok := i.base.ByEmail(email); ok {
		return id
	}
	return i.newcomers[strings.ToLower(email)]
}

var coAuthor = regexp.MustCompile(`(?im)^co-authored-by:[ \t]*([^<\n]*)<([^>\n]*)>`)

// of returns the author, the committer and the co-authors of a commit.
func (i *identities) of(c *git.Commit) []approval.Contributor {
	out := []approval.Contributor{i.one(c.Author.Name, c.Author.Email, "author", c.OID)}
	if c.Committer.Email != c.Author.Email {
		out = append(out, i.one(c.Committer.Name, c.Committer.Email, "committer", c.OID))
	}
	for _, m := range coAuthor.FindAllStringSubmatch(c.Message, -1) {
		out = append(out, i.one(strings.TrimSpace(m[1]), m[2], "co-author", c.OID))
	}
	return out
}

func (i *identities) one(name, email, role, commit string) approval.Contributor {
	return approval.Contributor{Person: i.person(email), Who: name, Role: role, Commit: commit}
}

// reviews reads what people said of this very proposal. Statements of another
// proposal of the same record were about something else.
func (d *Desk) reviews(ctx context.Context, w *World, l *Loaded) error {
	if w.Evidence == "" {
		return nil
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
	over := ""
	for n, e := range entries {
		if e.Statement.Predicate.Proposal.Branch != l.Branch {
			continue
		}
		if why := ended(e, l); why != "" {
			over = why
		}
		if r, ok := Review(e, n, keys, d.Now()); ok {
			l.Facts.Reviews = append(l.Facts.Reviews, r)
		}
	}
	for i := range l.Facts.Reviews {
		l.Facts.Reviews[i].Void = over
	}
	l.over = over
	return nil
}

// ended says how a statement ended the proposal of its branch, "" where it did
// not. A branch is never used again: else an approval of long ago would be one
// of whatever has the same content today.
func ended(e *evidence.Entry, l *Loaded) string {
	switch {
	case l.Branch == "": // what an emergency still owes is said of no branch
	case e.Statement.Predicate.Kind == evidence.Merge:
		return "its branch landed already, and no branch is used again; propose it anew"
	case e.Statement.Predicate.Kind == evidence.Withdrawal:
		return "the proposal was withdrawn; propose it anew"
	}
	return ""
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
	actor, _, err := d.Actor(l.Facts.Base)
	if err != nil {
		return nil, err
	}
	l.Facts.Actor = actor
	return d.Judge.Decide(ctx, l.Facts)
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

// Compare opens two commits as base and proposal, and lists the paths the
// second changes since they parted.
func (d *Desk) Compare(ctx context.Context, base, head git.OID) (before, after *store.Store, changed []string, err error) {
	if before, err = d.open(ctx, base); err != nil {
		return nil, nil, nil, fmt.Errorf("reading the base: %w", err)
	}
	fork, err := d.Repo.MergeBase(ctx, base, head)
	if err != nil {
		return nil, nil, nil, err
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
	changes, err := d.Repo.Diff(ctx, fork, head)
	if err != nil {
		return nil, nil, nil, err
	}
	changed = []string{}
	for _, c := range changes {
		changed = append(changed, c.Path)
	}
	return before, after, changed, nil
}
