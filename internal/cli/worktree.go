package cli

import (
	"io/fs"
	"os"
	"path"
	"sync"
)

// workTree is the file system of a directory that nothing leads out of, like
// os.Root.FS, which for every file walks down from the top again. Here each
// directory is opened once, since records are read by the thousand from a few
// hundred of them.
type workTree struct {
	root *os.Root

	mu   sync.Mutex
	dirs map[string]*os.Root
}

// openDirs bounds the directories that are open at a time.
const openDirs = 64

func newWorkTree(root *os.Root) *workTree {
	return &workTree{root: root, dirs: map[string]*os.Root{}}
}

var (
	_ fs.ReadDirFS  = (*workTree)(nil)
	_ fs.ReadLinkFS = (*workTree)(nil)
	_ fs.StatFS     = (*workTree)(nil)
)

// in calls do with the open directory that name is in, and its last element.
func in[T any](w *workTree, op, name string, do func(dir *os.Root, base string) (T, error)) (T, error) {
	var none T
	if !fs.ValidPath(name) {
		return none, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	dir, base := path.Split(name)
	if dir == "" {
		return do(w.root, base)
	}
	dir = dir[:len(dir)-1]
	w.mu.Lock()
	sub := w.dirs[dir]
	w.mu.Unlock()
	if sub == nil {
		opened, err := w.root.OpenRoot(dir)
		if err != nil {
			return do(w.root, name) // whoever asked is told as if this were not here
		}
		sub = w.keep(dir, opened)
	}
	got, err := do(sub, base)
	if err != nil {
		return do(w.root, name) // a directory that was let go of, or an error that has to name all of the path
	}
	return got, nil
}

// keep remembers an open directory, in the place of all others where there are
// too many.
func (w *workTree) keep(dir string, opened *os.Root) *os.Root {
	w.mu.Lock()
	defer w.mu.Unlock()
	if sub := w.dirs[dir]; sub != nil {
		opened.Close()
		return sub
	}
	if len(w.dirs) >= openDirs {
		w.closeDirs()
	}
	w.dirs[dir] = opened
	return opened
}

func (w *workTree) closeDirs() {
	for _, sub := range w.dirs {
		sub.Close()
	}
	clear(w.dirs)
}

// close lets go of everything. The tree is not used any more.
func (w *workTree) close() {
	w.closeDirs()
	w.root.Close()
}

func (w *workTree) Open(name string) (fs.File, error) {
	return in(w, "open", name, func(dir *os.Root, base string) (fs.File, error) { return dir.Open(base) })
}

func (w *workTree) Lstat(name string) (fs.FileInfo, error) {
	return in(w, "lstat", name, func(dir *os.Root, base string) (fs.FileInfo, error) { return dir.Lstat(base) })
}

func (w *workTree) Stat(name string) (fs.FileInfo, error) {
	return in(w, "stat", name, func(dir *os.Root, base string) (fs.FileInfo, error) { return dir.Stat(base) })
}

func (w *workTree) ReadLink(name string) (string, error) {
	return in(w, "readlink", name, func(dir *os.Root, base string) (string, error) { return dir.Readlink(base) })
}

// ReadDir lists a directory, sorted by name.
func (w *workTree) ReadDir(name string) ([]fs.DirEntry, error) {
	return fs.ReadDir(w.root.FS(), name)
}
