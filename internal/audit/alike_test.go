package audit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
)

// gateThenForce asks the gate what it says of a proposal, then lands it as if
// the gate had let it pass; record says what is recorded of that decision, if
// it is given. There is no decision about what is open no more.
func (s *scene) gateThenForce(f forgery, record func(*decision.Decision) *evidence.DecisionFacts) *decision.Decision {
	s.Helper()
	about := s.proposed(&f)
	given := s.given(&f, about)
	if len(given) > 0 {
		s.move(evidenceRef, s.record(s.ref(evidenceRef), given...))
	}
	branch := git.RefUpdate{Name: "refs/heads/" + f.branch, New: about.Proposal.Head}
	s.must(s.repo.UpdateRefs(s.ctx, "propose", []git.RefUpdate{branch}))
	d := s.as(f.by)
	w, err := d.Look(s.ctx)
	s.must(err)
	var dec *decision.Decision
	if t, err := d.Resolve(s.ctx, w, f.id, f.kind); err == nil {
		dec, err = d.Gate(s.ctx, t)
		s.must(err)
	}
	s.must(s.repo.UpdateRefs(s.ctx, "retire", []git.RefUpdate{{Name: branch.Name, Old: branch.New}}))
	if record != nil {
		f.facts = record(dec)
	}
	s.landing(&f, about, []*evidence.Entry{s.decided(&f, about, given)})
	return dec
}

// What the gate refuses the audit fails, should it land all the same, and what
// the gate lets pass the audit finds nothing wrong with.
func TestTheGateAndTheAuditSayTheSame(t *testing.T) {
	s := healthy(t)
	for _, c := range alikeCases() {
		t.Run(c.name, func(t *testing.T) {
			s := s.copyOf(t)
			f := c.make(s)
			dec := s.gateThenForce(f, nil)
			f.complete()
			got, err := json.Marshal(dec)
			s.must(err)
			if dec == nil && c.refused == "" || dec != nil && (dec.Allowed() != (c.refused == "") || !strings.Contains(string(got), c.refused)) {
				t.Errorf("want it refused for %q, and the gate says\n%s", c.refused, got)
			}
			r := s.verify()
			if c.refused == "" {
				s.onlyFails(r)
				s.expect(r, audit.APR1, f.id, audit.Pass)
			} else {
				s.expect(r, audit.APR1, f.id, audit.Fail, c.refused)
			}
		})
	}
}

type alikeCase struct {
	name    string
	make    func(*scene) forgery
	refused string // what the gate says, "" where it allows it
}

func alikeCases() []alikeCase {
	word := func(person string) forgedWord { return forgedWord{person: person, key: person} }
	by := func(people ...string) func(*scene) forgery {
		return func(s *scene) forgery {
			f := approved(s.normal("scheduled"))
			f.given = nil
			for _, p := range people {
				f.given = append(f.given, word(p))
			}
			return f
		}
	}
	return []alikeCase{
		{"approved by the owner", by("bob"), ""},
		{"not approved", by(), "0 of 1 given"},
		{"approved by the requester", by("alice"), "requested this change"},
		{"approved by the requester's other record", by("alix"), "requested this change as alice"},
		{"approved by an outsider", by("carol"), "is not among team:payments"},
		{"approved by the owner and an outsider", by("carol", "bob"), ""},
		{"opened with something that did not stay", opened("bob"), "opened this proposal"},
		{"opened so by somebody else", opened("dave"), ""},
		{"opened so by a stranger", opened("mallory"), "is nobody in people/"},
		{"co-authored by the approver", coAuthored("bob"), "co-author of"},
		{"co-authored by somebody else", coAuthored("dave"), ""},
		{"co-authored by the approver's other record", coAuthored("rob"), "as rob"},
		{"a newcomer who proposes themselves", newcomer(nil), ""},
		{"a newcomer who proposes more", newcomer(map[string]string{"README.md": "hello\n"}), "is nobody in people/"},
		{"approved on a branch that landed", reused(""), "no branch is used again"},
		{"approved on a fresh branch", reused("gitsm/" + forged + "/edit-fr3s"), ""},
		{"approved on a branch that was withdrawn", withdrawn(true), "the proposal was withdrawn"},
		{"approved beside a branch that was withdrawn", withdrawn(false), ""},
		{"approved other content", stale, "is stale"},
	}
}

// opened is a proposal whose first commit, by opener, wrote what the second
// took out again.
func opened(opener string) func(*scene) forgery {
	return func(s *scene) forgery {
		f := approved(s.normal("scheduled"))
		one := s.proposalCommit(opener, opener, map[string]string{"notes.txt": "to be written\n"}, s.ref(mainRef))
		f.commits = []git.OID{one, s.proposalCommit("alice", "alice", map[string]string{"notes.txt": "-", forgedPath: f.content}, one)}
		return f
	}
}

func coAuthored(by string) func(*scene) forgery {
	return func(s *scene) forgery {
		f := approved(s.normal("scheduled"))
		sig, main := signature("alice", s.tick()), s.ref(mainRef)
		f.commits = []git.OID{s.write(git.CommitSpec{Base: main, Parents: []git.OID{main}, Files: edits(map[string]string{forgedPath: f.content}),
			Message: "Propose\n\nCo-authored-by: X <" + by + "@example.org>\n", Author: sig, Committer: sig, Sign: s.sign("alice", evidence.CommitNamespace)})}
		return f
	}
}

// newcomer is somebody who proposes their own record, and maybe more.
func newcomer(more map[string]string) func(*scene) forgery {
	return func(s *scene) forgery {
		return forgery{kind: "person", id: "nina", path: "people/nina.yaml", content: s.person("nina", "nina"), also: more, by: "nina", key: "-",
			require: "owners-people", asked: []string{"team:change-managers"}, given: []forgedWord{{person: "carol", key: "carol"}}}
	}
}

// reused lands a proposal, and then another of the same record on branch, the
// same where that is "".
func reused(branch string) func(*scene) forgery {
	return func(s *scene) forgery {
		first := s.normal("scheduled")
		f := approved(first)
		s.forge(f)
		f.content = strings.Replace(first, "run the playbook", "run something else", 1)
		f.branch = branch
		return f
	}
}

// withdrawn is a proposal that was approved after it, or another one of the
// same record, was withdrawn.
func withdrawn(same bool) func(*scene) forgery {
	return func(s *scene) forgery {
		f := approved(s.normal("scheduled"))
		about := s.proposed(&f)
		about.Kind = evidence.Withdrawal
		if !same {
			about.Proposal.Branch = "gitsm/" + forged + "/new-0th3"
		}
		s.move(evidenceRef, s.record(s.ref(evidenceRef), s.entry(about, "alice")))
		return f
	}
}

func stale(s *scene) forgery {
	first := s.normal("scheduled")
	f := approved(strings.Replace(first, "run the playbook", "run something else", 1))
	one := s.proposalCommit("alice", "alice", map[string]string{forgedPath: first}, s.ref(mainRef))
	f.commits = []git.OID{one, s.proposalCommit("alice", "alice", map[string]string{forgedPath: f.content}, one)}
	f.given[0].head, f.given[0].content = one, first
	return f
}
