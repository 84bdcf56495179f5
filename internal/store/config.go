package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Config is gitsm.yaml.
type Config struct {
	APIVersion string              `json:"apiVersion"`
	Kind       string              `json:"kind"`
	ID         string              `json:"id"`
	Title      string              `json:"title"`
	MainBranch string              `json:"main_branch"` // "main" where not given
	Forge      string              `json:"forge"`       // local, github
	Timezone   string              `json:"timezone"`    // IANA name, "UTC" where not given
	Owners     map[string][]string `json:"owners"`      // who must approve changes to policy, people, windows, waivers, models, config
	Bootstrap  bool                `json:"bootstrap"`   // catalogue, policy and config land without approval
	Simulation bool                `json:"simulation"`  // mutations take --now; every audit says so
	ForgeKeys  []ForgeKey          `json:"forge_keys"`
	Kinds      []DeclaredKind      `json:"kinds"`
}

// ForgeKey is a key with which a forge signs what is merged on its pages.
type ForgeKey struct {
	Forge string `json:"forge"` // its name, for people
	Key   string `json:"key"`   // armored OpenPGP public keys
}

// configure reads gitsm.yaml strictly: a key that is not understood could be a
// misspelt safeguard, so nothing works until it is mended.
func (s *Store) configure(src []byte) (*configuration, error) {
	name := s.ruleName(ConfigFile)
	doc, findings := yamldoc.Parse(name, src)
	if doc == nil || len(findings) > 0 {
		return nil, &InvalidError{What: name, Findings: findings}
	}
	sh := &shape{doc: doc}
	sh.mapping(doc.Value(), nil, nil)
	if err := sh.err(); err != nil {
		return nil, err
	}
	b, err := json.Marshal(doc.Value())
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	c := Config{MainBranch: "main", Forge: "local", Timezone: "UTC"}
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	read := &configuration{config: c, kinds: record.Builtin(), doc: doc}
	if read.kinds = c.check(sh); len(c.Kinds) > 0 {
		read.kindsKey = string(b) // other rows read the same bytes differently
	}
	return read, sh.err()
}

// check judges what a store could not work with, and returns its kinds.
func (c Config) check(sh *shape) *record.Kinds {
	if c.APIVersion != record.APIVersion {
		sh.at([]string{"apiVersion"}, "apiVersion must be "+record.APIVersion)
	}
	if c.Kind != "config" {
		sh.at([]string{"kind"}, "kind must be config")
	}
	if c.Forge != "local" && c.Forge != "github" {
		sh.at([]string{"forge"}, fmt.Sprintf("forge %q is neither local nor github", c.Forge))
	}
	if strings.HasPrefix(c.MainBranch, "gitsm/") || c.MainBranch == "gitsm-evidence" {
		// else a proposal that is checked out could say that it is main
		sh.at([]string{"main_branch"}, fmt.Sprintf("main_branch %q is where proposals and evidence are kept", c.MainBranch))
	}
	kinds, err := record.Builtin().With(c.rows())
	if err != nil {
		sh.add(err.Error(), func() (int, int) { return sh.doc.KeyPosition("/kinds") })
		return nil
	}
	for i, d := range c.Kinds {
		for _, p := range d.problems(kinds) {
			sh.at(append([]string{"kinds", strconv.Itoa(i)}, p.path...), fmt.Sprintf("kind %s: %s", d.Name, p.msg))
		}
	}
	c.packages(sh)
	return kinds
}
