package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/gitsm/gitsm/internal/finding"
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

var unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)

// configure decodes gitsm.yaml strictly: a key that is not understood could be
// a misspelt safeguard, so nothing works until it is mended.
func (s *Store) configure(src []byte) (*configuration, error) {
	name := s.Display(ConfigFile)
	doc, findings := yamldoc.Parse(name, src)
	if doc == nil || len(findings) > 0 {
		return nil, &InvalidError{What: name, Findings: findings}
	}
	b, err := json.Marshal(doc.Value())
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	c := Config{MainBranch: "main", Forge: "local", Timezone: "UTC"}
	if err := dec.Decode(&c); err != nil {
		return nil, s.invalid(doc, err)
	}
	if c.APIVersion != record.APIVersion || c.Kind != "config" {
		return nil, s.invalid(doc, fmt.Errorf("apiVersion must be %s and kind must be config", record.APIVersion))
	}
	if c.Forge != "local" && c.Forge != "github" {
		return nil, s.invalid(doc, fmt.Errorf("forge %q is neither local nor github", c.Forge))
	}
	kinds, err := record.Builtin().With(c.rows())
	if err != nil {
		return nil, s.invalid(doc, err)
	}
	read := &configuration{config: c, kinds: kinds, doc: doc}
	if len(c.Kinds) > 0 {
		read.kindsKey = string(b) // other rows read the same bytes differently
	}
	return read, nil
}

func (s *Store) invalid(doc *yamldoc.Doc, err error) error {
	f := finding.Finding{Code: "STO001", Severity: finding.Error, File: s.Display(ConfigFile), Line: 1, Column: 1, Message: err.Error(),
		Fix: "see `gitsm explain STO001`"}
	if m := unknownField.FindStringSubmatch(err.Error()); m != nil {
		f.Message = fmt.Sprintf("unknown key %q", m[1])
		f.Line, f.Column = doc.KeyPosition("/" + m[1])
	}
	f.Frame = doc.Line(f.Line)
	return &InvalidError{What: f.File, Findings: []finding.Finding{f}}
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
