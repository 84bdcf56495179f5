package engine

import (
	"context"
	"errors"
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

// Test runs the policy's own tests.
func (p *Policy) Test(ctx context.Context, opts TestOptions) (*TestReport, error) {
	return nil, errors.New("not built")
}
