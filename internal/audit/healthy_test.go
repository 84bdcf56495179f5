package audit_test

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/history"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

// template is a healthy store that every test gets a copy of.
var template struct {
	once  sync.Once
	scene *scene
	dir   string
}

func TestMain(m *testing.M) {
	code := m.Run()
	if template.dir != "" {
		_ = os.RemoveAll(template.dir)
	}
	os.Exit(code)
}

// healthy returns a copy of a store in which everything was done by the verbs:
// a change with its whole life, one that is scheduled, an emergency, one that
// was taken back, a person that was edited, and the end of bootstrap.
func healthy(t *testing.T) *scene {
	t.Helper()
	template.once.Do(func() {
		s := newScene(t)
		live(s)
		dir, err := os.MkdirTemp("", "gitsm-audit")
		s.must(err)
		template.dir = dir
		s.git("gc", "-q") // one pack is copied faster than a thousand loose objects
		s.must(os.CopyFS(dir+"/store", os.DirFS(s.dir)))
		s.dir = dir + "/store"
		template.scene = s
	})
	if template.scene == nil {
		t.Fatal("the healthy store could not be made")
	}
	return template.scene.copyOf(t)
}

func live(s *scene) {
	s.found("bootstrap: true\n")
	s.push("alice", map[string]string{"services/search.yaml": "apiVersion: gitsm/v1\nkind: service\nid: search\ntitle: Search\nowner: team:payments\ntier: 4\n"})
	s.push("alice", map[string]string{"gitsm.yaml": strings.Replace(s.file(mainRef, "gitsm.yaml"), "bootstrap: true", "bootstrap: false", 1)})

	s.edit(s.as("bob"), "person", "dave", yamldoc.Edit{Pointer: "/name", Value: "Dave D."})
	_, err := s.as("carol").Approve(s.ctx, "dave", "person")
	s.must(err)
	_, err = s.as("bob").Merge(s.ctx, "dave", "person")
	s.must(err)

	s.ids["closed"] = s.propose(s.as("alice"), "change", "", s.change(nil))
	s.approve(s.as("bob"), s.ids["closed"])
	s.edit(s.as("alice"), "change", s.ids["closed"], yamldoc.Edit{Pointer: "/plan/implement", Value: "run the new playbook"})
	s.approve(s.as("bob"), s.ids["closed"])
	s.merge(s.as("alice"), s.ids["closed"])
	s.at(s.now.Add(3 * time.Hour))
	s.advance(s.as("alice"), "change", s.ids["closed"], proposal.Step{Verb: "start"})
	s.advance(s.as("alice"), "change", s.ids["closed"], proposal.Step{Verb: "backout", Notes: "the index was missing"})
	s.advance(s.as("bob"), "change", s.ids["closed"], proposal.Step{Verb: "review", Summary: "build the index first"})
	s.advance(s.as("alice"), "change", s.ids["closed"], proposal.Step{Verb: "close"})

	incident := s.propose(s.as("bob"), "incident", "", map[string]any{"title": "Checkout is down", "services": []any{"checkout"}})
	s.ids["incident"] = incident
	s.advance(s.as("bob"), "incident", incident, proposal.Step{Verb: "acknowledge"})
	s.ids["emergency"] = s.propose(s.as("alice"), "change", "", s.change(map[string]any{
		"type": "emergency", "incident": incident, "authoriser": "carol", "title": "Restart checkout"}))
	s.merge(s.as("alice"), s.ids["emergency"])
	s.approve(s.as("carol"), s.ids["emergency"])
	s.advance(s.as("alice"), "change", s.ids["emergency"], proposal.Step{Verb: "finish", Outcome: "successful"})

	s.ids["withdrawn"] = s.propose(s.as("dave"), "change", "", s.change(map[string]any{"title": "Drop the table"}))
	_, err = s.as("bob").Reject(s.ctx, s.ids["withdrawn"])
	s.must(err)
	d := s.as("dave")
	w, err := d.Look(s.ctx)
	s.must(err)
	target, err := d.Resolve(s.ctx, w, s.ids["withdrawn"], "change")
	s.must(err)
	_, err = d.Withdraw(s.ctx, target)
	s.must(err)

	s.ids["scheduled"] = s.propose(s.as("alice"), "change", "", s.change(map[string]any{"title": "Rotate the certificates"}))
	s.approve(s.as("bob"), s.ids["scheduled"])
	s.merge(s.as("alice"), s.ids["scheduled"])
}

func TestHealthyStorePasses(t *testing.T) {
	s := healthy(t)
	r := s.verify()
	for _, c := range r.Checks {
		if c.Verdict == audit.Fail || c.Verdict == audit.CannotVerify {
			t.Errorf("%s of %s %s: %s: %s", c.Check, c.Kind, c.Record, c.Verdict, c.Reason)
		}
	}
	if r.Worst() != audit.Pass {
		t.Errorf("the report ends %s", r.Worst())
	}
	id := s.ids["closed"]
	s.expect(r, audit.POP2, id, audit.Pass)
	s.expect(r, audit.APR1, id, audit.Pass, "owner-team-payments by bob (signed)")
	s.expect(r, audit.APR2, id, audit.Pass, "authorised it before")
	s.expect(r, audit.APR3, id, audit.Pass, "is what was approved")
	s.expect(r, audit.SOD1, id, audit.Pass, "bob approved and had no other part")
	s.expect(r, audit.TMP1, id, audit.Pass)
	s.expect(r, audit.PIR1, id, audit.Pass, "bob reviewed it")
	s.expect(r, audit.BCK1, id, audit.Pass)
	s.expect(r, audit.SCH1, id, audit.Pass, "within the approved window")
	s.expect(r, audit.EMG1, id, audit.NotApplicable)
	s.expect(r, audit.REQ1, id, audit.Pass, "alice requested it", "says why it was needed")
	s.expect(r, audit.IMP1, id, audit.Pass, "names checkout, all in the catalogue")
	s.expect(r, audit.IMP2, id, audit.NotApplicable, "its risk was low")
	s.expect(r, audit.RSK1, id, audit.Pass, "comes out as recorded: low")
	s.expect(r, audit.TST1, id, audit.Pass, "says how it was tested")
	s.expect(r, audit.IMPL, id, audit.Pass, "alice carried it out from")
	s.expect(r, audit.VER1, id, audit.NotApplicable, "it ended backed-out")
	s.expect(r, audit.VER1, s.ids["emergency"], audit.Pass, "and it ended successful")
	s.expect(r, audit.DOC1, id, audit.NotApplicable, "nothing says that documents had to change")
	s.expect(r, audit.STD1, id, audit.NotApplicable, "it is no standard change")
	s.expect(r, audit.CFG1, "", audit.NotApplicable, "the forge is local")
	s.expect(r, audit.EMG1, s.ids["emergency"], audit.Pass, "carol", "was due at")
	s.expect(r, audit.POL1, "dave", audit.Pass, "its owners approved")
	s.expect(r, audit.POP2, "search", audit.NotApplicable, "bootstrap")
	s.expect(r, audit.POL1, "", audit.NotApplicable, "bootstrap")
	s.expect(r, audit.POP2, "alice", audit.NotApplicable, "genesis")
	s.expect(r, audit.APR1, s.ids["withdrawn"], audit.NotApplicable, "never landed")
	s.expect(r, audit.TMP1, "", audit.Pass, "only ever grew")
	notes := strings.Join(r.Notes, "\n")
	if !strings.Contains(notes, "genesis: the store began with commit "+r.Genesis) || !strings.Contains(notes, "bootstrap: ended with commit") {
		t.Errorf("notes: %s", notes)
	}
	if r.Summary.Fail != 0 || r.Summary.Pass == 0 || r.Summary.Records == 0 {
		t.Errorf("summary: %+v", r.Summary)
	}
}

func TestShowTellsTheWholeLife(t *testing.T) {
	s := healthy(t)
	p, err := s.auditor().Show(s.ctx, strings.ToLower(s.ids["closed"][len(s.ids["closed"])-6:]))
	s.must(err)
	var got []string
	for _, e := range p.Events {
		got = append(got, e.Type+" "+e.Actor+" "+e.Trust)
		if e.Commit == "" || e.Time.IsZero() || e.Record != s.ids["closed"] {
			t.Errorf("incomplete event %+v", e)
		}
	}
	want := []string{
		"proposed alice signed", "approved bob signed", "edited alice signed", "approved bob signed", "landed alice signed",
		"started alice signed", "backed-out alice signed", "reviewed bob signed", "closed alice signed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if p.Title != "Upgrade the database" || p.State != "closed" || p.Worst() != audit.Pass {
		t.Errorf("%s, %s, %s", p.Title, p.State, p.Worst())
	}
	if len(p.Checks) != 19 {
		t.Errorf("%d checks: %+v", len(p.Checks), p.Checks)
	}
}

func TestWorst(t *testing.T) {
	check := func(v ...audit.Verdict) (out []audit.Check) {
		for _, x := range v {
			out = append(out, audit.Check{Verdict: x})
		}
		return out
	}
	tests := []struct {
		checks         []audit.Check
		report, packet audit.Verdict
	}{
		{check(), audit.CannotVerify, audit.Pass},
		{check(audit.NotApplicable), audit.CannotVerify, audit.Pass},
		{check(audit.NotApplicable, audit.Pass), audit.Pass, audit.Pass},
		{check(audit.CannotVerify, audit.Pass), audit.CannotVerify, audit.CannotVerify},
		{check(audit.Fail, audit.CannotVerify, audit.Pass), audit.Fail, audit.Fail},
	}
	for _, tt := range tests {
		if got := (&audit.Report{Checks: tt.checks}).Worst(); got != tt.report {
			t.Errorf("a report of %v ends %s, want %s", tt.checks, got, tt.report)
		}
		if got := (&audit.Packet{Checks: tt.checks}).Worst(); got != tt.packet {
			t.Errorf("a packet of %v ends %s, want %s", tt.checks, got, tt.packet)
		}
	}
}

func TestPage(t *testing.T) {
	s := healthy(t)
	p, err := s.auditor().Show(s.ctx, s.ids["closed"])
	s.must(err)
	p.Checks = append(p.Checks, audit.Check{Check: "XXX-1", Verdict: audit.Fail, Reason: "made up"})
	page := p.Page()
	if len(page) != 4 || page[0].Title != "change "+s.ids["closed"] || page[2].Rows[0][0] != "XXX-1" || len(page[3].Lines) == 0 {
		t.Errorf("page: %+v", page)
	}
	for _, section := range page {
		for _, row := range section.Rows {
			if len(row) != len(section.Columns) {
				t.Errorf("%s: a row of %d cells under %d columns", section.Title, len(row), len(section.Columns))
			}
		}
	}
}

func TestScope(t *testing.T) {
	s := healthy(t)
	r, err := s.auditor().Verify(s.ctx, audit.Scope{Records: []string{s.ids["closed"]}, Checks: []string{audit.APR1}})
	s.must(err)
	if len(r.Checks) != 1 || r.Checks[0].Check != audit.APR1 || r.Checks[0].Verdict != audit.Pass {
		t.Errorf("checks: %+v", r.Checks)
	}
	r, err = s.auditor().Verify(s.ctx, audit.Scope{Records: []string{"CHG-20260101-N0BODY"}})
	s.must(err)
	if r.Worst() != audit.CannotVerify || len(r.Checks) != 1 || !strings.Contains(r.Checks[0].Reason, "an empty population proves nothing") {
		t.Errorf("nothing that is there ends %s: %+v", r.Worst(), r.Checks)
	}
}

func TestShowRefuses(t *testing.T) {
	s := healthy(t)
	var missing *audit.NotFoundError
	if _, err := s.auditor().Show(s.ctx, "ZZZZZZ"); !errors.As(err, &missing) {
		t.Errorf("unknown id: %v", err)
	}
	var several *audit.AmbiguousError
	if _, err := s.auditor().Show(s.ctx, s.ids["closed"][:0]+""); !errors.As(err, &missing) {
		t.Errorf("empty id: %v", err)
	}
	s.push("alice", map[string]string{"assets/checkout.yaml": "apiVersion: gitsm/v1\nkind: asset\nid: checkout\ntitle: C\ntype: host\nowner: team:payments\n"})
	if _, err := s.auditor().Show(s.ctx, "checkout"); !errors.As(err, &several) {
		t.Errorf("an id of two kinds: %v", err)
	}
	if _, err := s.auditor().Show(s.ctx, "checkout", "asset"); err != nil {
		t.Errorf("with its kind: %v", err)
	}
}

func TestLogFilters(t *testing.T) {
	s := healthy(t)
	all, err := s.auditor().Log(s.ctx, history.Filter{})
	s.must(err)
	if all[0].Type != history.Genesis || all[0].Record != "" {
		t.Errorf("the log begins with %+v", all[0])
	}
	known := map[string]bool{}
	for _, typ := range history.Types() {
		known[typ.Name] = true
	}
	for _, e := range all {
		if !known[e.Type] {
			t.Errorf("%q is not in the table of event types", e.Type)
		}
	}
	tests := map[string]struct {
		filter history.Filter
		has    func(history.Event) bool
	}{
		"kind":    {history.Filter{Kinds: []string{"incident"}}, func(e history.Event) bool { return e.Kind == "incident" }},
		"actor":   {history.Filter{Actors: []string{"carol"}}, func(e history.Event) bool { return e.Actor == "carol" }},
		"type":    {history.Filter{Types: []string{"withdrawn"}}, func(e history.Event) bool { return e.Type == "withdrawn" }},
		"record":  {history.Filter{Records: []string{s.ids["scheduled"]}}, func(e history.Event) bool { return e.Record == s.ids["scheduled"] }},
		"service": {history.Filter{Services: []string{"search"}}, func(e history.Event) bool { return e.Record == "search" }},
		"since":   {history.Filter{Since: all[len(all)-1].Time}, func(e history.Event) bool { return !e.Time.Before(all[len(all)-1].Time) }},
		"until":   {history.Filter{Until: all[len(all)-1].Time}, func(e history.Event) bool { return e.Time.Before(all[len(all)-1].Time) }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := s.auditor().Log(s.ctx, tt.filter)
			s.must(err)
			if len(got) == 0 || len(got) >= len(all) {
				t.Errorf("%d of %d events", len(got), len(all))
			}
			for _, e := range got {
				if !tt.has(e) {
					t.Errorf("chose %+v", e)
				}
			}
		})
	}
}
