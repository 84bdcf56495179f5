package validate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// References resolves what a record refers to in snapshot s, which holds the
// record, and looks for others that claim its identity: the same id, or for a
// person the same address, key or account.
func (v *Validator) References(s *store.Store, rec *record.Record) ([]finding.Finding, error) {
	var out []finding.Finding
	for _, rv := range rec.Refs() {
		fs, err := v.Reference(s, rec, rv)
		if err != nil {
			return nil, err
		}
		out = append(out, fs...)
	}
	out = append(out, empty(rec)...)
	found, err := windowCompany(s, rec)
	if err != nil {
		return nil, err
	}
	out = append(out, found...)
	ix := v.index(s)
	for _, twins := range []func(*record.Record) ([]finding.Finding, error){ix.sameID, ix.sameName, ix.sameDir, ix.samePerson} {
		fs, err := twins(rec)
		if err != nil {
			return nil, err
		}
		out = append(out, fs...)
	}
	finding.Sort(out)
	return out, nil
}

// Reference resolves one reference of a record.
func (v *Validator) Reference(s *store.Store, rec *record.Record, rv record.RefValue) ([]finding.Finding, error) {
	return v.index(s).resolve(subject{doc: rec.Doc, rec: rec}, rv)
}

// ConfigReferences resolves the owners that gitsm.yaml names.
func (v *Validator) ConfigReferences(s *store.Store) ([]finding.Finding, error) {
	var out []finding.Finding
	for _, key := range sortedKeys(s.Config.Owners) {
		for i, owner := range s.Config.Owners[key] {
			kind, id, found := strings.Cut(owner, ":")
			if !found || (kind != "team" && kind != "person") {
				continue // its form is the schema's business
			}
			rv := record.RefValue{Pointer: yamldoc.Pointer("owners", key, strconv.Itoa(i)), Kind: kind, ID: id, Kinds: []string{kind}}
			fs, err := v.index(s).resolve(subject{doc: s.Doc}, rv)
			if err != nil {
				return nil, err
			}
			out = append(out, fs...)
		}
	}
	finding.Sort(out)
	return out, nil
}

// subject is the file that refers to something.
type subject struct {
	doc *yamldoc.Doc
	rec *record.Record // nil for gitsm.yaml
}

func (sub subject) finding(pointer, code, msg string) finding.Finding {
	if sub.rec == nil {
		return at(sub.doc, "", pointer, code, msg)
	}
	return of(sub.rec, pointer, code, msg)
}

// resolve judges one reference.
func (ix *index) resolve(sub subject, rv record.RefValue) ([]finding.Finding, error) {
	var kinds []*record.Kind // that have the id
	var target *record.Record
	wellFormed, may := false, ix.may(rv)
	for _, k := range may {
		wellFormed = wellFormed || record.CheckID(k, rv.ID) == nil
		rec, exists, err := ix.find(k, rv.ID)
		if err != nil {
			return nil, err
		}
		if exists {
			kinds, target = append(kinds, k), rec
		}
	}
	switch {
	case len(kinds) == 1 && target != nil:
		return append(ix.inForce(sub, rv, target), unfit(sub, rv, target)...), nil
	case len(kinds) == 1:
		return nil, nil // it is there but cannot be read, which its own findings say
	case len(kinds) > 1:
		return []finding.Finding{ambiguous(sub, rv, kinds)}, nil
	case len(may) == 0 && rv.Kind != "":
		return []finding.Finding{ix.noKind(sub, rv)}, nil
	case !wellFormed && len(rv.Kinds) > 0 && (sub.rec == nil || builtin(sub.rec.Kind)):
		return nil, nil // the schema says what an id of these kinds looks like
	}
	return ix.unresolved(sub, rv)
}

// may returns the kinds a reference may name.
func (ix *index) may(rv record.RefValue) []*record.Kind {
	if len(rv.Kinds) == 0 {
		return ix.store.Kinds.All()
	}
	var out []*record.Kind
	for _, name := range rv.Kinds {
		if k, ok := ix.store.Kinds.ByName(name); ok {
			out = append(out, k)
		}
	}
	return out
}

// named returns the record that a reference names by an alias, nil where there
// is none.
func (ix *index) named(rv record.RefValue) (*record.Record, error) {
	for _, k := range ix.may(rv) {
		if !k.Aliased {
			continue
		}
		sh, err := ix.shelf(k)
		if err != nil {
			return nil, err
		}
		if recs := sh.alias[rv.ID]; len(recs) > 0 {
			return recs[0], nil // that it is the alias of another as well is REF006
		}
	}
	return nil, nil
}

// suggest is what a reference that has not the form of an id was most likely
// meant to be: the one id that ends so, or one that is nearly or, but for its
// kind, just so. It is "" where there is none, or where that cannot be found
// out: a suggestion is not worth an error.
func (ix *index) suggest(rv record.RefValue) string {
	var ends, names []string
	kinds := map[string][]string{} // of each id
	for _, k := range ix.may(rv) {
		ids, err := ix.known(k)
		if err != nil {
			return ""
		}
		names = append(names, ids...)
		for _, id := range ids {
			kinds[id] = append(kinds[id], k.Name)
			if k.Dated() && strings.HasSuffix(id, strings.ToUpper(rv.ID)) {
				ends = append(ends, id)
			}
		}
	}
	id := rv.ID
	if len(kinds[id]) == 0 {
		id = finding.NearMiss(rv.ID, names)
	}
	switch {
	case len(ends) == 1:
		return ends[0]
	case len(ends) > 1 || len(kinds[id]) != 1:
		return ""
	case rv.Kind == "" && len(rv.Kinds) > 1 && kinds[id][0] != "service" && kinds[id][0] != "asset":
		return kinds[id][0] + ":" + id // owners are never named without their kind
	}
	return id
}

// noKind says that a reference names its kind, and there is none of that name.
func (ix *index) noKind(sub subject, rv record.RefValue) finding.Finding {
	var names []string
	for _, k := range ix.store.Kinds.All() {
		names = append(names, k.Name)
	}
	f := sub.finding(rv.Pointer, "REF001", fmt.Sprintf("there is no kind %s", show(rv.Kind)))
	f.Fix = "write one of " + strings.Join(names, ", ")
	if near := finding.NearMiss(rv.Kind, names); near != "" {
		f.Message += fmt.Sprintf(", did you mean %s?", near)
		f.Fix = fmt.Sprintf("write %s:%s", near, rv.ID)
	}
	return f
}

func ambiguous(sub subject, rv record.RefValue, kinds []*record.Kind) finding.Finding {
	var names, exact []string
	for _, k := range kinds {
		names = append(names, article(k.Name))
		exact = append(exact, k.Name+":"+rv.ID)
	}
	f := sub.finding(rv.Pointer, "REF002", fmt.Sprintf("%s could be %s", show(rv.ID), strings.Join(names, " or ")))
	f.Fix = "write " + strings.Join(exact, " or ")
	return f
}

// unresolved says what is wrong with an id that none of the kinds has: it
// belongs to another kind, or to nothing.
func (ix *index) unresolved(sub subject, rv record.RefValue) ([]finding.Finding, error) {
	for _, k := range ix.store.Kinds.All() {
		if len(rv.Kinds) == 0 || slices.Contains(rv.Kinds, k.Name) {
			continue
		}
		_, exists, err := ix.find(k, rv.ID)
		if err != nil {
			return nil, err
		}
		if !exists {
			continue
		}
		f := sub.finding(rv.Pointer, "REF002", fmt.Sprintf("%s is %s, and %s names %s", show(rv.ID), article(k.Name), name(pathOf(rv.Pointer)), ix.plurals(rv.Kinds)))
		if field := fieldFor(sub.rec, k.Name); field != "" {
			f.Fix = "move it to " + field
		}
		return []finding.Finding{f}, nil
	}
	var ids []string
	for _, k := range ix.may(rv) {
		known, err := ix.known(k)
		if err != nil {
			return nil, err
		}
		ids = append(ids, known...)
	}
	if rec, err := ix.named(rv); rec != nil || err != nil {
		if err != nil {
			return nil, err
		}
		f := sub.finding(rv.Pointer, "REF007", fmt.Sprintf("%s is an alias of %s %s, and records refer by id", show(rv.ID), rec.Kind.Name, rec.ID))
		f.Fix = replaceCommand(sub, rv, rec.ID)
		f.Mend = byID(sub, rv, rec.ID)
		return []finding.Finding{f}, nil
	}
	what := strings.Join(rv.Kinds, " or ")
	if what == "" {
		what = "record"
	}
	f := sub.finding(rv.Pointer, "REF001", fmt.Sprintf("no %s is called %s", what, show(rv.ID)))
	near := finding.NearMiss(rv.ID, ids)
	switch {
	case near != "":
		f.Message += fmt.Sprintf(", did you mean %s?", near)
		f.Fix = replaceCommand(sub, rv, near)
	case ix.proposed(sub, rv):
		f.Severity = finding.Warning
		f.Message += "; the waiver covers a record of that id from when it is proposed"
		f.Fix = "correct it, unless the record is in an open proposal"
	default:
		f.Fix = listCommand(ix.store.Kinds, rv.Kinds)
	}
	return []finding.Finding{f}, nil
}

// proposed reports whether a waiver names what may be a record that is only
// proposed yet: without the waiver it would never land.
func (ix *index) proposed(sub subject, rv record.RefValue) bool {
	return sub.rec != nil && sub.rec.Kind.Name == "waiver" && strings.HasPrefix(rv.Pointer, "/scope/records/") &&
		slices.ContainsFunc(ix.may(rv), func(k *record.Kind) bool { return k.Dated() && record.CheckID(k, rv.ID) == nil })
}

// inForce judges whether what is referred to still is: an active person or
// team, a service or asset that is not retired. A record that is over keeps
// the references it had. One under way cannot change who requested it or what
// it was for, so there it is a warning.
func (ix *index) inForce(sub subject, rv record.RefValue, target *record.Record) []finding.Finding {
	word := over(target)
	if word == "" || (sub.rec != nil && (sub.rec.Terminal() || over(sub.rec) != "")) {
		return nil
	}
	f := sub.finding(rv.Pointer, "REF003", fmt.Sprintf("%s %s is %s", target.Kind.Name, target.ID, word))
	if sub.rec != nil && underWay(sub.rec) {
		f.Severity = finding.Warning
	}
	return []finding.Finding{f}
}

// empty judges a team that others may wait for: one without members is nobody.
// Members who left are REF003.
func empty(rec *record.Record) []finding.Finding {
	members, listed := rec.Fields["members"].([]any)
	if rec.Kind.Name != "team" || !listed || len(members) > 0 || over(rec) != "" {
		return nil
	}
	return []finding.Finding{of(rec, "/members", "REF009", fmt.Sprintf("team %s has no members, so it can approve nothing", rec.ID))}
}

// unfit judges whether a record is of the sort that the field takes, beyond
// its kind: a change is made from a model for changes.
func unfit(sub subject, rv record.RefValue, target *record.Record) []finding.Finding {
	if sub.rec == nil || target.Kind.Name != "model" || target.Str("use") == "" || target.Str("use") == sub.rec.Kind.Name {
		return nil
	}
	f := sub.finding(rv.Pointer, "REF002", fmt.Sprintf("model %s is for %ss, and this is %s", target.ID, target.Str("use"), article(sub.rec.Kind.Name)))
	f.Fix = "name a model for " + sub.rec.Kind.Plural + "; gitsm model list shows what there is"
	return []finding.Finding{f}
}

// over says in which way a catalogue record is no longer in force, "" while it
// is.
func over(rec *record.Record) string {
	if active, ok := rec.Fields["active"].(bool); ok && !active {
		return "no longer active"
	}
	if rec.Kind.Catalogue && rec.State() == "retired" {
		return "retired"
	}
	return ""
}

// underWay reports whether a record has left the first state of its life.
func underWay(rec *record.Record) bool {
	return len(rec.Kind.States) > 0 && rec.State() != rec.Kind.States[0]
}

// fieldFor is the field of a record that names records of a kind, "" where
// there is none.
func fieldFor(rec *record.Record, kind string) string {
	if rec == nil {
		return ""
	}
	for _, ref := range rec.Kind.Refs {
		if slices.Contains(ref.Kinds, kind) {
			return strings.TrimSuffix(ref.Path, "[]")
		}
	}
	return ""
}

func (ix *index) plurals(kinds []string) string {
	var out []string
	for _, name := range kinds {
		if k, ok := ix.store.Kinds.ByName(name); ok {
			name = k.Plural
		}
		out = append(out, name)
	}
	return strings.Join(out, " or ")
}

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// pathOf splits a JSON pointer made of plain field names.
func pathOf(pointer string) []string {
	return strings.Split(strings.TrimPrefix(pointer, "/"), "/")
}
