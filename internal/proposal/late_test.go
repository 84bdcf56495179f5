package proposal_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/forge/github/githubtest"
)

// lateCases are landings of which the evidence hears days later, as when a workflow
// failed: what is recorded rests on what people might do and had said when it landed.
var lateCases = []struct {
	name string
	do   func(*hubCase) // until it is recorded
	want approval.Verdict
	kept string // what is recorded of reviews
	says string // in what the recorder says
}{
	{"approved, and nothing since", func(c *hubCase) { c.approved(); c.gated(); c.land(); c.days(3) }, approval.Allow, "approval (write, asked later)", ""},
	{"recorded within the day", func(c *hubCase) { c.approved(); c.land() }, approval.Allow, "approval (write)", ""},
	{"recorded when the review came", func(c *hubCase) { c.approved(); c.record(); c.land(); c.days(3) }, approval.Allow, "approval (write)", ""},
	{"approver who left since", func(c *hubCase) { c.approved(); c.gated(); c.land(); c.days(3); c.may("none") }, approval.Allow, "approval (none, asked later)", ""},
	{"approver who left since, and nothing shows that the gate let it pass", func(c *hubCase) { c.approved(); c.land(); c.days(3); c.may("none") },
		approval.Pending, "", "neither evidence nor the gate's status says"},
	{"approver who might write only since", func(c *hubCase) {
		c.may("read")
		c.approved()
		c.gated()
		c.land()
		c.days(3)
		c.may("write")
	},
		approval.Pending, "", "neither evidence nor the gate's status says"},
	{"the same, with a status that somebody forged", func(c *hubCase) {
		c.may("read")
		c.approved()
		c.status("mallory", "success")
		c.land()
		c.days(3)
		c.may("write")
	}, approval.Pending, "", "neither evidence nor the gate's status says"},
	{"the same, with a status of after the landing", func(c *hubCase) {
		c.may("read")
		c.approved()
		c.land()
		c.days(3)
		c.status(githubtest.ActionsLogin, "success")
		c.may("write")
	}, approval.Pending, "", "neither evidence nor the gate's status says"},
	{"approved after the gate's word", func(c *hubCase) {
		c.gated()
		c.tick()
		c.status(githubtest.ActionsLogin, "success")
		c.tick()
		c.approved()
		c.land()
		c.days(3)
	},
		approval.Pending, "", "neither evidence nor the gate's status says"},
	{"dismissed after the landing", func(c *hubCase) { c.approved(); c.land(); c.tick(); c.h.server.Dismiss(c.n, 0, "dave") },
		approval.Allow, "approval (write), withdrawal", ""},
	{"dismissed before the landing", func(c *hubCase) { c.approved(); c.tick(); c.h.server.Dismiss(c.n, 0, "dave"); c.tick(); c.land() },
		approval.Pending, "withdrawal", ""},
	{"dismissed, and nobody may read when", func(c *hubCase) {
		c.approved()
		c.land()
		c.tick()
		c.h.server.Dismiss(c.n, 0, "dave")
		c.h.server.Fail("GET", "issues/*/events", githubtest.Forbidden, 0, -1)
	}, approval.Pending, "withdrawal", ""},
}

// gated has the gate say of the head what it finds.
func (c *hubCase) gated() {
	c.Helper()
	if err := c.h.gate(c.T, c.n); err != nil {
		c.Fatal(err)
	}
	c.tick()
}

// days lets some days go by.
func (c *hubCase) days(n int) {
	c.h.clock.mu.Lock()
	defer c.h.clock.mu.Unlock()
	c.h.clock.now = c.h.clock.now.Add(time.Duration(n) * 24 * time.Hour)
}

// may says what bob may do with the repository from now on.
func (c *hubCase) may(permission string) {
	c.h.server.Change("bob", func(a *githubtest.Account) { a.Permission = permission })
}

// TestLateRecording holds what is recorded of a landing, however late.
func TestLateRecording(t *testing.T) {
	t.Parallel()
	h := onForge(t)
	h.server.Add(githubtest.Account{Login: "mallory", ID: 99})
	for _, tt := range lateCases {
		t.Run(tt.name, func(t *testing.T) {
			c := &hubCase{T: t, h: h}
			c.id, c.n = h.submitted(t)
			tt.do(c)
			out, err := h.desk("gate").RecordPull(t.Context(), c.n)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(strings.Join(out.Notes, "\n"), tt.says) {
				t.Errorf("the recorder says %q, want %q", out.Notes, tt.says)
			}
			var kept []string
			verdict := ""
			for _, e := range h.evidence(c.id) {
				p := e.Statement.Predicate
				switch {
				case p.Kind == evidence.Decision:
					verdict = p.Decision.Verdict
				case p.Forge == nil || p.Forge.Review == 0:
				case p.Kind == evidence.Approval && !p.Forge.Asked.IsZero():
					kept = append(kept, "approval ("+p.Forge.Permission+", asked later)")
				case p.Kind == evidence.Approval:
					kept = append(kept, "approval ("+p.Forge.Permission+")")
				default:
					kept = append(kept, string(p.Kind))
				}
			}
			slices.Sort(kept)
			if got := strings.Join(kept, ", "); verdict != string(tt.want) || got != tt.kept {
				t.Errorf("decided %q and kept %q, want %q and %q", verdict, got, tt.want, tt.kept)
			}
			h.server.Heal()
			c.may("write")
		})
	}
}
