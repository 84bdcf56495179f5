package graph_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gitsm/gitsm/internal/graph"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

func one(ids ...string) []graph.Dep {
	var out []graph.Dep
	for _, id := range ids {
		out = append(out, graph.Dep{IDs: []string{id}, Need: 1})
	}
	return out
}

func node(id string, deps ...graph.Dep) graph.Node {
	return graph.Node{ID: id, Kind: "service", DependsOn: deps}
}

// shop is a small catalogue: checkout needs orders and two of three web
// servers, orders needs a database, and the mailer may lose either relay.
func shop() *graph.Graph {
	tier := 0
	return graph.Build([]graph.Node{
		{ID: "checkout", Kind: "service", Tier: &tier, Owner: "team:payments", DependsOn: []graph.Dep{
			{IDs: []string{"web-1", "web-2", "web-3"}, Need: 2}, {IDs: []string{"orders"}, Need: 1}}},
		node("orders", one("db-1")...),
		node("mailer", graph.Dep{IDs: []string{"relay-1", "relay-2"}, Need: 1}),
		node("archive", graph.Dep{IDs: []string{"db-1", "gone"}, Need: 1}),
		node("report", graph.Dep{IDs: []string{"relay-1", "relay-2"}}),
		node("db-1"), node("web-1"), node("web-2"), node("web-3"), node("relay-1"), node("relay-2"),
	})
}

func TestImpact(t *testing.T) {
	checkout := func(depth int, via ...string) graph.Impact {
		return graph.Impact{ID: "checkout", Kind: "service", Tier: 0, Owner: "team:payments", Depth: depth, Via: via}
	}
	service := func(id string, depth int, via ...string) graph.Impact {
		return graph.Impact{ID: id, Kind: "service", Tier: graph.TierUnknown, Depth: depth, Via: via}
	}
	tests := []struct {
		name  string
		touch []string
		want  []graph.Impact
	}{
		{"nothing", nil, nil},
		{"an id nobody knows", []string{"nowhere"}, nil},
		{"one of three, need 2", []string{"web-1"}, nil},
		{"the same one twice", []string{"web-1", "web-1"}, nil},
		{"two of three, need 2", []string{"web-3", "web-1"}, []graph.Impact{checkout(1, "web-1", "web-3")}},
		{"all of them", []string{"relay-1"}, []graph.Impact{service("report", 1, "relay-1")}},
		{"both relays", []string{"relay-1", "relay-2"}, []graph.Impact{
			service("mailer", 1, "relay-1", "relay-2"), service("report", 1, "relay-1", "relay-2")}},
		{"through a service; what nobody knows is no redundancy", []string{"db-1"}, []graph.Impact{
			service("archive", 1, "db-1"), service("orders", 1, "db-1"), checkout(2, "orders")}},
		{"the missing member itself", []string{"gone"}, nil},
		{"touched ids are left out", []string{"db-1", "orders", "archive"}, []graph.Impact{checkout(1, "orders")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, shop().Impact(tt.touch...)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestImpactCountsGroupsApart(t *testing.T) {
	g := graph.Build([]graph.Node{
		node("app", graph.Dep{IDs: []string{"a", "b"}, Need: 1}, graph.Dep{IDs: []string{"a", "c"}, Need: 1}),
		node("a"), node("b"), node("c"),
	})
	if got := g.Impact("b", "c"); got != nil {
		t.Errorf("a still serves both groups, got %+v", got)
	}
	want := []graph.Impact{{ID: "app", Kind: "service", Tier: -1, Depth: 1, Via: []string{"a", "b"}}}
	if diff := cmp.Diff(want, g.Impact("a", "b")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestCycles(t *testing.T) {
	tests := []struct {
		name  string
		nodes []graph.Node
		want  [][]string
	}{
		{"none", []graph.Node{node("a", one("b", "c")...), node("b", one("c")...), node("c")}, nil},
		{"itself", []graph.Node{node("a", one("a")...)}, [][]string{{"a"}}},
		{"two", []graph.Node{node("b", one("a")...), node("a", one("b")...)}, [][]string{{"a", "b"}}},
		{"starts from the smallest", []graph.Node{node("z", one("m")...), node("m", one("c")...), node("c", one("z")...), node("a", one("z")...)},
			[][]string{{"c", "z", "m"}}},
		{"two that share a node", []graph.Node{node("a", one("b", "c")...), node("b", one("a")...), node("c", one("a")...)},
			[][]string{{"a", "b"}, {"a", "c"}}},
		{"through a group", []graph.Node{node("a", graph.Dep{IDs: []string{"b", "c"}, Need: 1}), node("b"), node("c", one("a")...)},
			[][]string{{"a", "c"}}},
		{"an id nobody knows", []graph.Node{node("a", one("gone")...)}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, graph.Build(tt.nodes).Cycles()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// drawn is a random catalogue and what is touched in it.
func drawn(t *rapid.T) (nodes []graph.Node, touch []string) {
	n := rapid.IntRange(1, 9).Draw(t, "nodes")
	id := rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("n%d", rapid.IntRange(0, n).Draw(t, "id")) }) // n itself is unknown
	dep := rapid.Custom(func(t *rapid.T) graph.Dep {
		return graph.Dep{IDs: rapid.SliceOfN(id, 1, 4).Draw(t, "of"), Need: rapid.IntRange(0, 4).Draw(t, "need")}
	})
	for i := range n {
		nodes = append(nodes, node(fmt.Sprintf("n%d", i), rapid.SliceOfN(dep, 0, 3).Draw(t, "deps")...))
	}
	return nodes, rapid.SliceOfN(id, 0, 3).Draw(t, "touch")
}

// down is the definition of Impact, as slowly as it can be said.
func down(nodes []graph.Node, touch []string) map[string]bool {
	known, out := map[string]bool{}, map[string]bool{}
	for _, n := range nodes {
		known[n.ID] = true
	}
	for _, id := range touch {
		out[id] = true
	}
	for range nodes {
		for _, n := range nodes {
			for _, d := range n.DependsOn {
				up, lost := map[string]bool{}, false
				for _, id := range d.IDs {
					lost = lost || out[id]
					if known[id] && !out[id] {
						up[id] = true
					}
				}
				if lost && (d.Need == 0 || len(up) < d.Need) {
					out[n.ID] = true
				}
			}
		}
	}
	return out
}

func TestImpactProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes, touch := drawn(t)
		want := down(nodes, touch)
		for _, id := range touch {
			delete(want, id)
		}
		shuffled := rapid.Permutation(nodes).Draw(t, "order")
		impact := graph.Build(shuffled).Impact(touch...)
		if diff := cmp.Diff(impact, graph.Build(nodes).Impact(touch...)); diff != "" {
			t.Fatalf("order of the nodes matters:\n%s", diff)
		}
		got := map[string]bool{}
		for _, im := range impact {
			got[im.ID] = true
			if len(im.Via) == 0 || im.Depth < 1 {
				t.Fatalf("no cause: %+v", im)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
	})
}

// reaches reports whether a walk along dependencies leads from one id to another.
func reaches(g *graph.Graph, from, to string) bool {
	seen := map[string]bool{}
	for queue := g.DependsOn(from); len(queue) > 0; queue = queue[1:] {
		if queue[0] == to {
			return true
		}
		if !seen[queue[0]] {
			seen[queue[0]] = true
			queue = append(queue, g.DependsOn(queue[0])...)
		}
	}
	return false
}

func TestCyclesProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes, _ := drawn(t)
		g := graph.Build(nodes)
		covered := map[string]bool{}
		for _, cycle := range g.Cycles() {
			if cycle[0] != slices.Min(cycle) {
				t.Fatalf("%v does not begin with its smallest id", cycle)
			}
			for i, id := range cycle {
				covered[id] = true
				if next := cycle[(i+1)%len(cycle)]; !slices.Contains(g.DependsOn(id), next) {
					t.Fatalf("%v: %s does not depend on %s", cycle, id, next)
				}
			}
		}
		for _, n := range nodes {
			if want := reaches(g, n.ID, n.ID); covered[n.ID] != want {
				t.Fatalf("%s on a cycle: %v, reported: %v", n.ID, want, covered[n.ID])
			}
		}
	})
}

func TestLongChain(t *testing.T) {
	var nodes []graph.Node
	for i := range 20000 {
		nodes = append(nodes, node(fmt.Sprintf("n%05d", i), one(fmt.Sprintf("n%05d", i+1))...))
	}
	g := graph.Build(append(nodes, node("n20000")))
	if got := g.Cycles(); got != nil {
		t.Errorf("cycles in a chain: %d", len(got))
	}
	if got := g.Impact("n20000"); len(got) != 20000 || got[19999].Depth != 20000 {
		t.Errorf("impact reaches %d nodes", len(got))
	}
}

const envelope = "apiVersion: gitsm/v1\nkind: %s\nid: %s\ntitle: T\nowner: team:ops\n"

func TestFromStore(t *testing.T) {
	file := func(kind, id, more string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(fmt.Sprintf(envelope, kind, id) + more)}
	}
	fsys := fstest.MapFS{
		"gitsm.yaml":                {Data: []byte("apiVersion: gitsm/v1\nkind: config\n")},
		"services/checkout.yaml":    file("service", "checkout", "tier: 1\ndepends_on: [asset:db-1, {need: 1, of: [web-1, service:web-2]}]\n"),
		"services/web-2.yaml":       file("service", "web-2", "tier: x\ndepends_on: nonsense\n"),
		"services/old.yaml":         file("service", "old", "tier: 1\nstate: retired\ndepends_on: [db-1]\n"),
		"assets/fra/host/db-1.yaml": file("asset", "db-1", "type: database\n"),
		"assets/web-1.yaml":         file("asset", "web-1", "type: host\nstate: retired\n"),
	}
	s, err := store.Open(fsys)
	if err != nil {
		t.Fatal(err)
	}
	g, err := graph.FromStore(s)
	if err != nil {
		t.Fatal(err)
	}
	want := []graph.Impact{{ID: "checkout", Kind: "service", Tier: 1, Owner: "team:ops", Depth: 1, Via: []string{"db-1"}}}
	if diff := cmp.Diff(want, g.Impact("db-1")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	want[0].Via = []string{"web-2"}
	if diff := cmp.Diff(want, g.Impact("web-2")); diff != "" {
		t.Errorf("the retired web-1 is no redundancy: -want +got:\n%s", diff)
	}
	if n, ok := g.Node("web-2"); !ok || n.Tier != nil {
		t.Errorf("a tier of the wrong type is unknown, got %+v", n)
	}
}

// TestOddForms: a record that got onto main in another form than its schema's
// takes nothing out of the graph.
func TestOddForms(t *testing.T) {
	db := []graph.Dep{{IDs: []string{"db"}, Need: 1}}
	for yaml, want := range map[string][]graph.Dep{
		"db": db, "[db]": db, "[[db]]": db, "asset:db": db, "{need: 1, of: db}": db, "{need: 1, of: [[db]]}": db,
		"{of: db}": {{IDs: []string{"db"}}}, "{need: one, of: [db]}": {{IDs: []string{"db"}}},
		"5": nil, "[5, null, db]": db, "''": nil, "{need: 1}": nil,
	} {
		doc, _ := yamldoc.Parse("services/a.yaml", []byte("depends_on: "+yaml+"\n"))
		service, _ := record.Builtin().ByName("service")
		if diff := cmp.Diff(want, graph.FromRecord(record.New(service, "a", "services/a.yaml", "", doc)).DependsOn); diff != "" {
			t.Errorf("%s: -want +got:\n%s", yaml, diff)
		}
	}
	for tier, known := range map[string]bool{"0": true, "4": true, "5": false, "-1": false, "0.5": false, `"0"`: false, "null": false} {
		doc, _ := yamldoc.Parse("services/a.yaml", []byte("tier: "+tier+"\n"))
		service, _ := record.Builtin().ByName("service")
		if n := graph.FromRecord(record.New(service, "a", "services/a.yaml", "", doc)); (n.Tier != nil) != known {
			t.Errorf("tier %s: %v", tier, n.Tier)
		}
	}
}
