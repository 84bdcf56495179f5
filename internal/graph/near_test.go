package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/graph"
)

func TestNear(t *testing.T) {
	tests := []struct {
		name  string
		depth int
		from  []string
		want  map[string][]string
	}{
		{"no steps", 0, []string{"orders"}, map[string][]string{}},
		{"one step, both ways", 1, []string{"orders"}, map[string][]string{"db-1": {"orders", "db-1"}, "checkout": {"orders", "checkout"}}},
		{"one replica is a neighbour all the same", 1, []string{"web-1"}, map[string][]string{"checkout": {"web-1", "checkout"}}},
		{"two steps up", 2, []string{"db-1"}, map[string][]string{
			"orders": {"db-1", "orders"}, "archive": {"db-1", "archive"}, "checkout": {"db-1", "orders", "checkout"}}},
		{"sharing a dependency is no neighbourhood", 3, []string{"archive"}, map[string][]string{"db-1": {"archive", "db-1"}, "gone": {"archive", "gone"}}},
		{"the nearest of several", 2, []string{"checkout", "db-1"}, map[string][]string{
			"orders": {"checkout", "orders"}, "web-1": {"checkout", "web-1"}, "web-2": {"checkout", "web-2"}, "web-3": {"checkout", "web-3"}, "archive": {"db-1", "archive"}}},
		{"an id nobody knows", 2, []string{"nowhere"}, map[string][]string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, shop().Near(tt.depth, tt.from...)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestNearOfACircleEnds(t *testing.T) {
	g := graph.Build([]graph.Node{node("a", one("b")...), node("b", one("a")...)})
	want := map[string][]string{"b": {"a", "b"}}
	if diff := cmp.Diff(want, g.Near(9, "a")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
