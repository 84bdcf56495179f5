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
	ix := v.index(s)
	for _, twins := range []func(*record.Record) ([]finding.Finding, error){ix.sameID, ix.samePerson} {
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
	wellFormed := false
	for _, name := range rv.Kinds {
		k, ok := ix.store.Kinds.ByName(name)
		if !ok {
			continue
		}
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
		return ix.inForce(sub, rv, target), nil
	case len(kinds) == 1:
		return nil, nil // it is there but cannot be read, which its own findings say
	case len(kinds) > 1:
		return []finding.Finding{ambiguous(sub, rv, kinds)}, nil
	case !wellFormed && (sub.rec == nil || builtin(sub.rec.Kind)):
		return nil, nil // the schema says what an id looks like
	}
	return ix.unresolved(sub, rv)
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
		if slices.Contains(rv.Kinds, k.Name) {
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
	for _, name := range rv.Kinds {
		if k, ok := ix.store.Kinds.ByName(name); ok {
			known, err := ix.known(k)
			if err != nil {
				return nil, err
			}
			ids = append(ids, known...)
		}
	}
	f := sub.finding(rv.Pointer, "REF001", fmt.Sprintf("no %s is called %s", strings.Join(rv.Kinds, " or "), show(rv.ID)))
	if near := NearMiss(rv.ID, ids); near != "" {
		f.Message += fmt.Sprintf(", did you mean %s?", near)
		f.Fix = replaceCommand(sub, rv, near)
	} else {
		f.Fix = listCommand(ix.store.Kinds, rv.Kinds)
	}
	return []finding.Finding{f}, nil
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
