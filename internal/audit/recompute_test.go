package audit_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/gitsm/gitsm/internal/audit"
	"github.com/gitsm/gitsm/internal/decision"
	"github.com/gitsm/gitsm/internal/evidence"
)

func (s *scene) recompute(id string) []audit.Recomputed {
	s.Helper()
	list, err := s.auditor().Recompute(s.ctx, id)
	s.must(err)
	return list
}

func TestRecompute(t *testing.T) {
	s := healthy(t)
	list := s.recompute(s.ids["closed"])
	if len(list) != 5 || audit.WorstOf(list) != audit.Pass {
		t.Errorf("%d decisions end %s: %+v", len(list), audit.WorstOf(list), list)
	}
	for _, r := range list {
		if r.Landed == "" || r.Base == "" || r.Now == "" || len(r.PolicyDigest) != 64 || len(r.InputDigest) != 64 {
			t.Errorf("incomplete: %+v", r)
		}
	}
	if first := list[0]; !slices.Equal(first.Again.Asks, []string{"owner-team-payments: 1 of team:payments"}) {
		t.Errorf("asks %v", first.Again.Asks)
	}
	if none := s.recompute("search"); len(none) != 0 || audit.WorstOf(none) != audit.CannotVerify {
		t.Errorf("of nothing: %+v", none)
	}
}

func TestRecomputeFindsWhatDiffers(t *testing.T) {
	s := healthy(t)
	tests := []struct {
		name, tool, opa string
		alter           func(*evidence.DecisionFacts)
		want            audit.Verdict
		says            string
	}{
		{name: "as it was", alter: func(*evidence.DecisionFacts) {}, want: audit.Pass, says: "the same comes out"},
		{name: "the risk", alter: func(f *evidence.DecisionFacts) { f.Risk.Score = 1 }, want: audit.Fail, says: "risk: low 1 was recorded, and low "},
		{name: "the policy", alter: func(f *evidence.DecisionFacts) { f.PolicyDigest = strings.Repeat("0", 64) }, want: audit.Fail, says: "policy: 000000000000 was recorded"},
		{name: "a rule", alter: func(f *evidence.DecisionFacts) {
			f.Findings = append(f.Findings, evidence.FindingFact{Code: "CHG099", Rule: "CHG099", Severity: "warning"})
		}, want: audit.Fail, says: "rules: CHG099"},
		{name: "a part of the input", alter: func(f *evidence.DecisionFacts) {
			f.Input = []byte(strings.Replace(string(f.Input), `"tier":3`, `"tier":4`, 1))
			sum := sha256.Sum256(f.Input)
			f.InputDigest = hex.EncodeToString(sum[:])
		}, want: audit.Fail, says: "input/services: recorded otherwise than the commits have it"},
		{name: "no input", alter: func(f *evidence.DecisionFacts) { f.Input = nil }, want: audit.CannotVerify, says: "does not keep what policy saw"},
		{name: "another version, and it differs", tool: "0.9.0", alter: func(f *evidence.DecisionFacts) { f.Risk.Score = 1 }, want: audit.CannotVerify, says: "made by gitsm 0.9.0"},
		{name: "another engine", opa: "0.1.0", alter: func(*evidence.DecisionFacts) {}, want: audit.CannotVerify, says: "with OPA 0.1.0: recompute it with that version"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.copyOf(t)
			f := approved(s.normal("scheduled"))
			f.tool, f.opa = tt.tool, tt.opa
			s.gateThenForce(f, func(d *decision.Decision) *evidence.DecisionFacts {
				out := recorded(d)
				tt.alter(out)
				return out
			})
			list := s.recompute(forged)
			if len(list) != 1 || list[0].Verdict != tt.want || !strings.Contains(list[0].Reason, tt.says) {
				t.Errorf("%+v", list)
			}
		})
	}
}
