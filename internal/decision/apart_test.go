package decision_test

import (
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
)

// people are the scene's, of whom bob has a second record, called rob.
func people() map[string]string {
	const both = "[bob@example.org, bob@home.example]"
	return with(scene(), "people/bob.yaml", strings.Replace(person("bob"), "[bob@example.org]", both, 1),
		"people/rob.yaml", strings.Replace(person("rob"), "[rob@example.org]", "[bob@home.example]", 1))
}

// found are the messages of a code.
func found(d *decision.Decision, code string) (out []string) {
	for _, x := range d.Findings {
		if x.Code == code {
			out = append(out, x.Message)
		}
	}
	return out
}

// Whoever approved does not carry the change out, by whatever name, and in
// whatever proposal it is said that work begins.
func TestApproverApart(t *testing.T) {
	start := func(id, who string) string {
		return strings.Replace(change(id, "search"), "scheduled", "implementing", 1) + "implementation: {started_at: 2026-11-20T11:00:00Z, implementer: " + who + "}\n"
	}
	main := with(people(), pathA, change(idA, "search"), pathB, change(idB, "search"))
	linked := change(idA, "search") + "links: [{title: Ticket, url: https://example.org}]\n"
	by := func(who string) decision.Authority { return decision.Authority{Approvers: []string{who}} }
	for _, tt := range []struct {
		name, who, want string
		linked          bool
		approved        map[string]decision.Authority
	}{
		{"approver", "bob", "bob approved " + idB + ", so", false, map[string]decision.Authority{idB: by("bob")}},
		{"somebody else", "alice", "", false, map[string]decision.Authority{idB: by("bob")}},
		{"by another name", "rob", "bob approved " + idB + ", and rob is the same human, so", false, map[string]decision.Authority{idB: by("bob")}},
		{"beside another change", "bob", "bob approved " + idB + ", so", true, map[string]decision.Authority{idA: by("carol"), idB: by("bob")}},
		{"who approved the other one", "carol", "", true, map[string]decision.Authority{idA: by("carol"), idB: by("bob")}},
	} {
		id, head := idB, with(main, pathB, start(idB, tt.who))
		if tt.linked {
			id, head = idA, with(head, pathA, linked)
		}
		f := facts(t, id, main, head)
		f.Authority = tt.approved
		got := strings.Join(found(decide(t, f), "LIF009"), "\n")
		if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// An emergency takes two: whoever authorises it neither files it nor is in it by
// another name.
func TestAuthoriserApart(t *testing.T) {
	filed := func(authoriser string) string {
		return strings.Replace(emergency(idA), "authoriser: carol", "authoriser: "+authoriser, 1)
	}
	said := func(who string) []approval.Contributor {
		return []approval.Contributor{{Person: who, Who: who, Role: "author", Commit: "1111"}}
	}
	for _, tt := range []struct {
		name, authoriser, opener, author, want string
	}{
		{"two people", "carol", "alice", "alice", ""},
		{"who proposes it", "carol", "carol", "alice", "carol authorises " + idA + " and has a hand in it, so"},
		{"who wrote it", "carol", "alice", "carol", "carol authorises " + idA + " and has a hand in it, so"},
		{"who carries it out, by another name", "rob", "alice", "alice", "rob authorises " + idA + " and has a hand in it, and bob is the same human, so"},
	} {
		main := with(people(), incident, incidentOf("open"))
		f := facts(t, idA, main, with(main, pathA, filed(tt.authoriser)))
		f.Opener, f.Contributors = tt.opener, said(tt.author)
		d := decide(t, f)
		got := strings.Join(found(d, "LIF009"), "\n")
		if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" || (d.Verdict == approval.Deny) != (tt.want != "") {
			t.Errorf("%s: %s %v, want %q", tt.name, d.Verdict, d.Findings, tt.want)
		}
	}
}
