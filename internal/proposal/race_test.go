package proposal_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// pair is two clones of one upstream, alice's and carol's.
func pair(t *testing.T, s *shop) (upstream, hers, other *shop) {
	t.Helper()
	upstream, clones := s.clones("alice", "carol")
	return upstream, clones[0], clones[1]
}

// Two land at once: the second is decided again, on what the first landed.
func TestLandingRace(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"WriteCommit", "Push", "UpdateRefs"} {
		t.Run(call, func(t *testing.T) {
			s := begin(t)
			alice, bob, carol, dave := s.desk("alice"), s.desk("bob"), s.desk("carol"), s.desk("dave")
			mine, theirs := file(t, alice, "checkout"), file(t, carol, "search")
			approve(t, bob, mine.ID)
			approve(t, dave, theirs.ID)
			upstream, here, there := pair(t, s)
			landed := ""
			repo := meddle(here.repo(), call, func() {
				d := there.desk("carol")
				out, err := d.Merge(context.WithoutCancel(t.Context()), theirs.ID)
				if err != nil || !out.Landed {
					t.Errorf("%+v, %v", out, err)
					return
				}
				landed = out.Main
			})
			d := here.deskOn(repo, "alice")
			var said []string
			d.Warn = func(msg string) { said = append(said, msg) }
			out := merge(t, d, mine.ID)
			main, err := upstream.repo().Commit(t.Context(), upstream.ref("refs/heads/main"))
			if err != nil {
				t.Fatal(err)
			}
			switch call {
			case "UpdateRefs": // hers was at the upstream already, so that carol came second
				if main.OID != landed || main.Parents[0] != out.Main || len(said) > 0 {
					t.Errorf("%s after %s: %v %q", main.OID, out.Main, main.Parents, said)
				}
			default:
				if main.OID != out.Main || main.Parents[0] != landed {
					t.Errorf("%s after %s: %v", main.OID, landed, main.Parents)
				}
			}
			for _, o := range []*proposal.Outcome{mine, theirs} {
				if upstream.on("main", o.Path) == "" || strings.Join(upstream.said(o.ID), " ") == "" {
					t.Errorf("%s is not there", o.ID)
				}
				if got := upstream.said(o.ID); len(got) != 3 {
					t.Errorf("%s: %v", o.ID, got)
				}
			}
			if got := upstream.proposals(); len(got) > 0 {
				t.Errorf("left behind %v", got)
			}
			upstream.fsck()
		})
	}
}

// Who loses the race may be refused: what has landed counts.
func TestLandingRaceLost(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice, bob := s.desk("alice"), s.desk("bob")
	id := file(t, alice, "checkout").ID
	approve(t, bob, id)
	repo := meddle(s.repo(), "UpdateRefs", func() { // bob leaves, and main says so before alice has landed
		s.push("main", "carol", map[string]string{"people/bob.yaml": person("bob") + "active: false\n"})
	})
	out, err := s.deskOn(repo, "alice").Merge(t.Context(), id)
	if err != nil || out.Landed || out.Decision.Verdict != approval.Pending || why(out.Decision, "bob") != "is inactive" {
		t.Errorf("%+v, %v", out, err)
	}
	if got := s.said(id); len(got) != 1 { // what was decided in vain was not recorded
		t.Errorf("%v", got)
	}
}

// A policy that lands first judges what lands second.
func TestLandingRaceWithPolicy(t *testing.T) {
	t.Parallel()
	s := begin(t)
	id := file(t, s.desk("alice"), "checkout").ID
	approve(t, s.desk("bob"), id)
	repo := meddle(s.repo(), "UpdateRefs", func() {
		s.push("main", "carol", map[string]string{"policy/change.rego": strings.Replace(rules, `"count": 1, "msg": "owns it"} if`, `"count": 2, "msg": "owns it"} if`, 1)})
	})
	out, err := s.deskOn(repo, "alice").Merge(t.Context(), id)
	if err != nil || out.Landed || out.Decision.Requirements[0].Need != 2 {
		t.Errorf("%+v, %v", out, err)
	}
}

// A change that main moved under is judged as it would land, and not twice
// landed.
func TestProposalRace(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice := s.desk("alice")
	out := file(t, alice, "checkout")
	approve(t, s.desk("bob"), out.ID)
	t.Run("edited", func(t *testing.T) {
		repo := meddle(s.repo(), "UpdateRefs", func() { edit(t, s.desk("alice"), out.ID, "/reason", "because") })
		got, err := s.deskOn(repo, "alice").Merge(t.Context(), out.ID)
		if err != nil || got.Landed || !strings.HasPrefix(why(got.Decision, "bob"), "is stale") {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("landed", func(t *testing.T) {
		edit(t, alice, out.ID, "/reason", "support ends")
		repo := meddle(s.repo(), "UpdateRefs", func() { merge(t, s.desk("bob"), out.ID) })
		_, err := s.deskOn(repo, "alice").Merge(t.Context(), out.ID)
		usage(t, err, "has no open proposal to merge")
	})
}

// An edit that can be made again is; one that cannot does not undo another's.
func TestEditRace(t *testing.T) {
	t.Parallel()
	s := begin(t)
	elsewhere := func() {
		s.push("main", "carol", map[string]string{"services/checkout.yaml": service("checkout", "team:payments") + "description: Carol's\n"})
	}
	alice := s.deskOn(meddle(s.repo(), "UpdateRefs", elsewhere), "alice")
	out := edit(t, alice, "checkout", "/title", "The checkout")
	text := s.on("main", "services/checkout.yaml")
	if !out.Landed || !strings.Contains(text, "Carol's") || !strings.Contains(text, "The checkout") {
		t.Errorf("%+v\n%s", out, text)
	}

	elsewhere = func() {
		s.push("main", "carol", map[string]string{"services/search.yaml": service("search", "team:discovery") + "description: Carol's\n"})
	}
	alice = s.deskOn(meddle(s.repo(), "UpdateRefs", elsewhere), "alice")
	dr := draftOf(t, alice, "search", set("/title", "The search"))
	dr.Remake = nil
	_, err := alice.Propose(t.Context(), dr)
	refused(t, err, "search changed on main meanwhile")
	if text := s.on("main", "services/search.yaml"); strings.Contains(text, "The search") {
		t.Errorf("%s", text)
	}
}

// Two file the same record: the second is told.
func TestNewRace(t *testing.T) {
	t.Parallel()
	s := begin(t)
	draft := func(d *proposal.Desk) proposal.Draft {
		dr, err := d.NewDraft(t.Context(), kindOf(t, "service"), "cart", map[string]any{"title": "Cart", "owner": "team:payments", "tier": yaml("2")})
		if err != nil {
			t.Fatal(err)
		}
		return dr
	}
	repo := meddle(s.repo(), "UpdateRefs", func() {
		if out, err := s.desk("carol").Propose(t.Context(), draft(s.desk("carol"))); err != nil || !out.Landed {
			t.Errorf("%+v, %v", out, err)
		}
	})
	d := s.deskOn(repo, "alice")
	_, err := d.Propose(t.Context(), draft(d))
	refused(t, err, "service cart exists already")
}

func yaml(text string) any {
	v, err := yamldoc.ParseScalar(text)
	if err != nil {
		panic(err)
	}
	return v
}

// Approvals at once all end up on the one branch.
func TestEvidenceRace(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice := s.desk("alice")
	one, two := file(t, alice, "checkout").ID, file(t, s.desk("carol"), "search").ID
	repo := meddle(s.repo(), "UpdateRefs", func() { approve(t, s.desk("dave"), two) })
	approve(t, s.deskOn(repo, "bob"), one)
	if diff := cmp.Diff([]string{"approval bob"}, s.said(one)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"approval dave"}, s.said(two)); diff != "" {
		t.Error(diff)
	}
}

func TestEvidenceRaceUpstream(t *testing.T) {
	t.Parallel()
	s := begin(t)
	one, two := file(t, s.desk("alice"), "checkout").ID, file(t, s.desk("carol"), "search").ID
	upstream, here, there := pair(t, s)
	repo := meddle(here.repo(), "Push", func() { approve(t, there.desk("dave"), two) })
	approve(t, here.deskOn(repo, "bob"), one)
	for _, id := range []string{one, two} {
		if got := upstream.said(id); len(got) != 1 {
			t.Errorf("%s: %v", id, got)
		}
	}
}

// A landing that the upstream has is done, whatever this clone can do about it.
func TestLandedUpstreamOnly(t *testing.T) {
	t.Parallel()
	s := begin(t)
	id := file(t, s.desk("alice"), "checkout").ID
	approve(t, s.desk("bob"), id)
	upstream, here, _ := pair(t, s)
	repo := meddle(here.repo(), "UpdateRefs", func() { // somebody works on the same main here
		here.push("main", "alice", map[string]string{"notes.txt": "x\n"})
	})
	d := here.deskOn(repo, "alice")
	var said []string
	d.Warn = func(msg string) { said = append(said, msg) }
	out := merge(t, d, id)
	if upstream.ref("refs/heads/main") != out.Main || len(said) != 1 || !strings.Contains(said[0], "done at origin, and not yet in this clone") {
		t.Errorf("%s, %q", out.Main, said)
	}
	// main has diverged now, which only its owner can settle
	_, err := here.desk("alice").Sync(t.Context())
	usage(t, err, "main and origin/main have diverged")
}

// A check asks for what authorised several changes at once, of a desk that has
// not looked yet.
func TestAuthorityForSeveral(t *testing.T) {
	t.Parallel()
	s := begin(t)
	change := file(t, s.desk("alice"), "checkout")
	approve(t, s.desk("bob"), change.ID)
	merge(t, s.desk("alice"), change.ID)
	d := s.desk("alice")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			a, err := d.Authority(t.Context(), change.ID)
			if want := []string{"bob"}; err != nil || !cmp.Equal(a.Approvers, want) {
				t.Errorf("approved by %q, want %q: %v", a.Approvers, want, err)
			}
		})
	}
	wg.Wait()
}
