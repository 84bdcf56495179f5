package replay

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/decision"
)

func said(band string, denies, approvals []string) Answer {
	return Answer{Denies: denies, Approvals: approvals, Risk: decision.Risk{Band: band}}
}

func TestFlips(t *testing.T) {
	owner, manager := "owner: 1 from team:payments", "manager: 1 from team:change-managers"
	tests := []struct {
		name      string
		then, now Answer
		want      []string
	}{
		{"nothing", said("low", nil, []string{owner}), said("low", nil, []string{owner}), []string{}},
		{"denied by another rule is denied all the same", said("low", []string{"CHG001"}, nil), said("low", []string{"CHG002"}, nil), []string{}},
		{"newly denied", said("low", nil, nil), said("low", []string{"CHG002"}, nil), []string{NewlyDenied}},
		{"newly allowed", said("low", []string{"CHG002"}, nil), said("low", nil, nil), []string{NewlyAllowed}},
		{"one approval for another", said("low", nil, []string{owner}), said("low", nil, []string{manager}), []string{ApprovalsAdded, ApprovalsDropped}},
		{"one more", said("medium", nil, []string{owner}), said("high", nil, []string{manager, owner}), []string{ApprovalsAdded, BandUp}},
		{"one less", said("critical", nil, []string{manager, owner}), said("high", nil, []string{owner}), []string{ApprovalsDropped, BandDown}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, flips(tt.then, tt.now)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// ended makes changes that ended, one for each score; bad ones failed.
func ended(scores []int, bad ...int) (jobs []*job, last map[string]*job) {
	last = map[string]*job{}
	for i, s := range scores {
		j := &job{Case: Case{Record: string(rune('a' + i)), New: Answer{Risk: decision.Risk{Score: s}}, size: 1}, outcome: "successful"}
		for _, b := range bad {
			j.Failed = j.Failed || b == i
		}
		jobs, last[j.Record] = append(jobs, j), j
	}
	return jobs, last
}

func TestCapture(t *testing.T) {
	// Ten changes, two failures: the riskiest and one in the middle.
	jobs, last := ended([]int{90, 80, 70, 60, 50, 50, 40, 30, 20, 10}, 0, 4)
	want := []Capture{
		{Percent: 5, Changes: 1, Candidate: 0.5, Then: 0.1, Size: 0.1, Random: 0.1},
		{Percent: 10, Changes: 1, Candidate: 0.5, Then: 0.1, Size: 0.1, Random: 0.1},
		{Percent: 20, Changes: 2, Candidate: 0.5, Then: 0.2, Size: 0.2, Random: 0.2},
		// The fifth place is shared by a failure and a success.
		{Percent: 50, Changes: 5, Candidate: 0.75, Then: 0.5, Size: 0.5, Random: 0.5},
	}
	if diff := cmp.Diff(want, capture(jobs, last)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Without failures, or without changes, nothing was captured.
func TestCaptureOfNothing(t *testing.T) {
	jobs, last := ended([]int{3, 2, 1})
	for _, c := range append(capture(jobs, last), capture(nil, nil)...) {
		if c.Candidate != 0 || c.Random != 0 {
			t.Errorf("got %+v", c)
		}
	}
}

func TestFailures(t *testing.T) {
	of := func(id string, failed bool, flips ...string) *job {
		return &job{Case: Case{Record: id, Failed: failed, Flips: flips}}
	}
	first, again := of("a", true, NewlyDenied), of("a", true)
	jobs := []*job{first, of("b", true, BandUp), of("c", true, BandDown), of("d", false, NewlyDenied), again, of("e", true, NewlyDenied, BandUp)}
	last := map[string]*job{}
	for _, j := range jobs {
		last[j.Record] = j
	}
	rep := &Report{}
	rep.failures(jobs, last)
	got := map[string]string{}
	for _, f := range rep.Failure {
		got[f.Record] = f.Verdict
	}
	// What a was rescheduled to is what failed.
	if diff := cmp.Diff(map[string]string{"a": "missed", "b": "flagged", "c": "missed", "e": "caught"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s := rep.Summary; s.Failures != 4 || s.Caught != 1 || s.Flagged != 1 || s.Missed != 2 {
		t.Errorf("got %+v", s)
	}
}

func TestWork(t *testing.T) {
	a, b := "team:payments", "team:change-managers"
	rep := &Report{}
	rep.work([]*job{
		{Case: Case{Then: Answer{from: []string{a}}, New: Answer{from: []string{a, b}}}},
		{Case: Case{Then: Answer{from: []string{a}}, New: Answer{from: []string{b}}}},
		{Case: Case{Then: Answer{from: []string{"person:carol"}}, New: Answer{from: []string{"person:carol"}}}},
	})
	want := []Work{{From: b, Then: 0, New: 2, Changed: 2}, {From: a, Then: 2, New: 1, Changed: -1}}
	if diff := cmp.Diff(want, rep.Work); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
