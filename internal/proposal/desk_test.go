package proposal_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/gitrepo"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/store"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// A store may be a directory of its repository.
func TestStoreInDirectory(t *testing.T) {
	t.Parallel()
	s := open(t, "ops/itsm", genesis())
	s.push("main", "git", map[string]string{"services/checkout.yaml": "not of the store\n", "policy/x.rego": "broken {"})
	alice := s.desk("alice")
	out := file(t, alice, "checkout")
	if out.Path != "ops/itsm/changes/2026/11/"+out.ID+".yaml" || s.on(out.Branch, out.Path) == "" {
		t.Errorf("%+v", out)
	}
	s.push(out.Branch, "alice", map[string]string{"app/main.go": "package main\n"})
	approve(t, s.desk("bob"), out.ID)
	merge(t, alice, out.ID)
	for _, step := range []proposal.Step{{Verb: "start"}, {Verb: "finish", Outcome: "failed"}} {
		if got, err := alice.Advance(t.Context(), "change", out.ID, step); err != nil || !got.Landed || got.Path != out.Path {
			t.Errorf("%s: %+v, %v", step.Verb, got, err)
		}
	}
	given := s.evidence(out.ID)[0].Statement.Predicate
	if given.Record.Path != out.Path || len(given.Files) != 1 || given.Files[0].Path != "app/main.go" {
		t.Errorf("%+v %+v", given.Record, given.Files)
	}
	if main, err := proposal.FindMain(t.Context(), s.repo(), "ops/itsm"); main != "main" || err != nil {
		t.Errorf("%s, %v", main, err)
	}
	if _, err := proposal.FindMain(t.Context(), s.repo(), ""); !errors.Is(err, store.ErrNoStore) {
		t.Errorf("%v", err)
	}
	s.fsck()
}

// Trying something out moves nothing.
func TestDryRun(t *testing.T) {
	t.Parallel()
	s := begin(t)
	landed := scheduled(t, s)
	open := file(t, s.desk("alice"), "checkout").ID
	try := func(name string) *proposal.Desk {
		d := s.desk(name)
		d.DryRun = true
		return d
	}
	before := s.refs()
	alice, bob := try("alice"), try("bob")
	if out := file(t, alice, "checkout"); !out.DryRun || out.Content == nil || out.Landed {
		t.Errorf("%+v", out)
	}
	if out := edit(t, alice, open, "/reason", "because"); !out.DryRun || !strings.Contains(string(out.Content), "because") || strings.Contains(string(out.Before), "because") {
		t.Errorf("%+v", out)
	}
	if out := edit(t, alice, "checkout", "/title", "The checkout"); !out.DryRun || out.Landed || out.Main != "" || !strings.Contains(string(out.Content), "The checkout") {
		t.Errorf("%+v", out)
	}
	if op := approve(t, bob, open); !op.DryRun || op.Evidence == "" {
		t.Errorf("%+v", op)
	}
	if op, err := bob.Reject(t.Context(), open); err != nil || !op.DryRun {
		t.Errorf("%+v, %v", op, err)
	}
	if op, err := alice.Withdraw(t.Context(), target(t, alice, open)); err != nil || !op.DryRun {
		t.Errorf("%+v, %v", op, err)
	}
	if out, err := alice.Advance(t.Context(), "change", landed, proposal.Step{Verb: "start"}); err != nil || !out.DryRun {
		t.Errorf("%+v, %v", out, err)
	}
	if out, err := alice.Submit(t.Context(), target(t, alice, open), proposal.Submission{}); err != nil || !out.DryRun {
		t.Errorf("%+v, %v", out, err)
	}
	if diff := cmp.Diff(before, s.refs()); diff != "" {
		t.Errorf("refs moved:\n%s", diff)
	}
	approve(t, s.desk("bob"), open)
	before = s.refs()
	if out, err := alice.Merge(t.Context(), open); err != nil || !out.DryRun || out.Landed || !out.Decision.Allowed() {
		t.Errorf("%+v, %v", out, err)
	}
	if diff := cmp.Diff(before, s.refs()); diff != "" {
		t.Errorf("refs moved:\n%s", diff)
	}
}

// What a person types finds one proposal, or says why not.
func TestResolve(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice := s.desk("alice")
	landed := scheduled(t, s)
	out := file(t, alice, "checkout")
	w, err := alice.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for short, want := range map[string]string{
		out.ID: out.ID, strings.ToLower(out.ID): out.ID, out.ID[len(out.ID)-4:]: out.ID, out.Branch: out.ID, landed: landed, landed[len(landed)-6:]: landed,
		"checkout": "checkout", "service:checkout": "checkout", "change:" + out.ID: out.ID,
	} {
		got, err := alice.Resolve(t.Context(), w, short)
		if err != nil || got.ID != want || (got.Proposal != nil) != (want == out.ID) || (got.Landed != nil) != (want != out.ID) {
			t.Errorf("%s: %+v, %v", short, got, err)
		}
	}
	var none *proposal.NotFoundError
	for _, short := range []string{"", "zzzzzz", "CHG-20261120-ZZZZZZ", "change:checkout", out.ID + "x"} {
		if got, err := alice.Resolve(t.Context(), w, short); !errors.As(err, &none) {
			t.Errorf("%q: %+v, %v", short, got, err)
		}
	}
	if _, err := alice.Resolve(t.Context(), w, out.ID, "incident"); !errors.As(err, &none) {
		t.Errorf("as an incident: %v", err)
	}
	_, err = alice.Resolve(t.Context(), w, "gitsm/"+out.ID+"/new-zzzz")
	usage(t, err, "there is no open proposal")
	_, err = alice.ByBranch(t.Context(), w, "main")
	usage(t, err, "main is no proposal")
}

// Ids that end alike, one landed and one only proposed, are not guessed at.
func TestResolveAmbiguous(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice := s.desk("alice")
	draft := func(id string) *proposal.Outcome {
		dr, err := alice.NewDraft(t.Context(), kindOf(t, "change"), id, fields("checkout"))
		if err != nil {
			t.Fatal(err)
		}
		out, err := alice.Propose(t.Context(), dr)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	one := draft("CHG-20261120-AAA7K3").ID
	approve(t, s.desk("bob"), one)
	merge(t, alice, one)
	two := draft("CHG-20261120-BBB7K3").ID
	var ambiguous *store.AmbiguousError
	if _, err := s.desk("bob").Approve(t.Context(), "7k3"); !errors.As(err, &ambiguous) || len(ambiguous.IDs) != 2 {
		t.Errorf("%v", err)
	}
	if op := approve(t, s.desk("bob"), "b7k3"); op.ID != two {
		t.Errorf("%+v", op)
	}
	three := draft("CHG-20261120-CCC7K3").ID
	w, err := alice.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	merge(t, alice, two)
	if _, err := alice.Resolve(t.Context(), w, "7k3"); !errors.As(err, &ambiguous) {
		t.Errorf("%v", err)
	}
	_ = three
}

// Two open proposals of one record are nobody's to choose between.
func TestTwoOpenProposals(t *testing.T) {
	t.Parallel()
	s := begin(t)
	id := scheduled(t, s)
	alice := s.desk("alice")
	one := edit(t, alice, id, "/reason", "because")
	s.git("branch", "gitsm/"+id+"/edit-zzzz", one.Branch)
	w, err := alice.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = alice.Resolve(t.Context(), w, id)
	usage(t, err, "has 2 open proposals: "+one.Branch+", gitsm/"+id+"/edit-zzzz")
	tg, err := alice.Resolve(t.Context(), w, one.Branch)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := alice.Withdraw(t.Context(), tg); err != nil {
		t.Fatal(err)
	}
	if got := target(t, alice, id); got.Proposal == nil || got.Proposal.Branch != "gitsm/"+id+"/edit-zzzz" {
		t.Errorf("%+v", got)
	}
}

// Policy and configuration are proposed on branches of the store.
func TestStoreProposal(t *testing.T) {
	t.Parallel()
	s := begin(t)
	branch := "gitsm/store/policy-abcd"
	s.git("branch", branch, "main")
	s.push(branch, "alice", map[string]string{"policy/data.yaml": strings.Replace(data, "low: claimed", "low: signed", 1)})
	_, err := s.desk("bob").Approve(t.Context(), branch)
	refused(t, err, "is not among team:platform")
	if op := approve(t, s.desk("carol"), branch); !op.Decision.Allowed() {
		t.Errorf("%s %q", op.Decision.Verdict, op.Decision.Reasons)
	}
	out := merge(t, s.desk("alice"), branch)
	if c, err := s.repo().Commit(t.Context(), out.Main); err != nil || strings.Contains(c.Message, "Change-Id") {
		t.Errorf("%+v, %v", c, err)
	}
	if diff := cmp.Diff([]string{"approval carol", "decision alice", "merge alice"}, s.said("_store")); diff != "" {
		t.Error(diff)
	}

	// a change smuggled in under the name of the store
	branch = "gitsm/store/policy-efgh"
	id := scheduled(t, s)
	s.git("branch", branch, "main")
	path := "changes/2026/11/" + id + ".yaml"
	s.push(branch, "alice", map[string]string{path: strings.Replace(s.on("main", path), "support ends", "because", 1)})
	got, err := s.desk("alice").Merge(t.Context(), branch)
	if err != nil || got.Landed || got.Decision.Verdict != approval.Deny {
		t.Errorf("%+v, %v", got, err)
	}
}

// A branch named after one change that edits another slips through nowhere.
func TestProposalOfAnother(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, b := scheduled(t, s), scheduled(t, s)
	path := "changes/2026/11/" + b + ".yaml"
	branch := "gitsm/" + a + "/edit-abcd"
	s.git("branch", branch, "main")
	s.push(branch, "alice", map[string]string{path: strings.Replace(s.on("main", path), "support ends", "because", 1)})
	main := s.ref("refs/heads/main")
	for _, name := range []string{a, branch} {
		out, err := s.desk("alice").Merge(t.Context(), name)
		if err != nil || out.Landed || out.Decision.Verdict != approval.Deny || !strings.Contains(fmt.Sprint(out.Findings), "GAT006") {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
	if s.ref("refs/heads/main") != main {
		t.Error("main has moved")
	}
}

func TestNewDraft(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice := s.desk("alice")
	dr, err := alice.NewDraft(t.Context(), kindOf(t, "change"), "", fields("checkout"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(dr.Content)
	for i, want := range []string{"apiVersion: gitsm/v1\nkind: change\nid: " + dr.ID + "\n", "\nrequester: alice\n", "\nstate: scheduled\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%d: no %q in\n%s", i, want, text)
		}
	}
	own := fields("checkout")
	own["requester"], own["state"] = "bob", "closed"
	if dr, err = alice.NewDraft(t.Context(), kindOf(t, "change"), "", own); err != nil || !strings.Contains(string(dr.Content), "requester: bob") || !strings.Contains(string(dr.Content), "state: closed") {
		t.Errorf("what is given stays: %s, %v", dr.Content, err) // check and gate say what they think of it
	}
	_, err = alice.NewDraft(t.Context(), kindOf(t, "service"), "Not A Slug", map[string]any{"title": "x"})
	usage(t, err, "is not a slug")
	_, err = alice.NewDraft(t.Context(), kindOf(t, "service"), "", map[string]any{"title": "x"})
	usage(t, err, "is not a slug")
}

func TestDraftFrom(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice := s.desk("alice")
	tests := []struct {
		name, id, src string
		want          []string
	}{
		{"bare", "", "title: Upgrade # soon\ntype: normal\nservices: [checkout]\n", []string{"apiVersion: gitsm/v1\nkind: change\nid: CHG-20261120-", "requester: alice\n", "title: Upgrade # soon\n"}},
		{"complete", "", "apiVersion: gitsm/v1\nkind: change\nid: CHG-20261120-ABCDEF\nstate: scheduled\nrequester: bob\ntitle: x\n", []string{"id: CHG-20261120-ABCDEF", "requester: bob"}},
		{"flow", "", `{title: Upgrade, type: normal, "services": [checkout]}`, []string{"id: CHG-", "Upgrade"}},
		{"markers", "", "---\ntitle: Upgrade\n", []string{"title: Upgrade", "kind: change"}},
		{"emergency", "", "title: x\ntype: emergency\n", []string{"state: implementing"}},
	}
	for _, tt := range tests {
		dr, err := alice.DraftFrom(t.Context(), kindOf(t, "change"), tt.id, "x.yaml", []byte(tt.src))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(string(dr.Content), want) {
				t.Errorf("%s: no %q in\n%s", tt.name, want, dr.Content)
			}
		}
		if dr.Path != "changes/2026/11/"+dr.ID+".yaml" {
			t.Errorf("%s: %s", tt.name, dr.Path)
		}
	}
	var invalid *proposal.InvalidError
	for _, src := range []string{"", "a: [", "a: 1\na: 2\n", "- a\n", "a: &x 1\nb: *x\n"} {
		if _, err := alice.DraftFrom(t.Context(), kindOf(t, "change"), "", "x.yaml", []byte(src)); !errors.As(err, &invalid) {
			t.Errorf("%q: %v", src, err)
		}
	}
	_, err := alice.DraftFrom(t.Context(), kindOf(t, "change"), "", "x.yaml", []byte("id: nonsense\n"))
	usage(t, err, "is not of the form")
}

// An id that is taken, or whose file cannot be read, is not filed over.
func TestNewOverOld(t *testing.T) {
	t.Parallel()
	s := begin(t)
	id := scheduled(t, s)
	alice := s.desk("alice")
	before := s.refs()
	dr, err := alice.NewDraft(t.Context(), kindOf(t, "change"), id, fields("search"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = alice.Propose(t.Context(), dr)
	refused(t, err, "change "+id+" exists already")
	s.push("main", "carol", map[string]string{"services/cart.yaml": "a: ["})
	before["refs/heads/main"] = s.ref("refs/heads/main")
	alice = s.desk("alice")
	if dr, err = alice.NewDraft(t.Context(), kindOf(t, "service"), "cart", map[string]any{"title": "Cart", "owner": "team:payments", "tier": yaml("2")}); err != nil {
		t.Fatal(err)
	}
	_, err = alice.Propose(t.Context(), dr)
	refused(t, err, "services/cart.yaml on main cannot be read")
	if diff := cmp.Diff(before, s.refs()); diff != "" {
		t.Errorf("refs moved:\n%s", diff)
	}
}

// A title cannot write trailers, nor anything else, into a commit message.
func TestHostileTitle(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice := s.desk("alice")
	all := fields("checkout")
	all["title"] = "Upgrade\n\nCo-authored-by: Bob <bob@example.org>\nChange-Id: CHG-20261120-ZZZZZZ " + strings.Repeat("x", 300)
	dr, err := alice.NewDraft(t.Context(), kindOf(t, "change"), "", all)
	if err != nil {
		t.Fatal(err)
	}
	out, err := alice.Propose(t.Context(), dr)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.repo().Commit(t.Context(), out.Commit)
	if err != nil || strings.Count(strings.TrimSpace(c.Message), "\n") > 0 || len(c.Message) > 200 {
		t.Errorf("message %q, %v", c.Message, err)
	}
}

// What is denied leaves nothing behind.
func TestDenied(t *testing.T) {
	t.Parallel()
	s := begin(t)
	id := scheduled(t, s)
	alice := s.desk("alice")
	before := s.refs()
	for name, try := range map[string]func() error{
		"skip": func() error {
			_, err := alice.Advance(t.Context(), "change", id, proposal.Step{Verb: "close"})
			return err
		},
		"no owner": func() error {
			_, err := alice.Propose(t.Context(), draftOf(t, alice, "checkout", set("/owner", "team:nope")))
			return err
		},
		"two steps": func() error {
			_, err := alice.Advance(t.Context(), "change", id, proposal.Step{Verb: "review", Summary: "x"})
			return err
		},
		"no step": func() error {
			_, err := alice.Advance(t.Context(), "change", id, proposal.Step{Verb: "dance"})
			return err
		},
		"unknown": func() error {
			_, err := s.desk("mallory").Advance(t.Context(), "change", id, proposal.Step{Verb: "start"})
			return err
		},
	} {
		if err := try(); err == nil {
			t.Errorf("%s is allowed", name)
		}
	}
	if diff := cmp.Diff(before, s.refs()); diff != "" {
		t.Errorf("refs moved:\n%s", diff)
	}
	open := file(t, alice, "checkout").ID
	_, err := alice.Advance(t.Context(), "change", open, proposal.Step{Verb: "start"})
	refused(t, err, "is not authorised yet")
	s.push(target(t, alice, open).Proposal.Branch, "alice", map[string]string{"changes/2026/11/" + open + ".yaml": "a: ["})
	_, err = alice.Submit(t.Context(), target(t, alice, open), proposal.Submission{})
	refused(t, err, "cannot be submitted yet")
}

// An incident lives on main from its first minute.
func TestIncident(t *testing.T) {
	t.Parallel()
	s := begin(t)
	bob := s.desk("bob")
	cause := scheduled(t, s)
	dr, err := bob.NewDraft(t.Context(), kindOf(t, "incident"), "", map[string]any{"title": "Orders fail", "services": []any{"checkout"}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := bob.Propose(t.Context(), dr)
	if err != nil || !out.Landed || !strings.Contains(s.on("main", out.Path), "state: open\n") {
		t.Fatalf("%+v, %v", out, err)
	}
	for _, step := range []proposal.Step{{Verb: "acknowledge"}, {Verb: "restore"}, {Verb: "resolve", Cause: strings.ToLower(cause[len(cause)-6:])}, {Verb: "close"}} {
		if got, err := bob.Advance(t.Context(), "incident", out.ID, step); err != nil || !got.Landed || got.Verb != step.Verb {
			t.Fatalf("%s: %+v, %v", step.Verb, got, err)
		}
	}
	text := s.on("main", out.Path)
	for _, want := range []string{"state: closed", "acknowledged_at: ", "restored_at: ", "resolved_at: ", "caused_by: " + cause} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	_, err = bob.Advance(t.Context(), "incident", out.ID, proposal.Step{Verb: "restore"})
	refused(t, err, "LIF001")
}

// Short ids are written out where a field refers to dated records.
func TestExpand(t *testing.T) {
	t.Parallel()
	s := begin(t)
	id := scheduled(t, s)
	short := strings.ToLower(id[len(id)-6:])
	alice := s.desk("alice")
	edits := []yamldoc.Edit{set("/caused_by", short), set("/suspects", []any{short, "nothing", 5}), set("/services", []any{short}), set("/title", short)}
	if err := alice.Expand(t.Context(), kindOf(t, "incident"), edits); err != nil {
		t.Fatal(err)
	}
	want := []yamldoc.Edit{set("/caused_by", id), set("/suspects", []any{id, "nothing", 5}), set("/services", []any{short}), set("/title", short)}
	if diff := cmp.Diff(want, edits); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Rescheduling asks for approval again, and the old one does not do.
func TestReschedule(t *testing.T) {
	t.Parallel()
	s := begin(t)
	id := scheduled(t, s)
	alice := s.desk("alice")
	out, err := alice.Advance(t.Context(), "change", id, proposal.Step{Verb: "reschedule", Start: "2026-11-24T20:00:00Z", End: "2026-11-24T21:00:00Z"})
	if err != nil || out.Landed || out.Decision.Verdict != approval.Pending || out.Decision.Verb != "reschedule" {
		t.Fatalf("%+v, %v", out, err)
	}
	approve(t, s.desk("bob"), id)
	merge(t, alice, id)
	if text := s.on("main", out.Path); !strings.Contains(text, "2026-11-24T20:00:00Z") {
		t.Errorf("%s", text)
	}
}

func TestInbox(t *testing.T) {
	t.Parallel()
	s := begin(t)
	running := scheduled(t, s)
	alice, bob, carol := s.desk("alice"), s.desk("bob"), s.desk("carol")
	_, err := bob.Advance(t.Context(), "change", running, proposal.Step{Verb: "start"})
	refused(t, err, "somebody else carries it out")
	if _, err := carol.Advance(t.Context(), "change", running, proposal.Step{Verb: "start"}); err != nil {
		t.Fatal(err)
	}
	open := file(t, alice, "checkout").ID
	want := func(d *proposal.Desk, want ...string) {
		t.Helper()
		todo, err := d.Inbox(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, x := range todo {
			got = append(got, x.Todo+" "+x.ID)
		}
		if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	want(s.desk("bob"), "approve "+open)
	want(s.desk("alice"), "finish "+running) // she asked for it
	want(s.desk("carol"), "finish "+running)
	want(s.desk("dave"))
	approve(t, bob, open)
	want(s.desk("bob"))
	want(s.desk("alice"), "finish "+running, "merge "+open)
	_, err = s.desk("mallory").Inbox(t.Context())
	refused(t, err, "nothing can wait for you")

	branch := "gitsm/store/policy-abcd"
	s.git("branch", branch, "main")
	s.push(branch, "alice", map[string]string{"policy/data.yaml": strings.Replace(data, "low: claimed", "low: signed", 1)})
	want(s.desk("carol"), "approve store", "finish "+running)

	s.push("main", "git", map[string]string{"policy/change.rego": "package gitsm.change\n\ndeny contains {"})
	if todo, err := s.desk("carol").Inbox(t.Context()); err == nil {
		t.Errorf("without a policy: %+v", todo)
	}
}

func TestFindMain(t *testing.T) {
	t.Parallel()
	trunk := maps.Clone(genesis())
	trunk["gitsm.yaml"] = config + "main_branch: trunk\n"
	s := open(t, "", trunk)
	if _, err := proposal.FindMain(t.Context(), s.repo(), ""); !errors.Is(err, store.ErrNoStore) {
		t.Errorf("main says that trunk is: %v", err)
	}
	s.git("branch", "-m", "trunk")
	if main, err := proposal.FindMain(t.Context(), s.repo(), ""); main != "trunk" || err != nil {
		t.Errorf("%s, %v", main, err)
	}
	// a proposal that is checked out cannot say that it is main
	evil := "gitsm/store/evil-abcd"
	s.git("branch", evil)
	s.push(evil, "mallory", map[string]string{"gitsm.yaml": config + "main_branch: " + evil + "\n", "policy/change.rego": "package x\n"})
	s.git("symbolic-ref", "HEAD", "refs/heads/"+evil)
	if main, err := proposal.FindMain(t.Context(), s.repo(), ""); main == evil {
		t.Errorf("%s, %v", main, err)
	}

	s = begin(t)
	_, clones := s.clones("here")
	clones[0].git("switch", "-q", "--detach", "main")
	clones[0].git("branch", "-D", "main")
	if main, err := proposal.FindMain(t.Context(), clones[0].repo(), ""); main != "main" || err != nil {
		t.Errorf("from the upstream: %s, %v", main, err)
	}
	s.push("main", "git", map[string]string{"gitsm.yaml": "a: ["})
	var invalid *store.InvalidError
	if _, err := proposal.FindMain(t.Context(), s.repo(), ""); !errors.As(err, &invalid) {
		t.Errorf("broken: %v", err)
	}
	empty := t.TempDir()
	r, err := gitrepo.Init(t.Context(), empty, "main", s.environ)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := proposal.FindMain(t.Context(), r, ""); !errors.Is(err, store.ErrNoStore) {
		t.Errorf("nothing: %v", err)
	}
	d := s.deskOn(r, "alice")
	_, err = d.Look(t.Context())
	usage(t, err, "branch main does not exist here")
}

// A store begins with the commit that brought gitsm.yaml to main's own line.
func TestGenesis(t *testing.T) {
	t.Parallel()
	s := begin(t)
	first := s.ref("refs/heads/main")
	s.push("main", "git", map[string]string{"gitsm.yaml": config + "title: Shop\n"})
	if id, err := proposal.Genesis(t.Context(), s.repo(), "", s.ref("refs/heads/main")); id != first || err != nil {
		t.Errorf("%s, %v; want %s", id, err, first)
	}
	if _, err := proposal.Genesis(t.Context(), s.repo(), "elsewhere", s.ref("refs/heads/main")); err == nil {
		t.Error("a store elsewhere")
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	s := begin(t)
	alice := s.desk("alice")
	out := file(t, alice, "checkout")
	main := s.push("main", "git", map[string]string{"README.md": "other\n"})
	before, after, changes, err := alice.Compare(t.Context(), main, out.Commit)
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) != 1 || changes[0].Path != out.Path {
		t.Errorf("changed %v, want %s alone", changes, out.Path)
	}
	if _, err := before.Get("change", out.ID); err == nil {
		t.Error("the base has it")
	}
	if _, err := after.Get("change", out.ID); err != nil {
		t.Error(err)
	}
}
