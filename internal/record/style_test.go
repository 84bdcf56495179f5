package record_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// TestEditInStyle sets fields of a change, an incident and gitsm.yaml in any
// order, in any steps: a record that was in canonical style stays in it, and one
// that was not keeps every byte that the edit is not about.
func TestEditInStyle(t *testing.T) {
	kinds := map[string]map[string]any{
		"change": {
			"/title": "Upgrade", "/type": "normal", "/state": "implementing", "/owner": "team:payments", "/services": []any{"checkout"}, "/assets": []any{"db-1"},
			"/window/start": "2026-11-24T10:00:00Z", "/window/end": "2026-11-24T11:00:00Z", "/reason": "it is old\nand slow\n", "/plan/backout": "restore", "/plan/verify": "look", "/plan/test": "rehearsed",
			"/questionnaire/tested": "fully", "/implementation/finished_at": "2026-11-24T10:30:00Z", "/implementation/started_at": "2026-11-24T10:10:00Z",
			"/implementation/implementer": "bob", "/implementation/outcome": "successful", "/review/summary": "it went well", "/review/reviewer": "alice",
			"/links": []any{yamldoc.Map{{Key: "title", Value: "ticket"}, {Key: "url", Value: "https://example.org/1"}}},
		},
		"incident": {"/acknowledged_at": "2026-11-24T10:10:00Z", "/restored_at": "2026-11-24T10:20:00Z", "/resolved_at": "2026-11-24T10:30:00Z", "/state": "resolved", "/services": []any{"checkout"}, "/caused_by": "CHG-20261120-7K3F2M"},
		"service":  {"/owner": "team:payments", "/tier": 1, "/depends_on": []any{"search", yamldoc.Map{{Key: "need", Value: 1}, {Key: "of", Value: []any{"a", "b"}}}}, "/data_classification": "internal", "/state": "active"},
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"change", "incident", "service"}).Draw(t, "kind")
		k, _ := record.Builtin().ByName(name)
		odd := rapid.Bool().Draw(t, "odd")
		src := "apiVersion: gitsm/v1\nkind: " + name + "\nid: x\n# why it is called so\ntitle: T\n"
		if odd {
			src = "kind:   " + name + "\nid: x\napiVersion: gitsm/v1\n\n\n\ntitle: T # so\n"
		}
		for _, p := range rapid.Permutation(slices.Sorted(maps.Keys(kinds[name]))).Draw(t, "order") {
			doc, found := k.Parse("x.yaml", []byte(src))
			if len(found) > 0 {
				t.Fatal(found)
			}
			out, err := k.Edit(doc, yamldoc.Edit{Pointer: p, Value: kinds[name][p]})
			if err != nil {
				t.Fatal(err)
			}
			src = string(out)
			want, _, err := yamldoc.Format("x.yaml", out, k.Order())
			if err != nil {
				t.Fatal(err)
			}
			if !odd && !bytes.Equal(want, out) {
				t.Fatalf("after %s it is\n%s\ninstead of\n%s", p, out, want)
			}
			if odd && !bytes.HasPrefix(out, []byte("kind:   "+name+"\n")) {
				t.Fatalf("after %s it is\n%s", p, out)
			}
		}
	})
}
