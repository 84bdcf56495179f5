package audit_test

import (
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/proposal"
)

func TestPushedStraightToMain(t *testing.T) {
	s := healthy(t)
	id := s.ids["scheduled"]
	p := "changes/2026/11/" + id + ".yaml"
	text := s.file(mainRef, p)

	t.Run("edit of a scheduled change", func(t *testing.T) {
		s := s.copyOf(t)
		at := s.push("mallory", map[string]string{p: strings.Replace(text, "restore the snapshot", "none needed", 1)})
		r := s.verify()
		c := s.expect(r, audit.POP2, id, audit.Fail, at[:12], p, "plan", "Mallory")
		if len(c.RestsOn) < 2 || c.RestsOn[0] != at || !strings.HasPrefix(c.RestsOn[1], p+":") {
			t.Errorf("rests on %v", c.RestsOn)
		}
		s.expect(r, audit.APR3, id, audit.Fail, at[:12], "after landing")
		s.expect(r, audit.APR1, id, audit.Fail, "past the gate")
		if r.Worst() != audit.Fail {
			t.Errorf("the report ends %s", r.Worst())
		}
		s.onlyFails(r, "POP-2 "+id, "APR-3 "+id, "APR-1 "+id)
	})
	t.Run("edit of an immaterial field", func(t *testing.T) {
		s := s.copyOf(t)
		s.push("mallory", map[string]string{p: strings.Replace(text, "Rotate the certificates", "Rotate them", 1)})
		r := s.verify()
		s.expect(r, audit.POP2, id, audit.Fail, "title")
		s.expect(r, audit.APR3, id, audit.Pass)
	})
	t.Run("new record", func(t *testing.T) {
		s := s.copyOf(t)
		s.push("mallory", map[string]string{forgedPath: s.normal("scheduled")})
		r := s.verify()
		s.expect(r, audit.POP2, forged, audit.Fail, "added "+forgedPath)
		s.expect(r, audit.APR1, forged, audit.Fail, "owner-team-payments")
		s.expect(r, audit.BCK1, forged, audit.Pass)
	})
	t.Run("deletion", func(t *testing.T) {
		s := s.copyOf(t)
		s.push("mallory", map[string]string{p: "-"})
		r := s.verify()
		s.expect(r, audit.POP2, id, audit.Fail, "removed "+p)
	})
	t.Run("incident", func(t *testing.T) {
		s := s.copyOf(t)
		inc := "incidents/2026/11/" + s.ids["incident"] + ".yaml"
		s.push("mallory", map[string]string{inc: strings.Replace(s.file(mainRef, inc), "Checkout is down", "Nothing", 1)})
		s.expect(s.verify(), audit.POP2, s.ids["incident"], audit.Fail, "title")
	})
	t.Run("policy", func(t *testing.T) {
		s := s.copyOf(t)
		at := s.push("mallory", map[string]string{"policy/approvals.rego": s.file(mainRef, "policy/approvals.rego") + "\n# nothing\n"})
		r := s.verify()
		s.expect(r, audit.POP2, "", audit.Fail, at[:12], "policy/approvals.rego")
		s.expect(r, audit.POL1, "", audit.Fail, "its owners were not asked")
	})
	t.Run("person", func(t *testing.T) {
		s := s.copyOf(t)
		s.push("mallory", map[string]string{"people/mallory.yaml": s.person("mallory", "mallory")})
		r := s.verify()
		s.expect(r, audit.POP2, "mallory", audit.Fail)
		s.expect(r, audit.POL1, "mallory", audit.Fail)
	})
	t.Run("file that is no record", func(t *testing.T) {
		s := s.copyOf(t)
		s.push("mallory", map[string]string{"README.md": "hello\n"})
		if r := s.verify(); r.Worst() != audit.Pass {
			t.Errorf("the report ends %s", r.Worst())
		}
	})
}

func TestBootstrapCoversTheCatalogueAlone(t *testing.T) {
	s := newScene(t)
	s.found("bootstrap: true\n")
	s.push("alice", map[string]string{"services/search.yaml": "apiVersion: gitsm/v1\nkind: service\nid: search\ntitle: Search\nowner: team:payments\ntier: 4\n"})
	s.push("alice", map[string]string{"incidents/2026/11/INC-20261103-F0RGED.yaml": "apiVersion: gitsm/v1\nkind: incident\nid: INC-20261103-F0RGED\ntitle: Down\nstate: open\nservices: [checkout]\n",
		forgedPath: s.normal("scheduled")})
	r := s.verify()
	s.expect(r, audit.POP2, "search", audit.NotApplicable, "bootstrap")
	s.expect(r, audit.POP2, "INC-20261103-F0RGED", audit.Fail)
	s.expect(r, audit.POP2, forged, audit.Fail)
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "bootstrap: people") {
		t.Errorf("notes: %s", notes)
	}
}

func TestMergedByHandWithoutApprovals(t *testing.T) {
	s := healthy(t)
	id := s.propose(s.as("alice"), "change", "", s.change(nil))
	branch := strings.TrimSpace(strings.TrimPrefix(s.git("branch", "--list", "gitsm/"+id+"/*"), "*"))
	s.git("merge", "--no-ff", "-m", "Merge it", branch)
	r := s.verify()
	s.expect(r, audit.POP2, id, audit.Fail)
	s.expect(r, audit.APR1, id, audit.Fail, "without the approvals", "0 of 1 given")
}

func TestMergedByHandAfterAnEdit(t *testing.T) {
	s := healthy(t)
	id := s.propose(s.as("alice"), "change", "", s.change(nil))
	s.approve(s.as("bob"), id)
	edited := s.edit(s.as("alice"), "change", id, planEdit("something else entirely")).Commit
	s.merge(s.as("alice"), s.filler()) // main commits to bob's approval
	branch := strings.TrimSpace(strings.TrimPrefix(s.git("branch", "--list", "gitsm/"+id+"/*"), "*"))
	s.git("merge", "--no-ff", "-m", "Merge it", branch)
	r := s.verify()
	s.expect(r, audit.POP2, id, audit.Fail, s.ref(mainRef)[:12])
	s.expect(r, audit.APR1, id, audit.Fail, "stale")
	s.expect(r, audit.APR3, id, audit.Fail, "bob approved other content", edited[:12])
}

// filler is a change that was proposed and approved and may land.
func (s *scene) filler() string {
	s.Helper()
	id := s.propose(s.as("alice"), "change", "", s.change(map[string]any{"title": "Filler"}))
	s.approve(s.as("bob"), id)
	return id
}

func TestForgedLandings(t *testing.T) {
	s := healthy(t)
	scheduled := s.normal("scheduled")
	owners := []string{"team:payments"}
	tests := map[string]struct {
		forgery forgery
		want    map[string][]string // code → words of the reason
	}{
		"no approval, and a decision that asked for none": {
			forgery{content: scheduled, decided: true},
			map[string][]string{audit.APR1: {"was not allowed", "owner-team-payments"}},
		},
		"no decision": {
			forgery{content: scheduled, from: owners, given: []*forgedWord{{person: "bob", key: "bob"}}},
			map[string][]string{audit.APR1: {"holds no decision"}},
		},
		"approved by the requester": {
			forgery{content: scheduled, from: owners, given: []*forgedWord{{person: "alice", key: "alice"}}, decided: true},
			map[string][]string{audit.APR1: {"requested this change"}, audit.SOD1: {"alice approved and requested it", "author of"}},
		},
		"approved in another's name": {
			forgery{content: scheduled, from: owners, given: []*forgedWord{{person: "bob", key: "alice"}}, decided: true},
			map[string][]string{audit.APR1: {"not allowed"}, audit.SOD1: {"signature of bob's approval is bad"}, audit.TMP1: {"key of alice"}},
		},
		"approved by somebody policy did not ask": {
			forgery{content: scheduled, from: owners, given: []*forgedWord{{person: "carol", key: "carol"}}, decided: true},
			map[string][]string{audit.APR1: {"is not among team:payments"}},
		},
		"other requirements than policy has": {
			forgery{content: scheduled, from: []string{"person:bob"}, given: []*forgedWord{{person: "bob", key: "bob"}}, decided: true},
			map[string][]string{audit.APR1: {"recorded other requirements"}},
		},
		"commits signed with another's key": {
			forgery{content: scheduled, key: "dave", from: owners, given: []*forgedWord{{person: "bob", key: "bob"}}, decided: true},
			map[string][]string{audit.SOD1: {"key of dave", "alice made it"}, audit.TMP1: {"key of dave"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := s.copyOf(t)
			tt.forgery.id, tt.forgery.path = forged, forgedPath
			at := s.forge(tt.forgery)
			r := s.verify()
			var fails []string
			for code, words := range tt.want {
				s.expect(r, code, forged, audit.Fail, words...)
				fails = append(fails, code+" "+forged)
			}
			s.expect(r, audit.POP2, forged, audit.Pass)
			s.onlyFails(r, fails...)
			if _, ok := verdict(r, audit.APR1, forged); !ok {
				t.Errorf("%s has no verdict", at)
			}
		})
	}
}

func TestForgedAsTheGateWouldPasses(t *testing.T) {
	s := healthy(t)
	s.forge(forgery{id: forged, path: forgedPath, content: s.normal("scheduled"), from: []string{"team:payments"},
		given: []*forgedWord{{person: "bob", key: "bob"}}, decided: true})
	r := s.verify()
	s.onlyFails(r)
	s.expect(r, audit.APR1, forged, audit.Pass, "bob (signed)")
	s.expect(r, audit.SOD1, forged, audit.Pass)
}

func TestEditedAfterApproval(t *testing.T) {
	s := healthy(t)
	base := s.ref(mainRef)
	first := s.normal("scheduled")
	second := strings.Replace(first, "run the playbook", "run something else", 1)
	one := s.proposalCommit("alice", "alice", forgedPath, first, base)
	two := s.proposalCommit("alice", "alice", forgedPath, second, one)
	s.forge(forgery{id: forged, path: forgedPath, content: second, commits: []git.OID{one, two}, from: []string{"team:payments"},
		given: []*forgedWord{{person: "bob", key: "bob", head: one, content: first}}, decided: true})
	r := s.verify()
	s.expect(r, audit.APR3, forged, audit.Fail, "bob approved other content", "edited after the approval by "+two[:12])
	s.expect(r, audit.APR1, forged, audit.Fail, "stale")
	s.onlyFails(r, "APR-3 "+forged, "APR-1 "+forged)
}

func TestUnsignedCannotBeVerified(t *testing.T) {
	owners := []string{"team:payments"}
	tests := map[string]struct {
		forgery forgery
		words   string
	}{
		"commits":   {forgery{key: "-", from: owners, given: []*forgedWord{{person: "bob", key: "bob"}}, decided: true}, "who made commit"},
		"approvals": {forgery{from: owners, given: []*forgedWord{{person: "bob"}}, decided: true}, "that it was bob who approved is only claimed"},
		"unknown":   {forgery{from: owners, given: []*forgedWord{{person: "bob", key: "stranger"}}, decided: true}, "nobody lists the key"},
	}
	s := healthy(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := s.copyOf(t)
			tt.forgery.id, tt.forgery.path, tt.forgery.content = forged, forgedPath, s.normal("scheduled")
			s.forge(tt.forgery)
			r := s.verify()
			s.expect(r, audit.SOD1, forged, audit.CannotVerify, tt.words)
			s.onlyFails(r)
			if r.Worst() != audit.CannotVerify {
				t.Errorf("the report ends %s", r.Worst())
			}
		})
	}
}

func TestApproverImplements(t *testing.T) {
	s := healthy(t)
	s.at(s.now.Add(3 * 60e9 * 60))
	s.advance(s.as("bob"), "change", s.ids["scheduled"], proposal.Step{Verb: "start"})
	s.expect(s.verify(), audit.SOD1, s.ids["scheduled"], audit.Fail, "bob approved and implemented it")
}

func TestSupersededApproverMayImplement(t *testing.T) {
	s := healthy(t)
	id := s.ids["scheduled"]
	out := s.edit(s.as("alice"), "change", id, planEdit("run the newest playbook"))
	if out.Landed {
		t.Fatal("a material edit landed without approval")
	}
	s.approve(s.as("dave"), id)
	s.merge(s.as("alice"), id)
	s.at(s.now.Add(3 * 60e9 * 60))
	s.advance(s.as("bob"), "change", id, proposal.Step{Verb: "start"})
	r := s.verify()
	s.expect(r, audit.SOD1, id, audit.Pass)
	s.expect(r, audit.APR2, id, audit.Pass)
	s.onlyFails(r)
}
