package pack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
)

// Store is the objects of a repository: of its own directory and of those it
// borrows from. It is safe for concurrent use; a Reader of it is not.
type Store struct {
	dirs  []string
	packs atomic.Pointer[[]*packFile] // replaced, never changed

	mu   sync.Mutex // guards what follows, and replacing packs
	seen map[string]bool
	used []*packFile // every pack that was ever mapped

	tableMu sync.Mutex
	table   *commitTable // nil until somebody walks far
}

// maxAlternates is how many directories may borrow from one another in a row,
// as git has it.
const maxAlternates = 5

// Open maps the packs of object directories and of those that they borrow
// from. Close it once no reader is in use.
func Open(dirs ...string) (*Store, error) {
	s := &Store{seen: map[string]bool{}}
	s.packs.Store(&[]*packFile{})
	for _, dir := range dirs {
		if err := s.add(dir, 0); err != nil {
			return nil, err
		}
	}
	if err := s.scan(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// add notes an object directory and its alternates.
func (s *Store) add(dir string, depth int) error {
	if depth > maxAlternates {
		return fmt.Errorf("%s: alternates of alternates: %w", dir, ErrUnsupported)
	}
	for _, d := range s.dirs {
		if d == dir {
			return nil
		}
	}
	s.dirs = append(s.dirs, dir)
	text, err := os.ReadFile(filepath.Join(dir, "info", "alternates"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '"' {
			return fmt.Errorf("%s: a quoted alternate: %w", dir, ErrUnsupported)
		}
		other := filepath.FromSlash(line)
		if !filepath.IsAbs(other) {
			other = filepath.Join(dir, other)
		}
		if err := s.add(filepath.Clean(other), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// scan maps the packs that came since it was last called.
func (s *Store) scan() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	packs := *s.packs.Load()
	for _, dir := range s.dirs {
		names, err := os.ReadDir(filepath.Join(dir, "pack"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, n := range names {
			path := filepath.Join(dir, "pack", n.Name())
			if strings.HasSuffix(path, ".promisor") {
				return fmt.Errorf("partial clone: %w", ErrUnsupported)
			}
			name, ok := strings.CutSuffix(path, ".idx")
			if !ok || s.seen[name] {
				continue
			}
			p, err := openPack(path, name+".pack")
			if errors.Is(err, fs.ErrNotExist) {
				continue // it is being removed
			}
			if err != nil {
				return err
			}
			s.seen[name] = true
			s.used = append(s.used, p)
			packs = append([]*packFile{p}, packs...) // the newest is asked first
		}
	}
	s.packs.Store(&packs)
	return nil
}

// Close ends the mappings.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var first error
	for _, p := range s.used {
		if err := p.close(); err != nil && first == nil {
			first = err
		}
	}
	s.used = nil
	s.packs.Store(&[]*packFile{})
	return first
}

// Size is how many bytes the packs have.
func (s *Store) Size() int64 {
	n := int64(0)
	for _, p := range *s.packs.Load() {
		n += int64(len(p.data))
	}
	return n
}

// find looks for an object in the packs.
func (s *Store) find(id ID) (*packFile, uint64, bool) {
	for _, p := range *s.packs.Load() {
		if at, ok := p.index.find(id); ok {
			return p, at, true
		}
	}
	return nil, 0, false
}

// loose returns the file of an object that is in no pack.
func (s *Store) loose(id ID) ([]byte, error) {
	name := id.String()
	for _, dir := range s.dirs {
		data, err := os.ReadFile(filepath.Join(dir, name[:2], name[2:]))
		if !errors.Is(err, fs.ErrNotExist) {
			return data, err
		}
	}
	return nil, fmt.Errorf("%s: %w", id, ErrMissing)
}
