package architecture

import (
	"cmp"
	"fmt"
	"go/ast"
	"maps"
	"slices"
)

// sized is a file or function with its length in lines.
type sized struct {
	at    string
	lines int
}

// checkSizes holds each file and function to the cap, and the longest tenth of
// them to what a reader can take in.
func (r rules) checkSizes(sources []source) []string {
	var files, funcs []sized
	for _, s := range sources {
		if s.test || s.generated {
			continue
		}
		files = append(files, sized{s.path, s.lines})
		funcs = append(funcs, functions(s)...)
	}
	return append(
		judge("file", files, r.size.fileP90, r.size.fileMax),
		judge("function", funcs, r.size.funcP90, r.size.funcMax)...)
}

func judge(what string, all []sized, p90, limit int) []string {
	var out []string
	for _, s := range all {
		if s.lines > limit {
			out = append(out, fmt.Sprintf("%s: a %s of %d lines, at most %d; split it", s.at, what, s.lines, limit))
		}
	}
	if len(all) == 0 {
		return out
	}
	slices.SortStableFunc(all, func(a, b sized) int { return cmp.Compare(a.lines, b.lines) })
	if nth := all[len(all)*9/10]; len(all) >= 10 && nth.lines > p90 {
		out = append(out, fmt.Sprintf("nine of ten %ss should have at most %d lines; the tenth begins with %s of %d", what, p90, nth.at, nth.lines))
	}
	return out
}

// functions measures the functions of a file. A composite literal counts as
// one line, so that tables may be long; function literals inside one are
// measured on their own, so that code cannot hide in a table.
func functions(s source) []sized {
	var out []sized
	measure := func(n ast.Node, name string) {
		out = append(out, sized{s.at(n.Pos()) + " " + name, s.length(n) - s.tableLines(n)})
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body != nil {
				measure(n, n.Name.Name)
			}
		case *ast.CompositeLit:
			ast.Inspect(n, func(n ast.Node) bool {
				if f, ok := n.(*ast.FuncLit); ok {
					measure(f, "function literal")
					return false
				}
				return true
			})
			return false
		}
		return true
	})
	return out
}

func (s source) length(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

// tableLines counts the lines that outermost composite literals take up beyond
// their first.
func (s source) tableLines(n ast.Node) int {
	total := 0
	ast.Inspect(n, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if ok {
			total += s.length(lit) - 1
		}
		return !ok
	})
	return total
}

func sortedKeys(m map[string][]string) []string { return slices.Sorted(maps.Keys(m)) }
