package render

import (
	"fmt"
	"io"
	"strings"
)

// The formats of Graph besides those of lists.
const (
	FormatDOT     = "dot"
	FormatMermaid = "mermaid"
)

// What Mermaid draws at most, unless a page says otherwise.
const (
	mermaidEdges = 500
	mermaidText  = 50_000 // characters
)

// Graph is a drawing of what depends on what.
type Graph struct {
	Note  string // what a reader has to know, "" for nothing
	Nodes []GraphNode
	Edges []GraphEdge
}

// GraphNode is something in a Graph.
type GraphNode struct {
	ID, Label string
	Round     bool // an asset rather than a service
	Unknown   bool // no record has the id
}

// GraphEdge says that one node depends on another.
type GraphEdge struct {
	From, To string
	Label    string // of which group To is one, as in 2 of 3; "" where From needs it
}

// DOT writes the graph for Graphviz.
func (g Graph) DOT(w io.Writer) error {
	var b strings.Builder
	b.WriteString("digraph dependencies {\n\trankdir=LR;\n\tnode [shape=box];\n")
	if g.Note != "" {
		fmt.Fprintf(&b, "\tlabel=%s;\n", dotString(g.Note))
	}
	for _, n := range g.Nodes {
		more := ""
		if n.Round {
			more = ", shape=ellipse"
		}
		if n.Unknown {
			more += ", style=dashed"
		}
		fmt.Fprintf(&b, "\t%s [label=%s%s];\n", dotString(n.ID), dotString(n.Label), more)
	}
	for _, e := range g.Edges {
		more := ""
		if e.Label != "" {
			more = fmt.Sprintf(" [label=%s, style=dashed]", dotString(e.Label))
		}
		fmt.Fprintf(&b, "\t%s -> %s%s;\n", dotString(e.From), dotString(e.To), more)
	}
	b.WriteString("}\n")
	return write(w, b.String())
}

// Mermaid writes the graph as a diagram for Markdown. Its nodes are numbered:
// some ids would be words of Mermaid's own.
func (g Graph) Mermaid(w io.Writer) error { return write(w, g.mermaid()) }

// FitsMermaid reports whether Mermaid would draw the graph.
func (g Graph) FitsMermaid() bool {
	return len(g.Edges) <= mermaidEdges && len(g.mermaid()) <= mermaidText
}

func (g Graph) mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	if g.Note != "" {
		fmt.Fprintf(&b, "  note[\"%s\"]\n  style note stroke-dasharray: 5 5\n", mermaidLabel(g.Note))
	}
	numbers := map[string]int{}
	for i, n := range g.Nodes {
		numbers[n.ID] = i
		open, shut := `["`, `"]`
		if n.Round {
			open, shut = `(["`, `"])`
		}
		fmt.Fprintf(&b, "  n%d%s%s%s\n", i, open, mermaidLabel(n.Label), shut)
		if n.Unknown {
			fmt.Fprintf(&b, "  style n%d stroke-dasharray: 5 5\n", i)
		}
	}
	for _, e := range g.Edges {
		arrow := "-->"
		if e.Label != "" {
			arrow = `-. "` + mermaidLabel(e.Label) + `" .->`
		}
		fmt.Fprintf(&b, "  n%d %s n%d\n", numbers[e.From], arrow, numbers[e.To])
	}
	return b.String()
}
