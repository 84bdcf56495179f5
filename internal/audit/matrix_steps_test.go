package audit_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// checkpoint records where the branches stand.
func (s *scene) checkpoint() *evidence.Entry {
	s.Helper()
	e, _, err := s.as("alice").Checkpoint(s.ctx)
	s.must(err)
	return e
}

// trailer is the evidence that the newest commit of a branch names.
func (s *scene) trailer(ref string) string {
	s.Helper()
	for line := range strings.Lines(s.git("log", "-1", "--format=%B", ref)) {
		if v, ok := strings.CutPrefix(line, "Evidence-Head: "); ok {
			return strings.TrimSpace(v)
		}
	}
	s.Fatalf("%s names no evidence", ref)
	return ""
}

// enter goes on in another clone.
func (s *scene) enter(c *scene) { s.dir, s.repo, s.cache = c.dir, c.repo, c.cache }

// graft gives a commit other parents, as far as plain git shows.
func (s *scene) graft(line string) {
	s.Helper()
	dir := filepath.Join(s.dir, ".git", "info")
	s.must(os.MkdirAll(dir, 0o755))
	s.must(os.WriteFile(filepath.Join(dir, "grafts"), []byte(line+"\n"), 0o644))
}

// gitAt runs git with another date than the scene's.
func (s *scene) gitAt(date string, args ...string) string {
	s.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = s.dir, append(environ(s.dir), "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// policy lands another text of a policy file with its owners' approval.
func (s *scene) policy(text string) git.OID {
	s.Helper()
	return s.forge(forgery{id: "-", also: map[string]string{"policy/approvals.rego": text}, asked: []string{"team:change-managers"}, require: "owners-policy",
		given: []forgedWord{{person: "carol", key: "carol"}}, decision: true, branch: "gitsm/store/edit-" + s.tick().Format("0405")})
}

// twins are what looks like an attack, and is as it should be.
func twins() map[string]func(*scene) {
	return map[string]func(*scene){
		"as it was": func(*scene) {},
		"an edit through the gate": func(s *scene) {
			s.edit(s.as("alice"), "change", s.ids["scheduled"], planEdit("run the newest playbook"))
			s.approve(s.as("dave"), s.ids["scheduled"])
			s.merge(s.as("alice"), s.ids["scheduled"])
		},
		"a cancellation": func(s *scene) {
			s.advance(s.as("alice"), "change", s.ids["scheduled"], proposal.Step{Verb: "cancel"})
		},
		"an incident through the gate": func(s *scene) {
			s.advance(s.as("bob"), "incident", s.ids["incident"], proposal.Step{Verb: "restore"})
		},
		"policy with its owners' consent": func(s *scene) { s.policy(s.file(mainRef, "policy/approvals.rego") + "\n# a remark\n") },
		"a person with their owners' consent": func(s *scene) {
			s.edit(s.as("bob"), "person", "dave", yamldoc.Edit{Pointer: "/name", Value: "Dave"})
			_, err := s.as("erin").Approve(s.ctx, "dave", "person")
			s.must(err)
			_, err = s.as("bob").Merge(s.ctx, "dave", "person")
			s.must(err)
		},
		"a push of what is no record": func(s *scene) { s.push("alice", map[string]string{"README.md": "hello\n"}) },
		"a landing of the gate":       func(s *scene) { s.merge(s.as("alice"), s.filler()) },
		"two landings at once": func(s *scene) {
			a, b := s.filler(), s.filler()
			s.merge(s.as("alice"), a)
			s.merge(s.as("alice"), b)
		},
		"evidence that was added": func(s *scene) {
			id := s.propose(s.as("alice"), "change", "", s.change(map[string]any{"title": "Not yet"}))
			s.approve(s.as("bob"), id)
		},
		"evidence that was joined": func(s *scene) {
			fork := s.ref(evidenceRef)
			id := s.propose(s.as("alice"), "change", "", s.change(map[string]any{"title": "Not yet"}))
			s.approve(s.as("bob"), id)
			ours := s.ref(evidenceRef)
			s.move(evidenceRef, fork)
			s.approve(s.as("dave"), id)
			s.move(evidenceRef, s.join(ours, s.ref(evidenceRef)))
		},
		"a landing as the gate makes it": func(s *scene) {
			s.gateThenForce(approved(s.normal("scheduled")), recorded)
		},
		"a life as the gate makes it": func(s *scene) {
			id := s.ids["scheduled"]
			s.at(s.now.Add(3 * time.Hour))
			s.advance(s.as("alice"), "change", id, proposal.Step{Verb: "start"})
			s.advance(s.as("alice"), "change", id, proposal.Step{Verb: "finish", Outcome: "successful"})
			s.advance(s.as("alice"), "change", id, proposal.Step{Verb: "close"})
		},
		"an emergency approved in time": func(s *scene) {
			id := s.emergencyOf(nil)
			s.at(s.now.Add(time.Hour))
			s.approve(s.as("carol"), id)
		},
		"more landed since a checkpoint": func(s *scene) {
			s.checkpoint()
			s.merge(s.as("alice"), s.filler())
		},
		"a checkpoint kept elsewhere": func(s *scene) {
			s.with.checkpoint = s.checkpoint()
			s.merge(s.as("alice"), s.filler())
		},
		"the beginning that is expected": func(s *scene) { s.with.root = s.git("rev-list", "--max-parents=0", "main") },
		"a whole clone":                  func(s *scene) { s.enter(s.clone(s.TB)) },
	}
}

const asset = "apiVersion: gitsm/v1\nkind: asset\nid: db-1\ntitle: D\ntype: host\nowner: team:payments\n"

// onMain are attacks on main.
func onMain() []attack {
	pushed := func(check, record, twin string, files func(*scene) map[string]string, says ...string) attack {
		return attack{check: check, record: record, twin: twin, says: says, do: func(s *scene) string { return s.push("mallory", files(s)) }}
	}
	edited := func(old, other string) func(*scene) map[string]string {
		return func(s *scene) map[string]string {
			p := "changes/2026/11/" + s.ids["scheduled"] + ".yaml"
			return map[string]string{p: replaced(old, other)(s, s.file(mainRef, p))}
		}
	}
	one := func(p, text string) func(*scene) map[string]string {
		return func(s *scene) map[string]string { return map[string]string{p: text} }
	}
	named := func(name string, a attack) attack { a.name = name; return a }
	return []attack{
		named("a scheduled change is edited by a push", pushed(audit.POP2, "scheduled", "an edit through the gate", edited("restore the snapshot", "none needed"), "changed plan of", "Mallory")),
		named("content is changed after approval by a push", pushed(audit.APR3, "scheduled", "an edit through the gate", edited("restore the snapshot", "none needed"), "after landing")),
		named("a title is edited by a push", pushed(audit.POP2, "scheduled", "an edit through the gate", edited("Rotate the certificates", "Rotate them"), "changed title of")),
		named("a change is pushed", pushed(audit.POP2, forged, "a landing of the gate", func(s *scene) map[string]string { return map[string]string{forgedPath: s.normal("scheduled")} }, "added "+forgedPath)),
		named("a change is pushed without approval", pushed(audit.APR1, forged, "a landing of the gate", func(s *scene) map[string]string { return map[string]string{forgedPath: s.normal("scheduled")} }, "owner-team-payments")),
		named("a change is removed", pushed(audit.POP2, "scheduled", "a cancellation", func(s *scene) map[string]string {
			return map[string]string{"changes/2026/11/" + s.ids["scheduled"] + ".yaml": "-"}
		}, "removed ")),
		named("an incident is edited by a push", pushed(audit.POP2, "incident", "an incident through the gate", func(s *scene) map[string]string {
			p := "incidents/2026/11/" + s.ids["incident"] + ".yaml"
			return map[string]string{p: replaced("Checkout is down", "Nothing")(s, s.file(mainRef, p))}
		}, "title")),
		named("policy is pushed", pushed(audit.POL1, "", "policy with its owners' consent", func(s *scene) map[string]string {
			return map[string]string{"policy/approvals.rego": s.file(mainRef, "policy/approvals.rego") + "\n# nothing\n"}
		}, "its owners were not asked")),
		named("policy is removed by a push", pushed(audit.POP2, "", "policy with its owners' consent", one("policy/risk.rego", "-"), "policy/risk.rego")),
		named("configuration is pushed", pushed(audit.POL1, "", "policy with its owners' consent", func(s *scene) map[string]string {
			return map[string]string{"gitsm.yaml": s.file(mainRef, "gitsm.yaml") + "simulation: true\n"}
		}, "its owners were not asked")),
		named("a person is pushed", pushed(audit.POL1, "mallory", "a person with their owners' consent", func(s *scene) map[string]string {
			return map[string]string{"people/mallory.yaml": s.person("mallory", "mallory")}
		}, "its owners were not asked")),
		named("somebody's key is exchanged by a push", pushed(audit.POP2, "bob", "a person with their owners' consent", func(s *scene) map[string]string {
			return map[string]string{"people/bob.yaml": s.person("bob", "mallory")}
		}, "people/bob.yaml")),
		named("a record comes to be there twice", pushed(audit.POP2, "db-1", "a push of what is no record", func(*scene) map[string]string {
			return map[string]string{"assets/eu/db-1.yaml": asset, "assets/us/db-1.yaml": asset}
		}, "main has it twice: assets/eu/db-1.yaml, assets/us/db-1.yaml")),
		named("a record is moved by a push", attack{check: audit.POP2, record: "db-1", twin: "a push of what is no record", do: func(s *scene) string {
			s.push("mallory", map[string]string{"assets/eu/db-1.yaml": asset})
			return s.push("mallory", map[string]string{"assets/eu/db-1.yaml": "-", "assets/us/db-1.yaml": asset})
		}, says: []string{"changed the form of assets/us/db-1.yaml"}}),
		named("a proposal is merged by hand", attack{check: audit.APR1, record: "pending", twin: "a landing of the gate", do: func(s *scene) string {
			id := s.propose(s.as("alice"), "change", "", s.change(nil))
			s.ids = map[string]string{"pending": id}
			branch := strings.TrimSpace(strings.TrimPrefix(s.git("branch", "--list", "gitsm/"+id+"/*"), "*"))
			s.git("merge", "--no-ff", "-m", "Merge it", branch)
			return s.ref(mainRef)
		}, says: []string{"without the approvals", "0 of 1 given"}}),
		named("main is rewound", attack{check: audit.TMP1, record: "scheduled", twin: "a landing of the gate", do: func(s *scene) string {
			was := s.ref(mainRef)
			s.move(mainRef, s.git("rev-parse", "main~1"))
			return was
		}, says: []string{"main does not have it"}}),
		named("main is amended", attack{check: audit.TMP1, record: "scheduled", twin: "a landing of the gate", do: func(s *scene) string {
			was := s.ref(mainRef)
			s.move(mainRef, s.git("commit-tree", "main^{tree}", "-p", "main^1", "-p", "main^2", "-m", s.git("log", "-1", "--format=%B", "main")))
			return was
		}, says: []string{"main was rewritten or rewound"}}),
		named("main is squashed", attack{check: audit.POP2, record: "scheduled", twin: "two landings at once", do: func(s *scene) string {
			at := s.git("commit-tree", "main^{tree}", "-p", "main~3", "-m", "all of it")
			s.move(mainRef, at)
			return at
		}, says: []string{"straight on main"}}),
		named("the parents of main are swapped", attack{check: audit.POP2, record: "scheduled", twin: "two landings at once", do: func(s *scene) string {
			side := s.commit("mallory", map[string]string{"notes.txt": "x\n"}, s.git("rev-parse", "main~2"))
			at := s.git("commit-tree", "main^{tree}", "-p", side, "-p", "main", "-m", "Merge main")
			s.move(mainRef, at)
			return at
		}}),
		named("a merge is edited on the way", attack{check: audit.TMP1, record: "scheduled", twin: "two landings at once", do: func(s *scene) string {
			id := s.filler()
			other := "changes/2026/11/" + s.ids["scheduled"] + ".yaml"
			s.merge(s.as("alice"), id)
			landing, err := s.repo.Commit(s.ctx, s.ref(mainRef))
			s.must(err)
			evil := s.write(git.CommitSpec{Base: landing.OID, Parents: landing.Parents, Message: landing.Message, Author: landing.Author, Committer: landing.Committer,
				Files: edits(map[string]string{other: replaced("Rotate the certificates", "Rotate nothing")(s, s.file(mainRef, other))})})
			s.renamed(id, evil)
			return evil
		}, says: []string{"neither main nor its proposal had"}}),
	}
}
