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
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// TestOptions say which tests run.
type TestOptions struct {
	Run      string // regular expression on package.test_name; "" runs all
	Coverage bool
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

// RuleCoverage says how much of a rule the tests exercised. Helper rules and
// functions are listed as well, without an id.
type RuleCoverage struct {
	Rule       Rule
	Exercised  bool  // the rule held at least once
	Uncovered  []int // lines never evaluated
	Percentage float64
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
	t := &testRun{policy: p, mods: mods}
	if opts.Coverage {
		t.cover = cover.New()
	}
	if err := t.start(ctx, opts); err != nil {
		return nil, err
	}
	defer t.close()
	if err := t.wait(ctx); err != nil {
		return nil, err
	}
	slices.SortFunc(t.report.Tests, func(a, b TestResult) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
	})
	if t.cover != nil {
		t.report.Coverage = t.coverage(rules)
	}
	return &t.report, nil
}

// testRun is one run of the tests.
type testRun struct {
	policy  *Policy
	mods    []*module
	cover   *cover.Cover
	store   storage.Store
	txn     storage.Transaction
	results chan *tester.Result
	report  TestReport
}

func (t *testRun) start(ctx context.Context, opts TestOptions) error {
	c, set, found, err := t.policy.compilerFor(t.mods, nil)
	if err != nil {
		return err
	}
	// Coverage of a second and third evaluation, without OPA's shortcuts, is of
	// no use here: a line that only they reach decides nothing.
	runner := tester.NewRunner().SetCompiler(c.WithEnablePrintStatements(true)).SetStore(t.policy.empty.store).SetModules(set).
		RaiseBuiltinErrors(true).CapturePrintOutput(true).SetParallel(1).SetTimeout(t.policy.limits.Wall).
		SetCoverageRuns(nil).Filter(opts.Run)
	if t.cover != nil {
		runner.SetCoverageQueryTracer(t.cover)
	}
	t.store = t.policy.empty.store
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

// wait collects results. OPA stops a test at its deadline unless a builtin
// hangs; such a test sends nothing, and is given up a little later. See guard
// about what lingers.
func (t *testRun) wait(ctx context.Context) error {
	limits := t.policy.limits
	memory := newWatchdog(limits.Heap)
	wall := time.NewTimer(limits.Wall + limits.Wall/5)
	defer wall.Stop()
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		select {
		case r, more := <-t.results:
			if !more {
				return ctx.Err()
			}
			t.report.Tests = append(t.report.Tests, t.result(r))
			wall.Reset(limits.Wall + limits.Wall/5)
		case <-ctx.Done():
			return ctx.Err()
		case <-wall.C:
			return fmt.Errorf("testing policy: %w", &LimitError{"time", limits.Wall.String()})
		case <-tick.C:
			if memory.over() {
				return fmt.Errorf("testing policy: %w", &LimitError{"memory", fmt.Sprintf("%d MB", limits.Heap>>20)})
			}
		}
	}
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
	switch {
	case topdown.IsCancel(r.Error):
		out.Error = (&LimitError{"time", t.policy.limits.Wall.String()}).Error()
	case r.Error != nil:
		out.Error = r.Error.Error()
	}
	return out
}

// coverage reports on every rule and function that is no test.
func (t *testRun) coverage(rules []*rule) []RuleCoverage {
	parsed := map[string]*ast.Module{}
	for _, m := range t.mods {
		parsed[m.name] = m.parsed
	}
	report := t.cover.Report(parsed)
	known := map[*ast.Rule]Rule{}
	for _, r := range rules {
		known[r.node] = r.Rule
	}
	var out []RuleCoverage
	for _, m := range t.mods {
		if m.test {
			continue
		}
		for _, node := range m.parsed.Rules {
			r, ok := known[node]
			if !ok {
				r = Rule{Name: ruleName(node), Package: strings.Join(elements(m.parsed.Package.Path), "."), File: node.Location.File, Line: node.Location.Row}
			}
			out = append(out, covered(r, node, report.Files[m.name]))
		}
	}
	return out
}

func covered(r Rule, node *ast.Rule, file *cover.FileReport) RuleCoverage {
	out := RuleCoverage{Rule: r}
	last := node.Location.Row + strings.Count(string(node.Location.Text), "\n")
	lines := 0
	for row := node.Location.Row; row <= last; row++ {
		missed := file.IsNotCovered(row)
		if missed || file.IsCovered(row) {
			lines++
		}
		if missed {
			out.Uncovered = append(out.Uncovered, row)
		}
	}
	out.Exercised = file.IsCovered(node.Head.Location.Row) && !slices.Contains(out.Uncovered, node.Head.Location.Row)
	if lines > 0 {
		out.Percentage = 100 * float64(lines-len(out.Uncovered)) / float64(lines)
	}
	return out
}
