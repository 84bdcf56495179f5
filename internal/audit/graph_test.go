package audit_test

import (
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

func TestWhatALandingCommitsTo(t *testing.T) {
	s := healthy(t)
	t.Run("nothing", func(t *testing.T) {
		s := s.copyOf(t)
		f := approved(s.normal("scheduled"))
		f.headless = true
		s.forge(f)
		r := s.verify()
		s.expect(r, audit.TMP1, forged, audit.Fail, "does not say what evidence it knew")
		s.expect(r, audit.APR1, forged, audit.Fail, "holds no decision")
	})
	t.Run("less than an earlier landing", func(t *testing.T) {
		s := s.copyOf(t)
		f := approved(s.normal("scheduled"))
		f.onto = s.git("rev-parse", "gitsm-evidence~6")
		s.forge(f)
		r := s.verify()
		s.expect(r, audit.TMP1, forged, audit.Fail, "that an earlier landing knew")
		s.onlyFails(r, "TMP-1 "+forged)
		s.merge(s.as("alice"), s.filler()) // and what lands next is not blamed for it
		s.onlyFails(s.verify(), "TMP-1 "+forged)
	})
}

func TestEvidenceThatWasJoined(t *testing.T) {
	s := healthy(t)
	id := s.filler()
	apart := s.ref(evidenceRef)
	s.move(evidenceRef, s.git("rev-parse", "gitsm-evidence~1"))
	s.approve(s.as("dave"), id)
	joined := s.join(s.ref(evidenceRef), apart)
	t.Run("whole", func(t *testing.T) {
		s := s.copyOf(t)
		s.move(evidenceRef, joined)
		s.merge(s.as("alice"), id)
		r := s.verify()
		s.expect(r, audit.APR1, id, audit.Pass)
		s.onlyFails(r)
	})
	t.Run("without what the other had", func(t *testing.T) {
		s := s.copyOf(t)
		s.move(evidenceRef, s.git("commit-tree", s.git("rev-parse", "gitsm-evidence^{tree}"), "-p", "gitsm-evidence", "-p", apart, "-m", "Join"))
		s.expect(s.verify(), audit.TMP1, id, audit.Fail, "was deleted or renamed")
	})
	t.Run("with another beginning", func(t *testing.T) {
		s := s.copyOf(t)
		other := s.commit("mallory", map[string]string{"README.md": s.file(evidenceRef, "README.md")})
		s.move(evidenceRef, s.git("commit-tree", s.git("rev-parse", "gitsm-evidence^{tree}"), "-p", "gitsm-evidence", "-p", other, "-m", "Join"))
		s.expect(s.verify(), audit.TMP1, "", audit.Fail, "2 beginnings")
	})
	t.Run("not yet", func(t *testing.T) { // a clone that has not joined what its upstream has
		s := s.copyOf(t)
		s.git("update-ref", "refs/remotes/origin/gitsm-evidence", apart)
		r := s.verify()
		s.onlyFails(r)
		if !strings.Contains(strings.Join(r.Notes, "\n"), "have diverged") || len(r.Evidence) != 2 {
			t.Errorf("notes %v, heads %v", r.Notes, r.Evidence)
		}
	})
}

func TestMainThatDiverged(t *testing.T) {
	s := healthy(t)
	s.git("update-ref", "refs/remotes/origin/main", s.commit("bob", map[string]string{"x.txt": "x\n"}, s.ref(mainRef)))
	s.push("alice", map[string]string{"y.txt": "y\n"})
	s.expect(s.verify(), audit.TMP1, "", audit.CannotVerify, "main and origin/main have diverged")
}

// A proposal that is brought up to date by a merge of main keeps its approval,
// even where the approver made the merge; one that is edited on the way does
// not.
func TestProposalsThatTakeMainIn(t *testing.T) {
	s := healthy(t)
	id := s.propose(s.as("alice"), "change", "", s.change(nil))
	branch := strings.TrimSpace(strings.TrimPrefix(s.git("branch", "--list", "gitsm/"+id+"/*"), "*"))
	other := s.filler()
	s.merge(s.as("alice"), other)
	update := func(s *scene, files map[string]string) {
		head := s.ref("refs/heads/" + branch)
		tree := s.git("merge-tree", "--write-tree", head, "main")
		sig := signature("bob", s.tick())
		spec := git.CommitSpec{Tree: tree, Parents: []git.OID{head, s.ref(mainRef)}, Message: "Merge main\n", Author: sig, Committer: sig, Sign: s.sign("bob", evidence.CommitNamespace)}
		if files != nil {
			spec.Base, spec.Tree, spec.Files = s.ref(mainRef), "", edits(files)
		}
		s.move("refs/heads/"+branch, s.write(spec))
	}
	p := "changes/2026/11/" + id + ".yaml"
	t.Run("as git merges", func(t *testing.T) {
		s := s.copyOf(t)
		update(s, nil)
		s.approve(s.as("bob"), id)
		s.merge(s.as("alice"), id)
		r := s.verify()
		s.expect(r, audit.APR1, id, audit.Pass, "by bob")
		s.onlyFails(r)
	})
	t.Run("edited by the approver", func(t *testing.T) {
		s := s.copyOf(t)
		text := s.git("show", branch+":"+p)
		update(s, map[string]string{p: strings.Replace(text, "run the playbook", "run it by hand", 1) + "\n"})
		if _, err := s.as("bob").Approve(s.ctx, id); err == nil {
			t.Error("the gate takes the approval of somebody who edited it")
		}
		s.approve(s.as("dave"), id)
		s.merge(s.as("alice"), id)
		r := s.verify()
		s.onlyFails(r)
		s.expect(r, audit.SOD1, id, audit.Pass, "dave")
	})
}

func TestApproverWhoEditedAMerge(t *testing.T) {
	s := healthy(t)
	text := s.normal("scheduled")
	first := s.proposalCommit("alice", "alice", map[string]string{forgedPath: strings.Replace(text, "playbook", "old playbook", 1)}, s.git("rev-parse", "main~1"))
	sig := signature("bob", s.tick())
	merge := s.write(git.CommitSpec{Base: s.ref(mainRef), Parents: []git.OID{first, s.ref(mainRef)}, Files: edits(map[string]string{forgedPath: text}),
		Message: "Merge main\n", Author: sig, Committer: sig, Sign: s.sign("bob", evidence.CommitNamespace)})
	f := approved(text)
	f.commits = []git.OID{first, merge}
	s.forge(f)
	r := s.verify()
	s.expect(r, audit.SOD1, forged, audit.Fail, "bob approved and was author of "+merge[:12])
	s.expect(r, audit.APR1, forged, audit.Fail, "who worked on it does not approve it")
	s.onlyFails(r, "SOD-1 "+forged, "APR-1 "+forged)
}

// Main and a proposal may change the same file in places of their own.
func TestTheSameFileChangedOnBothSides(t *testing.T) {
	s := healthy(t)
	id := s.ids["scheduled"]
	edit := func(d string, pointer, value string) {
		s.edit(s.as(d), "change", id, yamldoc.Edit{Pointer: pointer, Value: value})
	}
	edit("alice", "/plan/verify", "all orders are placed")
	p := "changes/2026/11/" + id + ".yaml"
	moved := s.push("alice", map[string]string{p: strings.Replace(s.file(mainRef, p), "\ntitle:", linked, 1)})
	s.approve(s.as("bob"), id)
	s.merge(s.as("alice"), id)
	r := s.verify()
	s.expect(r, audit.POP2, id, audit.Fail, moved[:12])
	s.expect(r, audit.APR1, id, audit.Pass)
	s.expect(r, audit.TMP1, id, audit.Pass)
	t.Run("and was edited while it was merged", func(t *testing.T) {
		s := s.copyOf(t)
		landing, err := s.repo.Commit(s.ctx, s.ref(mainRef))
		s.must(err)
		evil := s.write(git.CommitSpec{Base: landing.OID, Parents: landing.Parents, Message: landing.Message, Author: landing.Author, Committer: landing.Committer,
			Files: []git.FileEdit{{Path: p, Content: []byte(strings.Replace(s.file(mainRef, p), "Rotate the certificates", "Rotate none", 1))}}})
		s.renamed(id, evil)
		s.expect(s.verify(), audit.TMP1, id, audit.Fail, "neither main nor its proposal had: "+p)
	})
}

// renamed puts a commit in the place of the newest landing, and says so in the
// evidence.
func (s *scene) renamed(id string, to git.OID) {
	s.Helper()
	fsys, err := s.repo.FS(s.ctx, s.ref(evidenceRef))
	s.must(err)
	list, err := evidence.Read(fsys, id)
	s.must(err)
	p := list[len(list)-1].Statement.Predicate
	p.Merge.Commit = to
	s.move(mainRef, to)
	s.move(evidenceRef, s.record(s.git("rev-parse", "gitsm-evidence~1"), s.entry(p, "")))
}

func TestKeysOfTheirTime(t *testing.T) {
	s := healthy(t)
	t.Run("a key that its own landing brings", func(t *testing.T) {
		s := s.copyOf(t)
		f := approved(s.normal("scheduled"))
		f.also = map[string]string{"people/bob.yaml": s.person("bob", "mallory")}
		f.given[0].key = "mallory"
		s.forge(f)
		r := s.verify()
		s.expect(r, audit.SOD1, forged, audit.CannotVerify, "nobody lists the key")
		s.expect(r, audit.APR1, forged, audit.Fail, "owners-people")
		events, err := s.auditor().Log(s.ctx, history.Filter{Records: []string{forged}, Types: []string{history.Approved}})
		s.must(err)
		if len(events) != 1 || events[0].Trust != "claimed" || events[0].Signature != "unknown-key" {
			t.Errorf("the approval is %+v", events)
		}
	})
	t.Run("a key that came before the landing", func(t *testing.T) {
		s := s.copyOf(t)
		s.rekey("dave") // with a key of his own, his word would not count without it
		id := s.propose(s.as("alice"), "change", "", s.change(nil))
		s.approve(s.desk("dave", "new key"), id)
		s.merge(s.as("alice"), s.filler()) // main commits to the approval while nobody knows the key
		s.rekey("dave", "new key")
		s.merge(s.as("alice"), id)
		r := s.verify()
		s.onlyFails(r)
		s.expect(r, audit.SOD1, id, audit.Pass)
	})
	t.Run("a key that was given up later", func(t *testing.T) {
		s := s.copyOf(t)
		id := s.propose(s.as("alice"), "change", "", s.change(nil))
		s.approve(s.as("dave"), id)
		s.merge(s.as("alice"), id)
		s.rekey("dave", "new key")
		r := s.verify()
		s.onlyFails(r)
		s.expect(r, audit.SOD1, id, audit.Pass)
	})
}

// rekey gives a person other signing keys, with the owners' approval.
func (s *scene) rekey(person string, keys ...string) {
	s.Helper()
	list := []any{}
	for _, key := range keys {
		text := s.person(person, key)
		i := strings.LastIndex(text, "key: ")
		list = append(list, map[string]any{"key": strings.TrimSpace(text[i+len("key: "):])})
	}
	s.edit(s.as("alice"), "person", person, yamldoc.Edit{Pointer: "/signing_keys", Value: list})
	_, err := s.as("carol").Approve(s.ctx, person, "person")
	s.must(err)
	_, err = s.as("alice").Merge(s.ctx, person, "person")
	s.must(err)
}

func TestRulesThroughTheGate(t *testing.T) {
	s := healthy(t)
	rego := map[string]string{"policy/approvals.rego": s.file(mainRef, "policy/approvals.rego") + "\n# a remark\n"}
	managers := []string{"team:change-managers"}
	t.Run("policy, approved by its owners", func(t *testing.T) {
		s := s.copyOf(t)
		s.forge(forgery{id: "-", also: rego, asked: managers, require: "owners-policy", given: []forgedWord{{person: "carol", key: "carol"}}, decision: true})
		r := s.verify()
		s.onlyFails(r)
		s.expect(r, audit.POL1, "", audit.Pass, "its owners approved")
		s.expect(r, audit.APR1, "", audit.Pass, "carol (signed)")
		s.expect(r, audit.POP2, "", audit.Pass)
	})
	t.Run("policy, approved by nobody", func(t *testing.T) {
		s := s.copyOf(t)
		s.forge(forgery{id: "-", also: rego, decision: true})
		r := s.verify()
		s.expect(r, audit.POL1, "", audit.Fail, "0 of 1 given")
		s.expect(r, audit.APR1, "", audit.Fail)
	})
	t.Run("person, approved by nobody", func(t *testing.T) {
		s := s.copyOf(t)
		s.forge(forgery{kind: "person", id: "mallory", path: "people/mallory.yaml", content: s.person("mallory", "mallory"), decision: true})
		r := s.verify()
		s.expect(r, audit.POL1, "mallory", audit.Fail, "0 of 1 given")
		s.expect(r, audit.APR1, "mallory", audit.Fail, "owners-people")
	})
	t.Run("removal of a record", func(t *testing.T) {
		s := s.copyOf(t)
		s.forge(forgery{kind: "service", id: "search", path: "services/search.yaml", content: "-", decision: true})
		r := s.verify()
		s.expect(r, audit.POP2, "search", audit.Fail, "services/search.yaml was removed by landing")
		s.expect(r, audit.APR1, "search", audit.Fail, "LIF003")
	})
}

func TestHighRiskIsClosedWithAReview(t *testing.T) {
	s := healthy(t)
	text := strings.Replace(s.normal("closed", "implementation: {outcome: successful}\n"), "backout_tested: true", "data_change: irreversible", 1)
	s.push("alice", map[string]string{forgedPath: text})
	s.expect(s.verify(), audit.PIR1, forged, audit.Fail, "its risk was high")
}
