package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/gitsm/gitsm/internal/period"
)

// query asks a kind's package for everything it has, in one evaluation, so
// that rules shared by several answers are evaluated once.
type query struct {
	body     ast.Body
	compiler ast.QueryCompiler
	names    []string // asked rules that the package has
	risk     *rule    // first definition of risk, for its place
	messages *query   // the same of deny and warn alone
}

// prepare compiles one query per kind that is judged.
func (p *Policy) prepare() error {
	p.queries = map[string]*query{}
	for _, kind := range p.src.Kinds {
		q := &query{}
		for _, r := range p.rules {
			if !slices.Equal(strings.Split(r.Package, "."), []string{namespace, p.src.judge(kind)}) {
				continue
			}
			if !slices.Contains(q.names, r.Name) {
				q.names = append(q.names, r.Name)
			}
			if r.Name == "risk" && q.risk == nil {
				q.risk = r
			}
		}
		if len(q.names) == 0 {
			continue
		}
		if err := q.compile(p.compiler, packageRef(namespace, p.src.judge(kind))); err != nil {
			return fmt.Errorf("preparing the policy of kind %s: %w", kind, err)
		}
		q.messages = &query{names: slices.DeleteFunc(slices.Clone(q.names), func(name string) bool { return name != "deny" && name != "warn" })}
		if len(q.messages.names) > 0 {
			if err := q.messages.compile(p.compiler, packageRef(namespace, p.src.judge(kind))); err != nil {
				return fmt.Errorf("preparing the policy of kind %s: %w", kind, err)
			}
		}
		p.queries[kind] = q
	}
	var err error
	p.empty = p.NewCatalog(nil)
	if p.empty.err != nil {
		err = p.empty.err
	}
	return err
}

func (q *query) compile(c *ast.Compiler, pkg string) error {
	var parts []string
	for _, name := range q.names {
		if name == "risk" { // a comprehension, since risk may be undefined
			parts = append(parts, fmt.Sprintf("risk = [x | x = %s.risk]", pkg))
			continue
		}
		parts = append(parts, fmt.Sprintf("%s = %s[%q]", name, pkg, name+privateSuffix))
	}
	body, err := ast.ParseBodyWithOpts(strings.Join(parts, "; "), ast.ParserOptions{RegoVersion: ast.RegoV1})
	if err != nil {
		return err
	}
	q.compiler = c.QueryCompiler()
	q.body, err = q.compiler.Compile(body)
	return err
}

// Catalog is the data that policy reads as data.catalog, together with the
// policy's own data.
type Catalog struct {
	policy *Policy
	store  storage.Store
	err    error
}

// NewCatalog prepares the catalogue once, to be shared by many Evals of this
// policy. A value that is no JSON makes those Evals fail.
func (p *Policy) NewCatalog(catalog map[string]any) *Catalog { return p.newData(catalog, nil) }

// newData prepares all that is under data, for tests with their fixtures.
func (p *Policy) newData(catalog map[string]any, samples map[string]Fixture) *Catalog {
	if catalog == nil {
		catalog = map[string]any{}
	}
	v, err := ast.InterfaceToValue(catalog)
	if err != nil {
		return &Catalog{policy: p, err: fmt.Errorf("reading the catalogue: %w", err)}
	}
	root := ast.NewObject(
		ast.Item(ast.InternedTerm("config"), ast.NewTerm(p.config)),
		ast.Item(ast.InternedTerm("catalog"), ast.NewTerm(v)),
	)
	if samples == nil {
		return &Catalog{policy: p, store: inmem.NewFromASTObject(root)}
	}
	records := map[string]any{}
	for name, sample := range samples {
		records[name] = sample.Record
	}
	if v, err = ast.InterfaceToValue(records); err != nil {
		return &Catalog{policy: p, err: fmt.Errorf("reading fixtures: %w", err)}
	}
	root.Insert(ast.InternedTerm(fixtures), ast.NewTerm(v))
	return &Catalog{policy: p, store: inmem.NewFromASTObject(root)}
}

// Eval judges one record of kind. The input is the envelope that
// schema/input.v1.schema.json describes; a nil catalog is an empty one. Past
// the limits the error is a *LimitError, see guard. A kind without rules is
// ErrNoPolicy.
func (p *Policy) Eval(ctx context.Context, kind string, input map[string]any, catalog *Catalog) (*Result, error) {
	if err := p.schemas.checkInput(input); err != nil {
		return nil, err
	}
	in, err := ast.InterfaceToValue(input)
	if err != nil {
		return nil, fmt.Errorf("reading the policy's input: %w", err)
	}
	return p.ask(ctx, p.queries[kind], kind, in, catalog)
}

// Messages judges as Eval does, and asks for what policy denies and warns of
// alone: neither risk nor approvals are worked out unless a message rests on
// them. Of the input it reads what policy reads, so parts that cost something
// may be Lazy. The clock, which may be nil, is told what input.now was compared
// with; it has to stand there.
func (p *Policy) Messages(ctx context.Context, kind string, input map[string]any, catalog *Catalog, clock *period.Clock) (*Result, error) {
	if err := p.schemas.checkInput(input); err != nil {
		return nil, err
	}
	if !p.followed {
		clock.Lose()
	}
	clock.Meet(firstMoment)
	clock.Meet(lastMoment)
	q := p.queries[kind]
	if q != nil {
		q = q.messages
	}
	return p.ask(withClock(ctx, clock), q, kind, ast.LazyObject(input), catalog)
}

// Lazy is a part of the input of Messages that is made when policy reads it.
type Lazy func() (any, error)

// MarshalJSON is how OPA asks a value that it does not know for what it is.
func (l Lazy) MarshalJSON() ([]byte, error) {
	v, err := l()
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

func (p *Policy) ask(ctx context.Context, q *query, kind string, in ast.Value, catalog *Catalog) (*Result, error) {
	switch {
	case q == nil:
		return nil, fmt.Errorf("judging a record of kind %s: %w", kind, ErrNoPolicy)
	case catalog == nil:
		catalog = p.empty
	case catalog.policy != p:
		return nil, errors.New("judging a record: the catalogue was prepared by another policy")
	}
	if catalog.err != nil {
		return nil, catalog.err
	}
	if len(q.names) == 0 {
		return &Result{}, nil
	}
	found, err := guard(ctx, p.box, func(stop topdown.Cancel) (topdown.QueryResult, error) {
		return q.run(ctx, p.compiler, catalog.store, ast.NewTerm(in), stop)
	})
	if err != nil {
		return nil, fmt.Errorf("judging a record of kind %s: %w", kind, err)
	}
	return p.decode(q, found)
}

// run evaluates the query; it yields exactly one result, or policy is broken.
func (q *query) run(ctx context.Context, c *ast.Compiler, store storage.Store, input *ast.Term, stop topdown.Cancel, with ...func(*topdown.Query)) (topdown.QueryResult, error) {
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return nil, err
	}
	defer store.Abort(ctx, txn)
	t := topdown.NewQuery(q.body).WithQueryCompiler(q.compiler).WithCompiler(c).WithStore(store).
		WithTransaction(txn).WithInput(input).WithCancel(stop).WithStrictBuiltinErrors(true).WithBuiltins(tellers())
	for _, set := range with {
		set(t)
	}
	results, err := t.Run(ctx)
	if err != nil {
		return nil, err
	}
	if len(results) != 1 {
		return nil, fmt.Errorf("policy gave %d results instead of one", len(results))
	}
	return results[0], nil
}
