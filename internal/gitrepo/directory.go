package gitrepo

import (
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/git"
)

// directory is one version of a directory, never changed once made. Versions
// share the chunks in which they agree, so that a history of 40,000 commits can
// keep every version of a folder with a thousand files in memory.
type directory struct {
	id     git.OID
	chunks [][]*node // in git's order of names; no chunk is empty
	packed packed    // where a Bulk put it
}

// node is an entry of a directory and, where it is a directory that was looked
// into, what is in that.
type node struct {
	TreeEntry
	dir *directory
}

// chunkLimit is the length at which a chunk is split: copying one is what an
// edit costs in memory.
const chunkLimit = 64

// newDirectory builds a directory from entries in any order.
func newDirectory(id git.OID, entries []TreeEntry) *directory {
	nodes := make([]*node, len(entries))
	for i, e := range entries {
		nodes[i] = &node{TreeEntry: e}
	}
	slices.SortFunc(nodes, func(a, b *node) int { return compareInTree(a.TreeEntry, b.TreeEntry) })
	d := &directory{id: id}
	for chunk := range slices.Chunk(nodes, chunkLimit/2) {
		d.chunks = append(d.chunks, chunk)
	}
	return d
}

// all yields the entries in git's order.
func (d *directory) all() iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for _, chunk := range d.chunks {
			for _, n := range chunk {
				if !yield(n) {
					return
				}
			}
		}
	}
}

// position returns where e is, or would have to be inserted.
func (d *directory) position(e TreeEntry) (chunk, i int, found bool) {
	chunk, found = slices.BinarySearchFunc(d.chunks, e, func(c []*node, e TreeEntry) int { return compareInTree(c[0].TreeEntry, e) })
	if found || chunk == 0 {
		return chunk, 0, found
	}
	i, found = slices.BinarySearchFunc(d.chunks[chunk-1], e, func(n *node, e TreeEntry) int { return compareInTree(n.TreeEntry, e) })
	return chunk - 1, i, found
}

// find returns the entry called name, whatever it is.
func (d *directory) find(name string) (*node, bool) {
	for _, mode := range []uint32{modeFile, modeTree} {
		if c, i, ok := d.position(TreeEntry{Name: name, Mode: mode}); ok {
			return d.chunks[c][i], true
		}
	}
	return nil, false
}

// with returns the directory with n in it, in place of its namesake.
func (d *directory) with(n *node) *directory {
	if len(d.chunks) == 0 {
		return &directory{chunks: [][]*node{{n}}}
	}
	c, i, found := d.position(n.TreeEntry)
	old := d.chunks[c]
	fresh := make([]*node, 0, len(old)+1)
	fresh = append(append(fresh, old[:i]...), n)
	if found {
		i++
	}
	fresh = append(fresh, old[i:]...)
	if len(fresh) <= chunkLimit {
		chunks := slices.Clone(d.chunks)
		chunks[c] = fresh
		return &directory{chunks: chunks}
	}
	half := len(fresh) / 2
	return &directory{chunks: slices.Concat(d.chunks[:c], [][]*node{fresh[:half:half], fresh[half:]}, d.chunks[c+1:])}
}

// without returns the directory without n, which is in it.
func (d *directory) without(n *node) *directory {
	c, i, _ := d.position(n.TreeEntry)
	if len(d.chunks[c]) == 1 {
		return &directory{chunks: slices.Concat(d.chunks[:c], d.chunks[c+1:])}
	}
	chunks := slices.Clone(d.chunks)
	chunks[c] = slices.Concat(d.chunks[c][:i], d.chunks[c][i+1:])
	return &directory{chunks: chunks}
}

// encode appends git's binary form.
func (d *directory) encode(out []byte) []byte {
	for n := range d.all() {
		out = appendEntry(out, n.TreeEntry)
	}
	return out
}

// entries returns the entries sorted by name.
func (d *directory) entries() []TreeEntry {
	var out []TreeEntry
	for n := range d.all() {
		out = append(out, n.TreeEntry)
	}
	slices.SortFunc(out, func(a, b TreeEntry) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// shelf is where edited trees come from and go to.
type shelf interface {
	// directory loads a tree.
	directory(id git.OID) (*directory, error)
	// putBlob takes in a file and returns its id.
	putBlob(data []byte) (git.OID, error)
	// putTree takes in a version of old (nil for a new directory), gives it its
	// id, and returns it or an equal one that was there already.
	putTree(d, old *directory) (*directory, error)
}

// plan is the edits below one directory, or of one file.
type plan struct {
	edit *git.FileEdit
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
			next, last := at.dirs[part], j == len(parts)-1
			switch {
			case next == nil && last:
				next = &plan{edit: &files[i]}
			case next == nil:
				next = &plan{dirs: map[string]*plan{}}
			case next.edit != nil || last:
				return nil, fmt.Errorf("path %q is edited twice, or is both a file and a directory", files[i].Path)
			}
			at.dirs[part] = next
			at = next
		}
	}
	return root, nil
}

// applyEdits returns the tree that edits make of base, which may be nil; the
// outcome is nil when nothing is left.
func applyEdits(s shelf, base *directory, files []git.FileEdit) (*directory, error) {
	root, err := planEdits(files)
	if err != nil {
		return nil, err
	}
	return editDirectory(s, "", base, root)
}

func editDirectory(s shelf, path string, old *directory, p *plan) (*directory, error) {
	now := old
	if now == nil {
		now = &directory{}
	}
	for _, name := range slices.Sorted(maps.Keys(p.dirs)) {
		was, _ := now.find(name)
		is, err := editEntry(s, path+name, was, p.dirs[name])
		if err != nil {
			return nil, err
		}
		switch {
		case is == nil && was != nil:
			now = now.without(was)
		case is != nil && (was == nil || is.TreeEntry != was.TreeEntry):
			now = now.with(is)
		}
	}
	switch {
	case len(now.chunks) == 0:
		return nil, nil
	case now == old:
		return old, nil
	}
	return s.putTree(now, old)
}

// editEntry returns what was (nil for nothing) becomes; nil means that it goes.
func editEntry(s shelf, path string, was *node, p *plan) (*node, error) {
	name := path[strings.LastIndexByte(path, '/')+1:]
	if p.edit == nil {
		dir, err := enter(s, path, was)
		if err != nil {
			return nil, err
		}
		if dir, err = editDirectory(s, path+"/", dir, p); dir == nil || err != nil {
			return nil, err
		}
		return &node{TreeEntry{name, modeTree, dir.id}, dir}, nil
	}
	mode := uint32(modeFile)
	switch {
	case was != nil && !was.isFile():
		return nil, fmt.Errorf("path %q is a directory, a symbolic link or a submodule, not a file", path)
	case p.edit.Delete && was == nil:
		return nil, fmt.Errorf("path %q cannot be deleted: %w", path, fs.ErrNotExist)
	case p.edit.Delete:
		return nil, nil
	case was != nil:
		mode = was.Mode
	}
	id, err := s.putBlob(p.edit.Content)
	return &node{TreeEntry: TreeEntry{name, mode, id}}, err
}

// enter returns the directory that an entry is, nil where there is none yet.
func enter(s shelf, path string, was *node) (*directory, error) {
	switch {
	case was == nil:
		return nil, nil
	case !was.isTree():
		return nil, fmt.Errorf("path %q is not a directory, and nothing is written through it", path)
	case was.dir != nil:
		return was.dir, nil
	}
	return s.directory(was.OID)
}
