// Package store owns the layout of a store: gitsm.yaml, the records beneath
// it and the policy beside them, read through fs.FS, so that a work tree, any
// commit and both sides of a proposal are one code path.
//
// It may import record, yamldoc and finding. It never writes, never runs git
// and never judges a record beyond "can it be read, and does it stand where
// its kind says".
package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/schema"
)

// ConfigFile is the file that makes a directory a store.
const ConfigFile = "gitsm.yaml"

// ErrNoStore says that a tree holds no gitsm.yaml.
var ErrNoStore = errors.New("no gitsm.yaml here: run `gitsm init`, or change into a store")

// InvalidError says that something the whole store depends on cannot be used.
type InvalidError struct {
	What     string
	Findings []finding.Finding
}

func (e *InvalidError) Error() string {
	if len(e.Findings) == 0 {
		return e.What + " cannot be used"
	}
	f := e.Findings[0]
	msg := fmt.Sprintf("%s cannot be used: %s:%d:%d: %s %s", e.What, f.File, f.Line, f.Column, f.Code, f.Message)
	if len(e.Findings) > 1 {
		msg += fmt.Sprintf(" (and %d more)", len(e.Findings)-1)
	}
	return msg
}

// Store is a snapshot of a store. It reads lazily, remembers what it read, and
// is safe for concurrent use; what it returns is shared and never changed.
type Store struct {
	FS     fs.FS // rooted at the store, not at the repository
	Dir    string
	Config Config
	Kinds  *record.Kinds
	Doc    *yamldoc.Doc // gitsm.yaml

	rules    fs.FS  // where gitsm.yaml, policy and schemas are: FS, but for an Outside
	outside  string // name of a gitsm.yaml that is not in the tree, "" for one that is
	cache    *Cache
	kindsKey string
	policy   *Policy // in the place of the snapshot's own, nil for that

	mu      sync.Mutex
	lists   map[string]*listing
	schemas map[string]func() (*schema.Bundle, error)
	dir     *Directory
}

// Option changes how a store is opened.
type Option func(*Store)

// WithCache shares parsed records between the stores of several commits.
func WithCache(c *Cache) Option { return func(s *Store) { s.cache = c } }

// InDirectory opens the store in a directory of fsys ("" for its root). Paths
// in findings stay relative to fsys; record paths are relative to the store.
func InDirectory(dir string) Option {
	return func(s *Store) { s.Dir = strings.Trim(dir, "/") }
}

// Open reads gitsm.yaml and returns the store around it. It returns ErrNoStore
// where there is none and an *InvalidError where it cannot be used.
func Open(fsys fs.FS, opts ...Option) (*Store, error) {
	s := &Store{lists: map[string]*listing{}, schemas: map[string]func() (*schema.Bundle, error){}}
	for _, o := range opts {
		o(s)
	}
	if s.cache == nil {
		s.cache = NewCache()
	}
	if o, ok := fsys.(Outside); ok {
		fsys, s.rules, s.outside = o.FS, o.Rules, cmp.Or(o.Name, ConfigFile)
	}
	s.FS = fsys
	if s.Dir != "" && s.Dir != "." {
		sub, err := fs.Sub(fsys, s.Dir)
		if err != nil {
			return nil, fmt.Errorf("opening the store in %s: %w", s.Dir, err)
		}
		s.FS = sub
	} else {
		s.Dir = ""
	}
	if s.rules == nil {
		s.rules = s.FS
	}
	if err := s.load(); err != nil {
		return nil, err
	}
	return s, nil
}

// load reads gitsm.yaml, and the schemas of the kinds it declares.
func (s *Store) load() error {
	if _, err := fs.Stat(s.rules, ConfigFile); errors.Is(err, fs.ErrNotExist) {
		return ErrNoStore
	} else if err != nil {
		return fmt.Errorf("reading %s: %w", s.ruleName(ConfigFile), err)
	}
	key := s.rulesKey(ConfigFile)
	if key != "" {
		key = s.Dir + "\x00" + key
	}
	c, err := s.cache.configs.Get(key, s.readConfig)
	if err != nil {
		return err
	}
	s.Config, s.Kinds, s.Doc, s.kindsKey = c.config, c.kinds, c.doc, c.kindsKey
	if !slices.ContainsFunc(s.Config.Kinds, func(d DeclaredKind) bool { return d.Schema != "" }) {
		return nil
	}
	// Schemas change without gitsm.yaml, so the table is this snapshot's own.
	if s.Kinds, err = record.Builtin().With(s.Config.rows()); err != nil {
		return err
	}
	s.shapes()
	return nil
}

func (s *Store) readConfig() (*configuration, error) {
	src, err := readFile(s.rules, ConfigFile)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", s.ruleName(ConfigFile), err)
	}
	return s.configure(src)
}

// Display turns a path of the store into one of the repository.
func (s *Store) Display(p string) string { return path.Join(s.Dir, p) }

// Relative turns a path of the repository into one of the store.
func (s *Store) Relative(p string) (string, bool) {
	if s.Dir == "" {
		return p, true
	}
	return strings.CutPrefix(p, s.Dir+"/")
}

// Get returns the record of a kind with exactly this id. The error is
// fs.ErrNotExist where there is none, or *InvalidError where it cannot be read.
func (s *Store) Get(kind, id string) (*record.Record, error) {
	k, ok := s.Kinds.ByName(kind)
	if !ok {
		return nil, fmt.Errorf("no kind is called %q", kind)
	}
	if record.CheckID(k, id) != nil {
		return nil, fmt.Errorf("%s %s: %w", k.Name, id, fs.ErrNotExist)
	}
	if !k.Named() {
		return s.byField(k, id)
	}
	p := k.PathOf(id)
	if !k.Fixed() {
		var err error
		if p, err = s.locate(k, id); err != nil {
			return nil, err
		}
	}
	rec, findings, err := s.read(k, id, p, nil)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading %s %s: %w", k.Name, id, err)
	case rec == nil:
		return nil, &InvalidError{What: k.Name + " " + id, Findings: findings}
	}
	return rec, nil
}

// byField finds a record whose id only its file says.
func (s *Store) byField(k *record.Kind, id string) (*record.Record, error) {
	recs, err := s.List(k.Name)
	if err != nil {
		return nil, err
	}
	at, ok := slices.BinarySearchFunc(recs, id, func(r *record.Record, id string) int { return strings.Compare(r.ID, id) })
	if !ok {
		return nil, fmt.Errorf("%s %s: %w", k.Name, id, fs.ErrNotExist)
	}
	return recs[at], nil
}

// locate finds the path of a record whose kind leaves directories open,
// without parsing any file.
func (s *Store) locate(k *record.Kind, id string) (string, error) {
	var found string
	err := s.files(k, func(p string, _ fs.DirEntry) error {
		if got, ok := k.Match(p); ok && got == id {
			found = p
			return fs.SkipAll
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("looking for %s %s: %w", k.Name, id, err)
	}
	if found == "" {
		return "", fmt.Errorf("%s %s: %w", k.Name, id, fs.ErrNotExist)
	}
	return found, nil
}

// List returns every readable record of a kind, sorted by id. Files that could
// not be read are in Findings, so a caller that decides looks there as well.
func (s *Store) List(kind string) ([]*record.Record, error) {
	l, err := s.listing(kind)
	if err != nil {
		return nil, err
	}
	return l.records, nil
}

// Findings returns what was wrong with the files of the kinds listed so far,
// or of every kind where none is named.
func (s *Store) Findings(kinds ...string) ([]finding.Finding, error) {
	all := len(kinds) == 0
	if all {
		for _, k := range s.Kinds.All() {
			kinds = append(kinds, k.Name)
		}
	}
	var out []finding.Finding
	if all {
		found, err := s.Lookalikes()
		if err != nil {
			return nil, err
		}
		out = found
	}
	for _, k := range kinds {
		l, err := s.listing(k)
		if err != nil {
			return nil, err
		}
		out = append(out, l.findings...)
	}
	finding.Sort(out)
	return out, nil
}
