package proposal_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/proposal"
)

// Two people, each with a clone of their own, one change.
func TestTwoClones(t *testing.T) {
	t.Parallel()
	upstream, clones := begin(t).clones("alice", "bob")
	here, there := clones[0], clones[1]
	alice, bob := here.desk("alice"), there.desk("bob")
	out := file(t, alice, "checkout")
	if got := upstream.proposals(); len(got) > 0 {
		t.Errorf("pushed unasked: %v", got)
	}
	sub, err := alice.Submit(t.Context(), target(t, alice, out.ID), proposal.Submission{})
	if err != nil || len(sub.Notes) != 1 || len(upstream.proposals()) != 1 {
		t.Fatalf("%+v, %v", sub, err)
	}
	approve(t, bob, out.ID)
	if got := upstream.said(out.ID); len(got) != 1 {
		t.Errorf("at the upstream: %v", got)
	}
	if d := gate(t, alice, out.ID); !d.Allowed() {
		t.Errorf("%s %q", d.Verdict, d.Reasons)
	}
	landed := merge(t, bob, out.ID) // bob has no branch of it
	if upstream.ref("refs/heads/main") != landed.Main || len(upstream.proposals()) > 0 {
		t.Errorf("%v", upstream.refs())
	}
	if _, err := alice.Advance(t.Context(), "change", out.ID, proposal.Step{Verb: "start"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(upstream.on("main", out.Path), "implementing") || here.ref("refs/heads/main") != upstream.ref("refs/heads/main") {
		t.Error("start is not everywhere")
	}
	w, err := alice.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if open, err := alice.Open(t.Context(), w); err != nil || len(open) > 0 {
		t.Errorf("still open: %v, %v", open, err)
	}
	upstream.fsck()
}

// What the upstream has more of a proposal is the proposal.
func TestUpstreamIsNewer(t *testing.T) {
	t.Parallel()
	upstream, clones := begin(t).clones("alice", "carol")
	here, there := clones[0], clones[1]
	alice, carol := here.desk("alice"), there.desk("carol")
	out := file(t, alice, "checkout")
	submit := func(d *proposal.Desk) {
		t.Helper()
		if _, err := d.Submit(t.Context(), target(t, d, out.ID), proposal.Submission{}); err != nil {
			t.Fatal(err)
		}
	}
	submit(alice)
	edit(t, carol, out.ID, "/reason", "because carol says so")
	submit(carol)
	if rec := target(t, alice, out.ID).Current(); rec.Str("reason") != "because carol says so" {
		t.Errorf("alice sees %q", rec.Str("reason"))
	}
	edit(t, alice, out.ID, "/impact", "none") // goes on top of carol's
	if text := here.on(out.Branch, out.Path); !strings.Contains(text, "carol says so") || !strings.Contains(text, "impact: none") {
		t.Errorf("%s", text)
	}
	submit(alice)
	approve(t, clones[0].desk("bob"), out.ID)
	here.git("update-ref", "refs/heads/"+out.Branch, out.Commit) // as if alice had never seen carol's
	merge(t, alice, out.ID)
	if text := upstream.on("main", out.Path); !strings.Contains(text, "carol says so") || !strings.Contains(text, "impact: none") {
		t.Errorf("landed\n%s", text)
	}
	if len(here.proposals())+len(upstream.proposals()) > 0 {
		t.Errorf("left behind %v, %v", here.proposals(), upstream.proposals())
	}
}

// Two that edited a proposal apart from each other settle it with git.
func TestProposalDiverged(t *testing.T) {
	t.Parallel()
	upstream, clones := begin(t).clones("alice", "carol")
	alice, carol := clones[0].desk("alice"), clones[1].desk("carol")
	out := file(t, alice, "checkout")
	if _, err := alice.Submit(t.Context(), target(t, alice, out.ID), proposal.Submission{}); err != nil {
		t.Fatal(err)
	}
	edit(t, carol, out.ID, "/reason", "because")
	if _, err := carol.Submit(t.Context(), target(t, carol, out.ID), proposal.Submission{}); err != nil {
		t.Fatal(err)
	}
	clones[0].push(out.Branch, "alice", map[string]string{"notes.txt": "x\n"})
	before := upstream.refs()
	_, err := alice.Merge(t.Context(), out.ID)
	usage(t, err, "have diverged")
	w, err := alice.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err = alice.Resolve(t.Context(), w, "checkout"); err != nil { // it is in nobody else's way
		t.Error(err)
	}
	if len(before) != len(upstream.refs()) {
		t.Error("the upstream changed")
	}
}

// unplug makes the upstream unreachable.
func (s *shop) unplug(clone *shop) {
	s.tb.Helper()
	if err := os.Rename(s.root, s.root+".gone"); err != nil {
		s.tb.Fatal(err)
	}
	s.tb.Cleanup(func() { _ = os.Rename(s.root+".gone", s.root) })
}

func (s *shop) plug() {
	s.tb.Helper()
	if err := os.Rename(s.root+".gone", s.root); err != nil {
		s.tb.Fatal(err)
	}
}

// Offline one proposes and approves, and lands nothing.
func TestOffline(t *testing.T) {
	t.Parallel()
	upstream, clones := begin(t).clones("here")
	here := clones[0]
	alice, bob := here.desk("alice"), here.desk("bob")
	upstream.unplug(here)
	out := file(t, alice, "checkout")
	op := approve(t, bob, out.ID)
	if len(op.Notes) != 2 || !strings.Contains(op.Notes[1], "in this clone alone") || !op.Decision.Allowed() {
		t.Errorf("%q %+v", op.Notes, op.Decision)
	}
	main := here.ref("refs/heads/main")
	if _, err := alice.Merge(t.Context(), out.ID); !errors.Is(err, git.ErrUnreachable) {
		t.Errorf("merge: %v", err)
	}
	if _, err := alice.Advance(t.Context(), "change", out.ID, proposal.Step{Verb: "start"}); err == nil {
		t.Error("started")
	}
	// what would land at once waits on its branch
	w, err := alice.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tg, err := alice.Resolve(t.Context(), w, "checkout")
	if err != nil {
		t.Fatal(err)
	}
	dr := proposal.Draft{Kind: tg.Kind, ID: tg.ID, Path: tg.Landed.Path, Verb: "edit", Content: []byte(service("checkout", "team:payments") + "description: new\n"), Target: tg}
	kept, err := alice.Propose(t.Context(), dr)
	if err != nil || kept.Landed || len(kept.Notes) != 1 || !strings.Contains(kept.Notes[0], "could not be reached") {
		t.Fatalf("%+v, %v", kept, err)
	}
	if here.ref("refs/heads/main") != main || len(here.proposals()) != 2 {
		t.Errorf("%v", here.proposals())
	}

	upstream.plug()
	sub, err := bob.Submit(t.Context(), target(t, bob, out.ID), proposal.Submission{})
	if err != nil || len(upstream.said(out.ID)) != 1 {
		t.Errorf("%+v, %v, %v", sub, err, upstream.said(out.ID))
	}
	merge(t, alice, out.ID)
	merge(t, alice, "checkout")
	if !strings.Contains(upstream.on("main", "services/checkout.yaml"), "description: new") {
		t.Error("the edit is lost")
	}
}

// Evidence recorded apart is united, and both sides stay in it.
func TestEvidenceDiverged(t *testing.T) {
	t.Parallel()
	s := begin(t)
	one, two := file(t, s.desk("alice"), "checkout").ID, file(t, s.desk("carol"), "search").ID
	upstream, clones := s.clones("here", "there")
	here, there := clones[0], clones[1]
	upstream.unplug(here)
	approve(t, here.desk("bob"), one)
	upstream.plug()
	approve(t, there.desk("dave"), two)
	merge(t, there.desk("carol"), two)
	merge(t, here.desk("alice"), one)
	for id, want := range map[string]int{one: 3, two: 3} {
		if got := upstream.said(id); len(got) != want {
			t.Errorf("%s: %v", id, got)
		}
	}
	if here.ref("refs/heads/gitsm-evidence") != upstream.ref("refs/heads/gitsm-evidence") {
		t.Error("the clone has other evidence")
	}
	upstream.fsck()
}

// A proposal that only the upstream has is withdrawn there.
func TestWithdrawUpstream(t *testing.T) {
	t.Parallel()
	upstream, clones := begin(t).clones("alice", "bob")
	alice, bob := clones[0].desk("alice"), clones[1].desk("bob")
	out := file(t, alice, "checkout")
	if _, err := alice.Submit(t.Context(), target(t, alice, out.ID), proposal.Submission{}); err != nil {
		t.Fatal(err)
	}
	if _, err := bob.Withdraw(t.Context(), target(t, bob, out.ID)); err != nil {
		t.Fatal(err)
	}
	if got := upstream.said(out.ID); len(got) != 1 || len(upstream.proposals()) > 0 {
		t.Errorf("%v %v", got, upstream.proposals())
	}
	w, err := alice.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if open, err := alice.Open(t.Context(), w); err != nil || len(open) > 0 { // though her branch is still there
		t.Errorf("open for alice: %v, %v", open, err)
	}
	var none *proposal.NotFoundError
	if _, err := alice.Merge(t.Context(), out.ID); !errors.As(err, &none) {
		t.Errorf("%v", err)
	}
}

// Withdrawing something that landed meanwhile is told so.
func TestWithdrawRace(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice := s.desk("alice")
	id := file(t, alice, "checkout").ID
	approve(t, s.desk("bob"), id)
	d := s.deskOn(meddle(s.repo(), "UpdateRefs", func() { merge(t, s.desk("bob"), id) }), "alice")
	_, err := d.Withdraw(t.Context(), target(t, d, id))
	usage(t, err, "there is no open proposal")
	if got := s.said(id); len(got) != 3 {
		t.Errorf("%v", got)
	}
	mallory := s.desk("mallory")
	out := file(t, alice, "search")
	_, err = mallory.Withdraw(t.Context(), target(t, mallory, out.ID))
	refused(t, err, "could not be attributed")
	_, err = alice.Withdraw(t.Context(), target(t, alice, "checkout"))
	usage(t, err, "has no open proposal to withdraw")
}

// A branch that somebody has checked out follows main when it lands, and is
// gone elsewhere.
func TestCheckedOutBranch(t *testing.T) {
	t.Parallel()
	s := begin(t)
	upstream, clones := s.clones("alice")
	here := clones[0]
	alice := here.desk("alice")
	out := file(t, alice, "checkout")
	here.git("switch", "-q", out.Branch)
	alice = here.desk("alice")
	_, err := alice.Withdraw(t.Context(), target(t, alice, out.ID))
	usage(t, err, "is checked out")
	if _, err := alice.Submit(t.Context(), target(t, alice, out.ID), proposal.Submission{}); err != nil {
		t.Fatal(err)
	}
	approve(t, here.desk("bob"), out.ID)
	edit(t, alice, out.ID, "/title", "Update")
	if text, err := os.ReadFile(here.root + "/" + out.Path); err != nil || !strings.Contains(string(text), "title: Update") {
		t.Errorf("the work tree has\n%s\n%v", text, err)
	}
	landed := merge(t, alice, out.ID)
	if here.ref("refs/heads/"+out.Branch) != landed.Main || here.git("status", "--porcelain") != "" {
		t.Errorf("the branch is not at main, or dirty: %s", here.git("status", "--porcelain"))
	}
	if got := upstream.proposals(); len(got) > 0 {
		t.Errorf("at the upstream: %v", got)
	}
	w, err := alice.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if open, err := alice.Open(t.Context(), w); err != nil || len(open) > 0 {
		t.Errorf("still open: %v, %v", open, err)
	}
}

// A dirty main is in the way where it would be overwritten, and not else.
func TestDirtyMain(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.git("reset", "-q", "--hard", "main")
	if err := os.WriteFile(s.root+"/README.md", []byte("mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	alice := s.desk("alice")
	if out := edit(t, alice, "checkout", "/title", "The checkout"); !out.Landed {
		t.Errorf("%+v", out)
	}
	if text, err := os.ReadFile(s.root + "/services/checkout.yaml"); err != nil || !strings.Contains(string(text), "The checkout") {
		t.Errorf("the work tree has\n%s\n%v", text, err)
	}
	if s.git("status", "--porcelain") != " M README.md" {
		t.Errorf("status %q", s.git("status", "--porcelain"))
	}
	if err := os.WriteFile(s.root+"/services/search.yaml", []byte("mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	before := s.refs()
	_, err := alice.Propose(t.Context(), draftOf(t, alice, "search", set("/title", "The search")))
	if err == nil || !strings.Contains(err.Error(), "services/search.yaml") || !strings.Contains(err.Error(), "uncommitted") {
		t.Errorf("error %v", err)
	}
	if after := s.refs(); len(after) != len(before) || after["refs/heads/main"] != before["refs/heads/main"] || after["refs/heads/gitsm-evidence"] != before["refs/heads/gitsm-evidence"] {
		t.Errorf("moved: %v", after)
	}
}

// main here and main there have parted: whoever can, pulls.
func TestMainDiverged(t *testing.T) {
	t.Parallel()
	upstream, clones := begin(t).clones("here")
	here := clones[0]
	alice := here.desk("alice")
	id := file(t, alice, "checkout").ID
	approve(t, here.desk("bob"), id)
	upstream.push("main", "carol", map[string]string{"a.txt": "x\n"})
	here.push("main", "alice", map[string]string{"b.txt": "x\n"})
	_, err := alice.Merge(t.Context(), id)
	usage(t, err, "main and origin/main have diverged")
	_, err = here.desk("bob").Approve(t.Context(), id)
	usage(t, err, "have diverged")
}

// A main that is ahead of the upstream takes its commits along.
func TestMainAhead(t *testing.T) {
	t.Parallel()
	upstream, clones := begin(t).clones("here")
	here := clones[0]
	mine := here.push("main", "alice", map[string]string{"b.txt": "x\n"})
	alice := here.desk("alice")
	out := edit(t, alice, "checkout", "/title", "The checkout")
	if !out.Landed || upstream.ref("refs/heads/main") != out.Main || upstream.git("merge-base", "--is-ancestor", mine, "main") != "" {
		t.Errorf("%+v", out)
	}
}

// The proposal merges cleanly by lines, and what lands is what is approved.
func TestFilesAsTheyLand(t *testing.T) {
	t.Parallel()
	files := genesis()
	files["notes.txt"] = "1\n2\n3\n4\n5\n6\n7\n8\n"
	s := open(t, "", files)
	alice, bob := s.desk("alice"), s.desk("bob")
	out := file(t, alice, "checkout")
	s.push(out.Branch, "alice", map[string]string{"notes.txt": strings.Replace(files["notes.txt"], "8\n", "eight\n", 1)})
	approve(t, bob, out.ID)
	s.push("main", "carol", map[string]string{"README.md": "other\n"})
	if d := gate(t, alice, out.ID); !d.Allowed() {
		t.Errorf("something else moved: %s %q", d.Verdict, d.Reasons)
	}
	s.push("main", "carol", map[string]string{"notes.txt": strings.Replace(files["notes.txt"], "1\n", "one\n", 1)})
	if d := gate(t, alice, out.ID); d.Verdict != approval.Pending || !strings.HasPrefix(why(d, "bob"), "is stale") {
		t.Errorf("other lines moved: %s %q", d.Verdict, why(d, "bob"))
	}
	op := approve(t, bob, out.ID)
	merge(t, alice, out.ID)
	blob := s.git("rev-parse", "main:notes.txt")
	found := false
	for _, e := range s.evidence(out.ID) {
		if e.Path == op.Evidence {
			found = e.Statement.Predicate.Files[0].Blob == blob
		}
	}
	if !found || s.on("main", "notes.txt") != "one\n2\n3\n4\n5\n6\n7\neight\n" {
		t.Errorf("the approval is of another file than landed:\n%s", s.on("main", "notes.txt"))
	}
}

// A conflict is said to whoever asks for the proposal, and to nobody else.
func TestConflict(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice := s.desk("alice")
	out := file(t, alice, "checkout")
	s.push(out.Branch, "alice", map[string]string{"README.md": "mine\n"})
	s.push("main", "carol", map[string]string{"README.md": "theirs\n"})
	_, err := alice.Merge(t.Context(), out.ID)
	var conflict *git.ConflictError
	if !errors.As(err, &conflict) || len(conflict.Paths) != 1 || conflict.Paths[0] != "README.md" {
		t.Errorf("error %v", err)
	}
	if out := edit(t, s.desk("bob"), "checkout", "/title", "The checkout"); !out.Landed {
		t.Errorf("%+v", out)
	}
	todo, err := s.desk("bob").Inbox(t.Context())
	if err != nil || len(todo) != 1 || todo[0].Todo != "mend" || todo[0].Branch != out.Branch {
		t.Errorf("%+v, %v", todo, err)
	}
}
