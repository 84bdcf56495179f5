package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gitsm/gitsm/internal/record"
)

// Part is what one directory of a kind holds itself. Key names its content and
// changes whenever that does; it is "" in a work tree.
type Part struct {
	Key  string
	name string // of the directory, and of the kind
	kept Keeper

	read   func(Brief) ([]*record.Record, error)
	groups func(Brief) ([]group, error)
}

// Records reads the records of a part. They are not remembered: a store has more
// of them than anybody would want in memory.
func (p Part) Records() ([]*record.Record, error) { return p.read(nil) }

// Parts returns the records of a kind by directory. Of two neighbouring commits
// nearly all parts are equal, so what is derived from a part can be remembered
// by its key, and the part need not be read again.
func (s *Store) Parts(kind string) ([]Part, error) {
	k, ok := s.Kinds.ByName(kind)
	if !ok {
		return nil, fmt.Errorf("no kind is called %q", kind)
	}
	var out []Part
	if err := s.parts(k, k.Dir(), &out); err != nil {
		return nil, fmt.Errorf("listing %s: %w", k.Plural, err)
	}
	return out, nil
}

func (s *Store) parts(k *record.Kind, dir string, out *[]Part) error {
	info, err := fs.Lstat(s.FS, dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil
	}
	if err != nil {
		return err
	}
	key := s.dirKey(k, dir, info)
	*out = append(*out, Part{key, k.Name + " " + s.Display(dir), s.cache.keeper,
		func(brief Brief) ([]*record.Record, error) { return s.readAll(k, dir, brief) },
		func(brief Brief) ([]group, error) { return s.groups(k, dir, brief) }})
	if !strings.Contains(k.Path, "**") && strings.Count(dir, "/")+1 == strings.Count(k.Path, "/") {
		return nil // no record lies deeper, and looking takes reading all names
	}
	beneath, err := s.cache.beneath.Get(key, func() ([]string, error) { return s.beneath(k, dir) })
	if err != nil {
		return err
	}
	for _, sub := range beneath {
		if err := s.parts(k, sub, out); err != nil {
			return err
		}
	}
	return nil
}

// readAll reads the records that a directory holds itself.
func (s *Store) readAll(k *record.Kind, dir string, brief Brief) ([]*record.Record, error) {
	entries, err := fs.ReadDir(s.FS, dir)
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", k.Plural, err)
	}
	if holdsRepository(dir, entries) {
		return nil, nil
	}
	return s.readSome(k, dir, entries, brief)
}

// beneath lists the directories in one in which a kind may keep records.
func (s *Store) beneath(k *record.Kind, dir string) ([]string, error) {
	entries, err := fs.ReadDir(s.FS, dir)
	if err != nil {
		return nil, err
	}
	rest := &part{}
	for _, e := range entries {
		if e.IsDir() {
			s.sort(k, path.Join(dir, e.Name()), e, rest)
		}
	}
	return rest.dirs, nil
}

// TreeID returns the git tree id of a directory of the store, "" where it is
// not read from a commit or there is none. Equal ids mean equal contents.
func (s *Store) TreeID(dir string) string {
	info, err := fs.Stat(s.FS, dir)
	if err != nil {
		return ""
	}
	return oid(info)
}
