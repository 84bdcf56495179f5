package decision

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/engine"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// guarded says which key of `owners` in gitsm.yaml guards a path of the store,
// "" where none does.
func guarded(s *store.Store, p string) string {
	if store.RunsGate(s.Config, s.Dir, p) {
		return "config"
	}
	rel, ok := s.Relative(p)
	if !ok {
		return ""
	}
	top, _, _ := strings.Cut(rel, "/")
	switch {
	case rel == store.ConfigFile:
		return "config"
	case top == store.PolicyDir, top == "windows", top == "waivers", top == "models":
		return top // whatever the file is
	case top == "exceptions":
		return "waivers" // a failed check that is let pass is a waiver as well
	}
	if k, _, ok := s.Kinds.ByPath(rel); ok {
		return k.Owner
	}
	if judges(s, rel) {
		return "config"
	}
	return ""
}

// onGitHub reports whether a store's proposals are reviewed on GitHub, where
// whatever lands needs the gate to say so.
func onGitHub(s *store.Store) bool { return s.Config.Forge == "github" }

// loose reports whether a proposal is of files that nobody judges, and of nothing
// else.
func loose(f *Facts) bool {
	return len(f.Files) > 0 && len(f.Changes) == 0 &&
		!slices.ContainsFunc(f.Files, func(x File) bool { return guarded(f.Base, x.Path) != "" })
}

// strays asks the owners of config about files of the store that nobody judges,
// where nobody is asked about anything: the gate is the one way to land, and an
// incident beside them, or a step of a change, would take them along unseen. A
// change that is put into force says of itself who has to be asked about the work,
// if anybody, and when.
func strays(f *Facts) []approval.Requirement {
	if slices.ContainsFunc(f.Changes, func(c Change) bool { return c.Kind.Name == "change" && c.Before == nil }) {
		return nil
	}
	i := slices.IndexFunc(f.Files, func(x File) bool { _, in := f.Base.Relative(x.Path); return in })
	if i < 0 || f.Base.Config.Bootstrap || !onGitHub(f.Base) {
		return nil
	}
	return []approval.Requirement{ownersOf(f, "config", f.Files[i].Path+" is changed")}
}

// judges reports whether a file of the store is part of a schema that records
// are held against.
func judges(s *store.Store, rel string) bool {
	for _, k := range s.Kinds.All() {
		b, err := s.Schema(k)
		if err != nil {
			if k.Schema == rel {
				return true
			}
			continue
		}
		if b != nil && b.Files[rel] != nil {
			return true
		}
	}
	return false
}

// ownerRequirements asks for the owners of what judges other proposals: the
// policy, the people, the config. While a store bootstraps nobody owns these
// yet, and every audit says so. Waivers are asked for from the beginning: what
// one lets pass is a change, and changes are approved as ever.
func ownerRequirements(f *Facts) []approval.Requirement {
	keys, kinds := map[string]bool{}, map[string]*record.Kind{}
	for _, c := range f.Changes {
		if c.Kind.Owners != nil {
			kinds[c.Kind.Name] = c.Kind
		}
		keys[c.Kind.Owner], keys[guarded(f.Base, f.Base.Display(c.Path))] = true, true
	}
	for _, file := range f.Files {
		keys[guarded(f.Base, file.Path)] = true
	}
	delete(keys, "")
	if f.Base.Config.Bootstrap {
		maps.DeleteFunc(keys, func(k string, _ bool) bool { return k != "waivers" })
		clear(kinds)
	}
	var out []approval.Requirement
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		out = append(out, ownersOf(f, k, k+" is changed"))
	}
	out = append(out, answerable(f)...)
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		out = append(out, approval.Requirement{
			ID: "owners-of-" + name, From: kinds[name].Owners, Count: 1,
			Msg: fmt.Sprintf("%s are changed, which %s owns (kinds in gitsm.yaml)", kinds[name].Plural, strings.Join(kinds[name].Owners, ", ")),
		})
	}
	return out
}

// ownersOf asks the owners that gitsm.yaml names under a key, and says what for.
func ownersOf(f *Facts, key, what string) approval.Requirement {
	owners := f.Base.Config.Owners[key]
	msg := fmt.Sprintf("%s, which %s owns (owners.%s in gitsm.yaml)", what, strings.Join(owners, ", "), key)
	if len(owners) == 0 {
		msg = fmt.Sprintf("%[2]s, and owners.%[1]s in gitsm.yaml names nobody who could approve it: gitsm config edit --set 'owners.%[1]s=[\"team:…\"]'", key, what)
	}
	return approval.Requirement{ID: "owners-" + key, From: owners, Count: 1, Msg: msg}
}

// unread asks the owners of config about what stands in the place of a service or
// asset that main has and nobody can read: to policy it is new, so that whoever is
// named as its owner now would be all who is asked.
func unread(pol *engine.Policy, f *Facts) []approval.Requirement {
	var files []string
	for _, c := range f.Changes {
		if c.Unread && c.Kind.Catalogue && c.Kind.Owner == "" && pol.Judges(c.Kind.Name) && !f.Base.Config.Bootstrap {
			files = append(files, f.Base.Display(c.Path))
		}
	}
	if len(files) == 0 {
		return nil
	}
	return []approval.Requirement{ownersOf(f, "config", "nobody can read whose "+strings.Join(files, ", ")+" was on "+f.Base.Config.MainBranch)}
}

// answerable asks those whom waivers name as approver, besides the owners of
// waivers: nobody answers for a risk without knowing of it.
func answerable(f *Facts) []approval.Requirement {
	var out []approval.Requirement
	for _, c := range f.Changes {
		if c.Kind.Name != "waiver" || c.After == nil || c.After.State() != "active" || c.After.Str("approver") == "" {
			continue
		}
		who := c.After.Str("approver")
		out = append(out, approval.Requirement{
			ID: "owners-waiver-" + c.ID, From: []string{"person:" + who}, Count: 1, Shared: true,
			Msg: fmt.Sprintf("%s answers for waiver %s", who, c.ID),
		})
	}
	return out
}
