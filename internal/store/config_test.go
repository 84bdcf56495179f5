package store_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

// FuzzConfig holds that gitsm.yaml is read or refused at a place, and that a
// store that is read can be listed: its kinds keep to the store, and none takes
// what says how records are judged.
func FuzzConfig(f *testing.F) {
	for _, s := range []string{
		"", "main_branch: trunk\ntimezone: Europe/Berlin\nbootstrap: true\n", "Bootstrap: true\n", "owners: {policy: [team:a]}\n", "owners: [a]\n", "forge: gitlab\n",
		"kinds:\n  - {name: risk, plural: risks, path: 'risks/{id}.yaml', prefix: RSK}\n",
		"kinds:\n  - {name: kep, plural: keps, path: 'keps/**/kep.yaml', id_field: n, envelope: false, id: '^[0-9]+$'}\n",
		"kinds:\n  - {name: adr, plural: adrs, path: 'docs/*.md', envelope: false, state_field: s, states: [a, b], initial: a, terminal: [b], transitions: [{from: a, to: b, verb: end}]}\n",
		"kinds: [{name: x, plural: y, path: '**/{id}.yaml'}]\n", "kinds: [{name: check, plural: changes, path: 'gitsm.yaml'}]\n", "kinds: [{name: p, plural: ps, path: 'policy/{id}.yaml'}]\n",
		"kinds: [{name: r, plural: rs, path: 'r/{id}.yaml', id: '^($', refs: [{path: a, kinds: [zz]}]}]\n", "kinds: ~\n", "kinds: [~]\n", "kinds: [[]]\n",
	} {
		f.Add("apiVersion: gitsm/v1\nkind: config\n" + s)
	}
	f.Add("a: &x 1\n")
	f.Fuzz(func(t *testing.T, text string) {
		tree := fstest.MapFS{
			store.ConfigFile: {Data: []byte(text)},
			"risks/a.yaml":   {Data: []byte("id: a\n")}, "docs/a.md": {Data: []byte("---\ns: a\n---\n")}, "keps/a/kep.yaml": {Data: []byte("n: 12\n")},
		}
		s, err := store.Open(tree)
		if err != nil {
			refusedAtPlace(t, err)
			return
		}
		for _, k := range s.Kinds.All() {
			if _, takes := k.Match(store.ConfigFile); takes || k.MayTake(store.PolicyDir) {
				t.Errorf("kind %s takes what judges records: %s", k.Name, k.Path)
			}
			recs, err := s.List(k.Name)
			if err != nil {
				t.Fatalf("listing %s: %v", k.Plural, err)
			}
			for _, rec := range recs {
				if record.CheckID(k, rec.ID) == nil && k.Named() && k.Fixed() && k.PathOf(rec.ID) != rec.Path {
					t.Errorf("%s %s is at %s and belongs at %s", k.Name, rec.ID, rec.Path, k.PathOf(rec.ID))
				}
			}
		}
		if _, err := s.Files(); err != nil {
			t.Fatal(err)
		}
	})
}

// refusedAtPlace holds that an error of Open is findings, each with its place.
func refusedAtPlace(t *testing.T, err error) {
	t.Helper()
	var invalid *store.InvalidError
	if !errors.As(err, &invalid) || len(invalid.Findings) == 0 {
		t.Fatalf("refused without a place: %v", err)
	}
	for _, f := range invalid.Findings {
		if _, known := finding.Lookup(f.Code); !known || f.File != store.ConfigFile || f.Line < 1 || f.Column < 1 || f.Message == "" {
			t.Errorf("no such finding: %+v", f)
		}
	}
}
