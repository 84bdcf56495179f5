package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/git"
)

// source is what a file system reads: the objects of a repository, or those of
// a Bulk that git has not seen yet.
type source interface {
	lookup(ctx context.Context, tree git.OID, name string) (TreeEntry, bool, error)
	tree(ctx context.Context, id git.OID) ([]TreeEntry, error)
	blob(ctx context.Context, id git.OID) ([]byte, error)
	size(ctx context.Context, id git.OID) (int64, error)
}

// Object is what FileInfo.Sys returns in the file systems of this package.
type Object struct{ id git.OID }

// OID is the id of the file's blob, of the directory's tree, or of the commit
// that a submodule stands at.
func (o Object) OID() git.OID { return o.id }

var (
	errSymlink   = errors.New("is a symbolic link; links are not followed")
	errSubmodule = errors.New("is a submodule; its files are in another repository")
	errIsDir     = errors.New("is a directory")
)

// FS returns the files of a commit, or of a tree such as MergeTree makes. It
// stays valid until Close and ends with ctx, because fs.FS has no room for a
// context of its own. Symbolic links and submodules are listed and never
// followed. It is safe for concurrent use.
func (r *Repo) FS(ctx context.Context, commitOrTree git.OID) (fs.FS, error) {
	tree, err := r.treeOf(ctx, commitOrTree)
	if err != nil {
		return nil, err
	}
	return newFS(ctx, r.objects, tree), nil
}

// treeOf returns the tree of a commit; a tree is its own.
func (r *Repo) treeOf(ctx context.Context, commitOrTree git.OID) (git.OID, error) {
	if commitOrTree == r.format.emptyTree {
		return commitOrTree, nil
	}
	got, err := r.objects.read(ctx, commitOrTree)
	if err != nil {
		return "", fmt.Errorf("reading files: %w", err)
	}
	switch got.kind {
	case "tree":
		return commitOrTree, nil
	case "commit":
		c, err := parseCommit(r.format, got.data)
		if err != nil {
			return "", fmt.Errorf("reading commit %s: %w", commitOrTree, err)
		}
		return c.Tree, nil
	}
	return "", fmt.Errorf("reading files: %s is a %s, not a commit", commitOrTree, got.kind)
}

// treeFS is an fs.FS over one tree.
type treeFS struct {
	ctx  context.Context
	src  source
	root TreeEntry
}

func newFS(ctx context.Context, src source, tree git.OID) fs.FS {
	return treeFS{ctx, src, TreeEntry{Name: ".", Mode: modeTree, OID: tree}}
}

var (
	_ fs.ReadDirFS  = treeFS{}
	_ fs.ReadFileFS = treeFS{}
	_ fs.StatFS     = treeFS{}
)

// entry walks down to name.
func (t treeFS) entry(op, name string) (TreeEntry, error) {
	if !fs.ValidPath(name) {
		return TreeEntry{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	e := t.root
	if name == "." {
		return e, nil
	}
	for part := range strings.SplitSeq(name, "/") {
		if !e.isTree() {
			return TreeEntry{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
		}
		next, ok, err := t.src.lookup(t.ctx, e.OID, part)
		if err != nil {
			return TreeEntry{}, &fs.PathError{Op: op, Path: name, Err: err}
		}
		if e = next; !ok {
			return TreeEntry{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
		}
	}
	return e, nil
}

// readable refuses what has no content here.
func readable(op, name string, e TreeEntry) error {
	switch {
	case e.isFile() || e.isTree():
		return nil
	case e.Mode&modeTypeMask == modeSymlink:
		return &fs.PathError{Op: op, Path: name, Err: errSymlink}
	}
	return &fs.PathError{Op: op, Path: name, Err: errSubmodule}
}

// Open implements fs.FS. Nothing is read before Read or ReadDir asks for it, so
// that looking at an open file's id costs nothing.
func (t treeFS) Open(name string) (fs.File, error) {
	e, err := t.entry("open", name)
	if err != nil {
		return nil, err
	}
	if err := readable("open", name, e); err != nil {
		return nil, err
	}
	info := t.info(path.Base(name), e)
	if e.isTree() {
		return &dir{info: info, name: name}, nil
	}
	return &file{info: info, name: name}, nil
}

// ReadFile implements fs.ReadFileFS; the caller owns the bytes.
func (t treeFS) ReadFile(name string) ([]byte, error) {
	e, err := t.entry("read", name)
	if err != nil {
		return nil, err
	}
	if err := readable("read", name, e); err != nil {
		return nil, err
	}
	if e.isTree() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errIsDir}
	}
	data, err := t.src.blob(t.ctx, e.OID)
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return data, nil
}

// Stat implements fs.StatFS; it reads no blob.
func (t treeFS) Stat(name string) (fs.FileInfo, error) {
	e, err := t.entry("stat", name)
	if err != nil {
		return nil, err
	}
	return t.info(path.Base(name), e), nil
}

// ReadDir implements fs.ReadDirFS; entries are sorted by name.
func (t treeFS) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := t.entry("readdir", name)
	if err != nil {
		return nil, err
	}
	if !e.isTree() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("is not a directory")}
	}
	entries, err := t.src.tree(t.ctx, e.OID)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	out := make([]fs.DirEntry, len(entries))
	for i, e := range entries {
		out[i] = fs.FileInfoToDirEntry(t.info(e.Name, e))
	}
	return out, nil
}

func (t treeFS) info(name string, e TreeEntry) *fileInfo {
	return &fileInfo{fs: t, name: name, entry: e}
}

// fileInfo knows everything but the size, which trees do not hold: git is asked
// for it only when somebody wants it.
type fileInfo struct {
	fs    treeFS
	name  string
	entry TreeEntry
}

func (i *fileInfo) Name() string       { return i.name }
func (i *fileInfo) Mode() fs.FileMode  { return i.entry.fileMode() }
func (i *fileInfo) IsDir() bool        { return i.entry.isTree() }
func (i *fileInfo) ModTime() time.Time { return time.Time{} } // git keeps none
func (i *fileInfo) Sys() any           { return Object{i.entry.OID} }

// Size is -1 where the blob is missing; reading it gives the error.
func (i *fileInfo) Size() int64 {
	if !i.entry.isFile() {
		return 0
	}
	size, err := i.fs.src.size(i.fs.ctx, i.entry.OID)
	if err != nil {
		return -1
	}
	return size
}

// file is an open file; the whole blob is in memory once it is read.
type file struct {
	info *fileInfo
	name string
	in   *bytes.Reader
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

func (f *file) Read(p []byte) (int, error) {
	if f.in == nil {
		data, err := f.info.fs.src.blob(f.info.fs.ctx, f.info.entry.OID)
		if err != nil {
			return 0, &fs.PathError{Op: "read", Path: f.name, Err: err}
		}
		f.in = bytes.NewReader(data)
	}
	return f.in.Read(p)
}

// dir is an open directory.
type dir struct {
	info   *fileInfo
	name   string
	loaded bool
	rest   []fs.DirEntry
}

func (d *dir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *dir) Close() error               { return nil }

func (d *dir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: errIsDir}
}

func (d *dir) ReadDir(n int) ([]fs.DirEntry, error) {
	if !d.loaded {
		var err error
		if d.rest, err = d.info.fs.ReadDir(d.name); err != nil {
			return nil, err
		}
		d.loaded = true
	}
	if n > 0 && len(d.rest) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(d.rest) {
		n = len(d.rest)
	}
	out := d.rest[:n:n]
	d.rest = d.rest[n:]
	return out, nil
}
