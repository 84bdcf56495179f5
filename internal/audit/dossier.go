package audit

import (
	"cmp"
	"context"
	"path"
	"slices"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/record"
)

// dossier is everything main and the evidence hold about one record, or about
// the store's policy and config.
type dossier struct {
	t     *trail
	kind  *record.Kind // nil for policy and config
	id    string       // "" for policy and config
	steps []step       // in the order of main's line
	items []*item
}

// step is what one landing did to the record.
type step struct {
	*history.Landing
	touch         history.Touch // none for policy and config
	way           history.Way
	ruling        *ruling        // nil where nothing had to be judged
	before, after *record.Record // nil where absent or unreadable
}

func (d *dossier) kindName() string {
	if d.kind == nil {
		return ""
	}
	return d.kind.Name
}

// is reports whether the record is of a kind.
func (d *dossier) is(kind string) bool { return d.kindName() == kind }

// guarded reports whether the record belongs to the rules that judge others.
func (d *dossier) guarded() bool { return d.kind == nil || d.kind.Owner != "" }

// work reports whether the record is work rather than catalogue or rules.
func (d *dossier) work() bool { return d.kind != nil && !d.kind.Catalogue }

// file is where the step's file stands in the repository.
func (s step) file(dir string) string { return path.Join(dir, s.touch.Path) }

type dossierKey struct{ kind, id string }

// dossiers sorts landings and evidence by record. A record that never landed
// has one as well, where evidence is about it: rejected and withdrawn
// proposals belong to the population.
func (t *trail) dossiers(wanted func(kind, id string) bool) []*dossier {
	by := map[dossierKey]*dossier{}
	get := func(k *record.Kind, id string) *dossier {
		key := dossierKey{id: id}
		if k != nil {
			key.kind = k.Name
		}
		if by[key] == nil && wanted(key.kind, id) {
			by[key] = &dossier{t: t, kind: k, id: id}
		}
		return by[key]
	}
	for _, l := range t.h.Line {
		for _, touch := range l.Touches {
			if d := get(touch.Kind, touch.ID); d != nil {
				d.steps = append(d.steps, step{Landing: l, touch: touch, way: l.Way(touch)})
			}
		}
		if d := get(nil, ""); d != nil && len(l.Rules) > 0 {
			d.steps = append(d.steps, step{Landing: l, way: l.RulesWay()})
		}
	}
	kinds := t.h.Head().After.Kinds()
	for _, it := range t.ledger.items {
		r := it.Statement.Predicate.Record
		k, _ := kinds.ByName(r.Kind)
		if k == nil && r.ID != "" {
			continue // of a kind that is no more; history has no such record either
		}
		if d := get(k, r.ID); d != nil {
			d.items = append(d.items, it)
		}
	}
	var out []*dossier
	for _, d := range by {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b *dossier) int {
		return cmp.Or(cmp.Compare(a.kindName(), b.kindName()), cmp.Compare(a.id, b.id))
	})
	return out
}

// landings are those of the dossiers that have to be judged, in line order.
func landings(ds []*dossier) []*history.Landing {
	set := map[*history.Landing]bool{}
	var out []*history.Landing
	for _, d := range ds {
		for _, s := range d.steps {
			if !set[s.Landing] && needsRuling(s.Landing) {
				set[s.Landing] = true
				out = append(out, s.Landing)
			}
		}
	}
	slices.SortFunc(out, func(a, b *history.Landing) int { return a.Index - b.Index })
	return out
}

// fill gives each step its ruling and both versions of the record.
func (d *dossier) fill(ctx context.Context, rulings map[*history.Landing]*ruling) error {
	for i := range d.steps {
		s := &d.steps[i]
		if judged(s.way) {
			s.ruling = rulings[s.Landing]
		}
		if d.kind == nil {
			continue
		}
		if c := s.read(); c != nil {
			s.before, s.after = c.Before, c.After
			continue
		}
		var err error
		if s.before, s.after, err = d.t.h.Versions(ctx, s.touch); err != nil {
			return err
		}
	}
	return nil
}

// read is the record's change as the ruling read it already.
func (s *step) read() *decision.Change {
	if s.ruling == nil {
		return nil
	}
	for i := range s.ruling.facts.Changes {
		if c := &s.ruling.facts.Changes[i]; c.Path == s.touch.Path && s.touch.Moved == "" {
			return c
		}
	}
	return nil
}
