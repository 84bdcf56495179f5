package store_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/store"
)

func TestOpenDefaults(t *testing.T) {
	s := open(t, files())
	want := store.Config{APIVersion: "gitsm/v1", Kind: "config", MainBranch: "main", Forge: "local", Timezone: "UTC"}
	if diff := cmp.Diff(want, s.Config); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	full := files()
	full[store.ConfigFile].Data = []byte(config + `id: shop
title: The shop
main_branch: trunk
forge: github
timezone: Europe/Berlin
owners: {policy: ["team:platform"], people: ["person:alice"]}
bootstrap: true
simulation: true
`)
	s = open(t, full)
	want = store.Config{APIVersion: "gitsm/v1", Kind: "config", ID: "shop", Title: "The shop", MainBranch: "trunk", Forge: "github", Timezone: "Europe/Berlin",
		Owners: map[string][]string{"policy": {"team:platform"}, "people": {"person:alice"}}, Bootstrap: true, Simulation: true}
	if diff := cmp.Diff(want, s.Config); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOpenNoStore(t *testing.T) {
	for name, fsys := range map[string]fs.FS{
		"empty": fstest.MapFS{}, "elsewhere": under("ops", files()), "directory": fstest.MapFS{"gitsm.yaml/x": {}},
	} {
		_, err := store.Open(fsys)
		if name == "directory" {
			if err == nil || errors.Is(err, store.ErrNoStore) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.Is(err, store.ErrNoStore) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, dir := range []string{"nope", "../ops", "/", "ops/..", "gitsm.yaml"} {
		if s, err := store.Open(under("ops", files()), store.InDirectory(dir)); err == nil {
			t.Errorf("in %s: a store in %q", dir, s.Dir)
		}
	}
}

// Whatever gitsm.yaml says that is not understood stops everything: it might
// be a misspelt safeguard.
func TestOpenInvalid(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"empty":                {"", []string{"gitsm.yaml:1:1 YML"}},
		"not YAML":             {"a: [", []string{"gitsm.yaml:1:"}},
		"two problems":         {config + "id: &a x\ntitle: *a\n", []string{"gitsm.yaml:3:5 YML", "gitsm.yaml:4:8 YML"}},
		"duplicate key":        {config + "bootstrap: false\nbootstrap: true\n", []string{"gitsm.yaml:4:1 YML"}},
		"unknown key":          {config + "bootstarp: false\n", []string{`gitsm.yaml:3:1 STO001 unknown key "bootstarp"`}},
		"begun key":            {config + "time: UTC\n", []string{`gitsm.yaml:3:1 STO001 unknown key "time", did you mean "timezone"`}},
		"key in another case":  {config + "bootstrap: false\nBootstrap: true\n", []string{`gitsm.yaml:4:1 STO001 unknown key "Bootstrap"`}},
		"key that folds":       {config + "bootſtrap: true\n", []string{`gitsm.yaml:3:1 STO001 unknown key "bootſtrap"`}},
		"unknown owners":       {config + "owners:\n  polcy: [team:a]\n", []string{`gitsm.yaml:4:3 STO001 unknown key "polcy"`}},
		"unknown key of kind":  {config + "kinds:\n  - {name: x, plural: xs, path: 'x/{id}.yaml', aliases: [y]}\n", []string{`gitsm.yaml:4:48 STO001 unknown key "aliases"`}},
		"unknown key of step":  {config + "kinds:\n  - name: x\n    plural: xs\n    path: x/{id}.yaml\n    transitions:\n      - {to: a, types: [b]}\n", []string{`gitsm.yaml:8:17 STO001 unknown key "types"`}},
		"several unknown keys": {config + "a: 1\nb: 2\n", []string{`gitsm.yaml:3:1 STO001 unknown key "a"`, `gitsm.yaml:4:1 STO001 unknown key "b"`}},
		"no apiVersion":        {"kind: config\n", []string{"gitsm.yaml:1:1 STO001 apiVersion must be gitsm/v1"}},
		"other apiVersion":     {"apiVersion: gitsm/v2\nkind: config\n", []string{"gitsm.yaml:1:13 STO001 apiVersion must be gitsm/v1"}},
		"other kind":           {"apiVersion: gitsm/v1\nkind: service\n", []string{"gitsm.yaml:2:7 STO001 kind must be config"}},
		"wrong type":           {config + "bootstrap: 'no'\n", []string{"gitsm.yaml:3:12 STO001 bootstrap is a string, and must be true or false"}},
		"wrong nested type":    {config + "owners: {policy: team:a}\n", []string{"gitsm.yaml:3:18 STO001 owners.policy is a string, and must be a list"}},
		"no value":             {config + "owners:\n", []string{"gitsm.yaml:3:8 STO001 owners is empty, and must be a mapping"}},
		"number":               {config + "id: 5\n", []string{"gitsm.yaml:3:5 STO001 id is a number, and must be a string"}},
		"wrong item type":      {config + "kinds: [x]\n", []string{"gitsm.yaml:3:9 STO001 kinds is a string, and must be a mapping"}},
		"other forge":          {config + "forge: gitlab\n", []string{`gitsm.yaml:3:8 STO001 forge "gitlab" is neither local nor github`}},
		"main is a proposal":   {config + "main_branch: gitsm/store/x-1234\n", []string{`gitsm.yaml:3:14 STO001 main_branch "gitsm/store/x-1234" is`}},
		"main is evidence":     {config + "main_branch: gitsm-evidence\n", []string{`gitsm.yaml:3:14 STO001 main_branch "gitsm-evidence" is`}},
		"kind taken":           {config + "kinds:\n  - {name: change, plural: xs, path: 'x/{id}.yaml'}\n", []string{`gitsm.yaml:3:1 STO001 kind change: the word "change" already names kind change`}},
		"another's package":    {config + "kinds:\n  - {name: x, plural: xs, path: 'x/{id}.yaml', policy: change}\n", []string{"gitsm.yaml:4:56 STO001 kind x: package gitsm.change judges kind change already"}},
		"one package twice":    {config + "kinds:\n  - {name: x, plural: xs, path: 'x/{id}.yaml', policy: y}\n  - {name: y, plural: ys, path: 'y/{id}.yaml'}\n", []string{"gitsm.yaml:5:5 STO001 kind y: package gitsm.y judges kind x already"}},
		"form of ids":          {config + "kinds:\n  - {name: x, plural: xs, path: 'x/{id}.yaml', id: '^X[0-9+$'}\n", []string{"gitsm.yaml:4:52 STO001 kind x: the form of its ids cannot be read"}},
		"id nowhere":           {config + "kinds:\n  - {name: x, plural: xs, path: 'x/**/x.yaml'}\n", []string{"gitsm.yaml:3:1 STO001 kind x: path"}},
		"id in a field":        {config + "kinds:\n  - {name: x, plural: xs, path: 'x/**/x.yaml', id_field: n}\n", []string{"gitsm.yaml:4:33 STO001 kind x: only records without an envelope"}},
		"noun is a command":    {config + "kinds:\n  - {name: audit, plural: audits, path: 'x/{id}.yaml'}\n", []string{`gitsm.yaml:4:12 STO001 kind audit: "audit" is a command of gitsm`}},
		"no such state":        {config + "kinds:\n  - {name: x, plural: xs, path: 'x/{id}.yaml', states: [a], initial: b, terminal: [c], transitions: [{from: a, to: d}]}\n", []string{`gitsm.yaml:4:70 STO001 kind x: "b" is none of its states`, `gitsm.yaml:4:84 STO001 kind x: "c" is`, `gitsm.yaml:4:116 STO001 kind x: "d" is`}},
		"verb everybody has":   {config + "kinds:\n  - {name: x, plural: xs, path: 'x/{id}.yaml', states: [a, b], transitions: [{from: a, to: b, verb: edit}]}\n", []string{"gitsm.yaml:4:101 STO001 kind x: edit is what every kind has"}},
		"end that is left":     {config + "kinds:\n  - {name: x, plural: xs, path: 'x/{id}.yaml', states: [a, b], terminal: [a], transitions: [{from: a, to: b}]}\n", []string{"gitsm.yaml:4:100 STO001 kind x: nothing leaves a"}},
		"ref to no kind":       {config + "kinds:\n  - {name: x, plural: xs, path: 'x/{id}.yaml', refs: [{path: a, kinds: [persn]}]}\n", []string{`gitsm.yaml:4:73 STO001 kind x: no kind is called "persn"`}},
		"dated, and no prefix": {config + "kinds:\n  - {name: x, plural: xs, path: 'x/{id}.yaml', id: dated}\n", []string{"gitsm.yaml:4:52 STO001 kind x: dated ids need a prefix"}},
		"slug with a prefix":   {config + "kinds:\n  - {name: x, plural: xs, path: 'x/{id}.yaml', id: slug, prefix: XX}\n", []string{"gitsm.yaml:4:52 STO001 kind x: only dated ids have a prefix"}},
		"kind takes config":    {config + "kinds:\n  - {name: x, plural: xs, path: '{id}.yaml'}\n", []string{"gitsm.yaml:4:33 STO001 kind x: its path {id}.yaml takes gitsm.yaml"}},
		"kind takes policy":    {config + "kinds:\n  - {name: x, plural: xs, path: '**/{id}.rego'}\n", []string{"gitsm.yaml:4:33 STO001 kind x: its path **/{id}.rego takes policy/"}},
		"kind in policy":       {config + "kinds:\n  - {name: x, plural: xs, path: 'policy/{id}.yaml'}\n", []string{"gitsm.yaml:4:33 STO001 kind x: its path policy/{id}.yaml takes policy/"}},
		"kind below policy":    {config + "kinds:\n  - {name: x, plural: xs, path: '*/lib/{id}.rego'}\n", []string{"gitsm.yaml:4:33 STO001 kind x: its path */lib/{id}.rego takes policy/"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			fsys := files()
			fsys[store.ConfigFile].Data = []byte(tt.text)
			_, err := store.Open(fsys)
			var invalid *store.InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("error %v", err)
			}
			got := brief(invalid.Findings)
			if len(got) != len(tt.want) {
				t.Fatalf("findings %q, want %q", got, tt.want)
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("finding %q, want %q", got[i], want)
				}
			}
			if !strings.Contains(err.Error(), "gitsm.yaml cannot be used: gitsm.yaml:") {
				t.Errorf("error %q", err)
			}
		})
	}
}

func TestOpenTooLarge(t *testing.T) {
	fsys := files()
	fsys[store.ConfigFile].Data = []byte(config + "title: " + strings.Repeat("x", 256<<10) + "\n")
	var invalid *store.InvalidError
	if _, err := store.Open(fsys); !errors.As(err, &invalid) {
		t.Errorf("%v", err)
	}
}

func TestInDirectory(t *testing.T) {
	fsys := under("ops/itsm", files("services/checkout.yaml", service("checkout"), "services/Bad.yaml", service("Bad"), "people/alice.yaml", "a: [",
		"policy/change.rego", "package gitsm.change\n"))
	fsys["services/elsewhere.yaml"] = &fstest.MapFile{Data: []byte(service("elsewhere"))}
	for _, dir := range []string{"ops/itsm", "/ops/itsm/"} {
		s := open(t, fsys, store.InDirectory(dir))
		recs, err := s.List("service")
		if diff := cmp.Diff([]string{"Bad", "checkout"}, ids(recs)); diff != "" || err != nil {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
		if r := recs[1]; r.Path != "services/checkout.yaml" || r.Doc.Name != "ops/itsm/services/checkout.yaml" {
			t.Errorf("path %s, shown as %s", r.Path, r.Doc.Name)
		}
		found, err := s.Findings()
		if err != nil || len(found) != 2 || found[0].File != "ops/itsm/people/alice.yaml" || found[1].File != "ops/itsm/services/Bad.yaml" {
			t.Errorf("%v %v", brief(found), err)
		}
		p, err := s.Policy()
		if err != nil || p.Modules["ops/itsm/policy/change.rego"] == nil {
			t.Errorf("%v, %v", p, err)
		}
		for path, want := range map[string]string{"ops/itsm/gitsm.yaml": "gitsm.yaml", "gitsm.yaml": "", "ops/itsmx/gitsm.yaml": "", "ops/itsm": ""} {
			if rel, ok := s.Relative(path); ok != (want != "") || ok && rel != want {
				t.Errorf("%s is %q, %v", path, rel, ok)
			}
		}
	}
}
