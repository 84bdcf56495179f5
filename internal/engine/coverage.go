package engine

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// RuleCoverage says how much of a rule the tests exercised. Helper rules and
// functions are listed as well, without an id.
type RuleCoverage struct {
	Rule       Rule
	Exercised  bool    // the rule held at least once
	Uncovered  []int   // lines where something was never evaluated
	Percentage float64 // of the lines on which an expression or a head begins
}

// reached are the heads that held and the expressions that were evaluated, by
// where they begin. OPA's own cover counts what is within an expression, such
// as the body of every or of a comprehension, as soon as the whole was begun.
type reached map[spot]bool

// spot is where something is written.
type spot struct {
	file     string
	row, col int
	isHead   bool // of a rule: it held, which its body may begin without
}

func spotOf(loc *ast.Location, isHead bool) spot {
	return spot{loc.File, loc.Row, loc.Col, isHead}
}

// Enabled, Config and TraceEvent make it a topdown.QueryTracer. Tests run one
// at a time.
func (r reached) Enabled() bool { return true }

// Config asks for no variables.
func (r reached) Config() topdown.TraceConfig { return topdown.TraceConfig{} }

// TraceEvent takes note of what happened.
func (r reached) TraceEvent(event topdown.Event) {
	switch node := event.Node.(type) {
	case *ast.Rule:
		if event.Op == topdown.ExitOp {
			r[spotOf(node.Head.Location, true)] = true
		}
	case *ast.Expr:
		if event.Op == topdown.EvalOp {
			r[spotOf(node.Location, false)] = true
		}
	}
}

// coverage reports on every rule and function that is no test.
func (r reached) coverage(mods []*module, rules []*rule) []RuleCoverage {
	known := map[*ast.Rule]Rule{}
	for _, rule := range rules {
		known[rule.node] = rule.Rule
	}
	var out []RuleCoverage
	for _, m := range mods {
		if m.test {
			continue
		}
		for _, node := range m.parsed.Rules {
			rule, ok := known[node]
			if !ok {
				rule = Rule{Name: ruleName(node), Package: strings.Join(elements(m.parsed.Package.Path), "."), File: node.Location.File, Line: node.Location.Row}
			}
			out = append(out, r.of(rule, node))
		}
	}
	return out
}

// of reports on one rule, with the else branches that belong to it.
func (r reached) of(rule Rule, node *ast.Rule) RuleCoverage {
	out := RuleCoverage{Rule: rule}
	lines := map[int]bool{} // whether all that begins there was reached
	note := func(at spot) {
		all, seen := lines[at.row]
		lines[at.row] = r[at] && (all || !seen)
	}
	ast.WalkRules(node, func(x *ast.Rule) bool {
		note(spotOf(x.Head.Location, true))
		out.Exercised = out.Exercised || r[spotOf(x.Head.Location, true)]
		return false
	})
	ast.WalkExprs(node, func(x *ast.Expr) bool {
		if _, declared := x.Terms.(*ast.SomeDecl); !declared && !isTrue(x) && x.Location.HasFile() {
			note(spotOf(x.Location, false))
		}
		return false
	})
	for row, all := range lines {
		if !all {
			out.Uncovered = append(out.Uncovered, row)
		}
	}
	slices.Sort(out.Uncovered)
	out.Percentage = 100 * float64(len(lines)-len(out.Uncovered)) / float64(len(lines))
	return out
}

// isTrue tells the body of a rule that has none, which OPA may leave out.
func isTrue(x *ast.Expr) bool {
	t, ok := x.Terms.(*ast.Term)
	return ok && t.Value.Compare(ast.Boolean(true)) == 0
}
