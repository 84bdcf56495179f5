package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/proposal"
)

// What a push did is said to the line, and a title is nothing approvals cover.
func TestPushedStraightToMain(t *testing.T) {
	s := healthy(t)
	id := s.ids["scheduled"]
	p := "changes/2026/11/" + id + ".yaml"
	text := s.file(mainRef, p)
	t.Run("plan", func(t *testing.T) {
		s := s.copyOf(t)
		at := s.push("mallory", map[string]string{p: strings.Replace(text, "restore the snapshot", "none needed", 1)})
		r := s.verify()
		c := s.expect(r, audit.POP2, id, audit.Fail, at[:12], p, "plan", "Mallory")
		if len(c.RestsOn) < 2 || c.RestsOn[0] != at || !strings.HasPrefix(c.RestsOn[1], p+":") {
			t.Errorf("rests on %v", c.RestsOn)
		}
		s.onlyFails(r, "POP-2 "+id, "APR-3 "+id, "APR-1 "+id)
	})
	t.Run("links", func(t *testing.T) {
		s := s.copyOf(t)
		s.push("mallory", map[string]string{p: strings.Replace(text, "\ntitle:", linked, 1)})
		s.expect(s.verify(), audit.APR3, id, audit.Pass)
	})
}

// linked puts a link, which no approval covers, above a change's title.
const linked = "\nlinks: [{title: Plan, url: https://example.org/plan}]\ntitle:"

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
	word := func(person, key string) []forgedWord { return []forgedWord{{person: person, key: key}} }
	tests := map[string]struct {
		forgery forgery
		want    map[string][]string // code → words of the reason
	}{
		"no approval, and a decision that asked for none": {
			forgery{decision: true},
			map[string][]string{audit.APR1: {"was not allowed", "owner-team-payments"}},
		},
		"no decision": {
			forgery{asked: owners, given: word("bob", "bob")},
			map[string][]string{audit.APR1: {"holds no decision"}},
		},
		"decided to wait": {
			forgery{asked: owners, given: word("bob", "bob"), decision: true, verdict: "pending"},
			map[string][]string{audit.APR1: {"its recorded decision was pending"}},
		},
		"decided and approved after it had landed": {
			forgery{asked: owners, given: word("bob", "bob"), decision: true, late: true},
			map[string][]string{audit.APR1: {"holds no decision"}},
		},
		"approved after it had landed": {
			forgery{asked: owners, given: word("bob", "bob"), decision: true, lateWord: true},
			map[string][]string{audit.APR1: {"was not allowed", "0 of 1 given"}},
		},
		"approved by the requester": {
			forgery{asked: owners, given: word("alice", "alice"), decision: true},
			map[string][]string{audit.APR1: {"requested this change"}, audit.SOD1: {"alice approved and requested it", "author of"}},
		},
		"approved by the requester's other self": {
			forgery{asked: owners, given: word("alix", "alix"), decision: true},
			map[string][]string{audit.APR1: {"requested this change as alice"}, audit.SOD1: {"alix approved and shares a GitHub account with alice"}},
		},
		"approved twice by one human": {
			forgery{asked: owners, given: []forgedWord{{person: "bob", key: "bob"}, {person: "rob", key: "rob"}}, decision: true},
			map[string][]string{audit.SOD1: {"bob and rob approved and share a GitHub account: one human counted twice"}},
		},
		"approved in another's name": {
			forgery{asked: owners, given: word("bob", "alice"), decision: true},
			map[string][]string{audit.APR1: {"not allowed"}, audit.SOD1: {"signature of bob's approval is bad"}, audit.TMP1: {"key of alice"}},
		},
		"approved by somebody policy did not ask": {
			forgery{asked: owners, given: word("carol", "carol"), decision: true},
			map[string][]string{audit.APR1: {"is not among team:payments"}},
		},
		"approved without regard to the plan": {
			forgery{asked: owners, given: []forgedWord{{person: "bob", key: "bob", without: []string{"plan"}}}, decision: true},
			map[string][]string{audit.APR1: {"without regard to plan"}, audit.APR3: {"bob approved without regard to plan"}},
		},
		"other requirements than policy has": {
			forgery{asked: []string{"person:bob"}, given: word("bob", "bob"), decision: true},
			map[string][]string{audit.APR1: {"recorded other requirements"}},
		},
		"commits signed with another's key": {
			forgery{key: "dave", asked: owners, given: word("bob", "bob"), decision: true},
			map[string][]string{audit.SOD1: {"key of dave", "alice made it"}, audit.TMP1: {"key of dave"}},
		},
		"says that other content landed": {
			forgery{asked: owners, given: word("bob", "bob"), decision: true, digest: strings.Repeat("0", 64)},
			map[string][]string{audit.APR3: {"says that content 000000000000 landed"}},
		},
		"about another record": {
			forgery{asked: owners, given: word("bob", "bob"), decision: true, changeID: "CHG-20261103-0THERS"},
			map[string][]string{audit.TMP1: {"says that it is about CHG-20261103-0THERS"}},
		},
		"edited while it was merged": {
			forgery{asked: owners, given: word("bob", "bob"), decision: true, landed: map[string]string{forgedPath: strings.Replace(scheduled, "playbook", "other book", 1)}},
			map[string][]string{audit.TMP1: {"neither main nor its proposal had: " + forgedPath}, audit.APR1: {"stale"}, audit.APR3: {"bob approved other content"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := s.copyOf(t)
			tt.forgery.content = scheduled
			s.forge(tt.forgery)
			r := s.verify()
			var fails []string
			for code, words := range tt.want {
				s.expect(r, code, forged, audit.Fail, words...)
				fails = append(fails, code+" "+forged)
			}
			s.expect(r, audit.POP2, forged, audit.Pass)
			s.onlyFails(r, fails...)
		})
	}
}

func TestForgedAsTheGateWouldPasses(t *testing.T) {
	s := healthy(t)
	s.forge(approved(s.normal("scheduled")))
	r := s.verify()
	s.onlyFails(r)
	s.expect(r, audit.APR1, forged, audit.Pass, "bob (signed)")
	s.expect(r, audit.SOD1, forged, audit.Pass)
}

func TestDecidedByAnotherVersion(t *testing.T) {
	s := healthy(t)
	f := approved(s.normal("scheduled"))
	f.tool = "0.9.0"
	t.Run("alike", func(t *testing.T) {
		s := s.copyOf(t)
		s.forge(f)
		s.expect(s.verify(), audit.APR1, forged, audit.Pass)
	})
	t.Run("otherwise", func(t *testing.T) {
		s := s.copyOf(t)
		f := f
		f.asked = []string{"person:bob"}
		s.forge(f)
		s.expect(s.verify(), audit.APR1, forged, audit.CannotVerify, "check it with that version", "0.9.0")
	})
	t.Run("alike, and not approved", func(t *testing.T) {
		s := s.copyOf(t)
		f := f
		f.given = nil
		s.forge(f)
		s.expect(s.verify(), audit.APR1, forged, audit.Fail)
	})
}

// A change starts while its window is open, as the gate's clock said; commit
// dates decide nothing.
func TestDecidedAtTheRecordedTime(t *testing.T) {
	s := healthy(t)
	text := s.normal("scheduled")
	s.forge(approved(text))
	at := s.now
	start := strings.Replace(text, "state: scheduled", "state: implementing", 1) + "implementation: {started_at: \"" + at.Format(time.RFC3339) + "\", implementer: alice}\n"
	s.at(s.now.Add(24 * time.Hour))
	s.forge(forgery{content: start, decision: true, now: at})
	s.expect(s.verify(), audit.APR1, forged, audit.Pass)
}

func TestEditedAfterApproval(t *testing.T) {
	s := healthy(t)
	first := s.normal("scheduled")
	second := strings.Replace(first, "run the playbook", "run something else", 1)
	one := s.proposalCommit("alice", "alice", map[string]string{forgedPath: first}, s.ref(mainRef))
	two := s.proposalCommit("alice", "alice", map[string]string{forgedPath: second}, one)
	f := approved(second)
	f.commits = []git.OID{one, two}
	f.given[0].head, f.given[0].content = one, first
	s.forge(f)
	r := s.verify()
	s.expect(r, audit.APR3, forged, audit.Fail, "bob approved other content", "edited after the approval by "+two[:12])
	s.expect(r, audit.APR1, forged, audit.Fail, "stale")
	s.onlyFails(r, "APR-3 "+forged, "APR-1 "+forged)
}

func TestUnsignedCannotBeVerified(t *testing.T) {
	s := healthy(t)
	tests := map[string]struct {
		key   string // of the commits
		by    string
		given forgedWord
		want  string
		fails []string
	}{
		"commits":         {"-", "", forgedWord{person: "bob", key: "bob"}, "who made commit", nil},
		"approvals":       {"", "", forgedWord{person: "bob"}, "that it was bob who approved is only claimed", []string{"APR-1 " + forged}},
		"unknown key":     {"", "", forgedWord{person: "bob", key: "stranger"}, "nobody lists the key", []string{"APR-1 " + forged}},
		"unknown authors": {"-", "mallory", forgedWord{person: "bob", key: "bob"}, "is nobody in people/", []string{"APR-1 " + forged}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := s.copyOf(t)
			f := approved(s.normal("scheduled"))
			f.key, f.by, f.given = tt.key, tt.by, []forgedWord{tt.given}
			s.forge(f)
			r := s.verify()
			s.expect(r, audit.SOD1, forged, audit.CannotVerify, tt.want)
			s.onlyFails(r, tt.fails...)
			if len(tt.fails) == 0 && r.Worst() != audit.CannotVerify {
				t.Errorf("the report ends %s", r.Worst())
			}
		})
	}
}

func TestApproverImplements(t *testing.T) {
	s := healthy(t)
	s.at(s.now.Add(3 * time.Hour))
	// The gate refuses this, so it is pushed past it.
	id := s.ids["scheduled"]
	file := s.in + "changes/2026/11/" + id + ".yaml"
	text := strings.Replace(s.file(mainRef, file), "state: scheduled", "state: implementing", 1)
	s.push("bob", map[string]string{file: text + "implementation: {started_at: " + s.now.Format(time.RFC3339) + ", implementer: bob}\n"})
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
	s.at(s.now.Add(3 * time.Hour))
	s.advance(s.as("bob"), "change", id, proposal.Step{Verb: "start"})
	r := s.verify()
	s.expect(r, audit.SOD1, id, audit.Pass)
	s.expect(r, audit.APR2, id, audit.Pass)
	s.onlyFails(r)
}

// What somebody refused does not land because its proposal is called something else
// by now, whatever its evidence says that the gate decided.
func TestRefusedUnderAnotherName(t *testing.T) {
	for _, later := range []evidence.Type{"", evidence.Approval} {
		s := healthy(t).copyOf(t)
		f := approved(s.normal("scheduled"))
		about := s.proposed(&f)
		other := about
		other.Person, other.Proposal.Branch = "dave", "gitsm/"+forged+"/new-0000"
		for _, kind := range []evidence.Type{evidence.Rejection, later} {
			if other.Kind = kind; kind != "" {
				s.move(evidenceRef, s.record(s.ref(evidenceRef), s.entry(other, "dave")))
			}
		}
		s.landing(&f, about, s.words(&f, about))
		if r := s.verifyOf(forged); later == "" {
			s.expect(r, audit.APR1, forged, audit.Fail, "dave: rejected")
		} else {
			s.expect(r, audit.APR1, forged, audit.Pass)
		}
	}
}

// A signed objection is as old as the review that carried it, however its author's
// clock goes: an approval of after that ends it, and one of before does not.
func TestObjectionOfAFastClock(t *testing.T) {
	for name, want := range map[string]audit.Verdict{"approved since": audit.Pass, "approved before": audit.Fail} {
		t.Run(name, func(t *testing.T) {
			s := healthy(t).copyOf(t)
			f := approved(s.normal("scheduled"))
			about := s.proposed(&f)
			about.Person = "dave"
			approval, objection := about, about
			approval.Kind, objection.Kind = evidence.Approval, evidence.Rejection
			before := s.entry(approval, "dave")
			at := s.tick()
			said := []*evidence.Entry{s.entry(approval, "dave"), s.entry(objection, "dave")} // by his clock the objection is the last
			if want == audit.Fail {
				said[0] = before
			}
			review := said[1].Statement.Predicate
			review.Time = at
			review.Forge = &evidence.ForgeFacts{Repository: "github.com/acme/shop", Pull: 1, At: at, State: "changes_requested", Account: "github:14", Review: 5, Statement: said[1].Path}
			e, err := evidence.NewEntry(evidence.Statement{Predicate: review}, nil)
			s.must(err)
			s.move(evidenceRef, s.record(s.ref(evidenceRef), append(said, e)...))
			s.landing(&f, about, s.words(&f, about))
			s.expect(s.verifyOf(forged), audit.APR1, forged, want)
		})
	}
}

// Whoever may write evidence may add to it. What another decision or another
// landing says against the first is found, and two recorders that say the same
// are not.
func TestSaidTwice(t *testing.T) {
	pending, allow := approved(""), approved("")
	pending.verdict = "pending"
	another := func(s *scene, m evidence.Predicate, edit func(*evidence.Predicate)) {
		facts := *m.Merge
		m.Merge = &facts
		edit(&m)
		s.move(evidenceRef, s.record(s.ref(evidenceRef), s.entry(m, "")))
	}
	for name, tt := range map[string]struct {
		first forgery
		then  func(*scene, forgery, evidence.Predicate)
		fails string
		says  string
	}{
		"decided to wait, and then not": {pending, func(s *scene, f forgery, about evidence.Predicate) {
			f.verdict = "allow"
			s.move(evidenceRef, s.record(s.ref(evidenceRef), s.decided(&f, about, nil)))
		}, audit.APR1, "its recorded decision was pending"},
		"let pass, and decided to wait": {allow, func(s *scene, f forgery, about evidence.Predicate) {
			f.verdict = "pending"
			s.move(evidenceRef, s.record(s.ref(evidenceRef), s.decided(&f, about, nil)))
		}, audit.APR1, "its recorded decision was pending"},
		"let pass twice": {allow, func(s *scene, f forgery, about evidence.Predicate) {
			f.tool = "0.9.0"
			s.move(evidenceRef, s.record(s.ref(evidenceRef), s.decided(&f, about, nil)))
		}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := healthy(t)
			f := tt.first
			f.content = s.normal("scheduled")
			about := s.proposed(&f)
			words := s.words(&f, about)
			tt.then(s, f, about)
			s.landing(&f, about, words)
			r := s.verifyOf(forged)
			if tt.fails == "" {
				s.expect(r, audit.APR1, forged, audit.Pass)
				return
			}
			s.expect(r, tt.fails, forged, audit.Fail, tt.says)
		})
	}
	for name, tt := range map[string]struct {
		edit func(*evidence.Predicate)
		want audit.Verdict
	}{
		"landed, by two recorders": {func(m *evidence.Predicate) { m.Tool.Gitsm = "0.9.0" }, audit.Pass},
		"landed from two branches": {func(m *evidence.Predicate) { m.Proposal.Branch = "gitsm/other/new-0000" }, audit.Fail},
		"landed as other content": {func(m *evidence.Predicate) {
			m.Merge.ApprovedMaterial, m.Merge.LandedMaterial = strings.Repeat("0", 64), strings.Repeat("0", 64)
		}, audit.Fail},
		"landed by another method": {func(m *evidence.Predicate) { m.Merge.Method = "squash" }, audit.Fail},
		"landed in another project": {func(m *evidence.Predicate) {
			m.Forge = &evidence.ForgeFacts{Repository: "github.com/acme/other", Pull: 1, At: m.Time}
		}, audit.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			s := healthy(t)
			f := approved(s.normal("scheduled"))
			at := s.forge(f)
			list, err := s.read(forged)
			s.must(err)
			for _, e := range list {
				if m := e.Statement.Predicate; m.Merge != nil && m.Merge.Commit == at {
					another(s, m, tt.edit)
				}
			}
			r := s.verifyOf(forged)
			if tt.want == audit.Fail {
				s.expect(r, audit.TMP1, forged, audit.Fail, "say otherwise of commit "+at[:12])
				return
			}
			s.expect(r, audit.TMP1, forged, audit.Pass)
			s.expect(r, audit.APR1, forged, audit.Pass)
		})
	}
}

// read reads the statements about a record.
func (s *scene) read(id string) ([]*evidence.Entry, error) {
	fsys, err := s.repo.FS(s.ctx, s.ref(evidenceRef))
	if err != nil {
		return nil, err
	}
	return evidence.Read(fsys, id)
}

// What was said of a pull request of another repository is said of something else,
// whatever its number and its branch.
func TestSaidInAnotherRepository(t *testing.T) {
	for on, want := range map[string]audit.Verdict{"github.com/acme/shop": audit.Pass, "github.com/mallory/shop": audit.Fail} {
		t.Run(on, func(t *testing.T) {
			s := newScene(t)
			s.found("forge: github\n")
			root := evidence.Root(s.ref(mainRef)).Files["README.md"]
			s.must(s.repo.UpdateRefs(s.ctx, "evidence", []git.RefUpdate{{Name: evidenceRef, New: s.commit("alice", map[string]string{"README.md": string(root)})}}))
			f := approved(s.normal("scheduled"))
			f.on, f.given = "github.com/acme/shop", []forgedWord{{person: "bob", on: on}}
			s.forge(f)
			if r := s.verify(); want == audit.Pass {
				s.expect(r, audit.APR1, forged, audit.Pass, "bob (observed)")
			} else {
				s.expect(r, audit.APR1, forged, audit.Fail, "0 of 1 given")
			}
		})
	}
}
