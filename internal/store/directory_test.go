package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/store"
)

func TestDirectory(t *testing.T) {
	s := open(t, files(
		"people/alice.yaml", person("alice", "alice@example.org, Alice@Work.example"),
		"people/bob.yaml", person("bob", "bob@example.org, shared@example.org"),
		"people/carol.yaml", person("carol", "' SHARED@example.org '"),
		"people/dave.yaml", person("dave", "shared@example.org, dave@example.org, DAVE@example.org"),
		"people/erin.yaml", person("erin", "")+"active: false\n",
		"people/broken.yaml", "a: [",
		"people/odd.yaml", "kind: person\nid: odd\nname: Odd\nemails: odd@example.org\n", // no list: nobody gains an address by it
		"teams/ops.yaml", team("ops", "alice, bob"),
		"teams/broken.yaml", "members: {a: b}\n",
	))
	d, err := s.Directory()
	if err != nil {
		t.Fatal(err)
	}
	for email, want := range map[string]string{
		"alice@example.org":    "alice",
		"ALICE@EXAMPLE.ORG":    "alice",
		"alice@work.example":   "alice",
		" alice@example.org\n": "alice",
		"shared@example.org":   "", // could be three people, and so is nobody
		"bob@example.org":      "bob",
		"dave@example.org":     "dave", // listed twice by one person
		"odd@example.org":      "",
		"":                     "",
		"nobody@example.org":   "",
	} {
		if id, ok := d.ByEmail(email); id != want || ok != (want != "") {
			t.Errorf("%q is %q, %v; want %q", email, id, ok, want)
		}
	}
	if len(d.People) != 5 || d.People["erin"].IsActive() || d.People["alice"].ID != "alice" {
		t.Errorf("people %v", d.People)
	}
	if len(d.Teams) != 1 || d.Teams["ops"].ID != "ops" {
		t.Errorf("teams %v", d.Teams)
	}
	again, err := s.Directory()
	if again != d || err != nil {
		t.Errorf("another directory, %v", err)
	}
}

// An address without characters is no address that two could share.
func TestDirectoryEmptyAddress(t *testing.T) {
	d, err := open(t, files("people/alice.yaml", person("alice", "''"))).Directory()
	if err != nil {
		t.Fatal(err)
	}
	if id, ok := d.ByEmail(""); ok {
		t.Errorf("whoever has no address is %s", id)
	}
	if id, ok := d.ByEmail("  "); ok {
		t.Errorf("whoever has a blank address is %s", id)
	}
}

func TestExpand(t *testing.T) {
	d, err := open(t, files("people/alice.yaml", person("alice", ""), "people/bob.yaml", person("bob", ""), "teams/ops.yaml", team("ops", "bob, alice, gone"))).Directory()
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Expand([]string{"team:ops", "person:alice"})
	if diff := cmp.Diff([]string{"alice", "bob", "gone"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for ref, want := range map[string]string{"team:nope": "no team", "person:nope": "nobody in people/", "alice": "neither team:… nor person:…", "": "neither"} {
		if _, err := d.Expand([]string{"person:bob", ref}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", ref, err)
		}
	}
}

func TestPolicy(t *testing.T) {
	s := open(t, files("policy/change.rego", "package gitsm.change\n", "policy/lib/x.rego", "package x\n", "policy/change_test.rego", "package t\n",
		"policy/data.yaml", "config: {immaterial: {change: [title]}}\n", "policy/lib/data.yaml", "other: 1\n", "policy/README.md", "x"))
	p, err := s.Policy()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, want := range []string{"policy/change.rego", "policy/change_test.rego", "policy/lib/x.rego"} {
		if p.Modules[want] == nil {
			t.Errorf("%s is missing", want)
		}
		names = append(names, want)
	}
	if len(p.Modules) != len(names) {
		t.Errorf("modules %v", p.Modules)
	}
	want := map[string]any{"config": map[string]any{"immaterial": map[string]any{"change": []any{"title"}}}}
	if diff := cmp.Diff(want, p.Data); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}

	if p, err := open(t, files()).Policy(); err != nil || len(p.Modules) != 0 || p.Data != nil {
		t.Errorf("no policy: %v, %v", p, err)
	}
	var invalid *store.InvalidError
	for name, data := range map[string]string{"broken": "a: [", "list": "- a\n", "empty": "", "duplicate": "config: {}\nconfig: {}\n"} {
		if _, err := open(t, files("policy/data.yaml", data)).Policy(); !errors.As(err, &invalid) {
			t.Errorf("%s data: %v", name, err)
		}
	}
}
