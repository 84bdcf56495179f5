package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/version"
)

// Policy is a compiled policy. It is safe for concurrent use.
type Policy struct {
	src      Source
	box      *Sandbox
	rules    []*rule
	compiler *ast.Compiler
	config   ast.Value // data.yaml
	empty    *Catalog
	queries  map[string]*query // kind → prepared query
	schemas  *schemas
	sources  *sources // as written, for Explain
	followed bool     // what it does with input.now is known, see moments
	digest   string
	identity string
}

// Compile checks and prepares a policy; a policy that is wrong is a
// *CompileError, and one without rules is ErrNoPolicy. Tests are left out;
// Test compiles them.
func Compile(ctx context.Context, src Source) (*Policy, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ownClocks()
	bounded()
	if src.Sandbox == nil {
		src.Sandbox = NewSandbox(Limits{})
	}
	p, err := guard(ctx, src.Sandbox, func(topdown.Cancel) (*Policy, error) { return compile(src) })
	var limit *LimitError
	if errors.As(err, &limit) {
		return nil, fmt.Errorf("compiling policy: %w", limit)
	}
	return p, err
}

func compile(src Source) (*Policy, error) {
	sch, err := loadSchemas(src)
	if err != nil {
		return nil, err
	}
	ps := &problems{}
	p := &Policy{src: src, box: src.Sandbox, schemas: sch}
	p.config = p.checkData(ps)
	mods := parse(src, false, ps)
	if len(mods) == 0 && len(ps.list) == 0 {
		return nil, ErrNoPolicy
	}
	p.rules = collectRules(mods, src.judged(), ps)
	p.sources = sourcesOf(mods)
	extra, err := attribute(p.rules)
	if err != nil {
		return nil, err
	}
	if p.compiler, err = p.build(mods, extra, ps); err != nil {
		return nil, err
	}
	if err := ps.err(); err != nil {
		return nil, err
	}
	if len(p.rules) == 0 {
		return nil, ErrNoPolicy
	}
	p.followed = followMoments(p.compiler.Modules)
	if err := p.prepare(); err != nil {
		return nil, err
	}
	p.digest, p.identity, err = digest(src)
	return p, err
}

// build compiles modules in the sandbox, typed by the schemas. Problems are
// added to ps; the compiler is of use only if there are none.
func (p *Policy) build(mods []*module, extra map[string]*ast.Module, ps *problems) (*ast.Compiler, error) {
	c, set, found, err := p.compilerFor(mods, extra, nil)
	if err != nil {
		return nil, err
	}
	c.Compile(set)
	if c.Failed() {
		translate(c.Errors, "POL002", ps)
	}
	ps.merge(found)
	return c, nil
}

// compilerFor sets up a compiler and the modules it is to compile, the
// generated ones included. What the lint finds while compiling goes to found.
func (p *Policy) compilerFor(mods []*module, extra map[string]*ast.Module, fixtures map[string]Fixture) (c *ast.Compiler, set map[string]*ast.Module, found *problems, err error) {
	set = map[string]*ast.Module{}
	maps.Copy(set, extra)
	for _, m := range mods {
		set[m.name] = m.parsed
	}
	types := ast.NewSchemaSet()
	types.Put(ast.SchemaRootRef, p.schemas.envelope)
	for i, kind := range p.src.Kinds {
		sch, ok := p.schemas.kinds[kind]
		if !ok {
			continue
		}
		ref := fmt.Sprintf("schema.kind%d", i)
		types.Put(ast.MustParseRef(ref), sch)
		m, err := parseGenerated(fmt.Sprintf("# METADATA\n# scope: subpackages\n# schemas:\n# - input.record: %s\n# - input.before: %s\npackage %s\n",
			ref, ref, strings.TrimPrefix(packageRef(namespace, p.src.judge(kind)), "data.")))
		if err != nil {
			return nil, nil, nil, err
		}
		set[generated+":types of "+kind] = m
	}
	found = &problems{}
	c = ast.NewCompiler().WithStrict(true).WithCapabilities(capabilities()).WithSchemas(types).
		WithUseTypeCheckAnnotations(true).SetErrorLimit(0)
	c.WithStageAfterID(ast.StageRewriteDynamicTerms, ast.CompilerStageDefinition{
		Name: "LintRecords", MetricName: "lint_records",
		Stage: func(c *ast.Compiler) *ast.Error {
			p.lint(mods, c.Modules, fixtures, found)
			return nil
		},
	})
	return c, set, found, nil
}

// checkData refuses top keys of data.yaml that would hide policies or the
// catalogue.
func (p *Policy) checkData(ps *problems) ast.Value {
	for _, k := range slices.Sorted(maps.Keys(p.src.Data)) {
		if k != "config" {
			ps.list = append(ps.list, Problem{Code: "POL012", File: p.dataFile(), Line: 1, Column: 1,
				Message: fmt.Sprintf("top key %q of the policy's data", k), Fix: "put everything under the one key config"})
		}
	}
	v, err := ast.InterfaceToValue(p.src.config())
	if err != nil {
		ps.list = append(ps.list, Problem{Code: "POL012", File: p.dataFile(), Line: 1, Column: 1, Message: "reading the policy's data: " + err.Error()})
	} else if _, mapping := v.(ast.Object); !mapping {
		ps.list = append(ps.list, Problem{Code: "POL012", File: p.dataFile(), Line: 1, Column: 1,
			Message: "config is no mapping in the policy's data", Fix: "give each value a key of its own under config"})
	}
	return v
}

// dataFile is data.yaml beside the first module.
func (p *Policy) dataFile() string {
	for _, name := range slices.Sorted(maps.Keys(p.src.Modules)) {
		return path.Join(path.Dir(name), "data.yaml")
	}
	return "data.yaml"
}

// digest identifies what decides: the modules but for their tests, and data.
// identity does so whatever the modules' files are called.
func digest(src Source) (digest, identity string, err error) {
	named, h := sha256.New(), sha256.New()
	put := func(to io.Writer, b []byte) {
		fmt.Fprintf(to, "%d\n", len(b))
		_, _ = io.Copy(to, bytes.NewReader(b)) // a hash never fails
	}
	var modules [][]byte
	for _, name := range slices.Sorted(maps.Keys(src.Modules)) {
		if path.Ext(name) == ".rego" && !isTest(name) {
			put(named, []byte(name))
			put(named, src.Modules[name])
			modules = append(modules, src.Modules[name])
		}
	}
	slices.SortFunc(modules, bytes.Compare)
	for _, m := range modules {
		put(h, m)
	}
	data, err := json.Marshal(src.Data) // sorts its keys
	if err != nil {
		return "", "", fmt.Errorf("digesting the policy's data: %w", err)
	}
	put(named, data)
	put(h, data)
	return hex.EncodeToString(named.Sum(nil)), hex.EncodeToString(h.Sum(nil)), nil
}

// Judges says whether the policy has rules for kind.
func (p *Policy) Judges(kind string) bool { return p.queries[kind] != nil }

// Rules lists the rules, sorted by file and line.
func (p *Policy) Rules() []Rule {
	out := make([]Rule, len(p.rules))
	for i, r := range p.rules {
		out[i] = r.Rule
	}
	return out
}

// Digest identifies the modules, tests apart, and the data: hex SHA-256.
func (p *Policy) Digest() string { return p.digest }

// Identity identifies the same rules and data wherever they lie: Digest without
// the names of files, which answers do not rest on.
func (p *Policy) Identity() string { return p.identity }

// Version is the version of OPA that evaluates.
func (p *Policy) Version() string { return Version() }

// Version is the version of OPA that evaluates.
func Version() string { return version.Version }
