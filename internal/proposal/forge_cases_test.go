package proposal_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/forge/github/githubtest"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/proposal"
)

// hubCase is a pull request of alice's on the forge, on its way to a gate.
type hubCase struct {
	*testing.T
	h  *hub
	id string
	n  int
}

func (c *hubCase) arrange(edit func(*githubtest.Pull)) { c.h.server.Arrange(c.n, edit) }

func (c *hubCase) approved() { c.h.server.Review(c.n, "bob", "APPROVED", "") }

// submit sends what alice has changed since.
func (c *hubCase) submit(pointer, value string) {
	c.Helper()
	d := c.h.desk("alice")
	edit(c.T, d, c.id, pointer, value)
	if _, err := d.Submit(c.Context(), target(c.T, d, c.id), proposal.Submission{}); err != nil {
		c.Fatal(err)
	}
}

// main puts files on main, past the gate.
func (c *hubCase) main(files map[string]string) {
	c.Helper()
	c.h.push("main", "dave", files)
}

// status posts the gate's status as somebody.
func (c *hubCase) status(login, state string) {
	c.h.server.Post(login, c.h.server.Pulls()[c.n-1].HeadOID, proposal.StatusContext, state)
}

// stricter is the policy that asks for somebody of another team as well.
var stricter = strings.Replace(rules, "# METADATA\n# title: retro", `# METADATA
# title: the platform approves
# custom: {id: CHG202}
approvals contains {"id": "platform", "from": ["team:platform"], "count": 1, "msg": "runs it"} if {
	input.record.type == "normal"
	input.transition.to == "scheduled"
}

# METADATA
# title: retro`, 1)

// manyFiles are more than GitHub lists of a commit.
var manyFiles = func() map[string]string {
	out := map[string]string{}
	for i := range 311 {
		out[fmt.Sprintf("notes/%d.md", i)] = "x\n"
	}
	return out
}()

// hubRow is a case with its twin.
type hubRow struct {
	name      string
	bad, good func(*hubCase)
	want      approval.Verdict // of the bad one
	says      string           // in what is said of it
}

// hubCases are what a gate has been known to get wrong about how a forge
// behaves. Each has a twin that may land.
var hubCases = []hubRow{
	{"nobody approved", func(*hubCase) {}, func(c *hubCase) { c.approved() }, approval.Pending, "waiting for bob"},
	{"draft", func(c *hubCase) { c.approved(); c.arrange(func(p *githubtest.Pull) { p.Draft = true }) },
		func(c *hubCase) { c.approved(); c.arrange(func(p *githubtest.Pull) { p.Draft = false }) }, approval.Pending, "is a draft"},
	{"retargeted base", func(c *hubCase) { c.approved(); c.arrange(func(p *githubtest.Pull) { p.Base = "playground" }) },
		func(c *hubCase) {
			c.arrange(func(p *githubtest.Pull) { p.Base = "playground" })
			c.arrange(func(p *githubtest.Pull) { p.Base = "main" })
			c.tick()
			c.approved()
		}, approval.Error, "only main is gated: nothing is said about it"},
	{"approved while it went elsewhere", func(c *hubCase) {
		c.arrange(func(p *githubtest.Pull) { p.Base = "playground" })
		c.approved()
		c.tick()
		c.arrange(func(p *githubtest.Pull) { p.Base = "main" })
	},
		func(c *hubCase) {
			c.arrange(func(p *githubtest.Pull) { p.Base = "playground" })
			c.arrange(func(p *githubtest.Pull) { p.Base = "main" })
			c.tick()
			c.approved()
		}, approval.Pending, "went into another branch"},
	{"what happened that the token may not read", func(c *hubCase) {
		c.approved()
		c.h.server.Fail("GET", "issues/*/events", githubtest.Forbidden, 0, -1)
	},
		func(c *hubCase) { c.approved() }, approval.Error, "reading what happened to"},
	{"closed", func(c *hubCase) { c.approved(); c.arrange(func(p *githubtest.Pull) { p.State = "closed" }) },
		func(c *hubCase) {
			c.approved()
			c.arrange(func(p *githubtest.Pull) { p.State = "closed" })
			c.arrange(func(p *githubtest.Pull) { p.State = "open" })
		}, approval.Pending, "was closed"},
	{"dismissed", func(c *hubCase) {
		c.approved()
		c.arrange(func(p *githubtest.Pull) { p.Reviews[0].State = "DISMISSED" })
	},
		func(c *hubCase) {
			c.approved()
			c.arrange(func(p *githubtest.Pull) { p.Reviews[0].State = "APPROVED" })
		}, approval.Pending, "withdrawn or dismissed"},
	{"edited review", func(c *hubCase) {
		c.approved()
		c.arrange(func(p *githubtest.Pull) { p.Reviews[0].State = "COMMENTED" })
	},
		func(c *hubCase) {
			c.approved()
			c.arrange(func(p *githubtest.Pull) { p.Reviews[0].Body = "with a typo less" })
		}, approval.Pending, "0 of 1 given"},
	{"fork that is gone", func(c *hubCase) { c.approved(); c.arrange(func(p *githubtest.Pull) { p.Fork = "gone" }) },
		func(c *hubCase) { c.approved(); c.arrange(func(p *githubtest.Pull) { p.Fork = "alice/shop" }) }, approval.Pending, "its repository is gone"},
	{"fork that nobody may look into", func(c *hubCase) { c.approved(); c.arrange(func(p *githubtest.Pull) { p.Fork = "alice/private" }) },
		func(c *hubCase) { c.approved(); c.arrange(func(p *githubtest.Pull) { p.Fork = "alice/shop" }) }, approval.Pending, "may not read alice/private"},
	{"approve, then push other content", func(c *hubCase) { c.approved(); c.submit("/plan/backout", "none") },
		func(c *hubCase) { c.approved(); c.submit("/title", "Upgrade the database") }, approval.Pending, "bob: is stale"},
	{"approve, then update the branch with other content", func(c *hubCase) { c.approved(); c.update("alice", true) },
		func(c *hubCase) { c.approved(); c.update("bob", false) }, approval.Pending, "bob: is stale"},
	{"more than a hundred reviews, of which page 2 fails", func(c *hubCase) {
		c.talk()
		c.approved()
		c.h.server.Fail("GET", "pulls/*/reviews", githubtest.ServerError, 1, -1)
	}, func(c *hubCase) { c.talk(); c.approved() }, approval.Error, "reading the reviews"},
	{"more than a hundred reviews, and the last one objects", func(c *hubCase) {
		c.approved()
		c.talk()
		c.tick()
		c.h.server.Review(c.n, "bob", "CHANGES_REQUESTED", "")
	},
		func(c *hubCase) {
			c.h.server.Review(c.n, "bob", "CHANGES_REQUESTED", "")
			c.talk()
			c.tick()
			c.approved()
		}, approval.Deny, "bob: rejected"},
	{"permission that the token may not read", func(c *hubCase) {
		c.approved()
		c.h.server.Fail("GET", "collaborators/*/permission", githubtest.Forbidden, 0, -1)
	},
		func(c *hubCase) { c.approved() }, approval.Error, "reading what bob may do"},
	{"account that is no collaborator", func(c *hubCase) {
		c.approved()
		c.h.server.Fail("GET", "collaborators/*/permission", githubtest.Missing, 0, -1)
	},
		func(c *hubCase) { c.approved() }, approval.Pending, "may not write"},
	{"team of the forge that the token may not read", func(c *hubCase) { c.arrange(func(p *githubtest.Pull) { p.Teams = []string{"payments"} }) },
		func(c *hubCase) { c.arrange(func(p *githubtest.Pull) { p.Teams = []string{"payments"} }); c.approved() }, approval.Pending, "waiting for bob"},
	{"status forged by somebody else", func(c *hubCase) { c.status("mallory", "success") },
		func(c *hubCase) { c.approved(); c.status("mallory", "failure") }, approval.Pending, "0 of 1 given"},
	{"base moved and the required set grew", func(c *hubCase) { c.approved(); c.main(map[string]string{"policy/change.rego": stricter}) },
		func(c *hubCase) {
			c.approved()
			c.main(map[string]string{"policy/change.rego": stricter})
			c.h.server.Review(c.n, "carol", "APPROVED", "")
		}, approval.Pending, "platform"},
	{"more than three hundred files, one of them changed since", func(c *hubCase) {
		c.onBranch(manyFiles)
		c.approved()
		c.onBranch(map[string]string{"notes/310.md": "other\n"})
	},
		func(c *hubCase) { c.onBranch(manyFiles); c.approved() }, approval.Pending, "bob: is stale"},
	{"policy that main rolled back to an older version", func(c *hubCase) {
		c.main(map[string]string{"policy/change.rego": stricter})
		c.main(map[string]string{"policy/change.rego": rules})
		c.approved()
		c.main(map[string]string{"policy/change.rego": stricter})
	},
		func(c *hubCase) {
			c.main(map[string]string{"policy/change.rego": stricter})
			c.approved()
			c.main(map[string]string{"policy/change.rego": rules})
		}, approval.Pending, "platform"},
	{"no rule that matches", func(c *hubCase) {
		c.approved()
		c.main(map[string]string{"policy/change.rego": "package gitsm.change\n"})
	},
		func(c *hubCase) {
			c.approved()
			c.main(map[string]string{"policy/change_test.rego": "package gitsm.change_test\n"})
		}, approval.Error, "POL007"},
	{"policy that the proposal rolls back", func(c *hubCase) {
		c.main(map[string]string{"policy/change.rego": stricter})
		c.approved()
		c.onBranch(map[string]string{"policy/change.rego": rules})
	},
		func(c *hubCase) { c.approved(); c.onBranch(map[string]string{"policy/change.rego": rules}) }, approval.Pending, "platform"},
	{"record deleted", func(c *hubCase) { c.approved(); c.onBranch(map[string]string{"services/search.yaml": ""}) },
		func(c *hubCase) {
			c.approved()
			c.onBranch(map[string]string{"services/search.yaml": service("search", "team:discovery")})
		}, approval.Deny, "LIF003"},
	{"record renamed", func(c *hubCase) {
		c.approved()
		c.onBranch(map[string]string{"services/search.yaml": "", "services/find.yaml": service("find", "team:discovery")})
	},
		func(c *hubCase) { c.approved(); c.onBranch(map[string]string{"README.md": "notes\n"}) }, approval.Deny, "LIF003"},
}

// talk is a page of comments and more.
func (c *hubCase) talk() {
	for range 120 {
		c.h.server.Review(c.n, "carol", "COMMENTED", "hm")
	}
}

func (c *hubCase) tick() { c.h.clock.read() }

// onBranch adds a commit of alice's to the proposal.
func (c *hubCase) onBranch(files map[string]string) {
	c.Helper()
	c.h.push(strings.TrimPrefix(c.h.server.Pulls()[c.n-1].Head, "refs/heads/"), "alice", files)
}

// update merges main into the proposal, as somebody does by the button that says
// so; where there was a conflict, they resolved it by other content.
func (c *hubCase) update(by string, conflict bool) {
	c.Helper()
	p := c.h.server.Pulls()[c.n-1]
	r := c.h.repo()
	extra := fmt.Sprintf("extra%d", c.n)
	main := c.h.push("main", "dave", map[string]string{"services/" + extra + ".yaml": service(extra, "team:payments")})
	merged := c.h.git("commit-tree", "-m", "merged", c.h.git("merge-tree", "--write-tree", main, p.HeadOID))
	spec := git.CommitSpec{Base: merged, Parents: []git.OID{p.HeadOID, main}, Message: "Merge main\n", Author: c.h.by(by), Committer: c.h.by(by)}
	if conflict {
		text := strings.Replace(c.h.on(p.Head, c.path()), "backout: ", "backout: not ", 1)
		spec.Files = []git.FileEdit{{Path: c.path(), Content: []byte(text)}}
	}
	id, err := r.WriteCommit(c.Context(), spec)
	if err != nil {
		c.Fatal(err)
	}
	c.h.move(r, "refs/heads/"+p.Head, p.HeadOID, id)
}

// path is the file of the record.
func (c *hubCase) path() string {
	for _, f := range strings.Split(c.h.git("ls-tree", "-r", "--name-only", c.h.server.Pulls()[c.n-1].HeadOID), "\n") {
		if strings.Contains(f, c.id) {
			return f
		}
	}
	c.Fatalf("%s has no file", c.id)
	return ""
}

// TestPullsThatCannotLand holds what keeps a pull request from landing, and that
// as near a thing as can be lands.
func TestPullsThatCannotLand(t *testing.T) {
	t.Parallel()
	holds(t, hubCases)
}

// TestWhatIsHeard holds the same of what git, evidence and reviews add.
func TestWhatIsHeard(t *testing.T) {
	t.Parallel()
	holds(t, heardCases)
}

func holds(t *testing.T, rows []hubRow) {
	h := onForge(t)
	h.server.Add(githubtest.Account{Login: "mallory", ID: 99})
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			for _, twin := range []bool{false, true} {
				c := &hubCase{T: t, h: h}
				c.id, c.n = h.submitted(t)
				want, says, do := tt.want, tt.says, tt.bad
				if twin {
					want, says, do = approval.Allow, "", tt.good
				}
				do(c)
				j, err := h.desk("gate").GatePull(t.Context(), c.n)
				if err != nil {
					t.Fatal(err)
				}
				if said := explained(j); j.Verdict() != want || !strings.Contains(said, says) {
					t.Errorf("twin %v: %s, want %s and %q in\n%s", twin, j.Verdict(), want, says, said)
				}
				if err := h.desk("gate").PostVerdict(t.Context(), j.Head, j.Verdict(), "", ""); err != nil {
					t.Fatal(err)
				}
				if got := status(h, c.n); (got == "success") != twin {
					t.Errorf("twin %v: the status is %q", twin, got)
				}
				h.server.Heal()
				h.server.PushAs("")
				c.main(h.began)
			}
		})
	}
}

// explained is everything that was said of a pull request.
func explained(j *proposal.Judged) string {
	if j.Err != nil {
		return j.Err.Error()
	}
	said := slices.Clone(j.Decision.Reasons)
	for _, n := range j.Decision.Requirements {
		said = append(said, n.ID+" "+n.Reason)
		for _, i := range n.Ignored {
			said = append(said, i.Who+": "+i.Why)
		}
	}
	for _, b := range j.Decision.Blockers {
		said = append(said, b.Who+": "+b.Why)
	}
	for _, f := range j.Decision.Findings {
		said = append(said, f.Code+" "+f.Message)
	}
	return strings.Join(said, "\n")
}

// TestClosed holds that the evidence says who closed a pull request, and that it
// is its opener's word where nobody knows.
func TestClosed(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	for by, want := range map[string]string{"bob": "bob", "alice": "alice", "": "alice"} {
		id, n := h.submitted(t)
		h.server.Arrange(n, func(p *githubtest.Pull) {
			p.State, p.Closed, p.ClosedBy = "closed", h.clock.read().UTC().Format(time.RFC3339), by
		})
		if _, err := h.desk("gate").RecordPull(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		list := h.evidence(id)
		if len(list) != 1 || list[0].Statement.Predicate.Kind != evidence.Withdrawal || list[0].Statement.Predicate.Person != want {
			t.Errorf("closed by %q: %v", by, list)
		}
	}
}

// TestSquashQueue holds whose pull request a commit of a queue that squashes is:
// the one that GitHub names in its subject, and nobody's where it names none.
func TestSquashQueue(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	h.server.Rule("main", "merge_queue", nil)
	_, n := h.submitted(t)
	h.server.Review(n, "bob", "APPROVED", "")
	_, other := h.submitted(t)
	base, head := h.ref("refs/heads/main"), h.server.Pulls()[n-1].HeadOID
	tree := h.git("merge-tree", "--write-tree", base, head)
	for subject, want := range map[string]approval.Verdict{
		fmt.Sprintf("Upgrade (#%d)", n): approval.Allow, fmt.Sprintf("Upgrade (#%d) (#%d)", other, n): approval.Allow,
		fmt.Sprintf("Merge pull request #%d from x (#%d)", other, n): approval.Allow, fmt.Sprintf("Merge pull request #%d from x", n): approval.Error,
		fmt.Sprintf("Upgrade (#%d)", other): approval.Deny, "Upgrade": approval.Error, fmt.Sprintf("Upgrade (#%d) again", n): approval.Error,
	} {
		group := h.git("commit-tree", tree, "-p", base, "-m", subject)
		h.git("update-ref", "refs/heads/queue", group)
		list, err := h.desk("gate").GateGroup(t.Context(), base, group, "refs/heads/queue")
		got := approval.Error
		if err == nil && len(list) == 1 {
			got = list[0].Verdict()
		}
		if got != want {
			t.Errorf("%s: %s, %v; want %s", subject, got, err, want)
		}
	}
	known := h.git("commit-tree", tree, "-p", base, "-m", fmt.Sprintf("Upgrade (#%d)", n))
	h.git("update-ref", "refs/heads/queue", h.git("commit-tree", tree, "-p", known, "-m", "And more"))
	if list, err := h.desk("gate").GateGroup(t.Context(), base, h.ref("refs/heads/queue"), "refs/heads/queue"); err == nil || !strings.Contains(err.Error(), "belongs to no open pull request") {
		t.Errorf("with a commit of nobody's behind it: %v, %v", list, err)
	}
}
