package validate

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/memo"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
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
		recs, err := naming(head, k, named)
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

// naming returns the records of a kind that may refer to one of these ids. Of
// dated kinds, of which there are many, these are those that are not over, and
// nothing else of them is kept than what they name.
func naming(s *store.Store, k *record.Kind, ids map[string]bool) ([]*record.Record, error) {
	if !k.Dated() {
		return s.List(k.Name)
	}
	parts, err := s.Parts(k.Name)
	if err != nil {
		return nil, err
	}
	all, err := store.Derive(parts, mentioning)
	if err != nil {
		return nil, err
	}
	var out []*record.Record
	for _, m := range slices.Concat(all...) {
		if !slices.ContainsFunc(m.ids, func(id string) bool { return ids[id] }) {
			continue
		}
		rec, _, err := s.At(m.path)
		if err != nil {
			return nil, err
		}
		if rec != nil {
			out = append(out, rec)
		}
	}
	slices.SortFunc(out, func(a, b *record.Record) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Path, b.Path)) })
	return out, nil
}

// mention is what a record that is not over refers to.
type mention struct {
	path string
	ids  []string
}

// mentioning keeps the mentions of a directory.
var mentioning = store.Derivation[[]mention]{
	Name: "mentions 1",
	Of: func(recs []*record.Record) []mention {
		var out []mention
		for _, rec := range recs {
			m := mention{path: rec.Path}
			for _, rv := range rec.Refs() {
				m.ids = append(m.ids, rv.ID)
			}
			if len(m.ids) > 0 && !rec.Terminal() {
				out = append(out, m)
			}
		}
		return out
	},
	Brief: func(k *record.Kind, file *yamldoc.Glance) map[string]any {
		fields, ok := file.Fields(k.StateKey())
		if over := (&record.Record{Kind: k, Fields: fields}); !ok || !over.Terminal() {
			return nil
		}
		return fields
	},
	Encode: func(list []mention) []byte {
		out := binary.AppendUvarint(nil, uint64(len(list)))
		for _, m := range list {
			out = binary.AppendUvarint(memo.AppendText(out, m.path), uint64(len(m.ids)))
			for _, id := range m.ids {
				out = memo.AppendText(out, id)
			}
		}
		return out
	},
	Decode: func(data []byte) ([]mention, error) {
		r := memo.NewReader(data)
		out := make([]mention, r.Count())
		for i := range out {
			out[i].path = r.Text()
			for range r.Count() {
				out[i].ids = append(out[i].ids, r.Text())
			}
		}
		return out, r.Err()
	},
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
