package decision_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/finding"
)

// waiver lets a change of checkout land without a way back, until the end of
// the year.
const waiver = `apiVersion: gitsm/v1
kind: waiver
id: no-way-back
title: No way back
state: active
rule: CHG012
scope: {services: [checkout]}
reason: The vendor has none
requested_by: bob
approver: carol
expires: 2026-12-31T00:00:00Z
`

func covered(fs []finding.Finding) []string {
	out := []string{}
	for _, f := range fs {
		out = append(out, f.Code+" by "+f.Waiver)
	}
	return out
}

func TestWaivers(t *testing.T) {
	const path = "waivers/no-way-back.yaml"
	bare := strings.Replace(change(idA, "checkout"), "plan: {backout: restore the snapshot}\n", "", 1)
	both := strings.Replace(bare, "[checkout]", "[checkout, orders]", 1)
	human := "signing_keys: [{key: \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJpWnKkvHBBR2SC1GwKPDBZTkr6Vf4fjKGWtuhhKf1QX\"}]\n"
	tests := []struct {
		name         string
		edits        []string // pairs, in the waiver
		change       string
		files        []string // pairs of path and text
		want, waived []string
	}{
		{name: "in force", waived: []string{"CHG012 by no-way-back"}},
		{name: "begun this moment", edits: []string{"expires", "valid_from: 2026-11-20T12:00:00Z\nexpires"}, waived: []string{"CHG012 by no-way-back"}},
		{name: "not begun", edits: []string{"expires", "valid_from: 2026-11-20T12:00:01Z\nexpires"}, want: []string{"CHG012"}},
		{name: "expired this moment", edits: []string{"2026-12-31T00:00:00Z", "2026-11-20T12:00:00Z"}, want: []string{"CHG012"}},
		{name: "revoked", edits: []string{"state: active", "state: revoked"}, want: []string{"CHG012"}},
		{name: "without an end", edits: []string{"expires: 2026-12-31T00:00:00Z\n", ""}, want: []string{"CHG012"}},
		{name: "of another rule", edits: []string{"CHG012", "CHG001"}, want: []string{"CHG012"}},
		{name: "of another service", edits: []string{"[checkout]", "[orders]"}, want: []string{"CHG012"}},
		{name: "of one of two services", change: both, want: []string{"CHG012"}},
		{name: "of both services", change: both, edits: []string{"[checkout]", "[checkout, orders, search]"}, waived: []string{"CHG012 by no-way-back"}},
		{name: "of everything", edits: []string{"services: [checkout]", "all: true"}, waived: []string{"CHG012 by no-way-back"}},
		{name: "of this record", edits: []string{"services: [checkout]", "records: [" + idA + "]"}, waived: []string{"CHG012 by no-way-back"}},
		{name: "of another record", edits: []string{"services: [checkout]", "records: [" + idB + "]"}, want: []string{"CHG012"}},
		{name: "of its kind", edits: []string{"services: [checkout]", "kinds: [change], records: ['change:" + idA + "']"}, waived: []string{"CHG012 by no-way-back"}},
		{name: "of another kind", edits: []string{"services: [checkout]", "kinds: [incident]"}, want: []string{"CHG012"}},
		{name: "of nothing", edits: []string{"services: [checkout]", ""}, want: []string{"CHG012"}},
		{name: "answered for by who asks for it", edits: []string{"carol", "bob"}, want: []string{"CHG012"}},
		{name: "answered for by the same human", want: []string{"CHG012"},
			files: []string{"people/bob.yaml", person("bob") + human, "people/carol.yaml", person("carol") + human}},
		{name: "answered for by nobody", edits: []string{"carol", "mallory"}, want: []string{"CHG012"}},
		{name: "answered for by who left", want: []string{"CHG012"}, files: []string{"people/carol.yaml", person("carol") + "active: false\n"}},
		{name: "answered for by the requester", edits: []string{"carol", "alice"}, want: []string{"CHG012", "WAV002"}},
		{name: "one's own beside another's", edits: []string{"carol", "alice"}, waived: []string{"CHG012 by the-other"},
			files: []string{"waivers/the-other.yaml", strings.Replace(waiver, "no-way-back", "the-other", 1)}},
	}
	for _, tt := range tests {
		text := strings.NewReplacer(tt.edits...).Replace(waiver)
		base := with(with(scene(), path, text), tt.files...)
		if tt.change == "" {
			tt.change = bare
		}
		d := decide(t, facts(t, idA, base, with(base, pathA, tt.change)))
		want, waived := append([]string{}, tt.want...), append([]string{}, tt.waived...)
		if diff := cmp.Diff(want, codes(d.Findings)); diff != "" {
			t.Errorf("%s: findings (-want +got):\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(waived, covered(d.Waived)); diff != "" {
			t.Errorf("%s: waived (-want +got):\n%s", tt.name, diff)
		}
		s := open(t, with(base, pathA, tt.change))
		a := advise(t, s, s)
		found, _, err := a.Judge(t.Context(), nil, get(t, s, pathA))
		if err != nil {
			t.Fatal(err)
		}
		kept, excused := a.Waive(found)
		if fmt.Sprint(codes(kept), covered(excused)) != fmt.Sprint(want, waived) {
			t.Errorf("%s: check finds %v, waived %v", tt.name, codes(kept), covered(excused))
		}
		o, err := judge.Ask(t.Context(), open(t, base), facts(t, idA, base, with(base, pathA, tt.change)).Changes[0], facts(t, idA, base, base).Actor, noon)
		if err != nil || (len(o.Denies) > 0) != (len(want) > 0) {
			t.Errorf("%s: replay has %v, %v", tt.name, o, err)
		}
	}
}

// Whoever answers for a waiver gains by it also where they bring the change and
// name somebody else as its requester.
func TestWaiverOfWhoBringsTheChange(t *testing.T) {
	bare := strings.Replace(change(idA, "checkout"), "plan: {backout: restore the snapshot}\n", "", 1)
	base := with(scene(), "waivers/no-way-back.yaml", waiver)
	for who, want := range map[string][]string{"carol": {"CHG012", "WAV002"}, "dave": {}} {
		for _, as := range []string{"opener", "author"} {
			f := facts(t, idA, base, with(base, pathA, bare))
			if f.Opener = who; as == "author" {
				f.Opener = "alice"
				f.Contributors = append(f.Contributors, approval.Contributor{Person: who, Who: who, Role: as, Commit: "2222"})
			}
			if diff := cmp.Diff(want, codes(decide(t, f).Findings)); diff != "" {
				t.Errorf("%s as %s (-want +got):\n%s", who, as, diff)
			}
		}
	}
}

// What a proposal brings covers nothing: the base judges.
func TestWaiverInTheProposal(t *testing.T) {
	bare := strings.Replace(change(idA, "checkout"), "plan: {backout: restore the snapshot}\n", "", 1)
	d := decide(t, facts(t, idA, scene(), with(scene(), pathA, bare, "waivers/no-way-back.yaml", waiver)))
	if diff := cmp.Diff([]string{"CHG012"}, codes(d.Findings)); diff != "" || len(d.Waived) > 0 {
		t.Errorf("waived %v (-want +got):\n%s", covered(d.Waived), diff)
	}
}

// A waiver of the review that policy asks for leaves the one that gitsm demands.
func TestWaivedReview(t *testing.T) {
	review := rules + `
# METADATA
# title: reviewed
# custom: {id: CHG009}
deny contains {"msg": "no review", "path": "/review"} if input.transition.to == "closed"
`
	base := with(scene(), "policy/change.rego", review, "waivers/no-way-back.yaml", strings.Replace(waiver, "CHG012", "CHG009", 1))
	failed := change(idA, "checkout") + "implementation: {implementer: bob, started_at: 2026-11-20T10:00:00Z, finished_at: 2026-11-20T11:00:00Z, outcome: failed}\n"
	base = with(base, pathA, strings.Replace(failed, "scheduled", "review", 1))
	d := decide(t, facts(t, idA, base, with(base, pathA, strings.Replace(failed, "scheduled", "closed", 1))))
	if diff := cmp.Diff([]string{"LIF010"}, codes(d.Findings)); diff != "" || len(d.Waived) != 1 {
		t.Errorf("waived %v (-want +got):\n%s", covered(d.Waived), diff)
	}
}

// A waiver is approved by the owners of waivers and by whom it names, never by
// who asks for it.
func TestWhoApprovesAWaiver(t *testing.T) {
	base := with(scene(), "gitsm.yaml", config+"bootstrap: true\n")
	f := facts(t, "no-way-back", base, with(base, "waivers/no-way-back.yaml", waiver))
	d := decide(t, f)
	if diff := cmp.Diff([]string{"owners-waiver-no-way-back person:carol", "owners-waivers "}, asks(d)); diff != "" || d.Allowed() {
		t.Errorf("%s (-want +got):\n%s", d.Verdict, diff)
	}
	base = with(scene(), "gitsm.yaml", strings.Replace(config, "owners: {", "owners: {waivers: [person:bob, person:carol], ", 1))
	for who, allowed := range map[string]bool{"bob": false, "carol": true} {
		f := facts(t, "no-way-back", base, with(base, "waivers/no-way-back.yaml", waiver))
		approve(t, &f, who)
		if d := decide(t, f); d.Allowed() != allowed {
			t.Errorf("%s approves: %s %v", who, d.Verdict, d.Requirements)
		}
	}
}
