package record

import (
	"bytes"

	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Order is the order in which the kind's fields are written: that of its schema,
// where it has one.
func (k *Kind) Order() yamldoc.Order {
	tree := k.Fields()
	return func(path []string) []string { return tree.Properties(path...) }
}

// Edit splices edits into a record. One in canonical style stays in it; of any
// other, every other byte stays.
func (k *Kind) Edit(doc *yamldoc.Doc, edits ...yamldoc.Edit) ([]byte, error) {
	out, err := doc.Apply(edits...)
	if err != nil {
		return nil, err
	}
	return k.InStyle(doc, out), nil
}

// InStyle returns what was made of a record in canonical style, if the record
// was: a new field is put where its schema has it.
func (k *Kind) InStyle(was *yamldoc.Doc, now []byte) []byte {
	if bytes.Equal(now, was.Source) {
		return now
	}
	order := k.Order()
	if src, err := was.Format(order); err != nil || !bytes.Equal(src, was.Source) {
		return now
	}
	doc, found := k.Parse(was.Name, now)
	if doc == nil || len(found) > 0 {
		return now
	}
	out, err := doc.Format(order)
	if err != nil {
		return now // it says the same, and that is what matters
	}
	return out
}
