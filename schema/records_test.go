package schema_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gitsm/gitsm/schema"
)

// full holds one record per kind that uses every field.
var full = map[string]string{
	"change": `{"apiVersion":"gitsm/v1","kind":"change","id":"CHG-20261120-7K3F2M",
		"title":"Upgrade the checkout database","type":"normal","state":"review","requester":"alice","owner":"team:payments",
		"services":["checkout"],"assets":["db-1"],"environment":"production",
		"window":{"start":"2026-11-24T20:00:00Z","end":"2026-11-24T22:00:00+01:00","timezone":"Europe/Berlin"},
		"reason":"Support ends","impact":"Read-only for ten minutes","security_impact":"None: same roles",
		"plan":{"implement":"1. switch over","test":"Rehearsed in staging","backout":"","verify":"Error rate"},
		"questionnaire":{"done_before":"once","tested":"fully","backout_tested":true,"backout_time":"15m","expected_outage":"0m",
			"data_change":"reversible","teams":2,"supplier_involved":false},
		"model":"db-minor-upgrade","incident":"INC-20261119-0A1B2C","authoriser":"bob",
		"links":[{"url":"https://example.org/1","title":"Runbook"}],
		"artifacts":[{"name":"checkout:1.2","digest":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}],
		"implementation":{"started_at":"2026-11-24T20:01:00Z","finished_at":"2026-11-24T20:40:00.5Z","implementer":"carol",
			"outcome":"successful-with-issues","notes":"Slow replica"},
		"review":{"reviewer":"dave","reviewed_at":"2026-11-25T09:00:00Z","summary":"Fine",
			"actions":[{"description":"Add a replica","owner":"person:carol","due":"2026-12-24","done":false}]},
		"corrections":[{"corrected_at":"2026-11-26T09:00:00Z","corrected_by":"dave","field":"/implementation/finished_at",
			"value":"2026-11-24T20:45:00Z","reason":"Read off the wrong clock"}],
		"filed_late":true}`,
	"service": `{"apiVersion":"gitsm/v1","kind":"service","id":"checkout","title":"Checkout","aliases":["other-name"],"description":"Takes orders",
		"owner":"team:payments","tier":0,"depends_on":["db-1","service:search",{"need":2,"of":["web-1","web-2","asset:web-3"]}],
		"environments":["production"],"data_classification":"restricted",
		"sla":{"availability":99.95,"acknowledge_within":"15m","restore_within":"4h30m"},
		"links":[{"url":"http://wiki/checkout"}],"state":"live"}`,
	"asset": `{"apiVersion":"gitsm/v1","kind":"asset","id":"db-1","title":"Orders database","aliases":["other-name"],"type":"database","owner":"person:alice",
		"depends_on":["san-1"],"environment":"production","location":"Frankfurt, rack 7","state":"in-use"}`,
	"incident": `{"apiVersion":"gitsm/v1","kind":"incident","id":"INC-20261119-0A1B2C","title":"Orders fail","services":["checkout"],
		"assets":["db-1"],"impact":"high","urgency":"medium","state":"closed","started_at":"2026-11-19T08:00:00Z",
		"detected_at":"2026-11-19T08:05:00Z","acknowledged_at":"2026-11-19T08:06:00Z","restored_at":"2026-11-19T09:00:00Z",
		"resolved_at":"2026-11-20T09:00:00Z","caused_by":"CHG-20261118-ABCDEF","suspects":["CHG-20261118-ABCDEG"],
		"fingerprint":"orders 5xx","timeline":[{"at":"2026-11-19T08:05:00Z","by":"alice","note":"Alert"}]}`,
	"problem": `{"apiVersion":"gitsm/v1","kind":"problem","id":"PRB-20261120-0A1B2C","title":"Connections run out","services":["checkout"],
		"assets":["db-1"],"owner":"team:payments","state":"known-error","incidents":["INC-20261119-0A1B2C"],"root_cause":"The pool is too small",
		"workaround":"Restart the pool","known_error_at":"2026-11-20T10:00:00Z","changes":["CHG-20261120-7K3F2M"],
		"resolved_at":"2026-11-24T21:00:00Z","timeline":[{"at":"2026-11-20T09:00:00Z","by":"alice","note":"Two of a kind"}]}`,
	"request": `{"apiVersion":"gitsm/v1","kind":"request","id":"REQ-20261120-0A1B2C","title":"Read access","model":"database-access",
		"requester":"alice","owner":"team:payments","services":["checkout"],"state":"fulfilled","answers":[{"question":"until","answer":"2027-01-31"}],
		"reason":"Month-end figures","change":"CHG-20261120-7K3F2M","approved_at":"2026-11-20T09:00:00Z","fulfilled_at":"2026-11-20T10:00:00Z",
		"notes":"Role granted"}`,
	"model": `{"apiVersion":"gitsm/v1","kind":"model","id":"db-minor-upgrade","title":"Minor upgrade of a database","aliases":["other-name"],"description":"Not for major versions",
		"use":"change","owner":"team:payments","state":"active",
		"scope":{"services":["checkout"],"tiers":[2,3],"assets":["db-1"],"environments":["production"]},
		"locked":{"environment":"production","plan":{"backout":"Restore the snapshot"},"questionnaire":{"data_change":"reversible"}},
		"defaults":{"title":"Minor upgrade","owner":"team:payments","services":["checkout"],"assets":["db-1"],"reason":"Fixes","impact":"None",
			"security_impact":"None: same roles","plan":{"verify":"Error rate"},"answers":[{"question":"version","answer":"14.9"}]},
		"open":["plan.implement"],"questions":[{"id":"version","label":"Which version?","required":true,"options":["14.9","15.4"]}],
		"approvals":[{"from":["team:payments","person:bob"],"count":2}],"approved_at":"2026-11-01T09:00:00Z",
		"valid_from":"2026-11-01T09:00:00Z","expires":"2027-11-01T00:00:00Z"}`,
	"window": `{"apiVersion":"gitsm/v1","kind":"window","id":"sunday-night","title":"Maintenance","aliases":["other-name"],"type":"freeze","strength":"soft","state":"active",
		"start":"2026-11-22T22:00:00+01:00","end":"2026-11-23T02:00:00+01:00","duration":"4h","timezone":"Europe/Berlin","rrule":"FREQ=WEEKLY;BYDAY=SU",
		"exdates":["2026-12-27T22:00:00+01:00"],"scope":{"services":["checkout"],"tiers":[0,1],"assets":["db-1"],"environments":["production"]},
		"owner":"team:payments","reason":"Backups","contact":"#change-calendar","sequence":1}`,
	"waiver": `{"apiVersion":"gitsm/v1","kind":"waiver","id":"no-test-system","title":"No test system","state":"active","aliases":["other-name"],"rule":"CHG020",
		"scope":{"records":["CHG-20261120-7K3F2M","service:checkout"],"services":["checkout"],"kinds":["change"]},"reason":"It is being rebuilt",
		"mitigation":"A second pair of eyes","requested_by":"alice","approver":"bob","valid_from":"2026-11-20T00:00:00Z","expires":"2027-03-31T00:00:00Z"}`,
	"exception": `{"apiVersion":"gitsm/v1","kind":"exception","id":"unsigned-migration","title":"Migrated without signatures","aliases":["other-name"],"check":"SOD-1",
		"record":"change:CHG-20261120-7K3F2M","rests_on":["0123456789012345678901234567890123456789"],"reason":"Keys came later",
		"accepted_by":"carol","until":"2027-03-31T00:00:00Z"}`,
	"team": `{"apiVersion":"gitsm/v1","kind":"team","id":"payments","title":"Payments","aliases":["other-name"],"members":["alice","bob"],"lead":"alice","active":true}`,
	"person": `{"apiVersion":"gitsm/v1","kind":"person","id":"alice","name":"Alice Doe","aliases":["other-name"],"emails":["alice@example.org"],
		"github":{"login":"alice-doe","id":4711},
		"signing_keys":[{"key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGx4 alice@laptop","authority":true,"valid_after":"2026-01-01T00:00:00Z",
			"valid_before":"2027-01-01T00:00:00Z","revoked_since":"2026-06-01T00:00:00Z"}],"active":false}`,
	"config": `{"apiVersion":"gitsm/v1","kind":"config","id":"acme","title":"Acme IT","main_branch":"main","forge":"github","forge_keys":[{"forge":"ghe.example.org","key":"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"}],"timezone":"Europe/Berlin",
		"owners":{"policy":["team:risk"],"people":["team:risk"],"windows":["person:alice"],"waivers":[],"models":["team:risk"],"config":["team:risk"]},
		"bootstrap":true,"simulation":false,
		"kinds":[{"name":"risk","plural":"risks","path":"risks/**/{id}.yaml","id":"dated","id_field":"id","prefix":"RSK","schema":"schema/risk.json",
			"title":"title","states":["open","closed"],"initial":"open","terminal":["closed"],
			"transitions":[{"to":"open","verb":"new"},{"from":"open","to":"closed","verb":"close"}],
			"refs":[{"path":"depends_on[].of[]","kinds":["service","asset"]}],"immaterial":["notes"],"policy":"risk"}]}`,
}

// least holds one record per kind with the required fields alone.
var least = map[string]string{
	"change": `{"apiVersion":"gitsm/v1","kind":"change","id":"CHG-20261120-7K3F2M","title":"t","type":"normal","state":"scheduled",
		"requester":"alice","services":["checkout"]}`,
	"service":  `{"apiVersion":"gitsm/v1","kind":"service","id":"a","title":"t","owner":"person:alice","tier":4}`,
	"asset":    `{"apiVersion":"gitsm/v1","kind":"asset","id":"a","title":"t","type":"host","owner":"team:ops"}`,
	"incident": `{"apiVersion":"gitsm/v1","kind":"incident","id":"INC-20261119-0A1B2C","title":"t","services":["a"],"state":"open"}`,
	"problem":  `{"apiVersion":"gitsm/v1","kind":"problem","id":"PRB-20261120-0A1B2C","title":"t","state":"open"}`,
	"request":  `{"apiVersion":"gitsm/v1","kind":"request","id":"REQ-20261120-0A1B2C","title":"t","requester":"alice","state":"new"}`,
	"model":    `{"apiVersion":"gitsm/v1","kind":"model","id":"a","title":"t","use":"request","owner":"team:ops","state":"active","scope":{"all":true}}`,
	"window": `{"apiVersion":"gitsm/v1","kind":"window","id":"a","title":"t","type":"freeze","state":"active","start":"2026-12-18T18:00:00Z",
		"scope":{"all":true},"owner":"person:alice"}`,
	"waiver": `{"apiVersion":"gitsm/v1","kind":"waiver","id":"a","title":"t","state":"active","rule":"CHG014","scope":{"all":true},"reason":"r","requested_by":"alice",
		"approver":"bob","expires":"2027-03-31T00:00:00Z"}`,
	"exception": `{"apiVersion":"gitsm/v1","kind":"exception","id":"a","title":"t","check":"POP-2","rests_on":["0123456789012345678901234567890123456789"],
		"reason":"r","accepted_by":"carol","until":"2027-03-31T00:00:00Z"}`,
	"team":   `{"apiVersion":"gitsm/v1","kind":"team","id":"a","title":"t","members":[]}`,
	"person": `{"apiVersion":"gitsm/v1","kind":"person","id":"a","name":"Åse Öberg"}`,
	"config": `{"apiVersion":"gitsm/v1","kind":"config"}`,
}

func decode(t *testing.T, src string) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(src)))
	if err != nil {
		t.Fatalf("%v in %s", err, src)
	}
	return v
}

func TestRecordsValid(t *testing.T) {
	for _, set := range []map[string]string{full, least} {
		for kind, src := range set {
			if err := compile(t, kind+".v1.schema.json").Validate(decode(t, src)); err != nil {
				t.Errorf("%s: %v\n%s", kind, err, src)
			}
		}
	}
}

// TestRequired: leaving any one required field out is refused.
func TestRequired(t *testing.T) {
	for kind, src := range least {
		s := compile(t, kind+".v1.schema.json")
		for key := range decode(t, src).(map[string]any) {
			m := decode(t, src).(map[string]any)
			delete(m, key)
			if s.Validate(m) == nil {
				t.Errorf("%s without %s is valid", kind, key)
			}
		}
	}
}

// TestUnknownFields: an extra key is refused in every object of every kind.
func TestUnknownFields(t *testing.T) {
	for kind, src := range full {
		s := compile(t, kind+".v1.schema.json")
		doc := decode(t, src)
		for _, o := range objects(doc) {
			o["no_such_field"] = "x"
			if s.Validate(doc) == nil {
				t.Errorf("%s: an unknown field is valid in %v", kind, o)
			}
			delete(o, "no_such_field")
		}
	}
}

func objects(v any) []map[string]any {
	var out []map[string]any
	switch v := v.(type) {
	case map[string]any:
		out = append(out, v)
		for _, e := range v {
			out = append(out, objects(e)...)
		}
	case []any:
		for _, e := range v {
			out = append(out, objects(e)...)
		}
	}
	return out
}

// TestFieldsRefused sets one field of a full record to a wrong value.
func TestFieldsRefused(t *testing.T) {
	tests := []struct {
		kind  string
		field string // top-level
		value string // JSON
	}{
		{"change", "apiVersion", `"gitsm/v2"`},
		{"change", "kind", `"incident"`},
		{"change", "id", `"CHG-20261120-7K3F2I"`}, // I is no Crockford letter
		{"change", "id", `"CHG-20261120-7k3f2m"`},
		{"change", "id", `"INC-20261120-7K3F2M"`},
		{"change", "id", `"CHG-20261120-7K3F2MX"`},
		{"change", "title", `""`},
		{"change", "title", `"two\nlines"`},
		{"change", "title", `" padded"`},
		{"change", "title", `3`},
		{"change", "type", `"urgent"`},
		{"change", "state", `"approved"`},
		{"change", "requester", `"person:alice"`},
		{"change", "requester", `"Alice"`},
		{"change", "owner", `"alice"`},
		{"change", "owner", `"group:alice"`},
		{"change", "services", `[]`},
		{"change", "services", `["a","a"]`},
		{"change", "services", `"checkout"`},
		{"change", "services", `["service:checkout"]`},
		{"change", "window", `{"start":"2026-11-24"}`},
		{"change", "window", `{"start":"2026-11-24T20:00Z"}`},
		{"change", "window", `{"start":"2026-11-24T20:00:00"}`},
		{"change", "window", `{"start":"2026-11-24 20:00:00Z"}`},
		{"change", "window", `{"start":"2026-02-30T20:00:00Z"}`},
		{"change", "window", `{"start":"2026-11-24T24:00:00Z"}`},
		{"change", "window", `{"start":"2026-11-24T20:00:60Z"}`},
		{"change", "plan", `null`},
		{"change", "plan", `{"bakout":"x"}`},
		{"change", "questionnaire", `{"backout_time":"soon"}`},
		{"change", "questionnaire", `{"backout_time":""}`},
		{"change", "questionnaire", `{"backout_time":"5"}`},
		{"change", "questionnaire", `{"teams":0}`},
		{"change", "questionnaire", `{"teams":1.5}`},
		{"change", "questionnaire", `{"backout_tested":"yes"}`},
		{"change", "incident", `"CHG-20261120-7K3F2M"`},
		{"change", "links", `[{"url":"javascript:alert(1)"}]`},
		{"change", "links", `["https://example.org"]`},
		{"change", "artifacts", `[{"name":"a","digest":"sha256:1234"}]`},
		{"change", "artifacts", `[{"name":"a"}]`},
		{"change", "implementation", `{"outcome":"ok"}`},
		{"change", "review", `{"actions":[{"description":"x","due":"2026-02-30"}]}`},
		{"change", "corrections", `[{"field":"/x"}]`},
		{"change", "filed_late", `"true"`},
		{"service", "aliases", `["Shop"]`},
		{"service", "aliases", `["shop","shop"]`},
		{"service", "tier", `5`},
		{"service", "tier", `"0"`},
		{"service", "tier", `-1`},
		{"service", "depends_on", `[{"need":0,"of":["a"]}]`},
		{"service", "depends_on", `[{"need":1,"of":[]}]`},
		{"service", "depends_on", `[{"of":["a"]}]`},
		{"service", "depends_on", `["team:a"]`},
		{"service", "depends_on", `[3]`},
		{"service", "sla", `{"availability":101}`},
		{"service", "data_classification", `"secret"`},
		{"asset", "type", `"Data Base"`},
		{"asset", "state", `"broken"`},
		{"asset", "id", `"Db-1"`},
		{"asset", "id", `"-db"`},
		{"asset", "id", `"a23456789012345678901234567890123456789012345678901234567890abcd"`},
		{"incident", "impact", `1`},
		{"incident", "urgency", `"critical"`},
		{"incident", "state", `"new"`},
		{"incident", "caused_by", `"7K3F2M"`},
		{"incident", "timeline", `[{"at":"2026-11-19T08:05:00Z"}]`},
		{"problem", "id", `"PRB-20261120-7K3F2I"`},
		{"problem", "state", `"known_error"`},
		{"problem", "incidents", `["7K3F2M"]`},
		{"problem", "changes", `["INC-20261119-0A1B2C"]`},
		{"problem", "owner", `"alice"`},
		{"request", "id", `"INC-20261120-0A1B2C"`},
		{"request", "state", `"approved by bob"`},
		{"request", "answers", `{"until":"2027-01-31"}`},
		{"request", "answers", `[{"question":"until"}]`},
		{"request", "answers", `[{"question":"until","answer":3}]`},
		{"request", "model", `"model:database-access"`},
		{"model", "use", `"incident"`},
		{"model", "state", `"suspended"`},
		{"model", "scope", `{"tiers":[5]}`},
		{"model", "scope", `{"services":[]}`},
		{"model", "locked", `{"plan":{"bakout":"x"}}`},
		{"model", "locked", `{"state":"closed"}`},
		{"model", "locked", `{"window":{"start":"2026-12-18T18:00:00Z"}}`},
		{"model", "open", `["plan/backout"]`},
		{"model", "questions", `[{"id":"a"}]`},
		{"model", "approvals", `[{"from":[]}]`},
		{"model", "approvals", `[{"from":["payments"]}]`},
		{"model", "approvals", `[{"from":["team:payments"],"count":0}]`},
		{"model", "expires", `"2027-11-01"`},
		{"window", "type", `"blackout"`},
		{"window", "strength", `"firm"`},
		{"window", "start", `"2026-12-18T18:00:00"`},
		{"window", "duration", `"four hours"`},
		{"window", "duration", `"1d"`},
		{"window", "rrule", `"RRULE:FREQ=WEEKLY"`},
		{"window", "rrule", `"DTSTART:20261122T220000\nFREQ=WEEKLY"`},
		{"window", "rrule", `"weekly"`},
		{"window", "exdates", `["2026-12-27"]`},
		{"window", "scope", `{"tier":[0]}`},
		{"window", "scope", `{"all":"yes"}`},
		{"window", "sequence", `-1`},
		{"waiver", "rule", `""`},
		{"waiver", "rule", `["CHG014"]`},
		{"waiver", "scope", `{"records":[]}`},
		{"waiver", "scope", `{"rules":["x"]}`},
		{"waiver", "expires", `"never"`},
		{"waiver", "approver", `"person:bob"`},
		{"exception", "check", `"SOD1"`},
		{"exception", "rests_on", `[]`},
		{"exception", "rests_on", `["0123456"]`},
		{"exception", "until", `"never"`},
		{"team", "members", `["person:alice"]`},
		{"team", "members", `"alice"`},
		{"team", "active", `"no"`},
		{"person", "emails", `["alice"]`},
		{"person", "emails", `["Alice <alice@example.org>"]`},
		{"person", "github", `{"id":4711}`},
		{"person", "github", `{"login":"a","id":"4711"}`},
		{"person", "github", `{"login":"@a"}`},
		{"person", "signing_keys", `[{"key":"-----BEGIN OPENSSH PRIVATE KEY-----"}]`},
		{"person", "signing_keys", `[{"valid_after":"2026-01-01T00:00:00Z"}]`},
		{"person", "signing_keys", `[{"key":"ssh-dss AAAA"}]`},
		{"person", "signing_keys", `[{"key":"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlFgE\n-----END PGP PRIVATE KEY BLOCK-----\n"}]`},
		{"config", "forge_keys", `[{"forge":"ghe","key":"ssh-ed25519 AAAA"}]`},
		{"config", "kind", `"change"`},
		{"config", "forge", `"gitlab"`},
		{"config", "main_branch", `"a branch"`},
		{"config", "timezone", `"Europe/../etc"`},
		{"config", "owners", `{"policy":["risk"]}`},
		{"config", "owners", `{"polcy":[]}`},
		{"config", "kinds", `[{"name":"risk","plural":"risks"}]`},
		{"config", "kinds", `[{"name":"risk","plural":"risks","path":"../{id}.yaml"}]`},
		{"config", "kinds", `[{"name":"risk","plural":"risks","path":"/risks/{id}.yaml"}]`},
		{"config", "kinds", `[{"name":"risk","plural":"risks","path":".git/{id}.yaml"}]`},
		{"config", "kinds", `[{"name":"risk","plural":"risks","path":"risks/{id}.txt"}]`},
		{"config", "kinds", `[{"name":"Risk","plural":"risks","path":"risks/{id}.yaml"}]`},
		{"config", "kinds", `[{"name":"risk","plural":"risks","path":"risks/{id}.yaml","prefix":"rsk"}]`},
		{"config", "kinds", `[{"name":"risk","plural":"risks","path":"risks/{id}.yaml","id":"uuid"}]`},
	}
	for _, tt := range tests {
		m := decode(t, full[tt.kind]).(map[string]any)
		m[tt.field] = decode(t, tt.value)
		if compile(t, tt.kind+".v1.schema.json").Validate(m) == nil {
			t.Errorf("%s: %s %s is valid", tt.kind, tt.field, tt.value)
		}
	}
}

// TestFullUsesEveryField keeps the examples complete, so that the tests above
// reach every object of the schemas.
func TestFullUsesEveryField(t *testing.T) {
	for kind, src := range full {
		var doc map[string]json.RawMessage
		if err := json.Unmarshal([]byte(src), &doc); err != nil {
			t.Fatal(err)
		}
		for _, p := range schema.Properties(kind) {
			if _, ok := doc[p]; !ok {
				t.Errorf("the full %s leaves out %s", kind, p)
			}
		}
	}
}
