package graph_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAround(t *testing.T) {
	g := shop()
	tests := []struct {
		id    string
		depth int
		want  map[string]int
	}{
		{"orders", 1, map[string]int{"orders": 0, "db-1": 1, "checkout": 1}},
		{"db-1", 0, map[string]int{"db-1": 0, "orders": 1, "archive": 1, "checkout": 2}}, // not web-1, which only shares checkout with it
		{"mailer", 5, map[string]int{"mailer": 0, "relay-1": 1, "relay-2": 1}},
		{"archive", 0, map[string]int{"archive": 0, "db-1": 1, "gone": 1}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, g.Around(tt.id, tt.depth)); diff != "" {
			t.Errorf("%s, %d: -want +got:\n%s", tt.id, tt.depth, diff)
		}
	}
	if got := g.Busiest(); got != "checkout" {
		t.Errorf("the busiest is %s", got)
	}
}
