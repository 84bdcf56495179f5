package record

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/schema"
)

// Kind is one row of the kind table. Built-in kinds and kinds that a store
// declares in gitsm.yaml differ in nothing else than where the row comes from.
//
// To add a built-in kind: add its row to builtin.go and its schema to schema/.
type Kind struct {
	Name    string   // singular, as in `kind:` and on the command line
	Plural  string   // as in the directory's name
	Aliases []string // other words the command line takes

	Prefix string // "CHG" for dated ids, "" for slugs
	Path   string // where its records live, see Pattern
	Schema string // name of its JSON Schema
	Title  string // field that names a record for people, as in metadata.title

	States      []string // in lifecycle order; empty where there is none
	Terminal    []string
	Transitions []Transition

	Refs       []Ref
	Immaterial []string // fields approvals are never bound to, besides AlwaysImmaterial
	Owner      string   // key of `owners` in gitsm.yaml that guards it; "" leaves it to policy
	Catalogue  bool     // describes the organisation rather than work: lands at once while bootstrapping

	Aliased bool // its records may have further names, in their field aliases

	Declared // what only rows of gitsm.yaml say

	pattern pattern
}

// Declared is what a store can say of a kind of its own, so that records which
// exist already are read as they are. Its zero value is how built-in kinds are.
type Declared struct {
	Foreign    bool                // its records carry no envelope: no apiVersion, no kind
	Form       *regexp.Regexp      // of ids that are neither slugs nor dated; nil for those
	IDField    string              // field that repeats the id, or holds it where Path does not, as in metadata.id; "" is id
	StateField string              // "" is state
	Package    string              // of the policy that judges it, below gitsm; "" is the kind's name
	Owners     []string            // "team:…" and "person:…", of whom one approves; beside Owner
	Shape      func() *schema.Tree // fields of its records; nil where nobody described them
}

// Transition is one allowed step of a lifecycle. From is "" for a new record.
type Transition struct {
	From, To string
	Verb     string
	Types    []string // record types it is for; empty means every type
	// Writes are the facts that the step puts down, as dotted paths: what took
	// the step without them is refused, and so is what has them before it.
	Writes []string
}

// Ref is a field that names other records.
type Ref struct {
	Path  string   // "owner", "window.calendar", "services[]", "depends_on[].of[]"
	Kinds []string // what it may name; none means records of any kind
}

func (k *Kind) terminal(state string) bool { return slices.Contains(k.Terminal, state) }

// Dated reports whether the kind's ids carry a date.
func (k *Kind) Dated() bool { return k.Prefix != "" }

// Fields describes the fields of the kind's records; it is never nil.
func (k *Kind) Fields() *schema.Tree {
	switch {
	case k.Shape != nil:
		return k.Shape()
	case strings.HasSuffix(k.Schema, ".json"):
		return &schema.Tree{} // a file of the store that was not read
	}
	return schema.Of(k.Schema)
}

// IDKey is the field that says or repeats a record's id, with dots where it is
// within another.
func (k *Kind) IDKey() string { return cmp.Or(k.IDField, "id") }

// IDPath are the keys that lead to the field of IDKey.
func (k *Kind) IDPath() []string { return strings.Split(k.IDKey(), ".") }

// IDIn returns the id that a record's fields hold, "" where they hold none.
func (k *Kind) IDIn(fields map[string]any) string { return IDText(Value(fields, k.IDPath()...)) }

// TitleIn returns the title that a record's fields hold, "" where they hold none.
func (k *Kind) TitleIn(fields map[string]any) string {
	return Str(fields, strings.Split(k.Title, ".")...)
}

// StateKey is the field that holds a record's lifecycle state.
func (k *Kind) StateKey() string { return cmp.Or(k.StateField, "state") }

// Initial is the state of a new record, "" for kinds without states.
func (k *Kind) Initial() string {
	for _, t := range k.Transitions {
		if t.From == "" {
			return t.To
		}
	}
	if len(k.States) == 0 {
		return ""
	}
	return k.States[0]
}

// PathOf returns where a new record of this kind is written: directories that
// a pattern leaves open (`**`) are left out. Where Settled is false there has
// to be chosen.
func (k *Kind) PathOf(id string) string { return k.pattern.fill(id) }

// Settled reports whether a new record can be written at PathOf, without
// anybody choosing a directory.
func (k *Kind) Settled(id string) bool {
	got, ok := k.Match(k.PathOf(id))
	return ok && (got == id || got == "" && k.pattern.holds("*"))
}

// Dir returns the directory beneath which all records of the kind live.
func (k *Kind) Dir() string { return k.pattern.root() }

// Match returns the id a path of this kind stands for; "" is one that its file
// has to be read for. Without an envelope a file of another name is none of the
// kind's records, and whose it is has to be said elsewhere.
func (k *Kind) Match(path string) (id string, ok bool) {
	id, ok = k.pattern.match(path)
	if ok && k.Foreign && k.Form != nil && k.Named() && !k.Form.MatchString(id) {
		return "", false
	}
	return id, ok
}

// Named reports whether the path of a record says its id. Of the others a field
// does.
func (k *Kind) Named() bool { return k.pattern.named() }

// MayTake reports whether a record of the kind may lie in a directory at the
// top of the store, or beneath it.
func (k *Kind) MayTake(dir string) bool {
	if len(k.pattern) < 2 {
		return false
	}
	_, ok := k.pattern[0].match(dir, false)
	return ok || k.pattern[0].hole == "**"
}

// Fixed reports whether an id determines its record's path, so that looking a
// record up needs no listing.
func (k *Kind) Fixed() bool { return k.pattern.fixed() }

// Markdown reports whether records are the front matter of Markdown files.
func (k *Kind) Markdown() bool { return strings.HasSuffix(k.Path, ".md") }

// Parse reads a file of the kind strictly: YAML, or the front matter of
// Markdown. It returns what yamldoc.Parse does.
func (k *Kind) Parse(name string, src []byte) (*yamldoc.Doc, []finding.Finding) {
	if k.Markdown() {
		return yamldoc.ParseFrontMatter(name, src)
	}
	return yamldoc.Parse(name, src)
}

// Kinds is the kind table of a store.
type Kinds struct {
	list []*Kind
	name map[string]*Kind
}

// Builtin returns the table of the built-in kinds. There is one, which nobody
// changes.
func Builtin() *Kinds { return builtin() }

var builtin = sync.OnceValue(func() *Kinds {
	ks, err := newKinds(builtinKinds())
	if err != nil {
		panic(err) // a row of our own table is wrong: a test catches it
	}
	return ks
})

// With returns the table extended by declared rows.
func (ks *Kinds) With(declared []Kind) (*Kinds, error) {
	rows := make([]Kind, 0, len(ks.list)+len(declared))
	for _, k := range ks.list {
		rows = append(rows, *k)
	}
	return newKinds(append(rows, declared...))
}

func newKinds(rows []Kind) (*Kinds, error) {
	ks := &Kinds{name: map[string]*Kind{}}
	for i := range rows {
		k := &rows[i]
		p, err := parsePattern(k.Path, k.IDField != "")
		if err != nil {
			return nil, fmt.Errorf("kind %s: %w", k.Name, err)
		}
		k.pattern = p
		if err := ks.compatible(k); err != nil {
			return nil, fmt.Errorf("kind %s: %w", k.Name, err)
		}
		for _, word := range append([]string{k.Name, k.Plural}, k.Aliases...) {
			if word == "" {
				return nil, fmt.Errorf("kind %q: name and plural must be given", k.Name)
			}
			if other, taken := ks.name[word]; taken && other != k {
				return nil, fmt.Errorf("kind %s: the word %q already names kind %s", k.Name, word, other.Name)
			}
			ks.name[word] = k
		}
		ks.list = append(ks.list, k)
	}
	return ks, nil
}

var prefix = lazyregexp.New(`^[A-Z]{2,6}$`)

// compatible says why a row can have no records, or shares them with another.
func (ks *Kinds) compatible(k *Kind) error {
	switch {
	case k.Dated() && !prefix.MatchString(k.Prefix):
		return fmt.Errorf("prefix %q is not two to six capital letters", k.Prefix)
	case !k.Dated() && k.pattern.dated():
		return fmt.Errorf("path %q holds a date, and ids without a prefix have none", k.Path)
	}
	for _, other := range ks.list {
		switch {
		case k.Dated() && k.Prefix == other.Prefix:
			return fmt.Errorf("kind %s has the prefix %s already", other.Name, k.Prefix)
		case k.Path == other.Path:
			return fmt.Errorf("kind %s is kept at %s already", other.Name, k.Path)
		}
	}
	return nil
}

// All returns the rows in table order, which is the order lists print in.
func (ks *Kinds) All() []*Kind { return ks.list }

// ByName finds a kind by its name, plural or alias.
func (ks *Kinds) ByName(word string) (*Kind, bool) {
	k, ok := ks.name[word]
	return k, ok
}

// ByPath finds the kind whose pattern a path matches, and the id it stands for.
func (ks *Kinds) ByPath(path string) (k *Kind, id string, ok bool) {
	for _, k := range ks.list {
		if id, ok := k.Match(path); ok {
			return k, id, true
		}
	}
	return nil, "", false
}

// OfID finds the dated kind an id belongs to by its prefix.
func (ks *Kinds) OfID(id string) (*Kind, bool) {
	prefix, _, found := strings.Cut(id, "-")
	if !found {
		return nil, false
	}
	for _, k := range ks.list {
		if k.Dated() && strings.EqualFold(k.Prefix, prefix) {
			return k, true
		}
	}
	return nil, false
}
