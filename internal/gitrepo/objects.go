package gitrepo

import (
	"context"
	"fmt"
	"sync"

	"github.com/gitsm/gitsm/internal/git"
)

// treeMemoLimit bounds, in entries, the trees that are kept: about 100 MB.
const treeMemoLimit = 1 << 20

// objects reads a repository's objects and remembers its trees by id, since
// neighbouring commits share nearly all of them.
type objects struct {
	format  *format
	backend backend

	mu      sync.Mutex
	trees   map[git.OID][]TreeEntry
	entries int
}

func (o *objects) close() error { return o.backend.close() }

// read returns an object of any kind. Its id is computed again: what gitsm
// concludes from an object, it concludes from these bytes, whoever may have had
// write access to the object store.
func (o *objects) read(ctx context.Context, id git.OID) (object, error) {
	if err := o.format.check("object", id); err != nil {
		return object{}, err
	}
	got, err := o.backend.read(ctx, id)
	if err != nil {
		return object{}, err
	}
	if got.proved {
		return got, nil
	}
	if is := o.format.id(got.kind, got.data); is != id {
		return object{}, fmt.Errorf("%s is damaged or was tampered with: its content has the id %s; run git fsck", id, is)
	}
	return got, nil
}

// typed returns the content of the object id, which must be of the given kind.
func (o *objects) typed(ctx context.Context, kind string, id git.OID) ([]byte, error) {
	got, err := o.read(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", kind, err)
	}
	if got.kind != kind {
		return nil, fmt.Errorf("reading %s %s: it is a %s", kind, id, got.kind)
	}
	return got.data, nil
}

// tree returns the entries of a tree, sorted by name. Nobody may change them.
func (o *objects) tree(ctx context.Context, id git.OID) ([]TreeEntry, error) {
	if id == o.format.emptyTree {
		return nil, nil // git knows it even where no such object is stored
	}
	o.mu.Lock()
	entries, ok := o.trees[id]
	o.mu.Unlock()
	if ok {
		return entries, nil
	}
	data, err := o.typed(ctx, "tree", id)
	if err != nil {
		return nil, err
	}
	if entries, err = parseTree(o.format, data); err != nil {
		return nil, fmt.Errorf("reading tree %s: %w", id, err)
	}
	o.remember(id, entries)
	return entries, nil
}

// remember keeps a tree. When too much is kept everything is forgotten, which
// costs one more reading and needs no bookkeeping.
func (o *objects) remember(id git.OID, entries []TreeEntry) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.trees == nil || o.entries > treeMemoLimit {
		o.trees, o.entries = map[git.OID][]TreeEntry{}, 0
	}
	o.trees[id] = entries
	o.entries += len(entries) + 1
}

// lookup returns the entry of a tree that is called name.
func (o *objects) lookup(ctx context.Context, tree git.OID, name string) (TreeEntry, bool, error) {
	entries, err := o.tree(ctx, tree)
	if err != nil {
		return TreeEntry{}, false, err
	}
	e, ok := find(entries, name)
	return e, ok, nil
}

func (o *objects) blob(ctx context.Context, id git.OID) ([]byte, error) {
	return o.typed(ctx, "blob", id)
}

func (o *objects) size(ctx context.Context, id git.OID) (int64, error) {
	size, err := o.backend.size(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("measuring blob: %w", err)
	}
	return size, nil
}

// Blob returns the content of a blob.
func (r *Repo) Blob(ctx context.Context, id git.OID) ([]byte, error) {
	return r.objects.blob(ctx, id)
}
