package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gitsm/gitsm/internal/git"
)

// MergeTree merges two commits and returns the tree, stored, of the outcome.
// *git.ConflictError names the paths that both changed and that cannot be
// brought together. Nothing is checked out.
//
// A decision rests on this tree, so every clone has to get the same one. `git
// merge-tree` does not promise that: it takes a file that went and one that came
// for a rename when they look alike, and would carry an edit of the one over to
// the other (merge.renames=false is ignored before git 2.50), and it reads
// attributes and merge drivers that other clones lack. Here a path is a path;
// only lines within one file are merged by git.
func (r *Repo) MergeTree(ctx context.Context, ours, theirs git.OID) (git.OID, error) {
	if err := r.checkCommits(ours, theirs); err != nil {
		return "", fmt.Errorf("merging: %w", err)
	}
	m := &merger{looseShelf: looseShelf{ctx: ctx, repo: r}}
	tree, err := m.commits(ours, theirs)
	if err != nil {
		return "", fmt.Errorf("merging %s and %s: %w", shown(ours), shown(theirs), err)
	}
	return tree, storeLoose(r.objectDir, m.pending...)
}

// merger merges trees and collects what the outcome newly holds.
type merger struct {
	looseShelf
	conflicts []string
}

func (m *merger) commits(ours, theirs git.OID) (git.OID, error) {
	base, err := m.base(ours, theirs)
	if err != nil {
		return "", err
	}
	var trees [2]git.OID
	for i, id := range []git.OID{ours, theirs} {
		c, err := m.repo.Commit(m.ctx, id)
		if err != nil {
			return "", err
		}
		trees[i] = c.Tree
	}
	merged, err := m.tree("", base, trees[0], trees[1])
	switch {
	case err != nil:
		return "", err
	case len(m.conflicts) > 0:
		slices.Sort(m.conflicts)
		return "", &git.ConflictError{Paths: slices.Compact(m.conflicts)}
	case merged == "":
		return m.put("tree", nil), nil
	}
	return merged, nil
}

// base returns the tree that both sides began with. After two branches have
// merged each other crosswise there are two, which are merged themselves.
func (m *merger) base(ours, theirs git.OID) (git.OID, error) {
	bases, err := m.repo.mergeBases(m.ctx, ours, theirs)
	switch {
	case err != nil:
		return "", err
	case len(bases) == 0:
		return "", errors.New("they have no common ancestor")
	case len(bases) > 1:
		return m.repo.merged(m.ctx, bases)
	}
	c, err := m.repo.Commit(m.ctx, bases[0])
	if err != nil {
		return "", err
	}
	return c.Tree, nil
}

// tree merges one directory; "" is one that is not there.
func (m *merger) tree(path string, base, ours, theirs git.OID) (git.OID, error) {
	switch {
	case ours == theirs || theirs == base:
		return ours, nil
	case ours == base:
		return theirs, nil
	}
	var sides [3][]TreeEntry
	names := map[string]bool{}
	for i, id := range []git.OID{base, ours, theirs} {
		if id == "" {
			continue
		}
		var err error
		if sides[i], err = m.repo.objects.tree(m.ctx, id); err != nil {
			return "", err
		}
		for _, e := range sides[i] {
			names[e.Name] = true
		}
	}
	var merged []TreeEntry
	for name := range names {
		var e [3]TreeEntry
		for i := range sides {
			e[i], _ = find(sides[i], name)
		}
		out, err := m.entry(path+name, e[0], e[1], e[2])
		if err != nil {
			return "", err
		}
		if out.OID != "" {
			out.Name = name
			merged = append(merged, out)
		}
	}
	if len(merged) == 0 {
		return "", nil
	}
	d, err := m.putTree(newDirectory("", merged), nil)
	return d.id, err
}

// entry merges what stands under one name; no OID is nothing. What is a
// directory and what is not are merged apart: if both remain they conflict.
func (m *merger) entry(path string, base, ours, theirs TreeEntry) (TreeEntry, error) {
	switch {
	case ours == theirs || theirs == base:
		return ours, nil
	case ours == base:
		return theirs, nil
	}
	dir, err := m.tree(path+"/", base.treeID(), ours.treeID(), theirs.treeID())
	if err != nil {
		return TreeEntry{}, err
	}
	leaf, err := m.leaf(path, base.leaf(), ours.leaf(), theirs.leaf())
	switch {
	case err != nil || dir == "":
		return leaf, err
	case leaf.OID != "":
		return m.conflict(path), nil
	}
	return TreeEntry{Mode: modeTree, OID: dir}, nil
}

func (e TreeEntry) treeID() git.OID {
	if e.isTree() {
		return e.OID
	}
	return ""
}

func (e TreeEntry) leaf() TreeEntry {
	if e.isTree() {
		return TreeEntry{}
	}
	return e
}

func (m *merger) conflict(path string) TreeEntry {
	m.conflicts = append(m.conflicts, path)
	return TreeEntry{}
}

// leaf merges what is not a directory.
func (m *merger) leaf(path string, base, ours, theirs TreeEntry) (TreeEntry, error) {
	switch {
	case ours == theirs || theirs == base:
		return ours, nil
	case ours == base:
		return theirs, nil
	case !ours.isFile() || !theirs.isFile(): // gone on one side, or a link
		return m.conflict(path), nil
	}
	mode, ok := pick(base.Mode, ours.Mode, theirs.Mode)
	if !ok {
		return m.conflict(path), nil
	}
	if id, ok := pick(base.OID, ours.OID, theirs.OID); ok {
		return TreeEntry{Mode: mode, OID: id}, nil
	}
	if !base.isFile() { // both added it
		return m.conflict(path), nil
	}
	data, ok, err := m.lines(base.OID, ours.OID, theirs.OID)
	if err != nil {
		return TreeEntry{}, fmt.Errorf("merging %s: %w", path, err)
	}
	if !ok {
		return m.conflict(path), nil
	}
	return TreeEntry{Mode: mode, OID: m.put("blob", data)}, nil
}

// pick returns the value on which both sides agree, or that of the only side
// that changed it.
func pick[T comparable](base, ours, theirs T) (T, bool) {
	switch {
	case ours == theirs || theirs == base:
		return ours, true
	case ours == base:
		return theirs, true
	}
	return base, false
}

// lines merges the lines of a file with git; ok is false when they conflict.
func (m *merger) lines(base, ours, theirs git.OID) (merged []byte, ok bool, err error) {
	dir, err := os.MkdirTemp("", "gitsm-merge-*")
	if err != nil {
		return nil, false, err
	}
	defer os.RemoveAll(dir)
	for name, id := range map[string]git.OID{"base": base, "ours": ours, "theirs": theirs} {
		data, err := m.repo.objects.blob(m.ctx, id)
		if err != nil {
			return nil, false, err
		}
		if bytes.IndexByte(data, 0) >= 0 {
			return nil, false, nil // not lines
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return nil, false, err
		}
	}
	c := m.repo.git("merge-file", "-p", "--quiet", "ours", "base", "theirs")
	c.dir = dir
	merged, err = c.run(m.ctx)
	if code := exitCode(err); code > 0 && code < fatal { // the number of conflicts
		return nil, false, nil
	}
	return merged, err == nil, err
}
