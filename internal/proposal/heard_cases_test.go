package proposal_test

import (
	"strings"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/forge/github/githubtest"
	"github.com/gitsm/gitsm/internal/git"
)

// heardCases are about what git, evidence and reviews add to what a forge says.
var heardCases = []hubRow{
	{"merged already", func(c *hubCase) { c.approved(); c.land() }, func(c *hubCase) { c.approved() }, approval.Deny, "was merged already"},
	{"pushed by who approves", func(c *hubCase) { c.pushed("bob", "alice"); c.approved() },
		func(c *hubCase) { c.pushed("carol", "alice"); c.approved() }, approval.Pending, "bob: pusher"},
	{"pushed by who approves, and replaced since", func(c *hubCase) { c.replaced("bob"); c.approved() },
		func(c *hubCase) { c.replaced("carol"); c.approved() }, approval.Pending, "bob: pusher"},
	{"author of a commit that a merge brought", func(c *hubCase) { c.side("bob"); c.approved() },
		func(c *hubCase) { c.side("carol"); c.approved() }, approval.Pending, "bob: author of"},
	{"conflict resolved inside the merge by who approves", func(c *hubCase) { c.update("bob", true); c.approved() },
		func(c *hubCase) { c.update("bob", false); c.approved() }, approval.Pending, "bob: author of"},
	{"file that who approves wrote, and another moved", func(c *hubCase) { c.drafted("notes.md"); c.approved() },
		func(c *hubCase) { c.drafted(""); c.approved() }, approval.Pending, "bob: author of"},
	{"commit with a bad signature", func(c *hubCase) { c.misSigned("mallory"); c.approved() },
		func(c *hubCase) { c.misSigned("alice"); c.approved() }, approval.Pending, "whose signature is bad"},
	{"commit that says a forge of one's own made it", func(c *hubCase) { c.web(false); c.approved() },
		func(c *hubCase) { c.web(true); c.approved() }, approval.Pending, "GitHub Enterprise: committer of"},
	{"review that the evidence alone has", func(c *hubCase) {
		c.approved()
		c.record()
		c.arrange(func(p *githubtest.Pull) { p.Reviews = nil })
	}, func(c *hubCase) { c.approved(); c.record() }, approval.Pending, "0 of 1 given"},
	{"approval that the forge moves to other content", func(c *hubCase) {
		c.approved()
		c.record()
		c.submit("/plan/backout", "none")
		c.moveReviews()
	}, func(c *hubCase) {
		c.approved()
		c.record()
		c.submit("/title", "Upgrade the database")
		c.moveReviews()
	}, approval.Pending, "has moved it to a later commit"},
	{"approval that nobody signed", func(c *hubCase) { c.signing(); c.approved() },
		func(c *hubCase) { c.signing(); c.opines("bob", c.id, false) }, approval.Pending, "at least signed is needed"},
	{"statement about another proposal", func(c *hubCase) {
		c.signing()
		id, n := c.h.submitted(c.T)
		c.opines("bob", id, false)
		c.copied(n, "bob")
	}, func(c *hubCase) { c.signing(); c.opines("bob", c.id, false); c.copied(c.n, "bob") }, approval.Pending, "at least signed is needed"},
	{"statement of a rejection in an approval", func(c *hubCase) {
		c.signing()
		c.opines("bob", c.id, true)
		c.copied(c.n, "bob")
		c.arrange(func(p *githubtest.Pull) { p.Reviews = p.Reviews[1:] })
	},
		func(c *hubCase) { c.signing(); c.opines("bob", c.id, true); c.tick(); c.opines("bob", c.id, false) }, approval.Pending, "at least signed is needed"},
	{"statement of before a rejection, in a review after it", func(c *hubCase) {
		c.signing()
		c.opines("bob", c.id, false)
		c.tick()
		c.opines("bob", c.id, true)
		c.tick()
		c.h.server.Review(c.n, "bob", "APPROVED", c.h.server.Pulls()[c.n-1].Reviews[0].Body)
	}, func(c *hubCase) {
		c.signing()
		c.opines("bob", c.id, true)
		c.tick()
		c.opines("bob", c.id, false)
	}, approval.Pending, "at least signed is needed"},
	{"statement of a review that was edited since, in a later one", func(c *hubCase) { c.signing(); c.moved(true) },
		func(c *hubCase) { c.signing(); c.moved(false) }, approval.Pending, "at least signed is needed"},
	{"rejected in an earlier pull request", func(c *hubCase) {
		c.signing()
		c.anew("CHANGES_REQUESTED", "alice")
		c.opines("carol", c.branch(), false)
	},
		func(c *hubCase) { c.signing(); c.anew("COMMENTED", "alice"); c.opines("carol", c.branch(), false) }, approval.Deny, "bob: rejected"},
	{"rejected in an earlier pull request by who approves", func(c *hubCase) { c.signing(); c.anew("CHANGES_REQUESTED", "alice") },
		func(c *hubCase) {
			c.signing()
			c.anew("CHANGES_REQUESTED", "alice")
			c.opines("bob", c.branch(), false)
		}, approval.Deny, "bob: rejected"},
	{"rejected in an earlier pull request by who closed it", func(c *hubCase) {
		c.signing()
		c.anew("CHANGES_REQUESTED", "bob")
		c.opines("carol", c.branch(), false)
	},
		func(c *hubCase) { c.signing(); c.anew("APPROVED", "bob"); c.opines("carol", c.branch(), false) }, approval.Deny, "bob: rejected"},
	{"rejection dismissed in an earlier pull request", func(c *hubCase) {
		c.signing()
		c.anew("CHANGES_REQUESTED", "alice")
		c.opines("carol", c.branch(), false)
	}, func(c *hubCase) {
		c.signing()
		first := c.n
		c.anew("CHANGES_REQUESTED", "alice")
		c.opines("carol", c.branch(), false)
		c.h.server.Dismiss(first, 0, "dave")
		if _, err := c.h.desk("gate").RecordPull(c.Context(), first); err != nil {
			c.Fatal(err)
		}
	}, approval.Deny, "bob: rejected"},
	{"statement of somebody else", func(c *hubCase) {
		c.signing()
		c.opines("carol", c.id, false)
		c.copied(c.n, "bob")
		c.arrange(func(p *githubtest.Pull) { p.Reviews = p.Reviews[1:] })
	}, func(c *hubCase) { c.signing(); c.opines("carol", c.id, false) }, approval.Pending, "at least signed is needed"},
	{"statement of a key that main has no more", func(c *hubCase) {
		c.signing()
		c.opines("bob", c.id, false)
		text, _, _ := strings.Cut(c.h.began["people/bob.yaml"], "signing_keys:")
		c.main(map[string]string{"people/bob.yaml": text + "github: {login: bob, id: 12}\n"})
	}, func(c *hubCase) {
		c.signing()
		c.opines("bob", c.id, false)
		c.main(map[string]string{"people/bob.yaml": c.h.began["people/bob.yaml"] + "active: true\n"})
	}, approval.Pending, "at least signed is needed"},
}

func (c *hubCase) land() {
	c.Helper()
	if _, err := c.h.server.Land(c.n, "dave", "merge"); err != nil {
		c.Fatal(err)
	}
}

func (c *hubCase) record() {
	c.Helper()
	if _, err := c.h.desk("gate").RecordPull(c.Context(), c.n); err != nil {
		c.Fatal(err)
	}
}

func (c *hubCase) branch() string { return c.h.server.Pulls()[c.n-1].Head }

// pushed has somebody push a commit of another's.
func (c *hubCase) pushed(by, author string) {
	c.Helper()
	c.h.server.PushAs(by)
	c.h.push(c.branch(), author, map[string]string{"README.md": "more notes\n"})
	c.h.server.Observe()
}

// drafted has alice bring a file that bob wrote, and take it away again: to have
// it under another name, where one is given.
func (c *hubCase) drafted(as string) {
	c.Helper()
	c.h.server.PushAs("alice")
	c.h.push(c.branch(), "bob", map[string]string{"draft.md": "drafted\n"})
	files := map[string]string{"draft.md": ""}
	if as != "" {
		files[as] = "drafted\n"
	}
	c.h.push(c.branch(), "alice", files)
	c.h.server.Observe()
}

// side has alice merge a branch that somebody else wrote.
func (c *hubCase) side(by string) {
	c.Helper()
	p := c.h.server.Pulls()[c.n-1]
	r := c.h.repo()
	write := func(who string, spec git.CommitSpec) git.OID {
		spec.Message, spec.Author, spec.Committer = "More\n", c.h.by(who), c.h.by(who)
		id, err := r.WriteCommit(c.Context(), spec)
		if err != nil {
			c.Fatal(err)
		}
		return id
	}
	main := c.h.ref("refs/heads/main")
	brought := write(by, git.CommitSpec{Base: main, Parents: []git.OID{main}, Files: []git.FileEdit{{Path: "README.md", Content: []byte("more notes\n")}}})
	tree := c.h.git("commit-tree", "-m", "merged", c.h.git("merge-tree", "--write-tree", p.HeadOID, brought))
	c.h.server.PushAs("alice")
	c.h.move(r, "refs/heads/"+p.Head, p.HeadOID, write("alice", git.CommitSpec{Base: tree, Parents: []git.OID{p.HeadOID, brought}}))
	c.h.server.Observe()
}

// replaced has somebody push a commit of alice's, which she then takes out again
// by force.
func (c *hubCase) replaced(by string) {
	c.Helper()
	old := c.h.server.Pulls()[c.n-1].HeadOID
	c.pushed(by, "alice")
	if _, err := c.h.desk("gate").GatePull(c.Context(), c.n); err != nil { // so that the clone has it
		c.Fatal(err)
	}
	c.h.server.PushAs("alice")
	c.h.git("update-ref", "refs/heads/"+c.branch(), old)
	c.h.server.Observe()
}

// misSigned adds a commit of alice's that is signed with a key.
func (c *hubCase) misSigned(key string) {
	c.Helper()
	old := c.h.server.Pulls()[c.n-1].HeadOID
	id, err := c.h.repo().WriteCommit(c.Context(), git.CommitSpec{Base: old, Parents: []git.OID{old}, Message: "More notes\n", Author: c.h.by("alice"), Committer: c.h.by("alice"),
		Files: []git.FileEdit{{Path: "README.md", Content: []byte("more notes\n")}},
		Sign: func(payload []byte) ([]byte, error) {
			if key != "alice" {
				payload = append(payload, '\n')
			}
			return signer("alice").Sign(c.Context(), evidence.CommitNamespace, payload)
		}})
	if err != nil {
		c.Fatal(err)
	}
	c.h.move(c.h.repo(), "refs/heads/"+c.branch(), old, id)
}

// moveReviews moves every review to the head, as a forge may after a rebase.
func (c *hubCase) moveReviews() {
	c.arrange(func(p *githubtest.Pull) {
		for _, r := range p.Reviews {
			r.Commit = p.HeadOID
		}
	})
}

// signing has main ask for signed approvals, of carol as well as of bob.
func (c *hubCase) signing() {
	c.Helper()
	c.main(map[string]string{"policy/data.yaml": data, "teams/payments.yaml": team("payments", "alice, bob, carol")})
}

// opines has somebody say of a change what they think, in a review that carries
// their signed statement.
func (c *hubCase) opines(who, id string, no bool) {
	c.Helper()
	opine := c.h.desk(who).Approve
	if no {
		opine = c.h.desk(who).Reject
	}
	if _, err := opine(c.Context(), id); err != nil {
		c.Fatal(err)
	}
}

// anew has bob say something of the pull request before somebody closes it, and the
// same proposed once more by another.
func (c *hubCase) anew(state, closer string) {
	c.Helper()
	c.h.server.Review(c.n, "bob", state, "")
	c.arrange(func(p *githubtest.Pull) {
		p.State, p.Closed, p.ClosedBy = "closed", c.h.clock.read().UTC().Format(time.RFC3339), closer
	})
	c.record()
	branch := "gitsm/" + c.id + "/new-anew"
	c.h.git("update-ref", "refs/heads/"+branch, c.h.server.Pulls()[c.n-1].HeadOID)
	c.n = c.h.server.Open("alice", branch, "main")
}

// moved has bob approve and sign, and say the same once more without signing; what
// he had signed is moved from the one review to the other, or stays.
func (c *hubCase) moved(to bool) {
	c.Helper()
	c.opines("bob", c.id, false)
	c.record()
	c.tick()
	c.approved()
	if to {
		c.arrange(func(p *githubtest.Pull) {
			p.Reviews[1].Body, p.Reviews[0].Body = p.Reviews[0].Body, ""
			p.Reviews[0].At = "2026-01-01T00:00:00Z" // bob's clock is ahead of the forge's
		})
	}
}

// copied has somebody approve in the words of the last review of a pull request.
func (c *hubCase) copied(from int, by string) {
	reviews := c.h.server.Pulls()[from-1].Reviews
	c.tick()
	c.h.server.Review(c.n, by, "APPROVED", reviews[len(reviews)-1].Body)
}
