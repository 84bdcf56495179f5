// Package mend owns what can be changed in a file without asking anybody: its
// layout, and what a finding leaves no choice about.
//
// It may import store, record, yamldoc, finding and schema. It reads the bytes
// it is given and returns others; it never writes a file, and never changes
// what it cannot prove to be harmless.
package mend

import (
	"errors"
	"fmt"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/schema"
)

// ErrNoKind says that a file is no record and not gitsm.yaml.
var ErrNoKind = errors.New("no kind keeps its records there")

// Format returns the file at a path of the store in canonical style: see
// yamldoc.Format, whose errors it returns.
func Format(s *store.Store, p string, src []byte) ([]byte, []finding.Finding, error) {
	if p == store.ConfigFile {
		return yamldoc.Format(s.Display(p), src, order("config"))
	}
	k, _, ok := s.Kinds.ByPath(p)
	if !ok {
		return nil, nil, fmt.Errorf("formatting %s: %w", s.Display(p), ErrNoKind)
	}
	return yamldoc.Format(s.Display(p), src, order(k.Schema))
}

// FormatText formats a file that says itself which kind it is of.
func FormatText(kinds *record.Kinds, name string, src []byte) ([]byte, []finding.Finding, error) {
	doc, found := yamldoc.Parse(name, src)
	if doc == nil || len(found) > 0 {
		return nil, found, nil
	}
	kind := record.Str(doc.Value(), "kind")
	if k, ok := kinds.ByName(kind); ok {
		kind = k.Schema
	} else if kind != "config" {
		return nil, nil, fmt.Errorf("formatting %s: its kind %q is none of the store's: %w", name, kind, ErrNoKind)
	}
	return yamldoc.Format(name, src, order(kind))
}

// order is the order of a schema's fields.
func order(name string) yamldoc.Order {
	return func(path []string) []string { return schema.Properties(name, path...) }
}
