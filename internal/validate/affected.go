package validate

import (
	"slices"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Target is a catalogue record that a proposal adds, edits or deletes.
type Target struct{ Kind, ID string }

// Affected judges what a proposal does to records it leaves alone: references
// to its targets that break in head. What was amiss with them in base (nil
// where there is none) is not the proposal's doing and is left out, and so are
// records that are over and files in skip, which are judged whole. It returns
// as well how many records it judged.
func (v *Validator) Affected(base, head *store.Store, targets []Target, skip map[string]bool) (judged int, out []finding.Finding, err error) {
	if len(targets) == 0 {
		return 0, nil, nil
	}
	hit, named := map[Target]bool{}, map[string]bool{}
	for _, t := range targets {
		hit[t], named[t.ID] = true, true
	}
	for _, k := range head.Kinds.All() {
		if !mayRefer(k, targets) {
			continue
		}
		recs, err := head.List(k.Name)
		if err != nil {
			return 0, nil, err
		}
		for _, rec := range recs {
			refs := hits(rec, hit, named)
			if len(refs) == 0 || skip[rec.Doc.Name] || rec.Terminal() {
				continue
			}
			judged++
			for _, rv := range refs {
				found, err := v.worsened(base, head, rec, rv)
				if err != nil {
					return 0, nil, err
				}
				out = append(out, found...)
			}
		}
	}
	owners, err := v.affectedOwners(base, head, targets)
	return judged, append(out, owners...), err
}

// mayRefer reports whether a kind has references to the kind of a target, so
// that the records of other kinds need not be read.
func mayRefer(k *record.Kind, targets []Target) bool {
	return slices.ContainsFunc(k.Refs, func(ref record.Ref) bool {
		return len(ref.Kinds) == 0 || slices.ContainsFunc(targets, func(t Target) bool { return slices.Contains(ref.Kinds, t.Kind) })
	})
}

func hits(rec *record.Record, hit map[Target]bool, named map[string]bool) []record.RefValue {
	return slices.DeleteFunc(rec.Refs(), func(rv record.RefValue) bool {
		if len(rv.Kinds) == 0 {
			return !named[rv.ID]
		}
		return !slices.ContainsFunc(rv.Kinds, func(kind string) bool { return hit[Target{kind, rv.ID}] })
	})
}

// worsened returns what is wrong with a reference in head and was not in base.
func (v *Validator) worsened(base, head *store.Store, rec *record.Record, rv record.RefValue) ([]finding.Finding, error) {
	found, err := v.Reference(head, rec, rv)
	if err != nil || len(found) == 0 || base == nil {
		return found, err
	}
	was, err := v.Reference(base, rec, rv)
	return without(found, was), err
}

// affectedOwners does the same for the owners that gitsm.yaml names.
func (v *Validator) affectedOwners(base, head *store.Store, targets []Target) ([]finding.Finding, error) {
	if !slices.ContainsFunc(targets, func(t Target) bool { return t.Kind == "team" || t.Kind == "person" }) {
		return nil, nil
	}
	found, err := v.ConfigReferences(head)
	if err != nil || len(found) == 0 || base == nil {
		return found, err
	}
	was, err := v.ConfigReferences(base)
	return without(found, was), err
}

// without returns the findings whose code and message are not among was.
func without(found, was []finding.Finding) []finding.Finding {
	return slices.DeleteFunc(found, func(f finding.Finding) bool {
		return slices.ContainsFunc(was, func(w finding.Finding) bool { return w.Code == f.Code && w.Message == f.Message })
	})
}
