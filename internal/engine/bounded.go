package engine

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// What one call of a builtin function may be given or make. Within a call nobody
// counts steps, so what a call may take is said beforehand, from its operands:
// the same on every machine. A record is 256 KiB at most.
const (
	maxText    = 1 << 20 // bytes
	maxPattern = 4 << 10 // bytes, of a regular expression or glob
	maxItems   = 500_000 // in a collection
	maxDigits  = 400     // of a number, or of its exponent's worth
)

// patterns are the operands that are compiled.
var patterns = map[string]int{
	"glob.match": 0, "regex.find_all_string_submatch_n": 0, "regex.find_n": 0, "regex.is_valid": 0,
	"regex.match": 0, "regex.replace": 1, "regex.split": 0,
}

// made says how large a thing a function will make of its operands, in bytes of
// text. Others make no more than twice of what they are given, or ask the meter
// while they write.
var made = map[string]func(operands []*ast.Term) int{
	"concat": func(o []*ast.Term) int {
		n := items(o[1].Value)
		return printed(o[1].Value, maxText) + n*length(o[0])
	},
	"replace": func(o []*ast.Term) int { return replaced(length(o[0]), o[0], o[1], length(o[2])) },
	"strings.replace_n": func(o []*ast.Term) int {
		n := length(o[1])
		pairs, ok := o[0].Value.(ast.Object)
		if !ok {
			return n
		}
		largest := 0
		pairs.Foreach(func(old, by *ast.Term) { largest = max(largest, replaced(n, o[1], old, length(by))) })
		return largest
	},
	"regex.replace": func(o []*ast.Term) int { return length(o[0]) + length(o[2]) },
	"sprintf": func(o []*ast.Term) int {
		// Each verb may print any argument, as %[1]s does.
		format, _ := o[0].Value.(ast.String)
		return len(format) + (strings.Count(string(format), "%")+1)*largest(o[1].Value)
	},
	"internal.template_string": func(o []*ast.Term) int { return printed(o[0].Value, maxText) },
	"json.marshal":             func(o []*ast.Term) int { return printed(o[0].Value, maxText) },
	"internal.print":           func(o []*ast.Term) int { return printed(o[0].Value, maxText) },
}

// joined are functions whose result has as many items as all operands together.
var joined = []string{"array.concat", "array.flatten", "object.union", "object.union_n", "or", "union"}

// bounded puts functions in front of OPA's that refuse what is too large. OPA
// keeps one table for the whole process, so it is done once, before anything is
// evaluated.
var bounded = sync.OnceFunc(func() {
	for _, name := range allowed {
		theirs := topdown.GetBuiltin(name)
		if theirs == nil {
			continue // erased by the compiler, or part of evaluation itself
		}
		pattern, hasPattern := patterns[name]
		size := made[name]
		joins := slices.Contains(joined, name)
		topdown.RegisterBuiltinFunc(name, func(bctx topdown.BuiltinContext, operands []*ast.Term, iter func(*ast.Term) error) error {
			err := within(operands)
			switch {
			case err != nil:
			case hasPattern && length(operands[pattern]) > maxPattern:
				err = &LimitError{"text in the pattern of " + name, fmt.Sprintf("%d bytes", maxPattern)}
			case size != nil && size(operands) > maxText:
				err = &LimitError{"text in " + name, fmt.Sprintf("%d bytes", maxText)}
			case joins && together(operands) > maxItems:
				err = &LimitError{"items in " + name, fmt.Sprint(maxItems)}
			}
			if err != nil {
				return topdown.Halt{Err: err}
			}
			return theirs(bctx, operands, iter)
		})
	}
})

// within refuses texts and numbers of a length that nobody writes.
func within(operands []*ast.Term) error {
	for _, o := range operands {
		switch v := o.Value.(type) {
		case ast.String:
			if len(v) > maxText {
				return &LimitError{"text in one value", fmt.Sprintf("%d bytes", maxText)}
			}
		case ast.Number:
			if digits(string(v)) > maxDigits {
				return &LimitError{"digits in one number", fmt.Sprint(maxDigits)}
			}
		}
	}
	return nil
}

// digits is how many digits a number has, written without an exponent. One like
// 1e1000000000 is short, and takes half a gigabyte when it is counted with.
func digits(n string) int {
	i := strings.IndexAny(n, "eE")
	if i < 0 {
		return len(n)
	}
	exponent := 0
	for _, c := range strings.TrimLeft(n[i+1:], "+-") {
		if c < '0' || c > '9' || exponent > maxDigits {
			break
		}
		exponent = exponent*10 + int(c-'0')
	}
	return i + exponent
}

// length is that of a text, 0 for anything else.
func length(t *ast.Term) int {
	s, _ := t.Value.(ast.String)
	return len(s)
}

// replaced is the length of a text after each occurrence of old has become one
// of so many bytes.
func replaced(n int, in, old *ast.Term, by int) int {
	s, _ := in.Value.(ast.String)
	o, _ := old.Value.(ast.String)
	return n + strings.Count(string(s), string(o))*max(0, by-len(o))
}

// items is how many things a collection has.
func items(v ast.Value) int {
	switch v := v.(type) {
	case *ast.Array:
		return v.Len()
	case ast.Set:
		return v.Len()
	case ast.Object:
		return v.Len()
	}
	return 0
}

// together is how many things the operands have, and what lies in them.
func together(operands []*ast.Term) int {
	n := 0
	for _, o := range operands {
		n += items(o.Value)
		if list, ok := o.Value.(*ast.Array); ok { // of what is to be joined
			for i := range list.Len() {
				if n += items(list.Elem(i).Value); n > maxItems {
					return n
				}
			}
		}
	}
	return n
}

// largest is the length of the longest argument when it is printed.
func largest(v ast.Value) int {
	list, ok := v.(*ast.Array)
	if !ok {
		return printed(v, maxText)
	}
	most := 0
	for i := range list.Len() {
		most = max(most, printed(list.Elem(i).Value, maxText))
	}
	return most
}

// printed is about how long a value is when it is printed. It counts no further
// than a little past limit: values share parts, and may be far larger printed
// than they are in memory.
func printed(v ast.Value, limit int) int {
	n := 2
	add := func(t *ast.Term) bool {
		n += 2 + printed(t.Value, limit-n)
		return n > limit
	}
	switch v := v.(type) {
	case ast.String:
		return n + len(v)
	case ast.Number:
		return n + len(v)
	case *ast.Array:
		for i := range v.Len() {
			if add(v.Elem(i)) {
				break
			}
		}
	case ast.Set:
		v.Until(add)
	case ast.Object:
		v.Until(func(k, val *ast.Term) bool { return add(k) || add(val) })
	default:
		n += 8
	}
	return n
}
