package record

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
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
	Title  string // field that names a record for people

	States      []string // in lifecycle order; empty where there is none
	Terminal    []string
	Transitions []Transition

	Refs       []Ref
	Immaterial []string // fields approvals are never bound to, besides AlwaysImmaterial
	Owner      string   // key of `owners` in gitsm.yaml that guards it; "" leaves it to policy
	Catalogue  bool     // describes the organisation rather than work: lands at once while bootstrapping

	Aliased bool // its records may have further names, in their field aliases

	pattern pattern
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

// PathOf returns where a new record of this kind is written: directories that
// a pattern leaves open (`**`) are left out.
func (k *Kind) PathOf(id string) string { return k.pattern.fill(id) }

// Dir returns the directory beneath which all records of the kind live.
func (k *Kind) Dir() string { return k.pattern.root() }

// Match returns the id a path of this kind stands for.
func (k *Kind) Match(path string) (id string, ok bool) { return k.pattern.match(path) }

// MayTake reports whether a record of the kind may lie in a directory at the
// top of the store, or beneath it.
func (k *Kind) MayTake(dir string) bool {
	return len(k.pattern.dirs) > 0 && slices.Contains([]string{dir, "*", "**"}, k.pattern.dirs[0])
}

// Fixed reports whether an id determines its record's path, so that looking a
// record up needs no listing.
func (k *Kind) Fixed() bool { return !k.pattern.open() }

// Kinds is the kind table of a store.
type Kinds struct {
	list []*Kind
	name map[string]*Kind
}

// Builtin returns the table of the built-in kinds.
func Builtin() *Kinds {
	ks, err := newKinds(builtinKinds())
	if err != nil {
		panic(err) // a row of our own table is wrong: a test catches it
	}
	return ks
}

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
		p, err := parsePattern(k.Path)
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

var prefix = regexp.MustCompile(`^[A-Z]{2,6}$`)

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
