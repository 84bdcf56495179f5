package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

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
	for dirs := []string{k.Dir()}; len(dirs) > 0; {
		level := s.spotsOf(k, dirs)
		dirs = nil
		for _, l := range level {
			if l.err != nil {
				return nil, nil, fmt.Errorf("listing %s: %w", k.Plural, l.err)
			}
			all, found, dirs = append(all, l.spots...), append(found, l.findings...), append(dirs, l.dirs...)
		}
	}
	slices.SortFunc(all, func(a, b Spot) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Path, b.Path)) })
	return all, found, nil
}

// spotted is what one directory holds itself.
type spotted struct {
	part
	spots []Spot
	err   error
}

// spotsOf lists directories, several at a time: nearly all of the time goes to
// asking the system what each file is. What it returns is in their order.
func (s *Store) spotsOf(k *record.Kind, dirs []string) []spotted {
	out := make([]spotted, len(dirs))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(dirs)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(dirs); i = int(next.Add(1)) - 1 {
				out[i].err = s.spotsIn(k, dirs[i], &out[i])
			}
		})
	}
	wg.Wait()
	return out
}

func (s *Store) spotsIn(k *record.Kind, dir string, out *spotted) error {
	info, err := fs.Lstat(s.FS, dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		out.findings = append(out.findings, s.noDirectory(dir))
		return nil
	}
	entries, err := fs.ReadDir(s.FS, dir)
	if err != nil {
		return err
	}
	if holdsRepository(dir, entries) {
		out.findings = append(out.findings, s.otherRepository(dir))
		return nil
	}
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		if id, ok := s.sort(k, p, e, &out.part); ok {
			info, err := e.Info()
			if err != nil {
				info = nil // whoever reads it says why it cannot be
			}
			out.spots = append(out.spots, Spot{k, id, p, info})
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
