package validate

import (
	"fmt"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// Unused reports assets in use that nothing in snapshot s depends on, as far
// as their ids are among the chosen ones. A store in which no service depends
// on any asset keeps no dependencies, and is not told of every one.
func (v *Validator) Unused(s *store.Store, chosen map[string]bool) ([]finding.Finding, error) {
	used, kept := map[string]bool{}, false
	for _, kind := range []string{"service", "asset"} {
		recs, err := s.List(kind)
		if err != nil {
			return nil, fmt.Errorf("looking for assets that nothing uses: %w", err)
		}
		for _, rec := range recs {
			for _, rv := range rec.Refs() {
				if !dependsOn(rv) {
					continue
				}
				used[rv.ID] = true
				if rec.Kind.Name == "service" {
					asset, err := v.index(s).isAsset(rv)
					if err != nil {
						return nil, err
					}
					kept = kept || asset
				}
			}
		}
	}
	if !kept {
		return nil, nil
	}
	assets, err := s.List("asset")
	if err != nil {
		return nil, fmt.Errorf("looking for assets that nothing uses: %w", err)
	}
	var out []finding.Finding
	for _, rec := range assets {
		if !chosen[rec.ID] || used[rec.ID] || !inUse(rec) {
			continue
		}
		out = append(out, atKey(rec.Doc, rec.ID, "/id", "REF008", fmt.Sprintf("nothing depends on asset %s", rec.ID)))
	}
	return out, nil
}

// isAsset reports whether a dependency is on an asset.
func (ix *index) isAsset(rv record.RefValue) (bool, error) {
	k, ok := ix.store.Kinds.ByName("asset")
	if !ok || rv.Kind == "service" {
		return false, nil
	}
	_, exists, err := ix.find(k, rv.ID)
	return exists, err
}

func inUse(rec *record.Record) bool {
	return rec.State() == "" || rec.State() == "in-use"
}
