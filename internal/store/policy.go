package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/schema"
)

// PolicyDir is where a store keeps its Rego and its data.
const PolicyDir = "policy"

// Policy is the source of a snapshot's policy, paths as in the repository.
type Policy struct {
	Modules map[string][]byte // every .rego file, tests included
	Data    map[string]any    // data.yaml; nil where there is none
	Doc     *yamldoc.Doc      // data.yaml with its places; nil where there is none
}

// Policy reads the store's policy, once for each version of it. A store
// without any yields empty Modules; that zero policies are no pass is the
// engine's business.
func (s *Store) Policy() (*Policy, error) {
	if s.policy != nil {
		return s.policy, nil
	}
	key := s.policyKey()
	return s.cache.policies.Get(key, func() (*Policy, error) {
		sub, err := fs.Sub(s.rules, PolicyDir)
		if err != nil {
			return nil, fmt.Errorf("reading the policy: %w", err)
		}
		return ReadPolicy(sub, s.ruleName(PolicyDir))
	})
}

// UnderPolicy is the same snapshot with another policy in the place of its own.
func (s *Store) UnderPolicy(p *Policy) *Store {
	return &Store{FS: s.FS, Dir: s.Dir, Config: s.Config, Kinds: s.Kinds, Doc: s.Doc, cache: s.cache, kindsKey: s.kindsKey,
		rules: s.rules, outside: s.outside, policy: p, lists: map[string]*listing{}, schemas: map[string]func() (*schema.Bundle, error){}}
}

// policyKey names the content of the policy, "" where that cannot be said.
func (s *Store) policyKey() string {
	if s.outside != "" {
		return outsideKey
	}
	id, ok := s.treeID(PolicyDir)
	if !ok {
		return ""
	}
	return s.Dir + "\x00" + id
}

// ReadPolicy reads a policy from a file system rooted at its directory, which
// people know as name.
func ReadPolicy(fsys fs.FS, name string) (*Policy, error) {
	p := &Policy{Modules: map[string][]byte{}}
	err := fs.WalkDir(fsys, ".", func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch {
		case strings.HasSuffix(at, ".rego"):
			src, err := fs.ReadFile(fsys, at)
			if err != nil {
				return err
			}
			p.Modules[path.Join(name, at)] = src
		case at == "data.yaml":
			return p.readData(fsys, at, path.Join(name, at))
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	return p, nil
}

func (p *Policy) readData(fsys fs.FS, at, name string) error {
	src, err := readFile(fsys, at)
	if err != nil {
		return err
	}
	doc, findings := yamldoc.Parse(name, src)
	if doc == nil || len(findings) > 0 {
		return &InvalidError{What: name, Findings: findings}
	}
	p.Data, p.Doc = doc.Value(), doc
	return nil
}

// RunsGate reports whether a file of the repository decides what GitHub runs as
// the gate of the store in dir, and whom it asks. Beside other things these are
// the files that gitsm init writes; in a repository of records alone it is all
// that GitHub reads.
func RunsGate(c Config, dir, p string) bool {
	if c.Forge != "github" {
		return false
	}
	rest, ok := strings.CutPrefix(p, ".github/")
	owners := p == "CODEOWNERS" || p == "docs/CODEOWNERS" || ok && rest == "CODEOWNERS"
	return owners || ok && (dir == "" || strings.HasPrefix(rest, "workflows/gitsm-"))
}
