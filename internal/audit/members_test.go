package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/audit"
)

func (s *scene) population(p audit.Period) *audit.Population {
	s.Helper()
	out, err := s.auditor().Population(s.ctx, p)
	s.must(err)
	return out
}

func TestPopulation(t *testing.T) {
	s := healthy(t)
	s.push("mallory", map[string]string{forgedPath: s.normal("scheduled")})
	pop := s.population(audit.Period{})
	var got []string
	for _, m := range pop.Members {
		got = append(got, fmt.Sprintf("%s %s %s %s %s %v", m.Type, m.State, m.Risk, m.Outcome, m.Way, m.Approvers))
	}
	slices.Sort(got)
	want := []string{" withdrawn    []", "emergency review high successful gated []", "normal closed low backed-out gated [bob]", "normal scheduled low  direct-push []", "normal scheduled low  gated [bob]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if !strings.Contains(pop.Query, "from the beginning to now") || pop.Main != s.ref(mainRef) || len(pop.Evidence) != 1 {
		t.Errorf("%+v", pop)
	}
	if early := s.population(audit.Period{Until: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}); len(early.Members) != 0 {
		t.Errorf("before the beginning: %+v", early.Members)
	}
	from := s.now.Add(-time.Second)
	if late := s.population(audit.Period{Since: from}); len(late.Members) != 1 || late.Members[0].Record != forged {
		t.Errorf("since the push: %+v", late.Members)
	}
}

func TestSample(t *testing.T) {
	pop := &audit.Population{}
	for i := range 100 {
		m := audit.Member{Record: fmt.Sprintf("CHG-20261103-%06d", i), Type: "normal"}
		if i%33 == 0 {
			m.Type = "emergency"
		}
		pop.Members = append(pop.Members, m)
	}
	ids := func(s *audit.Sample) (out []string) {
		for _, m := range s.Members {
			out = append(out, m.Record[len(m.Record)-2:])
		}
		return out
	}
	one := pop.Draw(10, "4711", []string{"type"})
	slices.Reverse(pop.Members)
	if again := pop.Draw(10, "4711", []string{"type"}); !slices.Equal(ids(one), ids(again)) {
		t.Errorf("the same seed draws %v and %v", ids(one), ids(again))
	}
	if other := pop.Draw(10, "4712", []string{"type"}); slices.Equal(ids(one), ids(other)) {
		t.Error("another seed draws the same")
	}
	want := []audit.Stratum{{Name: "emergency", Population: 4, Drawn: 1}, {Name: "normal", Population: 96, Drawn: 9}}
	if diff := cmp.Diff(want, one.Strata); diff != "" {
		t.Errorf("strata (-want +got):\n%s", diff)
	}
	// Written down, so that it stays the same on every platform and for ever.
	if diff := cmp.Diff("80 33 87 63 31", strings.Join(ids(pop.Draw(5, "4711", nil)), " ")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, n := range []int{1, 100, 1000} {
		if got := pop.Draw(n, "x", []string{"type"}); len(got.Members) != min(n, 100) {
			t.Errorf("%d of 100 are %d", n, len(got.Members))
		}
	}
	if none := (&audit.Population{}).Draw(5, "x", nil); len(none.Members) != 0 {
		t.Errorf("of none: %+v", none)
	}
}

// Every control rests on checks that there are, and every check on a change is
// asked for by some control of each framework or another.
func TestFrameworksNameChecks(t *testing.T) {
	known := map[string]bool{}
	for _, c := range audit.Codes() {
		known[c.ID] = false
	}
	for _, f := range audit.Frameworks() {
		for _, c := range f.Controls {
			if len(c.Checks) == 0 || c.Asks == "" {
				t.Errorf("%s %s rests on nothing", f.ID, c.ID)
			}
			for _, code := range c.Checks {
				if _, ok := known[code]; !ok {
					t.Errorf("%s %s rests on %s, which is no check", f.ID, c.ID, code)
				}
				known[code] = true
			}
		}
	}
	for code, used := range known {
		if !used {
			t.Errorf("no control asks for %s", code)
		}
	}
}

// comply holds the scene against a framework, and against a list of one
// deployment, which one of its changes made.
func (s *scene) comply(framework string, p audit.Period) *audit.Compliance {
	s.Helper()
	list, err := audit.ReadDeployments("d.csv", []byte("time,service\n2026-11-02T11:12:30Z,checkout\n"))
	s.must(err)
	return s.complyWith(list, framework, p)
}

func (s *scene) complyWith(list *audit.Deployments, framework string, p audit.Period) *audit.Compliance {
	s.Helper()
	a := s.auditor()
	a.Deployments = list
	i := slices.IndexFunc(audit.Frameworks(), func(f audit.Framework) bool { return f.ID == framework })
	c, err := a.Comply(s.ctx, audit.Frameworks()[i], p)
	s.must(err)
	return c
}

func control(t *testing.T, c *audit.Compliance, id string) audit.ControlResult {
	t.Helper()
	i := slices.IndexFunc(c.Controls, func(r audit.ControlResult) bool { return r.Control == id })
	if i < 0 {
		t.Fatalf("%s has no control %s", c.Framework, id)
	}
	return c.Controls[i]
}

func TestCompliance(t *testing.T) {
	s := healthy(t)
	for _, f := range audit.Frameworks() {
		c := s.comply(f.ID, audit.Period{})
		if c.Worst() != audit.Pass || c.Changes != 3 || len(c.Controls) != len(f.Controls) {
			t.Errorf("%s ends %s, %d changes, %d controls", f.ID, c.Worst(), c.Changes, len(c.Controls))
		}
		for _, r := range c.Controls {
			if r.Population != r.Tested+r.NotApplicable || r.Tested != r.Pass || len(r.Deviations) != 0 {
				t.Errorf("%s: %+v", f.ID, r)
			}
		}
	}
	t.Run("a deviation", func(t *testing.T) {
		s := s.copyOf(t)
		s.push("mallory", map[string]string{forgedPath: s.normal("scheduled")})
		c := s.comply("sox", audit.Period{})
		r := control(t, c, "authorisation")
		if c.Worst() != audit.Fail || r.Verdict != audit.Fail || r.Fail != 1 || len(r.Deviations) != 1 || r.Deviations[0].Record != forged {
			t.Errorf("%s: %+v", c.Worst(), r)
		}
		before := s.comply("sox", audit.Period{Until: s.now.Add(-time.Second)})
		if before.Worst() != audit.Pass || before.Changes != 3 {
			t.Errorf("the period before it ends %s, %d changes", before.Worst(), before.Changes)
		}
	})
	t.Run("without deployments", func(t *testing.T) {
		for _, f := range audit.Frameworks() {
			c := s.complyWith(nil, f.ID, audit.Period{})
			for _, r := range c.Controls {
				if asks := slices.Contains(r.Checks, audit.POP1); asks != (r.Verdict == audit.CannotVerify) {
					t.Errorf("%s %s is %s", f.ID, r.Control, r.Verdict)
				}
			}
			if c.Worst() != audit.CannotVerify || !strings.Contains(strings.Join(c.Notes, "\n"), "POP-1 was not asked") {
				t.Errorf("%s ends %s: %v", f.ID, c.Worst(), c.Notes)
			}
		}
	})
	t.Run("an empty period", func(t *testing.T) {
		c := s.comply("soc2", audit.Period{Since: s.now.Add(time.Hour)})
		if c.Worst() != audit.Fail || c.Changes != 0 || !strings.Contains(strings.Join(c.Notes, "\n"), "an empty period proves nothing") {
			t.Errorf("%s, %d changes: %v", c.Worst(), c.Changes, c.Notes)
		}
	})
	t.Run("without evidence", func(t *testing.T) {
		s := s.copyOf(t)
		s.git("update-ref", "-d", evidenceRef)
		for _, f := range audit.Frameworks() {
			c := s.comply(f.ID, audit.Period{})
			if c.Worst() != audit.CannotVerify {
				t.Errorf("%s ends %s", f.ID, c.Worst())
			}
		}
	})
	t.Run("an accepted deviation", func(t *testing.T) {
		s := s.copyOf(t)
		id := s.ids["scheduled"]
		p := "changes/2026/11/" + id + ".yaml"
		s.push("mallory", map[string]string{p: strings.Replace(s.file(mainRef, p), "Rotate the certificates", "Rotate once", 1)})
		s.except(s.expect(s.verifyOf(id), audit.POP2, id, audit.Fail), "bob", "carol", s.now.Add(time.Hour*24*365), same)
		r := control(t, s.comply("sox", audit.Period{}), "completeness")
		if r.Verdict != audit.Accepted || r.Accepted != 1 || r.Fail != 0 || len(r.Deviations) != 1 {
			t.Errorf("%+v", r)
		}
	})
}
