package engine

import (
	"context"
	"errors"
)

// Policy is a compiled policy. It is safe for concurrent use.
type Policy struct{}

// Rule describes one rule of the policy, from its METADATA.
type Rule struct {
	ID          string // custom.id, such as CHG012
	Name        string // deny, warn, signals, risk or approvals
	Package     string // gitsm.change
	Title       string
	Description string
	Severity    string // "error" or "warning"; "" for rules that are no findings
	Fix         string
	Controls    []string
	File        string
	Line        int
}

// Catalog is the data that policy reads as data.catalog.
type Catalog struct{}

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

// TestResult is the outcome of one test.
type TestResult struct {
	Package, Name string
	File          string
	Line          int
	Pass          bool
	Skipped       bool
	Error         string // why it could not be evaluated
	Output        string // what print wrote
}

// RuleCoverage says how much of a rule the tests exercised.
type RuleCoverage struct {
	Rule       Rule
	Exercised  bool  // the rule held at least once
	Uncovered  []int // lines never evaluated
	Percentage float64
}

var errUnfinished = errors.New("policy engine is not built yet")

// Compile checks and prepares a policy; a policy that is wrong is a
// *CompileError, and one without rules is ErrNoPolicy.
func Compile(ctx context.Context, src Source) (*Policy, error) { return nil, errUnfinished }

// Eval judges one record of kind.
func (p *Policy) Eval(ctx context.Context, kind string, input map[string]any, catalog *Catalog) (*Result, error) {
	return nil, errUnfinished
}

// Judges says whether the policy has rules for kind.
func (p *Policy) Judges(kind string) bool { return false }

// Rules lists the rules, sorted by file and line.
func (p *Policy) Rules() []Rule { return nil }

// Digest identifies modules and data: hex SHA-256.
func (p *Policy) Digest() string { return "" }

// Version is the version of OPA that evaluates.
func (p *Policy) Version() string { return "" }

// Test runs the policy's own tests.
func (p *Policy) Test(ctx context.Context, opts TestOptions) (*TestReport, error) {
	return nil, errUnfinished
}

// NewCatalog prepares the catalogue once, to be shared by many Evals.
func (p *Policy) NewCatalog(catalog map[string]any) *Catalog { return nil }
