package check

import (
	"path"
	"slices"

	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/validate"
)

// changes chooses the records a proposal changes. The undated ones among them
// are targets as well: a service that is retired breaks the changes that still
// name it.
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
	return nil
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
	rec, found, err := o.Head.At(rel)
	if rec != nil {
		id = rec.ID
	}
	if !k.Dated() {
		p.targets = append(p.targets, validate.Target{Kind: k.Name, ID: id})
	}
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
	if was != nil {
		id = was.ID
	}
	if err != nil || (was == nil && len(found) == 0) {
		return err
	}
	return p.addGone(o, k, id, rel)
}
