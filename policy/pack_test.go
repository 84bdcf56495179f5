package policy_test

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/policy"
	"github.com/gitsm/gitsm/schema"
)

// source is the default policy as a store with the built-in kinds has it.
func source(t testing.TB) engine.Source {
	t.Helper()
	read, err := store.ReadPolicy(policy.FS, "policy")
	if err != nil {
		t.Fatal(err)
	}
	src := engine.Source{Modules: read.Modules, Data: read.Data, Schemas: map[string][]byte{}}
	for _, k := range record.Builtin().All() {
		src.Kinds = append(src.Kinds, k.Name)
		src.Schemas[k.Name], _ = schema.Kind(k.Schema)
	}
	src.Kinds = append(src.Kinds, engine.Needed)
	src.Schemas[engine.Needed], _ = schema.Kind(engine.Needed)
	src.Input, _ = schema.Kind("input")
	return src
}

func pack(t testing.TB) *engine.Policy {
	t.Helper()
	p, err := engine.Compile(context.Background(), source(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fixtures are the records that the pack's tests are written with.
func fixtures(t testing.TB) map[string]engine.Fixture {
	t.Helper()
	read, wrong, err := store.ReadFixtures(policy.FS, "policy")
	if err != nil || len(wrong) > 0 {
		t.Fatal(err, wrong)
	}
	out := map[string]engine.Fixture{}
	for _, f := range read {
		out[f.Name] = engine.Fixture{Kind: f.Doc.Value()["kind"].(string), Record: f.Doc.Value()}
	}
	return out
}

// TestPack runs the pack's own tests, and wants every line of every rule
// evaluated by them.
func TestPack(t *testing.T) {
	report, err := pack(t).Test(context.Background(), engine.TestOptions{Coverage: true, Fixtures: fixtures(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Tests {
		if !r.Pass {
			t.Errorf("%s:%d: %s failed %s\n%s", r.File, r.Line, r.Name, r.Error, r.Output)
		}
	}
	for _, c := range report.Coverage {
		if !c.Exercised || len(c.Uncovered) > 0 {
			t.Errorf("%s:%d: %s %s: held %v, lines never evaluated %v", c.Rule.File, c.Rule.Line, c.Rule.ID, c.Rule.Name, c.Exercised, c.Uncovered)
		}
	}
}

// TestMisspelt: a field misspelt anywhere in the pack's rules is refused. Every
// fifth of the places is tried.
func TestMisspelt(t *testing.T) {
	src := source(t)
	field := regexp.MustCompile(`\.(title|type|state|services|window|start|end|plan|questionnaire|implementation|outcome|incident|authoriser|requester|tier|owner|record|transition|from|before|history|impact|data_change|config)\b`)
	tried := 0
	for _, name := range slices.Sorted(maps.Keys(src.Modules)) {
		text := src.Modules[name]
		if strings.HasSuffix(name, "_test.rego") {
			continue
		}
		for i, at := range field.FindAllIndex(text, -1) {
			line := text[bytes.LastIndexByte(text[:at[0]], '\n')+1 : at[0]]
			if i%5 != 0 || bytes.HasPrefix(line, []byte("#")) || bytes.HasPrefix(line, []byte("import")) || bytes.Count(line, []byte(`"`))%2 == 1 {
				continue
			}
			tried++
			src.Modules[name] = slices.Concat(text[:at[0]+2], text[at[0]+3:])
			if _, err := engine.Compile(context.Background(), src); err == nil {
				t.Errorf("%s: %s without its second letter compiles", name, text[at[0]:at[1]])
			}
		}
		src.Modules[name] = text
	}
	if tried < 20 {
		t.Errorf("only %d places tried", tried)
	}
}

// change is the input of a small but complete normal change.
func change() map[string]any {
	return map[string]any{
		"now": "2026-11-20T09:00:00Z",
		"record": map[string]any{
			"apiVersion": "gitsm/v1", "kind": "change", "id": "CHG-20261120-7K3F2M", "title": "Upgrade the search index",
			"type": "normal", "state": "scheduled", "requester": "alice", "services": []any{"search"},
			"window": map[string]any{"start": "2026-11-24T10:00:00Z", "end": "2026-11-24T11:00:00Z"},
			"reason": "Version 3 is no longer supported", "plan": map[string]any{
				"implement": "Run the upgrade playbook", "test": "Rehearsed in staging", "backout": "Restore the snapshot", "verify": "Error rate",
			},
		},
		"transition": map[string]any{"from": "", "to": "scheduled", "verb": "new"},
		"actor":      map[string]any{"id": "alice", "known": true},
		"services":   []any{map[string]any{"id": "search", "title": "Search", "owner": "team:discovery", "tier": 3}},
		"assets":     []any{}, "impact": []any{}, "windows": []any{}, "conflicts": []any{}, "files": []any{},
		"history": []any{map[string]any{"kind": "service", "id": "search", "total": 7, "successful": 7, "failed": 0, "backed_out": 0}},
	}
}

// TestBackoutFinding holds the finding that the documentation shows first.
func TestBackoutFinding(t *testing.T) {
	in := change()
	in["record"].(map[string]any)["plan"].(map[string]any)["backout"] = ""
	res, err := pack(t).Eval(context.Background(), "change", in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Deny) != 1 {
		t.Fatalf("denied %v, want one message", res.Deny)
	}
	m := res.Deny[0]
	if m.Rule != "CHG012" || m.Msg != "back-out plan missing" || m.Path != "/plan/backout" || m.Severity != "error" ||
		m.Fix != "gitsm change edit 7k3f2m --set plan.backout=…" || m.File != "policy/change.rego" || m.Line == 0 {
		t.Errorf("got %+v", m)
	}
}

// TestRetro: an emergency lands without approval and owes one afterwards.
func TestRetro(t *testing.T) {
	in := change()
	rec := in["record"].(map[string]any)
	rec["type"], rec["state"], rec["incident"], rec["authoriser"] = "emergency", "implementing", "INC-20261120-0A1B2C", "bob"
	in["transition"] = map[string]any{"from": "", "to": "implementing", "verb": "new"}
	p := pack(t)
	catalog := p.NewCatalog(map[string]any{"teams": map[string]any{"change-managers": map[string]any{"members": []any{"bob"}}},
		"people": map[string]any{"bob": map[string]any{"id": "bob", "name": "Bob", "active": true}}})
	res, err := p.Eval(context.Background(), "change", in, catalog)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Deny) != 0 || len(res.Approvals) != 0 || len(res.Retro) != 1 || res.Retro[0].From[0] != "person:bob" {
		t.Errorf("denied %v, approvals %v, afterwards %v", res.Deny, res.Approvals, res.Retro)
	}
}

func BenchmarkEval(b *testing.B) {
	p, in := pack(b), change()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Eval(context.Background(), "change", in, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvalParallel(b *testing.B) {
	p, in := pack(b), change()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := p.Eval(context.Background(), "change", in, nil); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		pack(b)
	}
}

// This project's own changes are judged by the pack as it is, so a rule that is
// added here is added there.
func TestOwnStore(t *testing.T) {
	err := fs.WalkDir(policy.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		want, err := fs.ReadFile(policy.FS, name)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join("..", "changes", "policy", filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("changes/policy/%[1]s is not policy/%[1]s (%[2]v): copy it", name, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
