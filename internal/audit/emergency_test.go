package audit_test

import (
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/proposal"
)

// TestEmergencyReview holds the review of an emergency against its clock: seven
// days from its start, unless policy data says otherwise.
func TestEmergencyReview(t *testing.T) {
	const week = 7 * 24 * time.Hour
	s := healthy(t)
	id := s.ids["emergency"]
	began := s.now
	review := func(s *scene, after time.Duration) {
		s.at(began.Add(after))
		s.advance(s.as("bob"), "change", id, proposal.Step{Verb: "review", Summary: "watch the pool"})
	}
	t.Run("not due yet", func(t *testing.T) {
		s.expect(s.verify(), audit.EMG1, id, audit.Pass, "carol, who authorised it")
	})
	t.Run("in time", func(t *testing.T) {
		s := s.copyOf(t)
		review(s, 24*time.Hour)
		s.at(began.Add(2 * week))
		s.expect(s.verify(), audit.EMG1, id, audit.Pass, "carol, who authorised it", "brought its review at")
	})
	t.Run("late", func(t *testing.T) {
		s := s.copyOf(t)
		review(s, 2*week)
		s.expect(s.verify(), audit.EMG1, id, audit.Fail, "brought its review, which was due at")
	})
	t.Run("never", func(t *testing.T) {
		s := s.copyOf(t)
		s.at(began.Add(2 * week))
		s.expect(s.verify(), audit.EMG1, id, audit.Fail, "nobody reviewed it")
	})
}

// TestEmergencyApprovalUnknown holds that an approval which claims to be in time
// is believed only where no landing after that says to have known none.
func TestEmergencyApprovalUnknown(t *testing.T) {
	s := healthy(t)
	for name, tt := range map[string]struct {
		waits bool // for another landing, once the approval was due
		want  audit.Verdict
		words string
	}{
		"the next landing knew of it": {false, audit.Pass, "approved it at"},
		"a landing knew none":         {true, audit.CannotVerify, "knew of no such approval"},
	} {
		t.Run(name, func(t *testing.T) {
			s := s.copyOf(t)
			id := s.emergencyOf(nil)
			then, head := s.now.Add(time.Hour), s.ref(mainRef)
			another := func() {
				s.at(then.Add(30 * time.Hour))
				s.merge(s.as("alice"), s.filler())
			}
			if tt.waits {
				another()
			}
			now := s.now
			s.at(then)
			s.retro(id, "carol", head, s.file(mainRef, "changes/2026/11/"+id+".yaml"))
			s.at(now)
			if !tt.waits {
				another()
			}
			s.expect(s.verify(), audit.EMG1, id, tt.want, tt.words)
		})
	}
}

// TestEmergencyTakenBack holds that an approval counts only for as long as whoever
// gave it stands by it.
func TestEmergencyTakenBack(t *testing.T) {
	s := healthy(t)
	id := s.ids["emergency"]
	later := func() *proposal.Desk {
		s.at(s.now.Add(time.Hour))
		return s.as("carol")
	}
	_, err := later().Reject(s.ctx, id)
	s.must(err)
	s.expect(s.verify(), audit.EMG1, id, audit.Fail, "they took it back")
	s.approve(later(), id)
	s.expect(s.verify(), audit.EMG1, id, audit.Pass, "carol, who authorised it")
}
