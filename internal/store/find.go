package store

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/record"
)

// AmbiguousError says that a short id names several records.
type AmbiguousError struct {
	Short string
	IDs   []string
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%q names several records: %s", e.Short, strings.Join(e.IDs, ", "))
}

// SplitShort takes the kind off an id such as team:payments, which tells it
// from a service of that name; kind is "" where none is given.
func (s *Store) SplitShort(short string) (kind, id string) {
	if word, id, ok := strings.Cut(short, ":"); ok {
		if k, known := s.Kinds.ByName(word); known {
			return k.Name, id
		}
	}
	return "", short
}

// Find returns the record a person means by an id, any unique suffix of a dated
// one, or an alias, among the given kinds (all of them where none is named).
func (s *Store) Find(short string, kinds ...string) (*record.Record, error) {
	if kind, id := s.SplitShort(short); kind != "" && (len(kinds) == 0 || slices.Contains(kinds, kind)) {
		short, kinds = id, []string{kind}
	}
	var exact, match []named
	for _, k := range s.Kinds.All() {
		if len(kinds) > 0 && !slices.Contains(kinds, k.Name) || short == "" {
			continue
		}
		id := short
		if k.Dated() {
			id = strings.ToUpper(short)
		}
		if _, err := s.Get(k.Name, id); err == nil {
			exact = append(exact, named{k.Name, id})
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if !k.Dated() || record.CheckID(k, id) == nil {
			continue // a whole id is the end of no other
		}
		ids, err := s.IDs(k.Name)
		if err != nil {
			return nil, err
		}
		for _, have := range ids {
			if strings.HasSuffix(have, id) {
				match = append(match, named{k.Name, have})
			}
		}
	}
	if len(exact) > 0 {
		match = exact
	}
	if len(match) == 0 {
		var err error
		if match, err = s.aliased(short, kinds); err != nil {
			return nil, err
		}
	}
	switch len(match) {
	case 0:
		return nil, fmt.Errorf("no record is called %q: %w", short, fs.ErrNotExist)
	case 1:
		return s.Get(match[0].kind, match[0].id)
	}
	return nil, ambiguous(short, match)
}

// named is a record by kind and id.
type named struct{ kind, id string }

// aliased returns the records that have an alias, among the given kinds.
func (s *Store) aliased(alias string, kinds []string) ([]named, error) {
	var out []named
	for _, k := range s.Kinds.All() {
		if !k.Aliased || len(kinds) > 0 && !slices.Contains(kinds, k.Name) || record.CheckID(k, alias) != nil {
			continue
		}
		recs, err := s.List(k.Name)
		if err != nil {
			return nil, err
		}
		for _, rec := range recs {
			if slices.Contains(rec.Aliases(), alias) {
				out = append(out, named{k.Name, rec.ID})
			}
		}
	}
	return out, nil
}

// Unaliased returns the id that records refer to by what a person called an
// alias, with its kind where that was given. Anything else is returned as it
// is: what names nothing, or two records, is for check to report.
func (s *Store) Unaliased(short string, kinds ...string) string {
	kind, id := s.SplitShort(short)
	rec, err := s.Find(short, kinds...)
	if err != nil || rec.Kind.Dated() || rec.ID == id {
		return short
	}
	if kind != "" {
		return kind + ":" + rec.ID
	}
	return rec.ID
}

// ambiguous lists what a short id could mean, by kind where ids are equal.
func ambiguous(short string, match []named) error {
	e := &AmbiguousError{Short: short}
	for _, m := range match {
		if m.id == short {
			m.id = m.kind + ":" + m.id
		}
		e.IDs = append(e.IDs, m.id)
	}
	slices.Sort(e.IDs)
	return e
}
