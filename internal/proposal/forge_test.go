package proposal_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/forge/github"
	"github.com/gitsm/gitsm/internal/forge/github/githubtest"
	"github.com/gitsm/gitsm/internal/proposal"
)

// hub is a shop whose proposals are reviewed on a GitHub that is made up.
type hub struct {
	*shop    // of the upstream
	server   *githubtest.Server
	tokens   map[string]string
	clonesOf map[string]*shop
	notes    []string          // what verbs said besides
	allowed  map[string]bool   // heads that the gate has let pass
	began    map[string]string // what judges, as main had it in the beginning
}

func onForge(tb testing.TB) *hub {
	tb.Helper()
	files := genesis()
	files["gitsm.yaml"] = config + "forge: github\n"
	files["policy/data.yaml"] = strings.Replace(data, "medium: signed", "medium: observed", 1)
	for i, n := range names {
		files["people/"+n+".yaml"] += fmt.Sprintf("github: {login: %s, id: %d}\n", n, 11+i)
	}
	upstream, clones := open(tb, "", files).clones(names...)
	h := &hub{shop: upstream, tokens: map[string]string{}, clonesOf: map[string]*shop{}, allowed: map[string]bool{}}
	h.began = map[string]string{}
	for _, name := range []string{"policy/change.rego", "policy/data.yaml", "people/bob.yaml", "teams/payments.yaml"} {
		h.began[name] = files[name]
	}
	h.server = githubtest.Start("acme/shop", upstream.root, upstream.clock.read)
	tb.Cleanup(h.server.Close)
	for i, n := range names {
		h.server.Add(githubtest.Account{Login: n, ID: int64(11 + i)})
		h.tokens[n], h.clonesOf[n] = h.server.Token(n), clones[i]
	}
	h.tokens["gate"] = h.server.Token(githubtest.ActionsLogin)
	return h
}

// desk is where somebody works in a clone of their own; the gate does in dave's.
func (h *hub) desk(name string) *proposal.Desk {
	at := name
	if name == "gate" {
		at = "dave"
	}
	d := h.clonesOf[at].desk(name)
	d.Sleep = func(context.Context, time.Duration) error { return nil }
	d.Describe = func(l *proposal.Loaded, _ *decision.Decision) forge.Text {
		return forge.Text{Title: l.ID, Body: l.Branch}
	}
	d.Connect = func(context.Context) (proposal.Forge, error) {
		return github.New(github.Options{
			Place: github.Place{Host: github.Dotcom, Repo: "acme/shop"}, API: h.server.URL, Token: h.tokens[name], Agent: "gitsm/test",
			Now: h.clock.read, Sleep: d.Sleep, Transport: h.server.Transport(),
		})
	}
	return d
}

// submitted files a change of alice's and opens its pull request.
func (h *hub) submitted(tb testing.TB) (id string, number int) {
	tb.Helper()
	d := h.desk("alice")
	out := file(tb, d, "checkout")
	sub, err := d.Submit(tb.Context(), target(tb, d, out.ID), proposal.Submission{})
	if err != nil {
		tb.Fatal(err)
	}
	return out.ID, sub.Pull
}

// submit submits a change of alice's.
func (h *hub) submit(t *testing.T, id string) error {
	t.Helper()
	d := h.desk("alice")
	out, err := d.Submit(t.Context(), target(t, d, id), proposal.Submission{})
	if out != nil {
		h.notes = append(h.notes, out.Notes...)
	}
	return err
}

// act is something that people or the gate do on the forge.
type act struct {
	name  string
	begin func(*testing.T, *hub) (id string, number int)
	do    func(*testing.T, *hub, string, int) error
	done  func(*hub, int) bool // whether it is done, once it went well
	calls [][2]string          // what it calls, which may fail
}

func acts() []act {
	return []act{
		{name: "submit", begin: func(t *testing.T, h *hub) (string, int) { return file(t, h.desk("alice"), "checkout").ID, 0 },
			do:    func(t *testing.T, h *hub, id string, _ int) error { return h.submit(t, id) },
			done:  func(h *hub, n int) bool { p := h.server.Pulls()[n-1]; return p.Body != "" && len(p.Requested) == 1 },
			calls: [][2]string{{"GET", "pulls"}, {"POST", "pulls"}, {"POST", "pulls/*/requested_reviewers"}}},
		{name: "update", begin: func(t *testing.T, h *hub) (string, int) {
			id, n := h.submitted(t)
			h.server.Arrange(n, func(p *githubtest.Pull) { p.Title = "changed by hand" })
			return id, n
		},
			do:    func(t *testing.T, h *hub, id string, _ int) error { return h.submit(t, id) },
			done:  func(h *hub, n int) bool { return h.server.Pulls()[n-1].Title != "changed by hand" },
			calls: [][2]string{{"PATCH", "pulls/*"}, {"GET", "activity"}}},
		{name: "approve", begin: func(t *testing.T, h *hub) (string, int) { return h.submitted(t) },
			do: func(t *testing.T, h *hub, id string, n int) error {
				if len(h.server.Pulls()[n-1].Reviews) > 0 {
					return nil // done the first time, whatever was answered
				}
				_, err := h.desk("bob").Approve(t.Context(), id)
				return err
			},
			done:  func(h *hub, n int) bool { return len(h.server.Pulls()[n-1].Reviews) == 1 },
			calls: [][2]string{{"GET", "pulls/*/commits"}, {"POST", "pulls/*/reviews"}}},
		{name: "gate", begin: func(t *testing.T, h *hub) (string, int) {
			id, n := h.submitted(t)
			h.server.Review(n, "bob", "APPROVED", "")
			return id, n
		},
			do: func(t *testing.T, h *hub, _ string, n int) error { return h.gate(t, n) },
			done: func(h *hub, n int) bool {
				return status(h, n) == "success" && len(h.server.Pulls()[n-1].Comments) == 1
			},
			calls: [][2]string{{"GET", "pulls/*/reviews"}, {"GET", "collaborators/*/permission"}, {"POST", "statuses/*"}, {"POST", "issues/*/comments"}}},
		{name: "merge", begin: func(t *testing.T, h *hub) (string, int) {
			id, n := h.submitted(t)
			h.server.Review(n, "bob", "APPROVED", "")
			return id, n
		},
			do: func(t *testing.T, h *hub, id string, n int) error {
				if h.server.Pulls()[n-1].State == "closed" {
					return nil
				}
				_, err := h.desk("alice").Merge(t.Context(), id)
				return err
			},
			done:  func(h *hub, n int) bool { return h.server.Pulls()[n-1].MergeCommit != "" },
			calls: [][2]string{{"PUT", "pulls/*/merge"}}},
	}
}

// gate runs the gate as a workflow does.
func (h *hub) gate(t *testing.T, n int) error {
	t.Helper()
	d := h.desk("gate")
	j, err := d.GatePull(t.Context(), n)
	if err != nil {
		return err
	}
	h.allowed[j.Head] = j.Verdict() == approval.Allow
	if err := d.PostVerdict(t.Context(), j.Head, j.Verdict(), "", ""); err != nil {
		return err
	}
	return errors.Join(j.Err, d.PostComment(t.Context(), j, "found"))
}

func status(h *hub, n int) string {
	out := ""
	for _, s := range h.server.Statuses(h.server.Pulls()[n-1].HeadOID) {
		out = s.State
	}
	return out
}

// TestFaults makes each call go wrong in each way, for as long as one runs and
// then no longer: there is one branch and one pull request, no head is said to
// have passed that was not looked at, and every error says what to do and holds
// no token. All of them take a minute, so that .ci/run asks for them; else it is
// those that are the hardest to get right.
func TestFaults(t *testing.T) {
	t.Parallel()
	faults := []githubtest.Fault{githubtest.TimeoutAfter, githubtest.Unauthorized, githubtest.BrokenJSON}
	if os.Getenv("GITSM_FAULTS") != "" {
		faults = githubtest.Faults()
	}
	for _, a := range acts() {
		t.Run(a.name, func(t *testing.T) {
			h := onForge(t)
			for _, call := range a.calls {
				for _, fault := range faults {
					h.cell(t, a, call, fault)
				}
			}
		})
	}
}

// cell is one call that goes wrong in one way.
func (h *hub) cell(t *testing.T, a act, call [2]string, fault githubtest.Fault) {
	t.Helper()
	name := fmt.Sprintf("%s: %s %s: %s", a.name, call[0], call[1], fault)
	id, n := a.begin(t, h)
	before := len(h.server.Requests())
	h.notes = nil
	h.server.Fail(call[0], call[1], fault, 0, -1)
	err := a.do(t, h, id, n)
	if err != nil {
		h.sayWhatToDo(t, name, err)
	}
	if n == 0 && len(h.server.Pulls()) > 0 {
		n = len(h.server.Pulls())
	}
	if err == nil && !(n > 0 && a.done(h, n)) && !h.admitted(n, fault) {
		t.Errorf("%s: it is not done, and nobody says so", name)
	}
	asked := slices.ContainsFunc(h.server.Requests()[before:], func(r githubtest.Request) bool { return r.Method == call[0] })
	if !asked {
		t.Errorf("%s: it was never asked", name)
	}
	h.nobodyPassed(t, name)
	h.server.Heal()
	if err := a.do(t, h, id, n); err != nil {
		t.Errorf("%s: once it works again: %v", name, err)
		return
	}
	h.nobodyPassed(t, name)
	var mine []githubtest.Pull
	for _, p := range h.server.Pulls() {
		if strings.Contains(p.Head, id) {
			mine = append(mine, p)
		}
	}
	branches := strings.Count(strings.Join(h.proposals(), "\n"), id)
	if len(mine) != 1 || branches != 1 {
		t.Errorf("%s: %d pull requests and %d branches", name, len(mine), branches)
		return
	}
	if !a.done(h, mine[0].Number) {
		t.Errorf("%s: it is not done: %+v, status %q", name, mine[0], status(h, mine[0].Number))
	}
}

// admitted reports whether it was said what was not done: that the forge refused
// to ask somebody, or that the gate waits.
func (h *hub) admitted(n int, fault githubtest.Fault) bool {
	return n > 0 && status(h, n) == "pending" || strings.Contains(strings.Join(h.notes, "\n"), "could not be asked for a review") && fault == githubtest.Unprocessable
}

// nobodyPassed demands that no head is said to have passed that the gate has not
// let pass, and that nothing which was said holds a token.
func (h *hub) nobodyPassed(t *testing.T, name string) {
	t.Helper()
	for _, s := range h.server.Statuses("") {
		if s.State == "success" && !h.allowed[s.SHA] {
			t.Errorf("%s: %s is said to have passed", name, s.SHA)
		}
	}
	for _, token := range h.tokens {
		if strings.Contains(strings.Join(h.notes, "\n"), token) {
			t.Errorf("%s: a token is in %q", name, h.notes)
		}
	}
}

// sayWhatToDo demands of an error that it helps.
func (h *hub) sayWhatToDo(t *testing.T, name string, err error) {
	t.Helper()
	var said *forge.Error
	var refused *proposal.RefusedError
	text, fix := err.Error(), ""
	switch {
	case errors.As(err, &said):
		fix = said.Fix
	case errors.As(err, &refused):
		fix = refused.Fix
	}
	if fix == "" {
		t.Errorf("%s: %v says not what to do", name, err)
	}
	for _, token := range h.tokens {
		if strings.Contains(text+fix, token) {
			t.Errorf("%s: %v holds a token", name, err)
		}
	}
}

// TestHeadMoves holds that what was decided about one head is never said of
// another.
func TestHeadMoves(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	_, n := h.submitted(t)
	h.server.Review(n, "bob", "APPROVED", "")
	j, err := h.desk("gate").GatePull(t.Context(), n)
	if err != nil || j.Verdict() != approval.Allow {
		t.Fatalf("%+v, %v", j, err)
	}
	alice := h.desk("alice")
	id := j.Target.ID
	edit(t, alice, id, "/plan/backout", "none")
	if _, err := alice.Submit(t.Context(), target(t, alice, id), proposal.Submission{}); err != nil {
		t.Fatal(err)
	}
	d := h.desk("gate")
	if err := errors.Join(d.PostVerdict(t.Context(), j.Head, j.Verdict(), "", ""), d.PostComment(t.Context(), j, "may land")); err != nil {
		t.Fatal(err)
	}
	if status(h, n) != "" || len(h.server.Pulls()[n-1].Comments) > 0 {
		t.Error("the new head is said to have passed")
	}
	if err := h.gate(t, n); err != nil || status(h, n) != "pending" {
		t.Errorf("%v, and the new head is %q", err, status(h, n))
	}
}

// unsteady is a forge at which a head moves just before its facts are read.
type unsteady struct {
	proposal.Forge
	move  func()
	times int
}

func (u *unsteady) Facts(ctx context.Context, number int, commits []string) (*forge.Facts, error) {
	if u.times > 0 {
		u.times--
		u.move()
	}
	return u.Forge.Facts(ctx, number, commits)
}

// TestHeadMovesMeanwhile holds that nothing is said of a head that moves while it
// is decided about, however often it does, and that one which stands still is
// decided about.
func TestHeadMovesMeanwhile(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	for times, says := range []string{"", "moved while it was decided about", "moved while it was decided about", "moves while it is read", "moves while it is read"} {
		_, n := h.submitted(t)
		h.server.Review(n, "bob", "APPROVED", "")
		branch := h.server.Pulls()[n-1].Head
		d := h.desk("gate")
		connect := d.Connect
		d.Connect = func(ctx context.Context) (proposal.Forge, error) {
			f, err := connect(ctx)
			return &unsteady{f, func() { h.push(branch, "alice", map[string]string{"README.md": h.clock.read().String()}) }, times}, err
		}
		j, err := d.GatePull(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		if says == "" && j.Verdict() != approval.Allow || says != "" && (j.Verdict() != approval.Error || !strings.Contains(j.Err.Error(), says)) {
			t.Errorf("moving %d times: %s, %v; want %q", times, j.Verdict(), j.Err, says)
		}
	}
}

// TestMethods holds by which methods what lands, and what the audit's evidence
// says of it.
func TestMethods(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	for _, tt := range []struct {
		method  string
		commits int
		want    string // "" where it is refused
	}{{"", 1, "merge"}, {"merge", 2, "merge"}, {"squash", 2, "squash"}, {"rebase", 1, "rebase"}, {"rebase", 2, "rebase"}, {"cherry-pick", 1, ""}} {
		id, n := h.submitted(t)
		alice := h.desk("alice")
		if tt.commits == 2 {
			edit(t, alice, id, "/reason", "support has ended")
			if _, err := alice.Submit(t.Context(), target(t, alice, id), proposal.Submission{}); err != nil {
				t.Fatal(err)
			}
		}
		h.server.Review(n, "bob", "APPROVED", "")
		out, err := alice.MergeBy(t.Context(), proposal.MergeOptions{Method: tt.method}, id)
		if tt.want == "" {
			usage(t, err, "land by \"cherry-pick\"")
			continue
		}
		if err != nil || !out.Landed {
			t.Errorf("%v: %+v, %v", tt, out, err)
			continue
		}
		if _, err := h.desk("gate").RecordPull(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		for _, e := range h.evidence(id) {
			m := e.Statement.Predicate.Merge
			if m != nil && (m.Method != tt.want || !m.Identical || m.Commit != out.Main) {
				t.Errorf("%v: recorded as %+v", tt, m)
			}
		}
		if got := fmt.Sprint(h.said(id)); !strings.Contains(got, "merge") || !strings.Contains(got, "approval") {
			t.Errorf("%v: recorded %s", tt, got)
		}
	}
}

// TestMergeOfWhatIsNotAllowed holds that gitsm merges nothing that the gate does
// not allow, whatever the forge would let by.
func TestMergeOfWhatIsNotAllowed(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	id, n := h.submitted(t)
	if out, err := h.desk("alice").Merge(t.Context(), id); err != nil || out.Landed || h.server.Pulls()[n-1].MergeCommit != "" {
		t.Fatalf("without an approval: %+v, %v", out, err)
	}
	h.server.Review(n, "bob", "APPROVED", "")
	if out, err := h.desk("alice").Merge(t.Context(), id); err != nil || !out.Landed {
		t.Errorf("with one: %+v, %v", out, err)
	}
}

// TestTokenOfAnother holds that nobody's opinion is given under another account.
func TestTokenOfAnother(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	id, n := h.submitted(t)
	d := h.desk("bob")
	d.Connect = h.desk("carol").Connect
	_, err := d.Approve(t.Context(), id)
	var refused *proposal.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(refused.What, "the token is carol's") || len(h.server.Pulls()[n-1].Reviews) > 0 {
		t.Fatalf("with carol's token: %v", err)
	}
	if _, err := h.desk("bob").Approve(t.Context(), id); err != nil {
		t.Errorf("with his own: %v", err)
	}
}

// TestMergeQueue holds that what is in the queue is decided about as it would
// land, and as a whole.
func TestMergeQueue(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	h.server.Rule("main", "merge_queue", nil)
	ids := map[string]int{}
	for range 2 {
		id, n := h.submitted(t)
		h.server.Review(n, "bob", "APPROVED", "")
		ids[id] = n
		out, err := h.desk("alice").Merge(t.Context(), id)
		if err != nil || out.Landed || out.Decision.Verdict != approval.Pending {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	base := h.ref("refs/heads/main")
	branch, head, err := h.server.Group()
	if err != nil {
		t.Fatal(err)
	}
	list, err := h.desk("gate").GateGroup(t.Context(), base, head, "refs/heads/"+branch)
	if err != nil || len(list) != 2 || list[0].Verdict() != approval.Allow || list[1].Verdict() != approval.Allow {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, n := range ids {
		h.server.Arrange(n, func(p *githubtest.Pull) { p.Reviews[0].State = "DISMISSED" })
		break
	}
	list, err = h.desk("gate").GateGroup(t.Context(), base, head, "refs/heads/"+branch)
	if err != nil || len(list) != 2 || (list[0].Verdict() == approval.Allow) == (list[1].Verdict() == approval.Allow) {
		t.Errorf("with one dismissed: %+v, %v", list, err)
	}
}
