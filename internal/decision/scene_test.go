package decision_test

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/store"
)

const (
	idA   = "CHG-20261120-AAAAAA"
	idB   = "CHG-20261120-BBBBBB"
	pathA = "changes/2026/11/" + idA + ".yaml"
	pathB = "changes/2026/11/" + idB + ".yaml"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// rules is a policy small enough to be known by heart: a normal change that is
// scheduled needs the owner of each service, and its risk goes by tier.
const rules = `package gitsm.change

# METADATA
# title: back-out plan missing
# custom: {id: CHG012}
deny contains {"msg": "back-out plan missing", "path": "/plan/backout"} if not input.record.plan.backout

# METADATA
# title: no reason
# custom: {id: CHG001}
warn contains "no reason" if not input.record.reason

# METADATA
# title: owners approve
# custom: {id: CHG201}
approvals contains {"id": sprintf("owner-%s", [replace(s.owner, ":", "-")]), "from": [s.owner], "count": 1, "msg": "owns it"} if {
	input.record.type == "normal"
	input.transition.to == "scheduled"
	some s in input.services
}

# METADATA
# title: retro
# custom: {id: CHG203}
approvals contains {"id": "retro", "from": [sprintf("person:%s", [input.record.authoriser])], "count": 1, "retro": true, "msg": "authorised it"} if {
	input.record.type == "emergency"
}

tiers := {s.tier | some s in input.services}

band := "high" if 1 in tiers

else := "medium" if 2 in tiers

else := "low"

# METADATA
# title: tier
# custom: {id: CHG101}
signals contains {"id": "tier", "points": 10, "msg": "touches a service", "mitigation": "touch none"} if count(tiers) > 0

# METADATA
# title: risk
# custom: {id: CHG100}
risk := {"score": 10 * count(tiers), "band": band}
`

const data = `config:
  immaterial:
    change: [title]
  minimum_trust: {low: claimed, medium: observed, high: signed}
`

const config = `apiVersion: gitsm/v1
kind: config
owners: {policy: ["team:platform"], people: ["team:hr"], config: ["team:platform"]}
`

// scene is a small store that no longer bootstraps.
func scene() map[string]string {
	out := map[string]string{
		"gitsm.yaml": config, "policy/change.rego": rules, "policy/data.yaml": data,
		"services/checkout.yaml": service("checkout", "team:payments", 1), "services/search.yaml": service("search", "team:discovery", 3),
		"services/orders.yaml": service("orders", "team:payments", 2),
		"teams/payments.yaml":  team("payments", "alice, bob"), "teams/discovery.yaml": team("discovery", "bob, carol"),
		"teams/platform.yaml": team("platform", "carol, dave"), "teams/hr.yaml": team("hr", "dave, erin"),
	}
	for _, p := range []string{"alice", "bob", "carol", "dave", "erin"} {
		out["people/"+p+".yaml"] = person(p)
	}
	return out
}

func service(id, owner string, tier int) string {
	return fmt.Sprintf("apiVersion: gitsm/v1\nkind: service\nid: %s\ntitle: %[1]s\nowner: %s\ntier: %d\n", id, owner, tier)
}

// window is a freeze of a day.
func window(id string) string {
	return fmt.Sprintf("apiVersion: gitsm/v1\nkind: window\nid: %s\ntitle: %[1]s\ntype: freeze\nstate: active\n"+
		"start: 2026-12-24T00:00:00Z\nduration: 24h\nscope: {all: true}\nowner: person:alice\n", id)
}

func person(id string) string {
	return fmt.Sprintf("apiVersion: gitsm/v1\nkind: person\nid: %s\nname: %[1]s\nemails: [%[1]s@example.org]\n", id)
}

func team(id, members string) string {
	return fmt.Sprintf("apiVersion: gitsm/v1\nkind: team\nid: %s\ntitle: %[1]s\nmembers: [%s]\n", id, members)
}

// change is a normal, scheduled change of a service, requested by alice.
func change(id, service string) string {
	return fmt.Sprintf(`apiVersion: gitsm/v1
kind: change
id: %s
title: Upgrade
type: normal
state: scheduled
requester: alice
services: [%s]
reason: support ends
plan: {backout: restore the snapshot}
`, id, service)
}

// emergency is a change that is being implemented already.
func emergency(id string) string {
	text := strings.NewReplacer("normal", "emergency", "scheduled", "implementing").Replace(change(id, "checkout"))
	return text + "authoriser: carol\nincident: INC-20261120-CCCCCC\nimplementation: {implementer: bob, started_at: 2026-11-20T11:00:00Z}\n"
}

const incident = "incidents/2026/11/INC-20261120-CCCCCC.yaml"

func incidentOf(state string) string {
	return "apiVersion: gitsm/v1\nkind: incident\nid: INC-20261120-CCCCCC\ntitle: Orders fail\nservices: [checkout]\nstate: " + state + "\n"
}

// with returns files with pairs of path and text written over; "" deletes.
func with(files map[string]string, pairs ...string) map[string]string {
	out := maps.Clone(files)
	for i := 0; i < len(pairs); i += 2 {
		if out[pairs[i]] = pairs[i+1]; pairs[i+1] == "" {
			delete(out, pairs[i])
		}
	}
	return out
}

// edited returns files with one text replaced in one of them.
func edited(t testing.TB, files map[string]string, path, old, text string) map[string]string {
	t.Helper()
	if strings.Count(files[path], old) != 1 {
		t.Fatalf("%s holds %q %d times", path, old, strings.Count(files[path], old))
	}
	return with(files, path, strings.Replace(files[path], old, text, 1))
}

// blobs shows files with object ids, as those of a commit have.
type blobs struct{ fstest.MapFS }

func (b blobs) Lstat(name string) (fs.FileInfo, error) {
	info, err := b.MapFS.Lstat(name)
	if f := b.MapFS[name]; err == nil && f != nil {
		return blob{info, oid(f.Data)}, nil
	}
	return info, err
}

type blob struct {
	fs.FileInfo
	id string
}

func (b blob) Sys() any    { return b }
func (b blob) OID() string { return b.id }

func oid(data []byte) string {
	sum := sha1.Sum(data)
	return hex.EncodeToString(sum[:])
}

func open(t testing.TB, files map[string]string) *store.Store {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	s, err := store.Open(blobs{fsys})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// openUnder opens a store that is a directory of its repository.
func openUnder(t testing.TB, dir string, files map[string]string) *store.Store {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[dir+"/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	s, err := store.Open(fsys, store.InDirectory(dir))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func file(path string) decision.File {
	return decision.File{Path: path, Mode: "100644", Blob: oid([]byte(path)), Status: "modified"}
}

// facts are those of a proposal that turns base into head, opened by alice.
func facts(t testing.TB, id string, base, head map[string]string) decision.Facts {
	t.Helper()
	f := decision.Facts{Base: open(t, base), Head: open(t, head), ID: id, Now: noon, Actor: decision.Actor{ID: "alice", Known: true}, Opener: "alice",
		Contributors: []approval.Contributor{{Person: "alice", Who: "Alice", Role: "author", Commit: "1111"}}}
	paths := slices.Sorted(maps.Keys(with(base, pairsOf(head)...)))
	for _, p := range paths {
		if base[p] == head[p] {
			continue
		}
		if k, id, ok := f.Base.Kinds.ByPath(p); ok {
			c := decision.Change{Kind: k, ID: id, Path: p}
			before, found, err := f.Base.At(p)
			if err != nil {
				t.Fatal(err)
			}
			c.Before, c.Unread = before, before == nil && len(found) > 0
			if c.After, c.Broken, err = f.Head.At(p); err != nil {
				t.Fatal(err)
			}
			f.Changes = append(f.Changes, c)
			continue
		}
		x := decision.File{Path: p, Mode: "100644", Blob: oid([]byte(head[p])), Status: "modified"}
		switch {
		case base[p] == "":
			x.Status = "added"
		case head[p] == "":
			x = decision.File{Path: p, Status: "deleted"}
		}
		f.Files = append(f.Files, x)
	}
	return f
}

func pairsOf(files map[string]string) []string {
	var out []string
	for p, text := range files {
		out = append(out, p, text)
	}
	return out
}

// judge decides nearly everything here, so that each policy is compiled once
// and whatever one decision left behind is there for the next.
var judge = decision.NewJudge()

func decide(t testing.TB, f decision.Facts) *decision.Decision {
	t.Helper()
	d, err := judge.Decide(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// approve adds the approval of a person, signed, of what f is now.
func approve(t testing.TB, f *decision.Facts, person string) {
	t.Helper()
	review(t, f, person, approval.Approved, approval.Signed)
}

func review(t testing.TB, f *decision.Facts, person, state, trust string) {
	t.Helper()
	d := decide(t, *f)
	f.Reviews = append(f.Reviews, approval.Review{Person: person, Who: person, State: state, Order: len(f.Reviews) + 1,
		Material: d.Material.SHA256, Excluded: d.Material.Excluded, Trust: trust, Ref: "evidence/" + person})
}

// codes lists the codes of findings, with the file where it is not of A.
func codes(fs []finding.Finding) []string {
	out := []string{}
	for _, f := range fs {
		code := f.Code
		if f.Severity == finding.Warning {
			code += "?"
		}
		if f.File != pathA {
			code += " " + f.File
		}
		out = append(out, code)
	}
	return out
}

// asks lists what is required, and of whom.
func asks(d *decision.Decision) []string {
	out := []string{}
	for _, n := range d.Requirements {
		out = append(out, n.ID+" "+strings.Join(n.From, ","))
	}
	return out
}

// why says what the gate says of somebody whose word was not counted.
func why(d *decision.Decision, person string) string {
	for _, n := range d.Requirements {
		for _, i := range n.Ignored {
			if i.Who == person {
				return i.Why
			}
		}
	}
	return ""
}
