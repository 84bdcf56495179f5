package cli

import (
	"context"
	"reflect"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/policy"
)

// source is a policy as it was read, with the kinds it is compiled for.
func (of fixtureSource) source() (*store.Policy, *record.Kinds, error) {
	if of.store != nil {
		src, err := of.store.Policy()
		return src, of.store.Kinds, err
	}
	src, err := store.ReadPolicy(of.files, of.name)
	return src, record.Builtin(), err
}

// numbers counts the tests that failed and pass with the data that gitsm comes
// with: what they expect was said of other numbers than the policy has by now.
func (env *Env) numbers(ctx context.Context, of fixtureSource, o testOptions, rep *testReport) (int, error) {
	src, kinds, err := of.source()
	if err != nil {
		return 0, err
	}
	shipped, err := store.ReadPolicy(policy.FS, store.PolicyDir)
	if err != nil || reflect.DeepEqual(src.Data, shipped.Data) {
		return 0, err
	}
	p, err := env.judges().Compile(ctx, &store.Policy{Modules: src.Modules, Data: shipped.Data, Doc: shipped.Doc}, kinds)
	if err != nil {
		return 0, nil // rules that need data of their own say nothing of other data
	}
	again, err := p.Test(ctx, o)
	if err != nil {
		return 0, nil
	}
	failed := map[string]bool{}
	for _, t := range rep.Tests {
		failed[t.Package+"."+t.Name] = !t.Pass && !t.Skipped
	}
	n := 0
	for _, t := range again.Tests {
		if t.Pass && failed[t.Package+"."+t.Name] {
			n++
		}
	}
	return n, nil
}
