package approval

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var (
	anyone  = []string{"alice", "bob", "carol", "dave", "gone", "mallory", "stranger", ""}
	sources = []string{"team:ops", "team:cab", "team:closed", "team:left", "person:bob", "person:dave", "person:alice"}
)

// drawScene draws a proposal with any mixture of reviews. It is biased towards
// reviews that count, or next to nothing would be allowed.
func drawScene(t *rapid.T) *scene {
	s := newScene()
	s.f.Reviews, s.reqs = nil, nil
	s.f.MinimumTrust = rapid.SampledFrom([]string{Claimed, Observed, Signed}).Draw(t, "minimum")
	for i := range rapid.IntRange(0, 3).Draw(t, "requirements") {
		s.reqs = append(s.reqs, Requirement{
			ID: fmt.Sprint("r", i), Count: rapid.SampledFrom([]int{1, 1, 1, 2, 2, 0}).Draw(t, "count"),
			From:   rapid.SliceOfN(rapid.SampledFrom(sources), 0, 3).Draw(t, "from"),
			Shared: rapid.SampledFrom([]bool{false, false, true}).Draw(t, "shared"),
		})
	}
	for range rapid.IntRange(0, 8).Draw(t, "reviews") {
		s.f.Reviews = append(s.f.Reviews, drawReview(t, s))
	}
	for range rapid.IntRange(0, 2).Draw(t, "contributors") {
		s.f.Contributors = append(s.f.Contributors, Contributor{
			Person: rapid.SampledFrom(anyone).Draw(t, "contributor"), Who: "someone", Role: "author", Commit: "abc",
		})
	}
	return s
}

func drawReview(t *rapid.T, s *scene) Review {
	r := s.review(rapid.SampledFrom(anyone).Draw(t, "reviewer"),
		rapid.SampledFrom([]string{Approved, Approved, Approved, Rejected, Dismissed, Commented}).Draw(t, "state"),
		rapid.IntRange(0, 5).Draw(t, "order"))
	r.Trust = rapid.SampledFrom([]string{Signed, Signed, Observed, Claimed, ""}).Draw(t, "trust")
	switch rapid.IntRange(0, 9).Draw(t, "flaw") {
	case 0:
		r.Bot = true
	case 1:
		r.Material = "other"
	case 2:
		r.Excluded = []string{"plan"}
	case 3:
		r.Void = "void"
	}
	return r
}

func TestDeterministicAndIndependentOfOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		want := s.evaluate()
		if diff := cmp.Diff(want, s.evaluate()); diff != "" {
			t.Fatal("twice: ", diff)
		}
		s.reqs = rapid.Permutation(s.reqs).Draw(t, "reqs")
		for i := range s.reqs {
			s.reqs[i].From = rapid.Permutation(s.reqs[i].From).Draw(t, "from")
		}
		s.f.Reviews = rapid.Permutation(s.f.Reviews).Draw(t, "reviews")
		s.f.Contributors = rapid.Permutation(s.f.Contributors).Draw(t, "contributors")
		if diff := cmp.Diff(want, s.evaluate()); diff != "" {
			t.Fatal("permuted: ", diff)
		}
	})
}

// An approval that does not count on its own never helps in company.
func TestIneligibleApprovalNeverHelps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		before := s.evaluate()
		r := drawReview(t, s)
		r.State = Approved
		lone := *s
		lone.f.Reviews = []Review{r}
		for _, n := range lone.evaluate().Requirements {
			if n.Given > 0 {
				t.Skip("counts")
			}
		}
		s.f.Reviews = append(s.f.Reviews, r)
		if after := s.evaluate(); before.Verdict != Allow && before.Verdict != Deny && after.Verdict == Allow {
			t.Fatalf("%s became allow\n%s", before.Verdict, dump(after))
		}
	})
}

// Taking away the approval of somebody who is counted never helps. (One that
// is not counted may have replaced an earlier one of the same person.)
func TestRemovingAnApprovalNeverHelps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		before := s.evaluate()
		counted := map[string]bool{}
		for _, n := range before.Requirements {
			for _, p := range n.Approvers {
				counted[p] = true
			}
		}
		for i, r := range s.f.Reviews {
			if r.State != Approved || !counted[r.Person] || before.Verdict == Allow {
				continue
			}
			fewer := *s
			fewer.f.Reviews = slices.Delete(slices.Clone(s.f.Reviews), i, i+1)
			if after := fewer.evaluate(); after.Verdict == Allow {
				t.Fatalf("without review %d: %s became allow", i, before.Verdict)
			}
		}
	})
}

// What an allowance rests on, checked from outside: enough distinct people per
// requirement, all of them eligible, nobody in two exclusive places.
func TestAllowanceRestsOnEnoughPeople(t *testing.T) {
	allowed := 0
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		res := s.evaluate()
		if res.Verdict != Allow {
			return
		}
		allowed++
		held := map[string]bool{}
		for i, n := range res.Requirements {
			if len(n.Approvers) != n.Given || n.Given < n.Need || n.Need < 1 {
				t.Fatalf("%+v", n)
			}
			for _, p := range n.Approvers {
				if p == "alice" || p == "gone" || p == "stranger" || p == "" {
					t.Fatalf("%s was counted", p)
				}
				if !s.reqs[i].Shared && held[p] {
					t.Fatalf("%s was counted twice", p)
				}
				held[p] = held[p] || !s.reqs[i].Shared
			}
		}
	})
	if allowed == 0 {
		t.Error("nothing drawn was allowed, so nothing was tested")
	}
}

// assign fills as many places as the best of all ways to fill them.
func TestAssignIsMaximal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := []string{"a", "b", "c", "d"}
		reqs := make([]Requirement, rapid.IntRange(1, 4).Draw(t, "n"))
		can := make([][]string, len(reqs))
		for i := range reqs {
			reqs[i].Count = rapid.IntRange(0, 3).Draw(t, "count")
			can[i] = sorted(rapid.SliceOf(rapid.SampledFrom(people)).Draw(t, "can"))
		}
		got := 0
		for i, list := range assign(reqs, can, can) {
			got += min(len(list), reqs[i].Count)
		}
		if want := best(reqs, can, people, make([]int, len(reqs))); got != want {
			t.Fatalf("filled %d of %d places", got, want)
		}
	})
}

// best tries every way.
func best(reqs []Requirement, can [][]string, people []string, filled []int) int {
	if len(people) == 0 {
		return 0
	}
	most := best(reqs, can, people[1:], filled)
	for i := range reqs {
		if filled[i] < reqs[i].Count && slices.Contains(can[i], people[0]) {
			filled[i]++
			most = max(most, 1+best(reqs, can, people[1:], filled))
			filled[i]--
		}
	}
	return most
}
