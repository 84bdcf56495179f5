package proposal_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/finding"
	"github.com/gitsm/gitsm/internal/proposal"
)

// A change may land with a proposal about another one. Who approved it is known
// from that, and does not carry it out.
func TestLandedBesides(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice, bob := s.desk("alice"), s.desk("bob")
	first, second := file(t, alice, "checkout"), file(t, alice, "checkout")
	s.push(first.Branch, "alice", map[string]string{second.Path: s.on(second.Branch, second.Path)})
	s.git("branch", "-q", "-D", second.Branch)
	approve(t, bob, first.ID)
	merge(t, alice, first.ID)

	about := func(id string) decision.Authority {
		t.Helper()
		a, err := alice.Authority(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for _, id := range []string{first.ID, second.ID} {
		if a := about(id); !slices.Equal(a.Approvers, []string{"bob"}) || a.At.IsZero() || (a.Met == nil) != (id == second.ID) {
			t.Errorf("%s: %+v", id, a)
		}
	}
	_, err := bob.Advance(t.Context(), "change", second.ID, proposal.Step{Verb: "start"})
	refused(t, err, "LIF009")
	if _, err := alice.Advance(t.Context(), "change", second.ID, proposal.Step{Verb: "start"}); err != nil {
		t.Error(err)
	}
}

// What is said in a proposal of another change than it is about rests on how
// that one was put into force.
func TestStartedBesides(t *testing.T) {
	t.Parallel()
	for who, denied := range map[string]bool{"bob": true, "alice": false} {
		s := begin(t)
		alice := s.desk("alice")
		first, second := file(t, alice, "search"), file(t, alice, "checkout")
		approve(t, s.desk("carol"), first.ID)
		approve(t, s.desk("bob"), second.ID)
		merge(t, alice, first.ID)
		merge(t, alice, second.ID)
		branch := "gitsm/" + first.ID + "/edit-w1th"
		s.move(s.repo(), "refs/heads/"+branch, "", s.ref("refs/heads/main"))
		began := strings.Replace(s.on("main", second.Path), "state: scheduled", "state: implementing", 1) +
			"implementation: {started_at: " + s.clock.read().Format("2006-01-02T15:04:05Z") + ", implementer: " + who + "}\n"
		s.push(branch, who, map[string]string{
			first.Path: strings.Replace(s.on("main", first.Path), "title: ", "title: Again ", 1), second.Path: began,
		})
		d := gate(t, alice, first.ID)
		if found := slices.ContainsFunc(d.Findings, func(f finding.Finding) bool { return f.Code == "LIF009" }); found != denied {
			t.Errorf("%s: %s %v", who, d.Verdict, d.Findings)
		}
	}
}
