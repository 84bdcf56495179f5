package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/record"
)

// Named is a record by its id and its path, whose file was not read.
type Named struct{ ID, Path string }

// reach is how many names Newest looks at before it looks no further back: in
// months of 1,700 changes a year and a half, in 20 ms.
const reach = 30_000

// Newest returns up to limit records of a kind whose ids want accepts, by the
// names of files alone: those of a dated kind with the newest first, others by
// id. begin is how all those ids begin, or else something that no id begins with.
//
// It answers while somebody types: of a hundred thousand records it looks at
// one month if that has enough of them, at the one that begin names, or else at
// the newest 30,000. What a name stands for may turn out to be no file, or none
// that can be read.
func (s *Store) Newest(kind string, limit int, begin string, want func(id string) bool) ([]Named, error) {
	k, ok := s.Kinds.ByName(kind)
	if !ok {
		return nil, fmt.Errorf("no kind is called %q", kind)
	}
	if !k.Named() {
		return s.readNamed(k, limit, want)
	}
	n := &newest{fsys: s.FS, kind: k, want: want}
	if rest, ok := strings.CutPrefix(path.Base(k.Path), "{id}"); ok && !strings.ContainsAny(rest, "*{") {
		n.ending = rest
	}
	if strings.HasPrefix(k.Path, k.Dir()+"/{yyyy}/{mm}/") { // directories are in the order of dates
		n.enough, n.only = limit, monthDir(k, begin)
	}
	if err := n.dir(k.Dir()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing %s: %w", k.Plural, err)
	}
	slices.SortFunc(n.found, func(a, b Named) int {
		c := cmp.Compare(a.ID, b.ID)
		if k.Dated() {
			c = -c
		}
		return c
	})
	return n.found[:min(limit, len(n.found))], nil
}

// readNamed does what Newest does for a kind whose ids the files alone say.
func (s *Store) readNamed(k *record.Kind, limit int, want func(id string) bool) ([]Named, error) {
	recs, err := s.List(k.Name)
	if err != nil {
		return nil, err
	}
	var out []Named
	for _, r := range recs {
		if len(out) < limit && want(r.ID) {
			out = append(out, Named{r.ID, r.Path})
		}
	}
	return out, nil
}

// monthDir is the directory of ids that begin with a date, as far as begin says
// it.
func monthDir(k *record.Kind, begin string) string {
	date, whole := strings.CutPrefix(strings.ToUpper(begin), k.Prefix+"-")
	switch {
	case whole && len(date) >= 6:
		return k.Dir() + "/" + date[:4] + "/" + date[4:6]
	case whole && len(date) >= 4:
		return k.Dir() + "/" + date[:4]
	}
	return k.Dir()
}

type newest struct {
	fsys   fs.FS
	kind   *record.Kind
	want   func(id string) bool
	ending string // what file names have behind the id, "" where that is not all they have
	enough int    // how many are, 0 where all have to be seen
	only   string // the directory that has them all, "" for the kind's
	looked int    // at so many names
	found  []Named
}

// lister is what a directory of a work tree offers: names without the type of
// each, which an os.Root asks the system for one by one.
type lister interface {
	Readdirnames(n int) ([]string, error)
}

// dir looks through a directory, and then through those in it, the last first.
func (n *newest) dir(dir string) error {
	names, err := n.names(dir)
	if err != nil {
		return err
	}
	n.looked += len(names)
	var subs []string
	for _, name := range names {
		if id, ok := strings.CutSuffix(name, n.ending); ok && n.ending != "" && !n.want(id) {
			continue // most names: asked before all else, since it costs least
		}
		p := dir + "/" + name
		switch id, ok := n.kind.Match(p); {
		case name[0] == '.':
		case ok && n.want(id) && record.CheckID(n.kind, id) == nil:
			n.found = append(n.found, Named{id, p})
		case !ok && path.Ext(name) == "":
			subs = append(subs, p)
		}
	}
	slices.Sort(subs)
	for _, sub := range slices.Backward(subs) {
		if n.enough > 0 && (len(n.found) >= n.enough || n.looked >= reach) {
			return nil
		}
		if !strings.HasPrefix(sub, n.only) && !strings.HasPrefix(n.only, sub+"/") {
			continue
		}
		if info, err := fs.Lstat(n.fsys, sub); err != nil || !info.IsDir() {
			continue
		}
		if err := n.dir(sub); err != nil {
			return err
		}
	}
	return nil
}

// names returns what is in a directory, in any order.
func (n *newest) names(dir string) ([]string, error) {
	f, err := n.fsys.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	switch f := f.(type) {
	case lister:
		return f.Readdirnames(-1)
	case fs.ReadDirFile:
		entries, err := f.ReadDir(-1)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names, err
	}
	return nil, fmt.Errorf("%s is no directory", dir)
}
