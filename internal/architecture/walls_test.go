package architecture

import (
	"fmt"
	"go/ast"
	"os"
	"slices"
	"strings"
	"testing"
)

// table is where to go from a message about imports.
const table = "internal/architecture/rules_test.go"

func TestWalls(t *testing.T) {
	sources, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) < 20 {
		t.Fatalf("found %d Go files: is this the module's root?", len(sources))
	}
	for _, p := range gitsm().check(sources) {
		t.Error(p)
	}
}

// TestTable holds the table itself to the layers.
func TestTable(t *testing.T) {
	for _, p := range gitsm().checkTable() {
		t.Error(p)
	}
}

// check returns every violation, in the order of the sources.
func (r rules) check(sources []source) []string {
	var out []string
	out = append(out, r.checkPackages(sources)...)
	sources = slices.Clone(sources)
	for i, s := range sources {
		sources[i].test = s.test || slices.Contains(r.tests, s.pkg)
	}
	for _, s := range sources {
		out = append(out, r.checkImports(s)...)
		out = append(out, r.checkFences(s)...)
		out = append(out, r.checkFileWalls(s)...)
		out = append(out, r.checkCalls(s)...)
	}
	return append(out, r.checkSizes(sources)...)
}

// checkPackages wants a row and a package comment for each package.
func (r rules) checkPackages(sources []source) []string {
	type state struct{ production, commented bool }
	var order []string
	seen := map[string]state{}
	for _, s := range sources {
		st, known := seen[s.pkg]
		if !known {
			order = append(order, s.pkg)
		}
		if !s.test {
			st.production = true
			st.commented = st.commented || packageComment(s.ast)
		}
		seen[s.pkg] = st
	}
	var out []string
	for _, pkg := range order {
		if _, ok := r.packages[pkg]; !ok {
			out = append(out, fmt.Sprintf("%s: unknown package; give it a row in %s", pkg, table))
		}
		if st := seen[pkg]; st.production && !st.commented {
			out = append(out, fmt.Sprintf("%s: no package comment; say what it owns, what it may import and what it never does", pkg))
		}
	}
	return out
}

func packageComment(f *ast.File) bool {
	if f.Doc == nil {
		return false
	}
	want := "Package " + f.Name.Name + " "
	if f.Name.Name == "main" {
		want = "Command "
	}
	return strings.HasPrefix(f.Doc.Text(), want)
}

// checkImports compares a file's imports of this module with its row.
func (r rules) checkImports(s source) []string {
	if s.test {
		return nil
	}
	var out []string
	s.imports(func(importPath, at string) {
		imported, ours := strings.CutPrefix(importPath, r.module+"/")
		if ours && !slices.Contains(r.packages[s.pkg], imported) {
			out = append(out, fmt.Sprintf("%s: %s may not import %s; see the rows in %s", at, s.pkg, imported, table))
		}
	})
	return out
}

func (r rules) checkFences(s source) []string {
	var out []string
	s.imports(func(importPath, at string) {
		for _, f := range r.fences {
			if f.around(importPath) && !slices.Contains(f.inside, s.pkg) && (!s.test || !f.tests) {
				out = append(out, fmt.Sprintf("%s: %s may not import %s: %s", at, s.pkg, importPath, f.why))
			}
		}
	})
	return out
}

// around reports whether the fence stands around an import path.
func (f fence) around(importPath string) bool {
	if strings.HasSuffix(f.dependency, "/") {
		return strings.HasPrefix(importPath, f.dependency)
	}
	return importPath == f.dependency || strings.HasPrefix(importPath, f.dependency+"/")
}

func (r rules) checkFileWalls(s source) []string {
	var out []string
	for _, w := range r.files {
		if s.test || s.pkg != w.pkg || s.path == w.pkg+"/"+w.file {
			continue
		}
		s.imports(func(importPath, at string) {
			imported := strings.TrimPrefix(importPath, r.module+"/")
			if slices.Contains(w.imports, imported) {
				out = append(out, fmt.Sprintf("%s: only %s of %s may import %s: %s", at, w.file, w.pkg, imported, w.why))
			}
		})
	}
	return out
}

// checkCalls finds fenced calls, and init functions, which no caller controls.
func (r rules) checkCalls(s source) []string {
	if s.test {
		return nil
	}
	var out []string
	ast.Inspect(s.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				out = append(out, fmt.Sprintf("%s: no init functions: build it where it is used", s.at(n.Pos())))
			}
		case *ast.SelectorExpr:
			if c, ok := r.fenced(s, n); ok {
				out = append(out, fmt.Sprintf("%s: %s may not use %s.%s: %s", s.at(n.Pos()), s.pkg, c.pkg, c.name, c.why))
			}
		}
		return true
	})
	return out
}

func (r rules) fenced(s source, sel *ast.SelectorExpr) (call, bool) {
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return call{}, false
	}
	for _, c := range r.calls {
		if sel.Sel.Name == c.name && x.Name == s.localName(c.pkg) && !slices.Contains(c.inside, s.pkg) {
			return c, true
		}
	}
	return call{}, false
}

// checkTable: each row has a layer, and imports from lower layers only.
func (r rules) checkTable() []string {
	depth := map[string]int{}
	var out []string
	for i, layer := range r.layers {
		for _, pkg := range layer {
			depth[pkg] = i
			if _, ok := r.packages[pkg]; !ok {
				out = append(out, fmt.Sprintf("%s: it has a layer and no row", pkg))
			}
		}
	}
	for _, pkg := range sortedKeys(r.packages) {
		from, ok := depth[pkg]
		if !ok {
			out = append(out, fmt.Sprintf("%s: it has a row and no layer", pkg))
			continue
		}
		if !slices.IsSorted(r.packages[pkg]) {
			out = append(out, fmt.Sprintf("%s: its imports are not sorted", pkg))
		}
		for _, imported := range r.packages[pkg] {
			if slices.Contains(r.tests, imported) {
				out = append(out, fmt.Sprintf("%s: its row allows %s, which is for tests alone", pkg, imported))
			}
			if to, known := depth[imported]; !known || to <= from {
				out = append(out, fmt.Sprintf("%s: its row allows %s, which is not in a lower layer", pkg, imported))
			}
		}
	}
	return out
}
