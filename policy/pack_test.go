package policy_test

import (
	"context"
	"testing"

	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/policy"
	"github.com/gitsm/gitsm/schema"
)

// pack compiles the default policy as a store with the built-in kinds does.
func pack(t testing.TB) *engine.Policy {
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
	src.Input, _ = schema.Kind("input")
	p, err := engine.Compile(context.Background(), src)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPack runs the pack's own tests, and wants every line of every rule
// evaluated by them.
func TestPack(t *testing.T) {
	report, err := pack(t).Test(context.Background(), engine.TestOptions{Coverage: true})
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
