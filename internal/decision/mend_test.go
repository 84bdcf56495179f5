package decision_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
)

// Where the policy on main can judge nothing, a proposal of policy alone is
// judged by who owns the policy; everything else is an error.
func TestMendingPolicy(t *testing.T) {
	sound := scene()
	rego := edited(t, sound, "policy/change.rego", "risk := {", "risk := {{")
	none := with(sound, "policy/change.rego", "", "policy/data.yaml", "")
	values := edited(t, sound, "policy/data.yaml", "config:", "config: [")
	still := edited(t, rego, "policy/change.rego", "record.reason", "record.raeson")
	for _, tt := range []struct {
		name       string
		base, head map[string]string
		approver   string
		want       approval.Verdict
		codes      []string
	}{
		{"mended and approved", rego, sound, "carol", approval.Allow, []string{"GAT011"}},
		{"rules where there were none", none, sound, "carol", approval.Allow, []string{"GAT011"}},
		{"values that can be read", values, sound, "carol", approval.Allow, []string{"GAT011"}},
		{"approved by nobody", rego, sound, "", approval.Pending, []string{"GAT011"}},
		{"approved by an outsider", rego, sound, "erin", approval.Pending, []string{"GAT011"}},
		{"approved by who proposes it", rego, sound, "bob", approval.Pending, []string{"GAT011"}},
		{"still broken", rego, still, "carol", approval.Deny, []string{"POL001", "POL001"}},
		{"emptied", rego, none, "carol", approval.Deny, []string{"GAT010"}},
	} {
		f := facts(t, "", tt.base, tt.head)
		f.Opener, f.Contributors, f.Actor.ID = "bob", nil, "bob"
		if tt.approver != "" {
			approve(t, &f, tt.approver)
		}
		d := decide(t, f)
		var got []string
		for _, x := range d.Findings {
			got = append(got, x.Code)
		}
		if diff := cmp.Diff(tt.codes, got); diff != "" || d.Verdict != tt.want {
			t.Errorf("%s: %s %v, want %s (-want +got):\n%s", tt.name, d.Verdict, d.Reasons, tt.want, diff)
		}
		if diff := cmp.Diff([]string{"owners-policy team:platform"}, asks(d)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if d.PolicyDigest != "" || d.Rules != 0 {
			t.Errorf("%s: says that %d rules of policy %s judged", tt.name, d.Rules, d.PolicyDigest)
		}
	}
}

// What is not policy cannot come along with what mends it.
func TestMendingPolicyAlone(t *testing.T) {
	sound := scene()
	broken := edited(t, sound, "policy/change.rego", "risk := {", "risk := {{")
	for name, head := range map[string]map[string]string{
		"a change":      with(sound, pathA, change(idA, "checkout")),
		"a service":     edited(t, sound, "services/search.yaml", "title: search", "title: Search"),
		"a person":      with(sound, "people/frank.yaml", person("frank")),
		"gitsm.yaml":    with(sound, "gitsm.yaml", config+"title: Shop\n"),
		"another file":  with(sound, "README.md", "x\n"),
		"another alone": with(broken, "README.md", "x\n"),
		"policy beside": with(sound, "docs/policy/change.rego", "package x\n"),
	} {
		f := facts(t, "", broken, head)
		f.Opener, f.Contributors = "", nil
		d, err := decision.NewJudge().Decide(t.Context(), f)
		if err == nil || !strings.Contains(err.Error(), "policy/change.rego:") || !strings.Contains(err.Error(), "alone has mended it") {
			t.Errorf("%s: %v, %+v", name, err, d)
		}
	}
}

// A mend is trusted as the policy's own values say, and as far as can be where
// they cannot be read.
func TestMendingPolicyTrust(t *testing.T) {
	sound := scene()
	for name, tt := range map[string]struct {
		base map[string]string
		want string
	}{
		"read":   {edited(t, sound, "policy/change.rego", "risk := {", "risk := {{"), decide(t, facts(t, "", sound, edited(t, sound, "policy/data.yaml", "low: claimed", "low: observed"))).MinimumTrust},
		"unread": {edited(t, sound, "policy/data.yaml", "config:", "config: ["), approval.Signed},
	} {
		if got := decide(t, facts(t, "", tt.base, sound)).MinimumTrust; got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
