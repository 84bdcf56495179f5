package audit_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
)

// recorded is what the gate records of a decision.
func recorded(d *decision.Decision) *evidence.DecisionFacts {
	return &evidence.DecisionFacts{Verdict: string(d.Verdict), Risk: evidence.Risk{Score: d.Risk.Score, Band: d.Risk.Band},
		PolicyDigest: d.PolicyDigest, InputDigest: d.InputDigest, Input: d.Input}
}

func TestRecordedRisk(t *testing.T) {
	s := healthy(t)
	input := func(old, other string) func(*evidence.DecisionFacts) {
		return func(f *evidence.DecisionFacts) {
			text := strings.Replace(string(f.Input), old, other, 1)
			if text == string(f.Input) {
				t.Fatalf("%q is not in %s", old, text)
			}
			sum := sha256.Sum256([]byte(text))
			f.Input, f.InputDigest = []byte(text), hex.EncodeToString(sum[:])
		}
	}
	tests := []struct {
		name  string
		alter func(*evidence.DecisionFacts)
		tool  string
		want  audit.Verdict
		says  string
	}{
		{"as it comes out", func(*evidence.DecisionFacts) {}, "", audit.Pass, "comes out as recorded: low"},
		{"lower than it was", func(f *evidence.DecisionFacts) { f.Risk.Score = 1 }, "", audit.Fail, "recorded low 1, and the same policy gives low"},
		{"another band", func(f *evidence.DecisionFacts) { f.Risk.Band = "none" }, "", audit.Fail, "recorded none"},
		{"by another policy", func(f *evidence.DecisionFacts) { f.PolicyDigest = strings.Repeat("0", 64) }, "", audit.Fail, "the policy (000000000000"},
		{"on an answer that was not given", input(`"done_before":"often"`, `"done_before":"never"`), "", audit.Fail, "input/record/questionnaire/done_before differs"},
		{"on another tier", input(`"tier":3`, `"tier":4`), "", audit.Fail, "input/services differs"},
		{"without what policy saw", func(f *evidence.DecisionFacts) { f.Input = nil }, "", audit.CannotVerify, "does not say what policy saw"},
		{"by another version, alike", func(*evidence.DecisionFacts) {}, "0.9.0", audit.Pass, "comes out as recorded"},
		{"by another version, otherwise", func(f *evidence.DecisionFacts) { f.Risk.Score = 1 }, "0.9.0", audit.CannotVerify, "check it with that version"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.copyOf(t)
			f := approved(s.normal("scheduled"))
			f.tool, f.by = tt.tool, "alice"
			s.gateThenForce(f, func(d *decision.Decision) *evidence.DecisionFacts {
				out := recorded(d)
				tt.alter(out)
				return out
			})
			s.expect(s.verifyOf(forged), audit.RSK1, forged, tt.want, tt.says)
		})
	}
}
