package decision_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
)

// accounts are those of the people of the scene, by their number.
var accounts = map[string]int64{"alice": 11, "bob": 12, "carol": 13, "dave": 14, "erin": 15}

func who(login string) forge.Account { return forge.Account{ID: accounts[login], Login: login} }

// pull is a pull request of alice's for a change of the orders service, which
// bob has approved. It may land. Cases change one thing about it.
type pull struct {
	t          *testing.T
	id         string
	base, head map[string]string
	at         map[string]map[string]string // what the proposal's commits hold
	h          decision.Hearing
	brought    map[string]bool // pushes, by what they moved the branch to
	signed     map[int64]bool  // reviews that carry a good statement
}

func newPull(t *testing.T) *pull {
	base := scene()
	for p, id := range accounts {
		base["people/"+p+".yaml"] += fmt.Sprintf("github: {login: %s, id: %d}\n", p, id)
	}
	base["teams/payments.yaml"] = team("payments", "alice, bob, carol")
	p := &pull{t: t, id: idA, base: base, head: with(base, pathA, change(idA, "orders")), brought: map[string]bool{"h1": true}, signed: map[int64]bool{}}
	p.at = map[string]map[string]string{"h1": p.head}
	p.h = decision.Hearing{
		Said: &forge.Facts{
			Pull:        forge.Pull{Number: 1, Open: true, Author: who("alice"), Head: forge.Branch{Name: "gitsm/x", OID: "h1", Repo: "acme/shop"}, Base: forge.Branch{Name: "main", Repo: "acme/shop"}},
			Commits:     map[string]forge.Commit{},
			Pushes:      []forge.Push{{By: who("alice"), After: "h1"}},
			Permissions: map[int64]string{},
		},
		Brought:  func(x forge.Push) bool { return p.brought[x.After] },
		Material: p.material,
		Recorded: map[int64]string{},
		Signed: func(r forge.Review, _ string) (record.Digest, bool) {
			m, err := p.material(r.Commit)
			return m, p.signed[r.ID] && err == nil
		},
	}
	p.work("c1", "alice", true)
	p.says("bob", forge.Approved)
	return p
}

// material is what the proposal would land at a commit.
func (p *pull) material(commit string) (record.Digest, error) {
	files, ok := p.at[commit]
	if !ok {
		return record.Digest{}, fmt.Errorf("%s is gone", commit)
	}
	return decide(p.t, facts(p.t, p.id, p.base, files)).Material, nil
}

// work adds a commit.
func (p *pull) work(oid, author string, bound bool) *decision.Work {
	sig := git.Signature{Name: author, Email: author + "@example.org"}
	p.h.Work = append(p.h.Work, decision.Work{Commit: &git.Commit{OID: oid, Parents: []string{"b"}, Author: sig, Committer: sig}, Bound: bound})
	return &p.h.Work[len(p.h.Work)-1]
}

// says adds a review of the head by somebody who may write.
func (p *pull) says(login, state string) *forge.Review {
	n := int64(len(p.h.Said.Reviews) + 1)
	p.h.Said.Permissions[accounts[login]] = forge.Write
	p.h.Said.Reviews = append(p.h.Said.Reviews, forge.Review{ID: n, By: who(login), State: state, Commit: p.h.Said.Pull.Head.OID,
		At: noon.Add(time.Duration(n) * time.Minute), URL: fmt.Sprintf("review-%d", n)})
	return &p.h.Said.Reviews[len(p.h.Said.Reviews)-1]
}

func (p *pull) only(login string) { p.h.Said.Reviews = nil; p.says(login, forge.Approved) }

// push moves the head to other content.
func (p *pull) push(oid string, files map[string]string) {
	p.h.Said.Pull.Head.OID, p.head, p.at[oid] = oid, files, files
	p.h.Said.Pushes = append(p.h.Said.Pushes, forge.Push{By: who("alice"), Before: "h1", After: oid})
}

func (p *pull) edited(old, text string) map[string]string {
	return edited(p.t, p.head, pathA, old, text)
}

func (p *pull) decide() *decision.Decision {
	p.t.Helper()
	f := facts(p.t, p.id, p.base, p.head)
	if err := f.Hear(p.h); err != nil {
		p.t.Fatal(err)
	}
	return decide(p.t, f)
}

// pullCase is a case with its twin.
type pullCase struct {
	name      string
	bad, good func(*pull)
	want      approval.Verdict // of the bad one
	says      string           // in its reasons, or in why somebody was ignored
}

// pullCases are what a gate has been known to get wrong. Each has a twin that
// differs in the one thing that matters, and may land.
var pullCases = []pullCase{
	{"author approves", func(p *pull) { p.h.Work[0].Commit.Author = git.Signature{Name: "bob", Email: "bob@example.org"} },
		func(p *pull) { p.h.Work[0].Commit.Author = git.Signature{Name: "carol", Email: "carol@example.org"} }, approval.Pending, "bob author of c1"},
	{"requester approves", func(p *pull) { p.only("alice") }, func(p *pull) { p.only("carol") }, approval.Pending, "alice requested"},
	{"committer approves", func(p *pull) { p.h.Work[0].Commit.Committer = git.Signature{Name: "bob", Email: "bob@example.org"} },
		func(p *pull) { p.h.Work[0].Commit.Committer = git.Signature{Name: "carol", Email: "carol@example.org"} }, approval.Pending, "bob committer of c1"},
	{"committer whom only the forge knows approves", func(p *pull) {
		p.h.Work[0].Commit.Committer = git.Signature{Name: "B", Email: "b@elsewhere.example"}
		p.h.Said.Commits["c1"] = forge.Commit{OID: "c1", Author: who("alice"), Committer: who("bob")}
	}, func(p *pull) {
		p.h.Work[0].Commit.Committer = git.Signature{Name: "GitHub", Email: "noreply@github.com"}
		p.h.Said.Commits["c1"] = forge.Commit{OID: "c1", Author: who("alice"), Web: true}
	}, approval.Pending, "bob committer of c1"},
	{"commit that only says that the forge made it", func(p *pull) {
		p.h.Work[0].Commit.Committer = git.Signature{Name: "GitHub", Email: "noreply@github.com"}
		p.h.Said.Commits["c1"] = forge.Commit{OID: "c1", Author: who("alice")}
	}, func(p *pull) {
		p.h.Said.Commits["c1"] = forge.Commit{OID: "c1", Author: who("alice"), Committer: who("alice")}
	}, approval.Pending, "GitHub: committer of c1"},
	{"commit that only says that another forge made it", func(p *pull) {
		p.h.Work[0].Commit.Committer = git.Signature{Name: "GitHub Enterprise", Email: "noreply@ghe.example.org"}
		p.h.Said.Commits["c1"] = forge.Commit{OID: "c1", Author: who("alice")}
	}, func(p *pull) { p.h.Work[0].Web = true }, approval.Pending, "GitHub Enterprise: committer of c1"},
	{"approved while it went into another branch", func(p *pull) { p.h.Said.Retargeted = noon.Add(time.Minute) },
		func(p *pull) { p.h.Said.Retargeted = noon }, approval.Pending, "went into another branch"},
	{"signed while it went into another branch", func(p *pull) { p.h.Said.Retargeted = noon.Add(time.Hour); p.signed[1] = false },
		func(p *pull) { p.h.Said.Retargeted = noon.Add(time.Hour); p.signed[1] = true }, approval.Pending, "went into another branch"},
	{"author of a commit from a merge's second parent approves", func(p *pull) { p.work("c2", "bob", true) }, func(p *pull) { p.work("c2", "bob", false) }, approval.Pending, "bob author of c2"},
	{"author whose address is another's approves", func(p *pull) {
		p.h.Said.Commits["c1"] = forge.Commit{OID: "c1", Author: who("bob"), Committer: who("alice")}
	},
		func(p *pull) {
			p.h.Said.Commits["c1"] = forge.Commit{OID: "c1", Author: who("alice"), Committer: who("alice")}
		}, approval.Pending, "bob author of c1"},
	{"co-author approves", func(p *pull) { p.h.Work[0].Message = "x\n\nCo-authored-by: Bob <bob@example.org>\n" },
		func(p *pull) { p.h.Work[0].Message = "x\n\nReviewed-by: Bob <bob@example.org>\n" }, approval.Pending, "bob co-author of c1"},
	{"reviewer edited what approvals cover", func(p *pull) {
		p.h.Said.Pushes = append(p.h.Said.Pushes, forge.Push{By: who("bob"), After: "h2"})
		p.brought["h2"] = true
	}, func(p *pull) { // clicked on Update branch
		p.h.Said.Pushes = append(p.h.Said.Pushes, forge.Push{By: who("bob"), After: "h2"})
	}, approval.Pending, "bob pusher"},
	{"opener who authored nothing approves", func(p *pull) { p.h.Said.Pull.Author = who("bob") }, func(p *pull) { p.h.Said.Pull.Author = who("carol") }, approval.Pending, "bob opened"},
	{"pusher nobody knows", func(p *pull) { p.h.Said.Pushes[0].By = forge.Account{ID: 99, Login: "stranger"} },
		func(p *pull) { p.h.Said.Pushes[0].By = forge.Account{ID: 98, Login: "robot", Bot: true} }, approval.Pending, "stranger: pusher"},
	{"push that the forge does not list", func(p *pull) {
		p.push("h2", p.head)
		p.h.Said.Pushes = p.h.Said.Pushes[:1]
	}, func(p *pull) { p.push("h2", p.head) }, approval.Pending, "nobody is said to have brought it to h2"},
	{"requester of a bot's pull request approves", func(p *pull) {
		p.h.Said.Pull.Author = forge.Account{ID: 98, Login: "robot", Bot: true}
		p.only("alice")
	},
		func(p *pull) { p.h.Said.Pull.Author = forge.Account{ID: 98, Login: "robot", Bot: true} }, approval.Pending, "alice requested"},
	{"opener that is gone", func(p *pull) { p.h.Said.Pull.Author = forge.Account{} }, func(p *pull) { p.h.Said.Pull.Author = who("dave") }, approval.Pending, "an account that is gone: opener"},
	{"commit of nobody's", func(p *pull) { p.work("c2", "zoe", true) }, func(p *pull) {
		p.work("c2", "zoe", true)
		p.h.Said.Commits["c2"] = forge.Commit{OID: "c2", Author: who("alice"), Committer: who("alice")}
	}, approval.Pending, "zoe: author of c2"},
	{"bot approves", func(p *pull) { p.h.Said.Reviews[0].By.Bot = true }, func(*pull) {}, approval.Pending, "is a bot"},
	{"reader approves", func(p *pull) { p.h.Said.Permissions[12] = forge.Read }, func(p *pull) { p.h.Said.Permissions[12] = forge.Admin }, approval.Pending, "may not write"},
	{"permission that nobody could read", func(p *pull) { delete(p.h.Said.Permissions, 12) }, func(p *pull) { p.h.Said.Permissions[12] = forge.Write }, approval.Pending, "nobody knows what it may do"},
	{"reviewer unknown to people/", func(p *pull) { p.h.Said.Reviews[0].By = forge.Account{ID: 99, Login: "stranger"} }, func(*pull) {}, approval.Pending, "stranger is nobody in people/"},
	{"login of another account", func(p *pull) { p.h.Said.Reviews[0].By.ID = 99 }, func(p *pull) { p.h.Said.Reviews[0].By.Login = "BOB" }, approval.Pending, "is nobody in people/"},
	{"renamed login", func(p *pull) {
		p.h.Said.Reviews[0].By = forge.Account{ID: 99, Login: "bob"}
		p.h.Said.Permissions[99] = forge.Write
	},
		func(p *pull) { p.h.Said.Reviews[0].By.Login = "robert" }, approval.Pending, "is nobody in people/"},
	{"login without its number", func(p *pull) {
		p.base["people/bob.yaml"] = strings.Replace(p.base["people/bob.yaml"], ", id: 12", "", 1)
	}, func(*pull) {}, approval.Pending, "can change hands"},
	{"reviewer who is gone", func(p *pull) { p.h.Said.Reviews[0].By = forge.Account{} }, func(*pull) {}, approval.Pending, "an account that is gone"},
	{"inactive reviewer", func(p *pull) { p.base["people/bob.yaml"] += "active: false\n" }, func(*pull) {}, approval.Pending, "is inactive"},
	{"team that is not active", func(p *pull) { p.payments("active: false\n") }, func(p *pull) { p.payments("active: true\n") }, approval.Pending, ""},
	{"newcomer who puts themselves into a team", func(p *pull) {
		p.newcomer()
		p.push("h1", with(p.head, "teams/payments.yaml", team("payments", "alice, bob, zoe")))
	}, func(p *pull) { p.newcomer() }, approval.Pending, "zoe: author of c2"},
	{"newcomer who founds a team", func(p *pull) {
		p.newcomer()
		p.push("h1", with(p.head, "teams/ours.yaml", team("ours", "zoe")))
	}, func(p *pull) { p.newcomer() }, approval.Pending, "zoe: author of c2"},
	{"newcomer who writes another's record", func(p *pull) {
		p.newcomer()
		p.push("h1", with(p.head, "people/erin.yaml", strings.Replace(person("erin"), "name: erin", "name: Erin", 1)))
	}, func(p *pull) { p.newcomer() }, approval.Pending, "zoe: author of c2"},
	{"newcomer who brings more than themselves", func(p *pull) { p.newcomer(); p.push("h1", with(p.head, "notes.md", "x")) }, func(p *pull) { p.newcomer() }, approval.Pending, "zoe: author of c2"},
	{"reviewer outside of the team", func(p *pull) { p.only("dave") }, func(p *pull) { p.only("carol") }, approval.Pending, "is not among team:payments"},
	{"one human with two accounts", func(p *pull) {
		p.base["people/bob.yaml"] = strings.Replace(p.base["people/bob.yaml"], "[bob@example.org]", "[bob@example.org, alice@home.example]", 1)
		p.base["people/alice.yaml"] = strings.Replace(p.base["people/alice.yaml"], "[alice@example.org]", "[alice@example.org, alice@home.example]", 1)
	}, func(*pull) {}, approval.Pending, "requested this change as alice"},
	{"one human for two roles", func(p *pull) { p.twoRoles() }, func(p *pull) { p.twoRoles(); p.says("carol", forge.Approved) }, approval.Pending, "one person fills one role"},
	{"approve, then push other content", func(p *pull) { p.push("h2", p.edited("support ends", "because")) },
		func(p *pull) { p.push("h2", p.head) }, approval.Pending, "bob is stale"},
	{"approve, then push by force", func(p *pull) {
		p.push("h2", p.edited("restore the snapshot", "none"))
		p.h.Said.Pushes[1].Forced = true
	},
		func(p *pull) { p.push("h2", p.head); p.h.Said.Pushes[1].Forced = true }, approval.Pending, "bob is stale"},
	{"approval moved by the forge", func(p *pull) { p.h.Recorded[1] = strings.Repeat("0", 64) },
		func(p *pull) { m, _ := p.material("h1"); p.h.Recorded[1] = m.SHA256 }, approval.Pending, "has moved it to a later commit"},
	{"reviewed commit is gone", func(p *pull) { p.push("h2", p.head); delete(p.at, "h1") }, func(p *pull) { p.push("h2", p.head) }, approval.Pending, "cannot be read any more"},
	{"conflict resolved inside the merge", func(p *pull) { p.work("m", "bob", true).Parents = []string{"c1", "b2"} },
		func(p *pull) { p.work("m", "bob", false).Parents = []string{"c1", "b2"} }, approval.Pending, "bob author of m"},
	{"rebase that loses what was approved", func(p *pull) {
		p.push("h2", p.edited("support ends", "because"))
		p.h.Work[0].OID = "c2"
	}, func(p *pull) { p.push("h2", p.head); p.h.Work[0].OID = "c2" }, approval.Pending, "bob is stale"},
	{"record renamed", func(p *pull) {
		p.base = with(p.base, "services/find.yaml", service("find", "team:discovery", 3))
		p.push("h1", with(p.base, pathA, change(idA, "orders"), "services/find.yaml", "", "services/seek.yaml", service("seek", "team:discovery", 3)))
	}, func(p *pull) {
		p.base = with(p.base, "services/find.yaml", service("find", "team:discovery", 3))
		p.push("h1", with(p.base, pathA, change(idA, "orders")))
	}, approval.Deny, ""},
	{"edit after the approval", func(p *pull) { p.push("h2", p.edited("restore the snapshot", "none")) },
		func(p *pull) { p.push("h2", p.edited("title: Upgrade", "title: Update")) }, approval.Pending, "bob is stale"},
	{"base moved and the required set grew", func(p *pull) {
		p.base["services/orders.yaml"] = service("orders", "team:discovery", 2)
		p.head["services/orders.yaml"] = p.base["services/orders.yaml"]
		p.h.Said.Reviews = nil
		p.says("alice", forge.Approved)
	},
		func(p *pull) {
			p.base["services/orders.yaml"] = service("orders", "team:discovery", 2)
			p.head["services/orders.yaml"] = p.base["services/orders.yaml"]
		}, approval.Pending, "owner-team-discovery"},
	{"changes requested and dismissed", func(p *pull) { p.says("bob", forge.Dismissed) }, func(p *pull) { p.says("bob", forge.Dismissed); p.says("bob", forge.Approved) }, approval.Pending, "withdrawn or dismissed"},
	{"dismissed approval", func(p *pull) { p.h.Said.Reviews[0].State = forge.Dismissed }, func(p *pull) { p.says("bob", forge.Commented) }, approval.Pending, "withdrawn or dismissed"},
	{"changes requested", func(p *pull) { p.says("carol", forge.ChangesRequested) }, func(p *pull) { p.says("dave", forge.ChangesRequested) }, approval.Deny, "carol: rejected"},
	{"changes requested after approval", func(p *pull) { p.says("bob", forge.ChangesRequested) }, func(p *pull) { p.says("bob", forge.ChangesRequested); p.says("bob", forge.Approved) }, approval.Deny, "bob: rejected"},
	{"signature that was edited away", func(p *pull) { p.risky() }, func(p *pull) { p.risky(); p.signed[1] = true }, approval.Pending, "at least signed is needed"},
	{"more than a hundred reviews", func(p *pull) { p.many(); p.says("carol", forge.ChangesRequested) }, func(p *pull) { p.many() }, approval.Deny, "carol: rejected"},
	{"two changes with different needs", func(p *pull) { p.two() }, func(p *pull) { p.two(); p.says("carol", forge.Approved) }, approval.Pending, "owner-team-discovery"},
	{"record and policy changed together", func(p *pull) { p.both() }, func(p *pull) { p.both(); p.says("dave", forge.Approved) }, approval.Pending, "owners-policy"},
	{"record deleted", func(p *pull) {
		p.base = with(p.base, pathA, change(idA, "orders"))
		p.push("h2", with(p.base, pathA, ""))
	}, func(*pull) {}, approval.Deny, ""},
	{"four hundred files, one of them changed since", func(p *pull) { p.files(""); p.push("h2", with(p.head, "f399", "other")) }, func(p *pull) { p.files(""); p.push("h2", p.head) }, approval.Pending, "bob is stale"},
	{"fork that is gone", func(p *pull) { p.h.Said.Pull.Head.Repo, p.h.Said.NoPushes = "", "its repository is gone" }, func(p *pull) { p.h.Said.Pull.Head.Repo = "alice/shop" }, approval.Pending, "(its repository is gone): pusher"},
	{"approval after the landing", func(p *pull) { p.h.Until = noon }, func(p *pull) { p.h.Until = noon.Add(time.Hour) }, approval.Pending, "0 of 1 given"},
	{"implementer approves", func(p *pull) {
		p.push("h1", p.edited("plan:", "implementation: {implementer: bob}\nplan:"))
	}, func(p *pull) { p.push("h1", p.edited("plan:", "implementation: {implementer: alice}\nplan:")) }, approval.Pending, "implements this change"},
}

// newcomer makes it somebody's proposal of themselves, which dave approves.
func (p *pull) newcomer() {
	p.id = "zoe"
	p.push("h1", with(p.base, "people/zoe.yaml", person("zoe")))
	p.work("c2", "zoe", true)
	p.only("dave")
	p.signed[1] = true
}

// payments has the team that owns the service say something more.
func (p *pull) payments(more string) {
	p.base["teams/payments.yaml"] += more
	p.push("h1", with(p.base, pathA, change(idA, "orders")))
}

// twoRoles has bob asked for both of two services.
func (p *pull) twoRoles() {
	p.base["teams/discovery.yaml"] = team("discovery", "bob, erin")
	p.push("h1", with(p.base, pathA, strings.Replace(change(idA, "orders"), "[orders]", "[orders, search]", 1)))
}

// risky makes it a change that needs signed approvals.
func (p *pull) risky() { p.push("h1", with(p.base, pathA, change(idA, "checkout"))) }

// many puts other reviews around the approval.
func (p *pull) many() {
	for range 150 {
		p.says("carol", forge.Commented)
	}
}

// two adds a change of another team's service.
func (p *pull) two() {
	p.push("h1", with(p.head, pathB, change(idB, "search")))
}

// both changes what judges as well, which takes signed approvals.
func (p *pull) both() {
	p.signed[1], p.signed[2] = true, true
	p.push("h1", with(p.head, "policy/change.rego", strings.Replace(rules, "reason", "cause", 1)))
}

// files adds many files outside of the store's records.
func (p *pull) files(text string) {
	head := p.head
	for i := range 400 {
		head = with(head, fmt.Sprintf("f%d", i), "x"+text)
	}
	p.push("h1", head)
}

func TestPullRequests(t *testing.T) {
	for _, c := range slices.Concat(pullCases, sealCases) {
		t.Run(c.name, func(t *testing.T) {
			p := newPull(t)
			c.bad(p)
			d := p.decide()
			said := append(slices.Clone(d.Reasons), lines(d.Blockers)...)
			for _, n := range d.Requirements {
				said = append(said, lines(n.Ignored)...)
			}
			if d.Verdict != c.want || !strings.Contains(strings.Join(said, "\n"), c.says) {
				t.Errorf("%s, want %s and %q in\n%s", d.Verdict, c.want, c.says, strings.Join(said, "\n"))
			}
			p = newPull(t)
			c.good(p)
			if d := p.decide(); !d.Allowed() {
				t.Errorf("the twin is %s: %q %v", d.Verdict, d.Reasons, d.Findings)
			}
		})
	}
}

func lines(list []approval.Ignored) (out []string) {
	for _, i := range list {
		out = append(out, i.Who+" "+i.Why, i.Who+": "+i.Why)
	}
	return out
}
