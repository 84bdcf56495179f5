package engine

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// module is one parsed file of the policy.
type module struct {
	name   string
	test   bool // *_test.rego: compiled by Test alone
	parsed *ast.Module
	kind   string // "change" for package gitsm.change and below, in tests also gitsm.change_test
	root   bool   // package is exactly gitsm.<kind>
}

// problems collects what is wrong with a policy.
type problems struct{ list []Problem }

func (ps *problems) add(code string, loc *ast.Location, message, fix string) {
	p := Problem{Code: code, Message: message, Fix: fix, Line: 1, Column: 1}
	if loc != nil {
		p.File, p.Line, p.Column = loc.File, max(loc.Row, 1), max(loc.Col, 1)
	}
	ps.list = append(ps.list, p)
}

// merge adds what another check found, but for what is reported at the same
// place already.
func (ps *problems) merge(other *problems) {
	for _, p := range other.list {
		same := func(q Problem) bool {
			return q.Code == p.Code && q.File == p.File && q.Line == p.Line && q.Column == p.Column
		}
		if !slices.ContainsFunc(ps.list, same) {
			ps.list = append(ps.list, p)
		}
	}
}

// err returns what was collected, sorted and without repetitions.
func (ps *problems) err() error {
	if len(ps.list) == 0 {
		return nil
	}
	slices.SortFunc(ps.list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	return &CompileError{Problems: slices.Compact(ps.list)}
}

// isTest says whether a file holds tests only.
func isTest(name string) bool { return strings.HasSuffix(name, "_test.rego") }

// parse parses the modules in the order of their names, tests only if asked.
func parse(src Source, tests bool, ps *problems) []*module {
	var out []*module
	judged := src.judged()
	for _, name := range slices.Sorted(maps.Keys(src.Modules)) {
		if path.Ext(name) != ".rego" || isTest(name) && !tests {
			continue
		}
		parsed, err := ast.ParseModuleWithOpts(name, string(src.Modules[name]), ast.ParserOptions{
			ProcessAnnotation: true,
			RegoVersion:       ast.RegoV1,
			Capabilities:      capabilities(),
		})
		if err != nil {
			translate(err, "POL001", ps)
			continue
		}
		m := &module{name: name, test: isTest(name), parsed: parsed}
		m.kind, m.root = kindOf(parsed.Package.Path, judged, m.test)
		out = append(out, m)
	}
	return out
}

// elements returns a package path or reference as strings, without `data`.
func elements(ref ast.Ref) []string {
	var out []string
	for _, t := range ref[1:] {
		s, ok := t.Value.(ast.String)
		if !ok {
			break
		}
		out = append(out, string(s))
	}
	return out
}

// kindOf returns the kind whose records a package judges, and whether the
// package is the kind's own and not one below it or its tests.
func kindOf(pkg ast.Ref, judged map[string]string, test bool) (kind string, root bool) {
	el := elements(pkg)
	if len(el) < 2 || el[0] != namespace {
		return "", false
	}
	if kind, ok := judged[el[1]]; ok {
		return kind, len(el) == 2
	}
	if test {
		return judged[strings.TrimSuffix(el[1], "_test")], false
	}
	return "", false
}
