package validate

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/lazyregexp"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/schema"
)

// location is where the files of a schema are, as far as its compiler knows.
const location = "gitsm:///"

// compiled is a schema made when it is first needed.
type compiled struct {
	once    sync.Once
	err     error
	schema  *jsonschema.Schema
	root    string         // address of the schema itself
	sources map[string]any // its files by address, for descriptions and field names
}

// builtin reports whether gitsm itself brings the schema of a kind; those are
// strict about the envelope, and the command line has verbs for their fields.
func builtin(k *record.Kind) bool {
	return k.Schema != "" && !strings.HasSuffix(k.Schema, ".json")
}

// schemaOf returns the compiled schema of a kind: an embedded one, or the file
// the store names. It is nil for kinds whose fields nobody described.
func (v *Validator) schemaOf(s *store.Store, k *record.Kind) (*compiled, error) {
	switch {
	case k.Schema == "":
		return nil, nil
	case builtin(k):
		return v.embedded(k.Schema)
	}
	b, err := s.Schema(k)
	if err != nil {
		return nil, fmt.Errorf("reading the schema of kind %s: %w", k.Name, err)
	}
	c, err := v.compile(b.Key(), func() (*schema.Bundle, error) { return b, nil }, atOnce)
	var invalid *schemaError
	if errors.As(err, &invalid) {
		return nil, fmt.Errorf("compiling the schema of kind %s: %w", k.Name,
			s.SchemaInvalid(invalid.file, b.Files[invalid.file], invalid.pointer, invalid.msg))
	}
	return c, err
}

// Schemas returns what is wrong with the schemas of the kinds that a store
// declares: with one of them amiss nothing of its kind could be judged.
func (v *Validator) Schemas(s *store.Store) ([]finding.Finding, error) {
	var out []finding.Finding
	for _, k := range s.Kinds.All() {
		_, err := v.schemaOf(s, k)
		var invalid *store.InvalidError
		switch {
		case errors.As(err, &invalid):
			out = append(out, invalid.Findings...)
		case err != nil:
			return nil, err
		}
	}
	return out, nil
}

// embedded returns one of gitsm's own schemas.
func (v *Validator) embedded(name string) (*compiled, error) {
	return v.compile("embedded "+name, func() (*schema.Bundle, error) {
		src, ok := schema.Kind(name)
		if !ok {
			return nil, fmt.Errorf("gitsm has no schema called %q", name)
		}
		return &schema.Bundle{Root: name, Files: map[string][]byte{name: src}}, nil
	}, later)
}

// compile returns what was compiled under key, compiling it the first time, its
// regular expressions with re.
func (v *Validator) compile(key string, read func() (*schema.Bundle, error), re jsonschema.RegexpEngine) (*compiled, error) {
	v.mu.Lock()
	c := v.schemas[key]
	if c == nil {
		c = &compiled{}
		v.schemas[key] = c
	}
	v.mu.Unlock()
	c.once.Do(func() {
		b, err := read()
		if err == nil {
			err = c.make(b, re)
		}
		c.err = err
	})
	return c, c.err
}

func (c *compiled) make(b *schema.Bundle, re jsonschema.RegexpEngine) error {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7)
	compiler.AssertFormat()
	compiler.UseLoader(noLoader{})
	compiler.UseRegexpEngine(re)
	c.root, c.sources = location+b.Root, map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(b.Files)) {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Files[name]))
		if err != nil {
			return &schemaError{file: name, msg: err.Error()}
		}
		if m, ok := doc.(map[string]any); ok {
			delete(m, "$id") // a file is known by its path, from which relative references are read
		}
		if err := compiler.AddResource(location+name, doc); err != nil {
			return &schemaError{file: name, msg: err.Error()}
		}
		c.sources[location+name] = doc
	}
	var err error
	c.schema, err = compiler.Compile(c.root)
	return c.refused(err, b.Root)
}

// later compiles an expression of a schema that gitsm brings when something is
// first held against it. They were a tenth of the work of a short check, and most
// are of fields it never meets. A test compiles all of them.
func later(text string) (jsonschema.Regexp, error) { return lazyregexp.New(text), nil }

// atOnce finds out what is no expression.
func atOnce(text string) (jsonschema.Regexp, error) { return regexp.Compile(text) }

// schemaError says what about a schema makes it none.
type schemaError struct{ file, pointer, msg string }

func (e *schemaError) Error() string { return e.file + "#" + e.pointer + ": " + e.msg }

// refused turns an error of the library into the first place it is about.
func (c *compiled) refused(err error, root string) error {
	if err == nil {
		return nil
	}
	out := &schemaError{file: root, msg: err.Error()}
	var invalid *jsonschema.SchemaValidationError
	if !errors.As(err, &invalid) {
		return out
	}
	if file, ok := strings.CutPrefix(invalid.URL, location); ok {
		out.file, out.pointer, _ = strings.Cut(file, "#")
	}
	var at *jsonschema.ValidationError
	if errors.As(invalid.Err, &at) {
		for len(at.Causes) > 0 {
			at = at.Causes[0]
		}
		out.pointer += yamldoc.Pointer(at.InstanceLocation...)
		out.msg = at.ErrorKind.LocalizedString(message.NewPrinter(language.English))
	}
	return out
}

// noLoader keeps schemas from naming hosts, and files that were not gathered:
// what judges a record is in one commit.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("a schema cannot refer to %s", url)
}

// node returns the part of the schema a validation error came from.
func (c *compiled) node(address string) map[string]any {
	file, fragment, _ := strings.Cut(address, "#")
	n := c.sources[file]
	for _, token := range strings.Split(strings.TrimPrefix(fragment, "/"), "/") {
		if token == "" {
			continue
		}
		if plain, err := url.PathUnescape(token); err == nil {
			token = strings.NewReplacer("~1", "/", "~0", "~").Replace(plain)
		}
		switch v := n.(type) {
		case map[string]any:
			n = v[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			n = v[i]
		}
	}
	m, _ := n.(map[string]any)
	return m
}
