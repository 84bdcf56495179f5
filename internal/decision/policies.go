package decision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/schema"
)

// Compile compiles a policy for kinds of records, within the bounds that all
// policies of this Judge share. Data in another form than its readers rely on is
// a *store.InvalidError.
func (j *Judge) Compile(ctx context.Context, p *store.Policy, kinds *record.Kinds) (*engine.Policy, error) {
	if found := j.Validator.PolicyData(p); len(found) > 0 {
		return nil, &store.InvalidError{What: "the policy's data", Findings: found}
	}
	src, err := source(p, kinds)
	if err != nil {
		return nil, err
	}
	src.Sandbox = j.sandbox
	return engine.Compile(ctx, src)
}

// Policy compiles the policy of a snapshot, or returns the one compiled from
// the same bytes before.
func (j *Judge) Policy(ctx context.Context, s *store.Store) (*engine.Policy, error) {
	src, err := s.Policy()
	if err != nil {
		return nil, err
	}
	at := reading{src, s.Kinds}
	j.mu.Lock()
	p := j.read[at]
	j.mu.Unlock()
	if p != nil {
		return p, nil
	}
	if p, err = j.compiled(ctx, src, s.Kinds); err != nil {
		return nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.read) >= maxBases {
		clear(j.read)
	}
	j.read[at] = p
	return p, nil
}

func (j *Judge) compiled(ctx context.Context, src *store.Policy, kinds *record.Kinds) (*engine.Policy, error) {
	key := sourceKey(src, kinds)
	j.mu.Lock()
	p := j.policies[key]
	j.mu.Unlock()
	if p != nil {
		return p, nil
	}
	var err error
	if p, err = j.Compile(ctx, src, kinds); err != nil {
		return nil, err
	}
	j.mu.Lock()
	j.policies[key] = p
	j.mu.Unlock()
	return p, nil
}

// source is what the engine compiles for a store's policy and kinds.
func source(p *store.Policy, kinds *record.Kinds) (engine.Source, error) {
	src := engine.Source{Modules: p.Modules, Data: p.Data, Schemas: map[string][]byte{}}
	for _, k := range kinds.All() {
		src.Kinds = append(src.Kinds, k.Name)
		if k.Package != "" {
			if src.Packages == nil {
				src.Packages = map[string]string{}
			}
			src.Packages[k.Name] = k.Package
		}
		if b, ok := schema.Kind(k.Schema); ok {
			src.Schemas[k.Name] = b
		}
	}
	if b, ok := schema.Kind(engine.Needed); ok && !taken(src, engine.Needed) {
		src.Kinds, src.Schemas[engine.Needed] = append(src.Kinds, engine.Needed), b
	}
	in, err := schema.FS.ReadFile("input.v1.schema.json")
	if err != nil {
		return engine.Source{}, fmt.Errorf("reading the input schema: %w", err)
	}
	src.Input = in
	return src, nil
}

// taken reports whether a kind of the store has a package of this name.
func taken(src engine.Source, pkg string) bool {
	return slices.ContainsFunc(src.Kinds, func(kind string) bool { return kind == pkg || src.Packages[kind] == pkg })
}

func sourceKey(p *store.Policy, kinds *record.Kinds) string {
	h := sha256.New()
	names := make([]string, 0, len(p.Modules))
	for n := range p.Modules {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		fmt.Fprintf(h, "%s\x00%d\x00%s", n, len(p.Modules[n]), p.Modules[n])
	}
	data, err := record.Canonical(p.Data)
	if err != nil {
		data = []byte(err.Error())
	}
	h.Write(data)
	for _, k := range kinds.All() {
		fmt.Fprintf(h, "\x00%s\x00%s", k.Name, k.Package)
	}
	return hex.EncodeToString(h.Sum(nil))
}
