package check

import (
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// changes chooses the records a proposal changes, and those that refer to an
// undated one among them: a service that is retired breaks the changes that
// still name it.
func (p *plan) changes(o *Options) error {
	for _, name := range slices.Compact(slices.Sorted(slices.Values(o.Changed))) {
		rel, ok := o.Head.Relative(path.Clean(name))
		if !ok {
			continue // another directory of the repository
		}
		if rel == store.ConfigFile {
			p.config = true
			continue
		}
		if err := p.change(o, rel); err != nil {
			return err
		}
	}
	return p.affected(o)
}

// change chooses the record at one changed path. Files that no kind keeps are
// not this package's business, unless they stand where records do.
func (p *plan) change(o *Options, rel string) error {
	k, id, ok := o.Head.Kinds.ByPath(rel)
	if !ok {
		found, err := misplaced(o.Head, rel)
		p.found = append(p.found, found...)
		return err
	}
	if !k.Dated() {
		p.changed[k.Name+":"+id] = true
	}
	rec, found, err := o.Head.At(rel)
	switch {
	case err != nil:
		return err
	case rec != nil || len(found) > 0:
		p.add(job{kind: k, id: id, file: o.Head.Display(rel), after: rec, found: found})
		return nil
	case o.Base == nil:
		return nil // without a base nobody can say that it ever was
	}
	was, found, err := o.Base.At(rel)
	if err != nil || (was == nil && len(found) == 0) {
		return err
	}
	return p.addGone(o, k, id, rel)
}

// affected chooses the records that stay as they are but refer to what the
// proposal changes.
func (p *plan) affected(o *Options) error {
	if len(p.changed) == 0 {
		return nil
	}
	for _, k := range o.Head.Kinds.All() {
		if !refersTo(k, p.changed) {
			continue
		}
		recs, err := o.Head.List(k.Name)
		if err != nil {
			return err
		}
		for _, rec := range recs {
			if refs := p.hits(rec); len(refs) > 0 && !rec.Terminal() {
				p.add(job{kind: k, id: rec.ID, file: rec.Doc.Name, after: rec, affected: refs})
			}
		}
	}
	return nil
}

// refersTo reports whether a kind has references to one of the changed kinds,
// so that the others need not be read.
func refersTo(k *record.Kind, changed map[string]bool) bool {
	for target := range changed {
		kind, _, _ := strings.Cut(target, ":")
		for _, ref := range k.Refs {
			if slices.Contains(ref.Kinds, kind) {
				return true
			}
		}
	}
	return false
}

func (p *plan) hits(rec *record.Record) []record.RefValue {
	var out []record.RefValue
	for _, rv := range rec.Refs() {
		if slices.ContainsFunc(rv.Kinds, func(kind string) bool { return p.changed[kind+":"+rv.ID] }) {
			out = append(out, rv)
		}
	}
	return out
}
