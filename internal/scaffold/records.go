package scaffold

import (
	"bytes"
	"cmp"
	"fmt"

	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// configFile writes gitsm.yaml, each key with what it means and a blank line
// before it.
func configFile(o Options) ([]File, error) {
	entries := yamldoc.Map{
		{Key: "apiVersion", Value: record.APIVersion, Comment: "This file makes its directory a store of gitsm. What the main branch says\n" +
			"holds; a proposal that changes it is judged by it. `gitsm schema config`\ndescribes every key."},
		{Key: "kind", Value: "config"},
		{Key: "title", Value: o.Title, Comment: "Name of the store, which heads reports."},
		{Key: "main_branch", Value: o.MainBranch, Comment: "The branch whose records are in force."},
		{Key: "forge", Value: cmp.Or(o.Forge, "local"), Comment: "Where proposals are reviewed: local (git alone, no server needed) or github."},
		{Key: "timezone", Value: o.Timezone, Comment: "IANA time zone in which times are shown. Policy names its own for business\nhours, in policy/data.yaml."},
		{Key: "owners", Value: owners(o), Comment: "Who has to approve a proposal that changes the rules themselves: one approval\n" +
			"by any of those named. Nobody is asked while bootstrap is true."},
		{Key: "bootstrap", Value: true, Comment: "True while the store is being set up: people, teams, services, assets, policy\n" +
			"and this file land without approval, and audits say so. Changes are approved\n" +
			"as ever. It ends once two people can approve, and there is no way back:\n`gitsm config edit --bootstrap false`."},
	}
	var b bytes.Buffer
	for i, e := range entries {
		if e.Key == "title" && o.Title == "" {
			continue
		}
		text, err := yamldoc.Marshal(yamldoc.Map{e})
		if err != nil {
			return nil, fmt.Errorf("writing %s into gitsm.yaml: %w", e.Key, err)
		}
		if i > 0 && e.Comment != "" {
			b.WriteByte('\n')
		}
		b.Write(text)
	}
	return []File{{Path: o.in("gitsm.yaml"), Content: b.Bytes(), Why: "makes this directory a store"}}, nil
}

// owners puts the rules into the hands of the first team.
func owners(o Options) yamldoc.Map {
	who := []any{}
	if o.Email != "" {
		who = append(who, "team:"+Team)
	}
	return yamldoc.Map{
		{Key: "policy", Value: who, Comment: "rules and their data in policy/"},
		{Key: "people", Value: who, Comment: "people and teams"},
		{Key: "windows", Value: who, Comment: "maintenance windows and freezes"},
		{Key: "waivers", Value: who, Comment: "waivers of policy rules"},
		{Key: "models", Value: who, Comment: "models of standard changes"},
		{Key: "config", Value: who, Comment: "this file"},
	}
}

// people are whoever begins the store, and the first team with them in it.
func people(o Options) ([]File, error) {
	if o.Email == "" {
		return nil, nil
	}
	kinds := record.Builtin()
	id := Slug(o.Name, o.Email)
	person := yamldoc.Map{{Key: "name", Value: o.Name}, {Key: "emails", Value: []any{o.Email}}}
	if o.Key != "" {
		person = append(person, yamldoc.Entry{Key: "signing_keys", Value: []any{yamldoc.Map{{Key: "key", Value: o.Key}}}})
	}
	team := yamldoc.Map{{Key: "title", Value: "Change managers"}, {Key: "members", Value: []any{id}}, {Key: "lead", Value: id}}
	var files []File
	for _, r := range []struct {
		kind, id, why string
		fields        yamldoc.Map
	}{
		{"person", id, "you, as git knows you", person},
		{"team", Team, "whom policy asks about what is risky", team},
	} {
		k, ok := kinds.ByName(r.kind)
		if !ok {
			return nil, fmt.Errorf("writing the first %s: there is no such kind", r.kind)
		}
		head := yamldoc.Map{{Key: "apiVersion", Value: record.APIVersion}, {Key: "kind", Value: r.kind}, {Key: "id", Value: r.id}}
		text, err := yamldoc.Marshal(append(head, r.fields...))
		if err != nil {
			return nil, fmt.Errorf("writing the first %s: %w", r.kind, err)
		}
		files = append(files, File{Path: o.in(k.PathOf(r.id)), Content: text, Why: r.why})
	}
	return files, nil
}
