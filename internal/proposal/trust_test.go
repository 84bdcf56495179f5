package proposal_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/proposal"
)

// An approval without the approver's own key is a claim, and worth what policy
// says claims are worth.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	s := begin(t)
	id := file(t, s.desk("alice"), "checkout").ID
	bob := s.desk("bob")
	bob.Signer = nil
	_, err := bob.Approve(t.Context(), id)
	refused(t, err, "is unsigned, and bob has a signing key")
	if got := s.said(id); len(got) > 0 {
		t.Errorf("recorded %v", got)
	}
	lax := genesis()
	lax["policy/data.yaml"] = strings.Replace(data, "medium: signed", "medium: claimed", 1)
	s = open(t, "", lax)
	id = file(t, s.desk("alice"), "checkout").ID
	bob = s.desk("bob")
	bob.Signer = nil
	// Policy takes claims, and yet nobody who has a key is believed without it.
	_, err = bob.Approve(t.Context(), id)
	refused(t, err, "is unsigned, and bob has a signing key")
	keyless, _, _ := strings.Cut(person("bob"), "signing_keys")
	lax["people/bob.yaml"] = keyless
	s = open(t, "", lax)
	id = file(t, s.desk("alice"), "checkout").ID
	bob = s.desk("bob")
	bob.Signer = nil
	if op := approve(t, bob, id); op.Trust != "claimed" || op.Decision.Verdict != approval.Allow {
		t.Errorf("%+v", op)
	}
}

// Signing in another's name is no claim but a contradiction.
func TestAnothersKey(t *testing.T) {
	t.Parallel()
	s := begin(t)
	id := file(t, s.desk("alice"), "checkout").ID
	bob := s.desk("bob")
	bob.Signer = signer("carol")
	_, err := bob.Approve(t.Context(), id)
	refused(t, err, "it was made with the key of carol")
	bob.Signer = signer("nobody")
	_, err = bob.Approve(t.Context(), id)
	refused(t, err, "is not proven by the signing key that bob has (nobody lists the key")
	if got := s.said(id); len(got) > 0 {
		t.Errorf("recorded %v", got)
	}
}

// forge writes files to the evidence branch as no verb would.
func (s *shop) forge(files map[string]string) {
	s.tb.Helper()
	s.push(evidence.Branch, "mallory", files)
}

// Whatever is wrong with the evidence of a proposal, nothing lands on it.
func TestTamperedEvidence(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, s *shop, id string, given *evidence.Entry){
		"altered": func(t *testing.T, s *shop, id string, given *evidence.Entry) {
			s.forge(map[string]string{given.Path: strings.Replace(string(given.Raw), `"person":"bob"`, `"person":"dave"`, 1)})
		},
		"no statement": func(t *testing.T, s *shop, id string, given *evidence.Entry) {
			s.forge(map[string]string{"evidence/" + id + "/x.json": "{}"})
		},
		"another's signature": func(t *testing.T, s *shop, id string, given *evidence.Entry) {
			sig, err := signer("carol").Sign(t.Context(), evidence.Namespace, given.Raw)
			if err != nil {
				t.Fatal(err)
			}
			s.forge(map[string]string{given.SigPath(): string(sig)})
		},
		"damaged signature": func(t *testing.T, s *shop, id string, given *evidence.Entry) {
			s.forge(map[string]string{given.SigPath(): "-----BEGIN SSH SIGNATURE-----\n"})
		},
		"signature alone": func(t *testing.T, s *shop, id string, given *evidence.Entry) {
			s.forge(map[string]string{given.Path: ""})
		},
	}
	for name, tamper := range tests {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			alice := s.desk("alice")
			id := file(t, alice, "checkout").ID
			approve(t, s.desk("bob"), id)
			tamper(t, s, id, s.evidence(id)[0])
			main := s.ref("refs/heads/main")
			out, err := alice.Merge(t.Context(), id)
			var entry *evidence.EntryError
			switch {
			case err != nil && !errors.As(err, &entry):
				t.Errorf("error %v", err)
			case err == nil && (out.Landed || out.Decision.Verdict != approval.Error):
				t.Errorf("%+v", out.Decision)
			}
			if s.ref("refs/heads/main") != main {
				t.Error("main has moved")
			}
		})
	}
}

// A removed signature leaves a claim, which is nothing where there is a key.
func TestSignatureRemoved(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice := s.desk("alice")
	id := file(t, alice, "checkout").ID
	approve(t, s.desk("bob"), id)
	s.forge(map[string]string{s.evidence(id)[0].SigPath(): ""})
	if d := gate(t, alice, id); d.Verdict != approval.Pending || !strings.HasPrefix(why(d, "bob"), "is unsigned, and bob has a signing key") {
		t.Errorf("%s %q", d.Verdict, why(d, "bob"))
	}
}

// What somebody approved of one proposal is no approval of another, be it of
// the same record with the same content.
func TestApprovalOfAnotherProposal(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice, bob := s.desk("alice"), s.desk("bob")
	first := file(t, alice, "checkout")
	approve(t, bob, first.ID)
	// the same commit under another name
	s.git("update-ref", "refs/heads/gitsm/"+first.ID+"/new-zzzz", first.Commit)
	s.git("update-ref", "-d", "refs/heads/"+first.Branch)
	if d := gate(t, alice, first.ID); d.Verdict != approval.Pending || len(d.Requirements[0].Approvers) > 0 {
		t.Errorf("%s %q", d.Verdict, d.Reasons)
	}
}

// A branch is never used again: what was said of the proposal that landed from
// it is over.
func TestBranchUsedAgain(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice, bob := s.desk("alice"), s.desk("bob")
	id := scheduled(t, s)
	out := edit(t, alice, id, "/reason", "because")
	approve(t, bob, id)
	merge(t, alice, id)
	edit(t, alice, id, "/reason", "support ends")
	approve(t, bob, id)
	merge(t, alice, id)
	// bob once approved this very content, on a branch of this very name
	s.git("branch", out.Branch, "main")
	s.push(out.Branch, "alice", map[string]string{out.Path: string(out.Content)})
	d := gate(t, alice, id)
	if d.Allowed() || !strings.Contains(why(d, "bob"), "landed already") {
		t.Errorf("%s %q", d.Verdict, why(d, "bob"))
	}
	_, err := bob.Approve(t.Context(), id)
	refused(t, err, "landed already")
}

// A withdrawn proposal is over, also for clones and forgers that still have
// its branch.
func TestWithdrawnStaysWithdrawn(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice, bob := s.desk("alice"), s.desk("bob")
	out := file(t, alice, "checkout")
	approve(t, bob, out.ID)
	op, err := alice.Withdraw(t.Context(), target(t, alice, out.ID))
	if err != nil || op.State != "withdrawn" || op.Trust != "signed" {
		t.Fatalf("%+v, %v", op, err)
	}
	if len(s.proposals()) > 0 || s.said(out.ID)[1] != "withdrawal alice" {
		t.Errorf("%v %v", s.proposals(), s.said(out.ID))
	}
	s.git("branch", out.Branch, out.Commit)
	w, err := alice.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if tg, err := alice.Resolve(t.Context(), w, out.ID); err == nil {
		if d, err := alice.Gate(t.Context(), tg); err == nil && d.Allowed() {
			t.Errorf("allowed: %q", d.Reasons)
		}
	}
	if out, err := alice.Merge(t.Context(), out.ID); err == nil && out.Landed {
		t.Error("landed")
	}
}

// Somebody new may propose themselves, and nothing else under that name.
func TestNewcomer(t *testing.T) {
	t.Parallel()
	s := begin(t)
	mallory := s.desk("mallory")
	dr, err := mallory.NewDraft(t.Context(), kindOf(t, "person"), "mallory", map[string]any{"name": "Mallory", "emails": []any{"mallory@example.org"}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := mallory.Propose(t.Context(), dr)
	if err != nil || out.Landed {
		t.Fatalf("%+v, %v", out, err)
	}
	op := approve(t, s.desk("carol"), "mallory")
	if !op.Decision.Allowed() {
		t.Errorf("%s %q", op.Decision.Verdict, op.Decision.Reasons)
	}
	merge(t, s.desk("carol"), "mallory")

	// A second self that brings a change along stays a stranger: its owner
	// could approve their own work under their other name.
	s = begin(t)
	change := file(t, s.desk("eve"), "checkout")
	s.push(change.Branch, "eve", map[string]string{"people/eve.yaml": person("eve"),
		change.Path: strings.Replace(s.on(change.Branch, change.Path), "requester: eve", "requester: alice", 1)})
	approve(t, s.desk("bob"), change.ID)
	approve(t, s.desk("carol"), change.ID)
	if d := gate(t, s.desk("carol"), change.ID); d.Allowed() || len(d.Blockers) == 0 {
		t.Errorf("%s %q", d.Verdict, d.Reasons)
	}
}

// A key counts as of now, by the people of main.
func TestKeys(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ more, why string }{
		"revoked":  {"    revoked_since: 2026-11-20T08:00:00Z\n", "is claimed"},
		"expired":  {"    valid_before: 2026-11-20T08:00:00Z\n", "is claimed"},
		"not yet":  {"    valid_after: 2026-12-20T08:00:00Z\n", "is claimed"},
		"garbled":  {"    valid_before: tomorrow\n", "is claimed"},
		"inactive": {"active: false\n", "is inactive"},
	} {
		files := genesis()
		files["people/bob.yaml"] += tt.more
		s := open(t, "", files)
		id := file(t, s.desk("alice"), "checkout").ID
		_, err := s.desk("bob").Approve(t.Context(), id)
		if r := refused(t, err, tt.why); r.Decision == nil {
			t.Errorf("%s: no decision", name)
		}
	}
}

// An emergency lands first, and is approved by whom it names afterwards.
func TestEmergency(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice := s.desk("alice")
	all := fields("checkout")
	all["type"], all["authoriser"] = "emergency", "carol"
	dr, err := alice.NewDraft(t.Context(), kindOf(t, "change"), "", all)
	if err != nil {
		t.Fatal(err)
	}
	out, err := alice.Propose(t.Context(), dr)
	if err != nil {
		t.Fatal(err)
	}
	merge(t, alice, out.ID)
	if text := s.on("main", out.Path); !strings.Contains(text, "state: implementing") || !strings.Contains(text, "implementer: alice") {
		t.Errorf("%s", text)
	}
	_, err = s.desk("bob").Approve(t.Context(), out.ID)
	refused(t, err, "is not among person:carol")
	if todo, err := s.desk("carol").Inbox(t.Context()); err != nil || len(todo) != 1 || todo[0].Todo != "approve" || todo[0].ID != out.ID {
		t.Errorf("%+v, %v", todo, err)
	}
	if op := approve(t, s.desk("carol"), out.ID); !op.Decision.Allowed() || op.Decision.Verb != "retro-approval" {
		t.Errorf("%+v", op.Decision)
	}
	if todo, err := s.desk("carol").Inbox(t.Context()); err != nil || len(todo) > 0 {
		t.Errorf("still owed: %+v, %v", todo, err)
	}
	if _, err := alice.Advance(t.Context(), "change", out.ID, proposal.Step{Verb: "finish", Outcome: "successful"}); err != nil {
		t.Fatal(err)
	}
	if d, err := alice.Assess(t.Context(), target(t, alice, out.ID)); err != nil || !d.Allowed() {
		t.Errorf("%+v, %v", d, err)
	}
}

// A record is an ordinary file: a link or a submodule in its place could show
// anything tomorrow.
func TestOddFiles(t *testing.T) {
	t.Parallel()
	for mode, text := range map[string]string{"120000": "../people/alice.yaml", "160000": ""} {
		s := begin(t)
		alice := s.desk("alice")
		out := file(t, alice, "checkout")
		approve(t, s.desk("bob"), out.ID)
		object := s.ref("refs/heads/main")
		if text != "" {
			object = s.git("rev-parse", "main:people/alice.yaml")
		}
		s.git("read-tree", out.Branch)
		s.git("update-index", "--cacheinfo", mode+","+object+",services/checkout.yaml")
		tree := s.git("write-tree")
		id := s.git("commit-tree", "-p", out.Branch, "-m", "x", tree)
		s.git("update-ref", "refs/heads/"+out.Branch, id)
		got, err := alice.Merge(t.Context(), out.ID)
		if err != nil || got.Landed || got.Decision.Verdict != approval.Deny {
			t.Errorf("%s: %+v, %v", mode, got, err)
		}
	}
}
