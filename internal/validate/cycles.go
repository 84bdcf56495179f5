package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Cycles reports dependencies that run in a circle, as package graph finds
// them in s, each at the reference that leaves its first record.
func (v *Validator) Cycles(s *store.Store, cycles [][]string) ([]finding.Finding, error) {
	ix := v.index(s)
	var out []finding.Finding
	for _, cycle := range cycles {
		rec, err := ix.dependent(cycle[0])
		if err != nil {
			return nil, err
		}
		if rec == nil {
			continue // the snapshot has no such record, so nothing to point at
		}
		next := cycle[1%len(cycle)]
		refs := rec.Refs()
		i := slices.IndexFunc(refs, func(rv record.RefValue) bool {
			return rv.ID == next && dependsOn(rv)
		})
		if i < 0 {
			continue
		}
		path := strings.Join(append(slices.Clone(cycle), cycle[0]), " → ")
		out = append(out, of(rec, refs[i].Pointer, "REF004", fmt.Sprintf("dependencies run in a circle: %s", path)))
	}
	finding.Sort(out)
	return out, nil
}

// dependsOn reports whether a reference says what a service or asset needs.
func dependsOn(rv record.RefValue) bool { return strings.HasPrefix(rv.Pointer, "/depends_on/") }

// dependent returns the service or asset of an id.
func (ix *index) dependent(id string) (*record.Record, error) {
	for _, name := range []string{"service", "asset"} {
		k, ok := ix.store.Kinds.ByName(name)
		if !ok {
			continue
		}
		rec, _, err := ix.find(k, id)
		if err != nil || rec != nil {
			return rec, err
		}
	}
	return nil, nil
}
