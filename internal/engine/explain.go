package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// Trace is what became of one rule when a record was judged.
type Trace struct {
	Rule Rule
	Held bool
	// Because is what decided: where the rule held, every expression of its body
	// as it was when the rule held first; else the one that got furthest before
	// the rule failed.
	Because []Reason
}

// Reason is one expression of a rule, with what it read.
type Reason struct {
	File   string  `json:"file"`
	Line   int     `json:"line"`
	Text   string  `json:"text"`   // as written, on one line
	Held   bool    `json:"held"`   // whether the rule did, and so the expression
	Values []Value `json:"values"` // what it read, sorted by name
	// Because are the expressions of other rules that this one rests on.
	Because []Reason `json:"because,omitempty"`

	refs map[string]ast.Ref // values that are looked up once all are known
}

// Value is something an expression read.
type Value struct {
	Name string `json:"name"` // as written: input.record.type, window.start, service.tier
	JSON string `json:"json"` // cut after 120 characters; "undefined" where there is none
}

// maxDepth bounds how far reasons name the rules that they rest on.
const maxDepth = 3

// Explain judges a record as Eval does, and says of every rule of the kind's
// package what became of it, in the order of Rules.
func (p *Policy) Explain(ctx context.Context, kind string, input map[string]any, catalog *Catalog) ([]Trace, *Result, error) {
	q := p.queries[kind]
	if q == nil {
		return nil, nil, fmt.Errorf("explaining a record of kind %s: %w", kind, ErrNoPolicy)
	}
	if catalog == nil {
		catalog = p.empty
	}
	if catalog.policy != p {
		return nil, nil, errors.New("explaining a record: the catalogue was prepared by another policy")
	}
	if catalog.err != nil {
		return nil, nil, catalog.err
	}
	if err := p.schemas.checkInput(input); err != nil {
		return nil, nil, err
	}
	v, err := ast.InterfaceToValue(input)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the policy's input: %w", err)
	}
	e := &explainer{policy: p, store: catalog.store, input: ast.NewTerm(v), watch: newWatcher(p.sources)}
	found, err := e.run(ctx, q)
	if err != nil {
		return nil, nil, fmt.Errorf("explaining a record of kind %s: %w", kind, err)
	}
	res, err := p.decode(q, found)
	if err != nil {
		return nil, nil, err
	}
	out := e.traces(packagePath(p.src.judge(kind)))
	if err := e.fill(ctx, out); err != nil {
		return nil, nil, fmt.Errorf("explaining a record of kind %s: %w", kind, err)
	}
	return out, res, nil
}

func packagePath(judge string) string { return namespace + "." + judge }

// explainer explains one evaluation.
type explainer struct {
	policy *Policy
	store  storage.Store
	input  *ast.Term
	watch  *watcher
}

// run evaluates a query with the watcher looking on. No rule is skipped for
// what the index knows of it, since that would leave nothing to tell.
func (e *explainer) run(ctx context.Context, q *query) (topdown.QueryResult, error) {
	return guard(ctx, e.policy.box, func(stop topdown.Cancel) (topdown.QueryResult, error) {
		return q.run(ctx, e.policy.compiler, e.store, e.input, stop, func(t *topdown.Query) {
			t.WithIndexing(false).WithQueryTracer(e.watch)
		})
	})
}

// traces lists the rules of a package with the reasons for their fate.
func (e *explainer) traces(pkg string) []Trace {
	var out []Trace
	for _, r := range e.policy.rules {
		if r.Package != pkg {
			continue
		}
		src := e.watch.sources.at[placeOf(r.node.Location)]
		t := Trace{Rule: r.Rule, Held: e.watch.fates[src].held}
		for _, i := range e.watch.deciding(src) {
			t.Because = append(t.Because, e.reason(src, i, 0))
		}
		out = append(out, t)
	}
	return out
}

// reason describes the i-th expression of a rule.
func (e *explainer) reason(src *writtenRule, i, depth int) Reason {
	o := e.watch.fates[src]
	r := Reason{File: src.file, Line: src.line, Text: "the rule's own value", refs: map[string]ast.Ref{}}
	if i < 0 {
		return r
	}
	expr := src.body[i]
	r.Line, r.Text, r.Held = expr.Location.Row, oneLine(string(expr.Location.Text)), o.held
	if expr.Location.Text == nil {
		r.Text = oneLine(expr.String())
	}
	names := namesIn(expr)
	for _, n := range names {
		if value, ok := o.local(n); ok {
			r.Values = append(r.Values, Value{n.String(), brief(value)})
		} else if ref, ok := e.watch.sources.resolve(src, o, n); ok {
			r.refs[n.String()] = ref
		}
	}
	if depth < maxDepth {
		for _, n := range names {
			r.Because = append(r.Because, e.restsOn(src, n, r.Held == expr.Negated, depth+1)...)
		}
	}
	return r
}

// restsOn explains the rule that a name means, where it failed as the
// expression that reads it made it fail, or let it hold by failing. A rule that
// just gave a value is explained by the value.
func (e *explainer) restsOn(src *writtenRule, name ast.Ref, failed bool, depth int) []Reason {
	defs := e.watch.sources.named(src, name)
	if held := slices.ContainsFunc(defs, func(d *writtenRule) bool { return e.watch.fates[d].held }); held == failed {
		return nil
	}
	var out []Reason
	for _, d := range defs {
		if e.watch.fates[d].held == failed {
			continue
		}
		for _, i := range e.watch.deciding(d) {
			out = append(out, e.reason(d, i, depth))
		}
	}
	return out
}

// fill looks up what could not be read off the evaluation itself, in one query.
func (e *explainer) fill(ctx context.Context, traces []Trace) error {
	refs := map[string]ast.Ref{}
	for i := range traces {
		each(traces[i].Because, func(r *Reason) {
			for _, ref := range r.refs {
				refs[ref.String()] = ref
			}
		})
	}
	found, err := e.look(ctx, refs)
	if err != nil {
		return err
	}
	for i := range traces {
		each(traces[i].Because, func(r *Reason) {
			for name, ref := range r.refs {
				r.Values = append(r.Values, Value{name, found[ref.String()]})
			}
			slices.SortFunc(r.Values, func(a, b Value) int { return strings.Compare(a.Name, b.Name) })
			r.refs = nil
		})
	}
	return nil
}

func each(reasons []Reason, do func(*Reason)) {
	for i := range reasons {
		do(&reasons[i])
		each(reasons[i].Because, do)
	}
}

// look evaluates references; what has no value is "undefined".
func (e *explainer) look(ctx context.Context, refs map[string]ast.Ref) (map[string]string, error) {
	names := sortedKeys(refs)
	if len(names) == 0 {
		return nil, nil
	}
	var body ast.Body
	for i, name := range names {
		x := ast.VarTerm("x")
		list := ast.ArrayComprehensionTerm(x, ast.NewBody(ast.Equality.Expr(x, ast.NewTerm(refs[name]))))
		body.Append(ast.Equality.Expr(ast.VarTerm(fmt.Sprintf("v%d", i)), list))
	}
	q := &query{compiler: e.policy.compiler.QueryCompiler()}
	var err error
	if q.body, err = q.compiler.Compile(body); err != nil {
		return nil, err
	}
	found, err := guard(ctx, e.policy.box, func(stop topdown.Cancel) (topdown.QueryResult, error) {
		return q.run(ctx, e.policy.compiler, e.store, e.input, stop)
	})
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for i, name := range names {
		out[name] = "undefined"
		if list, ok := found[ast.Var(fmt.Sprintf("v%d", i))].Value.(*ast.Array); ok && list.Len() == 1 {
			out[name] = brief(list.Elem(0))
		}
	}
	return out, nil
}

// maxValue is how much of a value is shown.
const maxValue = 120

// brief writes a value as JSON, cut where it is long.
func brief(t *ast.Term) string {
	text := t.String()
	if v, err := ast.JSON(t.Value); err == nil {
		if b, err := marshal(v); err == nil {
			text = b
		}
	}
	if runes := []rune(text); len(runes) > maxValue {
		return string(runes[:maxValue]) + "…"
	}
	return text
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
