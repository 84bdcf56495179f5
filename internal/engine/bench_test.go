package engine

import (
	"context"
	"testing"

	"github.com/open-policy-agent/opa/v1/topdown"
)

// The default pack has benchmarks of its own, in package policy.

func BenchmarkEval(b *testing.B) {
	p, err := Compile(context.Background(), source(b, one(small)))
	if err != nil {
		b.Fatal(err)
	}
	in := input()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Eval(context.Background(), "change", in, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGuard(b *testing.B) {
	for b.Loop() {
		if _, err := guard(context.Background(), NewSandbox(Limits{}), func(topdown.Cancel) (int, error) { return 1, nil }); err != nil {
			b.Fatal(err)
		}
	}
}
