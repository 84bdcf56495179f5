package validate

import (
	"fmt"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// Fixture holds a record that tests of policy use against the schema of the
// kind it says it is of, one of s or, where s is nil, a built-in one. Whatever
// else it refers to need not be there.
func (v *Validator) Fixture(s *store.Store, doc *yamldoc.Doc) (kind string, out []finding.Finding, err error) {
	kinds := record.Builtin()
	if s != nil {
		kinds = s.Kinds
	}
	name := record.Str(doc.Value(), "kind")
	k, ok := kinds.ByName(name)
	if !ok || k.Name != name {
		f := at(doc, "", "", "SCH006", "kind, which says what schema holds for this record, is missing")
		if name != "" {
			f = at(doc, "", "/kind", "SCH006", fmt.Sprintf("there is no kind %s", show(name)))
		}
		return "", []finding.Finding{f}, nil
	}
	c, err := v.schemaOf(s, k)
	if err != nil {
		return "", nil, err
	}
	rec := record.New(k, k.IDIn(doc.Value()), doc.Name, "", doc)
	if !builtin(k) && !k.Foreign {
		out = declaredEnvelope(rec)
	}
	if c != nil {
		r := reader{schema: c, doc: doc, rec: rec, value: rec.Fields}
		out = r.read(out)
	}
	if len(out) == 0 && builtin(k) {
		out = together(rec)
	}
	return k.Name, out, nil
}
