package validate

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// index is a snapshot as references see it. Records of catalogue kinds are
// listed once; those of dated kinds are looked up one by one, because there
// are many and an id says where each is. It is safe for concurrent use.
type index struct {
	store *store.Store

	mu     sync.Mutex
	kinds  map[string]*shelf
	ids    map[string][]string // by kind, by file names alone
	owners map[string][]claim  // what identifies a person → who claims it
}

// shelf is the records of one undated kind.
type shelf struct {
	byID map[string][]*record.Record // every path of an id
	fold map[string][]*record.Record // the same without regard to case

	alias   map[string][]*record.Record
	spelled map[string][]string // directories on the way to a record, by lower case
}

func newIndex(s *store.Store) *index {
	return &index{store: s, kinds: map[string]*shelf{}, ids: map[string][]string{}}
}

// find returns the record of a kind. exists is true as well for a file that
// cannot be read, whose record is nil: it is there, and has its own findings.
func (ix *index) find(k *record.Kind, id string) (rec *record.Record, exists bool, err error) {
	if record.CheckID(k, id) != nil {
		return nil, false, nil
	}
	if !k.Dated() {
		sh, err := ix.shelf(k)
		if err != nil {
			return nil, false, err
		}
		if recs := sh.byID[id]; len(recs) > 0 {
			return recs[0], true, nil
		}
		ids, err := ix.known(k)
		_, exists = slices.BinarySearch(ids, id)
		return nil, exists, err
	}
	rec, err = ix.store.Get(k.Name, id)
	var broken *store.InvalidError
	switch {
	case err == nil:
		return rec, true, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, nil
	case errors.As(err, &broken):
		return nil, true, nil
	}
	return nil, false, err
}

// shelf lists the records of an undated kind.
func (ix *index) shelf(k *record.Kind) (*shelf, error) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if sh := ix.kinds[k.Name]; sh != nil {
		return sh, nil
	}
	recs, err := ix.store.List(k.Name)
	if err != nil {
		return nil, fmt.Errorf("resolving references to %s: %w", k.Plural, err)
	}
	sh := &shelf{byID: map[string][]*record.Record{}, fold: map[string][]*record.Record{}, alias: map[string][]*record.Record{}, spelled: map[string][]string{}}
	for _, r := range recs {
		sh.byID[r.ID] = append(sh.byID[r.ID], r)
		folded := strings.ToLower(r.ID)
		sh.fold[folded] = append(sh.fold[folded], r)
		for _, alias := range r.Aliases() {
			sh.alias[alias] = append(sh.alias[alias], r)
		}
		if !k.Fixed() {
			sh.spell(path.Dir(r.Path))
		}
	}
	ix.kinds[k.Name] = sh
	return sh, nil
}

// spell notes how a directory and those above it are spelled.
func (sh *shelf) spell(dir string) {
	for ; dir != "."; dir = path.Dir(dir) {
		folded := strings.ToLower(dir)
		if slices.Contains(sh.spelled[folded], dir) {
			return
		}
		sh.spelled[folded] = append(sh.spelled[folded], dir)
	}
}

// known returns the ids of a kind, sorted, whether or not they can be read.
func (ix *index) known(k *record.Kind) ([]string, error) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if ids, ok := ix.ids[k.Name]; ok {
		return ids, nil
	}
	ids, err := ix.store.IDs(k.Name)
	if err != nil {
		return nil, fmt.Errorf("resolving references to %s: %w", k.Plural, err)
	}
	ix.ids[k.Name] = ids
	return ids, nil
}
