package check

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/validate"
)

// ArgumentError says that something the caller named is nothing that can be
// checked: a path without a file, a file no kind keeps, an id nobody has.
type ArgumentError struct {
	Arg    string
	Reason string
}

func (e *ArgumentError) Error() string { return fmt.Sprintf("checking %s: %s", e.Arg, e.Reason) }

// job is one record to judge.
type job struct {
	kind  *record.Kind
	id    string
	file  string            // as findings name it
	after *record.Record    // nil where deleted or unreadable
	found []finding.Finding // what reading it said
	gone  bool              // deleted by the proposal
	spot  *spot             // where the record is to be read from, once its turn comes
}

// spot is a file that was found, with what the system said of it then. There are
// many, so what that came in is let go of.
type spot struct {
	store.Spot
	stat stat
}

// plan is what a check looks at.
type plan struct {
	config bool
	whole  bool // every record of the head
	jobs   []job
	found  []finding.Finding // about files that are no readable record of a job

	files   map[string]bool     // of jobs
	ids     map[string][]string // of the head, by kind, sorted
	targets []validate.Target   // undated records that are new, edited or gone
}

func choose(o *Options) (*plan, error) {
	p := &plan{files: map[string]bool{}, ids: map[string][]string{}}
	var err error
	switch {
	case len(o.Only) > 0:
		err = p.only(o)
	case o.Changed != nil:
		err = p.changes(o)
	default:
		err = p.all(o)
	}
	return p, err
}

func (p *plan) add(j job) {
	if !p.files[j.file] {
		p.files[j.file] = true
		p.jobs = append(p.jobs, j)
	}
}

func (p *plan) addRecord(rec *record.Record) {
	p.add(job{kind: rec.Kind, id: rec.ID, file: rec.Doc.Name, after: rec})
}

// all chooses every record, and those of the base that are gone. Records of
// dated kinds are read one by one when they are judged: there may be more of
// them than fit in memory.
func (p *plan) all(o *Options) error {
	p.config, p.whole = true, true
	var undated []string
	for _, k := range o.Head.Kinds.All() {
		if k.Dated() {
			if err := p.spots(o, k); err != nil {
				return err
			}
			continue
		}
		undated = append(undated, k.Name)
		recs, err := o.Head.List(k.Name)
		if err != nil {
			return err
		}
		for _, rec := range recs {
			p.addRecord(rec)
		}
	}
	found, err := o.Head.Findings(undated...)
	if err != nil {
		return err
	}
	lookalikes, err := o.Head.Lookalikes()
	p.found = slices.Concat(p.found, found, lookalikes)
	if err != nil || o.Base == nil {
		return err
	}
	for _, k := range o.Base.Kinds.All() {
		ids, err := o.Base.IDs(k.Name)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := p.addGone(o, k, id, k.PathOf(id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// spots chooses the files of a kind.
func (p *plan) spots(o *Options, k *record.Kind) error {
	spots, found, err := o.Head.Spots(k.Name)
	if err != nil {
		return err
	}
	p.found = append(p.found, found...)
	p.jobs = slices.Grow(p.jobs, len(spots))
	if len(spots) > len(p.files) { // one allocation, not one each time that it doubles
		all := make(map[string]bool, len(p.files)+len(spots))
		maps.Copy(all, p.files)
		p.files = all
	}
	kept := make([]spot, len(spots))
	for i, sp := range spots {
		if sp.Info != nil {
			kept[i].stat = statOf(sp.Info)
		}
		sp.Info = nil
		kept[i].Spot = sp
		p.add(job{kind: k, id: sp.ID, file: o.Head.Display(sp.Path), spot: &kept[i]})
	}
	return nil
}

// addGone adds a record that is in no file of the head any more, whichever
// directory it was in.
func (p *plan) addGone(o *Options, k *record.Kind, id, rel string) error {
	ids, listed := p.ids[k.Name]
	if !listed {
		if _, known := o.Head.Kinds.ByName(k.Name); known {
			var err error
			if ids, err = o.Head.IDs(k.Name); err != nil {
				return err
			}
		}
		p.ids[k.Name] = ids
	}
	if _, there := slices.BinarySearch(ids, id); !there {
		p.add(job{kind: k, id: id, file: o.Head.Display(rel), gone: true})
	}
	return nil
}

// only chooses what was asked for by path or id.
func (p *plan) only(o *Options) error {
	for _, arg := range o.Only {
		if arg == "" {
			return &ArgumentError{`""`, "give a path or an id"}
		}
		clean := path.Clean(strings.ReplaceAll(arg, `\`, "/"))
		rel, inside := o.Head.Relative(clean)
		if clean == "." || clean == o.Head.Dir {
			rel, inside = ".", true
		}
		if inside && fs.ValidPath(rel) {
			info, err := fs.Lstat(o.Head.FS, rel) // a link is refused, not followed
			switch {
			case err == nil && info.IsDir():
				if err := p.directory(o, arg, rel); err != nil {
					return err
				}
				continue
			case err == nil:
				if err := p.file(o, arg, rel); err != nil {
					return err
				}
				continue
			case !errors.Is(err, fs.ErrNotExist):
				return fmt.Errorf("checking %s: %w", arg, err)
			}
		}
		if err := p.id(o, arg); err != nil {
			return err
		}
	}
	return nil
}

// file chooses one file.
func (p *plan) file(o *Options, arg, rel string) error {
	if rel == store.ConfigFile {
		p.config = true
		return nil
	}
	if _, _, ok := o.Head.Kinds.ByPath(rel); !ok {
		found, err := misplaced(o.Head, rel)
		if err == nil && len(found) == 0 {
			err = &ArgumentError{arg, "no kind keeps its records there"}
		}
		p.found = append(p.found, found...)
		return err
	}
	return p.read(o, rel)
}

// read chooses the record at a path of a kind.
func (p *plan) read(o *Options, rel string) error {
	k, id, _ := o.Head.Kinds.ByPath(rel)
	rec, found, err := o.Head.At(rel)
	if err != nil {
		return err
	}
	if rec != nil {
		id = rec.ID
	}
	p.add(job{kind: k, id: id, file: o.Head.Display(rel), after: rec, found: found})
	return nil
}

// misplaced returns what a listing of the kinds nearby says of a file that is
// none of their records.
func misplaced(s *store.Store, rel string) ([]finding.Finding, error) {
	out := s.Lookalike(rel)
	for _, k := range s.Kinds.All() {
		if k.Dir() != "." && !strings.HasPrefix(rel, k.Dir()+"/") {
			continue
		}
		found, err := s.Findings(k.Name)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if f.File == s.Display(rel) {
				out = append(out, f)
			}
		}
	}
	return out, nil
}

// directory chooses the records beneath a directory.
func (p *plan) directory(o *Options, arg, dir string) error {
	p.config = p.config || dir == "."
	beneath := func(name, dir string) bool { return dir == "." || name == dir || strings.HasPrefix(name, dir+"/") }
	kept := false
	for _, k := range o.Head.Kinds.All() {
		if !beneath(k.Dir(), dir) && !beneath(dir, k.Dir()) {
			continue
		}
		kept = true
		recs, err := o.Head.List(k.Name)
		if err != nil {
			return err
		}
		for _, rec := range recs {
			if beneath(rec.Path, dir) {
				p.addRecord(rec)
			}
		}
		found, err := o.Head.Findings(k.Name)
		if err != nil {
			return err
		}
		for _, f := range found {
			if beneath(f.File, o.Head.Display(dir)) {
				p.found = append(p.found, f)
			}
		}
	}
	if !kept {
		return &ArgumentError{arg, "no kind keeps its records there"}
	}
	return nil
}

// id chooses every record of exactly this id, or the one with this suffix.
func (p *plan) id(o *Options, arg string) error {
	before := len(p.jobs)
	for _, k := range o.Head.Kinds.All() {
		rec, err := o.Head.Get(k.Name, arg)
		var broken *store.InvalidError
		switch {
		case err == nil:
			p.addRecord(rec)
		case errors.As(err, &broken) && len(broken.Findings) > 0:
			p.add(job{kind: k, id: arg, file: broken.Findings[0].File, found: broken.Findings})
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	if len(p.jobs) > before {
		return nil
	}
	rec, err := o.Head.Find(arg)
	var broken *store.InvalidError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &ArgumentError{arg, "there is no such file, and no record has this id"}
	case errors.As(err, &broken) && len(broken.Findings) > 0:
		f := broken.Findings[0]
		if k, id, ok := o.Head.Kinds.ByPath(strings.TrimPrefix(f.File, o.Head.Dir+"/")); ok {
			p.add(job{kind: k, id: id, file: f.File, found: broken.Findings})
			return nil
		}
		return err
	case err != nil:
		return err
	}
	p.addRecord(rec)
	return nil
}
