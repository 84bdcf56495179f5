package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"sync"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/schema"
)

// Outside is a tree that is read by a configuration which is not in it: its
// gitsm.yaml, policy and schemas are those of Rules, and what the tree itself
// has of that name counts for nothing. Open takes it in the place of a tree.
type Outside struct {
	fs.FS
	Rules fs.FS  // rooted where gitsm.yaml is
	Name  string // of that file, for people
}

// outsideKey stands for the object ids of what an Outside has beside the tree:
// a process reads one such configuration, once.
const outsideKey = "outside"

// Outside is the name of the configuration where it lies beside the repository
// rather than in it, else "".
func (s *Store) Outside() string { return s.outside }

// ruleName is what people know a file of the rules as.
func (s *Store) ruleName(p string) string {
	switch {
	case s.outside == "":
		return s.Display(p)
	case p == ConfigFile:
		return s.outside
	}
	return path.Join(path.Dir(s.outside), p)
}

// rulesKey names the content of a file or directory of the rules, "" where that
// cannot be said.
func (s *Store) rulesKey(name string) string {
	if s.outside != "" {
		return outsideKey
	}
	info, err := fs.Stat(s.rules, name)
	if err != nil {
		return ""
	}
	return oid(info)
}

// Schema returns the schema of a declared kind with the files it refers to; nil
// for kinds that name no file. The error is *InvalidError where it cannot be
// used.
func (s *Store) Schema(k *record.Kind) (*schema.Bundle, error) {
	if path.Ext(k.Schema) != ".json" {
		return nil, nil
	}
	s.mu.Lock()
	read := s.schemas[k.Schema]
	if read == nil {
		read = sync.OnceValues(func() (*schema.Bundle, error) { return s.gather(k.Schema) })
		s.schemas[k.Schema] = read
	}
	s.mu.Unlock()
	return read()
}

func (s *Store) gather(name string) (*schema.Bundle, error) {
	b, err := schema.Gather(name, func(p string) ([]byte, error) {
		src, err := readFile(s.rules, p)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, schema.ErrNoFile
		}
		return src, err
	})
	var file *schema.FileError
	switch {
	case !errors.As(err, &file):
		return b, err
	case file.Ref == "" && errors.Is(err, schema.ErrNoFile):
		return nil, s.schemaMissing(name)
	}
	src, _ := readFile(s.rules, file.Path)
	return nil, schemaProblem(s.ruleName(file.Path), src, file)
}

// shapes gives the declared kinds the fields that their schemas describe, read
// when somebody asks. What is wrong with a schema is said when a record is held
// against it.
func (s *Store) shapes() {
	for _, d := range s.Config.Kinds {
		k, ok := s.Kinds.ByName(d.Name)
		if !ok || d.Schema == "" {
			continue
		}
		k.Shape = sync.OnceValue(func() *schema.Tree {
			b, err := s.Schema(k)
			if err != nil {
				return &schema.Tree{}
			}
			tree, err := b.Tree()
			if err != nil {
				return &schema.Tree{}
			}
			return tree
		})
	}
}

// schemaMissing says that gitsm.yaml names a schema which is not there.
func (s *Store) schemaMissing(name string) error {
	e := schemaInvalid(s.Doc.Name, s.Doc.Source, 1, 1, fmt.Sprintf("the schema %s is not there", name))
	for i, d := range s.Config.Kinds {
		if d.Schema == name {
			e.Findings[0].Line, e.Findings[0].Column = s.Doc.Position(yamldoc.Pointer("kinds", strconv.Itoa(i), "schema"))
		}
	}
	return e
}
