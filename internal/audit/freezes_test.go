package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gitsm/gitsm/internal/audit"
)

// TestBegunInAFreeze: SCH-1 is about freezes as well, those of the moment at
// which work began.
func TestBegunInAFreeze(t *testing.T) {
	s := healthy(t)
	const file = "windows/stocktaking.yaml"
	freeze := func(s *scene, strength string, from, to time.Duration) string {
		return "apiVersion: gitsm/v1\nkind: window\nid: stocktaking\ntitle: Stocktaking\ntype: freeze\nstrength: " + strength + "\nstate: active\nowner: team:payments\nscope: {services: [checkout]}\n" +
			"start: " + s.now.Add(from).Format(time.RFC3339) + "\nend: " + s.now.Add(to).Format(time.RFC3339) + "\n"
	}
	waiver := func(rule string) string {
		return "apiVersion: gitsm/v1\nkind: waiver\nid: counting\ntitle: It is counted elsewhere\nrule: " + rule + "\nscope: {services: [checkout]}\n" +
			"reason: the warehouse of this one is closed\nrequested_by: erin\napprover: carol\nexpires: 2027-06-01T00:00:00Z\nstate: active\n"
	}
	before := func(files func(s *scene) map[string]string) func(*scene) {
		return func(s *scene) {
			s.push("erin", files(s))
			text := s.normal("scheduled")
			s.forge(approved(text))
			s.begin(text)
		}
	}
	after := func(files func(s *scene) map[string]string) func(*scene) {
		return func(s *scene) {
			text := s.normal("scheduled")
			s.forge(approved(text))
			s.push("erin", files(s))
			s.begin(text)
		}
	}
	tests := []struct {
		name string
		do   func(*scene)
		want audit.Verdict
		says string
	}{
		{"none", before(func(*scene) map[string]string { return nil }), audit.Pass, "within the approved window and outside of freezes"},
		{"over by then", before(func(s *scene) map[string]string {
			return map[string]string{file: freeze(s, "hard", -2*time.Hour, time.Minute)}
		}), audit.Pass, "outside of freezes"},
		{"hard", before(func(s *scene) map[string]string {
			return map[string]string{file: freeze(s, "hard", -time.Hour, time.Hour)}
		}), audit.Fail, "in the hard freeze stocktaking"},
		{"hard, decided on since", after(func(s *scene) map[string]string {
			return map[string]string{file: freeze(s, "hard", -time.Hour, time.Hour)}
		}), audit.Fail, "in the hard freeze stocktaking"},
		{"hard, waived", before(func(s *scene) map[string]string {
			return map[string]string{file: freeze(s, "hard", -time.Hour, time.Hour), "waivers/counting.yaml": waiver("CHG030")}
		}), audit.Pass, "in the hard freeze stocktaking, which waiver counting covers"},
		{"hard, and something else is waived", before(func(s *scene) map[string]string {
			return map[string]string{file: freeze(s, "hard", -time.Hour, time.Hour), "waivers/counting.yaml": waiver("CHG007")}
		}), audit.Fail, "in the hard freeze stocktaking"},
		{"soft, known when it was authorised", before(func(s *scene) map[string]string {
			return map[string]string{file: freeze(s, "soft", -time.Hour, time.Hour)}
		}), audit.Pass, "within the approved window"},
		{"soft, decided on since", after(func(s *scene) map[string]string {
			return map[string]string{file: freeze(s, "soft", -time.Hour, time.Hour)}
		}), audit.Fail, "which there was not when it was authorised"},
		{"nobody knows when", before(func(s *scene) map[string]string {
			return map[string]string{file: strings.Replace(freeze(s, "hard", -time.Hour, time.Hour), "end:", "rrule: FREQ=SECONDLY\nend:", 1)}
		}), audit.CannotVerify, "may have been a freeze"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.copyOf(t)
			tt.do(s)
			s.expect(s.verify(), audit.SCH1, forged, tt.want, tt.says)
		})
	}
}

// begin starts an authorised change.
func (s *scene) begin(text string) {
	s.Helper()
	s.tick()
	s.forge(forgery{content: strings.Replace(text, "state: scheduled", "state: implementing", 1) + "implementation: {started_at: \"" + s.now.Format(time.RFC3339) + "\", implementer: alice}\n",
		decision: true, branch: "gitsm/" + forged + "/start-aaaa"})
}
