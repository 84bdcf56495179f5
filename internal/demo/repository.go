package demo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
)

// Objects is where commits are written to. None of them has to reach a
// repository before the last one was made.
type Objects interface {
	// Commit writes a commit and returns its id.
	Commit(spec git.CommitSpec) (git.OID, error)
	// Tree returns the tree of a commit with files edited. It need not be stored
	// before a commit has it.
	Tree(base git.OID, files []git.FileEdit) (git.OID, error)
	// FS is the files of a commit or tree.
	FS(commitOrTree git.OID) (fs.FS, error)
	// Forget says that nobody reads the files of a commit any more.
	Forget(commit git.OID)
	// Supersede says it of what a commit has and the one after it has not.
	Supersede(commit, next git.OID)
}

// repository is what the verbs work on while a demo is made: objects wherever
// Objects keeps them, refs and ancestry in memory. It has no remote.
type repository struct {
	objects Objects
	refs    map[string]git.OID
	commits map[git.OID]*commit
	landed  map[git.OID]bool // reachable from main, as far as was asked
}

// commit is a commit with its place in the order of writing, in which parents
// come before their children.
type commit struct {
	git.Commit
	number  int
	base    git.OID          // the commit whose files it was made from, "" for a tree that was merged
	changes []git.FileChange // against base, sorted
}

func newRepository(objects Objects) *repository {
	return &repository{objects: objects, refs: map[string]git.OID{}, commits: map[git.OID]*commit{}, landed: map[git.OID]bool{}}
}

var errNoRemote = errors.New("a demo has no remote while it is made")

func (r *repository) Ref(_ context.Context, name string) (git.OID, error) { return r.refs[name], nil }

func (r *repository) Refs(_ context.Context, prefix string) ([]git.Ref, error) {
	var out []git.Ref
	for _, name := range slices.Sorted(maps.Keys(r.refs)) {
		if strings.HasPrefix(name, prefix) {
			out = append(out, git.Ref{Name: name, OID: r.refs[name]})
		}
	}
	return out, nil
}

func (r *repository) Commit(_ context.Context, id git.OID) (*git.Commit, error) {
	c, err := r.commit(id)
	if err != nil {
		return nil, err
	}
	return &c.Commit, nil
}

func (r *repository) commit(id git.OID) (*commit, error) {
	c, ok := r.commits[id]
	if !ok {
		return nil, fmt.Errorf("no commit %s was made", id)
	}
	return c, nil
}

func (r *repository) FS(_ context.Context, commitOrTree git.OID) (fs.FS, error) {
	return r.objects.FS(commitOrTree)
}

func (r *repository) WriteCommit(_ context.Context, spec git.CommitSpec) (git.OID, error) {
	id, err := r.objects.Commit(spec)
	if err != nil {
		return "", err
	}
	if _, again := r.commits[id]; again {
		return id, nil
	}
	fsys, err := r.objects.FS(id)
	if err != nil {
		return "", err
	}
	root, err := fs.Stat(fsys, ".")
	if err != nil {
		return "", fmt.Errorf("reading the tree of %s: %w", id, err)
	}
	c := &commit{number: len(r.commits), base: spec.Base, Commit: git.Commit{OID: id, Tree: objectID(root), Parents: slices.Clone(spec.Parents),
		Author: spec.Author, Committer: spec.Committer, Message: spec.Message}}
	if c.changes, err = r.edited(spec, fsys); err != nil {
		return "", err
	}
	r.commits[id] = c
	return id, nil
}

// begin writes the commit that everything grows from. What it has for parents
// is nobody's business here: to the verbs it is the first.
func (r *repository) begin(spec git.CommitSpec) (git.OID, error) {
	id, err := r.objects.Commit(spec)
	if err != nil {
		return "", err
	}
	fsys, err := r.objects.FS(id)
	if err != nil {
		return "", err
	}
	root, err := fs.Stat(fsys, ".")
	if err != nil {
		return "", fmt.Errorf("reading the tree of %s: %w", id, err)
	}
	r.commits[id] = &commit{number: len(r.commits), Commit: git.Commit{OID: id, Tree: objectID(root),
		Author: spec.Author, Committer: spec.Committer, Message: spec.Message}}
	return id, nil
}

func (r *repository) UpdateRefs(_ context.Context, _ string, updates []git.RefUpdate) error {
	for _, u := range updates {
		if r.refs[u.Name] != u.Old {
			return fmt.Errorf("moving %s: %w", u.Name, git.ErrStale)
		}
	}
	for _, u := range updates {
		if u.Name == evidenceRef && u.Old != "" {
			r.forget(u.Old, u.New)
		}
		if u.New == "" {
			delete(r.refs, u.Name)
			continue
		}
		r.refs[u.Name] = u.New
	}
	return nil
}

const evidenceRef = "refs/heads/" + evidence.Branch

// forget lets go of the evidence before now, back to was: only the newest is
// ever read.
func (r *repository) forget(was, now git.OID) {
	for id := now; id != was; {
		c := r.commits[id]
		if c == nil || len(c.Parents) != 1 {
			return
		}
		id = c.Parents[0]
		r.objects.Forget(id)
	}
}

// Shallow reports that nothing of the history is missing.
func (r *repository) Shallow() bool { return false }

func (r *repository) CheckedOut(context.Context, string) (bool, error) { return false, nil }

func (r *repository) Upstream(context.Context, string) (string, bool, error) { return "", false, nil }

func (r *repository) Fetch(context.Context, string, ...string) error { return errNoRemote }

func (r *repository) RemoteRefs(context.Context, string, ...string) ([]git.Ref, error) {
	return nil, errNoRemote
}

func (r *repository) Push(context.Context, string, []git.RefUpdate) error { return errNoRemote }

// Log lists commits with what they changed. Only first parents are followed,
// which is all that the verbs ask for.
func (r *repository) Log(ctx context.Context, opts git.LogOptions) iter.Seq2[*git.LogEntry, error] {
	return func(yield func(*git.LogEntry, error) bool) {
		if len(opts.From) != 1 || len(opts.Not) > 0 || !opts.FirstParent {
			yield(nil, errors.New("listing commits: only one line of first parents can be listed"))
			return
		}
		var entries []*git.LogEntry
		for id := opts.From[0]; id != ""; {
			e, err := r.entry(ctx, id)
			if err != nil {
				yield(nil, err)
				return
			}
			if touches(e.Changes, opts.Paths) {
				entries = append(entries, e)
			}
			id = firstParent(&e.Commit)
		}
		if opts.Reverse {
			slices.Reverse(entries)
		}
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (r *repository) entry(ctx context.Context, id git.OID) (*git.LogEntry, error) {
	c, err := r.commit(id)
	if err != nil {
		return nil, err
	}
	changes, err := r.Diff(ctx, firstParent(&c.Commit), id)
	return &git.LogEntry{Commit: c.Commit, Changes: changes}, err
}

func firstParent(c *git.Commit) git.OID {
	if len(c.Parents) == 0 {
		return ""
	}
	return c.Parents[0]
}

func touches(changes []git.FileChange, paths []string) bool {
	if len(paths) == 0 {
		return true
	}
	return slices.ContainsFunc(changes, func(c git.FileChange) bool {
		return slices.ContainsFunc(paths, func(p string) bool { return c.Path == p || strings.HasPrefix(c.Path, p+"/") })
	})
}

// objectID is the id of the file or directory behind info.
func objectID(info fs.FileInfo) git.OID {
	if o, ok := info.Sys().(interface{ OID() string }); ok {
		return o.OID()
	}
	return ""
}
