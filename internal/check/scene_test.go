package check_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
)

const changeFile = "changes/2026/11/CHG-20261120-7K3F2M.yaml"

// scene is a small store in which nothing is wrong: 6 records.
var scene = map[string]string{
	"gitsm.yaml":             "apiVersion: gitsm/v1\nkind: config\nowners: {policy: [person:alice]}\n",
	"people/alice.yaml":      "apiVersion: gitsm/v1\nkind: person\nid: alice\nname: Alice\n",
	"teams/ops.yaml":         "apiVersion: gitsm/v1\nkind: team\nid: ops\ntitle: Ops\nmembers: [alice]\n",
	"services/checkout.yaml": "apiVersion: gitsm/v1\nkind: service\nid: checkout\ntitle: Checkout\nowner: team:ops\ntier: 1\ndepends_on: [search]\n",
	"services/search.yaml":   "apiVersion: gitsm/v1\nkind: service\nid: search\ntitle: Search\nowner: team:ops\ntier: 1\n",
	"assets/fra/db-1.yaml":   "apiVersion: gitsm/v1\nkind: asset\nid: db-1\ntitle: Database\ntype: database\nowner: team:ops\n",
	changeFile: `apiVersion: gitsm/v1
kind: change
id: CHG-20261120-7K3F2M
title: Upgrade the database
type: normal
state: scheduled
requester: alice
services: [checkout]
assets: [db-1]
window:
  start: 2026-11-24T20:00:00Z
  end: 2026-11-24T22:00:00Z
`,
}

// edit is one difference from the scene: text replaced once in a file, a file
// that is written (old is empty), or one that is removed (both are).
type edit struct{ file, old, new string }

func tree(t testing.TB, edits ...edit) fstest.MapFS {
	t.Helper()
	files := maps.Clone(scene)
	for _, e := range edits {
		switch {
		case e.old == "" && e.new == "":
			delete(files, e.file)
		case e.old == "":
			files[e.file] = e.new
		case strings.Count(files[e.file], e.old) != 1:
			t.Fatalf("%s holds %q %d times", e.file, e.old, strings.Count(files[e.file], e.old))
		default:
			files[e.file] = strings.Replace(files[e.file], e.old, e.new, 1)
		}
	}
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func open(t testing.TB, fsys fs.FS, opts ...store.Option) *store.Store {
	t.Helper()
	s, err := store.Open(fsys, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func run(t testing.TB, o check.Options) *check.Report {
	t.Helper()
	rep, err := check.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// lines writes a report as a terminal would.
func lines(rep *check.Report) []string {
	var out []string
	for _, f := range rep.Findings {
		out = append(out, fmt.Sprintf("%s:%d:%d: %s %s %s", f.File, f.Line, f.Column, f.Severity, f.Code, f.Message))
	}
	return out
}

// policy is a Policy for tests: it denies titles it was told to, and remembers
// whom it judged.
type policy struct {
	deny   map[string]finding.Finding // by id
	fail   string                     // the id it cannot judge
	mu     sync.Mutex
	before map[string]string // id → state before, "new" where there was none
}

func (p *policy) Judge(_ context.Context, before, after *record.Record) ([]finding.Finding, int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.before == nil {
		p.before = map[string]string{}
	}
	p.before[after.ID] = "new"
	if before != nil {
		p.before[after.ID] = before.State()
	}
	if after.ID == p.fail {
		return nil, 0, errors.New("policy took longer than 5 s")
	}
	rules := map[string]int{"change": 12, "service": 3}[after.Kind.Name]
	if f, ok := p.deny[after.ID]; ok {
		return []finding.Finding{f}, rules, nil
	}
	return nil, rules, nil
}
