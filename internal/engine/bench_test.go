package engine

import (
	"context"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

func BenchmarkEval(b *testing.B) {
	p, err := Compile(context.Background(), source(b, map[string]string{"policy/change.rego": small}))
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

func BenchmarkCompile(b *testing.B) {
	src := source(b, map[string]string{"policy/change.rego": small})
	for b.Loop() {
		if _, err := Compile(context.Background(), src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHeap(b *testing.B) {
	for b.Loop() {
		heap()
	}
}

func BenchmarkRunOnly(b *testing.B) {
	p, err := Compile(context.Background(), source(b, map[string]string{"policy/change.rego": small}))
	if err != nil {
		b.Fatal(err)
	}
	in, _ := ast.InterfaceToValue(input())
	q := p.queries["change"]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := q.run(context.Background(), p.compiler, p.empty.store, ast.NewTerm(in), topdown.NewCancel()); err != nil {
			b.Fatal(err)
		}
	}
}
func BenchmarkGuard(b *testing.B) {
	for b.Loop() {
		guard(context.Background(), Limits{}.withDefaults(), func() {}, func() (int, error) { return 1, nil })
	}
}
