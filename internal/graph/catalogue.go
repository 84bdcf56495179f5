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
// are left out: they cannot fail, and nothing can fall back on them. A tier that
// is none is unknown, and dependencies of another form count for all they name;
// that they are wrong is a finding elsewhere.
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
	if tier, ok := integer(record.Value(r.Fields, "tier")); ok && 0 <= tier && tier <= lowestTier {
		n.Tier = &tier
	}
	n.DependsOn = dependencies(record.Value(r.Fields, "depends_on"))
	return n
}

// lowestTier is the least critical.
const lowestTier = 4

// dependencies reads depends_on: a list of ids and of {need, of}, or one of
// them by itself.
func dependencies(v any) []Dep {
	var out []Dep
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			out = append(out, dependencies(item)...)
		}
	case string:
		if v != "" {
			out = []Dep{{IDs: []string{bare(v)}, Need: 1}}
		}
	case map[string]any:
		d := Dep{}
		for _, of := range dependencies(v["of"]) {
			d.IDs = append(d.IDs, of.IDs...)
		}
		if d.Need, _ = integer(v["need"]); len(d.IDs) > 0 {
			out = []Dep{d}
		}
	}
	return out
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
