package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/gitsm/gitsm/internal/graph"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/render"
	"github.com/gitsm/gitsm/internal/store"
)

// impactFields are what impact prints as JSON.
var impactFields = []string{"id", "kind", "title", "tier", "owner", "depth", "via", "sla"}

type impactOptions struct {
	kind  *record.Kind
	depth int
	at    string
	out   outputFlags
}

func newImpactCmd(env *Env, k *record.Kind) *cobra.Command {
	o := &impactOptions{kind: k}
	cmd := &cobra.Command{
		Use: "impact ID...", Short: "List what goes down with " + k.Plural, Args: args(cobra.MinimumNArgs(1)),
		Long: fmt.Sprintf(`List the services and assets that go down when all of the named %s do, and
what was promised for them. Depth 1 depends on one of them itself, more through
others; VIA are the dependencies whose loss takes it down. A group of which
enough members stay up holds: losing one of three of which two are needed takes
nothing down, losing two does. What is retired does not count as up, and cannot go
down itself.

Looks at main: what only open proposals have does not count.`, k.Plural),
		Example: fmt.Sprintf("  $ gitsm %s impact ID\n  $ gitsm %s impact ID ID --depth 1 --json id,tier,owner,sla", k.Name, k.Name),
		RunE:    func(cmd *cobra.Command, list []string) error { return runImpact(cmd.Context(), env, list, o) },
	}
	cmd.Flags().IntVar(&o.depth, "depth", 0, "only what is at most `N` dependencies away; 0 for all")
	cmd.Flags().StringVar(&o.at, "at", "", atHelp)
	o.out.register(cmd)
	return cmd
}

func runImpact(ctx context.Context, env *Env, list []string, o *impactOptions) error {
	if o.depth < 0 {
		return usage("--depth is a number of dependencies, not %d", o.depth)
	}
	s, err := env.landedAt(ctx, o.at)
	if err != nil {
		return err
	}
	g, err := env.graph(s)
	if err != nil {
		return err
	}
	var ids []string
	for _, name := range list {
		rec, err := s.Find(name, o.kind.Name)
		if errors.Is(err, fs.ErrNotExist) {
			return usage("no %s is called %q", o.kind.Name, name).hint("gitsm %s list", o.kind.Name)
		}
		if err != nil {
			return err
		}
		if _, there := g.Node(rec.ID); !there {
			env.say("%s is %s, and does not count as up to begin with", rec.ID, rec.State())
		}
		ids = append(ids, rec.ID)
	}
	items, beyond := []map[string]any{}, 0
	for _, im := range g.Impact(ids...) {
		if o.depth > 0 && im.Depth > o.depth {
			beyond++
			continue
		}
		item, err := impactItem(s, g, im)
		if err != nil {
			return err
		}
		items = append(items, item)
	}
	if beyond > 0 {
		env.say("%d more are further away than --depth %d", beyond, o.depth)
	} else if len(items) == 0 && !o.out.given() {
		env.say("nothing goes down")
	}
	return o.out.write(ctx, env, render.List{Fields: impactFields, Items: items, Columns: []render.Column{
		{Field: "depth"}, {Field: "id"}, {Field: "kind"}, {Field: "tier"}, {Field: "owner"}, {Field: "via"}, {Field: "sla"}}})
}

// impactItem is one row. A tier that the record does not give is null, which is
// not the lowest; so is an SLA that nobody promised.
func impactItem(s *store.Store, g *graph.Graph, im graph.Impact) (map[string]any, error) {
	rec, err := s.Find(im.ID, im.Kind)
	if err != nil {
		return nil, fmt.Errorf("reading %s %s: %w", im.Kind, im.ID, err)
	}
	item := map[string]any{"id": im.ID, "kind": im.Kind, "title": rec.Title(), "tier": nil, "owner": im.Owner,
		"depth": im.Depth, "via": im.Via, "sla": record.Value(rec.Fields, "sla")}
	if n, _ := g.Node(im.ID); n.Tier != nil {
		item["tier"] = im.Tier
	}
	return item, nil
}

// landedAt is the store as main has it, or with --at as it had it.
func (env *Env) landedAt(ctx context.Context, at string) (*store.Store, error) {
	d, err := env.desk(ctx, false)
	if err != nil {
		return nil, err
	}
	if at != "" {
		return env.past(ctx, d, at)
	}
	w, err := d.Look(ctx)
	if err != nil {
		return nil, err
	}
	return w.Base, nil
}

// graph is the dependencies of a store. Files that cannot be read are not in
// it, and that is said.
func (env *Env) graph(s *store.Store) (*graph.Graph, error) {
	for _, name := range []string{"service", "asset"} {
		k, _ := s.Kinds.ByName(name)
		recs, err := s.List(name)
		if err != nil {
			return nil, err
		}
		n, err := unread(s, name, recs)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			env.say("%d of the files of %s cannot be read, and do not count: gitsm check", n, k.Plural)
		}
	}
	return graph.FromStore(s)
}
