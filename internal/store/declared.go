package store

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/record"
)

// DeclaredKind is a row of the kind table that a store declares itself.
type DeclaredKind struct {
	Name        string              `json:"name"`
	Plural      string              `json:"plural"`
	Path        string              `json:"path"`
	Prefix      string              `json:"prefix"`
	ID          string              `json:"id"`
	IDField     string              `json:"id_field"`
	Envelope    *bool               `json:"envelope"` // nil is true
	Schema      string              `json:"schema"`
	Title       string              `json:"title"`
	StateField  string              `json:"state_field"`
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
	Owners     []string `json:"owners"`
}

// rows are the declared kinds as rows of the table.
func (c Config) rows() []record.Kind {
	var rows []record.Kind
	for _, d := range c.Kinds {
		rows = append(rows, d.row())
	}
	return rows
}

func (d DeclaredKind) row() record.Kind {
	k := record.Kind{Name: d.Name, Plural: d.Plural, Prefix: d.Prefix, Path: d.Path, Schema: d.Schema, Title: cmp.Or(d.Title, "title"),
		States: d.States, Terminal: d.Terminal, Transitions: d.Transitions, Immaterial: d.Immaterial,
		Declared: record.Declared{Foreign: d.Envelope != nil && !*d.Envelope, IDField: d.IDField, StateField: d.StateField,
			Package: d.Policy, Owners: d.Owners}}
	if strings.HasPrefix(d.ID, "^") {
		k.Form, _ = regexp.Compile(d.ID) // one that is none is among the problems
	}
	initial := d.Initial
	if initial == "" && len(d.States) > 0 && !slices.ContainsFunc(d.Transitions, func(t record.Transition) bool { return t.From == "" }) {
		initial = d.States[0] // they are in the order of its life
	}
	if initial != "" {
		k.Transitions = append([]record.Transition{{To: initial, Verb: "new"}}, k.Transitions...)
	}
	for _, r := range d.Refs {
		k.Refs = append(k.Refs, record.Ref{Path: r.Path, Kinds: r.Kinds})
	}
	return k
}

// taken are the words of the command line that are no nouns.
var taken = []string{"init", "demo", "doctor", "check", "gate", "inbox", "calendar", "conflicts", "policy", "audit", "report", "site",
	"import", "export", "search", "fmt", "schema", "explain", "completion", "version", "help", "graph", "impact", "blame", "store", "config"}

// common are the verbs that every noun has.
var common = []string{"new", "edit", "view", "list", "ls", "submit", "approve", "reject", "merge", "status", "diff", "rename", "help"}

// problem is what is wrong with a row, at a path beneath it.
type problem struct {
	path []string
	msg  string
}

// problems says why a row cannot be worked with. Records would go unjudged, or
// be refused for a reason nobody finds.
func (d DeclaredKind) problems(kinds *record.Kinds) []problem {
	var out []problem
	add := func(msg string, path ...string) { out = append(out, problem{path, msg}) }
	for field, word := range map[string]string{"name": d.Name, "plural": d.Plural} {
		if slices.Contains(taken, word) {
			add(fmt.Sprintf("%q is a command of gitsm, so no kind can be called so", word), field)
		}
	}
	if _, err := regexp.Compile(d.ID); strings.HasPrefix(d.ID, "^") && err != nil {
		add(fmt.Sprintf("the form of its ids cannot be read: %v", err), "id")
	}
	switch {
	case d.ID == "dated" && d.Prefix == "":
		add("dated ids need a prefix", "id")
	case d.ID != "" && d.ID != "dated" && d.Prefix != "":
		add("only dated ids have a prefix", "id")
	}
	k, _ := kinds.ByName(d.Name)
	if !k.Foreign && d.IDField != "" && !k.Named() {
		add("only records without an envelope can leave their id to a field: write envelope: false, or {id} in the path", "path")
	}
	// Such a file would be judged as a record, and its owners not asked.
	if _, ok := k.Match(ConfigFile); ok {
		add(fmt.Sprintf("its path %s takes %s", k.Path, ConfigFile), "path")
	} else if k.MayTake(PolicyDir) {
		add(fmt.Sprintf("its path %s takes %s/", k.Path, PolicyDir), "path")
	}
	return append(append(out, d.lifecycle()...), d.references(kinds)...)
}

// lifecycle holds initial, terminal and transitions against the states.
func (d DeclaredKind) lifecycle() []problem {
	var out []problem
	state := func(s string, path ...string) {
		if s != "" && !slices.Contains(d.States, s) {
			out = append(out, problem{path, fmt.Sprintf("%q is none of its states", s)})
		}
	}
	state(d.Initial, "initial")
	for i, s := range d.Terminal {
		state(s, "terminal", strconv.Itoa(i))
	}
	for i, t := range d.Transitions {
		at := strconv.Itoa(i)
		state(t.From, "transitions", at, "from")
		state(t.To, "transitions", at, "to")
		if t.From != "" && slices.Contains(common, t.Verb) {
			out = append(out, problem{[]string{"transitions", at, "verb"}, fmt.Sprintf("%s is what every kind has, so no step can be called so", t.Verb)})
		}
		if slices.Contains(d.Terminal, t.From) && t.From != "" {
			out = append(out, problem{[]string{"transitions", at, "from"}, fmt.Sprintf("nothing leaves %s, which is terminal", t.From)})
		}
	}
	return out
}

func (d DeclaredKind) references(kinds *record.Kinds) []problem {
	var out []problem
	for i, r := range d.Refs {
		for j, name := range r.Kinds {
			if k, ok := kinds.ByName(name); !ok || k.Name != name {
				out = append(out, problem{[]string{"refs", strconv.Itoa(i), "kinds", strconv.Itoa(j)}, fmt.Sprintf("no kind is called %q", name)})
			}
		}
	}
	return out
}

// packages refuses two kinds that one package would judge: its rules would read
// the fields of both.
func (c Config) packages(sh *shape) {
	of := map[string]string{}
	for _, k := range record.Builtin().All() {
		of[strings.ReplaceAll(k.Name, "-", "_")] = k.Name
	}
	for i, d := range c.Kinds {
		pkg := cmp.Or(d.Policy, strings.ReplaceAll(d.Name, "-", "_"))
		if other, dup := of[pkg]; dup {
			sh.at([]string{"kinds", strconv.Itoa(i), "policy"}, fmt.Sprintf("kind %s: package gitsm.%s judges kind %s already", d.Name, pkg, other))
			continue
		}
		of[pkg] = d.Name
	}
}
