package decision_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
)

func TestOwners(t *testing.T) {
	base := with(scene(), "gitsm.yaml", config+strings.Replace(kinds, "schema/risk.json", "schema/risk.json\n    'owners': [team:hr]", 1),
		"schema/risk.json", strings.Replace(riskSchema, `"minLength": 5`, `"$ref": "part.json"`, 1), "schema/part.json", "{}", "windows/freeze.yaml", window("freeze"), "docs/policy/x.rego", "package x\n")
	tests := []struct {
		name, id string
		head     map[string]string
		want     []string
	}{
		{"policy", "", edited(t, base, "policy/data.yaml", "low: claimed", "low: observed"), []string{"owners-policy team:platform"}},
		{"policy test", "", with(base, "policy/x_test.rego", "package x_test\n\ntest_x if true\n"), []string{"owners-policy team:platform"}},
		{"policy notes", "", with(base, "policy/README.md", "x\n"), []string{"owners-policy team:platform"}},
		{"policy deleted", "", with(base, "policy/data.yaml", ""), []string{"owners-policy team:platform"}},
		{"config", "", edited(t, base, "gitsm.yaml", "owners:", "title: Shop\nowners:"), []string{"owners-config team:platform"}},
		{"person", "erin", edited(t, base, "people/erin.yaml", "name: erin", "name: Erin"), []string{"owners-people team:hr"}},
		{"newcomer", "frank", with(base, "people/frank.yaml", person("frank")), []string{"owners-people team:hr"}},
		{"team", "hr", edited(t, base, "teams/hr.yaml", "dave, erin", "dave"), []string{"owners-people team:hr"}},
		{"all at once", "hr", edited(t, edited(t, edited(t, base, "teams/hr.yaml", "dave, erin", "dave"), "gitsm.yaml", "owners:", "title: Shop\nowners:"),
			"policy/data.yaml", "low: claimed", "low: observed"), []string{"owners-config team:platform", "owners-people team:hr", "owners-policy team:platform"}},
		{"window, of which nobody is owner", "freeze", edited(t, base, "windows/freeze.yaml", "title: freeze", "title: Freeze"), []string{"owners-windows "}},
		{"notes beside windows", "", with(base, "windows/notes.txt", "x\n"), []string{"owners-windows "}},
		{"a record of somebody's kind", "flood", with(base, "risks/flood.yaml", "title: Floods\n"), []string{"owners-of-risk team:hr"}},
		{"a schema", "", with(base, "schema/risk.json", riskSchema+"\n"), []string{"owners-config team:platform"}},
		{"part of a schema", "", with(base, "schema/part.json", "{\n}"), []string{"owners-config team:platform"}},
		{"a service", "search", edited(t, base, "services/search.yaml", "title: search", "title: Search"), []string{}},
		{"elsewhere", "search", edited(t, with(base, "docs/policy/x.rego", "package y\n", "people.yaml", "x: 1\n"), "services/search.yaml", "title: search", "title: Search"), []string{}},
	}
	for _, tt := range tests {
		f := facts(t, tt.id, base, tt.head)
		f.Opener, f.Contributors, f.Actor.ID = "bob", nil, "bob"
		d := decide(t, f)
		if diff := cmp.Diff(tt.want, asks(d)); diff != "" || len(d.Findings) > 0 {
			t.Errorf("%s: %v (-want +got):\n%s", tt.name, codes(d.Findings), diff)
		}
		if (len(tt.want) == 0) != d.Allowed() || d.Verdict == approval.Deny {
			t.Errorf("%s: %s", tt.name, d.Verdict)
		}
		// while the store bootstraps nobody owns these yet
		young := func(files map[string]string) map[string]string {
			return with(files, "gitsm.yaml", files["gitsm.yaml"]+"bootstrap: true\n")
		}
		f = facts(t, tt.id, young(base), young(tt.head))
		if d := decide(t, f); !d.Allowed() || len(d.Requirements) > 0 {
			t.Errorf("%s while bootstrapping: %s %v", tt.name, d.Verdict, asks(d))
		}
	}
}

// A waiver lets a change pass, so bootstrap does not free it.
func TestWaiverWhileBootstrapping(t *testing.T) {
	base := with(scene(), "gitsm.yaml", config+"bootstrap: true\n")
	for path, text := range map[string]string{"waivers/notes.txt": "x\n", "exceptions/notes.txt": "x\n"} {
		d := decide(t, facts(t, "", base, with(base, path, text, "policy/data.yaml", data+"\n")))
		if diff := cmp.Diff([]string{"owners-waivers "}, asks(d)); diff != "" || d.Allowed() {
			t.Errorf("%s: %s (-want +got):\n%s", path, d.Verdict, diff)
		}
		if msg := d.Requirements[0].Msg; !strings.Contains(msg, "names nobody who could approve it: gitsm config edit") {
			t.Errorf("%s: %s", path, msg)
		}
	}
}

// Changes are approved as ever while the rest bootstraps.
func TestChangeWhileBootstrapping(t *testing.T) {
	base := with(scene(), "gitsm.yaml", config+"bootstrap: true\n")
	f := facts(t, idA, base, with(base, pathA, change(idA, "checkout")))
	if d := decide(t, f); d.Verdict != approval.Pending || len(d.Requirements) != 1 {
		t.Errorf("%s %v", d.Verdict, asks(d))
	}
}

// A store in a directory of its repository guards its own files and no others.
func TestOwnersInDirectory(t *testing.T) {
	f := filed(t)
	f.ID, f.Changes = "", nil
	for path, want := range map[string]string{"policy/data.yaml": "GAT007", "ops/policy/data.yaml": "owners-policy", "gitsm.yaml": "GAT007", "ops/windows/x.yaml": "owners-windows"} {
		g := f
		g.Files = nil
		g.Base, g.Head = openUnder(t, "ops", scene()), openUnder(t, "ops", scene())
		g.Files = append(g.Files, file(path))
		d := decide(t, g)
		got := strings.Join(append(codes(d.Findings), asks(d)...), " ")
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// On GitHub the gate is asked about every pull request: what decides about the
// gate itself is config's, what lies beside the store is not the store's, and of
// the rest of it somebody is asked.
func TestOtherFilesOnGitHub(t *testing.T) {
	hub := with(scene(), "gitsm.yaml", config+"forge: github\n")
	young := with(scene(), "gitsm.yaml", config+"forge: github\nbootstrap: true\n")
	tests := []struct {
		name, dir string
		base      map[string]string
		files     []string
		want      []string // findings and requirements
		verdict   approval.Verdict
	}{
		{"workflow of a store alone", "", hub, []string{".github/workflows/ci.yml"}, []string{"owners-config"}, approval.Pending},
		{"the rest of a store alone", "", hub, []string{"README.md"}, []string{"owners-config"}, approval.Pending},
		{"gate's workflow beside other things", "ops", hub, []string{".github/workflows/gitsm-gate.yml"}, []string{"owners-config"}, approval.Pending},
		{"CODEOWNERS beside other things", "ops", hub, []string{".github/CODEOWNERS", "src/main.go"}, []string{"owners-config"}, approval.Pending},
		{"CODEOWNERS at the top", "ops", hub, []string{"CODEOWNERS"}, []string{"owners-config"}, approval.Pending},
		{"others' workflow", "ops", hub, []string{".github/workflows/ci.yml", "src/main.go"}, nil, approval.Allow},
		{"the store's page", "ops", hub, []string{"ops/README.md", "src/main.go"}, []string{"owners-config"}, approval.Pending},
		{"policy as ever", "ops", hub, []string{"ops/policy/data.yaml", "src/main.go"}, []string{"owners-policy"}, approval.Pending},
		{"nothing", "ops", hub, nil, []string{"GAT007"}, approval.Deny},
		{"bootstrap", "", young, []string{"README.md", ".github/workflows/ci.yml"}, nil, approval.Allow},
		{"git alone", "", scene(), []string{".github/workflows/ci.yml"}, []string{"GAT007"}, approval.Deny},
	}
	for _, tt := range tests {
		f := facts(t, "", tt.base, tt.base)
		if tt.dir != "" {
			f.Base, f.Head = openUnder(t, tt.dir, tt.base), openUnder(t, tt.dir, tt.base)
		}
		for _, p := range tt.files {
			f.Files = append(f.Files, file(p))
		}
		d := decide(t, f)
		var got []string
		for _, s := range append(codes(d.Findings), asks(d)...) {
			got = append(got, strings.Fields(s)[0])
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || d.Verdict != tt.verdict {
			t.Errorf("%s: %s (-want +got):\n%s", tt.name, d.Verdict, diff)
		}
	}
}

// What nobody judges lands with what nobody is asked about no more easily than
// alone; whoever is asked about a record is asked about the files beside it.
func TestFilesBesideRecords(t *testing.T) {
	hub := with(scene(), "gitsm.yaml", config+"forge: github\n")
	opened := with(hub, incident, incidentOf("open"))
	tests := []struct {
		name, id string
		head     map[string]string
		files    []string
		want     []string
	}{
		{"an incident and a script", "INC-20261120-CCCCCC", opened, []string{"tools/deploy.sh"}, []string{"owners-config team:platform"}},
		{"an incident alone", "INC-20261120-CCCCCC", opened, nil, []string{}},
		{"an emergency and its fix", idA, with(hub, pathA, emergency(idA), incident, incidentOf("open")), []string{"deploy/proxy.yaml"}, []string{}},
		{"a change and its runbook", idA, with(hub, pathA, change(idA, "checkout")), []string{"runbooks/upgrade.md"}, []string{"owner-team-payments team:payments"}},
	}
	for _, tt := range tests {
		f := facts(t, tt.id, hub, tt.head)
		for _, p := range tt.files {
			f.Files = append(f.Files, file(p))
		}
		if diff := cmp.Diff(tt.want, asks(decide(t, f))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	running := strings.Replace(change(idA, "checkout"), "scheduled", "implementing", 1) + "implementation: {implementer: alice, started_at: 2026-11-20T11:00:00Z}\n"
	f := facts(t, idA, with(hub, pathA, change(idA, "checkout")), with(hub, pathA, running))
	f.Files = []decision.File{file("tools/deploy.sh")}
	if diff := cmp.Diff([]string{"owners-config team:platform"}, asks(decide(t, f))); diff != "" {
		t.Errorf("a step of a change (-want +got):\n%s", diff)
	}
	f = facts(t, "INC-20261120-CCCCCC", hub, opened)
	f.Base, f.Head = openUnder(t, "ops", hub), openUnder(t, "ops", opened)
	f.Files = []decision.File{file("src/main.go")}
	if d := decide(t, f); !d.Allowed() {
		t.Errorf("an incident and what is not the store's: %s %v", d.Verdict, asks(d))
	}
}

func TestConfigSteps(t *testing.T) {
	young, grown := config+"bootstrap: true\n", config
	tests := []struct {
		name, was, is string
		want          []string
	}{
		{"grows up", young, grown, []string{}},
		{"stays young", young, young + "title: Shop\n", []string{}},
		{"young again", grown, young, []string{"GAT001 gitsm.yaml"}},
		{"simulates", grown, grown + "simulation: true\n", []string{"GAT002 gitsm.yaml"}},
		{"no longer simulates", grown + "simulation: true\n", grown, []string{}},
		{"without owners", young, "apiVersion: gitsm/v1\nkind: config\n", []string{"GAT005 gitsm.yaml", "GAT005 gitsm.yaml", "GAT005 gitsm.yaml"}},
		{"without some owners", young, strings.Replace(grown, `people: ["team:hr"], `, "", 1), []string{"GAT005 gitsm.yaml"}},
		{"owners taken away later", grown, strings.Replace(grown, `["team:hr"]`, "[]", 1), []string{}}, // asked of the owners of config
		{"owners there are not", grown, strings.Replace(grown, "team:hr", "team:hrr", 1), []string{"REF001 gitsm.yaml"}},
		{"main renamed", grown, grown + "main_branch: trunk\n", []string{"GAT009 gitsm.yaml"}},
		{"main renamed while young", young, young + "main_branch: trunk\n", []string{"GAT009 gitsm.yaml"}},
		{"bad id", grown, grown + "id: The shop\n", []string{"SCH005 gitsm.yaml"}},
	}
	for _, tt := range tests {
		base := with(scene(), "gitsm.yaml", tt.was)
		d := decide(t, facts(t, "", base, with(base, "gitsm.yaml", tt.is)))
		if diff := cmp.Diff(tt.want, codes(d.Findings)); diff != "" || (d.Verdict == approval.Deny) != (len(tt.want) > 0) {
			t.Errorf("%s: %s (-want +got):\n%s", tt.name, d.Verdict, diff)
		}
	}
}

// Ending bootstrap takes two people an approval could be attributed to.
func TestEndOfBootstrapNeedsTwo(t *testing.T) {
	alone := with(scene(), "gitsm.yaml", "apiVersion: gitsm/v1\nkind: config\nowners: {policy: [person:alice], people: [person:alice], config: [person:alice]}\nbootstrap: true\n",
		"services/search.yaml", "", "teams/discovery.yaml", "", "teams/platform.yaml", "", "teams/hr.yaml", "", "teams/payments.yaml", team("payments", "alice"))
	for _, p := range []string{"bob", "carol", "dave", "erin"} {
		alone = with(alone, "people/"+p+".yaml", "")
	}
	second := func(text string) map[string]string { return with(alone, "people/bob.yaml", text) }
	for name, tt := range map[string]struct {
		files map[string]string
		ok    bool
	}{
		"alone":           {alone, false},
		"two":             {second(person("bob")), true},
		"inactive":        {second(person("bob") + "active: false\n"), false},
		"nothing to hold": {second("apiVersion: gitsm/v1\nkind: person\nid: bob\nname: Bob\n"), false},
		"unreadable":      {second("a: ["), false},
	} {
		// a person who comes with the very proposal counts, as they are there once it landed
		head := with(tt.files, "gitsm.yaml", strings.Replace(tt.files["gitsm.yaml"], "bootstrap: true\n", "", 1))
		d := decide(t, facts(t, "", alone, head))
		if strings.Contains(strings.Join(codes(d.Findings), " "), "GAT004") == tt.ok {
			t.Errorf("%s: %v", name, codes(d.Findings))
		}
	}
}

// A store that comes of age must still be one that can be changed: of each key
// somebody can approve, who is not the one that proposes.
func TestEndOfBootstrapLeavesOwners(t *testing.T) {
	const owners = "apiVersion: gitsm/v1\nkind: config\nowners: {policy: [team:platform], people: [%], config: [team:platform]}\n"
	for name, tt := range map[string]struct {
		people string // owners.people
		files  []string
		want   string // what is said, "" for nothing
	}{
		"a team":                 {"team:hr", nil, ""},
		"nobody of it is active": {"team:hr", []string{"people/dave.yaml", person("dave") + "active: false\n", "people/erin.yaml", person("erin") + "active: false\n"}, "nobody of owners.people (team:hr) is active and can approve"},
		"a team that is gone":    {"team:hr", []string{"teams/hr.yaml", team("hr", "dave, erin") + "active: false\n"}, "nobody of owners.people (team:hr)"},
		"who cannot be told":     {"person:dave", []string{"people/dave.yaml", "apiVersion: gitsm/v1\nkind: person\nid: dave\nname: Dave\n"}, "nobody of owners.people (person:dave)"},
		"another alone":          {"person:dave", nil, ""},
		"who proposes, alone":    {"person:bob", nil, "only bob can approve, who proposes this"},
		"who proposes, and one":  {"person:bob, person:dave", nil, ""},
		"twice the same":         {"person:bob, person:bob", nil, "only bob can approve"},
	} {
		is := strings.Replace(owners, "%", tt.people, 1)
		base := with(with(scene(), tt.files...), "gitsm.yaml", is+"bootstrap: true\n")
		f := facts(t, "", base, with(base, "gitsm.yaml", is))
		f.Opener = "bob"
		var got []string
		for _, x := range decide(t, f).Findings {
			if x.Code == "GAT005" {
				got = append(got, x.Message)
			}
		}
		if (tt.want == "") != (len(got) == 0) || !strings.Contains(strings.Join(got, "\n"), tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// A policy that could judge nothing, not even what mends it, does not land.
func TestPolicySteps(t *testing.T) {
	base := scene()
	tests := []struct {
		name string
		head map[string]string
		want []string
	}{
		{"sound", edited(t, base, "policy/change.rego", "points\": 10", "points\": 20"), []string{}},
		{"broken", edited(t, base, "policy/change.rego", "risk := {", "risk := {{"), []string{"POL001 policy/change.rego"}},
		{"misspelt field", edited(t, base, "policy/change.rego", "record.reason", "record.raeson"), []string{"POL003 policy/change.rego"}},
		{"misspelt elsewhere", with(base, "policy/x.rego", "package gitsm.chnage\n\ndeny contains \"x\" if true\n"), []string{"POL"}},
		{"gone", with(base, "policy/change.rego", "", "policy/data.yaml", ""), []string{"GAT010 policy"}},
		{"no rule for changes", with(base, "policy/change.rego", "", "policy/incident.rego", "package gitsm.incident\n\n# METADATA\n# title: x\n# custom: {id: INC900}\ndeny contains \"x\" if input.record.state == \"open\"\n"),
			[]string{"GAT010 policy"}},
		{"broken data", edited(t, base, "policy/data.yaml", "config:", "config: ["), []string{"YML"}},
		{"two keys", with(base, "policy/data.yaml", data+"gitsm: {}\n"), []string{"POL012 policy/data.yaml"}},
	}
	for _, tt := range tests {
		f := facts(t, "", base, tt.head)
		f.Opener, f.Contributors = "", nil
		approve(t, &f, "carol")
		d := decide(t, f)
		got := codes(d.Findings)
		if (len(got) == 0) != (len(tt.want) == 0) || d.Allowed() != (len(tt.want) == 0) {
			t.Errorf("%s: %s %v, want %v", tt.name, d.Verdict, got, tt.want)
			continue
		}
		if len(tt.want) > 0 && !strings.HasPrefix(got[0], tt.want[0]) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestConfigDeleted(t *testing.T) {
	f := filed(t)
	gone := file("gitsm.yaml")
	gone.Status, gone.Blob, gone.Mode = "deleted", "", ""
	f.Files = append(f.Files, gone)
	if d := decide(t, f); d.Verdict != approval.Deny || !strings.Contains(strings.Join(codes(d.Findings), " "), "GAT003 gitsm.yaml") {
		t.Errorf("%s %v", d.Verdict, codes(d.Findings))
	}
}

// Of a service that main has and nobody can read, nobody knows whose it was: who
// takes its place is not for its new owner alone to say.
func TestUnreadOnMain(t *testing.T) {
	const owned = "package gitsm.service\n\n# METADATA\n# title: the owner approves\n# custom: {id: SVC201}\n" +
		`approvals contains {"id": "owner", "from": [object.get(input, ["before", "owner"], input.record.owner)], "count": 1}` + "\n"
	base := with(scene(), "policy/service.rego", owned)
	head := with(base, "services/checkout.yaml", service("checkout", "person:erin", 4))
	tests := []struct {
		name string
		base map[string]string
		want []string
	}{
		{"read", base, []string{"owner team:payments"}},
		{"unread", with(base, "services/checkout.yaml", "owner: team:payments\nowner: team:payments\n"), []string{"owner person:erin", "owners-config team:platform"}},
		{"new", with(base, "services/checkout.yaml", ""), []string{"owner person:erin"}},
		{"unread while the store bootstraps", with(base, "services/checkout.yaml", "a: [", "gitsm.yaml", config+"bootstrap: true\n"), []string{}},
	}
	for _, tt := range tests {
		f := facts(t, "checkout", tt.base, with(head, "gitsm.yaml", tt.base["gitsm.yaml"]))
		d := decide(t, f)
		if diff := cmp.Diff(tt.want, asks(d)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
