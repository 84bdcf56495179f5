package validate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// sameID finds other records that go by the id of this one: in another
// directory, in other letter case, or for services and assets, which share
// one set of names, of the other kind.
func (ix *index) sameID(rec *record.Record) ([]finding.Finding, error) {
	if rec.Kind.Dated() {
		return nil, nil // a dated id says its path, and may be of one case only
	}
	shelves, err := ix.sharing(rec.Kind)
	if err != nil {
		return nil, err
	}
	var twins []*record.Record
	for _, sh := range shelves {
		twins = append(twins, sh.fold[strings.ToLower(rec.ID)]...)
	}
	var out []finding.Finding
	for _, twin := range twins {
		if twin.Path == rec.Path {
			continue
		}
		keys := rec.Kind.IDPath()
		f := atKey(rec.Doc, rec.ID, yamldoc.Pointer(keys...), "REF006", fmt.Sprintf("%s is also the id of %s", show(rec.ID), twin.Doc.Name))
		if twin.ID != rec.ID {
			f.Message = fmt.Sprintf("%s differs from %s in letter case alone", show(rec.ID), twin.Doc.Name)
		}
		out = append(out, f)
	}
	return out, nil
}

// sameDir finds records in a directory that is spelled in other letter case
// than that of this one, where the kind leaves directories open.
func (ix *index) sameDir(rec *record.Record) ([]finding.Finding, error) {
	if rec.Kind.Dated() || rec.Kind.Fixed() {
		return nil, nil
	}
	sh, err := ix.shelf(rec.Kind)
	if err != nil {
		return nil, err
	}
	var out []finding.Finding
	dir := path.Dir(rec.Path)
	for i, r := range dir + "/" {
		if r != '/' {
			continue
		}
		prefix := dir[:i]
		for _, other := range sh.spelled[strings.ToLower(prefix)] {
			if other != prefix {
				out = append(out, of(rec, "", "STO006", fmt.Sprintf("%s differs from %s in letter case alone", ix.store.Display(prefix), ix.store.Display(other))))
			}
		}
		if len(out) > 0 {
			break // what is beneath differs for the same reason
		}
	}
	return out, nil
}

// sharing returns the records that share one set of names with those of a kind:
// of services and assets those of both.
func (ix *index) sharing(k *record.Kind) ([]*shelf, error) {
	kinds := []*record.Kind{k}
	for one, other := range map[string]string{"service": "asset", "asset": "service"} {
		if also, ok := ix.store.Kinds.ByName(other); ok && k.Name == one {
			kinds = append(kinds, also)
		}
	}
	var out []*shelf
	for _, k := range kinds {
		sh, err := ix.shelf(k)
		if err != nil {
			return nil, err
		}
		out = append(out, sh)
	}
	return out, nil
}

// sameName finds aliases of this record that are names of others, or its id
// among the aliases of others: which record is meant could not be told.
func (ix *index) sameName(rec *record.Record) ([]finding.Finding, error) {
	if !rec.Kind.Aliased {
		return nil, nil
	}
	shelves, err := ix.sharing(rec.Kind)
	if err != nil {
		return nil, err
	}
	var out []finding.Finding
	for i, alias := range rec.Aliases() {
		pointer := yamldoc.Pointer("aliases", strconv.Itoa(i))
		for _, sh := range shelves {
			for _, other := range sh.byID[alias] {
				out = append(out, of(rec, pointer, "REF006", fmt.Sprintf("%s is also the id of %s", show(alias), other.Doc.Name)))
			}
			for _, other := range sh.alias[alias] {
				if other.Path != rec.Path {
					out = append(out, of(rec, pointer, "REF006", fmt.Sprintf("%s is also an alias of %s %s", show(alias), other.Kind.Name, other.ID)))
				}
			}
		}
	}
	for _, sh := range shelves {
		for _, other := range sh.alias[rec.ID] {
			if other.Path != rec.Path {
				out = append(out, atKey(rec.Doc, rec.ID, "/id", "REF006", fmt.Sprintf("%s is also an alias of %s %s", show(rec.ID), other.Kind.Name, other.ID)))
			}
		}
	}
	return out, nil
}

// claim is one person's word that something identifies them.
type claim struct {
	key     string // what is claimed, in comparable form
	words   string // what it is, for people
	pointer string
	person  *record.Record
}

// claims returns what a person record says identifies its person.
func claims(rec *record.Record) []claim {
	var out []claim
	add := func(kind, value, words, pointer string) {
		if value != "" {
			out = append(out, claim{key: kind + "\x00" + value, words: words, pointer: pointer, person: rec})
		}
	}
	emails, _ := rec.Fields["emails"].([]any)
	for i, e := range emails {
		text, _ := e.(string)
		add("email", strings.ToLower(strings.TrimSpace(text)), "the address "+show(text), yamldoc.Pointer("emails", strconv.Itoa(i)))
	}
	keys, _ := rec.Fields["signing_keys"].([]any)
	for i, k := range keys {
		m, _ := k.(map[string]any)
		text, _ := m["key"].(string)
		if authority, _ := m["authority"].(bool); authority {
			continue // whoever its certificates name
		}
		add("key", record.SigningKey{Key: text}.Essence(), "this signing key", yamldoc.Pointer("signing_keys", strconv.Itoa(i), "key"))
	}
	if id, ok := record.Value(rec.Fields, "github", "id").(json.Number); ok {
		add("github", id.String(), "the GitHub id "+id.String(), "/github/id")
	}
	if login := rec.Str("github", "login"); login != "" {
		add("login", strings.ToLower(login), "the GitHub login "+show(login), "/github/login")
	}
	return out
}

// samePerson finds others who claim what identifies this person: who acted
// could not be told, and one human could approve twice.
func (ix *index) samePerson(rec *record.Record) ([]finding.Finding, error) {
	if rec.Kind.Name != "person" {
		return nil, nil
	}
	owners, err := ix.claimed()
	if err != nil {
		return nil, err
	}
	var out []finding.Finding
	for _, c := range claims(rec) {
		var others []string
		for _, o := range owners[c.key] {
			if o.person.ID != rec.ID {
				others = append(others, o.person.ID)
			}
		}
		if len(others) == 0 {
			continue
		}
		others = slices.Compact(others)
		f := of(rec, c.pointer, "REF005", fmt.Sprintf("%s is also that of %s", c.words, strings.Join(others, ", ")))
		out = append(out, f)
	}
	return out, nil
}

// claimed indexes what all people claim.
func (ix *index) claimed() (map[string][]claim, error) {
	people, err := ix.store.List("person")
	if err != nil {
		return nil, fmt.Errorf("comparing people: %w", err)
	}
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if ix.owners != nil {
		return ix.owners, nil
	}
	ix.owners = map[string][]claim{}
	for _, p := range people { // sorted by id
		for _, c := range claims(p) {
			ix.owners[c.key] = append(ix.owners[c.key], c)
		}
	}
	return ix.owners, nil
}

func sortedKeys(m map[string][]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, cmp.Compare[string])
	return keys
}
