package engine

import (
	"fmt"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"

	"github.com/gitsm/gitsm/internal/zone"
)

// clocked are the functions of OPA that take [ns, zone], each with how it is
// computed on the clock of a zone of ours. OPA takes zones from the machine: a
// decision would depend on when somebody updated their system, and "Local" on
// where it stands.
var clocked = map[string]func(t time.Time, layout string, operands []*ast.Term) ([]*ast.Term, *ast.Term, error){
	"time.clock":   onWall,
	"time.date":    onWall,
	"time.weekday": onWall,
	"time.diff": func(t time.Time, _ string, operands []*ast.Term) ([]*ast.Term, *ast.Term, error) {
		other, err := momentOf(operands[1].Value)
		if err != nil {
			return nil, nil, err
		}
		return []*ast.Term{nanoseconds(zone.Wall(t)), nanoseconds(zone.Wall(other.In(t.Location())))}, nil, nil
	},
	"time.format": func(t time.Time, layout string, _ []*ast.Term) ([]*ast.Term, *ast.Term, error) {
		return nil, ast.StringTerm(t.Format(layoutOf(layout))), nil
	},
}

// onWall asks OPA of a clock in UTC that shows what this one does.
func onWall(t time.Time, _ string, _ []*ast.Term) ([]*ast.Term, *ast.Term, error) {
	return []*ast.Term{nanoseconds(zone.Wall(t))}, nil, nil
}

func nanoseconds(t time.Time) *ast.Term { return ast.NewTerm(ast.Number(fmt.Sprint(t.UnixNano()))) }

// ownClocks puts the functions in clocked in the place of OPA's. OPA keeps one
// table for the whole process, so it is done once, before anything is evaluated.
var ownClocks = sync.OnceFunc(func() {
	for name, compute := range clocked {
		theirs := topdown.GetBuiltin(name)
		topdown.RegisterBuiltinFunc(name, func(bctx topdown.BuiltinContext, operands []*ast.Term, iter func(*ast.Term) error) error {
			t, layout, ok, err := zoned(operands[0].Value)
			if err != nil {
				return err
			}
			if !ok {
				return theirs(bctx, operands, iter)
			}
			asked, answer, err := compute(t, layout, operands)
			if err != nil {
				return err
			}
			if answer != nil {
				return iter(answer)
			}
			return theirs(bctx, asked, iter)
		})
	}
})

// zoned reads [ns, zone] or [ns, zone, layout]. ok is false for whatever else OPA
// takes: that is in UTC, or wrong, and is left to it.
func zoned(v ast.Value) (t time.Time, layout string, ok bool, err error) {
	list, isList := v.(*ast.Array)
	if !isList || list.Len() < 2 {
		return t, "", false, nil
	}
	n, isNumber := wholeOf(list.Elem(0).Value)
	name, isText := list.Elem(1).Value.(ast.String)
	if !isNumber || !isText || name == "" {
		return t, "", false, nil
	}
	loc, err := zone.Load(string(name))
	if err != nil {
		return t, "", false, builtins.NewOperandErr(1, "%v", err)
	}
	if list.Len() > 2 {
		text, _ := list.Elem(2).Value.(ast.String)
		layout = string(text)
	}
	return time.Unix(0, n).In(loc), layout, true, nil
}

// momentOf is the moment of a number of nanoseconds, or of one in a list.
func momentOf(v ast.Value) (time.Time, error) {
	if list, ok := v.(*ast.Array); ok && list.Len() > 0 {
		v = list.Elem(0).Value
	}
	n, ok := wholeOf(v)
	if !ok {
		return time.Time{}, builtins.NewOperandTypeErr(2, v, "number (ns)", "[number (ns), string (tz)]")
	}
	return time.Unix(0, n), nil
}

func wholeOf(v ast.Value) (int64, bool) {
	n, ok := v.(ast.Number)
	if !ok {
		return 0, false
	}
	return n.Int64()
}

// layoutOf is a layout as OPA names it, or as it is.
func layoutOf(name string) string {
	layouts := map[string]string{"": time.RFC3339Nano, "ANSIC": time.ANSIC, "UnixDate": time.UnixDate, "RubyDate": time.RubyDate, "RFC822": time.RFC822, "RFC822Z": time.RFC822Z,
		"RFC850": time.RFC850, "RFC1123": time.RFC1123, "RFC1123Z": time.RFC1123Z, "RFC3339": time.RFC3339, "RFC3339Nano": time.RFC3339Nano}
	if l, ok := layouts[name]; ok {
		return l
	}
	return name
}
