package render

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// hostileGraph has what would end a label, begin another statement, or be run.
func hostileGraph() Graph {
	return Graph{
		Note: `a "note"`,
		Nodes: []GraphNode{{ID: "end", Label: "end"}, {ID: `x"]; click n0 call alert()`, Label: "<b>x</b>`\"]\n\\N #quot;", Round: true},
			{ID: "gone", Label: "gone", Unknown: true}},
		Edges: []GraphEdge{{From: "end", To: `x"]; click n0 call alert()`, Label: "1 of 2"}, {From: "end", To: "gone"}},
	}
}

func TestMermaid(t *testing.T) {
	var b strings.Builder
	if err := hostileGraph().Mermaid(&b); err != nil {
		t.Fatal(err)
	}
	want := `flowchart LR
  note["a #34;note#34;"]
  style note stroke-dasharray: 5 5
  n0["end"]
  n1(["#60;b#62;x#60;#47;b#62;#96;#34;#93; #92;N #35;quot#59;"])
  n2["gone"]
  style n2 stroke-dasharray: 5 5
  n0 -. "1 of 2" .-> n1
  n0 --> n2
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDOT(t *testing.T) {
	var b strings.Builder
	if err := hostileGraph().DOT(&b); err != nil {
		t.Fatal(err)
	}
	want := `digraph dependencies {
	rankdir=LR;
	node [shape=box];
	label="a \"note\"";
	"end" [label="end"];
	"x\"]; click n0 call alert()" [label="<b>x</b>` + "`" + `\"] \\N #quot;", shape=ellipse];
	"gone" [label="gone", style=dashed];
	"end" -> "x\"]; click n0 call alert()" [label="1 of 2", style=dashed];
	"end" -> "gone";
}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFitsMermaid(t *testing.T) {
	var g Graph
	for range 500 {
		g.Edges = append(g.Edges, GraphEdge{})
	}
	if !g.FitsMermaid() {
		t.Error("500 dependencies are drawn")
	}
	g.Nodes = []GraphNode{{Label: strings.Repeat("x", 50_000)}}
	if g.FitsMermaid() {
		t.Error("50,000 characters of one label are not drawn")
	}
	if g = (Graph{Edges: append(g.Edges, GraphEdge{})}); g.FitsMermaid() {
		t.Error("501 dependencies are not drawn")
	}
}
