package gitrepo

import (
	"errors"
	"fmt"

	"github.com/gitsm/gitsm/internal/git"
)

// draftLimit bounds the trees that were asked for and that no commit took.
const draftLimit = 4096

// draft is a tree in memory that reaches the pack with the first commit that
// has it, so that no pack holds what nothing leads to.
type draft struct{ dir, old *directory }

// Tree returns the tree of a commit with files edited, as a merge needs it that
// may come to nothing. It can be read and committed at once; when thousands of
// others were asked for since, it is forgotten.
func (b *Bulk) Tree(base git.OID, files []git.FileEdit) (git.OID, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.failed != nil:
		return "", b.failed
	case b.closed:
		return "", errors.New("writing in bulk: it is closed")
	}
	if len(b.drafts) > draftLimit {
		clear(b.drafts)
	}
	tree, err := b.treeOf(base)
	if err != nil {
		return "", fmt.Errorf("writing in bulk: base: %w", err)
	}
	old, err := b.directory(tree)
	if err != nil {
		return "", fmt.Errorf("writing in bulk: %w", err)
	}
	d, err := applyEdits(draftShelf{b}, old, files)
	if err == nil && d == nil {
		d, err = draftShelf{b}.putTree(&directory{}, nil)
	}
	if err != nil {
		return "", fmt.Errorf("writing in bulk: %w", err)
	}
	return d.id, nil
}

// draftShelf keeps edited trees out of the pack. Files go in: a merge edits
// with what is there already.
type draftShelf struct{ *Bulk }

func (s draftShelf) putTree(d, old *directory) (*directory, error) {
	s.now = d.encode(s.now[:0])
	d.id = s.repo.format.id("tree", s.now)
	if known, ok := s.trees[d.id]; ok {
		return known, nil
	}
	if known, ok := s.drafts[d.id]; ok {
		return known.dir, nil
	}
	s.drafts[d.id] = draft{d, old}
	return d, nil
}

// keep puts a draft, with the drafts within it, into the pack.
func (b *Bulk) keep(id git.OID) error {
	t, ok := b.drafts[id]
	if !ok {
		return nil
	}
	delete(b.drafts, id)
	for n := range t.dir.all() {
		if !n.isTree() {
			continue
		}
		if err := b.keep(n.OID); err != nil {
			return err
		}
	}
	_, err := b.putTree(t.dir, t.old)
	return err
}
