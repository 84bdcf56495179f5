package validate_test

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

const (
	changeFile   = "changes/2026/11/CHG-20261120-7K3F2M.yaml"
	incidentFile = "incidents/2026/11/INC-20261119-0A1B2C.yaml"
	problemFile  = "problems/2026/11/PRB-20261120-0A1B2C.yaml"
	requestFile  = "requests/2026/11/REQ-20261120-0A1B2C.yaml"
)

// scene is a small store in which nothing is wrong.
var scene = map[string]string{
	"gitsm.yaml": `apiVersion: gitsm/v1
kind: config
owners:
  policy: [team:payments]
`,
	"people/alice.yaml": `apiVersion: gitsm/v1
kind: person
id: alice
name: Alice
emails: [alice@example.org]
github: {login: alice-doe, id: 4711}
signing_keys:
  - key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO7CgQPl9ZGym6Nz4Ez1PfYVUHcE0RX1KaGptgNEhz8u alice@laptop
    valid_after: 2026-01-01T00:00:00Z
    valid_before: 2027-01-01T00:00:00Z
`,
	"people/bob.yaml": `apiVersion: gitsm/v1
kind: person
id: bob
name: Bob
emails: [bob@example.org]
`,
	"teams/payments.yaml": `apiVersion: gitsm/v1
kind: team
id: payments
title: Payments
members: [alice, bob]
`,
	"services/checkout.yaml": `apiVersion: gitsm/v1
kind: service
id: checkout
title: Checkout
owner: team:payments
tier: 1
depends_on: [search, {need: 1, of: [db-1, db-2]}]
`,
	"services/search.yaml": `apiVersion: gitsm/v1
kind: service
id: search
title: Search
owner: person:alice
tier: 2
`,
	"assets/db-1.yaml": `apiVersion: gitsm/v1
kind: asset
id: db-1
title: Orders database
type: database
owner: team:payments
`,
	"assets/fra/db-2.yaml": `apiVersion: gitsm/v1
kind: asset
id: db-2
title: Replica
type: database
owner: team:payments
`,
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
plan:
  backout: Restore the snapshot
`,
	incidentFile: `apiVersion: gitsm/v1
kind: incident
id: INC-20261119-0A1B2C
title: Orders fail
services: [checkout]
state: resolved
started_at: 2026-11-19T08:00:00Z
detected_at: 2026-11-19T08:05:00Z
acknowledged_at: 2026-11-19T09:30:00Z
restored_at: 2026-11-19T09:00:00Z
resolved_at: 2026-11-19T10:00:00Z
caused_by: CHG-20261120-7K3F2M
`,
}

// more is a record of each further kind, right as well. They are apart from
// the scene, since they refer to nearly all of it.
var more = map[string]string{
	problemFile: `apiVersion: gitsm/v1
kind: problem
id: PRB-20261120-0A1B2C
title: Connections run out
services: [checkout]
assets: [db-1]
owner: team:payments
state: resolved
incidents: [INC-20261119-0A1B2C]
root_cause: The pool is too small
known_error_at: 2026-11-20T10:00:00Z
changes: [CHG-20261120-7K3F2M]
resolved_at: 2026-11-24T22:00:00Z
`,
	requestFile: `apiVersion: gitsm/v1
kind: request
id: REQ-20261120-0A1B2C
title: Read access to the orders database
model: database-access
requester: bob
services: [checkout]
state: fulfilled
answers:
  - {question: until, answer: 2027-01-31}
change: CHG-20261120-7K3F2M
approved_at: 2026-11-20T09:00:00Z
fulfilled_at: 2026-11-20T10:00:00Z
`,
	"models/database-access.yaml": `apiVersion: gitsm/v1
kind: model
id: database-access
title: Access to a database
use: request
owner: team:payments
state: active
scope: {services: [checkout], assets: [db-1]}
locked:
  plan: {backout: Revoke the role}
defaults:
  services: [checkout]
open: [answers]
questions:
  - {id: until, label: Until when, required: true}
approvals:
  - {from: [team:payments]}
valid_from: 2026-11-01T00:00:00Z
expires: 2027-11-01T00:00:00Z
`,
	"windows/sunday-night.yaml": `apiVersion: gitsm/v1
kind: window
id: sunday-night
title: Maintenance of checkout
type: maintenance
state: active
start: 2026-11-22T22:00:00+01:00
end: 2026-11-23T02:00:00+01:00
timezone: Europe/Berlin
rrule: FREQ=WEEKLY;BYDAY=SU
exdates: [2026-12-27T22:00:00+01:00]
scope: {services: [checkout], environments: [production]}
owner: team:payments
`,
	"waivers/no-test-system.yaml": `apiVersion: gitsm/v1
kind: waiver
id: no-test-system
title: No test system
rule: CHG020
scope: {services: [checkout], kinds: [change]}
reason: It is being rebuilt
requested_by: alice
approver: bob
valid_from: 2026-11-20T00:00:00Z
expires: 2027-03-31T00:00:00Z
state: active
`,
}

// edit is one difference from the scene: text that is replaced once in a file,
// or a file that is written.
type edit struct{ file, old, new string }

func tree(t testing.TB, edits ...edit) fstest.MapFS {
	t.Helper()
	files := maps.Clone(scene)
	for _, e := range edits {
		if e.old == "" {
			files[e.file] = e.new
			continue
		}
		if strings.Count(files[e.file], e.old) != 1 {
			t.Fatalf("%s holds %q %d times", e.file, e.old, strings.Count(files[e.file], e.old))
		}
		files[e.file] = strings.Replace(files[e.file], e.old, e.new, 1)
	}
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func open(t testing.TB, edits ...edit) *store.Store {
	t.Helper()
	return openFS(t, tree(t, edits...))
}

// openMore opens the scene with the records of more in it.
func openMore(t testing.TB, edits ...edit) *store.Store {
	t.Helper()
	var all []edit
	for _, file := range slices.Sorted(maps.Keys(more)) {
		all = append(all, edit{file: file, new: more[file]})
	}
	return open(t, append(all, edits...)...)
}

func openFS(t testing.TB, fsys fs.FS) *store.Store {
	t.Helper()
	s, err := store.Open(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newRecord(k *record.Kind, id, file string, doc *yamldoc.Doc) *record.Record {
	return record.New(k, id, file, "", doc)
}

// at reads one record of a store.
func at(t testing.TB, s *store.Store, file string) *record.Record {
	t.Helper()
	k, id, ok := s.Kinds.ByPath(file)
	if !ok {
		t.Fatalf("no kind keeps %s", file)
	}
	recs, err := s.List(k.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recs {
		if r.Path == file {
			return r
		}
	}
	found, _ := s.Findings(k.Name)
	t.Fatalf("%s %s cannot be read: %v", k.Name, id, found)
	return nil
}

// lines writes findings as a terminal would, so that tests read like output.
func lines(fs []finding.Finding) []string {
	var out []string
	for _, f := range fs {
		sev := ""
		if f.Severity == finding.Warning {
			sev = "warning "
		}
		end := fmt.Sprint(f.EndColumn)
		if f.EndLine != f.Line {
			end = fmt.Sprintf("%d:%d", f.EndLine, f.EndColumn)
		}
		out = append(out, fmt.Sprintf("%d:%d-%s %s%s %s", f.Line, f.Column, end, sev, f.Code, f.Message))
	}
	return out
}

func sorted(in []string) []string { return slices.Sorted(slices.Values(in)) }

func anyFix(fs []finding.Finding, fix string) bool {
	return slices.ContainsFunc(fs, func(f finding.Finding) bool { return f.Fix == fix })
}

// complete reports what a finding of these codes may never lack.
func complete(t testing.TB, fs []finding.Finding) {
	t.Helper()
	for _, f := range fs {
		row, ok := finding.Lookup(f.Code)
		switch {
		case !ok || row.Explain == "" || row.Example == "" || row.Fix == "" || row.Title == "":
			t.Errorf("%s has no complete row in package finding", f.Code)
		case f.File == "" || f.Line == 0 || f.Why == "" || f.Fix == "" || f.Severity == "":
			t.Errorf("incomplete: %+v", f)
		case strings.HasSuffix(f.Message, "."):
			t.Errorf("message ends in a period: %s", f.Message)
		}
	}
}
