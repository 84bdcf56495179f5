package validate_test

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/validate"
	"github.com/gitsm/gitsm/internal/yamldoc"
	"github.com/gitsm/gitsm/schema"
)

func TestSceneConforms(t *testing.T) {
	s, v := open(t), validate.New()
	for file := range scene {
		if file == "gitsm.yaml" {
			continue
		}
		got, err := v.Schema(s, at(t, s, file))
		if err != nil || len(got) > 0 {
			t.Errorf("%s: %v, %v", file, lines(got), err)
		}
	}
	if got := v.Config(s.Doc); len(got) > 0 {
		t.Errorf("gitsm.yaml: %v", lines(got))
	}
}

func TestSchema(t *testing.T) {
	tests := []struct {
		name      string
		file      string
		old, new  string
		want, fix []string
	}{
		{"SCH001 near miss", changeFile, "  backout:", "  bakout:",
			[]string{`14:3-9 SCH001 unknown key "bakout" in plan, did you mean "backout"?`}, []string{"rename it to backout"}},
		{"SCH001 in quotes", changeFile, "  backout:", "  \"b\\u0061kout\":",
			[]string{`14:3-16 SCH001 unknown key "bakout" in plan, did you mean "backout"?`}, []string{"rename it to backout"}},
		{"SCH001 at the top", changeFile, "requester: alice", "requester: alice\nrequestor: alice",
			[]string{`8:1-10 SCH001 unknown key "requestor", did you mean "requester"?`}, []string{"rename it to requester"}},
		{"SCH001 one level too high", changeFile, "plan:\n  backout:", "backout:",
			[]string{`13:1-8 SCH001 unknown key "backout", did you mean plan.backout?`}, []string{"move it to plan.backout"}},
		{"SCH001 begun", changeFile, "requester: alice", "requester: alice\nsecurity: none",
			[]string{`8:1-9 SCH001 unknown key "security", did you mean "security_impact"?`}, []string{"rename it to security_impact"}},
		{"SCH001 like nothing", changeFile, "requester: alice", "requester: alice\ncolour: red",
			[]string{`8:1-7 SCH001 unknown key "colour"`}, nil},
		{"SCH001 two at once", changeFile, "plan:\n", "plan:\n  a: 1\n  b: 2\n",
			[]string{`14:3-4 SCH001 unknown key "a" in plan`, `15:3-4 SCH001 unknown key "b" in plan`}, nil},
		{"SCH001 odd keys", changeFile, "plan:\n", "plan:\n  a/b~c: 1\n",
			[]string{`14:3-8 SCH001 unknown key "a/b~c" in plan`}, nil},
		{"SCH002", changeFile, "requester: alice\n", "",
			[]string{`1:1-1 SCH002 missing key "requester"`}, []string{"gitsm change edit 7k3f2m --set requester=…"}},
		{"SCH002 what nobody chooses", changeFile, "kind: change\nid: CHG-20261120-7K3F2M\n", "",
			[]string{`1:1-1 SCH002 missing key "id"`, `1:1-1 SCH002 missing key "kind"`}, []string{"write id: CHG-20261120-7K3F2M", "write kind: change"}},
		{"SCH002 nested", changeFile, "plan:\n", "links:\n  - title: Runbook\nplan:\n",
			[]string{`14:5-19 SCH002 missing key "url" in links[0]`}, []string{"write links[0].url: … in " + changeFile}},
		{"SCH003 text for a list", changeFile, "services: [checkout]", "services: checkout",
			[]string{`8:11-19 SCH003 services must be a list, not text`}, []string{"make it a list: [checkout]"}},
		{"SCH003 mapping for a list", changeFile, "services: [checkout]", "links: {title: x, url: https://example.org}\nservices: [checkout]",
			[]string{`8:8-44 SCH003 links must be a list, not a mapping`}, []string{"make it a list of one: put - before it, or [ ] around it (links: [{…}])"}},
		{"SCH003 number for text", changeFile, "title: Upgrade the database", "title: 12",
			[]string{`4:8-10 SCH003 title must be text, not a number`}, []string{`quote it: "12"`}},
		{"SCH003 text for a number", "services/checkout.yaml", "tier: 1", `tier: "1"`,
			[]string{`6:7-10 SCH003 tier must be a whole number, not text`}, []string{"take the quotes off: 1"}},
		{"SCH003 fraction", "services/checkout.yaml", "tier: 1", `tier: 1.5`,
			[]string{`6:7-10 SCH003 tier must be a whole number, not 1.5`}, nil},
		{"SCH003 nothing", changeFile, "requester: alice", "requester:",
			[]string{`7:11-11 SCH003 requester has no value`}, []string{"fill it in, or take the key out"}},
		{"SCH003 text for true or false", "people/bob.yaml", "name: Bob", "name: Bob\nactive: yes",
			[]string{`5:9-12 SCH003 active must be true or false, not text`}, nil},
		{"SCH003 one of two types", "services/checkout.yaml", "[search, ", "[12, ",
			[]string{`7:14-16 SCH003 depends_on[0] must be text or a mapping, not a number`}, []string{`quote it: "12"`}},
		{"SCH003 within the alternative that was meant", "services/checkout.yaml", "need: 1", "need: one",
			[]string{`7:29-32 SCH003 depends_on[1].need must be a whole number, not text`}, nil},
		{"SCH004 near miss", changeFile, "type: normal", "type: nromal",
			[]string{`5:7-13 SCH004 type is "nromal", which is not one of standard, normal, emergency, did you mean normal?`},
			[]string{"gitsm change edit 7k3f2m --set type=normal"}},
		{"SCH004 like nothing", changeFile, "state: scheduled", "state: approved",
			[]string{`6:8-16 SCH004 state is "approved", which is not one of scheduled, implementing, review, closed, cancelled`},
			[]string{"write one of scheduled, implementing, review, closed, cancelled"}},
		{"SCH004 number", "services/checkout.yaml", "tier: 1", "tier: 7",
			[]string{`6:7-8 SCH004 tier is 7, which is not one of 0, 1, 2, 3, 4`}, nil},
		{"SCH004 out of range", "services/checkout.yaml", "need: 1", "need: 0",
			[]string{`7:29-30 SCH004 depends_on[1].need is 0 and must be at least 1`}, []string{"write 1 or more"}},
		{"SCH004 out of range with a fraction", "services/search.yaml", "tier: 2", "tier: 2\nsla: {availability: 100.25}",
			[]string{`7:21-27 SCH004 sla.availability is 100.25 and must be at most 100`}, []string{"write 100 or less"}},
		{"SCH004 twice", changeFile, "services: [checkout]", "services: [search, checkout, search]",
			[]string{`8:30-36 SCH004 services[2] repeats services[0]`}, []string{"take it out"}},
		{"SCH005 pattern", "people/bob.yaml", "bob@example.org", "bob.example.org",
			[]string{`5:10-25 SCH005 emails[0] is "bob.example.org" and should be an e-mail address, such as alice@example.org`}, nil},
		{"SCH005 moment", changeFile, "start: 2026-11-24T20:00:00Z", "start: 2026-11-24 20:00",
			[]string{`11:10-26 SCH005 window.start is "2026-11-24 20:00" and should be a moment with seconds and offset, such as 2026-11-20T14:00:00Z or 2026-11-20T15:00:00+01:00`}, nil},
		{"SCH005 no such day", changeFile, "start: 2026-11-24T20:00:00Z", "start: 2026-11-31T20:00:00Z",
			[]string{`11:10-30 SCH005 window.start is "2026-11-31T20:00:00Z" and should be a moment with seconds and offset, such as 2026-11-20T14:00:00Z or 2026-11-20T15:00:00+01:00`}, nil},
		{"SCH005 dated id", incidentFile, "caused_by: CHG-20261120-7K3F2M", "caused_by: 7K3F2M",
			[]string{`12:12-18 SCH005 caused_by is "7K3F2M" and should be an id such as CHG-20261120-7K3F2M, did you mean CHG-20261120-7K3F2M?`},
			[]string{"gitsm incident edit 0a1b2c --set caused_by=CHG-20261120-7K3F2M"}},
		{"SCH005 short id in lower case", incidentFile, "caused_by: CHG-20261120-7K3F2M", "suspects: [3f2m]",
			[]string{`12:12-16 SCH005 suspects[0] is "3f2m" and should be an id such as CHG-20261120-7K3F2M, did you mean CHG-20261120-7K3F2M?`},
			[]string{"gitsm incident edit 0a1b2c --set 'suspects=[CHG-20261120-7K3F2M]'"}},
		{"SCH005 id in other case", changeFile, "services: [checkout]", "services: [search, Checkout]",
			[]string{`8:20-28 SCH005 services[1] is "Checkout" and should be an id: up to 63 of a-z, 0-9 and -, beginning with a letter or digit, did you mean checkout?`},
			[]string{"gitsm change edit 7k3f2m --set 'services=[search, checkout]'"}},
		{"SCH005 owner without its kind", "services/search.yaml", "owner: person:alice", "owner: alice",
			[]string{`5:8-13 SCH005 owner is "alice" and should be a team or a person, such as team:payments or person:alice, did you mean person:alice?`},
			[]string{"gitsm service edit search --set owner=person:alice"}},
		{"SCH005 owner misspelt and without its kind", "services/search.yaml", "owner: person:alice", "owner: Payment",
			[]string{`5:8-15 SCH005 owner is "Payment" and should be a team or a person, such as team:payments or person:alice, did you mean team:payments?`},
			[]string{"gitsm service edit search --set owner=team:payments"}},
		{"SCH005 a kind where none is said", changeFile, "requester: alice", "requester: person:Alice",
			[]string{`7:12-24 SCH005 requester is "person:Alice" and should be an id: up to 63 of a-z, 0-9 and -, beginning with a letter or digit, did you mean alice?`},
			[]string{"gitsm change edit 7k3f2m --set requester=alice"}},
		{"SCH005 like no id", changeFile, "services: [checkout]", "services: [Ware House]",
			[]string{`8:12-22 SCH005 services[0] is "Ware House" and should be an id: up to 63 of a-z, 0-9 and -, beginning with a letter or digit`}, nil},
		{"SCH006 kind", changeFile, "kind: change", "kind: chnage",
			[]string{`2:7-13 SCH006 kind is "chnage" and must be change`}, []string{"write kind: change"}},
		{"SCH006 another kind, and nothing else", changeFile, "kind: change", "kind: incident",
			[]string{`2:7-15 SCH006 kind is incident, but this file is in changes, where every record is of kind change`}, []string{"write kind: change"}},
		{"SCH006 another kind, whose place is known", "services/search.yaml", "", "apiVersion: gitsm/v1\nkind: change\nid: CHG-20261120-7K3F2M\n",
			[]string{`2:7-13 SCH006 kind is change, but this file is in services, where every record is of kind service`},
			[]string{"write kind: service, or move the file to changes/2026/11/CHG-20261120-7K3F2M.yaml"}},
		{"SCH006 version", changeFile, "gitsm/v1", "gitsm/v2",
			[]string{`1:13-21 SCH006 apiVersion is "gitsm/v2" and must be gitsm/v1`}, nil},
		{"SCH006 id", "services/search.yaml", "id: search", "id: serach",
			[]string{`3:5-11 SCH006 id is "serach", but the file is named "search"`}, []string{"write id: search; to keep the other id, rename the file"}},
		{"SCH006 a file that is named as none can be", "services/Ware House.yaml", "", "apiVersion: gitsm/v1\nkind: service\nid: warehouse\ntitle: Warehouse\nowner: team:payments\ntier: 1\n",
			[]string{`3:5-14 SCH006 id is "warehouse", but the file is named "Ware House"`}, []string{"name the file after its id, warehouse"}},
		{"SCH006 malformed id, once", "services/search.yaml", "id: search", "id: Search Engine",
			[]string{`3:5-18 SCH006 id is "Search Engine", but the file is named "search"`}, nil},
		{"SCH007 empty text, once", changeFile, "title: Upgrade the database", `title: ""`,
			[]string{`4:8-10 SCH007 title is empty`}, []string{"fill it in"}},
		{"SCH007 empty list", changeFile, "services: [checkout]", "services: []",
			[]string{`8:11-13 SCH007 services is an empty list`}, []string{"fill it in"}},
		{"SCH007 too long", changeFile, "title: Upgrade the database", "title: " + strings.Repeat("ä", 201),
			[]string{`4:8-209 SCH007 title is 201 characters long, and at most 200 are allowed`}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, edit{tt.file, tt.old, tt.new})
			rec := at(t, s, tt.file)
			got, err := validate.New().Schema(s, rec)
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
			for _, f := range got {
				if f.Record != rec.ID || f.File != tt.file || f.Frame != rec.Doc.Line(f.Line) {
					t.Errorf("record %q file %q frame %q", f.Record, f.File, f.Frame)
				}
			}
		})
	}
}

func TestConfig(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"unknown key", "apiVersion: gitsm/v1\nkind: config\nbootstarp: false\n", []string{`3:1-10 SCH001 unknown key "bootstarp", did you mean "bootstrap"?`}},
		{"missing", "kind: config\n", []string{`1:1-1 SCH002 missing key "apiVersion"`}},
		{"owner without kind", "apiVersion: gitsm/v1\nkind: config\nowners:\n  policy: [payments]\n",
			[]string{`4:12-20 SCH005 owners.policy[0] is "payments" and should be a team or a person, such as team:payments or person:alice`}},
		{"the id is no file's name here", "apiVersion: gitsm/v1\nkind: config\nid: Acme!\n",
			[]string{`3:5-10 SCH005 id is "Acme!" and should be an id: up to 63 of a-z, 0-9 and -, beginning with a letter or digit`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, found := yamldoc.Parse("gitsm.yaml", []byte(tt.text))
			if len(found) > 0 {
				t.Fatal(found)
			}
			got := validate.New().Config(doc)
			complete(t, got)
			if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// declared is a store with two kinds of its own: one with a schema, one that
// nobody described and whose files name their id otherwise.
func declared(risk string, edits ...edit) []edit {
	return append([]edit{
		{"gitsm.yaml", "", "apiVersion: gitsm/v1\nkind: config\nkinds:\n" +
			"  - {name: risk, plural: risks, envelope: false, path: 'risks/{id}.yaml', schema: schema/risk.json}\n" +
			"  - {name: note, plural: notes, envelope: false, path: 'notes/{id}.yaml', id_field: slug}\n"},
		{"schema/risk.json", "", `{"type": "object", "required": ["title"], "properties": {
			"title": {"type": "string", "pattern": "^[A-Z]", "description": "What could happen."},
			"score": {"type": "number", "multipleOf": 0.5, "exclusiveMinimum": 0},
			"mail": {"type": "string", "format": "email"},
			"either": {"oneOf": [{"minimum": 1}, {"maximum": 5}]},
			"never": {"not": {}}, "no": false,
			"code": {"type": "string", "minLength": 3}, "host": {"type": "string", "format": "semver"},
			"list": {"type": "array", "minItems": 2, "maxItems": 3, "contains": {"const": 1}},
			"map": {"type": "object", "minProperties": 1, "maxProperties": 1, "propertyNames": {"pattern": "^[a-z]+$"}},
			"maps": {"items": {"propertyNames": {"pattern": "^[a-z]+$"}}},
			"max": {"exclusiveMaximum": 5}, "fixed": {"const": [1]}, "tags": {"enum": [["a"], {"b": 1}]}, "stage": {"enum": ["alpha", "", 3]}},
			"dependencies": {"code": ["host"]}}`},
		{"risks/flood.yaml", "", risk},
		{"notes/one.yaml", "", "slug: one\nid: something else\nanything: goes\n"},
	}, edits...)
}

func TestDeclaredKinds(t *testing.T) {
	tests := []struct {
		name, risk string
		want       []string
	}{
		{"conforms, and needs no envelope", "title: Flood\n", nil},
		{"its own pattern", "title: flood\n", []string{`1:8-13 SCH005 title is "flood" and should be of the form ^[A-Z]`}},
		{"numbers", "title: Flood\nscore: 0.7\n", []string{`2:8-11 SCH004 score is 0.7 and must be a multiple of 0.5`}},
		{"more than", "title: Flood\nscore: 0\n", []string{`2:8-9 SCH004 score is 0 and must be more than 0`}},
		{"format", "title: Flood\nmail: x\n", []string{`2:7-8 SCH005 mail is "x" and should be an e-mail address, such as alice@example.org`}},
		{"oneOf fits twice", "title: Flood\neither: 3\n", []string{`2:9-10 SCH004 either fits several of the forms it may have, and has to fit one`}},
		{"not", "title: Flood\nnever: 3\n", []string{`2:8-9 SCH004 never is not what its schema asks for`}},
		{"never", "title: Flood\nno: 3\n", []string{`2:5-6 SCH004 no must not be there`}},
		{"too short", "title: Flood\ncode: ab\nhost: 1.2.3\n", []string{`2:7-9 SCH007 code is 2 characters long, and has to be at least 3`}},
		{"needs another", "title: Flood\ncode: abc\n", []string{`1:1-1 SCH004 the file has code and therefore needs host`}},
		{"a format without words", "title: Flood\nhost: x\n", []string{`2:7-8 SCH005 host is "x" and should be of the format semver`}},
		{"too few", "title: Flood\nlist: [1]\n", []string{`2:7-10 SCH007 list has 1 entry, and needs at least 2`}},
		{"too many", "title: Flood\nlist: [1, 2, 3, 4]\n", []string{`2:7-19 SCH007 list has 4 entries, and at most 3 are allowed`}},
		{"contains", "title: Flood\nlist: [2, 3]\n", []string{`2:7-13 SCH004 list is not what its schema asks for`}},
		{"empty mapping", "title: Flood\nmap: {}\n", []string{`2:6-8 SCH007 map has 0 keys, and needs at least 1`}},
		{"full mapping", "title: Flood\nmap: {a: 1, b: 2}\n", []string{`2:6-18 SCH007 map has 2 keys, and at most 1 are allowed`}},
		{"names of keys", "title: Flood\nmap: {A: 1}\n", []string{`2:7-8 SCH004 key "A" in map is not of the form its schema asks for`}},
		{"names of keys further down", "title: Flood\nmaps: [{}, {a: 1}, {A: 1}]\n", []string{`2:21-22 SCH004 key "A" in maps[2] is not of the form its schema asks for`}},
		{"less than", "title: Flood\nmax: 5\n", []string{`2:6-7 SCH004 max is 5 and must be less than 5`}},
		{"constant list", "title: Flood\nfixed: [2]\n", []string{`2:8-11 SCH004 fixed is a list and must be [1]`}},
		{"enum of lists", "title: Flood\ntags: {c: 1}\n", []string{`2:7-13 SCH004 tags is a mapping, which is not one of ["a"], {"b":1}`}},
		{"enum without a value", "title: Flood\nstage:\n", []string{`2:7-7 SCH004 stage is empty, which is not one of alpha, "", 3`}},
		{"id", "id: fire\ntitle: Flood\n", []string{`1:5-9 SCH006 id is "fire", but the file is named "flood"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, declared(tt.risk)...)
			got, err := validate.New().Schema(s, at(t, s, "risks/flood.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			complete(t, got)
			if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got, err := validate.New().Schema(s, at(t, s, "notes/one.yaml")); err != nil || len(got) > 0 {
				t.Errorf("a kind without schema: %v, %v", lines(got), err)
			}
		})
	}
}

// TestDeclaredStates: the states of a declared kind are those that gitsm.yaml
// lists, whether its records have a schema or not, and it is said once.
func TestDeclaredStates(t *testing.T) {
	const kinds = "apiVersion: gitsm/v1\nkind: config\nkinds:\n" +
		"  - {name: risk, plural: risks, envelope: false, path: 'risks/{id}.yaml', state_field: status, states: [In review, CLOSED]"
	unknown := `1:9-15 SCH004 status is "CLOSDE", which is not one of In review, CLOSED`
	for name, tt := range map[string]struct {
		schema, risk string
		want         []string
	}{
		"a state":         {"", "status: In review\n", nil},
		"none":            {"", "title: Flood\n", nil},
		"no such state":   {"", "status: CLOSDE\n", []string{unknown + ", did you mean CLOSED?"}},
		"no text":         {"", "status: 3\n", []string{"1:9-10 SCH004 status is 3, which is not one of In review, CLOSED"}},
		"open schema":     {`{"properties": {"status": {"type": "string"}}}`, "status: CLOSDE\n", []string{unknown + ", did you mean CLOSED?"}},
		"schema with it":  {`{"properties": {"status": {"enum": ["In review", "CLOSED"]}}}`, "status: CLOSDE\n", []string{unknown + ", did you mean CLOSED?"}},
		"wider than that": {`{"properties": {"status": {"enum": ["CLOSDE"]}}}`, "status: CLOSDE\n", []string{unknown + ", did you mean CLOSED?"}},
	} {
		edits := []edit{{"gitsm.yaml", "", kinds + "}\n"}, {"risks/flood.yaml", "", tt.risk}}
		if tt.schema != "" {
			edits = []edit{{"gitsm.yaml", "", kinds + ", schema: schema/risk.json}\n"}, edits[1], {"schema/risk.json", "", tt.schema}}
		}
		s := open(t, edits...)
		got, err := validate.New().Schema(s, at(t, s, "risks/flood.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		complete(t, got)
		if diff := cmp.Diff(tt.want, lines(got)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
		if wrong := validate.New().Config(s.Doc); len(wrong) > 0 {
			t.Errorf("%s: gitsm.yaml: %q", name, lines(wrong))
		}
	}
}

func TestIDField(t *testing.T) {
	s := open(t, declared("title: Flood\n", edit{"notes/one.yaml", "slug: one", "slug: two"})...)
	got, err := validate.New().Schema(s, at(t, s, "notes/one.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`1:7-10 SCH006 slug is "two", but the file is named "one"`}, lines(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestSchemaErrors: a schema that cannot be used is an error, never a pass.
func TestSchemaErrors(t *testing.T) {
	for name, tt := range map[string]struct{ schema, want string }{
		"no JSON":       {`{"type": `, "schema/risk.json:1:9: STO008 unexpected end of JSON input"},
		"wrong JSON":    {"{\n  \"type\": objekt\n}", "schema/risk.json:2:11: STO008 invalid character 'o'"},
		"no schema":     {"{\n  \"type\": \"texxt\"\n}", "schema/risk.json:2:11: STO008 value must be one of 'array'"},
		"bad pattern":   {`{"pattern": "("}`, "schema/risk.json:1:13: STO008 '(' is not valid regex"},
		"remote":        {`{"$ref": "https://example.org/x.json"}`, "schema/risk.json:1:10: STO008 it refers to https://example.org/x.json"},
		"absolute":      {`{"$ref": "/etc/x.json"}`, "schema/risk.json:1:10: STO008 it refers to /etc/x.json"},
		"outside":       {`{"$ref": "../../x.json"}`, "schema/risk.json:1:10: STO008 it refers to ../../x.json, which is outside the store"},
		"no such file":  {`{"$ref": "other.json"}`, "schema/risk.json:1:10: STO008 schema/other.json: there is no such file"},
		"no such place": {`{"$ref": "part.json#/definitions/none"}`, "schema/risk.json"},
		"unknown draft": {`{"$schema": "https://example.org/draft"}`, "a schema cannot refer to https://example.org/draft"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, declared("title: Flood\n", edit{"schema/risk.json", "", tt.schema}, edit{"schema/part.json", "", "{}"})...)
			v := validate.New()
			for range 2 { // the second time it is remembered
				if _, err := v.Schema(s, at(t, s, "risks/flood.yaml")); err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %s", err, tt.want)
				}
			}
		})
	}
	fsys := tree(t, declared("title: Flood\n")...)
	delete(fsys, "schema/risk.json")
	s := openFS(t, fsys)
	if _, err := validate.New().Schema(s, at(t, s, "risks/flood.yaml")); err == nil {
		t.Error("a schema that is not there: no error")
	}
}

// TestSchemaFiles: a schema may be several files of the store, of any draft, and
// what it calls itself does not matter.
func TestSchemaFiles(t *testing.T) {
	const root = `{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.org/risk", "type": "object",
		"properties": {"title": {"$ref": "parts/text.json#/$defs/title"}, "pair": {"prefixItems": [{"type": "string"}, {"type": "integer"}]}}}`
	parts := edit{"schema/parts/text.json", "", `{"$id": "text", "$defs": {"title": {"$ref": "more.json"}}}`}
	more := edit{"schema/parts/more.json", "", `{"type": "string", "minLength": 4, "description": "What could happen."}`}
	for record, want := range map[string][]string{
		"title: Flood\n":               nil,
		"title: Fl\n":                  {"1:8-10 SCH007 too short"},
		"title: Flood\npair: [a, b]\n": {"2:11-12 SCH003 pair/1 is text and should be a whole number"},
	} {
		s := open(t, declared(record, edit{"schema/risk.json", "", root}, parts, more)...)
		got, err := validate.New().Schema(s, at(t, s, "risks/flood.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) || len(got) > 0 && !strings.HasPrefix(lines(got)[0], strings.Fields(want[0])[0]+" "+strings.Fields(want[0])[1]) {
			t.Errorf("%q: %v, want %v", record, lines(got), want)
		}
		k, _ := s.Kinds.ByName("risk")
		if f, ok := k.Fields().Field("title"); !ok || f.Type != "string" || f.Description != "What could happen." {
			t.Errorf("title is %+v", f)
		}
	}
}

// TestDeclaredEnvelope: a kind whose records are not said to be foreign has the
// envelope that tells them from others.
func TestDeclaredEnvelope(t *testing.T) {
	kinds := edit{"gitsm.yaml", "", "apiVersion: gitsm/v1\nkind: config\nkinds:\n  - {name: risk, plural: risks, path: 'risks/{id}.yaml'}\n"}
	for record, want := range map[string][]string{
		"apiVersion: gitsm/v1\nkind: risk\nid: flood\n": nil,
		"title: Flood\n": {"1:1-1 SCH006 apiVersion is missing", "1:1-1 SCH006 id, which repeats the id, is missing", "1:1-1 SCH006 kind is missing"},
		"apiVersion: v1\nkind: risc\nid: floot\n":       {"1:13-15 SCH006 apiVersion is not gitsm/v1", "2:7-11 SCH006 kind is not risk", `3:5-10 SCH006 id is "floot", but the file is named "flood"`},
		"apiVersion: gitsm/v1\nkind: team\nid: flood\n": {"2:7-11 SCH006 kind is team, but this file is in risks, where every record is of kind risk"},
	} {
		s := open(t, kinds, edit{"risks/flood.yaml", "", record})
		got, err := validate.New().Schema(s, at(t, s, "risks/flood.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, slices.Sorted(slices.Values(lines(got)))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", record, diff)
		}
	}
}

// TestPatternsHaveWords: whoever adds a pattern or format to a schema says in
// words what it asks for.
func TestPatternsHaveWords(t *testing.T) {
	names, err := fs.Glob(schema.FS, "*.schema.json")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	seen := 0
	for _, name := range names {
		src, err := schema.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := json.Unmarshal(src, &doc); err != nil {
			t.Fatal(err)
		}
		walk(doc, func(key, value string) {
			words := validate.PatternWords(value)
			if key == "format" {
				words = validate.FormatWords(value)
			}
			seen++
			if strings.HasPrefix(words, "of the form") {
				t.Errorf("%s: %s %s has no words: describe it in forms.go", name, key, value)
			}
		})
	}
	if seen < 50 {
		t.Errorf("only %d patterns and formats seen", seen)
	}
}

func walk(v any, visit func(key, value string)) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if text, ok := value.(string); ok && (key == "pattern" || key == "format") {
				visit(key, text)
			}
			walk(value, visit)
		}
	case []any:
		for _, value := range v {
			walk(value, visit)
		}
	}
}

func FuzzSchema(f *testing.F) {
	for file, text := range scene {
		f.Add(file, text)
	}
	f.Add(changeFile, "services: [[1, {a: [b]}]]\nwindow: []\nid: {}\nkind: [x]\n")
	f.Add("gitsm.yaml", "kinds: [{refs: [{path: 1, kinds: {}}]}]\nowners: {policy: {}}\n")
	v := validate.New()
	f.Fuzz(func(t *testing.T, file, text string) {
		doc, found := yamldoc.Parse(file, []byte(text))
		if doc == nil || len(found) > 0 {
			return
		}
		if file == "gitsm.yaml" {
			complete(t, v.Config(doc))
			return
		}
		s := open(t)
		k, id, ok := s.Kinds.ByPath(file)
		if !ok {
			return
		}
		rec := newRecord(k, id, file, doc)
		got, err := v.Schema(s, rec)
		if err != nil {
			t.Fatal(err)
		}
		refs, err := v.References(s, rec)
		if err != nil {
			t.Fatal(err)
		}
		complete(t, got)
		complete(t, refs)
		complete(t, v.Transition(nil, rec, nil))
	})
}
