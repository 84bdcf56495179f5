package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/open-policy-agent/opa/v1/ast"
)

// translate turns OPA's errors into problems. code is the code of an error
// that is not known to be a misspelling or a forbidden function.
func translate(err error, code string, ps *problems) {
	var list ast.Errors
	if !errors.As(err, &list) {
		var one *ast.Error
		if !errors.As(err, &one) {
			ps.add(code, nil, err.Error(), "")
			return
		}
		list = ast.Errors{one}
	}
	for _, e := range list {
		if e.Location != nil && e.Location.File == generated && len(list) > 1 {
			continue // the consequence of another error
		}
		translateOne(e, code, ps)
	}
}

func translateOne(e *ast.Error, code string, ps *problems) {
	switch d := e.Details.(type) {
	case *ast.RefErrInvalidDetail:
		missingField(e, d, ps)
		return
	case *ast.RefErrUnsupportedDetail:
		loc := e.Location
		if at := d.Ref[d.Pos].Location; at != nil {
			loc = at
		}
		ps.add("POL003", loc, fmt.Sprintf("%s has no fields: it is a %v", public(d.Ref[:d.Pos+1].String()), d.Have), "")
		return
	}
	if name, ok := strings.CutPrefix(e.Message, "undefined function "); ok {
		undefinedFunction(e.Location, name, ps)
		return
	}
	message := public(e.Message)
	if e.Details != nil {
		message += ": " + public(strings.Join(trimmed(e.Details.Lines()), ", "))
	}
	ps.add(code, e.Location, message, "")
}

func trimmed(lines []string) []string {
	var out []string
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" && strings.Trim(l, "^") != "" {
			out = append(out, l)
		}
	}
	return out
}

// missingField reports a reference to a field that the schemas do not have.
func missingField(e *ast.Error, d *ast.RefErrInvalidDetail, ps *problems) {
	loc := e.Location
	if at := d.Ref[d.Pos].Location; at != nil && at.File != "" {
		loc = at
	}
	var fields []string
	for _, v := range d.OneOf {
		if s, ok := v.(ast.String); ok {
			fields = append(fields, string(s))
		}
	}
	slices.Sort(fields)
	name, ok := d.Ref[d.Pos].Value.(ast.String)
	at := public(d.Ref[:d.Pos].String())
	if !ok {
		ps.add("POL003", loc, fmt.Sprintf("%s cannot be indexed by %v", at, d.Ref[d.Pos]), "")
		return
	}
	ps.add("POL003", loc, fmt.Sprintf("%s has no field %q", at, string(name)), suggest(string(name), fields))
}

// suggest words the fix of a misspelt name among the valid ones.
func suggest(name string, valid []string) string {
	if want := finding.NearMiss(name, valid); want != "" {
		return fmt.Sprintf("did you mean %s?", want)
	}
	if len(valid) == 0 {
		return ""
	}
	const most = 30 // beyond that a list helps nobody
	if len(valid) > most {
		return "one of " + strings.Join(valid[:most], ", ") + ", …"
	}
	return "one of " + strings.Join(valid, ", ")
}

func undefinedFunction(loc *ast.Location, name string, ps *problems) {
	name = public(name)
	if isBuiltin(name) {
		ps.add("POL005", loc, fmt.Sprintf("function %s is not available to policy", name),
			"decide from input and data alone; a policy reaches neither network, clock, chance nor environment, and nothing without bounds")
		return
	}
	fix := "define it, or correct the name"
	if want := finding.NearMiss(name, sortedAllowed); want != "" {
		fix = fmt.Sprintf("did you mean %s?", want)
	}
	ps.add("POL002", loc, fmt.Sprintf("there is no function %s", name), fix)
}

var sortedAllowed = slices.Sorted(slices.Values(allowed))

var privateRef = lazyregexp.New(`\["([a-z]+)` + privateSuffix + `"\]`)

// public puts the names that the author wrote back into a message. A circle
// then passes twice through the same name.
func public(text string) string {
	text = strings.ReplaceAll(privateRef.ReplaceAllString(text, ".$1"), privateSuffix, "")
	steps := strings.Split(text, " -> ")
	if len(steps) > 2 {
		steps = append(slices.Compact(steps[:len(steps)-1]), steps[len(steps)-1])
	}
	return strings.Join(steps, " -> ")
}
