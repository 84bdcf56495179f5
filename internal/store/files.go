package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/record"
)

// IDs lists the ids of a kind by file names alone, sorted, without parsing.
func (s *Store) IDs(kind string) ([]string, error) {
	k, ok := s.Kinds.ByName(kind)
	if !ok {
		return nil, fmt.Errorf("no kind is called %q", kind)
	}
	if !k.Named() {
		return s.idsRead(k)
	}
	var ids []string
	err := s.files(k, func(p string, d fs.DirEntry) error {
		if id, ok := k.Match(p); ok && d.Type().IsRegular() && record.CheckID(k, id) == nil {
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", k.Plural, err)
	}
	slices.Sort(ids)
	return ids, nil
}

// Files lists gitsm.yaml, where the tree has the one that is gone by, and the
// files of every kind by their names alone, sorted, without reading them.
func (s *Store) Files() ([]string, error) {
	var all []string
	if s.outside == "" {
		all = append(all, ConfigFile)
	}
	for _, k := range s.Kinds.All() {
		err := s.files(k, func(p string, d fs.DirEntry) error {
			if of, _, ok := s.Kinds.ByPath(p); ok && of == k && d.Type().IsRegular() {
				all = append(all, p)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("listing %s: %w", k.Plural, err)
		}
	}
	slices.Sort(all)
	return all, nil
}

// idsRead lists the ids that only the files themselves say.
func (s *Store) idsRead(k *record.Kind) ([]string, error) {
	recs, err := s.List(k.Name)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(recs)) // sorted by id
	for i, r := range recs {
		ids[i] = r.ID
	}
	return slices.Compact(ids), nil
}

// holdsRepository says of the entries of a directory what isRepository does.
func holdsRepository(dir string, entries []fs.DirEntry) bool {
	return dir != "." && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".git" })
}

// isRepository reports whether a directory of the work tree is another
// repository's; in a commit such a one is no directory.
func (s *Store) isRepository(dir string) bool {
	_, err := fs.Lstat(s.FS, path.Join(dir, ".git"))
	return err == nil
}

// files visits what lies beneath the directory of a kind, no links followed.
func (s *Store) files(k *record.Kind, visit func(p string, d fs.DirEntry) error) error {
	info, err := fs.Lstat(s.FS, k.Dir())
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil
	}
	if err != nil {
		return err
	}
	return fs.WalkDir(s.FS, k.Dir(), func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != k.Dir() && (strings.HasPrefix(d.Name(), ".") || s.isRepository(p)):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		return visit(p, d)
	})
}
