package audit_test

import (
	"path"
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
)

// onEvidence are attacks on the evidence branch.
func onEvidence() []attack {
	added := "evidence that was added"
	sign := func(key string) func(*scene) string {
		return func(s *scene) string {
			p := s.statement(s.ids["closed"], "-approval-")
			sig, err := keyOf(s, key).Sign(s.ctx, evidence.Namespace, []byte(s.file(evidenceRef, p)))
			s.must(err)
			return s.tamper(map[string]string{p + ".sig": string(sig)})
		}
	}
	tmp := func(name, record, twin string, do func(*scene) string, says ...string) attack {
		return attack{name: name, do: do, check: audit.TMP1, record: record, twin: twin, says: says}
	}
	return []attack{
		tmp("a statement is changed", "closed", added, func(s *scene) string {
			p := s.statement(s.ids["closed"], "-approval-")
			return s.tamper(map[string]string{p: strings.Replace(s.file(evidenceRef, p), `"person":"bob"`, `"person":"bab"`, 1)})
		}, "was modified by commit", "was renamed or changed"),
		tmp("a statement is renamed", "closed", added, func(s *scene) string {
			p := s.statement(s.ids["closed"], "-approval-")
			return s.tamper(map[string]string{p: "-", path.Join(path.Dir(p), "20200101T000000000Z"+path.Base(p)[19:]): s.file(evidenceRef, p)})
		}, "was deleted or renamed by commit"),
		tmp("a statement is deleted", "closed", added, func(s *scene) string {
			p := s.statement(s.ids["closed"], "-approval-")
			return s.tamper(map[string]string{p: "-", p + ".sig": "-"})
		}, "was deleted or renamed by commit"),
		tmp("a statement is deleted and put back", "closed", added, func(s *scene) string {
			p := s.statement(s.ids["closed"], "-approval-")
			text := s.file(evidenceRef, p)
			at := s.tamper(map[string]string{p: "-"})
			s.tamper(map[string]string{p: text})
			return at
		}, "was deleted or renamed by commit"),
		tmp("a signature is deleted", "closed", added, func(s *scene) string {
			return s.tamper(map[string]string{s.statement(s.ids["closed"], "-approval-") + ".sig": "-"})
		}, "was deleted or renamed by commit"),
		tmp("a signature is replaced by a stranger's", "closed", added, sign("mallory"), ".sig was modified"),
		tmp("a signature is replaced by a colleague's", "closed", added, sign("dave"), "key of dave"),
		tmp("a bit of a signature flips", "closed", added, func(s *scene) string {
			p := s.statement(s.ids["closed"], "-approval-") + ".sig"
			sig := []byte(s.file(evidenceRef, p))
			sig[len(sig)/2] ^= 1
			return s.tamper(map[string]string{p: string(sig)})
		}, "is bad"),
		tmp("something else is put beside the evidence", "", added, func(s *scene) string {
			s.tamper(map[string]string{"evidence/notes.txt": "hello\n"})
			return "evidence/notes.txt"
		}),
		tmp("a file is named so that it breaks the line", "closed", added, func(s *scene) string {
			dir := path.Join(s.TempDir(), "evidence") // gitsm itself writes no such name
			s.git("worktree", "add", "-q", "--no-checkout", dir, "gitsm-evidence")
			s.git("-C", dir, "read-tree", "HEAD")
			s.git("-C", dir, "update-index", "--add", "--cacheinfo", "100644,"+s.git("rev-parse", "gitsm-evidence:README.md")+",evidence/"+s.ids["closed"]+"/all\nwell.json")
			s.git("-C", dir, "commit", "-q", "-m", "Add")
			return s.ref(evidenceRef)
		}, `/all\nwell.json" was added but is no statement`, `/all\nwell.json": it is not a file that evidence has`),
		tmp("the evidence is rewound", "scheduled", "evidence that was joined", func(s *scene) string {
			s.move(evidenceRef, s.git("rev-parse", "gitsm-evidence~4"))
			return s.ref(mainRef)
		}, "rewritten or rewound"),
		tmp("the evidence is rewritten in one commit", "closed", "evidence that was joined", func(s *scene) string {
			tree, root := s.git("rev-parse", "gitsm-evidence^{tree}"), s.git("rev-list", "--max-parents=0", "gitsm-evidence")
			s.move(evidenceRef, s.git("commit-tree", tree, "-p", root, "-m", "all of it"))
			return ""
		}, "rewritten or rewound"),
		tmp("a merge of evidence drops what one side had", "scheduled", "evidence that was joined", func(s *scene) string {
			fork := s.git("rev-parse", "gitsm-evidence~6")
			at := s.git("commit-tree", fork+"^{tree}", "-p", fork, "-p", "gitsm-evidence", "-m", "Join")
			s.move(evidenceRef, at)
			return at
		}, "was deleted or renamed"),
		tmp("the evidence is that of another store", "", "as it was", func(s *scene) string {
			s.tamper(map[string]string{"README.md": "# Evidence\n"})
			return ""
		}, "is not that of the store"),
		tmp("a statement describes a landing as it was not", "scheduled", "a landing of the gate", func(s *scene) string {
			list, err := evidence.Read(s.tree(evidenceRef), s.ids["scheduled"])
			s.must(err)
			p := list[len(list)-1].Statement.Predicate
			p.Merge.Base = s.git("rev-parse", "main~3")
			s.move(evidenceRef, s.record(s.ref(evidenceRef), s.entry(p, "")))
			return ""
		}, "does not describe commit"),
		{name: "the evidence branch is deleted", do: func(s *scene) string {
			s.git("update-ref", "-d", evidenceRef)
			return ""
		}, check: audit.TMP1, ends: audit.CannotVerify, says: []string{"the evidence is not in this clone"}, twin: "as it was"},
	}
}

// onApprovals are landings with evidence that says that the gate let them pass.
func onApprovals() []attack {
	const proper = "a landing as the gate makes it"
	lands := func(name, check string, make func(s *scene, f *forgery), says ...string) attack {
		return attack{name: name, check: check, record: forged, says: says, twin: proper, do: func(s *scene) string {
			f := approved(s.normal("scheduled"))
			make(s, &f)
			return s.forge(f)
		}}
	}
	// quiet is as lands, where the finding rests on something else than the landing.
	quiet := func(a attack) attack {
		do := a.do
		a.do = func(s *scene) string { do(s); return "" }
		return a
	}
	by := func(person, key string) func(*scene, *forgery) {
		return func(_ *scene, f *forgery) { f.given = []forgedWord{{person: person, key: key}} }
	}
	return []attack{
		lands("nobody approved, and nobody is said to have been asked", audit.APR1, func(_ *scene, f *forgery) { f.asked, f.given = nil, nil }, "was not allowed", "owner-team-payments"),
		lands("no decision is recorded", audit.APR1, func(_ *scene, f *forgery) { f.decision = false }, "holds no decision"),
		lands("the gate decided to wait", audit.APR1, func(_ *scene, f *forgery) { f.verdict = "pending" }, "its recorded decision was pending"),
		lands("it was decided after it had landed", audit.APR1, func(_ *scene, f *forgery) { f.late = true }, "holds no decision"),
		lands("it was approved after it had landed", audit.APR1, func(_ *scene, f *forgery) { f.lateWord = true }, "0 of 1 given"),
		lands("the requester approved", audit.SOD1, by("alice", "alice"), "alice approved and requested it", "author of"),
		lands("the requester's other record approved", audit.SOD1, by("alix", "alix"), "alix approved and shares a GitHub account with alice"),
		lands("one human approved twice", audit.SOD1, func(_ *scene, f *forgery) {
			f.given = append(f.given, forgedWord{person: "rob", key: "rob"})
		}, "bob and rob approved and share a GitHub account: one human counted twice"),
		quiet(lands("somebody approved in another's name", audit.SOD1, by("bob", "alice"), "signature of bob's approval is bad")),
		lands("somebody who was not asked approved", audit.APR1, by("carol", "carol"), "is not among team:payments"),
		lands("an approval leaves the plan out", audit.APR3, func(_ *scene, f *forgery) { f.given[0].without = []string{"plan"} }, "bob approved without regard to plan"),
		lands("other requirements are recorded than policy has", audit.APR1, func(_ *scene, f *forgery) { f.asked = []string{"person:bob"} }, "recorded other requirements"),
		quiet(lands("commits are signed with another's key", audit.SOD1, func(_ *scene, f *forgery) { f.key = "dave" }, "key of dave", "alice made it")),
		lands("other content is said to have landed", audit.APR3, func(_ *scene, f *forgery) { f.digest = strings.Repeat("0", 64) }, "says that content 000000000000 landed"),
		lands("a landing says that it is about another record", audit.TMP1, func(_ *scene, f *forgery) { f.changeID = "CHG-20261103-0THERS" }, "says that it is about CHG-20261103-0THERS"),
		lands("a landing names no evidence", audit.TMP1, func(_ *scene, f *forgery) { f.headless = true }, "does not say what evidence it knew"),
		lands("a proposal is edited while it is merged", audit.TMP1, func(s *scene, f *forgery) {
			f.landed = map[string]string{forgedPath: strings.Replace(f.content, "playbook", "other book", 1)}
		}, "neither main nor its proposal had: "+forgedPath),
		lands("a proposal is edited after the approval", audit.APR3, func(s *scene, f *forgery) {
			first := f.content
			f.content = strings.Replace(first, "run the playbook", "run something else", 1)
			one := s.proposalCommit("alice", "alice", map[string]string{forgedPath: first}, s.ref(mainRef))
			f.commits = []git.OID{one, s.proposalCommit("alice", "alice", map[string]string{forgedPath: f.content}, one)}
			f.given[0].head, f.given[0].content = one, first
		}, "bob approved other content", "edited after the approval by"),
		{name: "the recorded risk is lowered", check: audit.RSK1, record: forged, twin: proper, says: []string{"recorded low 1"}, do: func(s *scene) string {
			s.gateThenForce(approved(s.normal("scheduled")), func(d *decision.Decision) *evidence.DecisionFacts {
				f := recorded(d)
				f.Risk.Score = 1
				return f
			})
			return s.ref(mainRef)
		}},
		{name: "work begins before it is authorised", check: audit.APR2, record: forged, twin: "a life as the gate makes it", says: []string{"nothing before that commit authorised it"}, do: func(s *scene) string {
			return s.push("alice", map[string]string{forgedPath: s.normal("implementing", "implementation: {started_at: \""+s.now.Format(time.RFC3339)+"\", implementer: alice}\n")})
		}},
		{name: "work begins outside its window", check: audit.SCH1, record: forged, twin: "a life as the gate makes it", says: []string{"outside the approved window"}, do: func(s *scene) string {
			text := s.normal("scheduled")
			s.forge(approved(text))
			s.at(s.now.Add(24 * time.Hour))
			return s.forge(forgery{content: strings.Replace(text, "state: scheduled", "state: implementing", 1) + "implementation: {started_at: \"" + s.now.Format(time.RFC3339) + "\", implementer: alice}\n",
				decision: true, branch: "gitsm/" + forged + "/start-aaaa"})
		}},
		{name: "the approver carries it out", check: audit.SOD1, record: "scheduled", twin: "a life as the gate makes it", says: []string{"bob approved and implemented it"}, do: func(s *scene) string {
			p := "changes/2026/11/" + s.ids["scheduled"] + ".yaml"
			s.push("bob", map[string]string{p: strings.Replace(s.file(mainRef, p), "state: scheduled", "state: implementing", 1) +
				"implementation:\n  started_at: " + s.now.Format(time.RFC3339) + "\n  implementer: bob\n"})
			return ""
		}},
		{name: "another artifact is carried out than was approved", check: audit.IMPL, record: forged, twin: "a life as the gate makes it", says: []string{digestB + " carried out"}, do: func(s *scene) string {
			s.life(s.normal("scheduled")+"artifacts: [{name: shop, digest: \""+digestA+"\"}]\n", replaced(digestA, digestB))
			return s.ref(mainRef)
		}},
		{name: "an emergency is never approved", check: audit.EMG1, record: "late", twin: "an emergency approved in time", says: []string{"carol never approved"}, do: func(s *scene) string {
			id := s.emergencyOf(nil)
			s.ids = map[string]string{"late": id}
			s.at(s.now.Add(25 * time.Hour))
			return ""
		}},
	}
}
