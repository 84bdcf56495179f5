package proposal

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/forge"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/record"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// pulled is a proposal that begins work, whose landing the evidence has and whose
// pull request may land.
func pulled(t *testing.T) *Loaded {
	t.Helper()
	kind, _ := record.Builtin().ByName("change")
	at := func(state string) *record.Record {
		doc, findings := yamldoc.Parse("c.yaml", []byte("type: normal\nstate: "+state+"\n"))
		if doc == nil || len(findings) > 0 {
			t.Fatal(findings)
		}
		return record.New(kind, "CHG-20261120-7K3F2M", "c.yaml", "", doc)
	}
	l := &Loaded{Proposal: Proposal{ID: "CHG-20261120-7K3F2M", Branch: "gitsm/x", Head: "h1"}}
	l.Facts.Changes = []decision.Change{{Kind: kind, ID: l.ID, Path: "c.yaml", Before: at("scheduled"), After: at("implementing")}}
	l.Facts.Authority = map[string]decision.Authority{l.ID: {At: time.Unix(1, 0)}}
	l.Said = &forge.Facts{Pull: forge.Pull{Number: 1, Open: true, Base: forge.Branch{Name: "main"}, Head: forge.Branch{Name: "gitsm/x", OID: "h1"}}}
	return l
}

// TestHold holds what keeps a pull request from landing that policy and people
// would allow, each beside one like it that is not kept.
func TestHold(t *testing.T) {
	same := func(*Loaded) {}
	says := func(commit, body string) func(*Loaded) {
		return func(l *Loaded) {
			l.work, l.Said.Pull.Body = []decision.Work{{Commit: &git.Commit{OID: "h1", Message: commit}}}, body
		}
	}
	for _, tt := range []struct {
		name      string
		bad, good func(*Loaded)
		want      approval.Verdict
		says      string
	}{
		{"no pull request", func(l *Loaded) { l.Said = nil }, same, approval.Pending, "there is no pull request yet"},
		{"another base", func(l *Loaded) { l.Said.Pull.Base.Name = "playground" }, same, approval.Error, "only main is gated"},
		{"another head", func(l *Loaded) { l.Said.Pull.Head.OID = "h2" }, func(l *Loaded) { l.Said.Pull.Head.OID, l.Head = "h2", "h2" }, approval.Pending, "does not have the newest commits"},
		{"draft", func(l *Loaded) { l.Said.Pull.Draft = true }, same, approval.Pending, "is a draft"},
		{"closed", func(l *Loaded) { l.Said.Pull.Open = false }, func(l *Loaded) { l.Said.Pull.Open, l.Said.Pull.Merged = false, true }, approval.Pending, "was closed"},
		{"a commit that passes for a landing", says("x\n\nEvidence-Head: 1234\n", ""), says("x\n\nThe line Evidence-Head: is made by gitsm\n", ""), approval.Pending, "the message of commit h1 has a line Evidence-Head"},
		{"a commit that passes for the landing of another", says("x\n\nchange-id:CHG-20261120-0THERS\n", ""), says("x\n\nChange-Id: I8f3c2d\nChange-Id: CHG-20261120-7K3F2M\n", ""), approval.Pending, "the message of commit h1 has a line change-id"},
		{"a text that passes for a landing", says("x\n", "Why\r\n\r\nEvidence-Head: 1234\r\n"), says("x\n", "Why\r\n"), approval.Pending, "the text of the pull request has a line Evidence-Head"},
		{"no evidence of what it starts on", func(l *Loaded) { l.Facts.Authority = nil },
			func(l *Loaded) {
				l.Facts.Authority = nil
				l.Facts.Changes[0].After = l.Facts.Changes[0].Before
			}, approval.Pending, "the evidence does not have the landing"},
	} {
		for _, twin := range []bool{false, true} {
			l, do, want := pulled(t), tt.bad, tt.want
			if twin {
				do, want = tt.good, approval.Allow
			}
			do(l)
			dec := &decision.Decision{Verdict: approval.Allow, Reasons: []string{"approved by bob"}}
			hold(dec, l, "main")
			if dec.Verdict != want || strings.Contains(strings.Join(dec.Reasons, "\n"), tt.says) == twin {
				t.Errorf("%s, twin %v: %s %q", tt.name, twin, dec.Verdict, dec.Reasons)
			}
			if denied := (&decision.Decision{Verdict: approval.Deny}); !twin && tt.want == approval.Pending {
				hold(denied, l, "main")
				if denied.Verdict != approval.Deny || len(denied.Reasons) != 1 {
					t.Errorf("%s: what is denied becomes %s %q", tt.name, denied.Verdict, denied.Reasons)
				}
			}
		}
	}
}

// TestPassed holds that a step which waits for the gate goes on where main demands
// no status of it, or where it says success, and nowhere else.
func TestPassed(t *testing.T) {
	gated := []forge.Rule{{Type: "required_status_checks", Parameters: []byte(`{"required_status_checks": [{"context": "gitsm/gate"}]}`)}}
	check := func(name, state string) []forge.Check { return []forge.Check{{Name: name, State: state}} }
	for name, tt := range map[string]struct {
		said forge.Facts
		want bool
	}{
		"not demanded":   {forge.Facts{}, true},
		"passed":         {forge.Facts{Rules: gated, Checks: check(StatusContext, "success")}, true},
		"nothing said":   {forge.Facts{Rules: gated}, false},
		"pending":        {forge.Facts{Rules: gated, Checks: check(StatusContext, "pending")}, false},
		"failed":         {forge.Facts{Rules: gated, Checks: check(StatusContext, "failure")}, false},
		"another status": {forge.Facts{Rules: gated, Checks: check("build", "success")}, false},
	} {
		if got := passed(&tt.said); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestProposalOf holds that nobody's fork stands for a proposal of the repository.
func TestProposalOf(t *testing.T) {
	p := &forge.Pull{Head: forge.Branch{Name: "gitsm/CHG-20261120-7K3F2M/new-abcd", OID: "h1", Repo: "acme/shop"}, Base: forge.Branch{Name: "main", Repo: "acme/shop"}}
	if got := proposalOf(p); got.Branch != p.Head.Name || got.ID != "CHG-20261120-7K3F2M" || got.Verb != "new" {
		t.Errorf("%+v", got)
	}
	for _, repo := range []string{"mallory/shop", ""} {
		p.Head.Repo = repo
		if got := proposalOf(p); got.Branch == p.Head.Name || !slices.Contains([]string{"mallory:" + p.Head.Name, ":" + p.Head.Name}, got.Branch) {
			t.Errorf("of %q: %+v", repo, got)
		}
	}
}
