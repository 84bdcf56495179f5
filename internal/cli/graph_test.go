package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/graph"
)

// TestMermaidFits: what is too much for Mermaid is drawn in part, and says so.
func TestMermaidFits(t *testing.T) {
	chain := func(n int) (nodes []graph.Node) {
		for i := range n {
			nodes = append(nodes, graph.Node{ID: fmt.Sprintf("n%04d", i), DependsOn: []graph.Dep{{IDs: []string{fmt.Sprintf("n%04d", i+1)}, Need: 1}}})
		}
		return nodes
	}
	star := graph.Node{ID: "star"}
	for i := range 700 {
		star.DependsOn = append(star.DependsOn, graph.Dep{IDs: []string{fmt.Sprintf("n%04d", i)}, Need: 1})
	}
	long := strings.Repeat("x", 60)
	wordy := graph.Node{ID: "wordy"}
	for i := range 480 {
		wordy.DependsOn = append(wordy.DependsOn, graph.Dep{IDs: []string{fmt.Sprint(long, i)}, Need: 1})
	}
	tests := []struct {
		name    string
		nodes   []graph.Node
		center  string
		depth   int
		nodesOf int
		note    string
	}{
		{"all of it", chain(400), "", 0, 401, ""},
		{"near the busiest", chain(600), "", 0, 501, "600 dependencies of 601 services and assets are too many to draw: only what is at most 499 away from n0001 is shown"},
		{"near what is asked for", chain(2000), "n1000", 0, 501, "2000 dependencies of 2001 services and assets are too many to draw: only what is at most 250 away from n1000 is shown"},
		{"as near as is asked for", chain(2000), "n1000", 20, 41, ""},
		{"even what is next to it is too much", []graph.Node{star}, "", 0, 351, "700 dependencies of 701 services and assets are too many to draw: only 350 of the 700 dependencies of star are shown"},
		{"too many letters", []graph.Node{wordy}, "", 0, 241, "480 dependencies of 481 services and assets are too many to draw: only 240 of the 480 dependencies of wordy are shown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := drawing{g: graph.Build(tt.nodes), center: tt.center, depth: tt.depth}
			d.choose(tt.depth)
			m, note := d.fitted()
			if !m.FitsMermaid() || note != tt.note || m.Note != tt.note || len(m.Nodes) != tt.nodesOf {
				t.Errorf("%d nodes of %d, %d edges: %q", len(m.Nodes), tt.nodesOf, len(m.Edges), note)
			}
		})
	}
}
