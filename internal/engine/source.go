package engine

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNoPolicy says that no rule judged the record: the store has no module,
// or none for the kind. The caller must not read it as "nothing is wrong".
var ErrNoPolicy = errors.New("no policy rule judges this record")

// Source is everything a policy is made from.
type Source struct {
	Modules map[string][]byte // file name → Rego, tests included
	Data    map[string]any    // data.yaml as decoded; one top key, `config`
	Kinds   []string          // names of the record kinds of the store

	// Packages are the packages below gitsm that judge kinds, where these are not
	// the kind's name with _ for -.
	Packages map[string]string // kind → last part of the package

	Schemas map[string][]byte // kind → JSON Schema of its records
	Input   []byte            // JSON Schema of the envelope around the record
	Sandbox *Sandbox          // shared by all policies of a process; nil is one of its own
}

// config is what policy reads as data.config: a mapping without entries where
// nothing is written, so that what is read of it is missed.
func (s Source) config() any {
	if v := s.Data["config"]; v != nil {
		return v
	}
	return map[string]any{}
}

// judge is the package below gitsm that judges a kind.
func (s Source) judge(kind string) string {
	if pkg := s.Packages[kind]; pkg != "" {
		return pkg
	}
	return strings.ReplaceAll(kind, "-", "_")
}

// judged are the packages that judge kinds, each with its kind.
func (s Source) judged() map[string]string {
	out := map[string]string{}
	for _, kind := range s.Kinds {
		out[s.judge(kind)] = kind
	}
	return out
}

// Problem is one reason why a policy cannot be used, at its place.
type Problem struct {
	Code    string // POL…, a row of finding.Codes
	File    string
	Line    int
	Column  int // in code points
	Message string
	Fix     string // may be empty
}

// CompileError holds every problem found in a policy, sorted by place.
type CompileError struct{ Problems []Problem }

// Error prints one problem per line, as file:line:column.
func (e *CompileError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s %s", p.File, p.Line, p.Column, p.Code, p.Message)
		if p.Fix != "" {
			lines[i] += " (" + p.Fix + ")"
		}
	}
	return strings.Join(lines, "\n")
}
