package scaffold

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/gitsm/gitsm/internal/record"
)

// Step is what becomes of one file.
type Step struct {
	File
	Keep bool // it exists, and stays as it is
}

// BlockedError says that something stands where a directory is needed.
type BlockedError struct {
	Path string // what stands there
	For  string // what was to go beneath it
}

func (e *BlockedError) Error() string {
	return fmt.Sprintf("%s is no directory, and %s belongs beneath it", e.Path, e.For)
}

// Plan decides which files are made. What exists in any of the trees, a commit
// and the work tree on top of it, is kept.
func Plan(files []File, trees ...fs.FS) ([]Step, error) {
	steps := make([]Step, 0, len(files))
	for _, f := range files {
		s := Step{File: f}
		for _, p := range append([]string{f.Path}, f.Instead...) {
			found, err := present(trees, p)
			if err != nil {
				return nil, err
			}
			if found {
				s.Path, s.Content, s.Keep = p, nil, true
				break
			}
		}
		steps = append(steps, s)
	}
	slices.SortStableFunc(steps, func(a, b Step) int { return cmp.Compare(a.Path, b.Path) })
	return steps, nil
}

// present reports whether anything is at p. Links are not followed: beyond one
// is somewhere else.
func present(trees []fs.FS, p string) (bool, error) {
	for _, tree := range trees {
		for dir := range parents(p) {
			info, err := fs.Lstat(tree, dir)
			if err == nil && !info.IsDir() {
				return false, &BlockedError{Path: dir, For: p}
			}
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return false, fmt.Errorf("looking for %s: %w", dir, err)
			}
		}
		_, err := fs.Lstat(tree, p)
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("looking for %s: %w", p, err)
		}
	}
	return false, nil
}

// parents yields the directories above p, top first.
func parents(p string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i, r := range p {
			if r == '/' && !yield(p[:i]) {
				return
			}
		}
	}
}

// Preview is what a store in dir would read once the steps were taken: the
// records and the policy of tree, nil for none, with the new files added.
func Preview(tree fs.FS, dir string, steps []Step) (fs.FS, error) {
	out := fstest.MapFS{} // the standard library's one file system in memory
	if tree != nil {
		roots := []string{"policy"}
		for _, k := range record.Builtin().All() {
			roots = append(roots, k.Dir())
		}
		for _, r := range roots {
			if err := copyRead(out, tree, path.Join(dir, r)); err != nil {
				return nil, fmt.Errorf("reading what is there already: %w", err)
			}
		}
	}
	for _, s := range steps {
		if !s.Keep {
			out[s.Path] = &fstest.MapFile{Data: s.Content}
		}
	}
	return out, nil
}

// copyRead copies the files beneath root that a store reads.
func copyRead(out fstest.MapFS, tree fs.FS, root string) error {
	return fs.WalkDir(tree, root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil || d.IsDir() || !slices.Contains(read, strings.ToLower(path.Ext(p))):
			return err
		case !d.Type().IsRegular():
			out[p] = &fstest.MapFile{Mode: d.Type()}
			return nil
		}
		text, err := fs.ReadFile(tree, p)
		out[p] = &fstest.MapFile{Data: text}
		return err
	})
}

// read are the endings of files that a store reads.
var read = []string{".yaml", ".yml", ".rego"}
