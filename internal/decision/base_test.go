package decision_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/approval"
)

// What a proposal weakens besides does not help it: the base decides.
func TestBaseDecides(t *testing.T) {
	base := scene()
	filed := with(base, pathA, change(idA, "checkout"))
	tests := []struct {
		name   string
		head   map[string]string
		person string // approves, signed
		ask    []string
		ignore string
	}{
		{"rules", edited(t, filed, "policy/change.rego", "some s in input.services\n}\n\n# METADATA\n# title: retro", "some s in input.services\n\ts.tier == 0\n}\n\n# METADATA\n# title: retro"),
			"alice", []string{"owner-team-payments team:payments", "owners-policy team:platform"}, "requested this change"},
		{"trust", edited(t, filed, "policy/data.yaml", "high: signed", "high: claimed"), "", []string{"owner-team-payments team:payments", "owners-policy team:platform"}, ""},
		{"team joined", edited(t, filed, "teams/payments.yaml", "alice, bob", "alice, bob, carol"), "carol",
			[]string{"owner-team-payments team:payments", "owners-people team:hr"}, "is not among team:payments"},
		{"owner changed", edited(t, filed, "services/checkout.yaml", "team:payments", "person:erin"), "erin", []string{"owner-team-payments team:payments"}, "is not among team:payments"},
		{"tier changed", edited(t, filed, "services/checkout.yaml", "tier: 1", "tier: 4"), "", []string{"owner-team-payments team:payments"}, ""},
		{"owners changed", edited(t, filed, "gitsm.yaml", `config: ["team:platform"]`, `config: ["person:alice"]`), "alice",
			[]string{"owner-team-payments team:payments", "owners-config team:platform"}, "requested this change"},
		{"newcomer approves", with(filed, "people/mallory.yaml", person("mallory"), "teams/payments.yaml", team("payments", "mallory")), "mallory",
			[]string{"owner-team-payments team:payments", "owners-people team:hr"}, "is nobody in people/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := facts(t, idA, base, tt.head)
			if tt.person != "" {
				approve(t, &f, tt.person)
			}
			d := decide(t, f)
			if d.Verdict != approval.Pending {
				t.Errorf("%s: %q, %v", d.Verdict, d.Reasons, codes(d.Findings))
			}
			if diff := cmp.Diff(tt.ask, asks(d)); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if tt.person != "" && !strings.HasPrefix(why(d, tt.person), tt.ignore) {
				t.Errorf("%s is ignored because %q", tt.person, why(d, tt.person))
			}
			if d.MinimumTrust != approval.Signed {
				t.Errorf("trust %s", d.MinimumTrust)
			}
		})
	}
}

// Widening what is immaterial takes effect once it has landed, and not before.
func TestImmaterialOfTheBase(t *testing.T) {
	base := with(scene(), pathA, change(idA, "checkout"))
	head := edited(t, edited(t, base, "policy/data.yaml", "[title]", "[title, reason]"), pathA, "support ends", "because")
	f := facts(t, idA, base, head)
	approve(t, &f, "bob")
	d := decide(t, f)
	if d.Verb != "reschedule" || slices.Contains(d.Material.Excluded, "reason") || !slices.Contains(d.Material.Excluded, "title") {
		t.Errorf("%s without %v", d.Verb, d.Material.Excluded)
	}
	// An approval that says itself that the reason does not matter is void.
	f.Reviews[0].Excluded = append(slices.Clone(f.Reviews[0].Excluded), "reason")
	if d := decide(t, f); d.Allowed() || !strings.Contains(why(d, "bob"), "without regard to reason") {
		t.Errorf("%s: %q", d.Verdict, why(d, "bob"))
	}
}

// A change under way keeps its frozen fields, whatever the proposal calls them.
func TestFrozenByTheBase(t *testing.T) {
	running := strings.Replace(change(idA, "checkout"), "scheduled", "implementing", 1)
	base := with(scene(), pathA, running)
	head := with(base, pathA, strings.Replace(running, "support ends", "because", 1), "policy/data.yaml", strings.Replace(data, "[title]", "[title, reason]", 1))
	if d := decide(t, facts(t, idA, base, head)); d.Verdict != approval.Deny || !slices.Contains(codes(d.Findings), "LIF002") {
		t.Errorf("%s %v", d.Verdict, codes(d.Findings))
	}
}

const kinds = `kinds:
  - name: risk
    plural: risks
    path: risks/{id}.yaml
    envelope: false
    schema: schema/risk.json
    states: [raised, accepted, over]
    initial: raised
    terminal: [over]
    transitions: [{from: raised, to: over, verb: end}]
`

const riskSchema = `{"type": "object", "required": ["title"], "properties": {"title": {"type": "string", "minLength": 5}}}`

// A kind that gitsm.yaml declares is judged by the row in force, also where the
// proposal writes another one.
func TestDeclaredKindOfTheBase(t *testing.T) {
	base := with(scene(), "gitsm.yaml", config+kinds, "schema/risk.json", riskSchema, "risks/flood.yaml", "title: Flood\nstate: raised\n")
	loose := strings.Replace(config+kinds, "{from: raised, to: over, verb: end}", "{from: raised, to: over, verb: end}, {from: raised, to: accepted, verb: accept}", 1)
	tests := []struct {
		name string
		head map[string]string
		want []string
	}{
		{"as in force", with(base, "risks/flood.yaml", "title: Flood\nstate: over\n"), []string{}},
		{"transition added", with(base, "gitsm.yaml", loose, "risks/flood.yaml", "title: Flood\nstate: accepted\n"), []string{"LIF001 risks/flood.yaml"}},
		{"states removed", with(base, "gitsm.yaml", strings.Replace(config+kinds, "    states: [raised, accepted, over]\n    initial: raised\n    terminal: [over]\n    transitions: [{from: raised, to: over, verb: end}]\n", "", 1),
			"risks/flood.yaml", "title: Flood\nstate: accepted\n"), []string{"LIF001 risks/flood.yaml"}},
		{"schema dropped", with(base, "gitsm.yaml", strings.Replace(config+kinds, "    schema: schema/risk.json\n", "", 1), "risks/flood.yaml", "title: F\nstate: raised\n"),
			[]string{"SCH007 risks/flood.yaml"}},
		{"schema loosened", with(base, "schema/risk.json", "{}", "risks/flood.yaml", "title: F\nstate: raised\n"), []string{"SCH007 risks/flood.yaml"}},
	}
	for _, tt := range tests {
		d := decide(t, facts(t, "flood", base, tt.head))
		if diff := cmp.Diff(tt.want, codes(d.Findings)); diff != "" || d.Allowed() != (len(tt.want) == 0) {
			t.Errorf("%s: %s (-want +got):\n%s", tt.name, d.Verdict, diff)
		}
	}
}

// Files of a kind that only the proposal declares are no records yet; they must
// not be worse than records all the same.
func TestKindDeclaredByTheProposal(t *testing.T) {
	base := scene()
	head := with(base, "gitsm.yaml", config+kinds, "schema/risk.json", riskSchema, "risks/flood.yaml", "title: Flood\nstate: raised\n")
	d := decide(t, facts(t, "", base, head))
	if diff := cmp.Diff([]string{"owners-config team:platform"}, asks(d)); diff != "" || len(d.Findings) > 0 {
		t.Errorf("%v (-want +got):\n%s", codes(d.Findings), diff)
	}
	for text, want := range map[string]string{"title: F\n": "SCH007 risks/flood.yaml", "a: [": "YML"} {
		head["risks/flood.yaml"] = text
		d := decide(t, facts(t, "", base, head))
		if d.Verdict != approval.Deny || len(d.Findings) == 0 || !strings.HasPrefix(codes(d.Findings)[0], want) {
			t.Errorf("%q: %s %v", text, d.Verdict, codes(d.Findings))
		}
	}
}

func TestMinimumTrust(t *testing.T) {
	tests := []struct{ table, service, want string }{
		{"{low: claimed, medium: observed, high: signed}", "checkout", "signed"},
		{"{low: claimed, medium: observed, high: signed}", "orders", "observed"},
		{"{low: claimed, medium: observed, high: signed}", "search", "claimed"},
		{"{low: claimed, medium: claimed, high: claimed}", "checkout", "claimed"},
		{"{low: claimed}", "checkout", "signed"},                // a band it forgets
		{"{low: claimed, hihg: claimed}", "checkout", "signed"}, // or misspells
		{"{}", "search", "signed"},
	}
	for _, tt := range tests {
		base := with(scene(), "policy/data.yaml", "config:\n  immaterial: {change: [title]}\n  minimum_trust: "+tt.table+"\n")
		d := decide(t, facts(t, idA, base, with(base, pathA, change(idA, tt.service))))
		if d.MinimumTrust != tt.want {
			t.Errorf("%s of %s: %s, want %s", tt.table, tt.service, d.MinimumTrust, tt.want)
		}
	}
	base := with(scene(), "policy/data.yaml", "")
	if d := decide(t, facts(t, idA, base, with(base, pathA, change(idA, "search")))); d.MinimumTrust != "signed" {
		t.Errorf("without data: %s", d.MinimumTrust)
	}
	// In another form it is none, for whatever changes more than policy.
	for _, table := range []string{"claimed", "[claimed]", "{low: [claimed]}", "{low: null, medium: observed}", "{low: clamied}"} {
		base := with(scene(), "policy/data.yaml", "config:\n  immaterial: {change: [title]}\n  minimum_trust: "+table+"\n")
		if d, err := judge.Decide(t.Context(), facts(t, idA, base, with(base, pathA, change(idA, "search")))); err == nil || !strings.Contains(err.Error(), "policy/data.yaml:3:") {
			t.Errorf("%s: %+v, %v", table, d, err)
		}
	}
	// Without a band the strictest that is named holds.
	for table, want := range map[string]string{"{low: claimed, medium: observed}": "observed", "{low: claimed}": "claimed", "{}": "signed"} {
		base := with(scene(), "policy/data.yaml", "config:\n  minimum_trust: "+table+"\n")
		if d := decide(t, facts(t, "erin", base, edited(t, base, "people/erin.yaml", "name: erin", "name: Erin"))); d.MinimumTrust != want {
			t.Errorf("%s of a person: %s, want %s", table, d.MinimumTrust, want)
		}
	}
}

// Of several records the riskiest says how an approval must be proved.
func TestTrustOfTheRiskiest(t *testing.T) {
	base := scene()
	f := facts(t, idA, base, with(base, pathA, change(idA, "search"), pathB, change(idB, "checkout")))
	review(t, &f, "bob", approval.Approved, approval.Observed)
	d := decide(t, f)
	if d.Risk.Band != "low" || d.MinimumTrust != "signed" || d.Allowed() || !strings.Contains(why(d, "bob"), "at least signed") {
		t.Errorf("%+v %s %s %q", d.Risk, d.MinimumTrust, d.Verdict, why(d, "bob"))
	}
	f = facts(t, idA, base, edited(t, with(base, pathA, change(idA, "search")), "policy/data.yaml", "low: claimed", "low: observed"))
	if d := decide(t, f); d.MinimumTrust != "signed" {
		t.Errorf("a low risk with a change of policy: %s", d.MinimumTrust)
	}
}

// Emergencies land first and are approved afterwards, by whom they name.
func TestRetro(t *testing.T) {
	base := with(scene(), incident, incidentOf("open"))
	filing := facts(t, idA, base, with(base, pathA, emergency(idA)))
	if d := decide(t, filing); !d.Allowed() || len(d.Requirements) > 0 {
		t.Errorf("%s %v %v", d.Verdict, asks(d), codes(d.Findings))
	}
	landed := open(t, with(base, pathA, emergency(idA)))
	f := filing
	f.Base, f.Head, f.Retro, f.Opener, f.Contributors = landed, landed, true, "", nil
	d := decide(t, f)
	if diff := cmp.Diff([]string{"retro person:carol"}, asks(d)); diff != "" || d.Verdict != approval.Pending || d.Verb != "retro-approval" {
		t.Errorf("%s %s (-want +got):\n%s", d.Verdict, d.Verb, diff)
	}
	for person, want := range map[string]string{"alice": "requested this change", "bob": "implements this change", "dave": "is not among person:carol"} {
		g := f
		approve(t, &g, person)
		if d := decide(t, g); d.Allowed() || why(d, person) != want {
			t.Errorf("%s: %s %q", person, d.Verdict, why(d, person))
		}
	}
	approve(t, &f, "carol")
	if d := decide(t, f); !d.Allowed() {
		t.Errorf("%s %q", d.Verdict, d.Reasons)
	}
	// who asked for it cannot authorise it, whatever the policy forgets
	own := strings.Replace(emergency(idA), "authoriser: carol", "authoriser: alice", 1)
	landed = open(t, with(base, pathA, own))
	f = facts(t, idA, base, with(base, pathA, own))
	f.Base, f.Head, f.Retro = landed, landed, true
	approve(t, &f, "alice")
	if d := decide(t, f); d.Allowed() {
		t.Errorf("%s %q", d.Verdict, d.Reasons)
	}
}

// A schema that cannot be used would judge nothing once it had landed.
func TestBrokenSchema(t *testing.T) {
	base := with(scene(), "gitsm.yaml", config+kinds, "schema/risk.json", riskSchema)
	for name, head := range map[string]map[string]string{
		"no JSON":  with(base, "schema/risk.json", "{"),
		"deleted":  with(base, "schema/risk.json", ""),
		"dangling": with(base, "schema/risk.json", `{"$ref": "x.json"}`),
	} {
		d := decide(t, facts(t, "", base, head))
		if got := codes(d.Findings); d.Verdict != approval.Deny || len(got) != 1 || !strings.HasPrefix(got[0], "STO008") {
			t.Errorf("%s: %s %v", name, d.Verdict, got)
		}
	}
	if d := decide(t, facts(t, "", base, with(base, "schema/risk.json", "{}"))); len(d.Findings) > 0 {
		t.Errorf("a schema that can be used: %v", codes(d.Findings))
	}
}
