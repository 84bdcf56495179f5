package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
)

// ledger is the evidence branch as it stands, and how it came to be.
type ledger struct {
	added map[string]git.OID // the commit that first added each path
	since git.OID            // the commit whose history was left out, "" for none
	// rewritten says that evidence from before since has other files now.
	rewritten bool

	heads    []git.OID // none where the branch is not here
	commits  map[git.OID]*growth
	roots    []git.OID
	readme   []byte
	tampers  []evidence.Tamper
	problems []problem // files that are no statements, sorted by path
	items    []*item   // sorted by path
	byRecord map[string][]*item
	byPath   map[string]*item

	// lost and unordered say of landings, by index, that the evidence they
	// commit to is gone, or is older than what an earlier landing knew.
	lost      map[int]git.OID
	unordered map[int]git.OID
}

// errNoEvidence is why nothing can be said of what came through the gate.
var errNoEvidence = fmt.Errorf("the evidence is not in this clone: run `git fetch origin %[1]s:%[1]s`", evidence.Branch)

// unattested reports whether a landing says that it came through the gate, in a
// clone that has no evidence to hold that against.
func (t *trail) unattested(l *history.Landing) bool {
	return (l.EvidenceHead != "" || l.Reviewed()) && len(t.ledger.heads) == 0
}

// growth is one commit of the evidence branch.
type growth struct {
	parents []git.OID
	anchor  int // first landing that commits to it
}

// item is a statement with its place in the branch.
type item struct {
	*evidence.Entry
	anchor int // index of the first landing that commits to it
}

// problem is a file that is no statement.
type problem struct {
	path string
	err  error
}

// readLedger reads how the branch came to be since a commit of it, "" for from
// the beginning, from one log.
func readLedger(ctx context.Context, repo Repo, heads []git.OID, since git.OID) (*ledger, error) {
	l := &ledger{
		heads: heads, since: since, added: map[string]git.OID{}, commits: map[git.OID]*growth{}, byRecord: map[string][]*item{},
		byPath: map[string]*item{}, lost: map[int]git.OID{}, unordered: map[int]git.OID{},
	}
	if len(heads) == 0 {
		return l, nil
	}
	return l, l.grow(ctx, repo)
}

// readStatements reads the statements kept under the ids that are wanted, besides
// those that were read before.
func (l *ledger) readStatements(ctx context.Context, repo Repo, wanted func(id string) bool, workers int) error {
	for _, head := range l.heads {
		fsys, err := repo.FS(ctx, head)
		if err != nil {
			return fmt.Errorf("reading the evidence: %w", err)
		}
		if err := l.readHead(ctx, fsys, wanted, workers); err != nil {
			return err
		}
	}
	l.arrange()
	return nil
}

// ids are the records that the branch was ever about, by the names of its
// directories.
func (l *ledger) ids() map[string]bool {
	out := map[string]bool{}
	for p := range l.added {
		if parts := strings.Split(p, "/"); len(parts) == 3 && parts[0] == "evidence" {
			out[parts[1]] = true
		}
	}
	return out
}

// grow reads the branch's log: which commit added what, and what was done that
// never is. A merge is compared with each of its parents, or it could drop
// what the second brought.
func (l *ledger) grow(ctx context.Context, repo Repo) error {
	var entries []*git.LogEntry
	opts := git.LogOptions{From: l.heads}
	if l.since != "" {
		opts.Not = []git.OID{l.since}
	}
	for e, err := range repo.Log(ctx, opts) {
		if err != nil {
			return fmt.Errorf("reading the history of the evidence: %w", err)
		}
		entries = append(entries, e)
	}
	slices.Reverse(entries)
	var steps []evidence.Step
	for _, e := range entries {
		l.commits[e.OID] = &growth{parents: e.Parents, anchor: history.Unanchored}
		if len(e.Parents) == 0 {
			l.roots = append(l.roots, e.OID)
		}
		for _, c := range e.Changes {
			if _, known := l.added[c.Path]; !known && c.OldBlob == "" {
				l.added[c.Path] = e.OID
			}
		}
		more, err := stepsOf(ctx, repo, e)
		if err != nil {
			return err
		}
		steps = append(steps, more...)
	}
	l.tampers = evidence.CheckAppendOnly(steps)
	l.rewritten = l.since != "" && l.rewrites(steps)
	return nil
}

// rewrites reports whether a step did anything but add statements, each with its
// signature.
func (l *ledger) rewrites(steps []evidence.Step) bool {
	return slices.ContainsFunc(steps, func(s evidence.Step) bool {
		return slices.ContainsFunc(s.Changes, func(c evidence.FileChange) bool {
			_, whole := l.added[strings.TrimSuffix(c.Path, ".sig")]
			return c.OldBlob != "" || !whole
		})
	})
}

func stepsOf(ctx context.Context, repo Repo, e *git.LogEntry) ([]evidence.Step, error) {
	if len(e.Parents) == 0 {
		return []evidence.Step{{Commit: e.OID, Changes: fileChanges(e.Changes)}}, nil
	}
	steps := []evidence.Step{{Commit: e.OID, Parent: e.Parents[0], Changes: fileChanges(e.Changes)}}
	for _, p := range e.Parents[1:] {
		diff, err := repo.Diff(ctx, p, e.OID)
		if err != nil {
			return nil, fmt.Errorf("reading the history of the evidence: %w", err)
		}
		steps = append(steps, evidence.Step{Commit: e.OID, Parent: p, Changes: fileChanges(diff)})
	}
	return steps, nil
}

func fileChanges(changes []git.FileChange) []evidence.FileChange {
	out := make([]evidence.FileChange, len(changes))
	for i, c := range changes {
		out[i] = evidence.FileChange(c)
	}
	return out
}

// readHead reads the statements at one head, record by record on all cores.
func (l *ledger) readHead(ctx context.Context, fsys fs.FS, wanted func(id string) bool, workers int) error {
	dirs, err := fs.ReadDir(fsys, "evidence")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the evidence: %w", err)
	}
	if l.readme, err = fs.ReadFile(fsys, "README.md"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the evidence: %w", err)
	}
	dirs = slices.DeleteFunc(dirs, func(d fs.DirEntry) bool { return d.IsDir() && !wanted(d.Name()) })
	var mu sync.Mutex
	return each(ctx, workers, len(dirs), func(_ context.Context, i int) error {
		name := path.Join("evidence", dirs[i].Name())
		if !dirs[i].IsDir() {
			mu.Lock()
			defer mu.Unlock()
			l.problems = append(l.problems, problem{name, errors.New("it is not a record's directory")})
			return nil
		}
		entries, err := evidence.Read(fsys, dirs[i].Name())
		mu.Lock()
		defer mu.Unlock()
		l.problems = append(l.problems, problemsOf(name, err)...)
		for _, e := range entries {
			if _, wanted := l.added[e.Path]; l.since != "" && !wanted {
				continue
			}
			if l.byPath[e.Path] == nil {
				l.byPath[e.Path] = &item{Entry: e, anchor: l.anchorOf(e.Path)}
			}
		}
		return nil
	})
}

// problemsOf takes apart what evidence.Read joined.
func problemsOf(dir string, err error) []problem {
	if err == nil {
		return nil
	}
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		var out []problem
		for _, e := range list.Unwrap() {
			out = append(out, problemsOf(dir, e)...)
		}
		return out
	}
	if e, ok := errors.AsType[*evidence.EntryError](err); ok {
		return []problem{{e.Path, e.Err}}
	}
	return []problem{{dir, err}}
}

// arrange sorts what was read until now.
func (l *ledger) arrange() {
	l.items, l.byRecord = nil, map[string][]*item{}
	for _, it := range l.byPath {
		l.items = append(l.items, it)
	}
	slices.SortFunc(l.items, func(a, b *item) int { return strings.Compare(a.Path, b.Path) })
	for _, it := range l.items {
		id := it.Statement.Predicate.ID()
		l.byRecord[id] = append(l.byRecord[id], it)
	}
	slices.SortFunc(l.problems, func(a, b problem) int { return strings.Compare(a.path, b.path) })
	l.problems = slices.CompactFunc(l.problems, func(a, b problem) bool { return a.path == b.path })
}

// anchorOf is the first landing that commits to the file at a path.
func (l *ledger) anchorOf(p string) int {
	if c := l.commits[l.added[p]]; c != nil {
		return c.anchor
	}
	return history.Unanchored
}

// statements is the evidence as history needs to know it.
func (l *ledger) statements() []history.Statement {
	out := make([]history.Statement, 0, len(l.items))
	for _, it := range l.items {
		out = append(out, it.statement())
	}
	return out
}

func (it *item) statement() history.Statement {
	p := it.Statement.Predicate
	s := history.Statement{
		Path: it.Path, Type: string(p.Kind), Kind: p.Record.Kind, Record: p.Record.ID, Person: p.Person, Time: p.Time,
		Branch: p.Proposal.Branch, Base: p.Proposal.Base, Head: p.Proposal.Head, Anchor: it.anchor,
	}
	if p.Merge != nil {
		s.Base, s.Head, s.Commit, s.Method = p.Merge.Base, p.Merge.Head, p.Merge.Commit, p.Merge.Method
	}
	if p.Forge != nil {
		s.Said, s.Pull = p.Forge.At, p.Forge.Pull
	}
	return s
}

// anchorTo finds the first landing that commits to each commit of the branch.
// A landing names the evidence it knew by hash, so what is anchored to it
// existed before it, whatever any clock says; last is what a landing before those
// knew, "" for nothing. Each commit is visited once.
func (l *ledger) anchorTo(line []*history.Landing, last git.OID) {
	for _, landing := range line {
		head := landing.EvidenceHead
		switch {
		case head == "" || len(l.heads) == 0 || head == last:
			continue
		case l.commits[head] == nil:
			l.lost[landing.Index] = head
			continue
		}
		if !l.mark(head, landing.Index, last) {
			l.unordered[landing.Index] = last
			continue
		}
		last = head
	}
}

// mark anchors what head contains and no earlier landing knew, and reports
// whether it contains last.
func (l *ledger) mark(head git.OID, index int, last git.OID) bool {
	contains := last == ""
	queue := []git.OID{head}
	for len(queue) > 0 {
		id := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		contains = contains || id == last
		c := l.commits[id]
		if c == nil || c.anchor != history.Unanchored {
			continue
		}
		c.anchor = index
		queue = append(queue, c.parents...)
	}
	return contains
}
