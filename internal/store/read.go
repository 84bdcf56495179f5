package store

import (
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

// behindLink finds a symbolic link, or another repository, among the directories
// of a path: what lies behind it is not what a commit would hold.
func (s *Store) behindLink(p string) ([]finding.Finding, error) {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		info, err := fs.Lstat(s.FS, dir)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			return []finding.Finding{s.noDirectory(dir)}, nil
		}
		if s.isRepository(dir) {
			return []finding.Finding{s.otherRepository(dir)}, nil
		}
	}
	return nil, nil
}

// otherRepository says that what lies in a directory is another repository's: no
// commit of this one would hold it.
func (s *Store) otherRepository(dir string) finding.Finding {
	return s.misplaced("STO005", dir, "another repository, perhaps a submodule, stands in a directory of records")
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
		if id = k.IDIn(doc.Value()); id == "" {
			return &listing{findings: []finding.Finding{s.noID(k, p, doc)}}
		}
	}
	found := s.checkName(k, id, p)
	for i, f := range found {
		if !k.Named() && f.Code == "STO002" {
			found[i] = atID(f, k, doc)
			found[i].Fix = "write an id of that form as " + k.IDKey()
		}
	}
	return &listing{records: []*record.Record{record.New(k, id, p, blob, doc)}, findings: found}
}

// noID says that the field which holds a record's id holds none.
func (s *Store) noID(k *record.Kind, p string, doc *yamldoc.Doc) finding.Finding {
	f := s.misplaced("STO002", p, fmt.Sprintf("%s, which holds the id of %s, is missing or neither text nor a whole number", k.IDKey(), k.Plural))
	f.Fix = "write the id as " + k.IDKey()
	return atID(f, k, doc)
}

// atID places a finding at the field that holds a record's id.
func atID(f finding.Finding, k *record.Kind, doc *yamldoc.Doc) finding.Finding {
	f.Line, f.Column, f.EndLine, f.EndColumn = doc.Span(yamldoc.Pointer(k.IDPath()...))
	f.Frame = doc.Line(f.Line)
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
