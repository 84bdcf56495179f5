package architecture

import (
	"go/ast"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// TestExpressionsCompile finds what would panic once somebody needs it.
func TestExpressionsCompile(t *testing.T) {
	sources, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range sources {
		name := s.localName("github.com/gitsm/gitsm/internal/lazyregexp")
		if s.test || name == "" {
			continue
		}
		for _, d := range s.ast.Decls {
			ast.Inspect(d, func(node ast.Node) bool {
				text, ok := expressionOf(node, name)
				if !ok {
					return true
				}
				n++
				if _, err := regexp.Compile(text); err != nil {
					t.Errorf("%s: %v", s.at(node.Pos()), err)
				}
				return true
			})
		}
	}
	if n < 40 {
		t.Errorf("only %d expressions were found: does this test still see them?", n)
	}
}

// expressionOf is the text that a call of New by this name compiles.
func expressionOf(node ast.Node, name string) (string, bool) {
	call, ok := node.(*ast.CallExpr)
	if !ok {
		return "", false
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != "New" {
		return "", false
	}
	if x, ok := f.X.(*ast.Ident); !ok || x.Name != name {
		return "", false
	}
	return textOf(call.Args[0])
}

// textOf is the value of an expression of strings, with x for a constant in it.
func textOf(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, _ := textOf(e.X)
		right, ok := textOf(e.Y)
		return left + right, ok
	case *ast.Ident:
		return "x", true
	}
	return "", false
}
