package check_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/check"
	"github.com/gitsm/gitsm/internal/record"
)

func TestChanged(t *testing.T) {
	closed := edit{"changes/2026/11/CHG-20261101-AAAAAA.yaml", "", `apiVersion: gitsm/v1
kind: change
id: CHG-20261101-AAAAAA
title: Old
type: normal
state: closed
requester: alice
services: [search]
`}
	retire := edit{"services/checkout.yaml", "tier: 1", "tier: 1\nstate: retired"}
	tests := []struct {
		name       string
		base, head []edit // head on top of base
		changed    []string
		records    int
		want       []string
	}{
		{"nothing", nil, nil, []string{}, 0, nil},
		{"files that are no records", nil, []edit{{"README.md", "", "x"}}, []string{"README.md"}, 0, nil},
		{"one record, the rest left alone", []edit{{"teams/ops.yaml", "title: Ops\n", ""}}, []edit{{changeFile, "title: U", "title: R"}}, []string{changeFile}, 1, nil},
		{"an illegal step", nil, []edit{{changeFile, "scheduled", "closed"}}, []string{changeFile}, 1,
			[]string{`changes/2026/11/CHG-20261120-7K3F2M.yaml:6:8: error LIF001 a normal change cannot go from scheduled to closed`}},
		{"a frozen field", []edit{{changeFile, "scheduled", "implementing"}}, []edit{{changeFile, "title: U", "title: R"}}, []string{changeFile}, 1,
			[]string{`changes/2026/11/CHG-20261120-7K3F2M.yaml:4:1: error LIF002 title cannot change: the change is being implemented`}},
		{"a new record", nil, []edit{closed}, []string{closed.file}, 1,
			[]string{`changes/2026/11/CHG-20261101-AAAAAA.yaml:6:8: error LIF001 a normal change cannot go from new to closed`}},
		{"deleted, and what refers to it", []edit{closed}, []edit{{"services/search.yaml", "", ""}}, []string{"services/search.yaml"}, 2, []string{
			`services/checkout.yaml:7:14: error REF001 no service or asset is called "search"`,
			`services/search.yaml:1:1: error LIF003 service search is deleted`}},
		{"deleted though it could not be read", []edit{{"people/bob.yaml", "", "{"}}, []edit{{"people/bob.yaml", "", ""}}, []string{"people/bob.yaml"}, 1,
			[]string{`people/bob.yaml:1:1: error LIF003 person bob is deleted`}},
		{"never was", nil, nil, []string{"people/bob.yaml"}, 0, nil},
		{"moved to another directory", nil, []edit{{"assets/fra/db-1.yaml", "", ""}, {"assets/ham/db-1.yaml", "", scene["assets/fra/db-1.yaml"]}},
			[]string{"assets/fra/db-1.yaml", "assets/ham/db-1.yaml"}, 2, nil}, // the change that names it is looked at
		{"retired, and what refers to it", []edit{closed}, []edit{retire}, []string{"services/checkout.yaml"}, 2,
			[]string{`changes/2026/11/CHG-20261120-7K3F2M.yaml:8:12: error REF003 service checkout is retired`}},
		{"what was amiss before is not this proposal's fault", []edit{retire}, []edit{{"services/checkout.yaml", "title: C", "title: K"}}, []string{"services/checkout.yaml"}, 2, nil},
		{"nor is what else is amiss with what refers to it", []edit{{changeFile, "[db-1]", "[db-7]"}}, []edit{{"services/checkout.yaml", "title: C", "title: K"}}, []string{"services/checkout.yaml"}, 2, nil},
		{"somebody leaves", nil, []edit{{"people/alice.yaml", "name: A", "active: false\nname: A"}}, []string{"people/alice.yaml"}, 3, []string{
			`changes/2026/11/CHG-20261120-7K3F2M.yaml:7:12: error REF003 person alice is no longer active`,
			`gitsm.yaml:3:19: error REF003 person alice is no longer active`,
			`teams/ops.yaml:5:11: error REF003 person alice is no longer active`}},
		{"a circle is closed", nil, []edit{{"services/search.yaml", "tier: 1\n", "tier: 1\ndepends_on: [checkout]\n"}}, []string{"services/search.yaml"}, 2,
			[]string{`services/checkout.yaml:7:14: error REF004 dependencies run in a circle: checkout → search → checkout`}},
		{"a circle elsewhere", []edit{{"services/search.yaml", "tier: 1\n", "tier: 1\ndepends_on: [checkout]\n"}},
			[]edit{{"assets/fra/db-1.yaml", "title: D", "title: E"}}, []string{"assets/fra/db-1.yaml"}, 2, nil},
		{"gitsm.yaml", nil, []edit{{"gitsm.yaml", "[person:alice]", "[team:opps]"}}, []string{"gitsm.yaml"}, 0,
			[]string{`gitsm.yaml:3:19: error REF001 no team is called "opps", did you mean ops?`}},
		{"a record in the wrong place", nil, []edit{{"changes/CHG-20261120-AAAAAA.yaml", "", "kind: change\n"}}, []string{"changes/CHG-20261120-AAAAAA.yaml"}, 0,
			[]string{`changes/CHG-20261120-AAAAAA.yaml:1:1: error STO003 no change is kept at this path, so nothing would read it`}},
		{"mending what could not be read is a new record", []edit{{"people/bob.yaml", "", "{"}}, []edit{{"people/bob.yaml", "", "apiVersion: gitsm/v1\nkind: person\nid: bob\nname: Bob\n"}},
			[]string{"people/bob.yaml"}, 1, nil},
		{"and passes what a new one passes", []edit{{changeFile, "", "{"}}, []edit{{changeFile, "", scene[changeFile] + "filed_late: true\n"}}, []string{changeFile}, 1, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base := open(t, tree(t, tt.base...))
			head := open(t, tree(t, append(append([]edit{}, tt.base...), tt.head...)...))
			rep := run(t, check.Options{Base: base, Head: head, Changed: tt.changed})
			if diff := cmp.Diff(tt.want, lines(rep)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if rep.Records != tt.records {
				t.Errorf("%d records, want %d", rep.Records, tt.records)
			}
		})
	}
}

// TestChangedAdvice: without a base a deletion cannot be seen, but what it
// leaves dangling can.
func TestChangedAdvice(t *testing.T) {
	head := open(t, tree(t, edit{"services/search.yaml", "", ""}))
	rep := run(t, check.Options{Head: head, Changed: []string{"services/search.yaml"}})
	want := []string{`services/checkout.yaml:7:14: error REF001 no service or asset is called "search"`}
	if diff := cmp.Diff(want, lines(rep)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestBaseWhole compares every record where nobody says what changed.
func TestBaseWhole(t *testing.T) {
	base := open(t, tree(t))
	head := open(t, tree(t, edit{changeFile, "scheduled", "review"}, edit{"people/bob.yaml", "", ""}, edit{"assets/fra/db-1.yaml", "", ""}))
	want := []string{
		`assets/fra/db-1.yaml:1:1: error LIF003 asset db-1 is deleted`,
		`changes/2026/11/CHG-20261120-7K3F2M.yaml:6:8: error LIF001 a normal change cannot go from scheduled to review`,
		`changes/2026/11/CHG-20261120-7K3F2M.yaml:9:10: error REF001 no asset is called "db-1"`,
	}
	if diff := cmp.Diff(want, lines(run(t, check.Options{Base: base, Head: head}))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestDeclaredKind: the base's schema judges, and the proposal's only where the
// base has none.
func TestDeclaredKind(t *testing.T) {
	kinds := edit{"gitsm.yaml", "owners:", "kinds: [{name: risk, plural: risks, envelope: false, path: 'risks/{id}.yaml', schema: schema/risk.json}]\nowners:"}
	strict := edit{"schema/risk.json", "", `{"required": ["title"]}`}
	lax := edit{"schema/risk.json", "", `{}`}
	risk := edit{"risks/flood.yaml", "", "score: 1\n"}
	want := []string{`risks/flood.yaml:1:1: error SCH002 missing key "title"`}
	for name, tt := range map[string]struct {
		base, head []edit
		want       []string
	}{
		"a proposal cannot loosen what judges it": {[]edit{kinds, strict}, []edit{kinds, lax, risk}, want},
		"nor tighten it":                  {[]edit{kinds, lax}, []edit{kinds, strict, risk}, nil},
		"a new kind is judged by its own": {nil, []edit{kinds, strict, risk}, want},
	} {
		rep := run(t, check.Options{Base: open(t, tree(t, tt.base...)), Head: open(t, tree(t, tt.head...)), Changed: []string{"risks/flood.yaml"}})
		if diff := cmp.Diff(tt.want, lines(rep)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestImmaterial(t *testing.T) {
	started := edit{changeFile, "scheduled", "implementing"}
	o := check.Options{
		Base:    open(t, tree(t, started)),
		Head:    open(t, tree(t, started, edit{changeFile, "title: U", "title: R"})),
		Changed: []string{changeFile},
	}
	if rep := run(t, o); rep.Errors != 1 {
		t.Errorf("a material field: %v", lines(rep))
	}
	o.Immaterial = func(k *record.Kind) []string { return record.ImmaterialFields(k, []string{"title"}) }
	if rep := run(t, o); rep.Errors != 0 {
		t.Errorf("an immaterial one: %v", lines(rep))
	}
}
