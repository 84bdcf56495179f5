package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
)

// listing is what one directory, or all directories, of a kind hold.
type listing struct {
	records  []*record.Record
	findings []finding.Finding
}

// part is what one directory of a kind holds itself, and the directories in it.
type part struct {
	listing
	dirs []string
}

func (s *Store) listing(kind string) (*listing, error) {
	k, ok := s.Kinds.ByName(kind)
	if !ok {
		return nil, fmt.Errorf("no kind is called %q", kind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.lists[k.Name]; l != nil {
		return l, nil
	}
	l := &listing{}
	err := s.walk(k, k.Dir(), func(_ string, p *part) {
		l.records, l.findings = append(l.records, p.records...), append(l.findings, p.findings...)
	})
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", k.Plural, err)
	}
	slices.SortFunc(l.records, func(a, b *record.Record) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Path, b.Path))
	})
	s.lists[k.Name] = l
	return l, nil
}

// walk visits a directory of a kind and those beneath it; a directory that does
// not exist holds nothing.
func (s *Store) walk(k *record.Kind, dir string, visit func(key string, p *part)) error {
	info, err := fs.Lstat(s.FS, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		visit("", &part{listing: listing{findings: []finding.Finding{s.noDirectory(dir)}}})
		return nil
	}
	key := s.dirKey(k, dir, info)
	p, err := s.cache.dirs.Get(key, func() (*part, error) { return s.readDir(k, dir) })
	if err != nil {
		return err
	}
	visit(key, p)
	for _, sub := range p.dirs {
		if err := s.walk(k, sub, visit); err != nil {
			return err
		}
	}
	return nil
}

// dirKey names what a kind has in a directory, "" in a work tree.
func (s *Store) dirKey(k *record.Kind, dir string, info fs.FileInfo) string {
	if id := oid(info); id != "" {
		return s.kindsKey + k.Name + "\x00" + s.Display(dir) + "\x00" + id
	}
	return ""
}

// readDir reads what a directory holds itself.
func (s *Store) readDir(k *record.Kind, dir string) (*part, error) {
	entries, err := fs.ReadDir(s.FS, dir)
	if err != nil {
		return nil, err
	}
	out := &part{}
	if holdsRepository(dir, entries) {
		out.findings = append(out.findings, s.otherRepository(dir))
		return out, nil
	}
	for _, e := range entries {
		if err := s.readEntry(k, path.Join(dir, e.Name()), e, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Store) readEntry(k *record.Kind, p string, e fs.DirEntry, out *part) error {
	id, ok := s.sort(k, p, e, out)
	if !ok {
		return nil
	}
	rec, findings, err := s.read(k, id, p, e)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it went while its directory was read
	}
	if err != nil {
		return err
	}
	if rec != nil {
		out.records = append(out.records, rec)
	}
	out.findings = append(out.findings, findings...)
	return nil
}

// sort reports whether an entry of a directory is a file of the kind, and which
// record's. Directories to look into, and what is wrong with others, go to out.
func (s *Store) sort(k *record.Kind, p string, e fs.DirEntry, out *part) (id string, ok bool) {
	id, matches := k.Match(p)
	ext := path.Ext(p)
	strict := !k.Foreign && (ext == ".yaml" || ext == ".yml")
	switch {
	case strings.HasPrefix(e.Name(), "."):
		return "", false
	case k.Foreign && !matches && !e.IsDir():
		return "", false // a directory that was there before gitsm holds other things too
	case e.Type()&fs.ModeSymlink != 0:
		out.findings = append(out.findings, s.misplaced("STO005", p, "a symbolic link stands where a record should be"))
		return "", false
	case e.IsDir() && matches:
		out.findings = append(out.findings, s.misplaced("STO004", p, "a directory is named like a record"))
		return "", false
	case e.IsDir():
		if other, _, ok := s.Kinds.ByPath(path.Join(p, "x.yaml")); ok && other != k && other.Dir() != k.Dir() {
			return "", false // another kind lives in a directory of this one's
		}
		out.dirs = append(out.dirs, p)
		return "", false
	case !matches && !strict:
		return "", false
	case !e.Type().IsRegular():
		out.findings = append(out.findings, s.misplaced("STO005", p, "this is no ordinary file"))
		return "", false
	case !matches:
		if other, _, ok := s.Kinds.ByPath(p); ok && other != k {
			return "", false
		}
		f := s.misplaced("STO003", p, fmt.Sprintf("no %s is kept at this path, so nothing would read it", k.Name))
		f.Fix = "move it to " + s.Display(k.Path)
		if other, isYML := strings.CutSuffix(p, ".yml"); isYML {
			if id, ok := k.Match(other + ".yaml"); ok && record.CheckID(k, id) == nil {
				f.Fix = fmt.Sprintf("git mv %s %s", s.Display(p), s.Display(other+".yaml"))
			}
		}
		out.findings = append(out.findings, f)
		return "", false
	}
	return id, true
}
