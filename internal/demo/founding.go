package demo

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/scaffold"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// found writes the commit the store begins with: configuration, policy, people,
// teams and catalogue. It is the one commit that nothing judged. Before it
// comes the archive, if any, which none of the verbs looks at.
func (b *builder) found(before git.OID) error {
	files, err := b.foundingFiles()
	if err != nil {
		return err
	}
	who := b.staff[founder]
	sig := git.Signature{Name: who.name, Email: who.email(), When: opening}
	spec := git.CommitSpec{
		Base: before, Files: files, Message: "Begin to keep changes, services and incidents in git\n", Author: sig, Committer: sig,
		Sign: func(payload []byte) ([]byte, error) { return who.signer.Sign(b.ctx, evidence.CommitNamespace, payload) },
	}
	if before != "" {
		spec.Parents = []git.OID{before}
	}
	id, err := b.repo.begin(spec)
	if err != nil {
		return fmt.Errorf("founding the store: %w", err)
	}
	return b.repo.UpdateRefs(b.ctx, "gitsm: demo", []git.RefUpdate{{Name: "refs/heads/" + mainBranch, New: id}})
}

const mainBranch = "main"

func (b *builder) foundingFiles() ([]git.FileEdit, error) {
	files, err := scaffolding()
	if err != nil {
		return nil, err
	}
	add := func(path string, fields yamldoc.Map) {
		if err != nil {
			return
		}
		var content []byte
		if content, err = yamldoc.Marshal(fields); err != nil {
			err = fmt.Errorf("writing %s: %w", path, err)
		}
		files = append(files, git.FileEdit{Path: path, Content: content})
	}
	for _, t := range teams() {
		add("teams/"+t.id+".yaml", t.fields())
	}
	for _, p := range people() {
		add("people/"+p.id+".yaml", b.staff[p.id].fields())
	}
	for _, s := range services() {
		add("services/"+s.id+".yaml", s.fields())
	}
	windows := windowRecords()
	for _, id := range slices.Sorted(maps.Keys(windows)) {
		add("windows/"+id+".yaml", windows[id])
	}
	for _, a := range assets() {
		add("assets/"+a.kind+"/"+a.id+".yaml", a.fields())
	}
	return files, err
}

// scaffolding is what `gitsm init` would have written, but for the people: the
// store keeps its times itself, so it is a simulation, and enough people are in
// it from the start to have nothing land without approval.
func scaffolding() ([]git.FileEdit, error) {
	made, err := scaffold.Files(scaffold.Options{Title: "Harbour & Lane, an online shop that is made up", MainBranch: mainBranch, Timezone: "UTC",
		Name: "Nobody", Email: "nobody@harbourlane.example"})
	if err != nil {
		return nil, err
	}
	var files []git.FileEdit
	for _, f := range made {
		switch {
		case f.Path == store.ConfigFile:
			doc, findings := yamldoc.Parse(f.Path, f.Content)
			if len(findings) > 0 {
				return nil, fmt.Errorf("reading %s: %s", f.Path, findings[0].Message)
			}
			if f.Content, err = doc.Apply(yamldoc.Edit{Pointer: "/bootstrap", Value: false}, yamldoc.Edit{Pointer: "/simulation", Value: true}); err != nil {
				return nil, fmt.Errorf("editing %s: %w", f.Path, err)
			}
		case path.Ext(f.Path) == ".yaml" && (path.Dir(f.Path) == "people" || path.Dir(f.Path) == "teams"):
			continue
		}
		files = append(files, git.FileEdit{Path: f.Path, Content: f.Content})
	}
	return files, nil
}

// envelope begins every record.
func envelope(kind, id string, rest ...yamldoc.Entry) yamldoc.Map {
	return append(yamldoc.Map{{Key: "apiVersion", Value: record.APIVersion}, {Key: "kind", Value: kind}, {Key: "id", Value: id}}, rest...)
}

func entry(key string, value any) yamldoc.Entry { return yamldoc.Entry{Key: key, Value: value} }

func (t team) fields() yamldoc.Map {
	return envelope("team", t.id, entry("title", t.title), entry("members", t.members()), entry("lead", t.lead))
}

func (e *employee) fields() yamldoc.Map {
	key := yamldoc.Map{entry("key", e.public), entry("valid_after", opening.Format(timeFormat))}
	return envelope("person", e.id, entry("name", e.name), entry("emails", []string{e.email()}), entry("signing_keys", []any{key}))
}

func (s service) fields() yamldoc.Map {
	return envelope("service", s.id, entry("title", s.title), entry("description", s.about), entry("owner", "team:"+s.owner),
		entry("tier", s.tier), entry("depends_on", dependencies(s.dependsOn)), entry("environments", []string{"production"}),
		entry("data_classification", s.data), entry("state", "live"))
}

func (a asset) fields() yamldoc.Map {
	m := envelope("asset", a.id, entry("title", a.title), entry("type", a.kind), entry("owner", "team:"+a.owner))
	if len(a.dependsOn) > 0 {
		m = append(m, entry("depends_on", dependencies(a.dependsOn)))
	}
	return append(m, entry("environment", "production"), entry("location", a.location), entry("state", "in-use"))
}

// dependencies writes ids, and "2 of a b c" as what it stands for.
func dependencies(list []string) []any {
	var out []any
	for _, text := range list {
		need, of, several := strings.Cut(text, " of ")
		if !several {
			out = append(out, text)
			continue
		}
		out = append(out, yamldoc.Map{entry("need", int(need[0]-'0')), entry("of", strings.Fields(of))})
	}
	return out
}
