package decision_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/record"
)

// Two records in one proposal need what both need, and an approval covers both.
func TestTwoRecords(t *testing.T) {
	base := scene()
	head := with(base, pathA, change(idA, "search"), pathB, change(idB, "checkout"))
	f := facts(t, idA, base, head)
	approve(t, &f, "bob")
	d := decide(t, f)
	if diff := cmp.Diff([]string{"owner-team-discovery team:discovery", "owner-team-payments team:payments"}, asks(d)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if d.Verdict != approval.Pending { // one human fills one role
		t.Errorf("%s %q", d.Verdict, d.Reasons)
	}
	approve(t, &f, "carol")
	if d := decide(t, f); !d.Allowed() {
		t.Fatalf("%s %q", d.Verdict, d.Reasons)
	}
	for name, head := range map[string]map[string]string{
		"edit of the other":  edited(t, head, pathB, "support ends", "because"),
		"title of the other": edited(t, head, pathB, "Upgrade", "Update"), // what is immaterial of the one is bound of the others
		"edit of the first":  edited(t, head, pathA, "support ends", "because"),
		"other left out":     with(head, pathB, ""),
		"a third":            edited(t, head, "services/orders.yaml", "title: orders", "title: Orders"),
		"a file":             with(head, "deploy.sh", "rm -rf /\n"),
	} {
		g := facts(t, idA, base, head)
		g.Reviews = f.Reviews
		if d := decide(t, g); d.Allowed() || !strings.HasPrefix(why(d, "carol"), "is stale") {
			t.Errorf("%s: %s %q", name, d.Verdict, why(d, "carol"))
		}
	}
	g := facts(t, idA, base, edited(t, head, pathA, "Upgrade", "Update"))
	g.Reviews = f.Reviews
	if d := decide(t, g); !d.Allowed() {
		t.Errorf("title of the first: %s %q", d.Verdict, d.Reasons)
	}
}

// What several records ask for in the same words is asked once, as often as the
// most demanding of them asks: whoever approves the proposal approves them all.
func TestAskedAlike(t *testing.T) {
	const (
		pathC = "changes/2026/11/CHG-20261120-CCCCCC.yaml"
		asked = "package gitsm.change\n\n# METADATA\n# title: reviewers\n# custom: {id: CHG201}\n" +
			`approvals contains {"id": "reviewers", "from": [s.owner], "count": number[s.tier]} if some s in input.services` + "\n\nnumber := {1: 2, 2: 1, 3: 1}\n" +
			"\n# METADATA\n# title: risk\n# custom: {id: CHG100}\nrisk := {\"score\": 1, \"band\": \"low\"}\n"
	)
	base := with(scene(), "policy/change.rego", asked)
	f := facts(t, idA, base, with(base, pathA, change(idA, "orders"), pathB, change(idB, "search"), pathC, change("CHG-20261120-CCCCCC", "orders")))
	if diff := cmp.Diff([]string{"reviewers team:discovery", "reviewers team:payments"}, asks(decide(t, f))); diff != "" {
		t.Errorf("one after another's (-want +got):\n%s", diff)
	}
	f = facts(t, idA, base, with(base, pathA, change(idA, "orders"), pathB, change(idB, "checkout")))
	d := decide(t, f)
	if len(d.Requirements) != 1 || d.Requirements[0].Need != 2 {
		t.Errorf("%d and %v", len(d.Requirements), asks(d))
	}
	f = facts(t, idA, base, with(base, pathA, change(idA, "checkout"), pathB, change(idB, "orders")))
	if d := decide(t, f); len(d.Requirements) != 1 || d.Requirements[0].Need != 2 {
		t.Errorf("the other way round: %d and %v", len(d.Requirements), asks(d))
	}
}

// Who asked for one of the records approves none of them.
func TestRequesterOfTheOther(t *testing.T) {
	base := scene()
	other := strings.Replace(change(idB, "checkout"), "requester: alice", "requester: bob", 1)
	f := facts(t, idA, base, with(base, pathA, change(idA, "checkout"), pathB, other))
	approve(t, &f, "bob")
	if d := decide(t, f); d.Allowed() || !strings.HasPrefix(why(d, "bob"), "requester of "+idB) {
		t.Errorf("%s %q", d.Verdict, why(d, "bob"))
	}
	running := strings.Replace(change(idB, "checkout"), "state: scheduled", "state: implementing\nimplementation: {started_at: 2026-11-20T11:00:00Z, implementer: bob}", 1)
	base = with(base, pathB, change(idB, "checkout"))
	f = facts(t, idA, base, with(base, pathA, change(idA, "checkout"), pathB, running))
	approve(t, &f, "bob")
	if d := decide(t, f); d.Allowed() || why(d, "bob") != "implements this change" {
		t.Errorf("%s %q", d.Verdict, why(d, "bob"))
	}
}

// Writing somebody else's name there does not make the requester an approver.
func TestRequesterChanged(t *testing.T) {
	base := with(scene(), pathA, strings.Replace(change(idA, "checkout"), "requester: alice", "requester: bob", 1))
	f := facts(t, idA, base, with(base, pathA, strings.Replace(change(idA, "checkout"), "support ends", "because", 1)))
	approve(t, &f, "bob")
	if d := decide(t, f); d.Allowed() || !strings.HasPrefix(why(d, "bob"), "requester of "+idA) {
		t.Errorf("%s %q", d.Verdict, why(d, "bob"))
	}
	gone := strings.Replace(change(idA, "checkout"), "requester: alice\n", "requester: carol\n", 1)
	f = facts(t, idA, base, with(base, pathA, gone))
	approve(t, &f, "alice") // opened it
	if d := decide(t, f); d.Allowed() {
		t.Errorf("%s %q", d.Verdict, d.Reasons)
	}
}

func TestImplementerChanged(t *testing.T) {
	running := strings.Replace(change(idA, "checkout"), "state: scheduled", "state: scheduled\nimplementation: {implementer: IMPL}", 1)
	base := with(scene(), pathA, strings.Replace(running, "IMPL", "bob", 1))
	head := with(base, pathA, strings.NewReplacer("IMPL", "carol", "support ends", "because").Replace(running))
	f := facts(t, idA, base, head)
	approve(t, &f, "bob")
	if d := decide(t, f); d.Allowed() || why(d, "bob") != "implements this change" {
		t.Errorf("%s %q", d.Verdict, why(d, "bob"))
	}
}

func TestContributors(t *testing.T) {
	base := scene()
	tests := map[string]struct {
		who  approval.Contributor
		want string
	}{
		"author":    {approval.Contributor{Person: "bob", Role: "author", Commit: "2222"}, "author of 2222: who worked on it does not approve it"},
		"co-author": {approval.Contributor{Person: "bob", Role: "co-author", Commit: "2222"}, "co-author of 2222: who worked on it does not approve it"},
		"unknown":   {approval.Contributor{Who: "Mallory", Role: "author", Commit: "2222"}, ""},
		"a bot":     {approval.Contributor{Who: "updater", Role: "author", Commit: "2222", Bot: true}, ""},
	}
	for name, tt := range tests {
		f := facts(t, idA, base, with(base, pathA, change(idA, "checkout")))
		f.Contributors = append(f.Contributors, tt.who)
		approve(t, &f, "bob")
		d := decide(t, f)
		if d.Allowed() != (name == "a bot") || why(d, "bob") != tt.want {
			t.Errorf("%s: %s %q", name, d.Verdict, why(d, "bob"))
		}
		if name == "unknown" && (len(d.Blockers) != 1 || d.Blockers[0].Who != "Mallory") {
			t.Errorf("blockers %v", d.Blockers)
		}
	}
}

// Records of two kinds may share an id; one of them is what the proposal is
// about, and the other is bound as a file.
func TestSameIDOfTwoKinds(t *testing.T) {
	base := with(scene(), "teams/erin.yaml", team("erin", "erin"))
	head := edited(t, edited(t, base, "people/erin.yaml", "name: erin", "name: Erin"), "teams/erin.yaml", "members: [erin]", "members: [erin, alice]")
	f := facts(t, "erin", base, head)
	approve(t, &f, "dave")
	if d := decide(t, f); !d.Allowed() {
		t.Fatalf("%s %q %v", d.Verdict, d.Reasons, codes(d.Findings))
	}
	g := facts(t, "erin", base, edited(t, head, "teams/erin.yaml", "erin, alice", "erin, alice, bob"))
	g.Reviews = f.Reviews
	if d := decide(t, g); d.Allowed() {
		t.Error("the team changed, and the approval holds")
	}
	if diff := cmp.Diff([]record.File{{Path: "teams/erin.yaml", Mode: "100644", Blob: oid([]byte(head["teams/erin.yaml"]))}}, f.Bound()); diff != "" {
		t.Errorf("bound (-want +got):\n%s", diff)
	}
}

func TestBound(t *testing.T) {
	base := with(scene(), "deploy.sh", "make\n", "old.txt", "x\n")
	head := with(base, pathA, change(idA, "checkout"), "deploy.sh", "make install\n", "old.txt", "", "services/search.yaml", "", "services/orders.yaml", "a: [", "new.txt", "x\n")
	f := facts(t, idA, base, head)
	want := []record.File{
		{Path: "deploy.sh", Mode: "100644", Blob: oid([]byte("make install\n"))},
		{Path: "new.txt", Mode: "100644", Blob: oid([]byte("x\n"))},
		{Path: "old.txt"},
		{Path: "services/orders.yaml"}, // denied, and so of no matter
		{Path: "services/search.yaml"},
	}
	if diff := cmp.Diff(want, f.Bound()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A proposal is about what its branch says, or does not land.
func TestAbout(t *testing.T) {
	base := with(scene(), pathA, change(idA, "checkout"))
	tests := []struct {
		name, id string
		head     map[string]string
		want     []string
	}{
		{"another change", idA, with(base, pathB, change(idB, "search")), []string{"GAT006 " + pathB}},
		{"nothing", idA, base, []string{"GAT006 gitsm.yaml"}},
		{"files alone", idA, with(base, "deploy.sh", "make\n"), []string{"GAT006 deploy.sh"}},
		{"policy alone", idA, edited(t, base, "policy/data.yaml", "low: claimed", "low: observed"), []string{"GAT006 policy/data.yaml"}},
		{"its record and more", idA, with(edited(t, base, pathA, "Upgrade", "Update"), "deploy.sh", "make\n"), []string{}},
		{"store: policy", "", edited(t, base, "policy/data.yaml", "low: claimed", "low: observed"), []string{}},
		{"store: config", "", edited(t, base, "gitsm.yaml", "owners:", "title: Shop\nowners:"), []string{}},
		{"store: catalogue", "", edited(t, base, "services/search.yaml", "tier: 3", "tier: 2"), []string{}},
		{"store: a change", "", edited(t, base, pathA, "Upgrade", "Update"), []string{"GAT006"}},
		{"store: a change beside policy", "", edited(t, with(base, pathB, change(idB, "search")), "policy/data.yaml", "low: claimed", "low: observed"), []string{"GAT006 " + pathB}},
		{"store: nothing", "", base, []string{"GAT007 gitsm.yaml"}},
		{"store: files alone", "", with(base, "deploy.sh", "make\n", "README.md", "x"), []string{"GAT007 README.md"}},
		{"store: a window", "", with(base, "windows/freeze.yaml", window("freeze")), []string{}},
	}
	for _, tt := range tests {
		f := facts(t, tt.id, base, tt.head)
		for _, p := range []string{"bob", "carol", "dave"} {
			approve(t, &f, p)
		}
		d := decide(t, f)
		if diff := cmp.Diff(tt.want, codes(d.Findings)); diff != "" || len(tt.want) > 0 && d.Verdict != approval.Deny {
			t.Errorf("%s: %s (-want +got):\n%s", tt.name, d.Verdict, diff)
		}
	}
}

// What main has already, byte for byte, no proposal can be about: it would land
// nothing, and pass for how the record was put into force.
func TestAboutNothingNew(t *testing.T) {
	base := with(scene(), pathA, change(idA, "checkout"))
	f := facts(t, idA, base, with(edited(t, base, pathA, "Upgrade", "Update"), "deploy.sh", "make\n"))
	if got := codes(decide(t, f).Findings); len(got) > 0 || f.Primary().Stays() {
		t.Errorf("one that changes it: %v", got)
	}
	f.Head = open(t, with(base, "deploy.sh", "make\n"))
	f.Changes[0].After = f.Changes[0].Before
	if got := codes(decide(t, f).Findings); !slices.Equal(got, []string{"GAT006"}) {
		t.Errorf("one that leaves it as it is: %v", got)
	}
	f.Changes[0].OldMode, f.Changes[0].NewMode = "100755", "100644"
	if got := codes(decide(t, f).Findings); len(got) > 0 {
		t.Errorf("one that makes an ordinary file of it: %v", got)
	}
}

// Records are never deleted or renamed, readable or not.
func TestDeletion(t *testing.T) {
	base := with(scene(), pathA, change(idA, "checkout"), "services/broken.yaml", "a: [")
	tests := []struct {
		name, id string
		head     map[string]string
		want     []string
	}{
		{"change", idA, with(base, pathA, ""), []string{"LIF003"}},
		{"service", "search", with(base, "services/search.yaml", ""), []string{"LIF003 services/search.yaml"}},
		{"person", "erin", with(base, "people/erin.yaml", ""), []string{"REF001 teams/hr.yaml", "LIF003 people/erin.yaml"}},
		{"unreadable", "broken", with(base, "services/broken.yaml", ""), []string{"LIF003 services/broken.yaml"}},
		{"renamed", "search", with(base, "services/search.yaml", "", "services/find.yaml", service("find", "team:discovery", 3)), []string{"LIF003 services/search.yaml"}},
		{"moved", idA, with(base, pathA, "", "changes/2026/12/"+idA+".yaml", base[pathA]), []string{"LIF003", "STO003 changes/2026/12/" + idA + ".yaml"}},
		{"id changed inside", "search", edited(t, base, "services/search.yaml", "id: search", "id: find"), []string{"LIF005 services/search.yaml", "SCH006 services/search.yaml"}},
		{"turned unreadable", "search", with(base, "services/search.yaml", "a: ["), []string{"YML001 services/search.yaml"}},
	}
	for _, tt := range tests {
		f := facts(t, tt.id, base, tt.head)
		for _, p := range []string{"bob", "carol", "dave"} {
			approve(t, &f, p)
		}
		d := decide(t, f)
		got := codes(d.Findings)
		slices.Sort(got)
		slices.Sort(tt.want)
		for i := range got {
			if strings.HasPrefix(got[i], "YML") && i < len(tt.want) {
				got[i] = tt.want[i]
			}
		}
		got = slices.DeleteFunc(got, func(c string) bool { return strings.HasPrefix(c, "GAT008") })
		if diff := cmp.Diff(tt.want, got); diff != "" || d.Verdict != approval.Deny {
			t.Errorf("%s: %s (-want +got):\n%s", tt.name, d.Verdict, diff)
		}
	}
}

// What is only somewhere else is not told to be retired.
func TestMovedRecord(t *testing.T) {
	const asset = "apiVersion: gitsm/v1\nkind: asset\nid: db-1\ntitle: Database\ntype: database\nowner: team:discovery\n"
	base := with(scene(), "assets/fra/db-1.yaml", asset)
	for head, want := range map[string]string{
		"assets/ams/db-1.yaml": "asset db-1 moves from assets/fra/db-1.yaml to assets/ams/db-1.yaml; move it back to assets/fra/db-1.yaml: a record stays in the file that it was filed in",
		"assets/ams/db-2.yaml": "asset db-1 is deleted; restore the file and write state: retired",
	} {
		id := strings.TrimSuffix(path.Base(head), ".yaml")
		d := decide(t, facts(t, "db-1", base, with(base, "assets/fra/db-1.yaml", "", head, strings.ReplaceAll(asset, "db-1", id))))
		i := slices.IndexFunc(d.Findings, func(f finding.Finding) bool { return f.Code == "LIF003" })
		if i < 0 || d.Findings[i].Message+"; "+d.Findings[i].Fix != want {
			t.Errorf("%s: %v", head, d.Findings)
		}
	}
}

// Mending a record that main has unreadable is filing it anew, with all that
// filing needs.
func TestMending(t *testing.T) {
	base := with(scene(), pathA, "a: [")
	f := facts(t, idA, base, with(base, pathA, change(idA, "checkout")))
	if d := decide(t, f); d.Verdict != approval.Pending || d.Verb != "new" || len(d.Requirements) != 1 {
		t.Errorf("%s %s %v", d.Verdict, d.Verb, asks(d))
	}
}

// Who owns an unreadable service, and what depends on it, is not known.
func TestUnreadableCatalogue(t *testing.T) {
	base := with(scene(), "services/broken.yaml", "a: [", "assets/fra/broken.yaml", "a: [", "services/README.yml", "x: 1\n")
	f := facts(t, idA, base, with(base, pathA, change(idA, "checkout")))
	approve(t, &f, "bob")
	want := []string{"GAT008 assets/fra/broken.yaml", "GAT008 services/broken.yaml"}
	d := decide(t, f)
	if diff := cmp.Diff(want, codes(d.Findings)); diff != "" || d.Verdict != approval.Deny {
		t.Errorf("%s (-want +got):\n%s", d.Verdict, diff)
	}
	f = facts(t, "broken", base, with(base, "services/broken.yaml", service("broken", "team:payments", 1)))
	if d := decide(t, f); !d.Allowed() { // no package judges services, so mending one is free
		t.Errorf("%s %v", d.Verdict, codes(d.Findings))
	}
	f = facts(t, idA, base, with(base, pathA, change(idA, "broken"), "services/broken.yaml", service("broken", "team:payments", 1)))
	if d := decide(t, f); d.Allowed() {
		t.Error("a change of a service that main cannot read")
	}
}

// Files that nothing would ever read are told as check would.
func TestStrayFiles(t *testing.T) {
	base := scene()
	head := with(base, pathA, change(idA, "checkout"), "changes/"+idB+".yaml", change(idB, "checkout"), "services/x.yml", "a: 1\n", "services/README.md", "fine\n", "docs/x.yaml", "a: 1\n",
		"incidents", "a file\n")
	d := decide(t, facts(t, idA, base, head))
	want := []string{"STO003 changes/" + idB + ".yaml", "STO005 incidents", "STO003 services/x.yml"}
	if diff := cmp.Diff(want, codes(d.Findings)); diff != "" || d.Verdict != approval.Deny {
		t.Errorf("%s (-want +got):\n%s", d.Verdict, diff)
	}
}

// What a proposal breaks in records it leaves alone is its doing.
func TestRepercussions(t *testing.T) {
	base := with(scene(), "services/cart.yaml", service("cart", "team:payments", 2)+"depends_on: [search]\n")
	head := edited(t, base, "services/search.yaml", "tier: 3\n", "tier: 3\nstate: retired\n")
	if d := decide(t, facts(t, "search", base, head)); d.Verdict != approval.Deny || !slices.Contains(codes(d.Findings), "REF003 services/cart.yaml") {
		t.Errorf("retired: %s %v", d.Verdict, codes(d.Findings))
	}
	head = edited(t, base, "services/search.yaml", "tier: 3\n", "tier: 3\ndepends_on: [cart]\n")
	if d := decide(t, facts(t, "search", base, head)); d.Verdict != approval.Deny || !strings.Contains(strings.Join(codes(d.Findings), " "), "REF004") {
		t.Errorf("circle: %s %v", d.Verdict, codes(d.Findings))
	}
}

// Facts are the caller's and stay as they were.
func TestDecideLeavesFactsAlone(t *testing.T) {
	base := with(scene(), "gitsm.yaml", config+kinds, "schema/risk.json", riskSchema, "risks/flood.yaml", "title: Flood\nstate: raised\n")
	f := facts(t, "flood", base, with(base, "risks/flood.yaml", "title: Flood\nstate: over\n"))
	kind := f.Changes[0].After.Kind
	contributors := f.Contributors
	decide(t, f)
	if f.Changes[0].After.Kind != kind || len(f.Contributors) != len(contributors) {
		t.Error("the facts were changed")
	}
	if (&decision.Facts{ID: "x"}).Primary() != nil {
		t.Error("nothing is about x")
	}
}
