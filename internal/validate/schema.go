package validate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/schema"
)

// Schema holds a record against the schema of its kind and its envelope
// against its place. The schema of a kind that gitsm.yaml declares is read
// from s, which for a proposal is the base.
func (v *Validator) Schema(s *store.Store, rec *record.Record) ([]finding.Finding, error) {
	foreign, misplaced := envelope(s, rec)
	if foreign {
		return misplaced, nil // every other field would be wrong as well
	}
	c, err := v.schemaOf(s, rec.Kind)
	if err != nil {
		return misplaced, err
	}
	if c == nil {
		return append(misplaced, undeclaredState(rec, nil)...), nil
	}
	r := reader{schema: c, doc: rec.Doc, rec: rec, value: rec.Fields, suggest: v.index(s).suggest}
	out := r.read(misplaced)
	if len(out) == 0 && builtin(rec.Kind) {
		out = together(rec)
	}
	out = append(out, undeclaredState(rec, out)...)
	zone := []string{"window", "timezone"}
	if rec.Kind.Name == "window" {
		zone = zone[1:]
	}
	if out = append(out, zones(rec.Doc, rec.ID, zone...)...); len(out) == 0 {
		out = windowShape(rec, s.Config.Timezone)
	}
	return out, nil
}

// Config holds gitsm.yaml against its schema.
func (v *Validator) Config(doc *yamldoc.Doc) []finding.Finding {
	c, err := v.embedded("config")
	if err != nil {
		panic(err) // one of our own schemas is wrong: a test catches it
	}
	r := reader{schema: c, doc: doc, value: doc.Value()}
	return append(r.read(nil), zones(doc, "", "timezone")...)
}

// Conforms says whether a field at the top of a built-in kind's record may have
// a value, whatever else is wrong with the record.
func (v *Validator) Conforms(kind, field string, value any) bool {
	c, err := v.embedded(kind)
	if err != nil {
		panic(err) // as Config
	}
	p := c.schema.Properties[field]
	return p != nil && p.Validate(value) == nil
}

// PolicyData holds policy/data.yaml against the form that what reads it relies
// on. In another form rules would be silent: a number is no table, and nothing
// is less than a text.
func (v *Validator) PolicyData(p *store.Policy) []finding.Finding {
	if p.Doc == nil {
		return nil
	}
	c, err := v.compile("embedded data", func() (*schema.Bundle, error) {
		return &schema.Bundle{Root: "data.json", Files: map[string][]byte{"data.json": schema.Data}}, nil
	}, later)
	if err != nil {
		panic(err) // as Config
	}
	r := reader{schema: c, doc: p.Doc, value: p.Data}
	return append(r.read(nil), zones(p.Doc, "", "config", "business_hours", "timezone")...)
}

// envelope judges what says which record this is. foreign is true where the
// file is a record of another kind.
func envelope(s *store.Store, rec *record.Record) (foreign bool, out []finding.Finding) {
	if !rec.Kind.Foreign {
		if name, ok := rec.Fields["kind"].(string); ok && name != rec.Kind.Name {
			if other, known := s.Kinds.ByName(name); known && other.Name != rec.Kind.Name {
				f := of(rec, "/kind", "SCH006", fmt.Sprintf("kind is %s, but this file is in %s, where every record is of kind %s", name, rec.Kind.Dir(), rec.Kind.Name))
				f.Fix = "write kind: " + rec.Kind.Name
				if id := cmp.Or(other.IDIn(rec.Fields), rec.ID); record.CheckID(other, id) == nil {
					f.Fix += ", or move the file to " + s.Display(other.PathOf(id))
				}
				return true, []finding.Finding{f}
			}
		}
	}
	if !builtin(rec.Kind) && !rec.Kind.Foreign {
		out = append(out, declaredEnvelope(rec)...)
	}
	return false, append(out, repeatedID(rec)...)
}

// declaredEnvelope does for a kind that gitsm.yaml declares what the schemas of
// built-in kinds do, and its own may.
func declaredEnvelope(rec *record.Record) []finding.Finding {
	var out []finding.Finding
	for field, want := range map[string]string{"apiVersion": record.APIVersion, "kind": rec.Kind.Name} {
		got, given := rec.Fields[field]
		if _, described := rec.Kind.Fields().Field(field); described {
			continue
		}
		if text, ok := got.(string); ok && text == want {
			continue
		}
		f := of(rec, yamldoc.Pointer(field), "SCH006", fmt.Sprintf("%s is not %s", field, want))
		if !given {
			f = of(rec, "", "SCH006", field+" is missing")
		}
		f.Fix = fmt.Sprintf("write %s: %s; for records that were there before gitsm, gitsm.yaml can say envelope: false of their kind", field, want)
		out = append(out, f)
	}
	finding.Sort(out)
	return out
}

// repeatedID holds the field that repeats an id against the path that says it.
func repeatedID(rec *record.Record) []finding.Finding {
	k := rec.Kind
	field, pointer, id := k.IDKey(), yamldoc.Pointer(k.IDPath()...), k.IDIn(rec.Fields)
	_, given := rec.Doc.Node(pointer)
	switch {
	case !k.Named() || id == rec.ID:
		return nil
	case !given && builtin(k):
		return nil // its schema says so
	case !given && k.Foreign && k.IDField == "":
		return nil // the path is enough
	case !given:
		f := of(rec, "", "SCH006", field+", which repeats the id, is missing")
		f.Fix = fmt.Sprintf("write %s: %s", field, rec.ID)
		return []finding.Finding{f}
	case builtin(k) && id == "":
		return nil // its schema says so
	}
	f := of(rec, pointer, "SCH006", fmt.Sprintf("%s is %s, but the file is named %s", field, show(id), show(rec.ID)))
	f.Fix = fmt.Sprintf("write %s: %s; to keep the other id, rename the file", field, rec.ID)
	if record.CheckID(k, rec.ID) != nil && record.CheckID(k, id) == nil {
		f.Fix = "name the file after its id, " + id // no record can be called as the file is
	}
	return []finding.Finding{f}
}

// undeclaredState holds the state of a record against the states that
// gitsm.yaml declares for its kind, which the kind's own schema need not repeat;
// found is what is known of the record already.
func undeclaredState(rec *record.Record, found []finding.Finding) []finding.Finding {
	k := rec.Kind
	got, given := rec.Fields[k.StateKey()]
	if builtin(k) || len(k.States) == 0 || !given || slices.Contains(k.States, rec.State()) {
		return nil
	}
	var want []any
	for _, s := range k.States {
		want = append(want, s)
	}
	r := reader{doc: rec.Doc, rec: rec, value: rec.Fields}
	f := r.notAllowed(problem{path: []string{k.StateKey()}}, got, want)
	if slices.ContainsFunc(found, func(o finding.Finding) bool { return o.Line == f.Line && o.Column == f.Column }) {
		return nil // one value, one finding
	}
	return []finding.Finding{f}
}

// reader turns what the schema library found into findings.
type reader struct {
	schema  *compiled
	doc     *yamldoc.Doc
	rec     *record.Record // nil for gitsm.yaml
	value   map[string]any
	suggest func(record.RefValue) string // what was meant; nil for gitsm.yaml
}

// problem is one leaf of a validation error.
type problem struct {
	path []string // of the value
	what jsonschema.ErrorKind
	url  string         // of the schema it breaks
	node map[string]any // that schema
}

// read adds to out what is wrong with the value, in the order it is written in.
func (r *reader) read(out []finding.Finding) []finding.Finding {
	err := r.schema.schema.Validate(r.value)
	if err == nil {
		return out
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) { // it has no other error; if ever it had, nothing could be said in our words
		f := at(r.doc, r.id(), "", "SCH004", "the record does not conform to its schema")
		return append(out, f)
	}
	problems := r.problems(invalid)
	slices.SortStableFunc(problems, func(a, b problem) int {
		return cmp.Or(slices.Compare(a.path, b.path), cmp.Compare(rank(a.what), rank(b.what)), cmp.Compare(a.url, b.url))
	})
	for i, p := range problems {
		if i > 0 && !aboutFields(p.what) && slices.Equal(p.path, problems[i-1].path) && !aboutFields(problems[i-1].what) {
			continue // one value, one finding: an empty title is not malformed as well
		}
		out = append(out, r.findings(p)...)
	}
	finding.Sort(out)
	return out
}

func (r *reader) id() string {
	if r.rec == nil {
		return ""
	}
	return r.rec.ID
}

// rank orders the problems of one value: its size before its form.
func rank(k jsonschema.ErrorKind) int {
	switch k.(type) {
	case *kind.MinLength, *kind.MaxLength, *kind.MinItems, *kind.MaxItems:
		return 0
	}
	return 1
}

// aboutFields reports whether a problem is about fields of the value, of which
// each has its own finding.
func aboutFields(k jsonschema.ErrorKind) bool {
	switch k.(type) {
	case *kind.Required, *kind.AdditionalProperties, *kind.PropertyNames:
		return true
	}
	return false
}

// problems flattens an error into its leaves.
func (r *reader) problems(e *jsonschema.ValidationError) []problem {
	switch e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		if best := r.meant(e); best != nil {
			return best
		}
	case *kind.Not, *kind.Contains, *kind.PropertyNames:
	default:
		if len(e.Causes) > 0 {
			var out []problem
			for _, c := range e.Causes {
				out = append(out, r.problems(c)...)
			}
			return out
		}
	}
	p := problem{path: e.InstanceLocation, what: e.ErrorKind, url: e.SchemaURL, node: r.schema.node(e.SchemaURL)}
	if k, ok := e.ErrorKind.(*kind.PropertyNames); ok {
		// The library's path of such an error may be a neighbour's: it is
		// overwritten while validation goes on, and only its length holds
		// (https://github.com/santhosh-tekuri/jsonschema/pull/269).
		p.path, _ = holder(r.value, k.Property, len(e.InstanceLocation))
	}
	return []problem{p}
}

// meant returns the problems of the alternative that the value was meant to
// be: the one of its type, or else the one with the fewest problems. Where no
// alternative has its type, it is one problem: the type.
func (r *reader) meant(e *jsonschema.ValidationError) []problem {
	var best, types []problem
	for _, c := range e.Causes {
		ps := r.problems(c)
		if t, ok := ps[0].what.(*kind.Type); ok && len(ps) == 1 && slices.Equal(ps[0].path, e.InstanceLocation) {
			types = append(types, problem{path: ps[0].path, what: t, url: e.SchemaURL, node: r.schema.node(e.SchemaURL)})
			continue
		}
		if best == nil || len(ps) < len(best) {
			best = ps
		}
	}
	if best != nil || len(types) == 0 {
		return best
	}
	all := &kind.Type{Got: types[0].what.(*kind.Type).Got}
	for _, t := range types {
		for _, want := range t.what.(*kind.Type).Want {
			if !slices.Contains(all.Want, want) {
				all.Want = append(all.Want, want)
			}
		}
	}
	types[0].what = all
	return types[:1]
}
