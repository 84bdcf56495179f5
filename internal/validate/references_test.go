package validate_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/graph"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/validate"
)

func TestSceneRefers(t *testing.T) {
	s, v := open(t), validate.New()
	for file := range scene {
		if file == "gitsm.yaml" {
			continue
		}
		got, err := v.References(s, at(t, s, file))
		if err != nil || len(got) > 0 {
			t.Errorf("%s: %v, %v", file, lines(got), err)
		}
	}
	if got, err := v.ConfigReferences(s); err != nil || len(got) > 0 {
		t.Errorf("gitsm.yaml: %v, %v", lines(got), err)
	}
}

func TestReferences(t *testing.T) {
	tests := []struct {
		name      string
		file      string
		edits     []edit
		want, fix []string
	}{
		{"REF001 in a list", changeFile, []edit{{changeFile, "[checkout]", "[search, chekcout]"}},
			[]string{`8:20-28 REF001 no service is called "chekcout", did you mean checkout?`},
			[]string{"gitsm change edit 7k3f2m --set 'services=[search, checkout]'"}},
		{"REF001 in a field", changeFile, []edit{{changeFile, "requester: alice", "requester: alcie"}},
			[]string{`7:12-17 REF001 no person is called "alcie", did you mean alice?`},
			[]string{"gitsm change edit 7k3f2m --set requester=alice"}},
		{"REF001 with its kind", "services/search.yaml", []edit{{"services/search.yaml", "person:alice", "person:alic"}},
			[]string{`5:8-19 REF001 no person is called "alic", did you mean alice?`},
			[]string{"gitsm service edit search --set owner=person:alice"}},
		{"REF001 in a group", "services/checkout.yaml", []edit{{"services/checkout.yaml", "db-2", "db-3"}},
			[]string{`7:43-47 REF001 no service or asset is called "db-3", did you mean db-1?`},
			[]string{"write db-1 in services/checkout.yaml"}},
		{"REF001 like nothing", changeFile, []edit{{changeFile, "[checkout]", "[warehouse]"}},
			[]string{`8:12-21 REF001 no service is called "warehouse"`},
			[]string{"correct it, or file what is missing first; gitsm service list shows what there is"}},
		{"REF001 dated", incidentFile, []edit{{incidentFile, "CHG-20261120-7K3F2M", "CHG-20261120-7K3F2N"}},
			[]string{`12:12-31 REF001 no change is called "CHG-20261120-7K3F2N", did you mean CHG-20261120-7K3F2M?`},
			[]string{"gitsm incident edit 0a1b2c --set caused_by=CHG-20261120-7K3F2M"}},
		{"REF001 of a record that is over as well", incidentFile, []edit{{incidentFile, "state: resolved", "state: closed"}, {incidentFile, "[checkout]", "[warehouse]"}},
			[]string{`5:12-21 REF001 no service is called "warehouse"`}, nil},
		{"malformed ids are the schema's business", changeFile, []edit{{changeFile, "requester: alice", "requester: Alice D."}}, nil, nil},
		{"a file that cannot be read is there", changeFile, []edit{{"services/search.yaml", "", "{"}, {changeFile, "[checkout]", "[search]"}}, nil, nil},
		{"a dated one that cannot be read is there", incidentFile, []edit{{changeFile, "", "{"}}, nil, nil},
		{"REF002 another kind", changeFile, []edit{{changeFile, "[checkout]", "[db-1]"}},
			[]string{`8:12-16 REF002 "db-1" is an asset, and services[0] names services`}, []string{"move it to assets"}},
		{"REF002 nowhere to move it", changeFile, []edit{{changeFile, "[db-1]", "[payments]"}},
			[]string{`9:10-18 REF002 "payments" is a team, and assets[0] names assets`}, []string{"move it to owner"}},
		{"REF002 ambiguous", "services/search.yaml", []edit{{"people/payments.yaml", "", "apiVersion: gitsm/v1\nkind: person\nid: payments\nname: P\n"},
			{"services/search.yaml", "person:alice", "payments"}},
			[]string{`5:8-16 REF002 "payments" could be a team or a person`}, []string{"write team:payments or person:payments"}},
		{"a kind said is not ambiguous", "services/checkout.yaml", []edit{{"people/payments.yaml", "", "apiVersion: gitsm/v1\nkind: person\nid: payments\nname: P\n"}}, nil, nil},
		{"REF003 person", changeFile, []edit{{"people/alice.yaml", "name: Alice", "name: Alice\nactive: false"}},
			[]string{`7:12-17 REF003 person alice is no longer active`}, nil},
		{"REF003 team", "services/checkout.yaml", []edit{{"teams/payments.yaml", "title: Payments", "title: Payments\nactive: false"}},
			[]string{`5:8-21 REF003 team payments is no longer active`}, nil},
		{"REF003 service", changeFile, []edit{{"services/checkout.yaml", "tier: 1", "tier: 1\nstate: retired"}},
			[]string{`8:12-20 REF003 service checkout is retired`}, nil},
		{"REF003 asset", "services/checkout.yaml", []edit{{"assets/db-1.yaml", "type: database", "type: database\nstate: retired"}},
			[]string{`7:37-41 REF003 asset db-1 is retired`}, nil},
		{"REF003 under way is a warning", changeFile, []edit{{"people/alice.yaml", "name: Alice", "name: Alice\nactive: false"}, {changeFile, "scheduled", "implementing"}},
			[]string{`7:12-17 warning REF003 person alice is no longer active`}, nil},
		{"no REF003 once it is over", changeFile, []edit{{"people/alice.yaml", "name: Alice", "name: Alice\nactive: false"}, {changeFile, "scheduled", "closed"}}, nil, nil},
		{"no REF003 from what is retired itself", "services/checkout.yaml", []edit{{"teams/payments.yaml", "title: Payments", "title: Payments\nactive: false"},
			{"services/checkout.yaml", "tier: 1", "tier: 1\nstate: retired"}}, nil, nil},
		{"active: true is in force", changeFile, []edit{{"people/alice.yaml", "name: Alice", "name: Alice\nactive: true"}}, nil, nil},
		{"REF005 address in other case", "people/bob.yaml", []edit{{"people/bob.yaml", "bob@example.org", "Alice@Example.org"}},
			[]string{`5:10-27 REF005 the address "Alice@Example.org" is also that of alice`}, nil},
		{"REF005 seen from the other side", "people/alice.yaml", []edit{{"people/bob.yaml", "bob@example.org", "Alice@Example.org"}},
			[]string{`5:10-27 REF005 the address "alice@example.org" is also that of bob`}, nil},
		{"REF005 key with another comment", "people/bob.yaml", []edit{{"people/bob.yaml", "name: Bob", "name: Bob\nsigning_keys: [{key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO7CgQPl9ZGym6Nz4Ez1PfYVUHcE0RX1KaGptgNEhz8u bob}]"}},
			[]string{`5:22-106 REF005 this signing key is also that of alice`}, nil},
		{"REF005 account", "people/bob.yaml", []edit{{"people/bob.yaml", "name: Bob", "name: Bob\ngithub: {login: Alice-Doe, id: 4711}"}},
			[]string{`5:17-26 REF005 the GitHub login "Alice-Doe" is also that of alice`, `5:32-36 REF005 the GitHub id 4711 is also that of alice`}, nil},
		{"one person may say a thing twice", "people/bob.yaml", []edit{{"people/bob.yaml", "[bob@example.org]", "[bob@example.org, Bob@example.org]"}}, nil, nil},
		{"REF006 two directories", "assets/db-1.yaml", []edit{{"assets/ham/db-1.yaml", "", "apiVersion: gitsm/v1\nkind: asset\nid: db-1\ntitle: T\ntype: host\nowner: team:payments\n"}},
			[]string{`3:1-3 REF006 "db-1" is also the id of assets/ham/db-1.yaml`}, nil},
		{"REF006 service and asset", "services/search.yaml", []edit{{"assets/search.yaml", "", "apiVersion: gitsm/v1\nkind: asset\nid: search\ntitle: T\ntype: host\nowner: team:payments\n"}},
			[]string{`3:1-3 REF006 "search" is also the id of assets/search.yaml`}, nil},
		{"REF006 letter case", "assets/db-1.yaml", []edit{{"assets/DB-1.yaml", "", "apiVersion: gitsm/v1\nkind: asset\nid: DB-1\ntitle: T\ntype: host\nowner: team:payments\n"}},
			[]string{`3:1-3 REF006 "db-1" differs from assets/DB-1.yaml in letter case alone`}, nil},
		{"STO006 directory in other case", "assets/fra/db-2.yaml", []edit{{"assets/FRA/db-3.yaml", "", "apiVersion: gitsm/v1\nkind: asset\nid: db-3\ntitle: T\ntype: host\nowner: team:payments\n"}},
			[]string{`1:1-1 STO006 assets/fra differs from assets/FRA in letter case alone`}, nil},
		{"STO006 above the record, once", "assets/eu/fra/db-4.yaml", []edit{
			{"assets/EU/FRA/db-3.yaml", "", "apiVersion: gitsm/v1\nkind: asset\nid: db-3\ntitle: T\ntype: host\nowner: team:payments\n"},
			{"assets/eu/fra/db-4.yaml", "", "apiVersion: gitsm/v1\nkind: asset\nid: db-4\ntitle: T\ntype: host\nowner: team:payments\n"}},
			[]string{`1:1-1 STO006 assets/eu differs from assets/EU in letter case alone`}, nil},
		{"REF007 in a list", changeFile, []edit{{"services/checkout.yaml", "tier: 1", "tier: 1\naliases: [shop]"}, {changeFile, "[checkout]", "[search, shop]"}},
			[]string{`8:20-24 REF007 "shop" is an alias of service checkout, and records refer by id`},
			[]string{"gitsm change edit 7k3f2m --set 'services=[search, checkout]'"}},
		{"REF007 with its kind", "services/checkout.yaml", []edit{{"teams/payments.yaml", "title: Payments", "title: Payments\naliases: [money]"}, {"services/checkout.yaml", "team:payments", "team:money"}},
			[]string{`5:8-18 REF007 "money" is an alias of team payments, and records refer by id`},
			[]string{"gitsm service edit checkout --set owner=team:payments"}},
		{"REF007 of a record that is over as well", incidentFile, []edit{{incidentFile, "state: resolved", "state: closed"}, {"services/checkout.yaml", "tier: 1", "tier: 1\naliases: [shop]"}, {incidentFile, "[checkout]", "[shop]"}},
			[]string{`5:12-16 REF007 "shop" is an alias of service checkout, and records refer by id`}, nil},
		{"an alias of another kind is none", changeFile, []edit{{"assets/db-1.yaml", "type: database", "type: database\naliases: [shop]"}, {changeFile, "[checkout]", "[shop]"}},
			[]string{`8:12-16 REF001 no service is called "shop"`}, nil},
		{"REF006 alias and id", "services/search.yaml", []edit{{"services/search.yaml", "tier: 2", "tier: 2\naliases: [find, db-1, checkout]"}},
			[]string{`7:17-21 REF006 "db-1" is also the id of assets/db-1.yaml`, `7:23-31 REF006 "checkout" is also the id of services/checkout.yaml`}, nil},
		{"REF006 its own id", "services/search.yaml", []edit{{"services/search.yaml", "tier: 2", "tier: 2\naliases: [search]"}},
			[]string{`7:11-17 REF006 "search" is also the id of services/search.yaml`}, nil},
		{"REF006 two aliases", "services/search.yaml", []edit{{"services/search.yaml", "tier: 2", "tier: 2\naliases: [shop]"}, {"assets/db-1.yaml", "type: database", "type: database\naliases: [shop]"}},
			[]string{`7:11-15 REF006 "shop" is also an alias of asset db-1`}, nil},
		{"REF006 id and alias", "services/search.yaml", []edit{{"assets/db-1.yaml", "type: database", "type: database\naliases: [search]"}},
			[]string{`3:1-3 REF006 "search" is also an alias of asset db-1`}, nil},
		{"kinds apart have names apart", "teams/payments.yaml", []edit{{"services/search.yaml", "tier: 2", "tier: 2\naliases: [payments]"}}, nil, nil},
		{"REF009", "teams/payments.yaml", []edit{{"teams/payments.yaml", "[alice, bob]", "[]"}},
			[]string{`5:10-12 warning REF009 team payments has no members, so it can approve nothing`}, nil},
		{"no REF009 of a team that is over", "teams/payments.yaml", []edit{{"teams/payments.yaml", "[alice, bob]", "[]\nactive: false"}}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, tt.edits...)
			got, err := validate.New().References(s, at(t, s, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			complete(t, got)
			if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for i, fix := range tt.fix {
				if got[i].Fix != fix {
					t.Errorf("fix %q, want %q", got[i].Fix, fix)
				}
			}
		})
	}
}

// Records of the further kinds refer to what the scene has, and to each other.
func TestReferencesOfMore(t *testing.T) {
	tests := []struct {
		name, file string
		edits      []edit
		want, fix  string
	}{
		{"REF002 a model for requests", changeFile, []edit{{changeFile, "assets: [db-1]", "assets: [db-1]\nmodel: database-access"}},
			`10:8-23 REF002 model database-access is for requests, and this is a change`, "name a model for changes; gitsm model list shows what there is"},
		{"REF003 a model that is retired", requestFile, []edit{{"models/database-access.yaml", "state: active", "state: retired"}},
			`5:8-23 warning REF003 model database-access is retired`, "name who or what took over"},
		{"REF001 among all kinds", "waivers/no-test-system.yaml", []edit{{"waivers/no-test-system.yaml", "{services: [checkout], ", "{records: [CHG-20261120-7K3F2N], "}},
			`6:19-38 REF001 no record is called "CHG-20261120-7K3F2N", did you mean CHG-20261120-7K3F2M?`, "gitsm waiver edit no-test-system --set 'scope.records=[CHG-20261120-7K3F2M]'"},
		{"REF001 of a kind that there is not", "waivers/no-test-system.yaml", []edit{{"waivers/no-test-system.yaml", "{services: [checkout], ", "{records: ['servce:checkout'], "}},
			`6:19-36 REF001 there is no kind "servce", did you mean service?`, "write service:checkout"},
		{"a record of any kind", "waivers/no-test-system.yaml", []edit{{"waivers/no-test-system.yaml", "{services: [checkout], ", "{records: [CHG-20261120-7K3F2M, 'service:checkout', sunday-night], "}}, "", ""},
		{"REF002 a record of two kinds", "waivers/no-test-system.yaml", []edit{
			{"people/checkout.yaml", "", "apiVersion: gitsm/v1\nkind: person\nid: checkout\nname: C\n"},
			{"waivers/no-test-system.yaml", "{services: [checkout], ", "{records: [checkout], "}},
			`6:19-27 REF002 "checkout" could be a service or a person`, "write service:checkout or person:checkout"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := openMore(t, tt.edits...)
			got, err := validate.New().References(s, at(t, s, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			complete(t, got)
			var want []string
			if tt.want != "" {
				want = []string{tt.want}
			}
			if diff := cmp.Diff(want, lines(got)); diff != "" {
				t.Fatalf("-want +got:\n%s", diff)
			}
			if tt.fix != "" && got[0].Fix != tt.fix {
				t.Errorf("fix %q, want %q", got[0].Fix, tt.fix)
			}
		})
	}
}

func TestUnused(t *testing.T) {
	const db2 = "assets/fra/db-2.yaml"
	alone := edit{"services/checkout.yaml", "{need: 1, of: [db-1, db-2]}", "db-1"}
	tests := []struct {
		name   string
		edits  []edit
		chosen string
		want   []string
	}{
		{"all are used", nil, "db-2", nil},
		{"one is not", []edit{alone}, "db-2", []string{"3:1-3 warning REF008 nothing depends on asset db-2"}},
		{"not asked for", []edit{alone}, "db-1", nil},
		{"used by an asset", []edit{alone, {"assets/db-1.yaml", "type: database", "type: database\ndepends_on: ['asset:db-2']"}}, "db-2", nil},
		{"not in use", []edit{alone, {db2, "type: database", "type: database\nstate: in-stock"}}, "db-2", nil},
		{"no service has dependencies on assets", []edit{{"services/checkout.yaml", "[search, {need: 1, of: [db-1, db-2]}]", "[search]"}}, "db-2", nil},
	}
	for _, tt := range tests {
		got, err := validate.New().Unused(open(t, tt.edits...), map[string]bool{tt.chosen: true})
		if err != nil {
			t.Fatal(err)
		}
		complete(t, got)
		if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestConfigReferences(t *testing.T) {
	s := open(t, edit{"gitsm.yaml", "[team:payments]", "[team:paymets, person:bob, nonsense]\n  config: [person:alice]"},
		edit{"people/alice.yaml", "name: Alice", "name: Alice\nactive: false"})
	got, err := validate.New().ConfigReferences(s)
	if err != nil {
		t.Fatal(err)
	}
	complete(t, got)
	want := []string{
		`4:12-24 REF001 no team is called "paymets", did you mean payments?`,
		`5:12-24 REF003 person alice is no longer active`,
	}
	if diff := cmp.Diff(want, lines(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestReferencesSeesEachSnapshot: what is remembered of one snapshot does not
// answer for another.
func TestReferencesSeesEachSnapshot(t *testing.T) {
	v := validate.New()
	good, bad := open(t), open(t, edit{"people/alice.yaml", "name: Alice", "name: Alice\nactive: false"})
	third := open(t, edit{changeFile, "[checkout]", "[warehouse]"})
	for range 2 {
		for i, want := range []int{0, 1, 1} {
			s := []*store.Store{good, bad, third}[i]
			got, err := v.References(s, at(t, s, changeFile))
			if err != nil || len(got) != want {
				t.Errorf("snapshot %d: %v, %v", i, lines(got), err)
			}
		}
	}
}

func TestCycles(t *testing.T) {
	tests := []struct {
		name  string
		edits []edit
		want  []string
	}{
		{"none", nil, nil},
		{"over an asset, from the smallest id", []edit{
			{"services/search.yaml", "tier: 2", "tier: 2\ndepends_on: [db-1]"},
			{"assets/db-1.yaml", "type: database", "type: database\ndepends_on: [asset:db-2, service:checkout]"}},
			[]string{
				`7:37-41 REF004 dependencies run in a circle: checkout → db-1 → checkout`,
				`7:14-20 REF004 dependencies run in a circle: checkout → search → db-1 → checkout`,
			}},
		{"on itself", []edit{{"services/search.yaml", "tier: 2", "tier: 2\ndepends_on: [search]"}},
			[]string{`7:14-20 REF004 dependencies run in a circle: search → search`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, tt.edits...)
			g, err := graph.FromStore(s)
			if err != nil {
				t.Fatal(err)
			}
			got, err := validate.New().Cycles(s, g.Cycles())
			if err != nil {
				t.Fatal(err)
			}
			complete(t, got)
			if diff := cmp.Diff(tt.want, lines(got), cmp.Transformer("sorted", sorted)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// brokenFS fails to list one directory.
type brokenFS struct {
	fs.FS
	dir string
}

func (b brokenFS) Open(name string) (fs.File, error) {
	if name == b.dir {
		return nil, errors.New("disk on fire")
	}
	return b.FS.Open(name)
}

// TestReferencesErrors: what could not be looked at is an error.
func TestReferencesErrors(t *testing.T) {
	for _, dir := range []string{"services", "people", "assets"} {
		s := openFS(t, brokenFS{tree(t), dir})
		file := map[string]string{"services": changeFile, "assets": changeFile, "people": "teams/payments.yaml"}[dir]
		_, err := validate.New().References(s, at(t, s, file))
		if err == nil || !strings.Contains(err.Error(), "disk on fire") {
			t.Errorf("%s: got %v", dir, err)
		}
	}
}
