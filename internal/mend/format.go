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
	order := configOrder
	if p != store.ConfigFile {
		k, _, ok := s.Kinds.ByPath(p)
		if !ok {
			return nil, nil, fmt.Errorf("formatting %s: %w", s.Display(p), ErrNoKind)
		}
		order = k.Order()
	}
	doc, found := read(s, p, src)
	if doc == nil || len(found) > 0 {
		return nil, found, nil
	}
	out, err := doc.Format(order)
	return out, nil, err
}

// read parses a file as those at its path are read.
func read(s *store.Store, p string, src []byte) (*yamldoc.Doc, []finding.Finding) {
	if k, _, ok := s.Kinds.ByPath(p); ok {
		return k.Parse(s.Display(p), src)
	}
	return yamldoc.Parse(s.Display(p), src)
}

// FormatText formats a file that says itself which kind it is of.
func FormatText(kinds *record.Kinds, name string, src []byte) ([]byte, []finding.Finding, error) {
	doc, found := yamldoc.Parse(name, src)
	if doc == nil || len(found) > 0 {
		return nil, found, nil
	}
	order := configOrder
	if kind := record.Str(doc.Value(), "kind"); kind != "config" {
		k, ok := kinds.ByName(kind)
		if !ok {
			return nil, nil, fmt.Errorf("formatting %s: its kind %q is none of the store's: %w", name, kind, ErrNoKind)
		}
		order = k.Order()
	}
	out, err := doc.Format(order)
	return out, nil, err
}

// configOrder is the order of the keys of gitsm.yaml.
func configOrder(path []string) []string { return schema.Properties("config", path...) }
