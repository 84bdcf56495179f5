package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
)

// Spot is a file of a kind that was found and not read.
type Spot struct {
	Kind     *record.Kind
	ID, Path string      // of the record, by the file's name
	Info     fs.FileInfo // as it was listed; nil where it was gone by then
}

// Spots lists the files of a kind without reading any, sorted by id and path as
// List sorts records, with what is wrong with files that are none of them. A
// hundred thousand records can be read by it one after the other.
func (s *Store) Spots(kind string) ([]Spot, []finding.Finding, error) {
	k, ok := s.Kinds.ByName(kind)
	if !ok {
		return nil, nil, fmt.Errorf("no kind is called %q", kind)
	}
	var all []Spot
	var found []finding.Finding
	if err := s.spots(k, k.Dir(), &all, &found); err != nil {
		return nil, nil, fmt.Errorf("listing %s: %w", k.Plural, err)
	}
	slices.SortFunc(all, func(a, b Spot) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Path, b.Path)) })
	return all, found, nil
}

func (s *Store) spots(k *record.Kind, dir string, spots *[]Spot, found *[]finding.Finding) error {
	info, err := fs.Lstat(s.FS, dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		*found = append(*found, s.noDirectory(dir))
		return nil
	}
	entries, err := fs.ReadDir(s.FS, dir)
	if err != nil {
		return err
	}
	if holdsRepository(dir, entries) {
		*found = append(*found, s.otherRepository(dir))
		return nil
	}
	rest := &part{}
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		if id, ok := s.sort(k, p, e, rest); ok {
			info, err := e.Info()
			if err != nil {
				info = nil // whoever reads it says why it cannot be
			}
			*spots = append(*spots, Spot{k, id, p, info})
		}
	}
	*found = append(*found, rest.findings...)
	for _, sub := range rest.dirs {
		if err := s.spots(k, sub, spots, found); err != nil {
			return err
		}
	}
	return nil
}

// ErrWent says that a file of a work tree was removed between the moment it was
// listed and that it was to be read.
var ErrWent = errors.New("it went while the store was read")

// Source returns what a spot holds; it is nil with findings for what is no
// ordinary file any more, and ErrWent for what is not there any more. No more is
// read than a record may have.
func (s *Store) Source(sp Spot) ([]byte, []finding.Finding, error) {
	info, err := fs.Lstat(s.FS, sp.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, ErrWent
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", s.Display(sp.Path), err)
	}
	if !info.Mode().IsRegular() {
		return nil, []finding.Finding{s.misplaced("STO005", sp.Path, "this is no ordinary file")}, nil
	}
	src, err := readFile(s.FS, sp.Path)
	if errors.Is(err, fs.ErrNotExist) && oid(info) == "" {
		return nil, nil, ErrWent // a commit loses nothing: there an object is missing
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", s.Display(sp.Path), err)
	}
	return src, nil, nil
}

// Parse reads the source of a spot as a record, which is nil where the findings
// say that it is none. Nothing of it is remembered.
func (s *Store) Parse(sp Spot, src []byte) (*record.Record, []finding.Finding) {
	l := s.parse(sp.Kind, sp.ID, sp.Path, "", src)
	return first(l.records), l.findings
}
