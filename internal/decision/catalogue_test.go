package decision_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/approval"
)

// owned asks the owner of a service, as the default pack does.
const owned = `package gitsm.service

# METADATA
# title: the owner approves
# custom: {id: SVC201}
approvals contains {"id": "owner", "from": [input.before.owner], "count": 1, "msg": "owns it"} if input.before
`

// What policy asks for an edit of the catalogue is asked once the store no
// longer bootstraps.
func TestCatalogueApprovals(t *testing.T) {
	base := with(scene(), "policy/service.rego", owned)
	head := edited(t, base, "services/search.yaml", "tier: 3", "tier: 4")
	d := decide(t, facts(t, "search", base, head))
	if diff := cmp.Diff([]string{"owner team:discovery"}, asks(d)); diff != "" || d.Verdict != approval.Pending {
		t.Errorf("%s (-want +got):\n%s", d.Verdict, diff)
	}
	young := func(files map[string]string) map[string]string {
		return with(files, "gitsm.yaml", config+"bootstrap: true\n")
	}
	if d := decide(t, facts(t, "search", young(base), young(head))); !d.Allowed() || len(d.Requirements) > 0 {
		t.Errorf("while bootstrapping: %s %v", d.Verdict, asks(d))
	}
}

// The state of a service is part of what its approval covers: nobody retires it
// with the approval of another edit.
func TestStateOfTheCatalogueIsBound(t *testing.T) {
	base := with(scene(), "policy/service.rego", owned)
	head := edited(t, base, "services/search.yaml", "tier: 3", "tier: 4")
	f := facts(t, "search", base, head)
	approve(t, &f, "carol")
	if d := decide(t, f); !d.Allowed() {
		t.Fatalf("approved: %s %v", d.Verdict, d.Reasons)
	}
	retired := facts(t, "search", base, with(head, "services/search.yaml", head["services/search.yaml"]+"state: retired\n"))
	retired.Reviews = f.Reviews
	if d := decide(t, retired); d.Verdict != approval.Pending {
		t.Errorf("retired with the approval of another edit: %s", d.Verdict)
	}
}

// A catalogue of which two files cannot be read is mended one at a time.
func TestCatalogueIsMendedPieceByPiece(t *testing.T) {
	base := with(scene(), "policy/service.rego", owned, "services/search.yaml", "a: [", "services/orders.yaml", "a: [")
	f := facts(t, "search", base, with(base, "services/search.yaml", service("search", "team:discovery", 3)))
	if d := decide(t, f); d.Verdict == approval.Deny {
		t.Errorf("%v", codes(d.Findings))
	}
	f = facts(t, idA, base, with(base, pathA, change(idA, "checkout")))
	if d := decide(t, f); d.Verdict != approval.Deny {
		t.Errorf("a change on an unreadable catalogue: %s", d.Verdict)
	}
}

// What a record on main may not say is unknown to policy, which counts it as the
// worst: a tier in quotes would otherwise be less critical than any.
func TestCatalogueOfAnotherForm(t *testing.T) {
	unknown := strings.Replace(rules, `band := "high" if 1 in tiers`, `band := "high" if {
	some s in input.services
	not s.tier
}`, 1)
	for _, tier := range []string{`"3"`, "null", "9", "-1", "[3]", "3.5", "3"} {
		base := with(scene(), "policy/change.rego", unknown, "services/search.yaml", strings.Replace(service("search", "team:discovery", 3), "tier: 3", "tier: "+tier, 1))
		d := decide(t, facts(t, idA, base, with(base, pathA, change(idA, "search"))))
		if want := map[bool]string{true: "low", false: "high"}[tier == "3"]; d.Risk.Band != want {
			t.Errorf("tier %s: %s, want %s", tier, d.Risk.Band, want)
		}
	}
}
