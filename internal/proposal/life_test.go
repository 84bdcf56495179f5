package proposal_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/proposal"
)

// One change from filing to closing, and what it leaves behind.
func TestLife(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice, bob := s.desk("alice"), s.desk("bob")
	out := file(t, alice, "checkout")
	if out.Landed || out.Decision != nil || !strings.HasPrefix(out.Branch, "gitsm/"+out.ID+"/new-") || out.Path != "changes/2026/11/"+out.ID+".yaml" {
		t.Errorf("%+v", out)
	}
	if d := gate(t, bob, out.ID); d.Verdict != approval.Pending || d.Verb != "new" || d.MinimumTrust != "signed" {
		t.Errorf("%s %s %s", d.Verdict, d.Verb, d.MinimumTrust)
	}
	_, err := alice.Approve(t.Context(), out.ID)
	refused(t, err, "requested this change")
	op := approve(t, bob, strings.ToLower(out.ID[len(out.ID)-5:]))
	if op.Trust != "signed" || op.Person != "bob" || op.ID != out.ID || op.Decision.Verdict != approval.Allow {
		t.Errorf("%+v", op)
	}
	before := s.ref("refs/heads/main")
	landed := merge(t, alice, out.ID)
	if s.ref("refs/heads/main") != landed.Main || len(s.proposals()) > 0 {
		t.Errorf("main is not %s, or %v remains", landed.Main, s.proposals())
	}
	main, err := s.repo().Commit(t.Context(), landed.Main)
	if err != nil || !slices.Equal(main.Parents, []string{before, landed.Commit}) {
		t.Errorf("landed on %v, %v", main.Parents, err)
	}
	if !strings.Contains(main.Message, "\nChange-Id: "+out.ID+"\n") || !strings.Contains(main.Message, "\nEvidence-Head: ") {
		t.Errorf("message %q", main.Message)
	}
	evidenceHead, _, _ := strings.Cut(main.Message[strings.Index(main.Message, "Evidence-Head: ")+len("Evidence-Head: "):], "\n")
	if s.git("merge-base", "--is-ancestor", evidenceHead, evidence.Branch) != "" {
		t.Error("main names evidence that is not on the branch")
	}
	for _, step := range []proposal.Step{
		{Verb: "start"}, {Verb: "finish", Outcome: "successful", Notes: "took half the time"}, {Verb: "review", Summary: "fine"}, {Verb: "close"},
	} {
		out, err := alice.Advance(t.Context(), "change", out.ID, step)
		if err != nil || !out.Landed {
			t.Fatalf("%s: %+v, %v", step.Verb, out, err)
		}
	}
	want := []string{"approval bob", "decision alice", "merge alice", "decision alice", "merge alice", "decision alice", "merge alice", "decision alice", "merge alice", "decision alice", "merge alice"}
	if diff := cmp.Diff(want, s.said(out.ID)); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	text := s.on("main", out.Path)
	for _, part := range []string{"state: closed", "implementer: alice", "outcome: successful", "notes: took half the time", "reviewer: alice", "summary: fine"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
	s.fsck()
}

// What an approval says can be checked by itself.
func TestStatements(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice := s.desk("alice")
	out := file(t, alice, "checkout")
	s.push(out.Branch, "alice", map[string]string{"deploy.sh": "make install\n", "README.md": ""})
	approve(t, s.desk("bob"), out.ID)
	merge(t, alice, out.ID)
	entries := s.evidence(out.ID)
	if len(entries) != 3 {
		t.Fatalf("%v", s.said(out.ID))
	}
	w, err := alice.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := proposal.Keyring(w.Base)
	if err != nil {
		t.Fatal(err)
	}
	given, decided, merged := entries[0].Statement.Predicate, entries[1].Statement.Predicate, entries[2].Statement.Predicate
	if trust, who, err := entries[0].Trust(keys, s.clock.read()); trust != evidence.Signed || who != "bob" || err != nil {
		t.Errorf("%s %s %v", trust, who, err)
	}
	if given.Record.Content != s.on("main", out.Path) || given.Record.Path != out.Path || given.Proposal.Branch != out.Branch || given.Material.SHA256 == "" {
		t.Errorf("approval %+v", given)
	}
	wantFiles := []evidence.File{{Path: "README.md"}, {Path: "deploy.sh", Mode: "100644", Blob: s.git("rev-parse", "main:deploy.sh")}}
	if diff := cmp.Diff(wantFiles, given.Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if !slices.Contains(given.Material.Excluded, "title") || !slices.Contains(given.Material.Excluded, "state") {
		t.Errorf("excluded %v", given.Material.Excluded)
	}
	d := decided.Decision
	if d.Verdict != "allow" || len(d.Requirements) != 1 || d.Requirements[0].Approvers[0] != (evidence.Approver{Person: "bob", Evidence: entries[0].Path}) || len(d.Input) == 0 {
		t.Errorf("decision %+v", d)
	}
	if len(decided.Contributors) != 2 || decided.Contributors[0].Person != "alice" || decided.Contributors[0].Role != "author" {
		t.Errorf("contributors %+v", decided.Contributors)
	}
	m := merged.Merge
	if m.Commit != s.ref("refs/heads/main") || m.Head != given.Proposal.Head || !m.Identical || m.ApprovedMaterial != given.Material.SHA256 || merged.Record.Content != "" {
		t.Errorf("merge %+v", m)
	}
	for _, e := range entries {
		if strings.Contains(string(e.Raw), "@example.org") {
			t.Errorf("%s holds an e-mail address", e.Path)
		}
	}
}

// A statement about a person names the record by its blob alone.
func TestStatementsOfPeople(t *testing.T) {
	t.Parallel()
	s := begin(t)
	out := edit(t, s.desk("alice"), "alice", "/name", "Alice Moreau")
	if out.Landed {
		t.Fatal("people changed without their owner")
	}
	approve(t, s.desk("carol"), "alice")
	merge(t, s.desk("alice"), "alice")
	for _, e := range s.evidence("alice") {
		if raw := string(e.Raw); strings.Contains(raw, "Moreau") || strings.Contains(raw, "@example.org") {
			t.Errorf("%s holds the record", e.Path)
		}
	}
	if !strings.Contains(s.on("main", "people/alice.yaml"), "Moreau") {
		t.Error("nothing landed")
	}
}

// A material edit makes an approval stale, any other does not.
func TestStale(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice, bob := s.desk("alice"), s.desk("bob")
	id := file(t, alice, "checkout").ID
	approve(t, bob, id)
	edit(t, alice, id, "/title", "Update")
	if d := gate(t, alice, id); d.Verdict != approval.Allow {
		t.Errorf("after a typo: %s %q", d.Verdict, d.Reasons)
	}
	edit(t, alice, id, "/reason", "because")
	if d := gate(t, alice, id); d.Verdict != approval.Pending || !strings.HasPrefix(why(d, "bob"), "is stale") {
		t.Errorf("after an edit: %s %q", d.Verdict, why(d, "bob"))
	}
	out, err := alice.Merge(t.Context(), id)
	if err != nil || out.Landed {
		t.Errorf("%+v, %v", out, err)
	}
	edit(t, alice, id, "/reason", "support ends") // content decides, not history
	if d := gate(t, alice, id); d.Verdict != approval.Allow {
		t.Errorf("as it was: %s %q", d.Verdict, d.Reasons)
	}
	edit(t, alice, id, "/reason", "because")
	approve(t, bob, id)
	merge(t, alice, id)
}

// The latest word of a person counts, however many statements lie between.
func TestRejectedThenApproved(t *testing.T) {
	t.Parallel()
	s := begin(t)
	id := scheduled(t, s) // leaves statements of an earlier proposal behind
	alice, bob := s.desk("alice"), s.desk("bob")
	edit(t, alice, id, "/reason", "because")
	op, err := bob.Reject(t.Context(), id)
	if err != nil || op.Decision.Verdict != approval.Deny {
		t.Fatalf("%+v, %v", op, err)
	}
	if out, err := alice.Merge(t.Context(), id); err != nil || out.Landed {
		t.Errorf("%+v, %v", out, err)
	}
	if op := approve(t, bob, id); op.Decision.Verdict != approval.Allow {
		t.Errorf("%s %q", op.Decision.Verdict, op.Decision.Reasons)
	}
	if _, err := bob.Reject(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if d := gate(t, alice, id); d.Verdict != approval.Deny {
		t.Errorf("%s %q", d.Verdict, d.Reasons)
	}
	_, err = s.desk("dave").Reject(t.Context(), id)
	refused(t, err, "is not among team:payments")
}

// An approval of the very instant of one's own rejection cannot count, since
// which came last nobody could tell: that is said, and a moment later it counts.
func TestApprovedInTheSameInstant(t *testing.T) {
	t.Parallel()
	s := begin(t)
	id := scheduled(t, s)
	alice, bob := s.desk("alice"), s.desk("bob")
	edit(t, alice, id, "/reason", "because")
	now := s.clock.read()
	bob.Now = func() time.Time { return now }
	if _, err := bob.Reject(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	_, err := bob.Approve(t.Context(), id)
	refused(t, err, "of the same instant, "+now.Format("2006-01-02T15:04:05.000Z")+", and which came last nobody could tell: say it again")
	now = now.Add(time.Millisecond)
	if op := approve(t, bob, id); op.Decision.Verdict != approval.Allow {
		t.Errorf("%s %q", op.Decision.Verdict, op.Decision.Reasons)
	}
}

// Every hand in a proposal is one that does not approve it.
func TestHands(t *testing.T) {
	t.Parallel()
	plan := func(s *shop, out *proposal.Outcome, text string) map[string]string {
		return map[string]string{out.Path: strings.Replace(s.on(out.Branch, out.Path), "support ends", text, 1)}
	}
	tests := map[string]struct {
		work func(s *shop, out *proposal.Outcome)
		why  string // of bob
	}{
		"author": {func(s *shop, out *proposal.Outcome) { s.push(out.Branch, "bob", plan(s, out, "because")) }, "author of "},
		"co-author": {func(s *shop, out *proposal.Outcome) {
			r, old := s.repo(), s.ref("refs/heads/"+out.Branch)
			s.move(r, "refs/heads/"+out.Branch, old, s.commitBy(r, "alice", "CO-AUTHORED-BY: Bob <BOB@example.org>\n", plan(s, out, "because"), old))
		}, "co-author of "},
		"committer": {func(s *shop, out *proposal.Outcome) {
			old := s.ref("refs/heads/" + out.Branch)
			s.git("checkout", "-q", "--detach", old)
			s.git("-c", "user.name=x", "commit", "-q", "--allow-empty", "-m", "x") // does not touch the record, and so is nobody's
			id := s.git("-c", "core.hooksPath=/dev/null", "rev-parse", old)
			r := s.repo()
			spec := plan(s, out, "because")
			c := s.commitBy(r, "alice", "", spec, id)
			s.move(r, "refs/heads/"+out.Branch, old, s.recommit(c, "bob"))
		}, "committer of "},
		"author on a side branch": {func(s *shop, out *proposal.Outcome) {
			r, old := s.repo(), s.ref("refs/heads/"+out.Branch)
			side := s.commitBy(r, "bob", "", plan(s, out, "because"), old)
			tip := s.commitBy(r, "alice", "", map[string]string{"notes.txt": "x\n"}, old)
			both := s.commitBy(r, "alice", "", plan(s, out, "because"), tip, side)
			s.move(r, "refs/heads/"+out.Branch, old, both)
		}, "author of "},
		"edited in a merge": {func(s *shop, out *proposal.Outcome) {
			main := s.push("main", "git", map[string]string{"notes.txt": "x\n"})
			r, old := s.repo(), s.ref("refs/heads/"+out.Branch)
			s.move(r, "refs/heads/"+out.Branch, old, s.commitBy(r, "bob", "", map[string]string{"notes.txt": "x\n", out.Path: plan(s, out, "because")[out.Path]}, old, main))
		}, "author of "},
		"opened it, with nothing": {func(s *shop, out *proposal.Outcome) {
			r, old := s.repo(), s.ref("refs/heads/"+out.Branch)
			empty := s.commitBy(r, "bob", "", map[string]string{"tmp.txt": "x\n"}, s.ref("refs/heads/main"))
			real := s.commitBy(r, "alice", "", map[string]string{"tmp.txt": "", out.Path: s.on(out.Branch, out.Path)}, empty)
			s.git("update-ref", "refs/heads/"+out.Branch, real, old)
		}, "opened this proposal"},
		"merged main": {func(s *shop, out *proposal.Outcome) {
			main := s.push("main", "git", map[string]string{"notes.txt": "x\n"})
			r, old := s.repo(), s.ref("refs/heads/"+out.Branch)
			s.move(r, "refs/heads/"+out.Branch, old, s.commitBy(r, "bob", "", map[string]string{"notes.txt": "x\n"}, old, main))
		}, ""},
		"something else, and took it back": {func(s *shop, out *proposal.Outcome) {
			s.push(out.Branch, "bob", map[string]string{"notes.txt": "x\n"})
			s.push(out.Branch, "alice", map[string]string{"notes.txt": ""})
		}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			out := file(t, s.desk("alice"), "checkout")
			tt.work(s, out)
			_, err := s.desk("bob").Approve(t.Context(), out.ID)
			if tt.why == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refused(t, err, tt.why)
			if d := gate(t, s.desk("bob"), out.ID); d.Allowed() {
				t.Errorf("%s", d.Verdict)
			}
		})
	}
}

// recommit writes a commit anew with another committer.
func (s *shop) recommit(id, committer string) string {
	s.tb.Helper()
	c, err := s.repo().Commit(s.tb.Context(), id)
	if err != nil {
		s.tb.Fatal(err)
	}
	env := append(slices.Clone(s.environ), "GIT_AUTHOR_NAME="+c.Author.Name, "GIT_AUTHOR_EMAIL="+c.Author.Email,
		"GIT_COMMITTER_NAME="+committer, "GIT_COMMITTER_EMAIL="+committer+"@example.org", "GIT_AUTHOR_DATE="+c.Author.When.Format(time.RFC3339))
	return runGit(s.tb, env, s.root, "commit-tree", "-m", "x", "-p", c.Parents[0], c.Tree)
}

// Who is nobody in people/ may propose, and holds everything up until it is
// known who they are.
func TestUnknownContributor(t *testing.T) {
	t.Parallel()
	s := begin(t)
	mallory := s.desk("mallory")
	out := file(t, mallory, "checkout")
	if !strings.Contains(s.on(out.Branch, out.Path), "requester: mallory") {
		t.Errorf("%s", s.on(out.Branch, out.Path))
	}
	_, err := mallory.Approve(t.Context(), out.ID)
	refused(t, err, "nobody in people/")
	d := gate(t, s.desk("bob"), out.ID)
	if d.Allowed() || len(d.Blockers) == 0 {
		t.Errorf("%s %v", d.Verdict, d.Blockers)
	}

	known := file(t, s.desk("alice"), "checkout")
	s.push(known.Branch, "mallory", map[string]string{known.Path: strings.Replace(s.on(known.Branch, known.Path), "support ends", "because", 1)})
	if op, err := s.desk("bob").Approve(t.Context(), known.ID); err != nil || op.Decision.Allowed() || len(op.Decision.Blockers) != 1 {
		t.Errorf("%+v, %v", op, err)
	}
}
