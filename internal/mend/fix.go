package mend

import (
	"errors"
	"fmt"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// ErrChanged says that a file is not the one the findings are about.
var ErrChanged = errors.New("it changed after it was checked")

// Fix returns the file at a path of the store with the edits made that its
// findings carry, and how many of them there were. Everything else stays to the
// byte, unless the record is in canonical style, in which it stays. An edit that
// cannot be proved is refused with an error that is yamldoc.ErrSplice; then
// nothing is changed.
func Fix(s *store.Store, p string, src []byte, found []finding.Finding) (out []byte, n int, err error) {
	name := s.Display(p)
	doc, unread := read(s, p, src)
	if doc == nil || len(unread) > 0 {
		return nil, 0, fmt.Errorf("fixing %s: %w", name, ErrChanged)
	}
	var edits []yamldoc.Edit
	for _, f := range found {
		m := f.Mend
		if m == (finding.Mend{}) {
			continue
		}
		if was, there := text(doc, m.Pointer); was != m.Was || there != (m.Was != "") {
			return nil, 0, fmt.Errorf("fixing %s: %w", name, ErrChanged)
		}
		edits = append(edits, yamldoc.Edit{Pointer: m.Pointer, Value: m.Value})
	}
	if out, err = doc.Apply(edits...); err != nil {
		return nil, 0, err
	}
	if k, _, ok := s.Kinds.ByPath(p); ok {
		out = k.InStyle(doc, out)
	}
	return out, len(edits), nil
}

// text is the scalar at a pointer as it is written there, without its quotes.
func text(doc *yamldoc.Doc, pointer string) (value string, there bool) {
	n, ok := doc.Node(pointer)
	if !ok {
		return "", false
	}
	return n.Value, true
}
