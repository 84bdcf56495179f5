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

// growth is one commit of the evidence branch.
type growth struct {
	parents []git.OID
	anchor  int // first landing that commits to it
}

// item is a statement with its place in the branch.
type item struct {
	*evidence.Entry
	commit git.OID // that added it
	anchor int     // index of the first landing that commits to it
}

// problem is a file that is no statement.
type problem struct {
	path string
	err  error
}

// readLedger reads the whole branch: its log once, every statement once.
func readLedger(ctx context.Context, repo Repo, heads []git.OID, workers int) (*ledger, error) {
	l := &ledger{
		heads: heads, commits: map[git.OID]*growth{}, byRecord: map[string][]*item{}, byPath: map[string]*item{},
		lost: map[int]git.OID{}, unordered: map[int]git.OID{},
	}
	if len(heads) == 0 {
		return l, nil
	}
	added, err := l.grow(ctx, repo)
	if err != nil {
		return nil, err
	}
	for _, head := range heads {
		fsys, err := repo.FS(ctx, head)
		if err != nil {
			return nil, fmt.Errorf("reading the evidence: %w", err)
		}
		if err := l.readAll(ctx, fsys, added, workers); err != nil {
			return nil, err
		}
	}
	l.arrange()
	return l, nil
}

// grow reads the branch's log: which commit added what, and what was done that
// never is. A merge is compared with each of its parents, or it could drop
// what the second brought.
func (l *ledger) grow(ctx context.Context, repo Repo) (added map[string]git.OID, err error) {
	var entries []*git.LogEntry
	for e, err := range repo.Log(ctx, git.LogOptions{From: l.heads}) {
		if err != nil {
			return nil, fmt.Errorf("reading the history of the evidence: %w", err)
		}
		entries = append(entries, e)
	}
	slices.Reverse(entries)
	added = map[string]git.OID{}
	var steps []evidence.Step
	for _, e := range entries {
		l.commits[e.OID] = &growth{parents: e.Parents, anchor: history.Unanchored}
		if len(e.Parents) == 0 {
			l.roots = append(l.roots, e.OID)
		}
		for _, c := range e.Changes {
			if _, known := added[c.Path]; !known && c.OldBlob == "" {
				added[c.Path] = e.OID
			}
		}
		more, err := stepsOf(ctx, repo, e)
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	l.tampers = evidence.CheckAppendOnly(steps)
	return added, nil
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

// readAll reads the statements at one head, record by record on all cores.
func (l *ledger) readAll(ctx context.Context, fsys fs.FS, added map[string]git.OID, workers int) error {
	dirs, err := fs.ReadDir(fsys, "evidence")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the evidence: %w", err)
	}
	if l.readme, err = fs.ReadFile(fsys, "README.md"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the evidence: %w", err)
	}
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
			if l.byPath[e.Path] == nil {
				l.byPath[e.Path] = &item{Entry: e, commit: added[e.Path], anchor: history.Unanchored}
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

// arrange sorts what the workers brought.
func (l *ledger) arrange() {
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

// statements puts the evidence in the order of main's line and says what of it
// history needs to know.
func (l *ledger) statements(line []*history.Landing) []history.Statement {
	l.anchorTo(line)
	out := make([]history.Statement, 0, len(l.items))
	for _, it := range l.items {
		if c := l.commits[it.commit]; c != nil {
			it.anchor = c.anchor
		}
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
		s.Base, s.Head, s.Commit = p.Merge.Base, p.Merge.Head, p.Merge.Commit
	}
	return s
}

// anchorTo finds the first landing that commits to each commit of the branch.
// A landing names the evidence it knew by hash, so what is anchored to it
// existed before it, whatever any clock says. Each commit is visited once.
func (l *ledger) anchorTo(line []*history.Landing) {
	last := git.OID("")
	for _, landing := range line {
		head := landing.EvidenceHead
		switch {
		case head == "" || len(l.heads) == 0:
			continue
		case l.commits[head] == nil:
			l.lost[landing.Index] = head
			continue
		case head == last:
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

// of returns the statements about one record of one kind, oldest first.
func (l *ledger) of(kind, id string) []*item {
	var out []*item
	for _, it := range l.byRecord[id] {
		if k := it.Statement.Predicate.Record.Kind; k == "" || k == kind {
			out = append(out, it)
		}
	}
	return out
}
