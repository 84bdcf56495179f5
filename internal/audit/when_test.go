package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/evidence"
	"github.com/gitsm/gitsm/internal/git"
	"github.com/gitsm/gitsm/internal/proposal"
	"github.com/gitsm/gitsm/internal/yamldoc"
)

func planEdit(text string) yamldoc.Edit {
	return yamldoc.Edit{Pointer: "/plan/implement", Value: text}
}

func TestStartedBeforeAuthorised(t *testing.T) {
	s := healthy(t)
	started := func(at time.Time) string {
		return "implementation: {started_at: \"" + at.Format(time.RFC3339) + "\", implementer: alice}\n"
	}
	t.Run("never authorised", func(t *testing.T) {
		s := s.copyOf(t)
		at := s.push("alice", map[string]string{forgedPath: s.normal("implementing", started(s.now))})
		r := s.verify()
		s.expect(r, audit.APR2, forged, audit.Fail, at[:12], "nothing before that commit authorised it")
		s.expect(r, audit.SCH1, forged, audit.CannotVerify)
	})
	t.Run("authorised by a push", func(t *testing.T) {
		s := s.copyOf(t)
		text := s.normal("scheduled")
		auth := s.push("alice", map[string]string{forgedPath: text})
		s.push("alice", map[string]string{forgedPath: strings.Replace(text, "state: scheduled", "state: implementing", 1) + started(s.now)})
		s.expect(s.verify(), audit.APR2, forged, audit.Fail, auth[:12], "past the gate")
	})
	t.Run("authorised without approval", func(t *testing.T) {
		s := s.copyOf(t)
		text := s.normal("scheduled")
		s.forge(forgery{content: text, decision: true})
		s.forge(forgery{content: strings.Replace(text, "state: scheduled", "state: implementing", 1) + started(s.now), decision: true})
		s.expect(s.verify(), audit.APR2, forged, audit.Fail, "its authorisation is none")
	})
	t.Run("before it by its own record", func(t *testing.T) {
		s := s.copyOf(t)
		text := s.normal("scheduled")
		s.forge(approved(text))
		early := s.now.Add(-30 * time.Minute)
		s.forge(forgery{content: strings.Replace(text, "state: scheduled", "state: implementing", 1) + started(early), decision: true})
		r := s.verify()
		s.expect(r, audit.APR2, forged, audit.Fail, "by its own record", early.Format(time.RFC3339))
		s.expect(r, audit.SCH1, forged, audit.Pass)
	})
	t.Run("outside its window", func(t *testing.T) {
		s := s.copyOf(t)
		text := s.normal("scheduled")
		s.forge(approved(text))
		s.at(s.now.Add(24 * time.Hour))
		s.forge(forgery{content: strings.Replace(text, "state: scheduled", "state: implementing", 1) + started(s.now), decision: true})
		r := s.verify()
		s.expect(r, audit.SCH1, forged, audit.Fail, "outside the approved window")
		s.expect(r, audit.APR2, forged, audit.Pass)
		s.expect(r, audit.APR1, forged, audit.Fail, "the window")
	})
}

func TestWithoutBackoutPlan(t *testing.T) {
	s := healthy(t)
	s.push("alice", map[string]string{forgedPath: strings.Replace(s.normal("scheduled"), "restore the snapshot", "n/a", 1)})
	c := s.expect(s.verify(), audit.BCK1, forged, audit.Fail, "without a back-out plan")
	if !strings.HasPrefix(c.RestsOn[len(c.RestsOn)-1], forgedPath+":") {
		t.Errorf("rests on %v", c.RestsOn)
	}
}

func TestClosedWithoutReview(t *testing.T) {
	s := healthy(t)
	for outcome, want := range map[string]audit.Verdict{"failed": audit.Fail, "backed-out": audit.Fail, "successful": audit.NotApplicable} {
		t.Run(outcome, func(t *testing.T) {
			s := s.copyOf(t)
			s.push("alice", map[string]string{forgedPath: s.normal("closed", "implementation: {outcome: "+outcome+"}\n")})
			s.expect(s.verify(), audit.PIR1, forged, want)
		})
	}
	t.Run("without an outcome", func(t *testing.T) {
		s := s.copyOf(t)
		s.push("alice", map[string]string{forgedPath: s.normal("closed")})
		r := s.verify()
		s.expect(r, audit.PIR1, forged, audit.CannotVerify, "nothing says how it ended")
		// Nothing authorised it: there is no version to hold it against.
		for _, code := range []string{audit.REQ1, audit.IMP1, audit.TST1, audit.VER1, audit.BCK1} {
			s.expect(r, code, forged, audit.CannotVerify, "nothing before authorised it (APR-2)")
		}
	})
	t.Run("with one and without an outcome", func(t *testing.T) {
		s := s.copyOf(t)
		s.push("alice", map[string]string{forgedPath: s.normal("closed", "review: {reviewer: bob, summary: it was too early}\n")})
		s.expect(s.verify(), audit.PIR1, forged, audit.NotApplicable)
	})
	t.Run("with one", func(t *testing.T) {
		s := s.copyOf(t)
		s.push("alice", map[string]string{forgedPath: s.normal("closed", "implementation: {outcome: failed}\nreview: {reviewer: bob, summary: it was too early}\n")})
		s.expect(s.verify(), audit.PIR1, forged, audit.Pass, "bob reviewed it")
	})
}

// emergencyOf files and lands an emergency with fields of its own.
func (s *scene) emergencyOf(more map[string]any) string {
	s.Helper()
	fields := map[string]any{"type": "emergency", "incident": s.ids["incident"], "authoriser": "carol"}
	for k, v := range more {
		fields[k] = v
	}
	id := s.propose(s.as("alice"), "change", "", s.change(fields))
	s.merge(s.as("alice"), id)
	return id
}

// retro records that carol approved an emergency with some content, of main as it
// stood at head.
func (s *scene) retro(id, key string, head git.OID, content string) {
	s.Helper()
	p := "changes/2026/11/" + id + ".yaml"
	f := forgery{kind: "change", id: id, path: p}
	a := evidence.Predicate{Kind: evidence.Approval, Person: "carol", Proposal: evidence.Proposal{Base: head, Head: head}}
	a.Material = s.material(&f, content)
	a.Record = evidence.RecordContent{ID: id, Kind: "change", Path: p}
	s.move(evidenceRef, s.record(s.ref(evidenceRef), s.entry(a, key)))
}

func TestEmergency(t *testing.T) {
	s := healthy(t)
	later := func(s *scene, d time.Duration) { s.at(s.now.Add(d)) }
	t.Run("not due yet", func(t *testing.T) {
		s := s.copyOf(t)
		id := s.emergencyOf(nil)
		s.expect(s.verify(), audit.EMG1, id, audit.NotApplicable, "is due at")
	})
	t.Run("never approved", func(t *testing.T) {
		s := s.copyOf(t)
		id := s.emergencyOf(nil)
		later(s, 25*time.Hour)
		s.expect(s.verify(), audit.EMG1, id, audit.Fail, "carol never approved")
	})
	t.Run("approved late", func(t *testing.T) {
		s := s.copyOf(t)
		id := s.emergencyOf(nil)
		later(s, 25*time.Hour)
		s.approve(s.as("carol"), id)
		s.expect(s.verify(), audit.EMG1, id, audit.Fail, "after it was due")
	})
	t.Run("approved by another", func(t *testing.T) {
		s := s.copyOf(t)
		id := s.emergencyOf(nil)
		if _, err := s.as("erin").Approve(s.ctx, id); err == nil {
			t.Error("the gate took the approval of somebody who did not authorise it")
		}
		later(s, 25*time.Hour)
		s.expect(s.verify(), audit.EMG1, id, audit.Fail, "carol never approved")
	})
	t.Run("late with a clock put back", func(t *testing.T) {
		s := s.copyOf(t)
		id := s.emergencyOf(nil)
		then := s.now
		later(s, 30*time.Hour)
		s.merge(s.as("alice"), s.filler())
		now := s.now
		s.at(then.Add(time.Hour))
		s.approve(s.as("carol"), id) // about main as it was long after
		s.at(now)
		s.expect(s.verify(), audit.EMG1, id, audit.Fail, "after it was due")
	})
	for name, tt := range map[string]struct {
		key, old, new string
		want          audit.Verdict
		words         string
	}{
		"approved as it is":             {"carol", "", "", audit.Pass, "approved it at"},
		"approved otherwise than it is": {"carol", "run the playbook", "run nothing", audit.Fail, "carol never approved"},
		"approval is not signed":        {"", "", "", audit.Fail, "does not count: it is unsigned, and carol has a signing key"},
		"approval is signed by another": {"alice", "", "", audit.Fail, "is bad"},
	} {
		t.Run(name, func(t *testing.T) {
			s := s.copyOf(t)
			id := s.emergencyOf(nil)
			s.retro(id, tt.key, s.ref(mainRef), strings.Replace(s.file(mainRef, "changes/2026/11/"+id+".yaml"), tt.old, tt.new, 1))
			later(s, 25*time.Hour)
			s.expect(s.verify(), audit.EMG1, id, tt.want, tt.words)
		})
	}
	t.Run("pushed without incident and authoriser", func(t *testing.T) {
		s := s.copyOf(t)
		text := strings.Replace(s.normal("implementing", "implementation: {started_at: \""+s.now.Format(time.RFC3339)+"\"}\n"), "type: normal", "type: emergency", 1)
		s.push("alice", map[string]string{forgedPath: text})
		r := s.verify()
		s.expect(r, audit.EMG1, forged, audit.Fail, "names no incident", "nobody authorised it")
		s.expect(r, audit.APR2, forged, audit.NotApplicable)
	})
	t.Run("authorised by its requester", func(t *testing.T) {
		s := s.copyOf(t)
		text := strings.Replace(s.normal("implementing", "incident: "+s.ids["incident"]+"\nauthoriser: alice\n"), "type: normal", "type: emergency", 1)
		s.push("alice", map[string]string{forgedPath: text})
		s.expect(s.verify(), audit.EMG1, forged, audit.Fail, "alice authorised it and requested it")
	})
	t.Run("filed by its authoriser", func(t *testing.T) {
		s := s.copyOf(t)
		text := strings.Replace(s.normal("implementing", "incident: "+s.ids["incident"]+"\nauthoriser: carol\n"), "type: normal", "type: emergency", 1)
		s.push("carol", map[string]string{forgedPath: text})
		s.expect(s.verify(), audit.EMG1, forged, audit.Fail, "carol authorised it and proposed it")
	})
	t.Run("closed without review", func(t *testing.T) {
		s := s.copyOf(t)
		id := s.ids["emergency"]
		p := "changes/2026/11/" + id + ".yaml"
		s.push("alice", map[string]string{p: strings.Replace(s.file(mainRef, p), "state: review", "state: closed", 1)})
		s.expect(s.verify(), audit.PIR1, id, audit.Fail, "it was an emergency")
	})
}

func TestCancelledOwesNothing(t *testing.T) {
	s := healthy(t)
	id := s.ids["scheduled"]
	s.advance(s.as("alice"), "change", id, proposal.Step{Verb: "cancel", Notes: "not needed any more"})
	r := s.verify()
	s.onlyFails(r)
	s.expect(r, audit.APR2, id, audit.NotApplicable, "has not begun")
	s.expect(r, audit.SCH1, id, audit.NotApplicable)
	s.expect(r, audit.PIR1, id, audit.NotApplicable)
}
