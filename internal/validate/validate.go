// Package validate owns the question whether a record conforms: to the schema
// of its kind, to the records it refers to, and to the lifecycle it is in. It
// answers in findings, in gitsm's own words and at the line they are about.
//
// It may import store, record, yamldoc, finding, sshsig, pgpsig and the embedded
// schemas. It never asks policy, reads a clock or git, or changes a record; what
// it could not look at is an error and never a finding.
package validate

import (
	"sync"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Validator judges records. It remembers compiled schemas, and the catalogues
// of the snapshots it last saw. It is safe for concurrent use.
type Validator struct {
	mu      sync.Mutex
	schemas map[string]*compiled // by source
	recent  [2]*index            // most recent first
}

// New returns a Validator. It costs nothing: a schema is compiled when the
// first record of its kind is judged.
func New() *Validator {
	return &Validator{schemas: map[string]*compiled{}}
}

// index returns what references into a snapshot are resolved with. The last
// two are kept, since a check looks at two snapshots and an audit at
// thousands, one after the other.
func (v *Validator) index(s *store.Store) *index {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i, ix := range v.recent {
		if ix != nil && ix.store == s {
			v.recent[0], v.recent[i] = ix, v.recent[0]
			return ix
		}
	}
	v.recent[0], v.recent[1] = newIndex(s), v.recent[0]
	return v.recent[0]
}

// at starts a finding at the value of a JSON pointer. Severity and why are
// those of the code's row; callers refine them.
func at(doc *yamldoc.Doc, id, pointer, code, message string) finding.Finding {
	f := coded(code, message)
	f.File, f.Record = doc.Name, id
	f.Line, f.Column, f.EndLine, f.EndColumn = 1, 1, 1, 1
	if pointer != "" { // what is about all of the file is put at its top
		f.Line, f.Column, f.EndLine, f.EndColumn = doc.Span(pointer)
	}
	f.Frame = doc.Line(f.Line)
	return f
}

// atKey starts a finding at the key of a JSON pointer.
func atKey(doc *yamldoc.Doc, id, pointer, code, message string) finding.Finding {
	f := at(doc, id, pointer, code, message)
	f.Line, f.Column, f.EndLine, f.EndColumn = doc.KeySpan(pointer)
	f.Frame = doc.Line(f.Line)
	return f
}

func coded(code, message string) finding.Finding {
	c, _ := finding.Lookup(code)
	f := finding.Finding{Code: code, Severity: c.Severity, Message: message, Why: c.Explain, Fix: c.Fix}
	if f.Severity == "" {
		f.Severity = finding.Error // a code without a row is still a broken rule
	}
	return f
}

// of starts a finding about a record.
func of(rec *record.Record, pointer, code, message string) finding.Finding {
	return at(rec.Doc, rec.ID, pointer, code, message)
}
