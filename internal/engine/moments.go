package engine

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/gitsm/gitsm/internal/period"
)

// moments finds what policy does with input.now. Where all of it is comparing
// the moment, or one that lies a fixed time beside it, with others, each of
// these comparisons can tell with what it was, and between the nearest of them
// policy says the same. Anything else a policy may do with it, and this does not
// follow it further than most are written, leaves no such period.
//
// It works on modules that the compiler has flattened: every argument of a call
// is a variable or a constant, and every variable is unique in its rule.
type moments struct {
	parsers map[string]bool // functions that read a moment and nothing else
	rules   map[string]bool // rules whose value is the moment, as references
	paths   []ast.Ref       // of rules
	swaps   []swap          // comparisons with the moment
}

// swap is a comparison, and what it becomes: one that tells what it was with.
type swap struct {
	operator *ast.Term
	as       string
}

// tide says how a value moves with input.now: written is the moment as it is
// written, +1 a number that grows with it, -1 one that shrinks.
type tide int

const (
	still   tide = 0
	grows   tide = +1
	falls   tide = -1
	written tide = 2
)

// followMoments makes the comparisons with input.now tell what it was compared
// with, and reports whether there is nothing else that policy does with it.
func followMoments(mods map[string]*ast.Module) bool {
	m := &moments{parsers: map[string]bool{"time.parse_rfc3339_ns": true}, rules: map[string]bool{}}
	rules := rulesOf(mods)
	for grown := true; grown; {
		grown = false
		for ref, defs := range rules {
			if !m.parsers[ref] && m.parses(defs) {
				m.parsers[ref], grown = true, true
			}
		}
	}
	for grown := true; grown; {
		grown = false
		for ref, defs := range rules {
			if !m.rules[ref] && m.isMoment(defs) {
				m.rules[ref], grown = true, true
				m.paths = append(m.paths, defs[0].Ref())
			}
		}
	}
	m.swaps = nil
	for _, defs := range rules {
		for _, r := range defs {
			if !m.follow(r, m.rules[r.Ref().String()]) {
				return false
			}
		}
	}
	for _, s := range m.swaps {
		s.operator.Value = ast.Ref{ast.VarTerm(s.as)}
	}
	return true
}

// rulesOf lists the rules of modules by reference, with those that follow an else.
func rulesOf(mods map[string]*ast.Module) map[string][]*ast.Rule {
	out := map[string][]*ast.Rule{}
	for _, m := range mods {
		for _, r := range m.Rules {
			for ref := r.Ref().String(); r != nil; r = r.Else {
				out[ref] = append(out[ref], r)
			}
		}
	}
	return out
}

// theOnly is the one definition of a name that has a value, nil where there are
// several, a default, or anything that makes it a collection.
func theOnly(defs []*ast.Rule) *ast.Rule {
	if len(defs) != 1 || defs[0].Default || defs[0].Head.RuleKind() != ast.SingleValue || !defs[0].Ref().IsGround() || defs[0].Head.Value == nil {
		return nil
	}
	return defs[0]
}

// parses reports whether a function does nothing but call one that reads a
// moment.
func (m *moments) parses(defs []*ast.Rule) bool {
	r := theOnly(defs)
	if r == nil || len(r.Head.Args) != 1 || len(r.Body) != 1 {
		return false
	}
	e := r.Body[0]
	if !e.IsCall() || e.Negated || len(e.With) > 0 || len(e.Operands()) != 2 || !m.parsers[e.Operator().String()] {
		return false
	}
	return isVar(r.Head.Args[0]) && e.Operand(0).Equal(r.Head.Args[0]) && isVar(r.Head.Value) && e.Operand(1).Equal(r.Head.Value) && !e.Operand(0).Equal(e.Operand(1))
}

// isMoment reports whether the value of a rule is the moment.
func (m *moments) isMoment(defs []*ast.Rule) bool {
	r := theOnly(defs)
	return r != nil && len(r.Head.Args) == 0 && m.tides(r)[variableOf(r.Head.Value)] == grows
}

func isVar(t *ast.Term) bool { return variableOf(t) != "" }

func variableOf(t *ast.Term) ast.Var {
	v, _ := t.Value.(ast.Var)
	return v
}

// isNow reports whether a term is input.now.
func isNow(t *ast.Term) bool {
	ref, ok := t.Value.(ast.Ref)
	return ok && len(ref) == 2 && ref[0].Equal(ast.InputRootDocument) && ref[1].Equal(nowKey)
}

var nowKey = ast.StringTerm("now")

// tides says how the variables of a rule move with the moment.
func (m *moments) tides(r *ast.Rule) map[ast.Var]tide {
	of := map[ast.Var]tide{}
	for grown := true; grown; {
		grown = false
		learn := func(t *ast.Term, as tide) {
			if v := variableOf(t); v != "" && as != still && of[v] == still {
				of[v], grown = as, true
			}
		}
		ast.WalkExprs(r, func(e *ast.Expr) bool {
			to, as := m.yields(e, of)
			if to != nil {
				learn(to, as)
			}
			return false
		})
	}
	return of
}

// tideOf says how a term moves.
func (m *moments) tideOf(t *ast.Term, of map[ast.Var]tide) tide {
	switch v := t.Value.(type) {
	case ast.Var:
		return of[v]
	case ast.Ref:
		if isNow(t) {
			return written
		}
		if m.rules[v.String()] {
			return grows
		}
	}
	return still
}

// yields is the variable that an expression gives a value which moves with the
// moment, and how.
func (m *moments) yields(e *ast.Expr, of map[ast.Var]tide) (*ast.Term, tide) {
	if !e.IsCall() || e.Negated {
		return nil, still
	}
	args := e.Operands()
	switch op := e.Operator().String(); {
	case (op == "eq" || op == "assign") && len(args) == 2:
		for i, a := range args {
			if as := m.tideOf(a, of); as != still && isVar(args[1-i]) && m.settled(args[1-i], of, as) {
				return args[1-i], as
			}
		}
	case m.parsers[op] && len(args) == 2 && m.tideOf(args[0], of) == written:
		return args[1], grows
	case (op == "plus" || op == "minus") && len(args) == 3:
		x, y := m.tideOf(args[0], of), m.tideOf(args[1], of)
		if op == "minus" && y != written {
			y = -y
		}
		switch {
		case x == written || y == written || x != still && y != still:
		case x != still:
			return args[2], x
		case y != still:
			return args[2], y
		}
	}
	return nil, still
}

// settled reports whether a variable moves as said, or is not known to move.
func (m *moments) settled(t *ast.Term, of map[ast.Var]tide, as tide) bool {
	was := of[variableOf(t)]
	return was == still || was == as
}

// follow reports whether everything in a rule that moves with the moment is
// followed, and notes its comparisons. Whatever is not of the few known forms is
// found by counting: something that moves stands where none of them has it.
func (m *moments) follow(r *ast.Rule, moment bool) bool {
	of := m.tides(r)
	known, with := 0, false
	ast.WalkExprs(r, func(e *ast.Expr) bool {
		with = with || len(e.With) > 0
		known += m.known(e, of)
		return false
	})
	if moment && isVar(r.Head.Value) && of[variableOf(r.Head.Value)] == grows {
		known += len(occurrences(r.Head.Value, m, of))
	}
	found := occurrences(r, m, of)
	if !r.Ref().IsGround() {
		for _, t := range r.Ref()[1:] {
			known -= len(occurrences(t, m, of)) // a name that depends on the moment, however it is counted
		}
	}
	return !with && !slices.Contains(found, false) && len(found) == known
}

// known counts what moves in an expression of a known form.
func (m *moments) known(e *ast.Expr, of map[ast.Var]tide) int {
	if to, as := m.yields(e, of); to != nil {
		if !isVar(to) || of[variableOf(to)] != as {
			return 0
		}
		n := 0
		for _, a := range e.Operands() {
			if m.tideOf(a, of) != still {
				n++
			}
		}
		return n
	}
	if !e.IsCall() || !slices.Contains(comparisons, e.Operator().String()) || len(e.Operands()) != 2 {
		return 0
	}
	x, y := m.tideOf(e.Operand(0), of), m.tideOf(e.Operand(1), of)
	for i, side := range []tide{x, y} {
		if (side == grows || side == falls) && (x == still || y == still) {
			m.swaps = append(m.swaps, swap{e.Terms.([]*ast.Term)[0], telling(e.Operator().String(), i, side)})
			return 1
		}
	}
	return 0
}

// occurrences lists what moves with the moment in a rule or a term: true for
// what may, false for what reads more of the input or of rules than can be told.
func occurrences(in any, m *moments, of map[ast.Var]tide) []bool {
	var out []bool
	ast.WalkTerms(in, func(t *ast.Term) bool {
		switch v := t.Value.(type) {
		case ast.Var:
			switch {
			case v.Equal(ast.InputRootDocument.Value):
				out = append(out, false) // all of it
			case of[v] != still:
				out = append(out, true)
			}
		case ast.Ref:
			return m.reference(v, of, &out)
		}
		return false
	})
	return out
}

// reference looks at one reference; it reports that its own parts need no look.
func (m *moments) reference(ref ast.Ref, of map[ast.Var]tide, out *[]bool) (done bool) {
	for _, t := range ref[1:] {
		*out = append(*out, occurrences(t, m, of)...)
	}
	switch head, _ := ref[0].Value.(ast.Var); {
	case head == "":
		*out = append(*out, occurrences(ref[0], m, of)...)
	case head.Equal(ast.InputRootDocument.Value):
		if key, ok := second(ref); !ok || key == "now" {
			*out = append(*out, ok && len(ref) == 2)
		}
	case head.Equal(ast.DefaultRootDocument.Value):
		ground := ref.GroundPrefix()
		for _, path := range m.paths {
			if ground.HasPrefix(path) || path.HasPrefix(ground) && len(ground) < len(ref) || path.HasPrefix(ref) {
				*out = append(*out, ref.Equal(path))
			}
		}
	case of[head] != still:
		*out = append(*out, true)
	}
	return true
}

func second(ref ast.Ref) (string, bool) {
	if len(ref) < 2 {
		return "", false
	}
	key, ok := ref[1].Value.(ast.String)
	return string(key), ok
}

// comparisons are the functions that compare two values.
var comparisons = []string{"gt", "gte", "lt", "lte"}

// telling is the name of a comparison that tells what it was with: its operand
// of this number moves. No policy can call it.
func telling(op string, operand int, as tide) string {
	return op + "@" + string(rune('0'+operand)) + map[tide]string{grows: "+", falls: "-"}[as]
}

// tellers are the comparisons of those names.
var tellers = sync.OnceValue(func() map[string]*topdown.Builtin {
	out := map[string]*topdown.Builtin{}
	for _, op := range comparisons {
		compare := topdown.GetBuiltin(op)
		for operand := range 2 {
			for _, as := range []tide{grows, falls} {
				name := telling(op, operand, as)
				out[name] = &topdown.Builtin{
					Decl: &ast.Builtin{Name: name, Decl: ast.BuiltinMap[op].Decl},
					Func: func(bctx topdown.BuiltinContext, operands []*ast.Term, iter func(*ast.Term) error) error {
						tell(clockOf(bctx.Context), operands[operand].Value, operands[1-operand].Value, int64(as))
						return compare(bctx, operands, iter)
					},
				}
			}
		}
	}
	return out
})

// tell tells a clock with which moment it was compared: moving is now with
// something added, or the other way round where sign is negative, and fixed is
// what that was compared with.
func tell(clock *period.Clock, moving, fixed ast.Value, sign int64) {
	if clock == nil {
		return
	}
	if _, number := fixed.(ast.Number); !number {
		return // which of the two types comes first does not depend on the moment
	}
	a, whole := wholeOf(moving)
	b, alsoWhole := wholeOf(fixed)
	now := clock.Now().Truncate(time.Second)
	distance := b - a
	if !whole || !alsoWhole || (distance > 0) != (b > a) || distance > longest || distance < -longest {
		clock.Lose()
		return
	}
	clock.MeetSecond(now.Add(time.Duration(sign * distance)))
}

// longest is how far away a moment may be, in nanoseconds, so that it can be
// added to another.
const longest = int64(200 * 365 * 24 * time.Hour)

// firstMoment and lastMoment bound what policy can read: earlier or later ones
// are an error, which no comparison tells of.
var (
	firstMoment = time.Unix(0, math.MinInt64)
	lastMoment  = time.Unix(0, math.MaxInt64).Add(-time.Second)
)

type clockKey struct{}

// withClock lets comparisons that tell find the clock.
func withClock(ctx context.Context, clock *period.Clock) context.Context {
	return context.WithValue(ctx, clockKey{}, clock)
}

func clockOf(ctx context.Context) *period.Clock {
	if ctx == nil {
		return nil
	}
	clock, _ := ctx.Value(clockKey{}).(*period.Clock)
	return clock
}
