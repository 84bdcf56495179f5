package store

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gitsm/gitsm/internal/yamldoc"
)

// PolicyDir is where a store keeps its Rego and its data.
const PolicyDir = "policy"

// Policy is the source of a snapshot's policy, paths as in the repository.
type Policy struct {
	Modules map[string][]byte // every .rego file, tests included
	Data    map[string]any    // data.yaml; nil where there is none
}

// Policy reads the store's policy. A store without any yields empty Modules;
// that zero policies are no pass is the engine's business.
func (s *Store) Policy() (*Policy, error) {
	p := &Policy{Modules: map[string][]byte{}}
	err := fs.WalkDir(s.FS, PolicyDir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch {
		case strings.HasSuffix(name, ".rego"):
			src, err := fs.ReadFile(s.FS, name)
			if err != nil {
				return err
			}
			p.Modules[s.Display(name)] = src
		case name == PolicyDir+"/data.yaml":
			return s.readData(name, p)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	return p, nil
}

func (s *Store) readData(name string, p *Policy) error {
	src, err := readFile(s.FS, name)
	if err != nil {
		return err
	}
	doc, findings := yamldoc.Parse(s.Display(name), src)
	if doc == nil || len(findings) > 0 {
		return &InvalidError{What: s.Display(name), Findings: findings}
	}
	p.Data = doc.Value()
	return nil
}
