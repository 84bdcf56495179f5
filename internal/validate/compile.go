package validate

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/schema"
)

// location is the address of the one schema of a compiler.
const location = "gitsm:///schema.json"

// compiled is a schema made when it is first needed.
type compiled struct {
	once   sync.Once
	err    error
	schema *jsonschema.Schema
	source any // the schema itself, for descriptions and field names
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
	src, err := fs.ReadFile(s.FS, k.Schema)
	if err != nil {
		return nil, fmt.Errorf("reading the schema of kind %s: %w", k.Name, err)
	}
	c, err := v.compile(string(src), func() ([]byte, error) { return src, nil })
	if err != nil {
		return nil, fmt.Errorf("compiling %s, the schema of kind %s: %w", k.Schema, k.Name, err)
	}
	return c, nil
}

// embedded returns one of gitsm's own schemas.
func (v *Validator) embedded(name string) (*compiled, error) {
	return v.compile("embedded "+name, func() ([]byte, error) {
		src, ok := schema.Kind(name)
		if !ok {
			return nil, fmt.Errorf("gitsm has no schema called %q", name)
		}
		return src, nil
	})
}

// compile returns what was compiled under key, compiling it the first time.
func (v *Validator) compile(key string, read func() ([]byte, error)) (*compiled, error) {
	v.mu.Lock()
	c := v.schemas[key]
	if c == nil {
		c = &compiled{}
		v.schemas[key] = c
	}
	v.mu.Unlock()
	c.once.Do(func() {
		src, err := read()
		if err == nil {
			err = c.make(src)
		}
		c.err = err
	})
	return c, c.err
}

func (c *compiled) make(src []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		return err
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7)
	compiler.AssertFormat()
	compiler.UseLoader(noLoader{})
	if err := compiler.AddResource(location, doc); err != nil {
		return err
	}
	c.source = doc
	c.schema, err = compiler.Compile(location)
	return err
}

// noLoader keeps schemas from naming other files or hosts: what judges a
// record is one file of one commit.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("a schema cannot refer to another document, as to %s", url)
}

// node returns the part of the schema a validation error came from.
func (c *compiled) node(address string) map[string]any {
	_, fragment, _ := strings.Cut(address, "#")
	n := c.source
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
