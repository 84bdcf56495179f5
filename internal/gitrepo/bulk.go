package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/gitsm/gitsm/internal/git"
)

// Bulk writes long histories: tens of thousands of commits whose ids are known
// at once, and whose objects reach the repository together, in one pack, when
// it is closed. Its bytes depend on what it was given alone.
//
// Every commit's tree stays in memory until Close, one version sharing what it
// has in common with the others. A Bulk may be read while it is written.
type Bulk struct {
	ctx  context.Context // lives from NewBulk to Close
	repo *Repo

	mu      sync.Mutex
	spool   *packSpool
	failed  error                  // what went wrong first; nothing works after it
	closed  bool                   // git has it all now
	commits map[git.OID]git.OID    // to trees
	trees   map[git.OID]*directory // of this bulk, and those it loaded
	blobs   map[git.OID]packed
	drafts  map[git.OID]draft

	encodings encodings
	now       []byte // buffer
}

// NewBulk begins a bulk in a sha1 repository. Close it, also after an error.
func NewBulk(ctx context.Context, repo *Repo) *Bulk {
	b := &Bulk{ctx: ctx, repo: repo, commits: map[git.OID]git.OID{}, trees: map[git.OID]*directory{}, blobs: map[git.OID]packed{}, drafts: map[git.OID]draft{}}
	if repo.format != sha1Format {
		b.failed = fmt.Errorf("writing in bulk: %s repositories are not supported", repo.format.name)
		return b
	}
	if b.spool, b.failed = newPackSpool(repo.objectDir); b.failed != nil {
		b.failed = fmt.Errorf("writing in bulk: %w", b.failed)
	}
	return b
}

// Commit adds a commit. Its base and parents are commits of the bulk or of the
// repository.
func (b *Bulk) Commit(spec git.CommitSpec) (git.OID, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed != nil {
		return "", b.failed
	}
	if b.closed {
		return "", errors.New("writing in bulk: it is closed")
	}
	if err := b.ctx.Err(); err != nil {
		return "", err
	}
	id, err := b.commit(spec)
	if err != nil {
		return "", fmt.Errorf("writing in bulk: %w", err)
	}
	return id, nil
}

func (b *Bulk) commit(spec git.CommitSpec) (git.OID, error) {
	for _, p := range spec.Parents {
		if _, err := b.treeOf(p); err != nil {
			return "", fmt.Errorf("parent: %w", err)
		}
	}
	tree, err := b.edit(spec)
	if err != nil {
		return "", err
	}
	raw, err := encodeCommit(b.repo.format, tree, spec)
	if err != nil {
		return "", err
	}
	id := b.repo.format.id("commit", raw)
	if _, ok := b.commits[id]; ok {
		return id, nil
	}
	if _, err := b.put("commit", raw); err != nil {
		return "", err
	}
	b.commits[id] = tree
	return id, nil
}

// edit returns the id of the tree that spec describes.
func (b *Bulk) edit(spec git.CommitSpec) (git.OID, error) {
	if spec.Tree != "" {
		if err := onlyTree(spec); err != nil {
			return "", err
		}
		if err := b.keep(spec.Tree); err != nil {
			return "", err
		}
		_, err := b.directory(spec.Tree)
		return spec.Tree, err
	}
	var base *directory
	if spec.Base != "" {
		tree, err := b.treeOf(spec.Base)
		if err != nil {
			return "", fmt.Errorf("base: %w", err)
		}
		if base, err = b.directory(tree); err != nil {
			return "", err
		}
	}
	d, err := applyEdits(b, base, spec.Files)
	if err == nil && d == nil {
		d, err = b.putTree(&directory{}, nil)
	}
	if err != nil {
		return "", err
	}
	return d.id, nil
}

// treeOf returns the tree of a commit of the bulk or of the repository.
func (b *Bulk) treeOf(commit git.OID) (git.OID, error) {
	if tree, ok := b.commits[commit]; ok {
		return tree, nil
	}
	c, err := b.repo.Commit(b.ctx, commit)
	if err != nil {
		return "", err
	}
	b.commits[commit] = c.Tree
	return c.Tree, nil
}

// put appends an object; an error here leaves the pack half written.
func (b *Bulk) put(kind string, data []byte) (packed, error) {
	at, err := b.spool.put(kind, data)
	if err != nil {
		b.failed = fmt.Errorf("writing in bulk: %w", err)
	}
	return at, err
}

func (b *Bulk) directory(id git.OID) (*directory, error) {
	if d, ok := b.trees[id]; ok {
		return d, nil
	}
	if t, ok := b.drafts[id]; ok {
		return t.dir, nil
	}
	entries, err := b.repo.objects.tree(b.ctx, id)
	if err != nil {
		return nil, err
	}
	d := newDirectory(id, entries)
	b.trees[id] = d
	return d, nil
}

func (b *Bulk) putBlob(data []byte) (git.OID, error) {
	id := b.repo.format.id("blob", data)
	if _, ok := b.blobs[id]; ok {
		return id, nil
	}
	at, err := b.put("blob", data)
	if err == nil {
		b.blobs[id] = at
	}
	return id, err
}

// putTree writes a tree as its difference from the version before it: one entry
// of 60 bytes where the tree may have 50 KB.
func (b *Bulk) putTree(d, old *directory) (*directory, error) {
	v := b.encodings.next(d, old)
	d.id = b.repo.format.id("tree", v.now)
	defer b.encodings.keep(d.id, v.now)
	if known, ok := b.trees[d.id]; ok {
		return known, nil
	}
	var err error
	if old != nil && old.packed.offset > 0 && old.packed.depth < deltaDepthLimit {
		if diff := replacing(v.before, v.now, v.head, v.tail); len(diff) < len(v.now)/2 {
			if d.packed, err = b.spool.putDelta(old.packed, diff, len(v.now)); err != nil {
				b.failed = fmt.Errorf("writing in bulk: %w", err)
			}
			b.trees[d.id] = d
			return d, err
		}
	}
	d.packed, err = b.put("tree", v.now)
	b.trees[d.id] = d
	return d, err
}

// Forget says that nobody will read the files of a commit of the bulk before
// Close, nor write another on top of it. Of an append-only branch only the last
// version is ever read, and with thousands of entries the others take most of
// the memory. Small directories, which other commits may share, are kept.
func (b *Bulk) Forget(commit git.OID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	tree, ok := b.commits[commit]
	if d := b.trees[tree]; ok && d != nil {
		b.forget(d)
		delete(b.trees, tree)
	}
}

func (b *Bulk) forget(d *directory) {
	for n := range d.all() {
		if n.dir != nil && len(n.dir.chunks) > 1 {
			b.forget(n.dir)
			delete(b.trees, n.dir.id)
		}
	}
}

// Supersede says that nobody will read the directories of a commit that the
// next one has changed, nor write on top of them, and that no other commit has
// them: of a line of commits that only grows, the last is all that is kept in
// memory.
func (b *Bulk) Supersede(commit, next git.OID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if tree, is := b.commits[commit], b.commits[next]; tree != is {
		b.supersede(b.trees[tree], b.trees[is])
	}
}

func (b *Bulk) supersede(was, is *directory) {
	if was == nil || is == nil {
		return
	}
	for n := range was.all() {
		if other, ok := is.find(n.Name); n.isTree() && ok && other.OID != n.OID {
			b.supersede(b.trees[n.OID], b.trees[other.OID])
		}
	}
	delete(b.trees, was.id)
}

// FS returns the files of a commit, or of a tree, of the bulk or of the
// repository. It stays valid after Close.
func (b *Bulk) FS(commitOrTree git.OID) (fs.FS, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	tree, ok := b.commits[commitOrTree]
	_, isTree := b.trees[commitOrTree]
	if _, isDraft := b.drafts[commitOrTree]; isTree || isDraft {
		tree, ok = commitOrTree, true
	}
	if !ok {
		var err error
		if tree, err = b.repo.treeOf(b.ctx, commitOrTree); err != nil {
			return nil, fmt.Errorf("reading a bulk: %w", err)
		}
	}
	return newFS(b.ctx, bulkSource{b}, tree), nil
}

// Close hands all objects to git, which computes every id once more, and ends
// the bulk. Refs are the caller's to set.
func (b *Bulk) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || b.spool == nil {
		return b.failed
	}
	b.closed = true
	if b.failed == nil && b.spool.count > 0 {
		b.failed = b.index()
	}
	if err := b.spool.discard(); b.failed == nil {
		b.failed = err
	}
	return b.failed
}

func (b *Bulk) index() error {
	pack, err := b.spool.pack()
	if err != nil {
		return fmt.Errorf("writing in bulk: %w", err)
	}
	c := b.repo.git("index-pack", "--stdin")
	c.stdin = pack
	if _, err := c.run(b.ctx); err != nil {
		return fmt.Errorf("writing in bulk: %w", err)
	}
	return nil
}

// bulkSource reads a Bulk, from memory and from its spool.
type bulkSource struct{ b *Bulk }

func (s bulkSource) lookup(_ context.Context, tree git.OID, name string) (TreeEntry, bool, error) {
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	d, err := s.b.directory(tree)
	if err != nil {
		return TreeEntry{}, false, err
	}
	n, ok := d.find(name)
	if !ok {
		return TreeEntry{}, false, nil
	}
	return n.TreeEntry, true, nil
}

func (s bulkSource) tree(_ context.Context, id git.OID) ([]TreeEntry, error) {
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	d, err := s.b.directory(id)
	if err != nil {
		return nil, err
	}
	return d.entries(), nil
}

func (s bulkSource) blob(ctx context.Context, id git.OID) ([]byte, error) {
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	at, ok := s.b.blobs[id]
	if !ok || s.b.closed {
		return s.b.repo.objects.blob(ctx, id)
	}
	data, err := s.b.spool.read(at)
	if err != nil {
		return nil, fmt.Errorf("reading blob %s of a bulk: %w", id, err)
	}
	return data, nil
}

func (s bulkSource) size(ctx context.Context, id git.OID) (int64, error) {
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	if at, ok := s.b.blobs[id]; ok {
		return int64(at.size), nil
	}
	return s.b.repo.objects.size(ctx, id)
}
