package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// FixtureDir is where tests of policy keep their records, beneath the policy's
// directory.
const FixtureDir = "fixtures"

// fixtureFile is the one file of a fixture. Plain OPA takes the names of the
// directories for the path of what it reads, and never the name of the file.
const fixtureFile = "record.yaml"

// Fixture is a record that tests of policy know as data.fixtures.<name>.
type Fixture struct {
	Name string
	Doc  *yamldoc.Doc
}

// Fixtures reads the fixtures of the store's policy. They decide nothing, and
// are read where tests are run alone.
func (s *Store) Fixtures() ([]Fixture, []finding.Finding, error) {
	sub, err := fs.Sub(s.rules, PolicyDir)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the policy's fixtures: %w", err)
	}
	return ReadFixtures(sub, s.ruleName(PolicyDir))
}

// ReadFixtures reads the fixtures of a policy from a file system rooted at its
// directory, which people know as name, sorted by name, with what is wrong with
// those that are left out: they are no strict YAML, or stand where no test would
// find them.
func ReadFixtures(fsys fs.FS, name string) (out []Fixture, wrong []finding.Finding, err error) {
	err = fs.WalkDir(fsys, FixtureDir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(at)) {
			return err
		}
		display := path.Join(name, at)
		parts := strings.Split(at, "/")
		if len(parts) != 3 || parts[2] != fixtureFile {
			wrong = append(wrong, finding.Finding{Code: "POL012", Severity: finding.Error, File: display, Line: 1, Column: 1,
				Message: fmt.Sprintf("no test finds this file: a fixture is %s/NAME/%s", path.Join(name, FixtureDir), fixtureFile)})
			return nil
		}
		src, err := readFile(fsys, at)
		if err != nil {
			return err
		}
		doc, found := yamldoc.Parse(display, src)
		if doc == nil || len(found) > 0 {
			wrong = append(wrong, found...)
			return nil
		}
		out = append(out, Fixture{Name: parts[1], Doc: doc})
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("reading the policy's fixtures: %w", err)
	}
	return out, wrong, nil
}
