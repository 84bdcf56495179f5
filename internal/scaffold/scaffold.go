// Package scaffold owns what a new store begins with: gitsm.yaml, a directory
// per kind, the default policy pack, the first person and team, and the files
// that make editors and git treat records well.
//
// It may import record, yamldoc and the embedded schemas and policy. It is
// pure: it gets an identity and names as values, returns files as bytes, and
// looks at what exists through fs.FS. It never writes a file, runs git or
// judges what it made; check does.
package scaffold

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/policy"
)

// Options say whose store begins where.
type Options struct {
	Dir        string // the store's directory in the repository, "" at its top
	Title      string // "" leaves it out
	MainBranch string
	Timezone   string // IANA name
	// Name and Email are the first person's. Without an address nobody is in
	// the store yet, and its owners are nobody.
	Name, Email string
	Key         string // their signing key as in a .pub file, "" for none

	Forge string // "" for local
	// Pin is the commit of this project, in full, at which workflows call it.
	// There are none without.
	Pin string
	// Environment is that which holds the key of an app of the team's own, as
	// which gate and recorder act; "" for the token that workflows have.
	Environment string
	CodeOwners  []string // who reviews the rules on GitHub: @org/team, @login
}

// File is one file of a new store.
type File struct {
	Path    string // in the repository
	Content []byte
	Why     string // what it is for, in a few words
	// Instead names files that do the same: where one of them exists, this one
	// would take its place unasked.
	Instead []string
}

// Team is the first team: the one that the default policy asks about what is
// risky, and that owns the store's rules.
const Team = "change-managers"

// Files returns the files of a new store, sorted by path.
func Files(o Options) ([]File, error) {
	var files []File
	for _, part := range []func(Options) ([]File, error){configFile, people, directories, policies, schemas, gitFiles, editorFiles, forgeFiles} {
		more, err := part(o)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}

// ForgeFiles returns those of the files that a forge reads, sorted by path.
func ForgeFiles(o Options) ([]File, error) {
	files, err := forgeFiles(o)
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, err
}

// in turns a path of the store into one of the repository.
func (o Options) in(p string) string { return path.Join(o.Dir, p) }

// directories gives each kind its directory, which git keeps for the sake of
// the page that says what belongs there.
func directories(o Options) ([]File, error) {
	var files []File
	for _, k := range record.Builtin().All() {
		files = append(files, File{Path: o.in(path.Join(k.Dir(), "README.md")), Content: readme(k), Why: "where " + k.Plural + " are kept"})
	}
	return files, nil
}

// policies copies the default pack, which is the store's own from then on.
func policies(o Options) ([]File, error) {
	var files []File
	err := fs.WalkDir(policy.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(policy.FS, name)
		if err != nil {
			return err
		}
		files = append(files, File{Path: o.in(path.Join("policy", name)), Content: text, Why: policyWhy(name)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the default policy: %w", err)
	}
	return files, nil
}

func policyWhy(name string) string {
	if path.Ext(name) != ".rego" {
		return "the numbers and names that policy decides by"
	}
	if test, _ := path.Match("*_test.rego", name); test {
		return "tests of the default policy"
	}
	return "default policy"
}
