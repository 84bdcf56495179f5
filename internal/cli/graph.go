package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/graph"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
)

// graphFields are what service graph prints as JSON.
var graphFields = []string{"id", "kind", "title", "tier", "owner", "distance", "depends_on", "needs", "needed_by"}

type graphOptions struct {
	depth int
	at    string
	out   outputFlags
}

func newGraphCmd(env *Env) *cobra.Command {
	o := &graphOptions{out: outputFlags{own: []string{render.FormatDOT, render.FormatMermaid}}}
	cmd := &cobra.Command{
		Use: "graph [ID]", Short: "Draw what depends on what", Args: args(cobra.MaximumNArgs(1)),
		Long: `List or draw the services and assets of the store and what depends on what: all of
them, or those that ID, a service or an asset, depends on and those that depend on
it. NEEDS are the dependencies; of a group, so many have to be up: 2 of a b c.
What is retired is left out. An id that no record has is drawn dashed.

Mermaid draws no more than 500 dependencies or 50,000 characters. Where there are
more, only what is near one service or asset is drawn: ID or, without one, the one
with the most dependencies. The drawing says so.

Dependencies that run in a circle and assets that nothing uses are findings of
gitsm check: REF004 and REF008.`,
		Example: `  $ gitsm service graph
  $ gitsm service graph checkout --depth 1 -o mermaid
  $ gitsm service graph -o dot | dot -Tsvg > services.svg`,
		RunE: func(cmd *cobra.Command, list []string) error { return runGraph(cmd.Context(), env, list, o) },
	}
	cmd.Flags().IntVar(&o.depth, "depth", 0, "only what is at most `N` dependencies away from ID; 0 for all")
	cmd.Flags().StringVar(&o.at, "at", "", atHelp)
	o.out.register(cmd)
	return cmd
}

func runGraph(ctx context.Context, env *Env, list []string, o *graphOptions) error {
	switch {
	case o.depth < 0:
		return usage("--depth is a number of dependencies, not %d", o.depth)
	case o.depth > 0 && len(list) == 0:
		return usage("--depth needs the id of a service or asset to count from")
	}
	s, err := env.landedAt(ctx, o.at)
	if err != nil {
		return err
	}
	g, err := env.graph(s)
	if err != nil {
		return err
	}
	d := drawing{g: g, depth: o.depth}
	if len(list) == 1 {
		if d.center, err = inGraph(s, g, list[0]); err != nil {
			return err
		}
	}
	d.choose(d.depth)
	if len(d.ids) == 0 && !o.out.given() {
		env.say("there are no services or assets")
	}
	o.out.writeOwn = func(w io.Writer, format string, _ render.Style) error {
		if format == render.FormatDOT {
			return d.graph().DOT(w)
		}
		m, note := d.fitted()
		if note != "" {
			env.say("%s", note)
		}
		return m.Mermaid(w)
	}
	return o.out.write(ctx, env, render.List{Fields: graphFields, Items: d.items(), Columns: []render.Column{
		{Field: "id"}, {Field: "kind"}, {Field: "tier"}, {Field: "owner"}, {Field: "needs"}, {Field: "needed_by"}}})
}

// inGraph finds the id of a service or asset that counts.
func inGraph(s *store.Store, g *graph.Graph, name string) (string, error) {
	rec, err := s.Find(name, "service", "asset")
	if errors.Is(err, fs.ErrNotExist) {
		return "", usage("no service or asset is called %q", name).hint("gitsm service graph")
	}
	if err != nil {
		return "", err
	}
	if _, there := g.Node(rec.ID); !there {
		return "", usage("%s is %s, and nothing depends on it any more", rec.ID, rec.State())
	}
	return rec.ID, nil
}

// drawing is what of a graph is shown.
type drawing struct {
	g      *graph.Graph
	center string // "" for everything
	depth  int

	ids      []string // sorted
	distance map[string]int
}

// choose settles what is shown: everything, or what is near the center.
func (d *drawing) choose(depth int) {
	if d.center == "" {
		d.ids, d.distance = d.g.IDs(), nil
		return
	}
	d.distance = d.g.Around(d.center, depth)
	d.ids = slices.Sorted(maps.Keys(d.distance))
}

// edges are the dependencies between what is shown, and those on ids that
// nobody has.
func (d *drawing) edges() []render.GraphEdge {
	out := []render.GraphEdge{}
	for _, id := range d.ids {
		n, _ := d.g.Node(id)
		for _, dep := range n.DependsOn {
			for _, to := range dep.IDs {
				if _, known := d.g.Node(to); known && d.distance != nil && !d.near(to) {
					continue
				}
				out = append(out, render.GraphEdge{From: id, To: to, Label: groupLabel(dep)})
			}
		}
	}
	return out
}

func (d *drawing) near(id string) bool {
	_, near := d.distance[id]
	return near
}

// groupLabel says how many of a group have to be up, "" where it is no group or
// all of them have to.
func groupLabel(dep graph.Dep) string {
	if len(dep.IDs) == 1 || dep.Need <= 0 || dep.Need >= len(dep.IDs) {
		return ""
	}
	return fmt.Sprintf("%d of %d", dep.Need, len(dep.IDs))
}

func (d *drawing) graph() render.Graph {
	out := render.Graph{Edges: d.edges()}
	ids := slices.Clone(d.ids)
	for _, e := range out.Edges {
		ids = append(ids, e.To)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		n, known := d.g.Node(id)
		label := id
		if n.Tier != nil {
			label = fmt.Sprintf("%s (tier %d)", id, *n.Tier)
		}
		out.Nodes = append(out.Nodes, render.GraphNode{ID: id, Label: label, Round: n.Kind == "asset", Unknown: !known})
	}
	return out
}

// fitted is the graph as far as Mermaid draws it, and what was left out.
func (d *drawing) fitted() (render.Graph, string) {
	whole := d.graph()
	if whole.FitsMermaid() {
		return whole, ""
	}
	ego := *d
	if ego.center == "" {
		ego.center = d.g.Busiest()
	}
	ego.choose(d.depth)
	at := func(depth int) render.Graph {
		ego.choose(depth)
		m := ego.graph()
		m.Note = fmt.Sprintf("%s: only what is at most %d away from %s is shown", tooMany(whole), depth, ego.center)
		return m
	}
	furthest := slices.Max(slices.Collect(maps.Values(ego.distance)))
	depth := sort.Search(furthest, func(i int) bool { return !at(i + 1).FitsMermaid() })
	if depth == 0 {
		at(min(1, furthest))
		return ego.cut(tooMany(whole))
	}
	m := at(depth)
	return m, m.Note
}

func tooMany(g render.Graph) string {
	return fmt.Sprintf("%d dependencies of %d services and assets are too many to draw", len(g.Edges), len(g.Nodes))
}

// cut shows only some of the dependencies of the center, where even those are
// too many.
func (d *drawing) cut(why string) (render.Graph, string) {
	m := d.graph()
	touch := slices.DeleteFunc(m.Edges, func(e render.GraphEdge) bool { return e.From != d.center && e.To != d.center })
	for n := len(touch); ; n /= 2 {
		short := render.Graph{Edges: touch[:n], Note: fmt.Sprintf("%s: only %d of the %d dependencies of %s are shown", why, n, len(touch), d.center)}
		for _, node := range m.Nodes {
			if node.ID == d.center || slices.ContainsFunc(short.Edges, func(e render.GraphEdge) bool { return e.From == node.ID || e.To == node.ID }) {
				short.Nodes = append(short.Nodes, node)
			}
		}
		if short.FitsMermaid() || n == 0 {
			return short, short.Note
		}
	}
}

func (d *drawing) items() []map[string]any {
	out := []map[string]any{}
	for _, id := range d.ids {
		n, known := d.g.Node(id)
		item := map[string]any{"id": id, "kind": n.Kind, "title": n.Title, "tier": nil, "owner": n.Owner, "distance": nil, "needed_by": notNil(d.g.Dependents(id))}
		if !known {
			item["kind"] = "unknown"
		}
		if n.Tier != nil {
			item["tier"] = *n.Tier
		}
		if d.distance != nil {
			item["distance"] = d.distance[id]
		}
		deps, needs := []map[string]any{}, []string{}
		for _, dep := range n.DependsOn {
			need := dep.Need
			if need <= 0 {
				need = len(dep.IDs)
			}
			deps = append(deps, map[string]any{"need": need, "of": dep.IDs})
			if label := groupLabel(dep); label != "" {
				needs = append(needs, fmt.Sprintf("%d of %s", need, strings.Join(dep.IDs, " ")))
			} else {
				needs = append(needs, dep.IDs...)
			}
		}
		item["depends_on"], item["needs"] = deps, needs
		out = append(out, item)
	}
	return out
}
