package gitrepo

import (
	"context"
	"errors"
	"fmt"

	"github.com/gitsm/gitsm/internal/git"
)

// WriteCommit stores a commit and what it newly holds, and moves no ref. Files
// that exist keep their mode, new ones are ordinary files; a directory goes
// with its last file. Only the trees along the edited paths are built, and no
// process is started for it.
func (r *Repo) WriteCommit(ctx context.Context, spec git.CommitSpec) (git.OID, error) {
	w := &looseShelf{ctx: ctx, repo: r}
	id, err := w.commit(spec)
	if err != nil {
		return "", fmt.Errorf("writing a commit: %w", err)
	}
	return id, nil
}

// looseShelf collects what one commit adds and stores it as loose objects.
type looseShelf struct {
	ctx     context.Context // lives for one call
	repo    *Repo
	pending []looseObject
}

func (w *looseShelf) commit(spec git.CommitSpec) (git.OID, error) {
	tree, err := w.tree(spec)
	if err != nil {
		return "", err
	}
	for _, p := range spec.Parents {
		if _, err := w.repo.objects.typed(w.ctx, "commit", p); err != nil {
			return "", err
		}
	}
	raw, err := encodeCommit(w.repo.format, tree, spec)
	if err != nil {
		return "", err
	}
	id := w.put("commit", raw)
	// What is pointed to is stored before what points to it.
	return id, storeLoose(w.repo.objectDir, w.pending...)
}

// tree returns the id of the tree that spec describes.
func (w *looseShelf) tree(spec git.CommitSpec) (git.OID, error) {
	if spec.Tree != "" {
		if err := onlyTree(spec); err != nil {
			return "", err
		}
		_, err := w.repo.objects.tree(w.ctx, spec.Tree)
		return spec.Tree, err
	}
	var base *directory
	if spec.Base != "" {
		c, err := w.repo.Commit(w.ctx, spec.Base)
		if err != nil {
			return "", err
		}
		if base, err = w.directory(c.Tree); err != nil {
			return "", err
		}
	}
	d, err := applyEdits(w, base, spec.Files)
	switch {
	case err != nil:
		return "", err
	case d == nil:
		return w.put("tree", nil), nil
	}
	return d.id, nil
}

func onlyTree(spec git.CommitSpec) error {
	if spec.Base != "" || len(spec.Files) > 0 {
		return errors.New("give a tree, or a base and files, not both")
	}
	return nil
}

func (w *looseShelf) put(kind string, data []byte) git.OID {
	id := w.repo.format.id(kind, data)
	w.pending = append(w.pending, looseObject{id, kind, data})
	return id
}

func (w *looseShelf) directory(id git.OID) (*directory, error) {
	entries, err := w.repo.objects.tree(w.ctx, id)
	if err != nil {
		return nil, err
	}
	return newDirectory(id, entries), nil
}

func (w *looseShelf) putBlob(data []byte) (git.OID, error) { return w.put("blob", data), nil }

func (w *looseShelf) putTree(d, _ *directory) (*directory, error) {
	d.id = w.put("tree", d.encode(nil))
	return d, nil
}
