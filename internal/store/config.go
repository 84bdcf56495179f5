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
	Kinds      []DeclaredKind      `json:"kinds"`
}

// DeclaredKind is a row of the kind table that a store declares itself.
type DeclaredKind struct {
	Name        string              `json:"name"`
	Plural      string              `json:"plural"`
	Path        string              `json:"path"`
	Prefix      string              `json:"prefix"`
	ID          string              `json:"id"`
	IDField     string              `json:"id_field"`
	Schema      string              `json:"schema"`
	Title       string              `json:"title"`
	States      []string            `json:"states"`
	Initial     string              `json:"initial"`
	Terminal    []string            `json:"terminal"`
	Transitions []record.Transition `json:"transitions"`
	Refs        []struct {
		Path  string   `json:"path"`
		Kinds []string `json:"kinds"`
	} `json:"refs"`
	Immaterial []string `json:"immaterial"`
	Policy     string   `json:"policy"`
}

// configure reads gitsm.yaml strictly: a key that is not understood could be a
// misspelt safeguard, so nothing works until it is mended.
func (s *Store) configure(src []byte) (*configuration, error) {
	name := s.Display(ConfigFile)
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
		if field, msg := d.unsupported(); msg != "" {
			sh.at([]string{"kinds", strconv.Itoa(i), field}, fmt.Sprintf("kind %s: %s", d.Name, msg))
		}
		k, _ := kinds.ByName(d.Name)
		// Such a file would be judged as a record, and its owners not asked.
		takes := ""
		if _, ok := k.Match(ConfigFile); ok {
			takes = ConfigFile
		} else if k.MayTake(PolicyDir) {
			takes = PolicyDir + "/"
		}
		if takes != "" {
			sh.add(fmt.Sprintf("kind %s: its path %s takes %s", k.Name, k.Path, takes), func() (int, int) { return sh.doc.KeyPosition("/kinds") })
		}
	}
	return kinds
}

// unsupported says what of a row this build would pass over. Records would go
// unjudged, or be refused for a reason nobody finds.
func (d DeclaredKind) unsupported() (field, msg string) {
	switch {
	case d.Policy != "" && d.Policy != d.Name:
		return "policy", "its policy is package gitsm." + d.Name + ", and no other can be named yet"
	case strings.HasPrefix(d.ID, "^"):
		return "id", "ids of a form of their own cannot be read yet; they are slugs, or dated where a prefix is given"
	case d.ID == "dated" && d.Prefix == "":
		return "id", "dated ids need a prefix"
	case d.ID == "slug" && d.Prefix != "":
		return "id", "slugs have no prefix"
	}
	return "", ""
}

func (c Config) rows() []record.Kind {
	var rows []record.Kind
	for _, d := range c.Kinds {
		k := record.Kind{Name: d.Name, Plural: d.Plural, Prefix: d.Prefix, Path: d.Path, Schema: d.Schema, Title: d.Title,
			States: d.States, Terminal: d.Terminal, Transitions: d.Transitions, Immaterial: d.Immaterial}
		if k.Title == "" {
			k.Title = "title"
		}
		if d.Initial != "" {
			k.Transitions = append([]record.Transition{{To: d.Initial, Verb: "new"}}, k.Transitions...)
		}
		for _, r := range d.Refs {
			k.Refs = append(k.Refs, record.Ref{Path: r.Path, Kinds: r.Kinds})
		}
		rows = append(rows, k)
	}
	return rows
}
