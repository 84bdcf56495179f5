package graph

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// retired is the state of a service or asset that is no longer there.
const retired = "retired"

// FromStore builds the graph of a snapshot's services and assets. Retired ones
// are left out: they cannot fail, and nothing can fall back on them. Fields of
// the wrong type are read as absent; that they are is a finding elsewhere.
func FromStore(s *store.Store) (*Graph, error) {
	var nodes []Node
	for _, kind := range []string{"service", "asset"} {
		recs, err := s.List(kind)
		if err != nil {
			return nil, fmt.Errorf("building the dependency graph: %w", err)
		}
		for _, r := range recs {
			if r.State() != retired {
				nodes = append(nodes, FromRecord(r))
			}
		}
	}
	return Build(nodes), nil
}

// FromRecord reads the node of a service or asset record.
func FromRecord(r *record.Record) Node {
	n := Node{ID: r.ID, Kind: r.Kind.Name, Title: r.Title(), Owner: r.Str("owner")}
	if tier, ok := integer(record.Value(r.Fields, "tier")); ok {
		n.Tier = &tier
	}
	items, _ := record.Value(r.Fields, "depends_on").([]any)
	for _, item := range items {
		if d, ok := dependency(item); ok {
			n.DependsOn = append(n.DependsOn, d)
		}
	}
	return n
}

// dependency reads one item of depends_on: an id, or {need, of}.
func dependency(item any) (Dep, bool) {
	switch v := item.(type) {
	case string:
		return Dep{IDs: []string{bare(v)}, Need: 1}, v != ""
	case map[string]any:
		d := Dep{}
		for _, id := range record.Strs(v, "of") {
			d.IDs = append(d.IDs, bare(id))
		}
		d.Need, _ = integer(v["need"])
		return d, len(d.IDs) > 0
	}
	return Dep{}, false
}

// bare takes the kind off a reference such as service:checkout.
func bare(ref string) string {
	_, id, found := strings.Cut(ref, ":")
	if !found {
		return ref
	}
	return id
}

// integer reads a whole number as YAML values hold it.
func integer(v any) (int, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return int(i), err == nil
}
