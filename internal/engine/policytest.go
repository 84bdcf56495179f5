package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// TestOptions say which tests run.
type TestOptions struct {
	Run      string // regular expression on package.test_name; "" runs all
	Coverage bool
	Fixtures map[string]Fixture // what tests read as data.fixtures, by name
}

// Fixture is a record that tests are written with, typed by the schema of its
// kind. Only tests see it.
type Fixture struct {
	Kind   string
	Record map[string]any
}

// TestReport is the outcome of Test, sorted by file and line.
type TestReport struct {
	Tests    []TestResult
	Coverage []RuleCoverage // nil unless asked for
}

// Failed says whether any test did not pass. Skipped tests (todo_…) do not
// fail, and no test at all does.
func (r *TestReport) Failed() bool {
	return len(r.Tests) == 0 || slices.ContainsFunc(r.Tests, func(t TestResult) bool { return !t.Pass && !t.Skipped })
}

// TestResult is the outcome of one test.
type TestResult struct {
	Package, Name string
	File          string
	Line          int
	Pass          bool
	Skipped       bool
	Error         string // why it could not be evaluated
	Output        string // what print wrote
	Duration      time.Duration
}

// Test runs the policy's own tests (rules test_… in *_test.rego) with the same
// types, lint and sandbox as Compile, each test within the limits. Tests that
// do not compile, for instance because a fixture is misspelt, are a
// *CompileError.
func (p *Policy) Test(ctx context.Context, opts TestOptions) (*TestReport, error) {
	if _, err := regexp.Compile(opts.Run); err != nil {
		return nil, fmt.Errorf("reading the filter of tests: %w", err)
	}
	ps := &problems{}
	mods := parse(p.src, true, ps)
	rules := collectRules(mods, p.src.judged(), ps)
	if err := ps.err(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	data := p.newData(nil, opts.Fixtures)
	if data.err != nil {
		return nil, data.err
	}
	t := &testRun{policy: p, mods: mods, store: data.store}
	if opts.Coverage {
		t.cover = reached{}
	}
	if _, err := guard(ctx, p.box, func(topdown.Cancel) (any, error) { return nil, t.start(ctx, opts) }); err != nil {
		return nil, err
	}
	defer t.close()
	if err := t.wait(ctx, cancel); err != nil {
		return nil, err
	}
	slices.SortFunc(t.report.Tests, func(a, b TestResult) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
	})
	if t.cover != nil {
		t.report.Coverage = t.cover.coverage(mods, rules)
	}
	return &t.report, nil
}

// testRun is one run of the tests.
type testRun struct {
	policy  *Policy
	mods    []*module
	cover   reached // nil unless asked for
	store   storage.Store
	txn     storage.Transaction
	results chan *tester.Result
	report  TestReport
}

func (t *testRun) start(ctx context.Context, opts TestOptions) error {
	c, set, found, err := t.policy.compilerFor(t.mods, nil, opts.Fixtures)
	if err != nil {
		return err
	}
	runner := tester.NewRunner().SetCompiler(c.WithEnablePrintStatements(true)).SetStore(t.store).SetModules(set).
		RaiseBuiltinErrors(true).CapturePrintOutput(true).SetParallel(1).SetTimeout(patience * t.policy.box.limits.Wall).
		Filter(opts.Run)
	if t.cover != nil {
		runner.SetCoverageQueryTracer(t.cover)
	}
	if t.txn, err = t.store.NewTransaction(ctx); err != nil {
		return fmt.Errorf("preparing tests: %w", err)
	}
	t.results, err = runner.RunTests(ctx, t.txn)
	ps := &problems{}
	var errs ast.Errors
	switch {
	case errors.As(err, &errs):
		translate(errs, "POL002", ps)
	case err != nil:
		return fmt.Errorf("preparing tests: %w", err)
	}
	ps.merge(found)
	return ps.err()
}

// close gives back what start took. Tests that were given up may still be
// sending; nobody waits for them.
func (t *testRun) close() {
	if t.txn != nil {
		t.store.Abort(context.Background(), t.txn)
	}
	go func() {
		for range t.results {
			continue
		}
	}()
}

// wait collects results. The first test that meets a limit ends the run, since
// a policy of many such tests would take as many times the limit; it is named
// where OPA can still stop it. See guard about what lingers.
func (t *testRun) wait(ctx context.Context, stop func()) error {
	limits := t.policy.box.limits
	m, err := t.policy.box.enter()
	if err != nil {
		return fmt.Errorf("testing policy: %w", err)
	}
	defer t.policy.box.leave(m)
	var clock stopwatch
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		select {
		case r, more := <-t.results:
			if !more {
				return ctx.Err()
			}
			if why := limitOf(r); why != nil {
				return stoppedIn(r, why)
			}
			t.report.Tests = append(t.report.Tests, t.result(r))
			clock = stopwatch{}
		case <-ctx.Done():
			return ctx.Err()
		case now := <-tick.C:
			if clock.past(now, limits.Wall) {
				m.stop(&LimitError{"time", limits.Wall.String()})
			}
			t.policy.box.look()
			if why := m.stopped.Load(); why != nil {
				stop()
				return t.giveUp(why)
			}
		}
	}
}

// giveUp waits a moment for the test that was stopped.
func (t *testRun) giveUp(why *LimitError) error {
	late := time.NewTimer(t.policy.box.limits.Wall / 5)
	defer late.Stop()
	for {
		select {
		case r, more := <-t.results:
			if more && topdown.IsCancel(r.Error) {
				return stoppedIn(r, why)
			}
			if more {
				continue
			}
		case <-late.C:
		}
		return fmt.Errorf("testing policy: %w", why)
	}
}

// limitOf is the limit of a builtin function that a test met.
func limitOf(r *tester.Result) (why *LimitError) {
	errors.As(r.Error, &why)
	return why
}

func stoppedIn(r *tester.Result, why *LimitError) error {
	name, _, _ := strings.Cut(r.Name, "#")
	return fmt.Errorf("testing policy: %s.%s: %w", strings.TrimPrefix(r.Package, "data."), name, why)
}

func (t *testRun) result(r *tester.Result) TestResult {
	name, _, _ := strings.Cut(r.Name, "#") // OPA numbers tests of one name
	out := TestResult{
		Package: strings.TrimPrefix(r.Package, "data."), Name: name,
		Pass: r.Pass(), Skipped: r.Skip, Output: string(r.Output), Duration: r.Duration,
	}
	if r.Location != nil {
		out.File, out.Line = r.Location.File, r.Location.Row
	}
	if r.Error != nil {
		out.Error = r.Error.Error()
	}
	return out
}
