package architecture

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// source is one Go file of the module.
type source struct {
	path      string // slash-separated, from the module's root
	pkg       string // its directory
	test      bool
	generated bool
	lines     int
	fset      *token.FileSet
	ast       *ast.File
}

// load parses every Go file of a module, whatever its build constraints. It
// leaves out what the go command leaves out: testdata, and names that begin
// with a dot or an underscore.
func load(root fs.FS) ([]source, error) {
	var all []source
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "vendor") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() || !strings.HasSuffix(base, ".go") {
			return nil
		}
		s, err := parse(root, name)
		if err != nil {
			return fmt.Errorf("parsing %s: %w", name, err)
		}
		all = append(all, s)
		return nil
	})
	return all, err
}

func parse(root fs.FS, name string) (source, error) {
	src, err := fs.ReadFile(root, name)
	if err != nil {
		return source{}, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	return source{
		path: name, pkg: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
		generated: ast.IsGenerated(file), lines: strings.Count(string(src), "\n"), fset: fset, ast: file,
	}, nil
}

// at renders a position of the file for a message.
func (s source) at(pos token.Pos) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(pos).Line)
}

// imports calls visit for every import of the file.
func (s source) imports(visit func(importPath string, at string)) {
	for _, spec := range s.ast.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			visit(p, s.at(spec.Pos()))
		}
	}
}

// localName is the name by which the file calls an imported package, "" where
// it does not import it.
func (s source) localName(importPath string) string {
	for _, spec := range s.ast.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil || p != importPath {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(p)
	}
	return ""
}
