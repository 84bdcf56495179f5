package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// bands are the risk bands, from harmless to worst.
var bands = []string{"low", "medium", "high", "critical"}

// decode reads what the query found. Whatever has not exactly the documented
// shape is an error that names the rule: a message that is passed over is a
// change let through.
func (p *Policy) decode(q *query, found topdown.QueryResult) (*Result, error) {
	out := &Result{HasRisk: q.risk != nil}
	for _, name := range q.names {
		term := found[ast.Var(name)]
		if term == nil {
			return nil, fmt.Errorf("reading the policy's result: %s is missing", name)
		}
		var err error
		if name == "risk" {
			out.Risk, err = decodeRisk(q.risk, term)
		} else {
			err = p.decodeSet(out, name, term)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := uniqueRequirements(slices.Concat(out.Approvals, out.Retro)); err != nil {
		return nil, err
	}
	return out, nil
}

// element is one value of an asked set, with its rule.
type element struct {
	rule  *rule
	value *ast.Term
}

func (p *Policy) decodeSet(out *Result, name string, term *ast.Term) error {
	set, ok := term.Value.(ast.Set)
	if !ok {
		return fmt.Errorf("reading the policy's result: %s is not a set", name)
	}
	var list []element
	err := set.Iter(func(t *ast.Term) error {
		pair, ok := t.Value.(*ast.Array)
		if !ok || pair.Len() != 2 {
			return fmt.Errorf("reading the policy's result: %s has an unattributed element", name)
		}
		n, ok := pair.Elem(0).Value.(ast.Number)
		i, isInt := n.Int()
		if !ok || !isInt || i < 0 || i >= len(p.rules) {
			return fmt.Errorf("reading the policy's result: %s has an element of an unknown rule", name)
		}
		list = append(list, element{p.rules[i], pair.Elem(1)})
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b element) int {
		return cmp.Or(cmp.Compare(a.rule.File, b.rule.File), cmp.Compare(a.rule.Line, b.rule.Line), a.value.Value.Compare(b.value.Value))
	})
	return decodeElements(out, name, list)
}

func decodeElements(out *Result, name string, list []element) error {
	for i, e := range list {
		f := &fields{rule: e.rule}
		switch name {
		case "deny":
			out.Deny = append(out.Deny, f.message(e.value))
		case "warn":
			out.Warn = append(out.Warn, f.message(e.value))
		case Needed:
			out.Needed = append(out.Needed, f.need(e.value))
		case "signals", "approvals":
			// The policy's own set has an element once, whichever rules gave it.
			same := func(o element) bool { return o.value.Equal(e.value) }
			if slices.ContainsFunc(list[:i], same) {
				continue
			}
			if name == "signals" {
				out.Signals = append(out.Signals, f.signal(e.value))
			} else if r, retro := f.requirement(e.value); retro {
				out.Retro = append(out.Retro, r)
			} else {
				out.Approvals = append(out.Approvals, r)
			}
		}
		if f.err != nil {
			return f.err
		}
	}
	return nil
}

func decodeRisk(r *rule, term *ast.Term) (Risk, error) {
	f := &fields{rule: r}
	list, ok := term.Value.(*ast.Array)
	if !ok || list.Len() != 1 {
		return Risk{}, f.failf("has no result for this record; add a definition that always holds, or a default")
	}
	f.open(list.Elem(0), "score", "band")
	out := Risk{Score: f.integer("score", true), Band: f.str("band", true)}
	if f.err == nil && !slices.Contains(bands, out.Band) {
		f.failf("band %q is none of %s", out.Band, strings.Join(bands, ", "))
	}
	return out, f.err
}

// uniqueRequirements refuses two different requirements of one id: an approval
// could not be counted for either.
func uniqueRequirements(list []Requirement) error {
	seen := map[string]Requirement{}
	for _, r := range list {
		if first, ok := seen[r.ID]; ok {
			return fmt.Errorf("%s:%d: approvals: id %q is already used at %s:%d; give every requirement an id of its own", r.File, r.Line, r.ID, first.File, first.Line)
		}
		seen[r.ID] = r
	}
	return nil
}
