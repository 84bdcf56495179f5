package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// WriteCommit stores a commit and what it newly holds, and moves no ref. Only
// the trees along the edited paths are built, and no process is started for
// it: loose objects written here took 1 to 2 ms where mktree, hash-object and
// commit-tree took 13 ms in a store of 14,000 files.
func (r *Repo) WriteCommit(ctx context.Context, spec git.CommitSpec) (git.OID, error) {
	w := &treeWriter{ctx: ctx, format: r.format, src: r.objects}
	tree, err := r.treeOf(ctx, w, spec)
	if err != nil {
		return "", fmt.Errorf("writing a commit: %w", err)
	}
	for _, p := range spec.Parents {
		if _, err := r.objects.typed(ctx, "commit", p); err != nil {
			return "", fmt.Errorf("writing a commit: parent: %w", err)
		}
	}
	raw, err := encodeCommit(r.format, tree, spec)
	if err != nil {
		return "", fmt.Errorf("writing a commit: %w", err)
	}
	id := w.add("commit", raw)
	for _, o := range w.pending {
		if err := storeLoose(r.objectDir, o); err != nil {
			return "", fmt.Errorf("writing a commit: %w", err)
		}
	}
	for tree, entries := range w.trees {
		r.objects.remember(tree, entries)
	}
	return id, nil
}

// treeOf returns the id of the tree that spec describes.
func (r *Repo) treeOf(ctx context.Context, w *treeWriter, spec git.CommitSpec) (git.OID, error) {
	if spec.Tree != "" {
		if spec.Base != "" || len(spec.Files) > 0 {
			return "", errors.New("give a tree, or a base and files, not both")
		}
		_, err := r.objects.tree(ctx, spec.Tree)
		return spec.Tree, err
	}
	base := git.OID("")
	if spec.Base != "" {
		c, err := r.Commit(ctx, spec.Base)
		if err != nil {
			return "", err
		}
		base = c.Tree
	}
	root, err := planEdits(spec.Files)
	if err != nil {
		return "", err
	}
	tree, err := w.apply("", base, root)
	if err == nil && tree == "" {
		tree = w.add("tree", nil)
	}
	return tree, err
}

// plan is the edits below one directory.
type plan struct {
	edit *git.FileEdit // of a file
	dirs map[string]*plan
}

// planEdits sorts edits into directories and refuses unsafe and ambiguous paths.
func planEdits(files []git.FileEdit) (*plan, error) {
	root := &plan{dirs: map[string]*plan{}}
	for i := range files {
		if err := checkPath(files[i].Path); err != nil {
			return nil, err
		}
		at := root
		parts := strings.Split(files[i].Path, "/")
		for j, part := range parts {
			next := at.dirs[part]
			switch {
			case next == nil && j == len(parts)-1:
				next = &plan{edit: &files[i]}
				at.dirs[part] = next
			case next == nil:
				next = &plan{dirs: map[string]*plan{}}
				at.dirs[part] = next
			case next.edit != nil || j == len(parts)-1:
				return nil, fmt.Errorf("path %q is edited twice, or is both a file and a directory", files[i].Path)
			}
			at = next
		}
	}
	return root, nil
}

// treeWriter builds trees and collects what has to be stored.
type treeWriter struct {
	ctx     context.Context //nolint:containedctx // lives for one call
	format  *format
	src     source
	pending []looseObject
	trees   map[git.OID][]TreeEntry
}

func (w *treeWriter) add(kind string, data []byte) git.OID {
	id := w.format.id(kind, data)
	w.pending = append(w.pending, looseObject{id, kind, data})
	return id
}

// apply edits the tree base ("" where there is none) and returns the id of the
// outcome, "" when nothing is left in it.
func (w *treeWriter) apply(dir string, base git.OID, p *plan) (git.OID, error) {
	var entries []TreeEntry
	if base != "" {
		old, err := w.src.tree(w.ctx, base)
		if err != nil {
			return "", err
		}
		entries = slices.Clone(old)
	}
	changed := false
	for _, name := range slices.Sorted(maps.Keys(p.dirs)) {
		i, ok := slices.BinarySearchFunc(entries, name, func(e TreeEntry, n string) int { return strings.Compare(e.Name, n) })
		var old *TreeEntry
		if ok {
			old = &entries[i]
		}
		now, err := w.entry(dir+name, old, p.dirs[name])
		if err != nil {
			return "", err
		}
		now.Name = name
		switch {
		case ok && now.OID == "":
			entries, changed = slices.Delete(entries, i, i+1), true
		case ok && *old != now:
			entries[i], changed = now, true
		case !ok && now.OID != "":
			entries, changed = slices.Insert(entries, i, now), true
		}
	}
	if !changed {
		return base, nil
	}
	return w.store(entries), nil
}

func (w *treeWriter) store(entries []TreeEntry) git.OID {
	if len(entries) == 0 {
		return ""
	}
	id := w.add("tree", encodeTree(entries))
	if w.trees == nil {
		w.trees = map[git.OID][]TreeEntry{}
	}
	w.trees[id] = entries
	return id
}

// entry returns what old (nil where there is nothing) becomes; no OID means
// that it is gone.
func (w *treeWriter) entry(path string, old *TreeEntry, p *plan) (TreeEntry, error) {
	if p.edit == nil {
		if old != nil && !old.isTree() {
			return TreeEntry{}, fmt.Errorf("path %q is no directory, and is not written through", path)
		}
		base := git.OID("")
		if old != nil {
			base = old.OID
		}
		id, err := w.apply(path+"/", base, p)
		return TreeEntry{Mode: modeTree, OID: id}, err
	}
	switch {
	case old != nil && !old.isFile():
		return TreeEntry{}, fmt.Errorf("path %q is a directory, a symbolic link or a submodule, not a file", path)
	case p.edit.Delete && old == nil:
		return TreeEntry{}, fmt.Errorf("path %q cannot be deleted: %w", path, fs.ErrNotExist)
	case p.edit.Delete:
		return TreeEntry{}, nil
	}
	mode := uint32(modeFile)
	if old != nil {
		mode = old.Mode
	}
	return TreeEntry{Mode: mode, OID: w.add("blob", p.edit.Content)}, nil
}
