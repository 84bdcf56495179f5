package store

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// maxFile is one byte more than yamldoc accepts, so that it can refuse the
// file without all of it being read.
const maxFile = 256<<10 + 1

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

// Part is what one directory of a kind holds itself. Key names its content and
// changes whenever that does; it is "" in a work tree.
type Part struct {
	Key  string
	read func() ([]*record.Record, error)
}

// Records reads the records of a part. They are not remembered: a store has more
// of them than anybody would want in memory.
func (p Part) Records() ([]*record.Record, error) { return p.read() }

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
	*out = append(*out, Part{key, func() ([]*record.Record, error) {
		p, err := s.readDir(k, dir)
		if err != nil {
			return nil, fmt.Errorf("listing %s: %w", k.Plural, err)
		}
		return p.records, nil
	}})
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
		out.findings = append(out.findings, f)
		return "", false
	}
	return id, true
}

// read parses one file. A nil record comes with the findings that say why.
func (s *Store) read(k *record.Kind, id, p string, e fs.DirEntry) (*record.Record, []finding.Finding, error) {
	var info fs.FileInfo
	var err error
	if e != nil {
		info, err = e.Info()
	} else {
		info, err = fs.Lstat(s.FS, p)
	}
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, []finding.Finding{s.misplaced("STO005", p, "this is no ordinary file")}, nil
	}
	blob, key := oid(info), ""
	if e == nil && blob == "" { // commits do not follow links, and lists have looked
		if found, err := s.behindLink(p); err != nil || found != nil {
			return nil, found, err
		}
	}
	if blob != "" {
		key = s.kindsKey + k.Name + "\x00" + s.Display(p) + "\x00" + blob
	}
	l, err := s.cache.files.Get(key, func() (*listing, error) {
		src, err := readFile(s.FS, p)
		if err != nil {
			return nil, err
		}
		return s.parse(k, id, p, blob, src), nil
	})
	if err != nil {
		return nil, nil, err
	}
	return first(l.records), l.findings, nil
}

// behindLink finds a symbolic link among the directories of a path: what lies
// behind it is not what a commit would hold.
func (s *Store) behindLink(p string) ([]finding.Finding, error) {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		info, err := fs.Lstat(s.FS, dir)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			return []finding.Finding{s.noDirectory(dir)}, nil
		}
	}
	return nil, nil
}

func (s *Store) noDirectory(dir string) finding.Finding {
	return s.misplaced("STO005", dir, "a directory of records should be here, and is none")
}

// parse reads a record's bytes and holds them against its name.
func (s *Store) parse(k *record.Kind, id, p, blob string, src []byte) *listing {
	doc, findings := k.Parse(s.Display(p), src)
	for i := range findings {
		findings[i].Record = id
	}
	if doc == nil || len(findings) > 0 {
		return &listing{findings: findings}
	}
	if !k.Named() {
		if id = record.IDText(record.Value(doc.Value(), k.IDKey())); id == "" {
			return &listing{findings: []finding.Finding{s.noID(k, p, doc)}}
		}
	}
	return &listing{records: []*record.Record{record.New(k, id, p, blob, doc)}, findings: s.checkName(k, id, p)}
}

// noID says that the field which holds a record's id holds none.
func (s *Store) noID(k *record.Kind, p string, doc *yamldoc.Doc) finding.Finding {
	f := s.misplaced("STO002", p, fmt.Sprintf("%s, which holds the id of %s, is missing or neither text nor a whole number", k.IDKey(), k.Plural))
	f.Line, f.Column = doc.Position(yamldoc.Pointer(k.IDKey()))
	f.Frame, f.Fix = doc.Line(f.Line), fmt.Sprintf("write %s: with the id", k.IDKey())
	return f
}

func (s *Store) checkName(k *record.Kind, id, p string) []finding.Finding {
	if err := record.CheckID(k, id); err != nil {
		f := s.misplaced("STO002", p, err.Error())
		f.Record = id
		return []finding.Finding{f}
	}
	if k.Fixed() && k.PathOf(id) != p {
		f := s.misplaced("STO003", p, fmt.Sprintf("%s belongs at another path", id))
		f.Record, f.Fix = id, "git mv "+s.Display(p)+" "+s.Display(k.PathOf(id))
		return []finding.Finding{f}
	}
	for _, name := range strings.Split(p, "/") {
		if err := record.CheckName(name); err != nil {
			f := s.misplaced("STO007", p, err.Error())
			f.Record = id
			return []finding.Finding{f}
		}
	}
	return nil
}

func (s *Store) misplaced(code, p, msg string) finding.Finding {
	c, _ := finding.Lookup(code)
	return finding.Finding{Code: code, Severity: finding.Error, File: s.Display(p), Line: 1, Column: 1, Message: msg, Why: c.Explain, Fix: c.Fix}
}

func first(recs []*record.Record) *record.Record {
	if len(recs) == 0 {
		return nil
	}
	return recs[0]
}

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

// Files lists gitsm.yaml and the files of every kind by their names alone,
// sorted, without reading them.
func (s *Store) Files() ([]string, error) {
	all := []string{ConfigFile}
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
		case d.IsDir() && p != k.Dir() && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		return visit(p, d)
	})
}

// readFile reads at most maxFile bytes of a file that is no symbolic link.
func readFile(fsys fs.FS, p string) ([]byte, error) {
	f, err := fsys.Open(p)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	src := make([]byte, 0, usualFile)
	for {
		n, err := f.Read(src[len(src):min(cap(src), maxFile)])
		src = src[:len(src)+n]
		switch {
		case err == io.EOF || len(src) == maxFile:
			return src, nil
		case err != nil:
			return nil, err
		case len(src) == cap(src):
			src = slices.Grow(src, len(src))
		}
	}
}

// usualFile is more than most records have, so that one read is enough.
const usualFile = 4 << 10

// At reads the record at a path of the store. It is nil where no file is
// there, and nil with findings where the file cannot be read as a record.
func (s *Store) At(p string) (*record.Record, []finding.Finding, error) {
	k, id, ok := s.Kinds.ByPath(p)
	if !ok {
		return nil, nil, fmt.Errorf("no kind keeps records at %s", p)
	}
	rec, findings, err := s.read(k, id, p, nil)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", s.Display(p), err)
	}
	return rec, findings, nil
}
