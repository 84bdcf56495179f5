package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/demo"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/gitrepo"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/store"
)

// organisation is the demo's store with so many changes.
func organisation(tb testing.TB, changes int) *audit.Auditor {
	tb.Helper()
	ctx := context.Background()
	r, err := gitrepo.Init(ctx, tb.TempDir(), "main", environ(tb.TempDir()))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = r.Close() })
	bulk := gitrepo.NewBulk(ctx, r)
	h, err := demo.Build(ctx, bulk, demo.Options{Changes: changes, Seed: demo.DefaultSeed, Tool: tool, Judge: judge})
	if cerr := bulk.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		tb.Fatal(err)
	}
	var updates []git.RefUpdate
	for _, ref := range h.Refs {
		updates = append(updates, git.RefUpdate{Name: ref.Name, New: ref.OID})
	}
	if err := r.UpdateRefs(ctx, "demo", updates); err != nil {
		tb.Fatal(err)
	}
	return &audit.Auditor{Repo: r, Judge: judge, Cache: store.NewCache(), Main: "main", Now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), Tool: tool}
}

// A whole organisation's eighteen months, made by the verbs, holds.
func TestOrganisationPasses(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a whole organisation")
	}
	a := organisation(t, 40)
	r, err := a.Verify(context.Background(), audit.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		if c.Verdict == audit.Fail || c.Verdict == audit.CannotVerify {
			t.Errorf("%s of %s: %s: %s", c.Check, c.Record, c.Verdict, c.Reason)
		}
	}
	if r.Worst() != audit.Pass || r.Summary.Records < 100 {
		t.Errorf("it ends %s: %+v", r.Worst(), r.Summary)
	}
}

// Each round starts from nothing, as a command does.
func BenchmarkAudit(b *testing.B) {
	a := organisation(b, 100)
	run := func(name string, do func(context.Context, *audit.Auditor) error) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				fresh := *a
				fresh.Cache, fresh.Judge = store.NewCache(), decision.NewJudge()
				if err := do(context.Background(), &fresh); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("verify", func(ctx context.Context, a *audit.Auditor) error {
		r, err := a.Verify(ctx, audit.Scope{})
		if err == nil {
			b.ReportMetric(float64(r.Summary.Landings), "landings")
		}
		return err
	})
	run("log", func(ctx context.Context, a *audit.Auditor) error {
		_, err := a.Log(ctx, history.Filter{})
		return err
	})
	run("show", func(ctx context.Context, a *audit.Auditor) error {
		events, err := a.Log(ctx, history.Filter{Types: []string{"closed"}, Kinds: []string{"change"}})
		if err != nil {
			return err
		}
		_, err = a.Show(ctx, events[0].Record)
		return err
	})
}
